//! The border between the bot and whatever trains.
//!
//! Owns the [`Engine`] and [`Captioner`] traits, their conformance suite and the supervision of runs: claiming
//! them, following an engine's progress, collecting its file. Does not own what a run is (training) nor how
//! any engine works (the plugins in `engines/`).

mod captioner;
mod captions;
#[cfg(feature = "conformance")]
pub mod conformance;
mod engine;
mod supervisor;
mod template;

pub use captioner::{CaptionError, CaptionRequest, Captioner};
pub use captions::CaptionService;
pub use engine::{
    Collected, Engine, EngineError, EngineFailure, Job, JobPicture, ProgressStream, Report,
};
pub use supervisor::{Pace, Parts, Supervisor};
pub use template::TemplateCaptioner;
