//! The supervisor on time moved by hand, with an engine that does what the test says.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod cancel;
mod engine;
mod failures;
mod kills;
mod life;
mod share;
mod slow;
mod world;
