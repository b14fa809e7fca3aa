//! The engine from outside: one sample flow, driven by hand, by random walks and from garbage.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod definitions;
mod engine;
mod postcard;
mod snapshots;
mod stored;
mod walks;
