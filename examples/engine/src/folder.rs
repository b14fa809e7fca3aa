//! What is kept of a run: a folder with its job, its last weights, a mark when it is to stop, and its end.
//!
//! Every file is renamed into place, so what exists is whole.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use lorikeet_engine::Report;
use lorikeet_training::RunId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::learn::Weights;

/// A job as it is kept, with the pictures as they are learned.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) title: String,
    pub(crate) steps: u32,
    pub(crate) rate: f64,
    pub(crate) pictures: Vec<Vec<f32>>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum End {
    /// All steps were made.
    Finished,
    /// It was stopped.
    Cancelled,
    /// It did not work, for this reason.
    Failed(String),
}

impl From<End> for Report {
    fn from(end: End) -> Self {
        match end {
            End::Finished => Self::Finished,
            End::Cancelled => Self::Cancelled,
            End::Failed(reason) => Self::Failed { reason },
        }
    }
}

/// The folder of one run.
#[derive(Clone, Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn of(root: &Path, run: &RunId) -> Self {
        Self(root.join(run.as_str()))
    }

    /// The runs that have a folder.
    pub(crate) fn runs(root: &Path) -> io::Result<Vec<RunId>> {
        let mut runs = Vec::new();
        for entry in fs::read_dir(root)? {
            let name = entry?.file_name().into_string().unwrap_or_default();
            runs.extend(RunId::try_from(name).ok());
        }
        Ok(runs)
    }

    // ANCHOR: create
    /// Makes the folder, whole or not at all; one that is there already stays as it is.
    pub(crate) fn create(&self, job: &Job) -> io::Result<()> {
        if self.job()?.is_some() {
            return Ok(());
        }
        fs::create_dir_all(&self.0)?;
        self.save("job.json", job)
    }
    // ANCHOR_END: create

    pub(crate) fn job(&self) -> io::Result<Option<Job>> {
        self.read("job.json")
    }

    pub(crate) fn weights(&self) -> io::Result<Weights> {
        Ok(self.read("weights.json")?.unwrap_or_else(Weights::blank))
    }

    pub(crate) fn save_weights(&self, weights: &Weights) -> io::Result<()> {
        self.save("weights.json", weights)
    }

    pub(crate) fn is_to_stop(&self) -> io::Result<bool> {
        Ok(self.read::<()>("stop.json")?.is_some())
    }

    pub(crate) fn mark_to_stop(&self) -> io::Result<()> {
        self.save("stop.json", &())
    }

    pub(crate) fn end(&self) -> io::Result<Option<End>> {
        self.read("end.json")
    }

    pub(crate) fn save_end(&self, end: &End) -> io::Result<()> {
        self.save("end.json", end)
    }

    pub(crate) fn remove(&self) -> io::Result<()> {
        match fs::remove_dir_all(&self.0) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn save(&self, name: &str, value: &impl Serialize) -> io::Result<()> {
        // Of its own for every file: a stop may be marked while weights are saved.
        let partial = self.0.join(format!("{name}.partial"));
        fs::write(&partial, serde_json::to_vec(value)?)?;
        fs::rename(&partial, self.0.join(name))
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> io::Result<Option<T>> {
        match fs::read(self.0.join(name)) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}
