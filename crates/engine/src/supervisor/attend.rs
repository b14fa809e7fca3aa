//! What one run goes through under one claim: submitted or found again, followed, collected, settled.
//!
//! Everything here may be dropped at any await, by a kill, a stop or a lost claim: each step can be repeated by the
//! next holder of the claim.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::{FutureExt, StreamExt};
use lorikeet_media::{BlobError, Stored};
use lorikeet_training::{RunState, Sample};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::Parts;
use super::backoff::Backoff;
use super::claim::{Claim, Lost};
use super::fold::{
    Cause, Ending, Next, Opening, Picture, STOPPED, artifact, failed, fold, opening, refused,
};
use crate::{Engine, EngineError, EngineFailure, Job, JobPicture, ProgressStream};

/// More than any normalised picture takes.
const PICTURE_BYTES: u64 = 64 * 1024 * 1024;
/// How long an engine that fails is asked to forget a run: nothing but its own room is at stake.
const FORGET_PATIENCE: Duration = Duration::from_secs(60);

/// Whoever attends to one run.
pub(super) struct Attendant {
    pub(super) parts: Arc<Parts>,
    /// The run's engine, when it is there.
    pub(super) engine: Option<Arc<dyn Engine>>,
    pub(super) claim: Claim,
}

/// How a stream of reports was left.
enum Heard {
    /// With its last report.
    Ended(Ending),
    /// Without.
    Broke(EngineError),
}

impl Attendant {
    /// Sees the run to its end, unless the claim is lost or the process is to stop before.
    pub(super) async fn run(mut self, nudge: watch::Receiver<()>, stopping: CancellationToken) {
        let heartbeat = self.claim.heartbeat(nudge);
        let release = self.claim.release();
        let id = self.claim.run.id.clone();
        tokio::select! {
            biased;
            () = stopping.cancelled() => release.await,
            () = heartbeat => tracing::info!(run = %id, "the claim is lost or settled"),
            outcome = self.attend() => if let Err(Lost) = outcome {
                tracing::info!(run = %id, "somebody else has claimed the run");
            },
        }
    }

    async fn attend(&mut self) -> Result<(), Lost> {
        let cancel_requested = self.claim.stop.is_cancelled();
        match opening(&self.claim.run, cancel_requested, self.engine.is_some()) {
            Opening::Settle => {}
            Opening::End(state) => {
                self.claim.end(state).await?;
                // It was never submitted, or its engine is not there: nobody is to forget it.
                self.engine = None;
            }
            opening => {
                let state = match self.engine.clone() {
                    Some(engine) => {
                        let work = self.work(engine.as_ref(), opening == Opening::Submit);
                        let done = AssertUnwindSafe(work).catch_unwind().await;
                        done.unwrap_or_else(|_| Ok(failed(Cause::Engine, "")))?
                    }
                    None => failed(Cause::UnknownEngine, ""),
                };
                self.claim.end(state).await?;
            }
        }
        self.claim.tell_end().await;
        self.forget().await;
        self.claim.settle().await;
        Ok(())
    }

    /// Has the engine work until it is done, and says how the run ends.
    async fn work(&mut self, engine: &dyn Engine, submit: bool) -> Result<RunState, Lost> {
        let mut submitted = submit;
        if submit && let Some(end) = self.submit(engine).await? {
            return Ok(end);
        }
        let mut backoff = Backoff::new(self.parts.pace.patience);
        loop {
            let heard = match engine.observe(&self.claim.run.id).await {
                Ok(stream) => self.follow(engine, stream, &mut backoff).await?,
                Err(error) => Heard::Broke(error),
            };
            let error = match heard {
                Heard::Ended(ending) => return self.conclude(engine, ending).await,
                Heard::Broke(error) => error,
            };
            match error.failure {
                EngineFailure::Unknown if !submitted && self.claim.may_be_elsewhere() => {
                    self.claim.park().await;
                    return Err(Lost);
                }
                // Killed between the note and the submission, or not long after: nothing was trained yet.
                EngineFailure::Unknown
                    if self.claim.run.state == RunState::Preparing && !submitted =>
                {
                    submitted = true;
                    if let Some(end) = self.submit(engine).await? {
                        return Ok(end);
                    }
                }
                EngineFailure::Unknown if self.claim.stop.is_cancelled() => return Ok(STOPPED),
                // Training a second time without being asked might cost a second time: the owner decides.
                EngineFailure::Unknown | EngineFailure::Permanent => return Ok(refused(error)),
                EngineFailure::Retry | EngineFailure::NoSpace => {
                    tracing::warn!(run = %self.claim.run.id, %error, "an engine does not answer");
                    match backoff.wait(Instant::now()) {
                        Some(wait) => sleep(wait).await,
                        None => return Ok(refused(error)),
                    }
                }
            }
        }
    }

