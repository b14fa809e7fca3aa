//! The store on real servers.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod keeping;
mod server;
mod suite;
mod troubles;
