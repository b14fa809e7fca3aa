//! Plain data and the rules it keeps; nothing here talks to anything.

pub mod caption;
pub mod dataset;
pub mod id;
pub mod lora;
pub mod name;
pub mod offer;
pub mod run;
pub mod settings;
