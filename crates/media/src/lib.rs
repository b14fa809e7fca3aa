//! Media: blobs by content address, and everything between a picture as somebody sent it and a
//! picture that may be trained on.
//!
//! - [`Blobs`] keeps bytes under the SHA-256 of themselves, in a directory or in memory.
//! - [`picture`] judges and normalises one picture: a pure function of its bytes.
//! - [`archive`] reads a zip of pictures and captions, one entry at a time.
//! - [`pack()`] writes such a zip.
//! - `art` draws a screen's pictures from blobs, for platforms that take one picture a message.
//! - [`Intake`] joins them: a stream of bytes in, two blobs and a verdict out.
//!
//! All input is hostile here. What this crate does not do: say anything to anybody (refusals and
//! warnings carry a code and numbers, the caller has the words), know slots or LoRAs, or decide when
//! a blob is no longer needed.

pub mod archive;
#[cfg(feature = "draw")]
pub mod art;
mod blobs;
mod intake;
mod pack;
pub mod picture;
#[cfg(feature = "samples")]
pub mod samples;

pub use blobs::{BlobError, Blobs, Content, OpenError, Stored};
pub use intake::{Ingested, Intake, IntakeError};
pub use pack::pack;
