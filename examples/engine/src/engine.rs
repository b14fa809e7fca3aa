//! The engine: what the bot calls.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use async_trait::async_trait;
use futures::{StreamExt as _, stream};
use lorikeet_engine::{Collected, Engine, EngineError, EngineFailure, Job, ProgressStream, Report};
use lorikeet_training::{
    BaseModel, CaptionStyle, EngineId, EngineOffer, Estimate, Preset, PresetRule, RunId,
    SettingRanges, Settings, StepRule,
};
use tokio::sync::watch;

use crate::folder;
use crate::learn::{SIDE, picture};
use crate::queue::Queue;

/// The engine's id, and what its section in the configuration would be called.
pub const ENGINE: &str = "average";
/// Steps a second, measured on a slow machine.
const SPEED: u64 = 20_000;

// ANCHOR: struct
/// Learns the average of the pictures, on a thread of its own.
pub struct Average {
    queue: Arc<Queue>,
    worker: Option<JoinHandle<()>>,
}

impl Average {
    /// The engine with its directory, which no other process may use; goes on with the runs it finds there.
    ///
    /// # Errors
    /// When the directory cannot be made or read.
    pub fn open(directory: impl Into<PathBuf>) -> io::Result<Self> {
        let (queue, worker) = Queue::open(directory.into())?;
        Ok(Self {
            queue,
            worker: Some(worker),
        })
    }
}

impl Drop for Average {
    fn drop(&mut self) {
        self.queue.close();
        // Waits for the step being made. A worker that panicked has nothing left to save.
        let _ = self.worker.take().map(JoinHandle::join);
    }
}
// ANCHOR_END: struct

#[async_trait]
impl Engine for Average {
    // ANCHOR: offer
    fn offer(&self) -> EngineOffer {
        let preset = |preset, steps| PresetRule {
            preset,
            steps: StepRule::Fixed(steps),
            rank: 1,
            alpha: 1,
            learning_rate: 0.01,
            resolution: SIDE,
        };
        EngineOffer {
            id: EngineId(ENGINE.to_owned()),
            name: "The average picture".to_owned(),
            demonstration: true,
            bases: vec![BaseModel {
                id: "blank".to_owned(),
                name: "A blank page".to_owned(),
                captions: CaptionStyle::Tags,
            }],
            ranges: SettingRanges {
                steps: 1..=1_000_000,
                rank: 1..=1,
                alpha: 1..=1,
                learning_rate: 1e-4..=0.5,
                resolution: SIDE..=SIDE,
                seed: 0..=u32::MAX,
            },
            presets: vec![preset(Preset::Quick, 500), preset(Preset::Balanced, 1_000)],
        }
    }

    fn estimate(&self, settings: &Settings, _pictures: usize) -> Estimate {
        Estimate {
            seconds: u64::from(settings.steps) / SPEED + 1,
            cost: None,
        }
    }
    // ANCHOR_END: offer

    // ANCHOR: submit
    async fn submit(&self, job: &Job) -> Result<(), EngineError> {
        let pictures = job.pictures.iter().map(|p| picture(&p.bytes)).collect();
        let (Some(pictures), Ok(())) = (pictures, self.validate(&job.settings)) else {
            let message = "One of the pictures cannot be read, or the settings do not fit.";
            return Err(EngineError::new(EngineFailure::Permanent, message));
        };
        let kept = folder::Job {
            title: job.title.clone(),
            steps: job.settings.steps,
            rate: job.settings.learning_rate,
            pictures,
        };
        let run = job.run.clone();
        self.files(move |queue| {
            queue.folder(&run).create(&kept)?;
            queue.take(&run)
        })
        .await
    }
    // ANCHOR_END: submit

    // ANCHOR: observe
    async fn observe(&self, run: &RunId) -> Result<ProgressStream, EngineError> {
        let run = run.clone();
        match self.files(move |queue| queue.listen(&run)).await? {
            Some(news) => Ok(follow(news)),
            None => Err(unknown()),
        }
    }
    // ANCHOR_END: observe

    async fn cancel(&self, run: &RunId) -> Result<(), EngineError> {
        let run = run.clone();
        self.files(move |queue| queue.stop(&run)).await
    }

    async fn collect(&self, run: &RunId) -> Result<Collected, EngineError> {
        let run = run.clone();
        let kept = self.files(move |queue| {
            let folder = queue.folder(&run);
            Ok((folder.job()?, folder.end()?, folder.weights()?))
        });
        let (Some(job), end, weights) = kept.await? else {
            return Err(unknown());
        };
        if end.is_none() || weights.step == 0 {
            let message = "This run has not made a file.";
            return Err(EngineError::new(EngineFailure::Permanent, message));
        }
        let file = weights.file(&job.title);
        let file = file.map_err(|error| EngineError::new(EngineFailure::Permanent, error))?;
        Ok(Collected {
            file: file.into(),
            step: weights.step,
        })
    }

    async fn forget(&self, run: &RunId) -> Result<(), EngineError> {
        let run = run.clone();
        self.files(move |queue| queue.forget(&run)).await
    }
}

impl Average {
    /// Work on files, away from the asynchronous runtime.
    async fn files<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Queue) -> io::Result<T> + Send + 'static,
    ) -> Result<T, EngineError> {
        let queue = Arc::clone(&self.queue);
        let done = tokio::task::spawn_blocking(move || work(&queue)).await;
        let done = done.unwrap_or_else(|panicked| Err(io::Error::other(panicked)));
        done.map_err(|error| match error.kind() {
            io::ErrorKind::StorageFull => EngineError::new(
                EngineFailure::NoSpace,
                "There is no room left for the engine's files.",
            ),
            // Not the error itself: it may name paths.
            _ => EngineError::new(EngineFailure::Retry, "The engine cannot use its files."),
        })
    }
}

// ANCHOR: follow
/// Where the run is, and on from there; the last report ends the stream. Steps that pass while nobody looks are left
/// out.
fn follow(news: watch::Receiver<Report>) -> ProgressStream {
    stream::unfold(Some((news, true)), |state| async {
        let (mut news, first) = state?;
        if !first && news.changed().await.is_err() {
            let gone = "The engine stopped; the run goes on when it starts again.";
            return Some((Err(EngineError::new(EngineFailure::Retry, gone)), None));
        }
        let report = news.borrow_and_update().clone();
        let more = !report.is_terminal();
        Some((Ok(report), more.then_some((news, false))))
    })
    .boxed()
}
// ANCHOR_END: follow

fn unknown() -> EngineError {
    EngineError::new(EngineFailure::Unknown, "The engine does not know this run.")
}
