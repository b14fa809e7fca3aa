//! Sentences for people, still without a language: a Fluent message id and its arguments.

use std::borrow::Cow;

use lorikeet_chat::Level;
use serde::{Deserialize, Serialize};

/// The sentences the engine itself may say; every locale has to have them.
pub mod id {
    /// The step takes no such input. Arguments: `expected`, the kinds a person could send joined with `-`
    /// (`text`, `media`, `form`, `text-media`, …; `controls` when only the buttons count), and `got`, the kind that came.
    pub const EXPECTED: &str = "flow-expected";
    /// The value does not fit the step: its control was made by another version of the flow.
    pub const UNREADABLE: &str = "flow-unreadable";
    /// There is nothing to go back to.
    pub const NO_BACK: &str = "flow-no-back";
    /// The step cannot be skipped.
    pub const NO_SKIP: &str = "flow-no-skip";
    /// The step does not lead straight to the one asked for.
    pub const NO_JUMP: &str = "flow-no-jump";

    /// All of them.
    pub const ALL: [&str; 5] = [EXPECTED, UNREADABLE, NO_BACK, NO_SKIP, NO_JUMP];
}

/// A Fluent message and its arguments, localised further up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The Fluent message id.
    pub id: Cow<'static, str>,
    /// Arguments by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<(Cow<'static, str>, MessageArg)>,
}

/// An argument of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageArg {
    /// Put in as it is; hostile until the renderer escapes it.
    Text(String),
    /// Formatted for the locale, and what plurals look at.
    Number(f64),
}

impl Message {
    /// A message without arguments.
    pub fn new(id: impl Into<Cow<'static, str>>) -> Self {
        Self {
            id: id.into(),
            args: Vec::new(),
        }
    }

    /// The same message with a text argument.
    #[must_use]
    pub fn text(mut self, name: impl Into<Cow<'static, str>>, text: impl Into<String>) -> Self {
        self.args.push((name.into(), MessageArg::Text(text.into())));
        self
    }

    /// The same message with a number.
    #[must_use]
    pub fn number(mut self, name: impl Into<Cow<'static, str>>, number: impl Into<f64>) -> Self {
        let number = MessageArg::Number(number.into());
        self.args.push((name.into(), number));
        self
    }
}

/// A sentence to show beside the next view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// How grave.
    pub level: Level,
    /// The sentence.
    pub message: Message,
}

/// Why an input is not taken, in words for who sent it. Nothing changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rejection {
    /// What is wrong, and what would be right.
    pub message: Message,
}

impl Rejection {
    /// A rejection in the words of a message without arguments.
    pub fn new(id: impl Into<Cow<'static, str>>) -> Self {
        Message::new(id).into()
    }
}

impl From<Message> for Rejection {
    fn from(message: Message) -> Self {
        Self { message }
    }
}
