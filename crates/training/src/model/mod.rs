//! Plain data and the rules it keeps; nothing here talks to anything.

pub(crate) mod account;
pub(crate) mod bulk;
pub(crate) mod caption;
pub(crate) mod dataset;
pub(crate) mod id;
pub(crate) mod lora;
pub(crate) mod name;
pub(crate) mod offer;
pub(crate) mod run;
pub(crate) mod settings;
