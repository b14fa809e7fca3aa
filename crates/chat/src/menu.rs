//! Controls, and how they are grouped.

use serde::{Deserialize, Serialize};

use crate::{Action, Tile};

/// Controls that belong together, with a hint of their layout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// How they would best lie.
    pub layout: Layout,
    /// The controls, in reading order.
    pub controls: Vec<Control>,
}

impl Group {
    /// Controls side by side.
    pub fn row(controls: impl IntoIterator<Item = Control>) -> Self {
        Self {
            layout: Layout::Row,
            controls: controls.into_iter().collect(),
        }
    }

    /// Controls in a grid of `columns`.
    pub fn grid(columns: u8, controls: impl IntoIterator<Item = Control>) -> Self {
        Self {
            layout: Layout::Grid { columns },
            controls: controls.into_iter().collect(),
        }
    }

    /// One control a line, paged where there are many.
    pub fn list(controls: impl IntoIterator<Item = Control>) -> Self {
        Self {
            layout: Layout::List,
            controls: controls.into_iter().collect(),
        }
    }

    /// Back, skip, cancel and the like: last on the screen, visually quieter.
    pub fn navigation(controls: impl IntoIterator<Item = Control>) -> Self {
        Self {
            layout: Layout::Navigation,
            controls: controls.into_iter().collect(),
        }
    }
}

/// The semantic layout of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Side by side.
    Row,
    /// A grid.
    Grid {
        /// Columns, at least 1.
        columns: u8,
    },
    /// One a line; pages where the room takes fewer.
    List,
    /// Moving about: back, skip, cancel, home.
    Navigation,
}

/// Something to press or choose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// Does one thing.
    Button(Button),
    /// Opens an address outside.
    Link {
        /// What it says.
        label: String,
        /// Absolute `http` or `https` address, or one of the bot's own pages beginning with `/`.
        url: String,
    },
    /// Picks among options.
    Choice(Choice),
    /// On or off.
    Toggle(Toggle),
    /// Places to look at and to work on.
    Board(Board),
}

/// A button.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Button {
    /// What it says.
    pub label: String,
    /// What it does.
    pub action: Action,
    /// How it looks.
    #[serde(default)]
    pub role: Role,
    /// Asked before it acts, where it cannot be undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirm: Option<Confirmation>,
}

/// How a button looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// One among others.
    #[default]
    Normal,
    /// What most people want here; at most one a screen.
    Primary,
    /// Destroys something.
    Danger,
}

/// A question before a button acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// What is asked.
    pub question: String,
    /// What the "go ahead" says.
    pub proceed: String,
    /// What the "rather not" says.
    pub keep: String,
}

/// Options to pick from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// What is chosen.
    pub label: String,
    /// Whether several may be chosen; each option's action then switches it.
    #[serde(default)]
    pub multiple: bool,
    /// The options, each with an action of its own.
    pub options: Vec<OptionControl>,
}

/// One option of a choice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OptionControl {
    /// What it says.
    pub label: String,
    /// A second line, where there is room.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
    /// Whether it is chosen now.
    pub selected: bool,
    /// What choosing it does.
    pub action: Action,
}

/// A switch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Toggle {
    /// What is switched.
    pub label: String,
    /// Whether it is on now.
    pub on: bool,
    /// What switching it does.
    pub action: Action,
}

/// A contact sheet whose places can be opened and, where the platform has room for that, changed where they stand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Board {
    /// What it shows.
    pub label: String,
    /// The places, in order.
    pub places: Vec<BoardPlace>,
    /// Takes changes made in place: a form with [`Board::PLACE`], the label of the place's tile, and either
    /// [`Board::TO`], the label of the place to move it to, or [`Board::TEXT`], its new text. Whatever it does can be
    /// done from an opened place too: a renderer may leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit: Option<Action>,
    /// Characters a text may have; 0 when places have none.
    #[serde(default)]
    pub max_chars: u32,
}

/// One place of a board.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoardPlace {
    /// What is there.
    pub tile: Tile,
    /// The text that belongs to it, as it can be changed in place; absent when it cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What opening it does; absent when there is nothing to open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<Action>,
}

impl Board {
    /// Field of an edit: which place.
    pub const PLACE: &str = "place";
    /// Field of an edit: the place it goes to.
    pub const TO: &str = "to";
    /// Field of an edit: its new text; empty takes the text away.
    pub const TEXT: &str = "text";
}

impl Control {
    /// A plain button.
    pub fn button(label: impl Into<String>, action: Action) -> Self {
        Self::Button(Button {
            label: label.into(),
            action,
            role: Role::Normal,
            confirm: None,
        })
    }

    /// The button most people want here.
    pub fn primary(label: impl Into<String>, action: Action) -> Self {
        Self::Button(Button {
            label: label.into(),
            action,
            role: Role::Primary,
            confirm: None,
        })
    }

    /// A button that destroys something, after a question.
    pub fn danger(label: impl Into<String>, action: Action, confirm: Confirmation) -> Self {
        Self::Button(Button {
            label: label.into(),
            action,
            role: Role::Danger,
            confirm: Some(confirm),
        })
    }

    /// The actions of this control, in the order of their indices; a link has none.
    pub fn actions(&self) -> Vec<&Action> {
        match self {
            Self::Button(button) => vec![&button.action],
            Self::Link { .. } => vec![],
            Self::Choice(choice) => choice.options.iter().map(|option| &option.action).collect(),
            Self::Toggle(toggle) => vec![&toggle.action],
            Self::Board(board) => {
                let places = board.places.iter().filter_map(|place| place.open.as_ref());
                places.chain(&board.edit).collect()
            }
        }
    }
}
