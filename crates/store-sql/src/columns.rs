//! What columns hold, in whichever database.

use std::collections::BTreeSet;

use lorikeet_chat::{BlobId, Timestamp};
use lorikeet_training::{LoraName, Run};

use crate::error::Failure;

/// A number as databases hold it: signed, 64 bits.
pub(crate) fn stored(number: u64) -> Result<i64, Failure> {
    i64::try_from(number).map_err(|_| Failure::Value(format!("{number} does not fit the database")))
}

/// A number as it was before [`stored`].
pub(crate) fn read(number: i64) -> Result<u64, Failure> {
    u64::try_from(number).map_err(|_| Failure::Value(format!("the database holds {number}")))
}

/// A time column.
pub(crate) fn time(micros: i64) -> Result<Timestamp, Failure> {
    read(micros).map(Timestamp::from_micros)
}

/// An identifier column.
pub(crate) fn identifier<T: TryFrom<String>>(text: String) -> Result<T, Failure> {
    T::try_from(text).map_err(|_| Failure::Value("the database holds a strange id".to_owned()))
}

/// What two names have in common that are the same to a person.
pub(crate) fn fold(name: &LoraName) -> String {
    name.as_str().to_lowercase()
}

/// The blobs a run refers to.
pub(crate) fn blobs_of_run(run: &Run) -> BTreeSet<&BlobId> {
    let pictures = run.pictures.iter().map(|picture| &picture.image);
    let samples = run.progress.samples.iter().map(|sample| &sample.blob);
    let artifact = run.state.artifact().map(|artifact| &artifact.blob);
    pictures.chain(samples).chain(artifact).collect()
}

/// A run with what a report of its holder may change. What it began with is not changed any more.
pub(crate) fn reported(before: &Run, report: Run) -> Run {
    Run {
        state: report.state,
        progress: report.progress,
        updated: report.updated,
        ..before.clone()
    }
}
