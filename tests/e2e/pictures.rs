//! Picture files to send, drawn by the media crate's samples.

use std::path::{Path, PathBuf};

use anyhow::Result;
use lorikeet_media::samples;

/// `count` pictures that are fine, as files: PNG, JPEG and WebP by turns.
pub(crate) fn good(directory: &Path, count: u64) -> Result<Vec<PathBuf>> {
    (0..count)
        .map(|number| {
            let picture = samples::picture(number, 512, 384 + 16 * number as u32);
            let (name, bytes) = match number % 3 {
                0 => (format!("good-{number}.png"), samples::png(&picture)),
                1 => (format!("good-{number}.jpg"), samples::jpeg(&picture, 90)),
                _ => (format!("good-{number}.webp"), samples::webp(&picture)),
            };
            file(directory, &name, &bytes)
        })
        .collect()
}

/// `count` pictures of most of a megabyte each.
pub(crate) fn heavy(directory: &Path, count: u64) -> Result<Vec<PathBuf>> {
    (0..count)
        .map(|number| {
            let picture = samples::picture(number, 1_000 + 50 * number as u32, 1_000);
            file(
                directory,
                &format!("heavy-{number}.png"),
                &samples::png(&picture),
            )
        })
        .collect()
}

/// A file of these bytes.
pub(crate) fn file(directory: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf> {
    let path = directory.join(name);
    std::fs::write(&path, bytes)?;
    Ok(path)
}
