//! The training of one run, from its folder to its outcome, on a thread of its own.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use lorikeet_engine::Report;
use lorikeet_training::RunId;

use super::feed::Feed;
use super::folder::{Folder, Outcome, StoredJob, StoredSample, png};
use super::speed::Speed;
use crate::base_model::BaseModel;
use crate::error::Error;
use crate::file::{About, write_lora};
use crate::lora::{Settings, Trainer};

/// Steps between checkpoints: some seconds.
const CHECKPOINT_EVERY: u32 = 50;
/// Times samples are made during a run.
const PREVIEWS: u32 = 4;
/// Samples at a time.
const SAMPLES: usize = 3;
/// Width of a sample as shown.
const SAMPLE_SIDE: u32 = 256;
/// Pictures a step.
const BATCH: usize = 8;
/// Threads of a step. Fixed: a run must be able to go on where there are more cores or fewer.
const THREADS: usize = 2;

/// Why a run cannot go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum WorkError {
    #[error(transparent)]
    Training(#[from] Error),
    #[error("the folder of the run cannot be used: {0}")]
    Folder(#[from] io::Error),
}

/// Trains until the end, until asked to stop, or until `closing`; `None` is the last of these: the
/// run goes on when the engine is opened again.
pub(super) fn work(
    run: &RunId,
    folder: &Folder,
    feed: &Feed,
    speed: &Speed,
    closing: impl Fn() -> bool,
) -> Result<Option<Outcome>, WorkError> {
    feed.say(Report::Preparing);
    let job = folder.job()?;
    let total = job.settings.steps;
    let base = Arc::new(BaseModel::shipped()?);
    let mut trainer = trainer(folder, &job, &base)?;
    let prompts = prompts(&job);
    feed.set_samples(folder.samples(&prompts, steps(&trainer))?);
    let preview_every = total.div_ceil(PREVIEWS).max(1);
    loop {
        let step = steps(&trainer);
        if feed.is_to_stop() || folder.is_to_stop() {
            if step > 0 {
                save_lora(run, folder, &job, &base, &trainer)?;
            }
            return Ok(Some(Outcome::Cancelled { step }));
        }
        if trainer.is_done() {
            save_lora(run, folder, &job, &base, &trainer)?;
            return Ok(Some(Outcome::Finished { step }));
        }
        if closing() {
            return Ok(None);
        }
        let start = Instant::now();
        let report = trainer.step()?;
        speed.took(start.elapsed());
        if !report.loss.is_finite() {
            let reason = "The training diverged: the learning rate is too high for this data set.";
            return Ok(Some(Outcome::Failed {
                reason: reason.to_owned(),
            }));
        }
        let step = steps(&trainer);
        feed.say(Report::Step {
            step,
            total,
            loss: f64::from(report.smoothed),
            speed: speed.steps_a_second(),
        });
        if step.is_multiple_of(preview_every) || step == total {
            preview(folder, feed, &trainer, &prompts)?;
        }
        if step.is_multiple_of(CHECKPOINT_EVERY) {
            folder.save_checkpoint(&trainer.checkpoint()?)?;
        }
    }
}

fn steps(trainer: &Trainer) -> u32 {
    u32::try_from(trainer.steps()).unwrap_or(u32::MAX)
}

/// What the settings of a job are to the trainer.
pub(super) fn settings(job: &lorikeet_training::Settings) -> Settings {
    Settings {
        steps: job.steps as usize,
        rank: job.rank as usize,
        alpha: job.alpha as f32,
        learning_rate: job.learning_rate as f32,
        batch: BATCH,
        seed: u64::from(job.seed),
        threads: THREADS,
    }
}

/// From the last checkpoint, or from the start.
fn trainer(folder: &Folder, job: &StoredJob, base: &Arc<BaseModel>) -> Result<Trainer, WorkError> {
    let settings = settings(&job.settings);
    let items = folder.items(job)?;
    if let Some(checkpoint) = folder.checkpoint()? {
        match Trainer::resume(
            Arc::clone(base),
            settings.clone(),
            items.clone(),
            &checkpoint,
        ) {
            // After an update the base may be another: the run then starts anew, on that.
            Err(Error::ForeignCheckpoint | Error::File { .. }) => {
                tracing::warn!("a checkpoint does not fit its run; the run starts anew");
            }
            resumed => return Ok(resumed?),
        }
    }
    Ok(Trainer::new(Arc::clone(base), settings, items)?)
}

/// The first different captions: what the samples are asked to show.
pub(super) fn prompts(job: &StoredJob) -> Vec<&str> {
    let mut prompts: Vec<&str> = Vec::new();
    for caption in &job.captions {
        if prompts.len() < SAMPLES && !prompts.contains(&caption.as_str()) {
            prompts.push(caption);
        }
    }
    prompts
}

fn preview(
    folder: &Folder,
    feed: &Feed,
    trainer: &Trainer,
    prompts: &[&str],
) -> Result<(), WorkError> {
    let pictures = trainer.sample(prompts, trainer.settings().seed)?;
    for (index, (picture, prompt)) in pictures.iter().zip(prompts).enumerate() {
        let sample = StoredSample {
            step: steps(trainer),
            prompt: (*prompt).to_owned(),
            image: png(&picture.to_image_of(SAMPLE_SIDE))?.into(),
        };
        folder.save_sample(index, &sample)?;
        feed.add_sample(sample);
    }
    Ok(())
}

fn save_lora(
    run: &RunId,
    folder: &Folder,
    job: &StoredJob,
    base: &BaseModel,
    trainer: &Trainer,
) -> Result<(), WorkError> {
    let about = About {
        title: job.title.clone(),
        trigger: job.trigger.clone(),
        run: run.as_str().to_owned(),
        steps: trainer.steps(),
    };
    Ok(folder.save_lora(&write_lora(&trainer.lora(), base, &about)?)?)
}
