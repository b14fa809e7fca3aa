//! What the engine keeps of a run on disk, so that a killed process loses at most the steps since
//! the last checkpoint.
//!
//! A run is a folder named by its id: the job, the pictures as trained on (64 × 64), the checkpoint,
//! the samples, a mark when it is to stop, and at the end the LoRA and the outcome. Every file is
//! renamed into place, so what exists is whole.

use std::fs;
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use image::{ImageFormat, RgbImage};
use lorikeet_training::{RunId, Settings};
use serde::{Deserialize, Serialize};

use crate::lora::Item;
use crate::picture::Picture;

const JOB: &str = "job.json";
const CHECKPOINT: &str = "checkpoint.safetensors";
const LORA: &str = "lora.safetensors";
const OUTCOME: &str = "outcome.json";
const STOP: &str = "stop";

/// The parts of a job besides its pictures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredJob {
    pub(super) title: String,
    pub(super) trigger: String,
    pub(super) settings: Settings,
    pub(super) captions: Vec<String>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(super) enum Outcome {
    /// All steps were made.
    Finished {
        /// The step the LoRA is from.
        step: u32,
    },
    /// It was stopped.
    Cancelled {
        /// The step the LoRA is from; 0 when there is none.
        step: u32,
    },
    /// It cannot go on.
    Failed {
        /// Why, for people.
        reason: String,
    },
}

/// A sample picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StoredSample {
    pub(super) step: u32,
    pub(super) prompt: String,
    /// PNG.
    pub(super) image: Bytes,
}

/// The folder of one run.
#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn of(root: &Path, run: &RunId) -> Self {
        Self(root.join(run.as_str()))
    }

    /// The runs that have a folder.
    pub(super) fn runs(root: &Path) -> io::Result<Vec<RunId>> {
        let mut runs = Vec::new();
        for entry in fs::read_dir(root)? {
            let name = entry?.file_name();
            // What is not a run id is a folder that was never completed, or not ours.
            let run = name
                .to_str()
                .and_then(|name| RunId::try_from(name.to_owned()).ok());
            runs.extend(run);
        }
        runs.sort();
        Ok(runs)
    }

    pub(super) fn exists(&self) -> bool {
        self.0.join(JOB).exists()
    }

    /// Makes the folder, whole or not at all.
    pub(super) fn create(&self, job: &StoredJob, pictures: &[Picture]) -> io::Result<()> {
        let partial = self.0.with_extension("partial");
        remove(&partial)?;
        fs::create_dir_all(&partial)?;
        fs::write(partial.join(JOB), serde_json::to_vec_pretty(job)?)?;
        for (index, picture) in pictures.iter().enumerate() {
            fs::write(partial.join(picture_name(index)), png(&picture.to_image())?)?;
        }
        fs::rename(&partial, &self.0)
    }

    pub(super) fn remove(&self) -> io::Result<()> {
        remove(&self.0)
    }

    pub(super) fn job(&self) -> io::Result<StoredJob> {
        Ok(serde_json::from_slice(&fs::read(self.0.join(JOB))?)?)
    }

    /// The pictures with their captions.
    pub(super) fn items(&self, job: &StoredJob) -> io::Result<Vec<Item>> {
        let item = |(index, caption): (usize, &String)| {
            let bytes = fs::read(self.0.join(picture_name(index)))?;
            let image = image::load_from_memory(&bytes).map_err(io::Error::other)?;
            Ok(Item {
                picture: Picture::from_image(&image.into_rgb8()),
                caption: caption.clone(),
            })
        };
        job.captions.iter().enumerate().map(item).collect()
    }

    pub(super) fn checkpoint(&self) -> io::Result<Option<Vec<u8>>> {
        read(&self.0.join(CHECKPOINT))
    }

    pub(super) fn save_checkpoint(&self, bytes: &[u8]) -> io::Result<()> {
        self.save(CHECKPOINT, bytes)
    }

    pub(super) fn lora(&self) -> io::Result<Option<Vec<u8>>> {
        read(&self.0.join(LORA))
    }

    pub(super) fn save_lora(&self, bytes: &[u8]) -> io::Result<()> {
        self.save(LORA, bytes)
    }

    pub(super) fn outcome(&self) -> io::Result<Option<Outcome>> {
        match read(&self.0.join(OUTCOME))? {
            Some(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            None => Ok(None),
        }
    }

    /// The end: nothing is left to resume.
    pub(super) fn save_outcome(&self, outcome: &Outcome) -> io::Result<()> {
        self.save(OUTCOME, &serde_json::to_vec_pretty(outcome)?)?;
        remove(&self.0.join(CHECKPOINT))
    }

    pub(super) fn is_to_stop(&self) -> bool {
        self.0.join(STOP).exists()
    }

    pub(super) fn mark_to_stop(&self) -> io::Result<()> {
        self.save(STOP, &[])
    }

    pub(super) fn save_sample(&self, index: usize, sample: &StoredSample) -> io::Result<()> {
        self.save(&sample_name(sample.step, index), &sample.image)
    }

    /// The samples up to a step, in the order they were made; `prompts` as when they were.
    pub(super) fn samples(&self, prompts: &[&str], until: u32) -> io::Result<Vec<StoredSample>> {
        let mut steps = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let name = entry?.file_name();
            let step = name.to_str().and_then(|name| sample_step(name, 0));
            steps.extend(step.filter(|step| *step <= until));
        }
        steps.sort_unstable();
        let mut samples = Vec::new();
        for step in steps {
            for (index, prompt) in prompts.iter().enumerate() {
                if let Some(image) = read(&self.0.join(sample_name(step, index)))? {
                    samples.push(StoredSample {
                        step,
                        prompt: (*prompt).to_owned(),
                        image: image.into(),
                    });
                }
            }
        }
        Ok(samples)
    }

    fn save(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let partial = self.0.join(format!("{name}.partial"));
        fs::write(&partial, bytes)?;
        fs::rename(&partial, self.0.join(name))
    }
}

fn picture_name(index: usize) -> String {
    format!("picture-{index:03}.png")
}

fn sample_name(step: u32, index: usize) -> String {
    format!("sample-{step:05}-{index}.png")
}

/// The step of a sample of this index.
fn sample_step(name: &str, index: usize) -> Option<u32> {
    let middle = name.strip_prefix("sample-")?.strip_suffix(".png")?;
    middle.strip_suffix(&format!("-{index}"))?.parse().ok()
}

/// A picture as PNG.
pub(super) fn png(image: &RgbImage) -> io::Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    image
        .write_to(&mut bytes, ImageFormat::Png)
        .map_err(io::Error::other)?;
    Ok(bytes.into_inner())
}

/// The bytes of a file, if there is one.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Removes a file or folder, if there is one.
fn remove(path: &Path) -> io::Result<()> {
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
