//! Content blocks.

use std::time::{Duration, UNIX_EPOCH};

use lorikeet_chat::{Block, Field, FileBlock, Level, Span, Tile, TileState, Timestamp};
use maud::{Markup, html};

use crate::budget::Budget;
use crate::{Links, Place, chart};

/// The blocks in reading order.
pub(crate) fn blocks(
    blocks: &[Block],
    place: &Place,
    budget: &mut Budget<'_>,
    links: &dyn Links,
) -> Markup {
    html! {
        @for (number, block) in blocks.iter().enumerate() {
            (one(block, number, place, budget, links))
        }
    }
}

fn one(
    block: &Block,
    number: usize,
    place: &Place,
    budget: &mut Budget<'_>,
    links: &dyn Links,
) -> Markup {
    match block {
        Block::Heading(text) => html! { h2 dir="auto" { (budget.text("heading", text)) } },
        Block::Paragraph(spans) => html! { p dir="auto" { (rich(spans, budget)) } },
        Block::Fields(fields) => self::fields(fields, budget),
        Block::List(items) => html! {
            ul.list { @for item in items { li dir="auto" { (budget.text("list", item)) } } }
        },
        Block::Image { blob, alt } => {
            if budget.images() {
                let address = links.picture(blob);
                html! {
                    figure.picture {
                        a href=(address) target="_blank" rel="noopener" {
                            img src=(address) alt=(alt) loading="lazy" decoding="async";
                        }
                    }
                }
            } else {
                html! { p.described dir="auto" { (budget.text("image", alt)) } }
            }
        }
        Block::Gallery(tiles) => html! {
            ul.sheet { @for tile in tiles { (self::tile(tile, budget, links)) } }
        },
        Block::Progress {
            fraction,
            label,
            eta,
        } => progress(*fraction, label, *eta, budget),
        Block::Chart(chart) => chart::chart(chart, number, place, budget),
        Block::File(file) => self::file(file, place, budget, links),
        Block::Notice { level, text } => notice(*level, text, budget),
        Block::Steps { labels, current } => steps(labels, *current, budget),
    }
}

fn rich(spans: &[Span], budget: &mut Budget<'_>) -> Markup {
    html! {
        @for span in spans {
            @match span {
                Span::Plain(text) => { (budget.text("paragraph", text)) }
                Span::Strong(text) => {
                    @if budget.rich() { strong { (budget.text("paragraph", text)) } }
                    @else { (budget.text("paragraph", text)) }
                }
                Span::Code(text) => {
                    @if budget.rich() { code dir="ltr" { (budget.text("paragraph", text)) } }
                    @else { (budget.text("paragraph", text)) }
                }
            }
        }
    }
}

fn fields(fields: &[Field], budget: &mut Budget<'_>) -> Markup {
    html! {
        dl.fields {
            @for field in fields {
                div {
                    dt dir="auto" { (budget.text("fields", &field.label)) }
                    dd dir="auto" { (budget.text("fields", &field.value)) }
                }
            }
        }
    }
}

fn tile(tile: &Tile, budget: &mut Budget<'_>, links: &dyn Links) -> Markup {
    let label = budget.text("gallery", &tile.label);
    html! {
        li class=(format!("tile {}", state(tile))) aria-busy=[(tile.state == TileState::Arriving).then_some("true")] {
            (face(tile, &label, budget, links))
        }
    }
}

/// A tile's state as its class.
pub(crate) const fn state(tile: &Tile) -> &'static str {
    match tile.state {
        TileState::Empty => "empty",
        TileState::Arriving => "arriving",
        TileState::Filled => "filled",
        TileState::Complete => "complete",
        TileState::Problem => "problem",
    }
}

