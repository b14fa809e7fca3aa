//! Pictures made from given input: what they look like, and what they say.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod facts;
mod golden;
mod scenes;
