//! Commands: names, aliases, typed arguments, help, who may.

use lorikeet_flow::Message;
use serde_json::{Map, Value};

/// A command people can type or choose.
#[derive(Clone, Debug)]
pub struct Command {
    /// Its name: lower-case letters, digits, `_`.
    pub name: &'static str,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// Id of the one-line help.
    pub summary: &'static str,
    /// What may be typed after it.
    pub argument: Option<Argument>,
    /// What is said where pictures can come along with a command: that they go where pictures are awaited.
    pub pictures: Option<Pictures>,
    /// Who may use it.
    pub who: Who,
    /// What it does.
    pub opens: Opens,
}

/// Who may use a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Everybody who may talk to the bot.
    Everyone,
    /// Those the configuration names.
    Operators,
}

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens {
    /// Leaves whatever is going on and starts a flow; the argument is the flow's.
    Flow(&'static str),
    /// Leaves whatever is going on for the flow that shows when nothing else does, at its beginning. What that flow
    /// knows stays, unlike after [`Opens::Flow`].
    Home,
    /// Starts a flow on top of what is going on, which is there again afterwards.
    Over(&'static str),
    /// Sets the language typed after it; without one, starts a flow on top in which to choose: its controls are this
    /// command with each language's tag.
    Language(&'static str),
    /// Leaves the flow on top.
    Cancel,
}

/// What may be typed after a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Key in the flow's arguments.
    pub name: &'static str,
    /// Id of the one line that says what it is.
    pub summary: &'static str,
    /// Its type.
    pub kind: ArgumentKind,
    /// Whether the command makes no sense without it.
    pub required: bool,
}

/// The words for pictures that come along with a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pictures {
    /// Id of the one line that says where they go.
    pub summary: &'static str,
    /// Id of the one line that says what the text beside them is.
    pub caption: &'static str,
}

/// The type of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentKind {
    /// The rest of the line.
    Text,
    /// A whole number.
    Number,
    /// The rest of the line, which only who types it may bring: a link that somebody else made must not.
    Secret,
}

impl Command {
    /// Reads what was typed after the command as the arguments of its flow: an object with at most one key.
    ///
    /// # Errors
    /// The sentence that says what was expected.
    pub(crate) fn arguments(&self, typed: &str) -> Result<Value, Message> {
        let typed = typed.trim();
        let mut arguments = Map::new();
        match self.argument {
            // Words after a command that takes none are most likely chatter: no reason to refuse it.
            None => {}
            Some(argument) if typed.is_empty() && argument.required => {
                return Err(Message::new("dialog-argument-missing").text("command", self.name));
            }
            Some(_) if typed.is_empty() => {}
            Some(argument) => {
                let value = match argument.kind {
                    ArgumentKind::Text | ArgumentKind::Secret => Value::from(typed),
                    ArgumentKind::Number => {
                        let number = typed.parse::<u32>().map_err(|_| {
                            Message::new("dialog-argument-number")
                                .text("command", self.name)
                                .text("typed", typed)
                        })?;
                        Value::from(number)
                    }
                };
                arguments.insert(argument.name.to_owned(), value);
            }
        }
        Ok(Value::Object(arguments))
    }
}
