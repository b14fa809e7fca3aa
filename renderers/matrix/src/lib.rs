//! From an abstract screen to messages of Matrix.
//!
//! Owns how blocks, controls and prompts look in a room that has no buttons: text and HTML of the platform's subset, pictures to
//! be drawn, a numbered list of controls with a reaction for each of the first ten, how a typed answer or a reaction is read, and
//! the content of events. Does not own the calls that carry them, who may choose or the drawing itself (the adapter), nor what a
//! control does (the session).

mod blocks;
mod draft;
mod keys;
pub mod limits;
mod menu;
mod notes;
mod passage;
mod poll;
mod prompt;
mod rows;
mod text;
mod wire;

use lorikeet_chat::{
    Art, Capabilities, FileBlock, FileLimits, MenuLimits, Page, Present, Rendered, Support,
    TextLimits, TextUnit,
};
use serde::Serialize;

use draft::Draft;

pub use keys::{Awaits, Does, Key, Typed, reacted, reaction, typed};
pub use poll::{Answer, POLL, Poll, VOTES};
pub use wire::{Content, Mentions, Relation, Reply};

/// Where a screen goes.
#[derive(Clone, Copy, Debug)]
pub struct Room<'a> {
    /// What the room can show and take. `buttons` are the bot's own reactions: none are placed below
    /// [`Support::Partial`].
    pub capabilities: &'a Capabilities,
    /// What stands before a command, and before a control's number where something else is awaited.
    pub prefix: &'a str,
    /// Whether a choice of one comes as a poll, too.
    pub polls: bool,
    /// What turning pages is called in the person's language.
    pub words: Words<'a>,
}

/// What turning pages is called.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// To the next.
    pub on: &'a str,
    /// To the one before.
    pub back: &'a str,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// Pictures to be drawn one under the other into one.
    Picture {
        /// What is on it.
        art: Vec<Art>,
        /// What it shows, for who cannot see it: one line, never empty.
        alt: String,
    },
    /// Words.
    Text(Text),
    /// A file.
    File(FileBlock),
}

/// Words, and what can be chosen after them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Text {
    /// All of it as plain text.
    pub body: String,
    /// All of it as HTML of the platform's subset, at most [`limits::MESSAGE`] bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
}

/// A screen's messages, and what can be chosen once they are there.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The messages, and what was lost. The controls are listed at the end of the last text.
    pub rendered: Rendered<Payload>,
    /// The controls by their place in the list.
    pub keys: Vec<Key>,
    /// What a person's next words are.
    pub awaits: Awaits,
    /// The choices of one among the controls, to be voted on.
    pub polls: Vec<Poll>,
}

impl Shown {
    /// The reactions to be placed below the last text, in order.
    pub fn reactions(&self, room: &Room<'_>) -> Vec<String> {
        if has_reactions(room) {
            (0..self.keys.len()).map_while(reaction).collect()
        } else {
            Vec::new()
        }
    }
}

fn has_reactions(room: &Room<'_>) -> bool {
    room.capabilities.menu.buttons >= Support::Partial
}

/// The platform's best room.
pub fn capabilities() -> Capabilities {
    Capabilities {
        text: TextLimits {
            message: limits::MESSAGE,
            unit: TextUnit::Bytes,
            rich: Support::Full,
        },
        menu: MenuLimits {
            // Reactions and a number to type.
            buttons: Support::Partial,
            per_row: limits::PER_ROW,
            total: limits::CONTROLS,
            label: limits::LABEL,
            options: limits::CONTROLS,
        },
        files: FileLimits {
            receive: limits::UPLOAD,
            send: limits::UPLOAD,
            per_message: 1,
        },
        images: Support::Full,
        // Field by field, each a page of its own.
        forms: Support::Fallback,
        edits: Support::Full,
        edits_per_minute: limits::EDITS_PER_MINUTE,
    }
}

/// Renders one page of a screen. Total: any screen, any room, any page; one that is not there is the first.
///
/// A screen is one message where that is possible, and one more before it for its pictures; a longer text is several messages.
/// [`Page::File`] is a message of its own: what the screen shows stays as it is.
pub fn render(present: &Present, room: &Room<'_>) -> Shown {
    let mut draft = Draft::new(present, room);
    if let Page::File(number) = present.page
        && let Some(file) = present.screen.files().nth(number as usize)
    {
        return draft.file(file);
    }
    draft.read();
    match present.page {
        Page::First | Page::File(_) => draft.whole(0),
        Page::More(number) => draft.whole(number),
        Page::Question(action) => draft.question(action),
        Page::Field(number) => draft.field(number),
    }
}
