//! What the platform takes, as of Matrix specification 1.19. Marked (C): known from experience, not from the documentation.

/// Bytes of an event with all its keys and signatures. <https://spec.matrix.org/v1.19/client-server-api/#size-limits>
pub const EVENT: usize = 65_536;
/// Bytes of an event's content: what is left of [`EVENT`] once it is encrypted, which makes four of three, and has its keys.
pub const CONTENT: usize = 48_000;
/// Bytes of a message's text as HTML. As it stands and as HTML, each letter escaped, and the beginning of it for clients that
/// know no edits, it is no longer than [`CONTENT`].
pub const MESSAGE: u32 = 10_000;
/// Characters of an edit's text for clients that know no edits.
pub const FALLBACK: usize = 300;
/// Bytes of an address. Not documented; what browsers and servers agree on.
pub const ADDRESS: usize = 2_048;
/// Controls that can be overlooked in a list; more are pages.
pub const CONTROLS: u32 = 20;
/// Answers of a poll. <https://github.com/matrix-org/matrix-spec-proposals/pull/3381>
pub const POLL: usize = 20;
/// Controls that have a reaction.
pub const REACTIONS: u32 = 10;
/// Controls on one line.
pub const PER_ROW: u32 = 4;
/// Characters of a label: what can be read on one line.
pub const LABEL: u32 = 120;
/// Bytes of a file, where a server does not say: the usual setting of Synapse.
/// <https://element-hq.github.io/synapse/latest/usage/configuration/config_documentation.html#max_upload_size>
pub const UPLOAD: u64 = 50 << 20;
/// Edits a minute: what can still be read.
pub const EDITS_PER_MINUTE: u32 = 30;
/// Edits a minute where the homeserver said that it was too much. Synapse takes 12 events a minute from one person without being
/// told otherwise (C), and a picture with its text is two.
/// <https://element-hq.github.io/synapse/latest/usage/configuration/config_documentation.html#rc_message>
pub const EDITS_PER_MINUTE_LIMITED: u32 = 5;
