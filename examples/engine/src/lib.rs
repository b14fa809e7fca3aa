//! A small engine: it learns the average of the pictures, 16 × 16, and nothing else. The book's page "Writing an
//! engine" is made of this crate.
//!
//! Owns what an engine owes the bot: runs that are submitted once, survive a restart and can be stopped. Does not own
//! anything one would want to draw with: its file has one tensor that fits no model.

mod engine;
mod folder;
mod learn;
mod queue;

pub use engine::{Average, ENGINE};
