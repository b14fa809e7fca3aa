//! Discord, end to end: people in channels of a Discord of the tests' own, and the real program on the other side.

mod chat;
mod door;
mod fleet;
mod gateway;
mod linking;
mod odd;
mod path;
mod rooms;
mod stage;
