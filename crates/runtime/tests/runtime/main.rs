//! The runtime on the store in memory, with a platform, a logic and a service that tests play with. Time is moved by
//! hand: it stands still while anything can run.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

mod delivery;
mod hints;
mod intake;
mod placement;
mod recovery;
mod stopping;
mod turns;
mod work;
