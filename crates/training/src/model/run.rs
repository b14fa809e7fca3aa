//! A run: one training of one LoRA version by one engine, with a durable status.

use lorikeet_chat::{BlobId, Conversation, Point, Timestamp};
use serde::{Deserialize, Serialize};

use super::dataset::DatasetHash;
use super::id::{LoraId, Owner, RunId};
use super::lora::VersionNumber;
use super::name::{LoraName, Trigger};
use super::settings::Settings;

/// One training. Everything the engine needs is in it, so that later edits of the LoRA change nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its id, derived from the press that started it.
    pub id: RunId,
    /// The LoRA it trains.
    pub lora: LoraId,
    /// Whose it is.
    pub owner: Owner,
    /// Where it was started; progress goes there.
    pub conversation: Conversation,
    /// The version it makes.
    pub version: VersionNumber,
    /// The version it comes after, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<VersionNumber>,
    /// The LoRA's name when it started.
    pub name: LoraName,
    /// The trigger word when it started.
    pub trigger: Trigger,
    /// Pictures with full captions, trigger word included.
    pub pictures: Vec<RunPicture>,
    /// Content hash of the pictures and captions.
    pub dataset: DatasetHash,
    /// What the engine is asked to do.
    pub settings: Settings,
    /// Where it stands.
    pub state: RunState,
    /// How far it is; kept when it ends.
    #[serde(default)]
    pub progress: Progress,
    /// When it was asked for.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
}

/// One picture of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunPicture {
    /// The normalised picture.
    pub image: BlobId,
    /// The full caption.
    pub caption: String,
}

/// Where a run stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum RunState {
    /// Waiting for the engine.
    Queued,
    /// The engine is loading.
    Preparing,
    /// Steps are being made.
    Training,
    /// The result is being fetched.
    Collecting,
    /// It worked.
    Done {
        /// The file.
        artifact: Artifact,
    },
    /// It did not work.
    Failed {
        /// Why.
        failure: Failure,
    },
    /// It was stopped.
    Cancelled {
        /// The last checkpoint, where the engine kept one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        artifact: Option<Artifact>,
    },
}

/// The five stages of [`RunState`] without their data, for queries and messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Waiting.
    Queued,
    /// Being worked on.
    Running,
    /// Worked.
    Done,
    /// Did not work.
    Failed,
    /// Stopped.
    Cancelled,
}

impl Standing {
    /// Its name in stored data and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl RunState {
    /// Its standing.
    pub const fn standing(&self) -> Standing {
        match self {
            Self::Queued => Standing::Queued,
            Self::Preparing | Self::Training | Self::Collecting => Standing::Running,
            Self::Done { .. } => Standing::Done,
            Self::Failed { .. } => Standing::Failed,
            Self::Cancelled { .. } => Standing::Cancelled,
        }
    }

    /// Whether the run still wants the engine: the dataset is frozen while it does.
    pub const fn is_active(&self) -> bool {
        matches!(self.standing(), Standing::Queued | Standing::Running)
    }

    /// The file, where there is one.
    pub const fn artifact(&self) -> Option<&Artifact> {
        match self {
            Self::Done { artifact }
            | Self::Cancelled {
                artifact: Some(artifact),
            } => Some(artifact),
            _ => None,
        }
    }
}

/// A LoRA file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Its bytes.
    pub blob: BlobId,
    /// Bytes.
    pub size: u64,
    /// The name to save it under: `[a-z0-9_.-]` only.
    pub file_name: String,
    /// The step it is from.
    pub step: u32,
}

/// Why a run failed: a code the texts know, and the engine's own words for the curious.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Last part of the message's id, `run-failure-…`: `engine`, `interrupted`, `no-space`, `pictures`, `unknown-engine`.
    pub code: String,
    /// The engine's own words; empty when it said nothing. Never a token or a path.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// How far a run is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Steps made.
    pub step: u32,
    /// Steps in all.
    pub total: u32,
    /// Steps a second, lately; 0 while unknown.
    pub speed: f64,
    /// Smoothed loss by step, at most [`Progress::MAX_POINTS`] points.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loss: Vec<Point>,
    /// Sample pictures, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<Sample>,
}

/// A sample picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// The step it was made at; 0 is the base model before training.
    pub step: u32,
    /// What it was asked to show.
    pub prompt: String,
    /// Its bytes.
    pub blob: BlobId,
}

impl Progress {
    /// Most points kept of the loss curve.
    pub const MAX_POINTS: usize = 120;

    /// Adds a point of the loss curve; when there are too many, every second one goes. A point at or before the
    /// last step (a run that went back to its checkpoint) replaces what came after it.
    pub fn push_loss(&mut self, step: u32, loss: f64) {
        let x = f64::from(step);
        self.loss.retain(|point| point.x < x);
        if loss.is_finite() {
            self.loss.push(Point { x, y: loss });
        }
        if self.loss.len() > Self::MAX_POINTS {
            let mut index = 0_usize;
            self.loss.retain(|_| {
                index += 1;
                index % 2 == 1
            });
        }
    }

    /// Adds a sample; one of the same step and prompt is replaced.
    pub fn push_sample(&mut self, sample: Sample) {
        self.samples
            .retain(|known| (known.step, &known.prompt) != (sample.step, &sample.prompt));
        self.samples.push(sample);
    }

    /// 0 to 1; absent before the first step.
    pub fn fraction(&self) -> Option<f64> {
        (self.total > 0 && self.step > 0)
            .then(|| (f64::from(self.step) / f64::from(self.total)).min(1.0))
    }

    /// Seconds left, at the speed of late.
    pub fn seconds_left(&self) -> Option<f64> {
        (self.speed > 0.0).then(|| f64::from(self.total.saturating_sub(self.step)) / self.speed)
    }
}

#[cfg(test)]
mod tests {
    use super::Progress;

    #[test]
    fn the_loss_curve_stays_short_and_rises_in_steps() {
        let mut progress = Progress::default();
        for step in 1..=1_000 {
            progress.push_loss(step, 1.0 / f64::from(step));
        }
        assert!(progress.loss.len() <= Progress::MAX_POINTS);
        assert!(progress.loss.windows(2).all(|pair| pair[0].x < pair[1].x));
        assert_eq!(progress.loss.last().map(|point| point.x), Some(1_000.0));
        progress.push_loss(500, 0.5);
        assert_eq!(
            progress.loss.last().map(|point| point.x),
            Some(500.0),
            "a resumed run rewrites its tail"
        );
        progress.push_loss(501, f64::NAN);
        assert_eq!(progress.loss.last().map(|point| point.x), Some(500.0));
    }
}
