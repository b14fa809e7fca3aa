//! The embedded engine: trains a real LoRA on a small picture model, on the CPU, in about a minute.
//!
//! For demonstration and tests. Everything a large trainer does is here once, small: a base model
//! that ships with the crate, captions, noise, low-rank adapters, an optimizer, checkpoints,
//! samples, a LoRA file. The pictures are 64 × 64.
//!
//! Everything is a function of its arguments, seeds included; only the engine, which keeps runs in
//! a directory and threads, looks at a clock.

mod base;
mod base_model;
mod caption;
mod draw;
mod engine;
mod error;
mod file;
mod flow;
mod lora;
mod model;
mod ops;
mod optimizer;
mod picture;
mod random;

pub use base::BaseTrainer;
pub use base_model::BaseModel;
pub use draw::{Drawing, draw, draw_lorikeets};
pub use engine::{ENGINE, TinyEngine};
pub use error::Error;
pub use file::{About, read_lora, write_lora};
pub use lora::{Item, Lora, Settings, StepReport, Trainer, sample};
pub use picture::{Picture, SIDE, grid, nearest_distance};