    /// Hands the run over. `Some` when it ends here instead.
    async fn submit(&mut self, engine: &dyn Engine) -> Result<Option<RunState>, Lost> {
        // Noted before: from here on the engine may know the run.
        self.claim.run.state = RunState::Preparing;
        self.claim.write().await?;
        let job = match self.job().await {
            Ok(job) => job,
            Err(end) => return Ok(Some(end)),
        };
        let mut backoff = Backoff::new(self.parts.pace.patience);
        loop {
            if self.claim.stop.is_cancelled() {
                // An earlier try may have arrived though it failed; forgetting the run comes next.
                if let Err(error) = engine.cancel(&job.run).await {
                    tracing::warn!(run = %job.run, %error, "an engine was not told to stop");
                }
                return Ok(Some(STOPPED));
            }
            let Err(error) = engine.submit(&job).await else {
                return Ok(None);
            };
            let retry = error.failure == EngineFailure::Retry;
            match backoff.wait(Instant::now()).filter(|_| retry) {
                Some(wait) => {
                    tracing::warn!(run = %job.run, %error, "an engine did not take a run");
                    tokio::select! {
                        () = sleep(wait) => {}
                        () = self.claim.stop.cancelled() => {}
                    }
                }
                None => return Ok(Some(refused(error))),
            }
        }
    }

    /// Everything the engine needs, or how the run ends when that is not there.
    async fn job(&self) -> Result<Job, RunState> {
        let run = &self.claim.run;
        let mut pictures = Vec::with_capacity(run.pictures.len());
        for picture in &run.pictures {
            let found = self
                .blobs(|| self.parts.blobs.get(&picture.image, PICTURE_BYTES))
                .await;
            let bytes = match found {
                Ok(Some(bytes)) => bytes,
                Ok(None) | Err(BlobError::Damaged { .. } | BlobError::TooLarge { .. }) => {
                    return Err(failed(Cause::Pictures, ""));
                }
                Err(error) => return Err(blob_failure(&error)),
            };
            pictures.push(JobPicture {
                id: picture.image.clone(),
                bytes,
                caption: picture.caption.clone(),
            });
        }
        Ok(Job {
            run: run.id.clone(),
            title: format!("{} {}", run.name, run.version),
            trigger: run.trigger.clone(),
            pictures,
            settings: run.settings.clone(),
        })
    }

    /// Listens to the engine, and passes on that the run is to be stopped.
    async fn follow(
        &mut self,
        engine: &dyn Engine,
        mut stream: ProgressStream,
        backoff: &mut Backoff,
    ) -> Result<Heard, Lost> {
        let mut write_at = None;
        let mut stopping = Backoff::endless();
        // When to pass it on (again); `None` once the engine has taken it.
        let mut stop_at = Some(Instant::now());
        loop {
            let stop = self.claim.stop.clone();
            tokio::select! {
                // In this order, so that an engine that talks without end starves nobody.
                biased;
                () = due(write_at) => {
                    write_at = None;
                    self.claim.write().await?;
                }
                () = async { stop.cancelled().await; due(stop_at).await } => {
                    stop_at = match engine.cancel(&self.claim.run.id).await {
                        Ok(()) => None,
                        Err(error) => {
                            tracing::warn!(run = %self.claim.run.id, %error, "an engine was not told to stop");
                            let now = Instant::now();
                            stopping.wait(now).map(|wait| now + wait)
                        }
                    };
                }
                report = stream.next() => {
                    let report = match report {
                        Some(Ok(report)) => report,
                        Some(Err(error)) => return Ok(Heard::Broke(error)),
                        None => return Ok(Heard::Broke(EngineError::new(
                            EngineFailure::Retry,
                            "The engine stopped reporting.",
                        ))),
                    };
                    let before = self.claim.run.progress.step;
                    let next = fold(&mut self.claim.run, report);
                    if self.claim.run.progress.step > before {
                        *backoff = Backoff::new(self.parts.pace.patience);
                    }
                    match next {
                        Next::Nothing => {}
                        Next::WriteSoon => {
                            write_at.get_or_insert(Instant::now() + self.parts.pace.progress);
                        }
                        Next::WriteNow => {
                            write_at = None;
                            self.claim.write().await?;
                        }
                        Next::Keep(picture) => {
                            if self.keep(picture).await {
                                write_at = None;
                                self.claim.write().await?;
                            }
                        }
                        Next::End(ending) => return Ok(Heard::Ended(ending)),
                    }
                }
            }
        }
    }

