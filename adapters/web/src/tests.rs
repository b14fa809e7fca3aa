//! The site as a browser sees it.

mod access;
mod conformance;
mod kit;
mod live;
mod sending;
mod showing;
