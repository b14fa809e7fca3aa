//! The border between the bot and whatever trains.
//!
//! Owns the [`Engine`] and [`Captioner`] traits, their conformance suite and the supervision of runs: claiming
//! them, following an engine's progress, collecting its file. Does not own what a run is (training) nor how
//! any engine works (the plugins in `engines/`).

mod captioner;
#[cfg(feature = "conformance")]
pub mod conformance;
mod engine;
mod template;

pub use captioner::{CaptionError, CaptionRequest, Captioner};
pub use engine::{
    Collected, Engine, EngineError, EngineFailure, Job, JobPicture, ProgressStream, Report,
};
pub use template::TemplateCaptioner;
