//! What a room can show and take. Per room, not per platform: graded, with numbers.

use serde::{Deserialize, Serialize};

/// How well a room supports something, from worst to best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Support {
    /// A message with it is refused.
    Rejected,
    /// It vanishes without a word.
    Dropped,
    /// It must be said in another way.
    Fallback,
    /// It works with losses.
    Partial,
    /// It works.
    Full,
}

/// What a renderer may use in a room, and how much of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// Text.
    pub text: TextLimits,
    /// Controls.
    pub menu: MenuLimits,
    /// Files sent and received.
    pub files: FileLimits,
    /// Pictures inside a message.
    pub images: Support,
    /// Forms with several fields.
    pub forms: Support,
    /// Changing a message that was sent.
    pub edits: Support,
    /// Edits of one message a minute that a room takes well: news are spaced by it, what a person asks for is not.
    pub edits_per_minute: u32,
}

/// Limits of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextLimits {
    /// Length of one message at most, in `unit`s.
    pub message: u32,
    /// What `message` counts.
    pub unit: TextUnit,
    /// Bold, code and the like.
    pub rich: Support,
}

/// What a length counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextUnit {
    /// Unicode scalar values.
    Chars,
    /// UTF-16 code units.
    Utf16,
    /// Bytes of UTF-8.
    Bytes,
}

impl TextUnit {
    /// The length of a text in this unit.
    pub fn measure(self, text: &str) -> usize {
        match self {
            Self::Chars => text.chars().count(),
            Self::Utf16 => text.encode_utf16().count(),
            Self::Bytes => text.len(),
        }
    }
}

/// Limits of controls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuLimits {
    /// Buttons as such.
    pub buttons: Support,
    /// Buttons side by side, at most.
    pub per_row: u32,
    /// Controls on one message, at most.
    pub total: u32,
    /// Characters of a label, at most.
    pub label: u32,
    /// Options of one choice, at most.
    pub options: u32,
}

/// Limits of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileLimits {
    /// Bytes of a file a person may send, at most.
    pub receive: u64,
    /// Bytes of a file the bot may send, at most.
    pub send: u64,
    /// Files in one message, at most.
    pub per_message: u32,
}
