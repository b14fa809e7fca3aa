//! The site as a browser sees it.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop where it is"
)]

mod access;
mod conformance;
mod kit;
mod live;
mod sending;
mod showing;
