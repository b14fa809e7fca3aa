//! The page without a browser: what is sent, and what is read.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "a file of several test programs, each using its part"
)]

pub(crate) mod http;
pub(crate) mod page;
