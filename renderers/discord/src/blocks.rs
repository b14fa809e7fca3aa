//! Content blocks as text and pictures.

use lorikeet_chat::{Art, Block, Chart, Field, Level, Page, Span, Tile, Timestamp};

use crate::draft::{Draft, Part};
use crate::facts::{self, NOTHING, Said};
use crate::passage::{Mark, Passage};
use crate::text::{self, cells, is_blank};
use crate::{limits, notes, rows};

/// Blocks of a bar.
const BAR: usize = 12;
/// Letters of all steps together that can be overlooked; more are a place among them.
const STEPS: usize = 120;
/// Steps that are dots; more are a number.
const DOTS: usize = 10;

impl<'a> Draft<'a> {
    /// Takes in the whole screen.
    pub(crate) fn read(&mut self) {
        for block in &self.screen.blocks {
            self.block(block);
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
            Block::Gallery(tiles) => {
                let tiles: Vec<&Tile> = tiles.iter().collect();
                self.sheet(&tiles);
                self.tell(tiles);
            }
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
                    if self
                        .colour
                        .is_none_or(|so_far| gravity(so_far) < gravity(*level))
                    {
                        self.colour = Some(*level);
                    }
                }
            }
            Block::Steps { labels, current } => self.steps(labels, *current),
        }
    }

    /// The first is the title, wherever it stands: a message is known by it.
    fn heading(&mut self, text: &str) {
        let line = text::line(text);
        if self.title.is_none() && !is_blank(&line) {
            self.title = Some(line.into_owned());
        } else {
            self.say(Passage::new().bold(text));
        }
    }

    fn fields(&mut self, fields: &[Field]) {
        let facts = fields.iter().map(|field| Said {
            label: &field.label,
            value: &field.value,
            ..Said::default()
        });
        self.facts(&facts.collect::<Vec<_>>());
    }

    /// Labelled values: facts where most of them are short, lines of text where they are sentences.
    pub(crate) fn facts(&mut self, all: &[Said<'_>]) {
        if !facts::are_short(all) {
            let lines = all
                .iter()
                .fold(Passage::new(), |lines, said| said.line(lines.next()));
            self.say(lines);
        } else if !all.is_empty() {
            self.parts
                .push(Part::Facts(all.iter().map(Said::fact).collect()));
        }
    }

    /// Draws a contact sheet; whether there is a picture of it.
    pub(crate) fn sheet(&mut self, tiles: &[&'a Tile]) -> bool {
        if tiles.is_empty() {
            return false;
        }
        if !self.shows_images() {
            self.replaced("gallery", "words");
            self.say(notes::named(tiles));
            return false;
        }
        self.art
            .push(Art::Sheet(tiles.iter().copied().cloned().collect()));
        true
    }

    /// Says what a sheet does not show.
    pub(crate) fn tell(&mut self, tiles: Vec<&'a Tile>) {
        if !tiles.is_empty() {
            self.parts.push(Part::Notes(tiles));
        }
    }

    fn progress(&mut self, fraction: Option<f64>, label: &str, eta: Option<Timestamp>) {
        let fraction = fraction.filter(|fraction| !fraction.is_nan());
        let mut passage = Passage::new();
        if fraction.is_none() {
            passage = passage.plain("⏳ ");
        }
        passage = passage.plain(label);
        let mut figures = String::new();
        if let Some(fraction) = fraction.map(|fraction| fraction.clamp(0.0, 1.0)) {
            // Whole blocks and percents alone: nothing is done before it is.
            let done = (fraction * BAR as f64).floor() as usize;
            let bar = "▰".repeat(done) + &"▱".repeat(BAR - done);
            figures = format!("{bar} {:.0} %", (fraction * 100.0).floor());
        }
        let eta = eta.map(|eta| eta.millis() / 1_000);
        let eta = eta.filter(|seconds| *seconds <= limits::SECONDS);
        if eta.is_some() || !figures.is_empty() {
            let between = if eta.is_none() || figures.is_empty() {
                ""
            } else {
                " · "
            };
            passage = passage.next().plain(&figures).plain(between);
        }
        if let Some(seconds) = eta {
            passage = passage.plain("≈ ").time(seconds);
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
            let value =
                last.map_or_else(|| NOTHING.to_owned(), |last| self.numerals.figure(last.y));
            passage = passage.next().plain(&name).plain(": ").bold(&value);
        }
        self.say(passage);
    }

    /// All steps in the small print below, and which of them this is.
    fn steps(&mut self, labels: &[String], current: u32) {
        let current = current as usize;
        let names: Vec<_> = labels.iter().map(|label| text::line(label)).collect();
        let sign = |number: usize| match number.cmp(&current) {
            std::cmp::Ordering::Less => "✓",
            std::cmp::Ordering::Equal => "●",
            std::cmp::Ordering::Greater => "○",
        };
        let step = |(number, name): (usize, &std::borrow::Cow<'_, str>)| {
            format!("{} {name}", sign(number)).trim_end().to_owned()
        };
        let all: Vec<String> = names.iter().enumerate().map(step).collect();
        let all = all.join(" · ");
        let known = current < names.len();
        let place = if known && cells(&all) <= STEPS && text::units(&all) <= limits::FOOTER {
            all
        } else {
            self.replaced("steps", "place and name");
            let position = current.saturating_add(1).min(labels.len());
            let place = if labels.len() <= DOTS {
                "●".repeat(position) + &"○".repeat(labels.len() - position)
            } else {
                format!("{position}/{}", labels.len())
            };
            let name = names.get(current).map_or("", AsRef::as_ref);
            let name = text::short(name, limits::FOOTER / 2);
            format!("{place} {name}").trim().to_owned()
        };
        self.place = match self.place.take() {
            _ if place.is_empty() => None,
            Some(before) if text::units(&before) + text::units(&place) < limits::FOOTER => {
                Some(format!("{before}\n{place}"))
            }
            Some(before) => {
                self.say(Passage::new().plain(&place));
                Some(before)
            }
            None => Some(place),
        };
    }

    /// A button for each file: pressing it sends the file.
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
            let both = text::units(&short) + text::units(&size);
            let size = if both <= room { size } else { String::new() };
            let button = self.turn(format!("⬇ {short}{size}"), Page::File(number));
            self.rows.extend(rows::chunks(vec![button], 1));
        }
    }
}

/// How grave a notice is, in order.
const fn gravity(level: Level) -> u8 {
    match level {
        Level::Info => 0,
        Level::Success => 1,
        Level::Warning => 2,
        Level::Error => 3,
    }
}
