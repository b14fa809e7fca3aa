//! The site as a browser sees it.

mod access;
mod conformance;
pub(crate) mod kit;
mod language;
mod live;
mod sending;
mod showing;
