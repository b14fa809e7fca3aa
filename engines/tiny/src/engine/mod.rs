//! The embedded engine behind the border that every engine has.
//!
//! Owns: the queue of runs, their threads and their folders. Does not own: how a step works (the
//! rest of the crate), nor what the bot makes of reports.
//!
//! Nothing is loaded while no run is active. Training has threads of its own and never blocks the
//! asynchronous runtime. All that matters is on disk: after a kill, opening the engine on the same
//! directory goes on with every run from its last checkpoint.

mod feed;
mod folder;
mod offer;
mod queue;
mod speed;
mod work;

#[cfg(test)]
mod tests;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use lorikeet_engine::{Collected, Engine, EngineError, EngineFailure, Job, ProgressStream};
use lorikeet_training::{EngineOffer, Estimate, RunId, Settings};

use crate::picture::Picture;
use folder::{Outcome, StoredJob};
use queue::Queue;

pub use offer::ENGINE;

/// Trains on the CPU of the machine the bot runs on, with the built-in demonstration model.
pub struct TinyEngine(Arc<Queue>);

impl TinyEngine {
    /// The engine with its directory, which no other process may use, and goes on with the runs
    /// it finds there. At most `capacity` runs, at least one, train at once.
    ///
    /// Dropping the engine waits for the steps being made, a fraction of a second.
    ///
    /// # Errors
    ///
    /// When the directory cannot be made or read.
    pub fn open(directory: impl Into<PathBuf>, capacity: usize) -> io::Result<Self> {
        Ok(Self(Arc::new(Queue::open(
            directory.into(),
            capacity.max(1),
        )?)))
    }

    /// Work on files, away from the asynchronous runtime.
    async fn files<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Arc<Queue>) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let queue = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || work(&queue)).await;
        done.unwrap_or_else(|_| {
            let message = "The built-in engine failed inside; please report this.";
            Err(EngineError::new(EngineFailure::Permanent, message))
        })
    }
}

impl Drop for TinyEngine {
    fn drop(&mut self) {
        self.0.close();
    }
}

#[async_trait]
impl Engine for TinyEngine {
    fn offer(&self) -> EngineOffer {
        offer::offer()
    }

    fn estimate(&self, settings: &Settings, _pictures: usize) -> Estimate {
        Estimate {
            seconds: (f64::from(settings.steps) * self.0.speed().seconds()).ceil() as u64,
            cost: None,
        }
    }

    fn capacity(&self) -> usize {
        self.0.capacity()
    }

    async fn submit(&self, job: &Job) -> Result<(), EngineError> {
        if self.validate(&job.settings).is_err() || job.pictures.is_empty() {
            let message = "The built-in engine does not take these settings or has no pictures.";
            return Err(EngineError::new(EngineFailure::Permanent, message));
        }
        let job = job.clone();
        self.files(move |queue| {
            let folder = queue.folder(&job.run);
            if !folder.exists() {
                let pictures = pictures(&job)?;
                let stored = StoredJob {
                    title: job.title,
                    trigger: job.trigger.as_str().to_owned(),
                    settings: job.settings,
                    captions: job.pictures.into_iter().map(|p| p.caption).collect(),
                };
                folder.create(&stored, &pictures).map_err(unusable)?;
            }
            queue.take(&job.run).map_err(unusable)
        })
        .await
    }

    async fn observe(&self, run: &RunId) -> Result<ProgressStream, EngineError> {
        let run = run.clone();
        self.files(move |queue| match queue.feed(&run).map_err(unusable)? {
            Some(feed) => Ok(feed.listen()),
            None => Err(unknown()),
        })
        .await
    }

    async fn cancel(&self, run: &RunId) -> Result<(), EngineError> {
        let run = run.clone();
        self.files(move |queue| queue.stop(&run).map_err(unusable))
            .await
    }

    async fn collect(&self, run: &RunId) -> Result<Collected, EngineError> {
        let run = run.clone();
        self.files(move |queue| {
            let folder = queue.folder(&run);
            if !folder.exists() {
                return Err(unknown());
            }
            let step = match folder.outcome().map_err(unusable)? {
                Some(Outcome::Finished { step } | Outcome::Cancelled { step }) => step,
                Some(Outcome::Failed { .. }) | None => 0,
            };
            match folder.lora().map_err(unusable)? {
                Some(file) => Ok(Collected {
                    file: file.into(),
                    step,
                }),
                None => {
                    let message = "This run has not made a file.";
                    Err(EngineError::new(EngineFailure::Permanent, message))
                }
            }
        })
        .await
    }

    async fn forget(&self, run: &RunId) -> Result<(), EngineError> {
        let run = run.clone();
        self.files(move |queue| queue.forget(&run).map_err(unusable))
            .await
    }
}

/// The pictures of a job as they are trained on, one decoded at a time.
fn pictures(job: &Job) -> Result<Vec<Picture>, EngineError> {
    let picture = |bytes: &[u8]| match image::load_from_memory(bytes) {
        Ok(image) => Ok(Picture::from_image(&image.into_rgb8())),
        Err(_) => {
            let message = "One of the pictures cannot be read.";
            Err(EngineError::new(EngineFailure::Permanent, message))
        }
    };
    job.pictures
        .iter()
        .map(|stored| picture(&stored.bytes))
        .collect()
}

fn unknown() -> EngineError {
    EngineError::new(
        EngineFailure::Unknown,
        "The built-in engine does not know this run.",
    )
}

/// The directory cannot be used. What exactly is wrong is for the log: it may name paths.
fn unusable(error: io::Error) -> EngineError {
    tracing::warn!(%error, "the directory of the built-in engine cannot be used");
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => EngineError::new(
            EngineFailure::NoSpace,
            "There is no room left for the files of the built-in engine.",
        ),
        _ => EngineError::new(
            EngineFailure::Retry,
            "The built-in engine cannot use its directory.",
        ),
    }
}
