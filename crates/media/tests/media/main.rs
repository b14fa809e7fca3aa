//! Media, by its public interface and on real files made by `samples`.
#![expect(clippy::unwrap_used, reason = "tests")]

mod archives;
mod blobs;
mod hostile;
mod intake;
mod normal;
mod packs;
#[cfg(feature = "s3")]
mod s3;
mod warnings;
