//! What every trainer can do.

use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures::Stream;
use lorikeet_chat::BlobId;
use lorikeet_training::{EngineOffer, Estimate, RunId, SettingProblem, Settings, Trigger};

/// A plugin that trains.
///
/// Obligations, checked by [`conformance`](crate::conformance):
/// - `submit` is idempotent by run id: a second call with the same id starts nothing;
/// - `observe` can be called again at any time, by several at once and after a restart of the bot, and then goes on
///   from where the run is; every stream ends with exactly one terminal report or an error;
/// - a stop that was asked for outlives a restart;
/// - `cancel` and `forget` of an unknown run do nothing and succeed, `observe` and `collect` say
///   [`EngineFailure::Unknown`];
/// - dropping the engine, a stream or a call stops no run.
#[async_trait]
pub trait Engine: Send + Sync {
    /// What it offers: base models, ranges, presets. Cheap and constant.
    fn offer(&self) -> EngineOffer;

    /// What a run of these settings should take, by what was measured.
    fn estimate(&self, settings: &Settings, pictures: usize) -> Estimate;

    /// Whether the engine would take these settings; beyond ranges, whatever else it knows.
    ///
    /// # Errors
    /// Every setting it would not take.
    fn validate(&self, settings: &Settings) -> Result<(), Vec<SettingProblem>> {
        self.offer().check(settings)
    }

    /// How many runs it works on at once; at least 1.
    fn capacity(&self) -> usize {
        1
    }

    /// Hands over a run. Returns once the engine has it for good: a restart of the bot does not lose it.
    ///
    /// # Errors
    /// [`EngineError`], which says whether a repeat makes sense.
    async fn submit(&self, job: &Job) -> Result<(), EngineError>;

    /// Follows a run that was submitted, from where it is now.
    ///
    /// # Errors
    /// [`EngineFailure::Unknown`] when the engine does not know the run (any more).
    async fn observe(&self, run: &RunId) -> Result<ProgressStream, EngineError>;

    /// Asks a run to stop, keeping its last checkpoint. Its stream then ends with [`Report::Cancelled`].
    ///
    /// # Errors
    /// When the engine cannot be reached.
    async fn cancel(&self, run: &RunId) -> Result<(), EngineError>;

    /// Fetches what a finished or cancelled run made; may be repeated until [`Engine::forget`].
    ///
    /// # Errors
    /// When there is nothing to fetch or the engine cannot be reached.
    async fn collect(&self, run: &RunId) -> Result<Collected, EngineError>;

    /// Lets the engine drop everything it keeps of a run.
    ///
    /// # Errors
    /// When the engine cannot be reached.
    async fn forget(&self, run: &RunId) -> Result<(), EngineError>;
}

/// Everything an engine needs to train.
#[derive(Clone, Debug)]
pub struct Job {
    /// The run: the key of idempotency.
    pub run: RunId,
    /// A title for the file's metadata: name and version.
    pub title: String,
    /// The trigger word.
    pub trigger: Trigger,
    /// The pictures, each with its full caption, trigger word included.
    pub pictures: Vec<JobPicture>,
    /// What it is asked to do; validated.
    pub settings: Settings,
}

/// One picture of a job.
#[derive(Clone, Debug)]
pub struct JobPicture {
    /// Its content address.
    pub id: BlobId,
    /// The normalised picture: PNG or JPEG, sRGB, no metadata.
    pub bytes: Bytes,
    /// The full caption.
    pub caption: String,
}

/// What an engine says while it works. Ends after the first terminal report.
pub type ProgressStream = Pin<Box<dyn Stream<Item = Result<Report, EngineError>> + Send>>;

/// One report.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// Waiting in the engine's own queue, behind so many.
    Queued {
        /// Runs before this one.
        ahead: u32,
    },
    /// Loading.
    Preparing,
    /// Steps were made.
    Step {
        /// Steps made so far; may fall when a run goes back to its checkpoint.
        step: u32,
        /// Steps in all.
        total: u32,
        /// Smoothed loss.
        loss: f64,
        /// Steps a second, lately.
        speed: f64,
    },
    /// A sample picture.
    Sample {
        /// The step it was made at.
        step: u32,
        /// What it was asked to show.
        prompt: String,
        /// An encoded picture: PNG or JPEG.
        image: Bytes,
    },
    /// Terminal: it worked; the file can be collected.
    Finished,
    /// Terminal: it was stopped; a checkpoint may be there to collect.
    Cancelled,
    /// Terminal: it did not work.
    Failed {
        /// Why, in a sentence of the engine's.
        reason: String,
    },
}

impl Report {
    /// Whether nothing comes after it.
    pub const fn is_terminal(&self) -> bool {
        matches!(self, Self::Finished | Self::Cancelled | Self::Failed { .. })
    }
}

/// What a run made.
#[derive(Clone, Debug)]
pub struct Collected {
    /// The `.safetensors` file.
    pub file: Bytes,
    /// The step it is from.
    pub step: u32,
}

/// An engine's call that failed.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct EngineError {
    /// What to do about it.
    pub failure: EngineFailure,
    /// What happened, in a sentence for the person; never carries a token or a path.
    pub message: String,
}

/// What to do about a failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineFailure {
    /// Try again later.
    Retry,
    /// The engine does not know this run.
    Unknown,
    /// There is no room left for the engine's files.
    NoSpace,
    /// It will never work.
    Permanent,
}

impl EngineError {
    /// An error with what to do about it.
    pub fn new(failure: EngineFailure, message: impl Into<String>) -> Self {
        Self {
            failure,
            message: message.into(),
        }
    }
}
