//! Controls as buttons, and what belongs to them as text.

use lorikeet_chat::{Board, Choice, Control, Group, Layout, Page, Role};

use crate::draft::Draft;
use crate::keyboard::{self, Row};
use crate::passage::{Mark, Passage};
use crate::text::{self, beside};
use crate::{Button, Does, Style, limits};

/// Places of a board side by side: as many as the sheet has columns.
const BOARD: usize = 5;

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
        let mut waiting: Vec<Button> = Vec::new();
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

    fn lay(&self, layout: Layout, buttons: Vec<Button>) -> Vec<Row> {
        match layout {
            Layout::Row | Layout::Navigation => keyboard::spread(buttons, self.per_row()),
            Layout::Grid { columns } => keyboard::grid(buttons, columns.into(), self.per_row()),
            Layout::List => keyboard::chunks(buttons, 1),
        }
    }

    fn button(&mut self, button: &'a lorikeet_chat::Button, index: u32) -> Button {
        let label = self.label("", &button.label);
        let style = match button.role {
            Role::Normal => None,
            Role::Primary => Some(Style::Primary),
            Role::Danger => Some(Style::Danger),
        };
        let button = match &button.confirm {
            None => self.press(label, index),
            Some(confirm) => {
                self.questions.push((index, confirm));
                self.turn(label, Page::Question(index))
            }
        };
        Button { style, ..button }
    }

    /// A button that opens an address; one that the platform would refuse is words.
    fn link(&mut self, label: &str, address: &str) -> Option<Button> {
        if opens(address) {
            return Some(Button {
                label: self.label("", label),
                style: None,
                does: Does::Open(address.to_owned()),
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

    fn choice(&mut self, choice: &'a Choice, index: &mut u32) -> Vec<Row> {
        let label = text::line(&choice.label);
        let hints: Vec<_> = choice
            .options
            .iter()
            .filter(|option| !option.hint.trim().is_empty())
            .collect();
        // A title or a fact above says already what there is to choose.
        if !(hints.is_empty() && self.is_said(&label)) {
            self.say(Passage::new().bold(&label));
        }
        let mut passage = Passage::new();
        for option in hints {
            let name = text::line(&option.label);
            let between = if name.is_empty() { "" } else { ": " };
            let hint = beside(&option.hint, &name);
            passage = passage.next().plain(&name).plain(between).plain(&hint);
        }
        self.say(if label.is_empty() {
            passage
        } else {
            passage.tight()
        });
        let mut buttons = Vec::new();
        for option in &choice.options {
            let mark = match (choice.multiple, option.selected) {
                (true, true) => "☑ ",
                (true, false) => "☐ ",
                (false, true) => "● ",
                (false, false) => "",
            };
            let label = self.label(mark, &option.label);
            buttons.push(self.press(label, next(index)));
        }
        keyboard::spread(buttons, self.per_row())
    }

    /// A contact sheet, and a button for each place that opens. Changing it in place is left to the opened places.
    fn board(&mut self, board: &'a Board, index: &mut u32) -> Vec<Row> {
        self.say(Passage::new().plain(&board.label));
        self.sheet(board.places.iter().map(|place| &place.tile).collect());
        let mut buttons = Vec::new();
        for place in board.places.iter().filter(|place| place.open.is_some()) {
            let label = self.label("", &place.tile.label);
            buttons.push(self.press(label, next(index)));
        }
        if board.edit.is_some() {
            next(index);
        }
        keyboard::grid(buttons, BOARD, self.per_row())
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
            "tg://user?id=1",
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
