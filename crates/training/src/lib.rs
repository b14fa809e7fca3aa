//! LoRA training as a feature of the bot: models, validators, the repository border, the service that carries out
//! effects, and the flows, commands and screens people meet.
//!
//! Owns what a LoRA, a dataset and a run are and which of their changes are allowed. Does not own how a platform
//! shows it, how rows are kept (store-sql) or how an engine trains (engine and the plugins). No clock, no
//! randomness, no I/O: the service and the repository are traits and plain async functions over traits.

mod accounts;
mod arrival;
#[cfg(feature = "conformance")]
pub mod conformance;
mod domain;
pub mod flows;
mod linking;
#[cfg(feature = "conformance")]
pub mod memory;
mod model;
mod repository;
mod service;
pub mod wire;

pub use accounts::{
    Accounts, Attempt, CODE_FOR, Facts, Joined, TRIES, TRIES_WITHIN, Tries, judge as judge_join,
};
pub use domain::{Answer, Limits, Query, RunView, Training};
pub use model::account::{Account, LinkCode, Member, Offer};
pub use model::bulk::{BulkEdit, BulkProblem};
pub use model::caption::{
    Caption, CaptionProblem, FusedWord, MAX_CAPTION_CHARS, audit as audit_captions,
};
pub use model::dataset::{
    Added, Dataset, DatasetHash, Picture, Place, Placed, Problem, Slot, SlotContent, SlotNumber,
};
pub use model::id::{EngineId, LoraId, Owner, RunId};
pub use model::lora::{Lora, LoraSummary, VersionNumber};
pub use model::name::{LoraName, NameProblem, TokenProblem, Trigger, slug};
pub use model::offer::{
    BaseModel, CaptionStyle, EngineOffer, Estimate, FEW_PICTURES, FEW_PICTURES_STEPS, PresetRule,
    SettingRanges, StepRule,
};
pub use model::run::{Artifact, Failure, Progress, Run, RunPicture, RunState, Sample, Standing};
pub use model::settings::{Preset, Setting, SettingProblem, Settings};
pub use repository::{
    Claimable, ClaimedRun, Deleted, Inserted, Repository, RepositoryError, Saved, Updated,
    judge_save,
};
pub use service::{Asker, Courier, LOCK_FOR, Lock, Locks, Service, ServiceError};
