//! Matrix for programs under test: a real homeserver, and people at clients that are not the bot's.

mod homeserver;
mod person;

pub use homeserver::{Homeserver, PASSWORD};
pub use person::{Chat, PATIENCE, Person, Seen};
