//! Trains with a program of this machine: kohya sd-scripts, ai-toolkit, or any other by a template.
//!
//! Owns what such a program is given (profiles, pure), what it says (progress, failures, pure), and its process: a keeper that
//! outlives the bot, a folder for each run, slots. Does not own what is trained, nor when.
//!
//! - A program is started as an argument vector, never by a shell.
//! - Everything that is known of a run lies in its folder, so that any process of the bot can go on with it.
//! - Success is a file that parses and is what was asked for, whatever the program says.

mod config;
mod dry_run;
mod engine;
mod failure;
mod file;
mod folder;
mod keeper;
mod profile;
mod progress;
mod watch;
mod yaml;

pub use config::{Base, Config, ConfigError, Profile};
pub use dry_run::{Finding, dry_run};
pub use engine::CommandEngine;
pub use keeper::keep;
