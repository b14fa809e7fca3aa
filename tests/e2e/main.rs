//! The browser, end to end: what a newcomer does, on real pictures, against the real program.

mod bad_input;
mod board;
#[path = "../bot/mod.rs"]
mod bot;
mod hands;
mod kill;
mod many;
mod page;
#[path = "../peers/mod.rs"]
mod peers;
mod pictures;
mod remedies;
mod whole_path;
