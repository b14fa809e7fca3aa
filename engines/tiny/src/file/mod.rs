//! Files: the base model, LoRAs and checkpoints, all as safetensors.
//!
//! Equal input gives equal bytes: no clock, and keys in order. The safetensors crate writes its
//! metadata in the order of a hash map, so the small container is written here; reading is left to
//! the crate.

mod base;
mod checkpoint;
mod container;
mod lora;

pub(crate) use base::{read_base, write_base};
pub(crate) use checkpoint::{read_checkpoint, write_checkpoint};
pub use lora::{About, read_lora, write_lora};
