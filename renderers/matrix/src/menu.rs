//! Controls as a numbered list, and what belongs to them as text.

use std::rc::Rc;

use lorikeet_chat::{Block, Board, Choice, Control, Group, Layout, Page, Role};

use crate::draft::Draft;
use crate::passage::{Mark, Passage};
use crate::rows::{self, Entry, Goes, Row};
use crate::text::{self, cells};
use crate::{limits, notes};

/// Letters of a label that others stand beside on its line.
const SHORT: usize = 24;

impl<'a> Draft<'a> {
    /// The groups in reading order; navigation comes last of all.
    pub(crate) fn menu(&mut self) {
        let mut index = 0;
        for group in &self.screen.menu {
            self.group(group, &mut index);
        }
    }

    fn group(&mut self, group: &'a Group, index: &mut u32) {
        let mut rows = Vec::new();
        // What waits for its neighbours.
        let mut waiting: Vec<Entry> = Vec::new();
        for control in &group.controls {
            let block = match control {
                Control::Button(button) => {
                    let number = next(index);
                    waiting.push(self.button(button, number));
                    continue;
                }
                Control::Toggle(toggle) => {
                    let mark = if toggle.on { "☑ " } else { "☐ " };
                    let label = self.label(mark, &toggle.label);
                    waiting.push(self.press(label, next(index)));
                    continue;
                }
                Control::Link { label, url } => {
                    waiting.extend(self.link(label, url));
                    continue;
                }
                Control::Choice(choice) => self.choice(choice, index),
                Control::Board(board) => self.board(board, index),
            };
            rows.extend(self.lay(group.layout, std::mem::take(&mut waiting)));
            rows.extend(block);
        }
        rows.extend(self.lay(group.layout, waiting));
        match group.layout {
            Layout::Navigation => self.navigation.extend(rows),
            Layout::Row | Layout::Grid { .. } | Layout::List => self.rows.extend(rows),
        }
    }

    fn lay(&self, layout: Layout, entries: Vec<Entry>) -> Vec<Row> {
        let columns = match layout {
            Layout::Row | Layout::Navigation => self.per_row(),
            Layout::Grid { columns } => self.per_row().min(columns.into()),
            Layout::List => 1,
        };
        let short = |entry: &Entry| cells(&entry.label) <= SHORT;
        let mut rows: Vec<Row> = Vec::new();
        // What is long or wanted most has a line to itself.
        for stretch in entries.chunk_by(|a, b| !a.strong && !b.strong && short(a) && short(b)) {
            rows.extend(rows::chunks(stretch.to_vec(), columns));
        }
        for (number, row) in rows.iter_mut().enumerate() {
            row.apart = number == 0;
        }
        rows
    }

    fn button(&mut self, button: &'a lorikeet_chat::Button, index: u32) -> Entry {
        let label = self.label("", &button.label);
        let entry = match &button.confirm {
            None => self.press(label, index),
            Some(confirm) => {
                self.questions.push((index, confirm));
                self.turn(label, Page::Question(index))
            }
        };
        let strong = button.role == Role::Primary;
        Entry { strong, ..entry }
    }

    /// An address to be opened; one that clients would not open is words.
    fn link(&mut self, label: &str, address: &str) -> Option<Entry> {
        // As HTML, where each letter is six at most, it takes the smaller part of a message.
        let short = address.len() * 6 <= self.room.capabilities.text.message as usize;
        if opens(address) && short {
            return Some(Entry {
                label: self.label("", label),
                strong: false,
                note: String::new(),
                does: Goes::To(address.to_owned()),
                of: None,
            });
        }
        self.replaced("link", "words");
        let label = text::line(label);
        let passage = Passage::new().plain(&label);
        self.say(if address.trim().is_empty() {
            passage
        } else {
            let between = if label.is_empty() { "" } else { ": " };
            // To be copied, and never a command or a mention.
            passage.plain(between).marked(Mark::Code, address)
        });
        None
    }

