//! Text as it can stand in a chat, counted as Discord counts it.

use std::borrow::Cow;

use lorikeet_chat::TextUnit;
pub(crate) use lorikeet_chat::text::{beside, cells, clean, is_blank, line};

/// A beginning of at most so many UTF-16 units.
pub(crate) fn short(text: &str, units: usize) -> Cow<'_, str> {
    lorikeet_chat::text::short(text, units, TextUnit::Utf16)
}

/// A line's beginning of at most so many UTF-16 units; never nothing, because something has to be pressed.
pub(crate) fn label(text: &str, units: usize) -> Cow<'_, str> {
    lorikeet_chat::text::label(text, units, TextUnit::Utf16)
}

/// The length of a text in UTF-16 units.
pub(crate) fn units(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        TextUnit::Utf16.measure(text)
    }
}
