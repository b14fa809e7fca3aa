//! Keeps one training going: `lorikeet-keeper FOLDER`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let folder = std::env::args_os().nth(1);
    match folder.map(|folder| lorikeet_command::keep(folder.as_ref())) {
        Some(Ok(())) => ExitCode::SUCCESS,
        // Who started it reads the folder, not what would be printed.
        Some(Err(_)) | None => ExitCode::FAILURE,
    }
}
