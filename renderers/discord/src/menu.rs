//! Controls as buttons and choices, and what belongs to them as text.

use lorikeet_chat::{Board, Choice, Control, Group, Layout, OptionControl, Page, Role};

use crate::draft::Draft;
use crate::passage::{Mark, Passage};
use crate::rows::{chunks, spread};
use crate::text::{self, cells, is_blank};
use crate::{Button, Does, Row, Select, SelectOption, Style, limits, notes};

/// Options that are buttons side by side; more are to be picked from a list.
const FEW: usize = 5;
/// Letters of an option that is a button.
const SHORT: usize = 24;
/// Letters that are seen of what a list says while nothing is picked.
const PLACEHOLDER: usize = 50;

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
        let mut waiting: Vec<Waiting> = Vec::new();
        for control in &group.controls {
            let block = match control {
                Control::Button(button) => {
                    let number = next(index);
                    let alike = button.role == Role::Normal && button.confirm.is_none();
                    let button = self.button(button, number);
                    waiting.push(Waiting { button, alike });
                    continue;
                }
                Control::Toggle(toggle) => {
                    let label = self.label(mark(toggle.on), &toggle.label);
                    let button = self.press(label, next(index));
                    let button = switched(button, toggle.on);
                    let alike = false;
                    waiting.push(Waiting { button, alike });
                    continue;
                }
                Control::Link { label, url } => {
                    let link = self.link(label, url);
                    let alike = false;
                    waiting.extend(link.map(|button| Waiting { button, alike }));
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

    fn lay(&mut self, layout: Layout, waiting: Vec<Waiting>) -> Vec<Row> {
        let per_row = self.per_row();
        let alike = waiting.iter().filter(|waiting| waiting.alike).count();
        let listed = |waiting: &Waiting| waiting.alike && alike > FEW && layout == Layout::List;
        let (listed, others): (Vec<_>, Vec<_>) = waiting.into_iter().partition(listed);
        let options = listed
            .into_iter()
            .filter_map(|listed| option(listed.button));
        let mut rows = self.selects(None, options.collect());
        let others: Vec<Button> = others.into_iter().map(|other| other.button).collect();
        rows.extend(match layout {
            Layout::Grid { columns } => chunks(others, per_row.min(columns.into())),
            // There are few rows: none is spent on one button where two can be read.
            Layout::Row | Layout::Navigation | Layout::List => spread(others, per_row),
        });
        rows
    }

    fn button(&mut self, button: &'a lorikeet_chat::Button, index: u32) -> Button {
        let label = self.label("", &button.label);
        let style = match button.role {
            Role::Normal => Style::Secondary,
            Role::Primary => Style::Primary,
            Role::Danger => Style::Danger,
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
                style: Style::Secondary,
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
            // To be copied, and never a link or a mention.
            passage.plain(between).marked(Mark::Code, address)
        });
        None
    }

    /// A list to pick from, or buttons where there are few and short ones. What is on in a choice of several is marked, since
    /// picking it switches that alone.
    fn choice(&mut self, choice: &'a Choice, index: &mut u32) -> Vec<Row> {
        let name = text::line(&choice.label);
        let few =
            choice.options.len() <= FEW.min(self.per_row()) && choice.options.iter().all(is_short);
        if few {
            self.name(&name);
            let mut buttons = Vec::new();
            for option in &choice.options {
                let before = match (choice.multiple, option.selected) {
                    (true, on) => mark(on),
                    (false, true) => "● ",
                    (false, false) => "",
                };
                let label = self.label(before, &option.label);
                let button = self.press(label, next(index));
                buttons.push(switched(button, option.selected));
            }
            return spread(buttons, self.per_row());
        }
        let mut chosen = false;
        let mut options = Vec::new();
        for option in &choice.options {
            let before = if choice.multiple {
                mark(option.selected)
            } else {
                ""
            };
            // The platform refuses two where one can be picked.
            let default = option.selected && !choice.multiple && !chosen;
            chosen |= default;
            options.push(SelectOption {
                label: self.label(before, &option.label),
                value: self.stamp.token(next(index)),
                description: self.description(&option.hint, "option"),
                default,
            });
        }
        let seen = !chosen && can_be_read(&name);
        if !seen {
            self.name(&name);
        }
        self.selects(seen.then_some(&name), options)
    }

    /// What there is to choose, unless a title or a fact says so already.
    fn name(&mut self, name: &str) {
        if !self.is_said(name) {
            self.say(Passage::new().bold(name));
        }
    }

    /// An option's second line.
    fn description(&mut self, text: &str, part: &str) -> Option<String> {
        let line = text::line(text);
        let short = text::short(&line, limits::OPTION);
        if short != line {
            self.shortened(part);
        }
        Some(short.into_owned()).filter(|line| !line.trim().is_empty())
    }

    /// A contact sheet, and a list of the places that open. Changing it in place is left to the opened places.
    fn board(&mut self, board: &'a Board, index: &mut u32) -> Vec<Row> {
        let name = text::line(&board.label);
        let opens = board.places.iter().any(|place| place.open.is_some());
        let seen = opens && can_be_read(&name);
        if !seen {
            self.say(Passage::new().plain(&board.label));
        }
        let (open, closed): (Vec<_>, Vec<_>) =
            board.places.iter().partition(|place| place.open.is_some());
        let closed = closed.into_iter().map(|place| &place.tile);
        if self.shows_images() {
            self.sheet(
                &board
                    .places
                    .iter()
                    .map(|place| &place.tile)
                    .collect::<Vec<_>>(),
            );
        } else {
            // Those that open are in the list.
            self.sheet(&closed.clone().collect::<Vec<_>>());
        }
        self.tell(closed.collect());
        let mut options = Vec::new();
        for place in open {
            let before = format!("{} ", notes::sign(place.tile.state));
            options.push(SelectOption {
                label: self.label(&before, &place.tile.label),
                value: self.stamp.token(next(index)),
                description: self.description(&place.tile.note, "gallery"),
                default: false,
            });
        }
        if board.edit.is_some() {
            next(index);
        }
        self.selects(seen.then_some(&name), options)
    }

    /// As many lists as it takes, each with as many options as the room allows.
    fn selects(&mut self, name: Option<&str>, options: Vec<SelectOption>) -> Vec<Row> {
        let most = self
            .room
            .capabilities
            .menu
            .options
            .clamp(1, limits::OPTIONS) as usize;
        let count = options.len().div_ceil(most);
        let mut rows = Vec::new();
        for (number, options) in options.chunks(most).enumerate() {
            let place = (count > 1).then(|| format!("{}/{count}", number + 1));
            let said = [name, place.as_deref()].into_iter().flatten();
            let said = said.collect::<Vec<_>>().join(" · ");
            let screen = self.stamp.token(0).to_string();
            let screen = screen.rsplit_once('-').map_or("", |(screen, _)| screen);
            rows.push(Row::Select(Select {
                custom_id: format!("{}{}:{screen}", Select::PREFIX, self.selects),
                placeholder: Some(said).filter(|said| !said.is_empty()),
                options: options.to_vec(),
            }));
            self.selects += 1;
        }
        rows
    }
}

/// A button that waits for its neighbours.
struct Waiting {
    button: Button,
    /// Whether it is one among others that do something at once: many of them are a list to pick from.
    alike: bool,
}

/// The index of the next action.
fn next(index: &mut u32) -> u32 {
    let number = *index;
    *index = index.saturating_add(1);
    number
}

const fn mark(on: bool) -> &'static str {
    if on { "☑ " } else { "☐ " }
}

fn switched(button: Button, on: bool) -> Button {
    let style = if on { Style::Success } else { button.style };
    Button { style, ..button }
}

/// Whether an option says all it has to say on a button.
fn is_short(option: &OptionControl) -> bool {
    option.hint.trim().is_empty() && cells(&option.label) <= SHORT
}

/// Whether all of a name can be seen on a list of which nothing is picked.
fn can_be_read(name: &str) -> bool {
    !is_blank(name) && cells(name) <= PLACEHOLDER && text::units(name) <= limits::CHOICE / 2
}

fn option(button: Button) -> Option<SelectOption> {
    match button.does {
        Does::Press(value) => Some(SelectOption {
            label: button.label,
            value,
            description: None,
            default: false,
        }),
        Does::Turn(_) | Does::Open(_) | Does::Nothing => None,
    }
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
            "discord://-/channels/1",
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
        let long = |length: usize| format!("https://example.org/{}", "a".repeat(length - 20));
        assert!(opens(&long(512)) && !opens(&long(513)));
    }
}
