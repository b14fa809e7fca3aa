//! The page without a browser: what is sent, and what is read.

pub mod http;
pub mod page;
