//! A small adapter: lines of JSON in, lines of JSON out. The book's page "Writing an adapter" is made of this crate.
//!
//! Owns what the lines say and how they become events. Does not own who is at the other end: a program that starts the
//! bot, a socket, a test. There is one room with one person in it.

mod adapter;
mod incoming;
mod outgoing;

pub use adapter::{LIMIT, Lines};
pub use incoming::{Line, What};
pub use outgoing::{Control, Out, Receipt};
