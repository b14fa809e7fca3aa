//! Matrix, end to end: people at clients that are not the bot's, a real homeserver between, and the real program on the other side.

mod fleet;
mod obligations;
mod odd;
mod path;
mod rooms;
mod stage;
mod trouble;
