//! Content blocks as text and pictures.

use lorikeet_chat::{Art, Block, Chart, Field, Level, Page, Prompt, Span, Tile, Timestamp};

use crate::draft::Draft;
use crate::passage::{Mark, Passage};
use crate::text::{self, beside, cells};
use crate::{notes, rows};

/// Letters of a value that stands out; where more than a few are longer, the labels do.
const FACT: usize = 28;
/// Blocks of a bar.
const BAR: usize = 12;
/// Letters of all steps together that can be overlooked; more are a place among them.
const STEPS: usize = 120;
/// Steps that are dots; more are a number.
const DOTS: usize = 10;

impl<'a> Draft<'a> {
    /// Takes in the whole screen. The title comes first, whatever was put before it: a message is known by its first line.
    pub(crate) fn read(&mut self) {
        let blocks = &self.screen.blocks;
        let title = blocks
            .iter()
            .position(|block| matches!(block, Block::Heading(_)));
        if let Some(title) = title {
            self.block(&blocks[title]);
            let below = blocks.get(title + 1);
            let steps = below.filter(|block| matches!(block, Block::Steps { .. }));
            if let Some(steps) = steps {
                self.block(steps);
            }
            let done = title..=title + usize::from(steps.is_some());
            for (number, block) in blocks.iter().enumerate() {
                if !done.contains(&number) {
                    self.block(block);
                }
            }
        } else {
            for block in blocks {
                self.block(block);
            }
        }
        self.files();
        self.menu();
        self.prompt();
    }

    fn block(&mut self, block: &'a Block) {
        match block {
            Block::Heading(text) => self.heading(text),
            Block::Paragraph(spans) => {
                let passage = spans
                    .iter()
                    .fold(Passage::new(), |passage, span| match span {
                        Span::Plain(text) => passage.plain(text),
                        Span::Strong(text) => passage.bold(text),
                        Span::Code(text) => passage.marked(Mark::Code, text),
                    });
                self.say(passage);
            }
            Block::Fields(fields) => self.fields(fields),
            Block::List(items) => {
                let passage = items.iter().filter(|item| !item.trim().is_empty());
                self.say(passage.fold(Passage::new(), |passage, item| {
                    passage.next().plain("• ").plain(item)
                }));
            }
            Block::Image { blob, alt } => {
                if self.shows_images() {
                    self.art.push(Art::Picture {
                        blob: blob.clone(),
                        alt: alt.clone(),
                    });
                } else {
                    self.replaced("image", "description");
                    self.say(Passage::new().plain("🖼️ ").plain(alt));
                }
            }
            Block::Gallery(tiles) => self.sheet(tiles.iter().collect()),
            Block::Progress {
                fraction,
                label,
                eta,
            } => self.progress(*fraction, label, *eta),
            Block::Chart(chart) => self.chart(chart),
            // A button.
            Block::File(_) => {}
            Block::Notice { level, text } => {
                let sign = match level {
                    Level::Info => "ℹ️ ",
                    Level::Success => "✅ ",
                    Level::Warning => "⚠️ ",
                    Level::Error => "❌ ",
                };
                if !text.trim().is_empty() {
                    self.say(Passage::new().plain(sign).plain(text));
                }
            }
            Block::Steps { labels, current } => self.steps(labels, *current),
        }
    }

    /// The first is the title: a message is known by it.
    fn heading(&mut self, text: &str) {
        let passage = Passage::heading(&text::line(text));
        self.say(if self.passages.is_empty() {
            passage
        } else {
            Passage::new().bold(text)
        });
    }

    fn fields(&mut self, fields: &[Field]) {
        let long = fields.iter().filter(|field| cells(&field.value) > FACT);
        let facts = long.count() * 4 <= fields.len();
        let mut passage = Passage::new();
        for Field { label, value } in fields {
            let label = text::line(label);
            let copied = self.screen.prompt.as_ref().is_some_and(
                |prompt| matches!(prompt, Prompt::Text { value: now, .. } if now == value),
            );
            passage = passage.next();
            passage = if facts {
                passage.plain(&label)
            } else {
                passage.bold(&label)
            };
            let value = beside(value, &label);
            passage = passage.plain(": ");
            passage = match value.trim() {
                words if copied && !words.is_empty() => passage.marked(Mark::Code, &value),
                words if words.is_empty() || facts => passage.value(&value),
                _ => passage.plain(&value),
            };
        }
        self.say(passage);
    }

