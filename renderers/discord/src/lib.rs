//! From an abstract screen to messages of Discord.
//!
//! Owns how blocks, controls and prompts look in a chat: an embed of the platform's markdown, pictures to be drawn, buttons and
//! choices below the last message, forms that buttons open, and what is lost where a room's limits are tight. Does not own
//! the calls that carry it, who may press a button or the drawing itself (the adapter), nor what a control does (the session).

mod blocks;
mod draft;
mod facts;
mod layout;
pub mod limits;
mod markdown;
mod menu;
mod notes;
mod passage;
mod prompt;
mod rows;
mod text;
mod wire;

use lorikeet_chat::{
    Capabilities, FileLimits, MenuLimits, Page, PageToken, Present, Rendered, Support, TextLimits,
    TextUnit,
};

use draft::Draft;

pub use wire::{
    Button, Does, Embed, EmbedField, Footer, Image, Input, Modal, Payload, Row, Select,
    SelectOption, Style,
};

/// Where a screen goes.
#[derive(Clone, Copy, Debug)]
pub struct Room<'a> {
    /// What the room can show and take. One without rich text is one that shows no embeds.
    pub capabilities: &'a Capabilities,
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
            options: limits::OPTIONS,
        },
        files: FileLimits {
            receive: limits::DOWNLOAD,
            send: limits::UPLOAD,
            per_message: limits::ATTACHMENTS,
        },
        images: Support::Full,
        forms: Support::Full,
        edits: Support::Full,
        edits_per_minute: limits::EDITS_PER_MINUTE,
    }
}

/// Renders one page of a screen. Total: any screen, any room, any page; one that is not there is the first.
///
/// A screen is one message with one embed where that is possible: title, text, facts, picture and place, controls below. A longer
/// text is several messages, the picture in the first, the controls below the last. [`Page::File`] is a message of its
/// own: what the screen shows stays as it is.
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

/// The form that a button of the screen opens, on whichever page the button is; none where the screen is another by now or has no
/// such form.
pub fn modal(present: &Present, room: &Room<'_>, token: PageToken) -> Option<Modal> {
    let mut draft = Draft::new(present, room);
    draft.read();
    let mut modals = draft.modals.into_iter();
    modals.find(|modal| modal.custom_id == token)
}
