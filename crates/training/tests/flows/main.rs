//! The feature's dialog from a person's side: conversations with a bot whose records are in memory, whose pictures and
//! runs are scripted, and whose sessions are written down and read again between any two turns.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a conversation that goes another way ends the test"
)]

mod diagrams;
mod input;
mod languages;
mod leaving;
mod linking;
mod locales;
mod messages;
mod path;
mod pictures;
mod remedies;
mod runs;
mod samples;
mod sharing;
mod stored;
mod support;
mod walks;
