//! Matrix, end to end: people at clients that are not the bot's, a real homeserver between, and the real program on the other side.

mod homeserver;
mod odd;
mod path;
mod person;
mod stage;
mod trouble;
