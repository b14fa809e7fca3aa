//! What the platform takes, as of Bot API 10.1. Marked (C): known from experience, not from the documentation.

/// Text of a message in UTF-16 units, after parsing. <https://core.telegram.org/bots/api#sendmessage>
pub const MESSAGE: u32 = 4_096;
/// Text below a photo or a file in UTF-16 units, after parsing. <https://core.telegram.org/bots/api#sendphoto>
pub const CAPTION: u32 = 1_024;
/// Bytes of what a button carries. <https://core.telegram.org/bots/api#inlinekeyboardbutton>
pub const CALLBACK_DATA: usize = 64;
/// Bytes that an adapter may add to what a button carries, to say whose it is.
pub const OWNER: usize = 14;
/// Buttons below a message (C). <https://core.telegram.org/bots/api#inlinekeyboardmarkup>
pub const BUTTONS: u32 = 100;
/// Buttons side by side (C). <https://core.telegram.org/bots/api#inlinekeyboardmarkup>
pub const PER_ROW: u32 = 8;
/// Bytes of the keyboard as JSON (C). <https://core.telegram.org/bots/api#inlinekeyboardmarkup>
pub const MARKUP: usize = 10_000;
/// Characters of a label. The platform takes more and shows the beginning: this is what can be read on a phone.
pub const LABEL: u32 = 64;
/// Characters of what an empty field for input says. <https://core.telegram.org/bots/api#forcereply>
pub const PLACEHOLDER: usize = 64;
/// Bytes of an address on a button. Not documented; what browsers and servers agree on.
pub const ADDRESS: usize = 2_048;
/// Bytes of a file a bot may receive. <https://core.telegram.org/bots/api#getfile>
pub const DOWNLOAD: u64 = 20 << 20;
/// Bytes of a file a bot may send. <https://core.telegram.org/bots/api#senddocument>
pub const UPLOAD: u64 = 50_000_000;
/// Files of an album. <https://core.telegram.org/bots/api#sendmediagroup>
pub const ALBUM: u32 = 10;
/// Edits a minute, as messages to a group are counted. <https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this>
pub const EDITS_PER_MINUTE: u32 = 20;
