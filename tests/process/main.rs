//! The program itself: command line, configuration, and ground it cannot stand on.

mod command_line;
mod ground;
mod stores;