/// What a tile shows: its picture, its label as it is to be read, its state, and the words below it.
pub(crate) fn face(tile: &Tile, label: &str, budget: &mut Budget<'_>, links: &dyn Links) -> Markup {
    // The mark says the state to who cannot tell the colours apart.
    let mark = match tile.state {
        TileState::Empty | TileState::Filled => "",
        TileState::Arriving => "…",
        TileState::Complete => "✓",
        TileState::Problem => "!",
    };
    let picture = tile.image.as_ref().filter(|_| budget.images());
    html! {
        span.frame {
            @if let Some(blob) = picture {
                // Its number and its words stand beside it: said once is enough.
                img src=(links.picture(blob)) alt="" loading="lazy" decoding="async" draggable="false";
            }
            span.number dir="auto" { (label) }
            @if !mark.is_empty() { span.mark { (mark) } }
        }
        @if !tile.note.is_empty() {
            span.note dir="auto" title=(tile.note) { (budget.text("gallery", &tile.note)) }
        }
    }
}

fn progress(
    fraction: Option<f64>,
    label: &str,
    eta: Option<Timestamp>,
    budget: &mut Budget<'_>,
) -> Markup {
    let fraction = fraction.filter(|f| !f.is_nan()).map(|f| f.clamp(0.0, 1.0));
    html! {
        div.progress {
            div.meter {
                span.label dir="auto" { (budget.text("progress", label)) }
                @if let Some(fraction) = fraction {
                    span.percent { (format!("{:.0} %", (fraction * 100.0).floor())) }
                }
            }
            // Without a value the element says "busy" by itself.
            progress max="1" value=[fraction.map(|f| format!("{f:.4}"))] aria-label=(label) {}
            @if let Some(eta) = eta { (time(eta)) }
        }
    }
}

/// A moment, in UTC; the page's script says it in the reader's own words.
fn time(at: Timestamp) -> Markup {
    // 9999-12-31T23:59:59Z: the last year that RFC 3339 can write.
    const LAST: u64 = 253_402_300_799;
    let seconds = (at.millis() / 1_000).min(LAST);
    let moment = UNIX_EPOCH + Duration::from_secs(seconds);
    let rfc3339 = humantime::format_rfc3339_seconds(moment).to_string();
    let clock = rfc3339.get(11..16).unwrap_or_default();
    html! { time.eta datetime=(rfc3339) { "≈ " (clock) " UTC" } }
}

fn file(file: &FileBlock, place: &Place, budget: &mut Budget<'_>, links: &dyn Links) -> Markup {
    let about = html! {
        span.name dir="auto" { (budget.text("file", &file.name)) }
        span.size { (place.numerals.size(file.size)) }
    };
    html! {
        @if budget.file(file.size) {
            a.file href=(links.file(file)) download=(crate::file_name(&file.name)) { (about) }
        } @else {
            div.file { (about) }
        }
    }
}

fn notice(level: Level, text: &str, budget: &mut Budget<'_>) -> Markup {
    let (class, mark) = match level {
        Level::Info => ("info", "i"),
        Level::Success => ("success", "✓"),
        Level::Warning => ("warning", "!"),
        Level::Error => ("error", "×"),
    };
    html! {
        div.notice.(class) role=(if level == Level::Error { "alert" } else { "status" }) {
            span.mark aria-hidden="true" { (mark) }
            p dir="auto" { (budget.text("notice", text)) }
        }
    }
}

fn steps(labels: &[String], current: u32, budget: &mut Budget<'_>) -> Markup {
    let current = current as usize;
    let position = current.saturating_add(1).min(labels.len());
    html! {
        div.steps {
            span.count aria-hidden="true" { (position) "/" (labels.len()) }
            ol aria-label=(format!("{position}/{}", labels.len())) {
                @for (number, label) in labels.iter().enumerate() {
                    li.done[number < current] aria-current=[(number == current).then_some("step")] dir="auto" {
                        span { (budget.text("steps", label)) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_time_is_still_a_date() {
        let html = time(Timestamp::from_micros(u64::MAX)).into_string();
        assert!(html.contains("9999-12-31T23:59:59Z"), "{html}");
    }
}
