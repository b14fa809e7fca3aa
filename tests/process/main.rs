//! The program itself: command line, configuration, and ground it cannot stand on.

#[path = "../bot/mod.rs"]
mod bot;
mod command_line;
mod ground;
#[path = "../peers/mod.rs"]
mod peers;
mod stores;
#[path = "../web/mod.rs"]
mod web;
