//! The fake by plain HTTP: every rule refuses, and lets the nearest allowed case pass.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

mod albums;
mod callbacks;
mod chats;
mod client;
mod commands;
mod deletes;
mod edits;
mod faults;
mod files;
mod html;
mod keyboards;
mod people;
mod polling;
mod rates;
mod texts;
mod tokens;
mod webhooks;
