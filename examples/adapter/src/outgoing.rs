//! Screens as lines for the other end. Pure, as every renderer is.

use lorikeet_chat::{Block, Control as Shown, Present, Prompt, Screen, Span};
use serde::{Deserialize, Serialize};

/// One line to the other end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Out {
    /// What became of a line.
    Receipt {
        /// The line's number; absent when it was not even that.
        number: Option<u64>,
        /// What became of it.
        is: Receipt,
    },
    /// A message, in the place of an earlier one with the same id.
    Message {
        /// Which message.
        id: String,
        /// The message whose controls are gone now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        closes: Option<String>,
        /// What it says.
        text: String,
        /// What can be pressed.
        controls: Vec<Control>,
    },
    /// The answer to a press that changed nothing.
    Answer(String),
    /// The commands there are: name and summary.
    Commands(Vec<(String, String)>),
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Receipt {
    /// The bot has it and will not lose it.
    Taken,
    /// Not now: send it again.
    Again,
    /// Not now and not later.
    Refused,
}

/// Something to press.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// What it says.
    pub label: String,
    /// What to send when it is pressed.
    pub token: String,
}

// ANCHOR: render
/// The text of a screen: every block in a line or more.
pub(crate) fn text(screen: &Screen) -> String {
    let mut lines: Vec<String> = screen.blocks.iter().map(block).collect();
    match &screen.prompt {
        Some(Prompt::Text { hint, .. } | Prompt::Number { hint, .. }) => lines.push(hint.clone()),
        Some(Prompt::Images { hint, .. }) => lines.push(hint.clone()),
        Some(Prompt::Form { title, fields, .. }) => {
            lines.push(title.clone());
            lines.extend(fields.iter().map(|f| format!("{} ({})", f.label, f.name)));
        }
        None => {}
    }
    lines.join("\n")
}

/// Every control of a screen. Tokens count as [`Screen::actions`] does, so that none can be lost on the way.
pub(crate) fn controls(present: &Present) -> Vec<Control> {
    let labels = labels(&present.screen);
    (0..)
        .zip(labels)
        .map(|(index, label)| Control {
            label,
            token: present.stamp.token(index).to_string(),
        })
        .collect()
}
// ANCHOR_END: render

/// What the controls say, in the order of their actions.
fn labels(screen: &Screen) -> Vec<String> {
    let controls = screen.menu.iter().flat_map(|group| &group.controls);
    let mut labels: Vec<String> = controls
        .flat_map(|control| match control {
            Shown::Button(button) => vec![button.label.clone()],
            // It acts nowhere but at the other end.
            Shown::Link { .. } => vec![],
            Shown::Choice(choice) => {
                let option = |o: &lorikeet_chat::OptionControl| mark(o.selected, &o.label);
                choice.options.iter().map(option).collect()
            }
            Shown::Toggle(toggle) => vec![mark(toggle.on, &toggle.label)],
            Shown::Board(board) => {
                let opens = board.places.iter().filter(|place| place.open.is_some());
                let opens = opens.map(|place| place.tile.label.clone());
                opens
                    .chain(board.edit.iter().map(|_| board.label.clone()))
                    .collect()
            }
        })
        .collect();
    if let Some(Prompt::Form { submit, .. }) = &screen.prompt {
        labels.push(submit.clone());
    }
    labels
}

fn mark(on: bool, label: &str) -> String {
    format!("{} {label}", if on { "[x]" } else { "[ ]" })
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(text) => format!("# {text}"),
        Block::Paragraph(spans) => {
            let span = |span: &Span| match span {
                Span::Plain(text) | Span::Strong(text) | Span::Code(text) => text.clone(),
            };
            spans.iter().map(span).collect()
        }
        Block::Fields(fields) => {
            let field = |f: &lorikeet_chat::Field| format!("{}: {}", f.label, f.value);
            fields.iter().map(field).collect::<Vec<_>>().join("\n")
        }
        Block::List(items) => items.join("\n"),
        Block::Image { alt, .. } => format!("({alt})"),
        Block::Gallery(tiles) => {
            let tile = |t: &lorikeet_chat::Tile| format!("{} {}", t.label, t.note);
            tiles.iter().map(tile).collect::<Vec<_>>().join("\n")
        }
        Block::Progress {
            fraction, label, ..
        } => match fraction {
            Some(fraction) => format!("{label} ({:.0} %)", fraction * 100.0),
            None => label.clone(),
        },
        Block::Chart(chart) => chart.title.clone(),
        Block::File(file) => file.name.clone(),
        Block::Notice { text, .. } => format!("! {text}"),
        Block::Steps { labels, current } => {
            let now = usize::try_from(*current).ok().and_then(|at| labels.get(at));
            format!(
                "{} of {}: {}",
                current + 1,
                labels.len(),
                now.map_or("", String::as_str)
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use lorikeet_chat::{Action, Choice, Group, OptionControl, Page, Stamp, Surface, Toggle};

    use super::*;

    #[test]
    fn every_action_has_a_control() {
        let action = || Action::Input(true.into());
        let option = |label: &str| OptionControl {
            label: label.to_owned(),
            hint: String::new(),
            selected: label == "b",
            action: action(),
        };
        let screen = Screen::new()
            .heading("Title")
            .group(Group::row([
                Shown::Link {
                    label: "out".to_owned(),
                    url: "https://lora.example".to_owned(),
                },
                Shown::button("one", action()),
                Shown::Choice(Choice {
                    label: "two".to_owned(),
                    multiple: false,
                    options: vec![option("a"), option("b")],
                }),
                Shown::Toggle(Toggle {
                    label: "three".to_owned(),
                    on: true,
                    action: action(),
                }),
            ]))
            .prompt(Prompt::Form {
                title: "Form".to_owned(),
                fields: Vec::new(),
                submit: "Send".to_owned(),
                action: action(),
            });
        let present = Present {
            screen,
            stamp: Stamp::default(),
            surface: Surface::Fresh,
            page: Page::First,
        };
        let controls = controls(&present);
        assert_eq!(controls.len(), present.screen.actions().len());
        let labels: Vec<&str> = controls.iter().map(|c| c.label.as_str()).collect();
        assert_eq!(labels, ["one", "[ ] a", "[x] b", "[x] three", "Send"]);
        assert_eq!(controls[4].token, present.stamp.token(4).to_string());
        assert_eq!(text(&present.screen), "# Title\nForm");
    }
}
