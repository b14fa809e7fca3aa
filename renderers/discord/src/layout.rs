//! What was said, laid out: everything on one embed where that holds it, otherwise text in as many messages as it takes.

use lorikeet_chat::split::ELLIPSIS;
use lorikeet_chat::{Level, Rendered, Support, TextUnit};

use crate::draft::{Draft, Part};
use crate::passage::{Paper, Passage};
use crate::text::is_blank;
use crate::{Does, Embed, Footer, Image, Modal, Payload, Row, limits, notes};

/// The stripe of a message about nothing in particular: the blue of the bot's own page.
const PLAIN: u32 = 0x24_57d6;
/// It worked.
const GOOD: u32 = 0x2e_9e5b;
/// It is worth a thought.
const DOUBTFUL: u32 = 0xd9_a400;
/// It did not work, or cannot be undone.
const BAD: u32 = 0xbd_2a1c;

impl Draft<'_> {
    /// How messages are written here. The platform's own limits count UTF-16 units, which are at least as many as characters and
    /// at most as many as bytes: counting no fewer keeps both limits.
    fn paper(&self) -> Paper {
        let limits = &self.room.capabilities.text;
        let rich = limits.rich >= Support::Partial;
        let most = if rich {
            crate::limits::DESCRIPTION
        } else {
            crate::limits::CONTENT as usize
        };
        Paper {
            limit: most.min(limits.message as usize),
            unit: match limits.unit {
                TextUnit::Bytes => TextUnit::Bytes,
                TextUnit::Chars | TextUnit::Utf16 => TextUnit::Utf16,
            },
            rich,
        }
    }

    /// The messages: text and pictures, and the controls below the last.
    pub(crate) fn finish(mut self, rows: Vec<Row>) -> Rendered<Payload> {
        let paper = self.paper();
        let card = paper.rich.then(|| self.card(&paper)).flatten();
        let mut messages = match card {
            Some(card) => vec![embedded(card)],
            None => self.pages_of_text(&paper),
        };
        if messages.is_empty() {
            messages.push(if paper.rich {
                embedded(Embed::default())
            } else {
                Payload::default()
            });
        }
        let colour = match self.colour {
            None | Some(Level::Info) => PLAIN,
            Some(Level::Success) => GOOD,
            Some(Level::Warning) => DOUBTFUL,
            Some(Level::Error) => BAD,
        };
        if let Some(first) = messages.first_mut() {
            first.art = std::mem::take(&mut self.art);
            if !first.art.is_empty() {
                for embed in &mut first.embeds {
                    embed.image = Some(Image {
                        url: format!("attachment://{}", Embed::PICTURE),
                    });
                }
            }
        }
        for message in &mut messages {
            for embed in &mut message.embeds {
                embed.color = colour;
            }
            message.be_seen(&paper);
        }
        if let Some(last) = messages.last_mut() {
            let opens = |modal: &Modal| {
                let buttons = rows.iter().flat_map(Row::buttons);
                buttons
                    .map(|button| &button.does)
                    .any(|does| matches!(does, Does::Turn(token) if *token == modal.custom_id))
            };
            last.modals = std::mem::take(&mut self.modals);
            last.modals.retain(opens);
            last.rows = rows;
        }
        self.rendered(messages)
    }

    /// Everything as one embed; none where that does not hold it.
    fn card(&mut self, paper: &Paper) -> Option<Embed> {
        let most = (self.room.capabilities.text.message).min(limits::MESSAGE) as usize;
        let mut embed = Embed::default();
        let mut left = most;
        if let Some(title) = &self.title {
            let title = Passage::new().plain(title).markdown(true);
            left = left.checked_sub(paper.length(&title))?;
            if paper.length(&title) > limits::TITLE {
                return None;
            }
            embed.title = Some(title);
        }
        if let Some(place) = &self.place {
            left = left.checked_sub(paper.length(place))?;
            embed.footer = Some(Footer {
                text: place.clone(),
            });
        }
        for part in &self.parts {
            let Part::Facts(facts) = part else {
                continue;
            };
            for fact in facts {
                let field = fact.field();
                let (name, value) = (paper.length(&field.name), paper.length(&field.value));
                if name > limits::FIELD_NAME || value > limits::FIELD_VALUE {
                    return None;
                }
                left = left.checked_sub(name + value)?;
                embed.fields.push(field);
            }
        }
        if embed.fields.len() > limits::FIELDS {
            return None;
        }
        for length in notes::LENGTHS {
            let (passages, shortened) = self.passages(length, false);
            let text = paper.joined(&passages);
            if paper.length(&text) <= left.min(paper.limit) {
                embed.description = Some(text).filter(|text| !text.is_empty());
                if shortened {
                    self.shortened("gallery");
                }
                return Some(embed);
            }
        }
        None
    }

    /// Everything as text in as many messages as it takes.
    fn pages_of_text(&mut self, paper: &Paper) -> Vec<Payload> {
        let (mut passages, shortened) = self.passages(notes::LENGTHS[0], true);
        if shortened {
            self.shortened("gallery");
        }
        if let Some(place) = self.place.take() {
            passages.insert(0, Passage::new().plain(&place));
        }
        let title = self.title.take();
        let short = title
            .as_ref()
            .map(|title| Passage::new().plain(title).markdown(true));
        let short = short.filter(|title| {
            let most = limits::TITLE.min(paper.limit / 4);
            paper.rich && paper.length(title) <= most
        });
        if let (Some(title), None) = (&title, &short) {
            passages.insert(0, Passage::new().bold(title));
        }
        if !paper.rich && passages.iter().any(Passage::is_marked) {
            self.replaced("rich text", "plain text");
        }
        let taken = short.as_ref().map_or(0, |title| paper.length(title));
        let texts = paper.messages(&passages, taken);
        let mut messages: Vec<Payload> = texts
            .into_iter()
            .map(|text| {
                if paper.rich {
                    embedded(Embed {
                        description: Some(text),
                        ..Embed::default()
                    })
                } else {
                    Payload {
                        content: text,
                        ..Payload::default()
                    }
                }
            })
            .collect();
        if let Some(title) = short {
            if messages.is_empty() {
                messages.push(embedded(Embed::default()));
            }
            let first = messages.first_mut();
            for embed in first.into_iter().flat_map(|first| &mut first.embeds) {
                embed.title = Some(title.clone());
            }
        }
        messages
    }

    /// The text's passages with notes of a length, and facts where they belong to it; whether a note was shortened. Notes come
    /// last: the pictures they are about are below the text.
    fn passages(&self, length: usize, facts: bool) -> (Vec<Passage>, bool) {
        let mut passages = Vec::new();
        let mut all_notes = Vec::new();
        let mut shortened = false;
        for part in &self.parts {
            match part {
                Part::Words(passage) => passages.push(passage.clone()),
                Part::Notes(tiles) => {
                    let (passage, cut) = notes::drawn(tiles, length);
                    shortened |= cut;
                    all_notes.push(passage);
                }
                Part::Facts(all) if facts => {
                    let lines = all.iter().fold(Passage::new(), |lines, fact| {
                        lines.next().then(&fact.label).plain(": ").then(&fact.value)
                    });
                    passages.push(lines);
                }
                Part::Facts(_) => {}
            }
        }
        passages.extend(all_notes);
        passages.retain(|passage| !passage.is_empty());
        (passages, shortened)
    }
}

impl Payload {
    /// A message with nothing to be seen would be refused.
    fn be_seen(&mut self, paper: &Paper) {
        let text = match self.embeds.first_mut() {
            Some(embed) => {
                let shown = embed.title.is_some() || !embed.fields.is_empty();
                if shown || embed.image.is_some() || embed.footer.is_some() {
                    return;
                }
                embed.description.get_or_insert_default()
            }
            None if !self.art.is_empty() => return,
            None => &mut self.content,
        };
        if is_blank(text) {
            if paper.length(text) >= paper.limit.saturating_sub(ELLIPSIS.len()) {
                text.clear();
            }
            text.push_str(ELLIPSIS);
        }
    }
}

fn embedded(embed: Embed) -> Payload {
    Payload {
        embeds: vec![embed],
        ..Payload::default()
    }
}