    /// A contact sheet, and what it does not show in words.
    pub(crate) fn sheet(&mut self, tiles: Vec<&'a Tile>) {
        if tiles.is_empty() {
            return;
        }
        if self.shows_images() {
            let drawn = tiles.iter().copied().cloned().collect();
            self.art.push(Art::Sheet(drawn));
        } else {
            self.replaced("gallery", "words");
            self.say(notes::named(&tiles));
        }
        let (passage, shortened) = notes::drawn(&tiles);
        if shortened {
            self.shortened("gallery");
        }
        self.say(passage);
    }

    fn progress(&mut self, fraction: Option<f64>, label: &str, eta: Option<Timestamp>) {
        let fraction = fraction.filter(|fraction| !fraction.is_nan());
        let mut passage = Passage::new();
        if fraction.is_none() {
            passage = passage.plain("⏳ ");
        }
        passage = passage.plain(label);
        let mut figures = Vec::new();
        if let Some(fraction) = fraction.map(|fraction| fraction.clamp(0.0, 1.0)) {
            // Whole blocks and percents alone: nothing is done before it is.
            let done = (fraction * BAR as f64).floor() as usize;
            let bar = "▰".repeat(done) + &"▱".repeat(BAR - done);
            figures.push(format!("{bar} {:.0} %", (fraction * 100.0).floor()));
        }
        figures.extend(eta.map(|eta| format!("≈ {} UTC", clock(eta))));
        if !figures.is_empty() {
            passage = passage.next().plain(&figures.join(" · "));
        }
        self.say(passage);
    }

    fn chart(&mut self, chart: &'a Chart) {
        let mut passage = Passage::new();
        if self.shows_images() {
            let mut drawn = chart.clone();
            for series in &mut drawn.series {
                series
                    .points
                    .retain(|point| point.x.is_finite() && point.y.is_finite());
            }
            self.art.push(Art::Chart(drawn));
        } else {
            self.replaced("chart", "values");
            let title = [&chart.title, &chart.x_label].map(|text| text::line(text));
            let title: Vec<&str> = title
                .iter()
                .map(AsRef::as_ref)
                .filter(|words: &&str| !words.is_empty())
                .collect();
            passage = passage.bold(&title.join(" · "));
        }
        for series in &chart.series {
            let name = text::line(&series.name);
            let last = series
                .points
                .iter()
                .rev()
                .find(|point| point.x.is_finite() && point.y.is_finite());
            let value = last.map_or_else(String::new, |last| self.numerals.figure(last.y));
            passage = passage.next().plain(&name).plain(": ").value(&value);
        }
        self.say(passage);
    }

    /// All steps on a line, and which of them this is.
    fn steps(&mut self, labels: &[String], current: u32) {
        let current = current as usize;
        let names: Vec<_> = labels.iter().map(|label| text::line(label)).collect();
        let sign = |number: usize| match number.cmp(&current) {
            std::cmp::Ordering::Less => "✓",
            std::cmp::Ordering::Equal => "●",
            std::cmp::Ordering::Greater => "○",
        };
        let signs = names.iter().enumerate();
        let all: Vec<String> = signs
            .map(|(number, name)| format!("{} {name}", sign(number)))
            .collect();
        let all = all.join(" · ");
        if current < names.len() && cells(&all) <= STEPS {
            self.say(Passage::new().plain(&all));
            return;
        }
        self.replaced("steps", "place and name");
        let position = current.saturating_add(1).min(labels.len());
        let place = if labels.len() <= DOTS {
            "●".repeat(position) + &"○".repeat(labels.len() - position)
        } else {
            format!("{position}/{}", labels.len())
        };
        let name = names.get(current).map_or("", AsRef::as_ref);
        self.say(Passage::new().plain(&place).plain(" ").plain(name));
    }

    /// An entry for each file: choosing it sends the file.
    fn files(&mut self) {
        for (number, file) in (0..).zip(self.screen.files()) {
            let size = format!(" ({})", self.numerals.size(file.size));
            let name = text::line(&file.name);
            let room = self.label_room().saturating_sub(2);
            let short = text::label(&name, room);
            if short != name && !name.is_empty() {
                self.shortened("file");
            }
            // The name says more than the size.
            let both = short.chars().count() + size.chars().count();
            let size = if both <= room { size } else { String::new() };
            let entry = self.turn(format!("⬇ {short}{size}"), Page::File(number));
            let mut rows = rows::chunks(vec![entry], 1);
            for row in &mut rows {
                row.apart = number == 0;
            }
            self.rows.extend(rows);
        }
    }
}

/// The time of day in UTC.
fn clock(at: Timestamp) -> String {
    let minutes = at.millis() / 60_000;
    format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_day_is_in_utc() {
        assert_eq!(clock(Timestamp::from_millis(1_760_000_000_000)), "08:53");
        assert_eq!(clock(Timestamp::from_micros(u64::MAX)), "08:01");
    }
}
