//! What the test programs share: the program under test as a process, the servers it talks to, its page as a client without a
//! browser sees it.

#![expect(
    clippy::missing_errors_doc,
    reason = "whatever fails here fails the test that called it"
)]

pub mod bot;
pub mod forward;
pub mod ground;
pub mod matrix;
pub mod peers;
pub mod proxy;
pub mod web;
