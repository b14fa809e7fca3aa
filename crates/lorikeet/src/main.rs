//! The Lorikeet binary: configuration, the list of plugins, telemetry, the command line.
//!
//! Everything is put together here and nowhere else; no other crate names a concrete store, adapter or engine.

mod blobs;
mod bot;
mod check;
mod cli;
mod config;
mod courier;
mod gallery;
mod health;
mod locks;
mod plugins;
mod reader;
mod telemetry;
mod workers;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    match cli::run(cli::Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// The error for whoever started the program: one sentence, then what lies beneath.
#[expect(
    clippy::print_stderr,
    reason = "the last word of a program that could not do its work"
)]
fn complain(error: &anyhow::Error) {
    eprintln!("lorikeet: {error:#}");
}
