//! The store on real servers.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod server;
mod suite;
mod troubles;
