//! A message in the making, with the toy's mistakes.

use lorikeet_chat::split::Splitter;
use lorikeet_chat::{
    Block, Capabilities, Control, Degradation, Prompt, Span, Stamp, Support, TextUnit,
};

use super::renderer::{Fault, Key, Message};

/// A stretch of the body.
pub(super) struct Words {
    strong: bool,
    text: String,
}

pub(super) struct Draft<'a> {
    pub(super) room: &'a Capabilities,
    pub(super) stamp: Stamp,
    pub(super) fault: u8,
    pub(super) body: Vec<Words>,
    pub(super) keys: Vec<Key>,
    pub(super) index: u32,
    pub(super) lost: Vec<Degradation>,
}

impl Draft<'_> {
    pub(super) fn has(&self, fault: Fault) -> bool {
        self.fault == fault as u8
    }

    pub(super) fn say(&mut self, strong: bool, text: &str) {
        self.body.push(Words {
            strong: strong && self.room.text.rich >= Support::Partial,
            text: text.to_owned(),
        });
    }

    pub(super) fn lose(&mut self, what: &str) {
        let what = what.to_owned();
        self.lost.push(Degradation::Shortened { what });
    }

    fn label(&mut self, label: &str) -> String {
        let limit = self.room.menu.label.max(1) as usize;
        if label.chars().all(|c| !c.is_alphanumeric()) {
            self.say(false, label);
            return "…".to_owned();
        }
        if label.chars().count() <= limit || self.has(Fault::ForgetsTheLabelLimit) {
            return label.to_owned();
        }
        if self.has(Fault::Panics) {
            panic!("no room for {label}");
        }
        if !self.has(Fault::CutsInSilence) {
            self.lose("label");
        }
        Splitter::new(limit, TextUnit::Chars)
            .shorten(label)
            .into_owned()
    }

    pub(super) fn press(&mut self, label: &str) {
        let label = self.label(label);
        let stamp = if self.has(Fault::PressesAnotherScreen) {
            Stamp::default()
        } else {
            self.stamp
        };
        let token = stamp.token(self.index).to_string();
        self.index += 1;
        self.keys.push(Key::Press { label, token });
    }

    /// Counts an action it does not offer.
    fn skip(&mut self) {
        self.index += 1;
    }

    pub(super) fn block(&mut self, block: &Block) {
        match block {
            Block::Heading(text) => self.say(true, text),
            Block::Paragraph(spans) => {
                for span in spans {
                    match span {
                        Span::Plain(text) | Span::Code(text) => self.say(false, text),
                        Span::Strong(text) => self.say(true, text),
                    }
                }
            }
            Block::Fields(fields) => {
                for field in fields {
                    self.say(true, &field.label);
                    self.say(false, &field.value);
                }
            }
            Block::List(items) | Block::Steps { labels: items, .. } => {
                for item in items {
                    self.say(false, item);
                }
            }
            Block::Image { alt: text, .. }
            | Block::Progress { label: text, .. }
            | Block::Notice { text, .. } => self.say(false, text),
            Block::File(file) => self.say(false, &file.name),
            Block::Gallery(tiles) => {
                for tile in tiles {
                    self.say(true, &tile.label);
                    self.say(false, &tile.note);
                }
            }
            Block::Chart(chart) => {
                self.say(true, &chart.title);
                for series in &chart.series {
                    self.say(false, &series.name);
                }
                self.say(false, &chart.x_label);
            }
        }
    }

    pub(super) fn control(&mut self, control: &Control) {
        match control {
            Control::Button(button) => {
                self.press(&button.label);
                if let Some(confirm) = &button.confirm {
                    for text in [&confirm.question, &confirm.proceed, &confirm.keep] {
                        self.say(false, text);
                    }
                }
            }
            Control::Link { label, url } => self.link(label, url),
            Control::Choice(choice) => {
                self.say(true, &choice.label);
                for option in &choice.options {
                    self.press(&option.label);
                    if !self.has(Fault::LosesHints) {
                        self.say(false, &option.hint);
                    }
                }
            }
            Control::Toggle(toggle) => self.press(&toggle.label),
            Control::Board(board) => {
                self.say(true, &board.label);
                for place in &board.places {
                    match place.open {
                        Some(_) => self.press(&place.tile.label),
                        None => self.say(true, &place.tile.label),
                    }
                    self.say(false, &place.tile.note);
                }
                // An opened place does the same.
                if board.edit.is_some() {
                    self.skip();
                }
            }
        }
    }

    fn link(&mut self, label: &str, url: &str) {
        let plain = |c: char| c.is_ascii_alphanumeric() || ":/.?=&".contains(c);
        let opens = url.starts_with("https://") && url.chars().all(plain);
        if opens && self.has(Fault::LosesLink) {
            self.say(false, label);
        } else if opens || self.has(Fault::OpensAnything) {
            let label = self.label(label);
            let url = url.to_owned();
            self.keys.push(Key::Open { label, url });
        } else {
            self.say(false, label);
            self.lost.push(Degradation::Replaced {
                what: "link".to_owned(),
                with: "text".to_owned(),
            });
        }
    }

    pub(super) fn prompt(&mut self, prompt: &Prompt) {
        match prompt {
            Prompt::Text { hint, value, .. } => {
                self.say(false, hint);
                self.say(false, value);
            }
            Prompt::Number { hint, .. } | Prompt::Images { hint, .. } => self.say(false, hint),
            Prompt::Form {
                title,
                fields,
                submit,
                ..
            } => {
                self.say(true, title);
                for field in fields {
                    for text in [&field.label, &field.value, &field.hint, &field.problem] {
                        self.say(false, text);
                    }
                }
                self.press(submit);
            }
        }
    }

    /// The body in messages.
    pub(super) fn messages(&self) -> Vec<Message> {
        let unit = self.room.text.unit;
        let limit = (self.room.text.message as usize).max(1);
        let splitter = Splitter::new(limit, unit);
        let mut messages = vec![String::new()];
        let mut used = 0;
        for Words { strong, text } in &self.body {
            let parts: Vec<&str> = if self.has(Fault::ForgetsTheLimit) {
                vec![text]
            } else if self.has(Fault::TearsGraphemes) {
                by_characters(text, limit)
            } else if self.has(Fault::TearsWords) {
                Splitter::new(limit.min(7), unit).parts(text).collect()
            } else if self.has(Fault::TearsSentences) {
                // Each word a message: nothing else is whole.
                text.split_whitespace().collect()
            } else {
                splitter.parts(text).collect()
            };
            for part in parts {
                let size = unit.measure(part);
                if used > 0 && (used + 1 + size > limit || self.has(Fault::TearsSentences)) {
                    messages.push(String::new());
                    used = 0;
                }
                used += size + 1;
                let markup = if self.has(Fault::ForgetsToEscape) {
                    part.to_owned()
                } else {
                    part.replace('&', "&amp;").replace('<', "&lt;")
                };
                let line = if *strong {
                    format!("<b>{markup}</b>\n")
                } else {
                    format!("{markup}\n")
                };
                if let Some(message) = messages.last_mut() {
                    message.push_str(&line);
                }
            }
        }
        let bare = |markup| Message {
            markup,
            rows: Vec::new(),
        };
        messages.into_iter().map(bare).collect()
    }

    /// The keys of one page, and those that turn to others.
    pub(super) fn page(&mut self, page: usize) -> Vec<Key> {
        let total = (self.room.menu.total as usize).max(3);
        if self.has(Fault::LosesControl) && self.keys.len() > 10 {
            self.keys.pop();
        }
        if self.keys.len() <= total {
            return std::mem::take(&mut self.keys);
        }
        let size = total - 2;
        let last = (self.keys.len() - 1) / size;
        let page = page.min(if self.has(Fault::NoEnd) {
            usize::MAX
        } else {
            last
        });
        let overlap = usize::from(self.has(Fault::RepeatsControl) && page > 0);
        let start = (page * size).min(self.keys.len());
        let end = (start + size).min(self.keys.len());
        let mut keys = self.keys[start - overlap.min(start)..end].to_vec();
        let turn = |label: &str, page| Key::Turn {
            label: label.to_owned(),
            page,
        };
        if page > 0 && !self.has(Fault::NoWayBack) {
            keys.push(turn("<", page - 1));
        }
        if page < last || self.has(Fault::NoEnd) {
            keys.push(turn(">", page + 1));
        }
        keys
    }
}

fn by_characters(text: &str, limit: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest
            .char_indices()
            .map(|(at, c)| at + c.len_utf8())
            .take_while(|end| *end <= limit)
            .last();
        let (part, after) =
            rest.split_at(end.unwrap_or_else(|| rest.chars().next().map_or(0, char::len_utf8)));
        parts.push(part);
        rest = after;
    }
    parts
}
