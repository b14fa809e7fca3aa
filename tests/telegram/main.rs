//! Telegram, end to end: people in chats of a Telegram of the tests' own, and the real program on the other side.

mod away;
mod begin;
mod chat;
mod door;
mod engine;
mod fleet;
mod odd;
mod path;
mod rates;
mod rooms;
mod stage;
mod trouble;
mod words;
