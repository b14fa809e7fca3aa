//! From an abstract screen to messages of Telegram.
//!
//! Owns how blocks, controls and prompts look in a chat: HTML of the platform's subset, pictures to be drawn, a keyboard
//! below the last message, and what is lost where a room's limits are tight. Does not own the calls that carry it, who
//! may press a button or the drawing itself (the adapter), nor what a control does (the session).

mod blocks;
mod draft;
mod keyboard;
pub mod limits;
mod menu;
mod notes;
mod passage;
mod prompt;
mod text;

use lorikeet_chat::{
    Art, Capabilities, FileBlock, FileLimits, MenuLimits, Page, PageToken, Present, Rendered,
    Support, TextLimits, TextUnit, Token,
};
use serde::Serialize;

use draft::Draft;

/// Where a screen goes.
#[derive(Clone, Copy, Debug)]
pub struct Room<'a> {
    /// What the room can show and take.
    pub capabilities: &'a Capabilities,
    /// Several people: a prompt asks for a reply, because a bot in a group hears nothing else.
    pub group: bool,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Payload {
    /// HTML of the platform's subset, for `parse_mode` HTML: at most [`limits::MESSAGE`] UTF-16 units after parsing, at
    /// most [`limits::CAPTION`] where there is `art` or a `document`. Empty only where there is `art`.
    pub text: String,
    /// Pictures to be drawn and put, one under the other, into the one photo of the message.
    pub art: Vec<Art>,
    /// Rows of buttons below the message.
    pub keyboard: Vec<Vec<Button>>,
    /// Asks for a reply to this message, which then has neither art nor a keyboard.
    pub reply: Option<Reply>,
    /// This message is a file with `text` as its caption.
    pub document: Option<FileBlock>,
}

/// A button below a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Button {
    /// What it says: one line.
    pub label: String,
    /// How it looks, where it is not one among others.
    pub style: Option<Style>,
    /// What pressing it does.
    pub does: Does,
}

/// How a button looks, as the Bot API calls it; older servers ignore it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// What most people want here.
    Primary,
    /// It does good.
    Success,
    /// It destroys something.
    Danger,
}

/// What pressing a button does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Does {
    /// Presses a control.
    Press(Token),
    /// Turns to a page of the screen.
    Turn(PageToken),
    /// Opens an absolute `http` or `https` address.
    Open(String),
}

/// A reply that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reply {
    /// What the field for input says while it is empty: 1 to [`limits::PLACEHOLDER`] characters.
    pub placeholder: String,
}

/// The platform's best room.
pub fn capabilities() -> Capabilities {
    Capabilities {
        text: TextLimits {
            message: limits::MESSAGE,
            unit: TextUnit::Utf16,
            rich: Support::Full,
        },
        menu: MenuLimits {
            buttons: Support::Full,
            per_row: limits::PER_ROW,
            total: limits::BUTTONS,
            label: limits::LABEL,
            options: limits::BUTTONS,
        },
        files: FileLimits {
            receive: limits::DOWNLOAD,
            send: limits::UPLOAD,
            per_message: limits::ALBUM,
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
/// A screen is one message where that is possible: text, keyboard and pictures in one. Where a text does not fit below a
/// picture, the pictures are a message of their own before it, and a longer text is several messages; the keyboard is below
/// the last. In a group a prompt's request for a reply comes after that. [`Page::File`] is a message of its own: what the
/// screen shows stays as it is.
pub fn render(present: &Present, room: &Room<'_>) -> Rendered<Payload> {
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
