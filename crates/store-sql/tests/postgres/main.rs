//! PostgreSQL passes the suite of repositories, holds its promises to many processes, and says what is wrong.
//!
//! `LORIKEET_TEST_POSTGRES` is the address of a superuser with a password on a server that runs; `tests/run store`
//! starts one. Every test has a database or schema of its own there.

#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(clippy::panic, reason = "tests")]

mod claims;
mod crowd;
mod failures;
mod kit;
mod opening;
mod own;
mod restart;
mod suite;