    /// The options below what there is to choose.
    fn choice(&mut self, choice: &'a Choice, index: &mut u32) -> Vec<Row> {
        let mut entries = Vec::new();
        let of = (!choice.multiple).then(|| {
            // In the list they are whole, or said to be shortened.
            let short =
                |label: &str| text::label(&text::line(label), self.label_room()).into_owned();
            let options = choice.options.iter();
            Rc::new(rows::Choice {
                number: *index as usize,
                name: short(&choice.label),
                options: options.map(|option| short(&option.label)).collect(),
            })
        });
        for option in &choice.options {
            let mark = match (choice.multiple, option.selected) {
                (true, true) => "☑ ",
                (true, false) => "☐ ",
                (false, true) => "● ",
                (false, false) => "○ ",
            };
            let label = self.label(mark, &option.label);
            let mut entry = self.press(label, next(index));
            entry.note = text::line(&option.hint).into_owned();
            entry.of.clone_from(&of);
            entries.push(entry);
        }
        let small = |entry: &Entry| entry.note.is_empty() && cells(&entry.label) <= SHORT;
        let layout = if entries.len() <= self.per_row() && entries.iter().all(small) {
            Layout::Row
        } else {
            Layout::List
        };
        let mut rows = self.lay(layout, entries);
        // A title says already what there is to choose.
        let name = text::line(&choice.label);
        let titled = self
            .screen
            .blocks
            .iter()
            .any(|block| matches!(block, Block::Heading(title) if *title == name));
        match rows.first_mut() {
            Some(row) if !titled => row.name = name.into_owned(),
            Some(_) => {}
            None => self.say(Passage::new().bold(&name)),
        }
        rows
    }

    /// A contact sheet, and an entry for each place that opens. Changing it in place is left to the opened places.
    fn board(&mut self, board: &'a Board, index: &mut u32) -> Vec<Row> {
        self.say(Passage::new().plain(&board.label));
        self.sheet(board.places.iter().map(|place| &place.tile).collect());
        let mut entries = Vec::new();
        for place in board.places.iter().filter(|place| place.open.is_some()) {
            let mark = format!("{} ", notes::sign(place.tile.state));
            let label = self.label(&mark, &place.tile.label);
            entries.push(self.press(label, next(index)));
        }
        if board.edit.is_some() {
            next(index);
        }
        self.lay(Layout::Row, entries)
    }
}

/// The index of the next action.
fn next(index: &mut u32) -> u32 {
    let number = *index;
    *index = index.saturating_add(1);
    number
}

/// Whether the platform takes an address on a button: absolute, `http` or `https`, with a host that is not of one's own
/// network, and without anything that would have to be escaped.
fn opens(address: &str) -> bool {
    let rest = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"));
    let Some(rest) = rest else {
        return false;
    };
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_graphic() && !"\"'<>\\^`{|}[]@".contains(c);
    let named = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    host.contains('.')
        && host.split('.').all(named)
        && rest.chars().all(plain)
        && address.len() <= limits::ADDRESS
}

#[cfg(test)]
mod tests {
    use super::opens;

    #[test]
    fn only_addresses_that_the_platform_takes_are_buttons() {
        for good in [
            "https://example.org",
            "http://example.org:8080/a?b=c&d=e#f",
            "https://192.0.2.1/maya/1",
        ] {
            assert!(opens(good), "{good}");
        }
        for bad in [
            "",
            "/file/x",
            "//example.org",
            "matrix:u/somebody:example.org",
            "javascript:alert(1)",
            "https://localhost/x",
            "https://",
            "https://.",
            "https://user@example.org",
            "https://example.org/\" onclick=\"x",
            "https://example.org/a b",
            "https://bücher.example",
        ] {
            assert!(!opens(bad), "{bad}");
        }
        assert!(!opens(&format!(
            "https://example.org/{}",
            "a".repeat(2_048)
        )));
    }
}
