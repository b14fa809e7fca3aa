//! The dialog from outside: a small bot that books seats, driven event by event.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a conversation that goes another way ends the test"
)]

mod background;
mod building;
mod commands;
mod form;
mod language;
mod press;
mod reads;
mod seats;
mod stack;
mod stored;
mod talk;
mod walks;
