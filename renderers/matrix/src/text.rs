//! Text as it can stand in a room.

use std::borrow::Cow;

use lorikeet_chat::TextUnit;
pub(crate) use lorikeet_chat::text::{beside, cells, clean, is_blank, line};

/// A line's beginning of at most so many characters; never nothing, because something has to be chosen.
pub(crate) fn label(text: &str, characters: usize) -> Cow<'_, str> {
    lorikeet_chat::text::label(text, characters, TextUnit::Chars)
}
