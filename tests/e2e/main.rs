//! The browser, end to end: what a newcomer does, on real pictures, against the real program.

mod bad_input;
mod board;
mod door;
mod hands;
mod kill;
mod many;
mod page;
mod pictures;
mod remedies;
mod whole_path;