    /// Keeps a sample; false when there is nothing new to note. A run does not fail for want of a sample.
    async fn keep(&mut self, picture: Picture) -> bool {
        let Picture {
            step,
            prompt,
            image,
        } = picture;
        let blob = match self.parts.blobs.put(image).await {
            Ok(stored) => stored.id,
            Err(error) => {
                tracing::warn!(run = %self.claim.run.id, %error, "a sample was not kept");
                return false;
            }
        };
        let sample = Sample { step, prompt, blob };
        let progress = &mut self.claim.run.progress;
        if progress.samples.contains(&sample) {
            return false;
        }
        progress.push_sample(sample);
        true
    }

    /// Fetches what the engine made, where there is something, and says how the run ends.
    async fn conclude(&mut self, engine: &dyn Engine, ending: Ending) -> Result<RunState, Lost> {
        let stopped = match ending {
            Ending::Failed(reason) => return Ok(failed(Cause::Engine, reason)),
            Ending::Finished => false,
            Ending::Cancelled => true,
        };
        self.claim.run.state = RunState::Collecting;
        self.claim.write().await?;
        let (stored, step) = match self.collect(engine).await {
            Ok(collected) => collected,
            Err(_) if stopped => return Ok(STOPPED),
            Err(end) => return Ok(end),
        };
        let progress = &mut self.claim.run.progress;
        progress.step = step;
        progress.total = progress.total.max(step);
        let artifact = artifact(&self.claim.run, stored, step);
        Ok(if stopped {
            let artifact = Some(artifact);
            RunState::Cancelled { artifact }
        } else {
            RunState::Done { artifact }
        })
    }

    /// Puts the engine's file where files are kept; the file is safe with the engine until then.
    async fn collect(&self, engine: &dyn Engine) -> Result<(Stored, u32), RunState> {
        let mut backoff = Backoff::new(self.parts.pace.patience);
        let collected = loop {
            let error = match engine.collect(&self.claim.run.id).await {
                Ok(collected) => break collected,
                Err(error) => error,
            };
            let again = matches!(error.failure, EngineFailure::Retry | EngineFailure::NoSpace);
            match backoff.wait(Instant::now()).filter(|_| again) {
                Some(wait) => sleep(wait).await,
                None => return Err(refused(error)),
            }
        };
        let file: Bytes = collected.file;
        let stored = self.blobs(|| self.parts.blobs.put(file.clone())).await;
        let stored = stored.map_err(|error| blob_failure(&error))?;
        Ok((stored, collected.step))
    }

    /// Asks for blobs until there is an answer or patience runs out.
    async fn blobs<T, F>(&self, mut call: impl FnMut() -> F) -> Result<T, BlobError>
    where
        F: Future<Output = Result<T, BlobError>>,
    {
        let mut backoff = Backoff::new(self.parts.pace.patience);
        loop {
            let error = match call().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            tracing::warn!(run = %self.claim.run.id, %error, "blobs cannot be used");
            let again = error.is_retryable();
            match backoff.wait(Instant::now()).filter(|_| again) {
                Some(wait) => sleep(wait).await,
                None => return Err(error),
            }
        }
    }

    /// Lets the engine drop what it keeps of the run.
    async fn forget(&self) {
        let Some(engine) = &self.engine else { return };
        let mut backoff = Backoff::new(FORGET_PATIENCE);
        while let Err(error) = engine.forget(&self.claim.run.id).await {
            match backoff.wait(Instant::now()) {
                Some(wait) => sleep(wait).await,
                None => {
                    tracing::warn!(run = %self.claim.run.id, %error, "an engine keeps what nobody needs");
                    return;
                }
            }
        }
    }
}

/// The end of a run whose pictures or file could not be moved though it was tried for long.
fn blob_failure(error: &BlobError) -> RunState {
    match error {
        BlobError::NoSpace { .. } => failed(Cause::NoSpace, ""),
        _ => failed(Cause::Interrupted, ""),
    }
}

/// Done at a time, if there is one.
async fn due(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}
