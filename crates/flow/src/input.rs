//! What may reach a flow: answers to a step, and moves that need no answer.

use std::collections::BTreeMap;
use std::fmt;

use lorikeet_chat::{Attachment, Background};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Something a step may take as its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// The value of a control the step showed ([`Action::Input`](lorikeet_chat::Action)).
    Value(Value),
    /// A message of text.
    Text(String),
    /// A message of files.
    Media(Media),
    /// A form that was filled in: field name → what was typed.
    Form(BTreeMap<String, String>),
    /// A result or progress report of something wished for.
    Background(Background),
    /// What a flow called from here ended with.
    Returned(Returned),
}

/// Files sent in one message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// The files, in the order sent.
    pub items: Vec<Attachment>,
    /// Text that came with them; empty when none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Label of the board's place they were dropped on; empty when none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
}

/// The result of a flow that was called from the step which now gets it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Returned {
    /// The flow's name.
    pub flow: String,
    /// The result, in that flow's own type.
    pub result: Value,
}

/// The kinds of input, for schemas, diagrams and the sentence "I expected …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    /// [`Input::Value`].
    Value,
    /// [`Input::Text`].
    Text,
    /// [`Input::Media`].
    Media,
    /// [`Input::Form`].
    Form,
    /// [`Input::Background`].
    Background,
    /// [`Input::Returned`].
    Returned,
}

/// A move that answers nothing. The state stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Navigation {
    /// To the step before, by history.
    Back,
    /// On without an answer, where the step allows it.
    Skip,
    /// Straight to the named step, where the current one allows it.
    Jump(String),
    /// To the first of the steps it may start at, with the way there forgotten. Always works.
    Restart,
    /// Out of the flow. Always works.
    Cancel,
}

impl Input {
    /// Which kind of input this is.
    pub const fn kind(&self) -> InputKind {
        match self {
            Self::Value(_) => InputKind::Value,
            Self::Text(_) => InputKind::Text,
            Self::Media(_) => InputKind::Media,
            Self::Form(_) => InputKind::Form,
            Self::Background(_) => InputKind::Background,
            Self::Returned(_) => InputKind::Returned,
        }
    }
}

impl InputKind {
    /// The kind's name in messages and diagrams.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Text => "text",
            Self::Media => "media",
            Self::Form => "form",
            Self::Background => "background",
            Self::Returned => "returned",
        }
    }
}

impl fmt::Display for InputKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
