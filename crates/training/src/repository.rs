//! Where LoRAs and runs are kept: the border every record store implements.
//!
//! Every write is guarded, so that repeating it or doing it late changes nothing: LoRAs by the fencing generation of
//! their lock and their revision, runs by the generation of their claim.

use std::time::Duration;

use async_trait::async_trait;

use crate::{Accounts, EngineId, Lora, LoraId, LoraName, LoraSummary, Owner, Run, RunId, RunState};

/// The rule of [`Repository::save`] for a LoRA that is there and was not deleted; every store asks here.
/// `stored_generation` is that of its last save, `training` whether one of its runs is active.
pub fn judge_save(
    stored: &Lora,
    stored_generation: u64,
    training: bool,
    lora: &Lora,
    generation: u64,
) -> Saved {
    if generation < stored_generation {
        return Saved::Fenced;
    }
    if generation == stored_generation && lora.revision <= stored.revision {
        return Saved::Stale;
    }
    let same_dataset = stored.trigger == lora.trigger
        && stored.dataset.hash(&stored.trigger) == lora.dataset.hash(&lora.trigger);
    if training && !same_dataset {
        return Saved::Frozen;
    }
    Saved::Saved
}

/// The records could not be reached or changed.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct RepositoryError {
    /// True when the same call may work later.
    pub retryable: bool,
    /// True when the disk is full.
    pub no_space: bool,
    /// What happened, for the log.
    pub message: String,
}

/// What became of saving a LoRA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is written.
    Saved,
    /// The stored copy is as new or newer, under the same generation: nothing to do.
    Stale,
    /// A later holder of the LoRA's lock has written it: this editor lost the right to.
    Fenced,
    /// A run is active and the pictures, captions or trigger word would change: nothing is written.
    Frozen,
    /// It was deleted: nothing is written.
    Gone,
}

/// What became of deleting a LoRA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// It is gone, with its runs. `Deleted` again on a repeat.
    Deleted,
    /// A run is active: nothing is changed.
    Training(RunId),
    /// A later holder of the LoRA's lock has written it: nothing is changed.
    Fenced,
}

/// What became of a new run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// It is queued.
    Inserted,
    /// It was there already: the same press, repeated.
    Exists,
    /// Another run of this LoRA is active.
    Active(RunId),
    /// There is no such LoRA (any more).
    Gone,
}

/// What became of a write under a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Updated {
    /// It is written.
    Updated,
    /// Somebody else has claimed the run since, or the claim was given back, or the run is gone, or it has ended where it
    /// must not have, or not where it must have: stop working on it.
    Fenced,
}

/// Which runs a claim is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimable<'a> {
    /// Unsettled runs of these engines.
    Of(&'a [EngineId]),
    /// Queued runs of any engine whose owner has asked to stop them: no engine knows them yet, so they can be ended
    /// without one, however long its queue is.
    Withdrawn,
    /// Unsettled runs of any engine but these that have not changed ([`Run::updated`]) for so long: their engine is not
    /// configured any more.
    Orphaned {
        /// The engines that are there.
        engines: &'a [EngineId],
        /// How long ago the last change must be, by the store's clock.
        unchanged_for: Duration,
    },
}

/// A run, and the right to work on it.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimedRun {
    /// The run.
    pub run: Run,
    /// The fencing generation of the claim.
    pub generation: u64,
    /// Whether its owner has asked to stop it.
    pub cancel_requested: bool,
}

/// LoRAs and runs.
///
/// Reads return what exists, whoever owns it: callers check the owner ([`crate::Lora::owner`]). Lists are of a whole
/// [account](crate::Account), whichever of its identities asks.
#[async_trait]
pub trait Repository: Accounts {
    /// One LoRA; `None` when there is none of this id.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn lora(&self, id: &LoraId) -> Result<Option<Lora>, RepositoryError>;

    /// The LoRAs of a person's account, last changed first.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn loras(&self, owner: &Owner) -> Result<Vec<LoraSummary>, RepositoryError>;

    /// The LoRA of this name in a person's account, letter case aside; of several the first by id.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn named(
        &self,
        owner: &Owner,
        name: &LoraName,
    ) -> Result<Option<LoraId>, RepositoryError>;

    /// Writes a LoRA as a whole, if `(generation, revision)` is above what is stored; `generation` is that of the lock
    /// its editor holds. A new id is inserted. Order and repeats of saves do not matter.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn save(&self, lora: &Lora, generation: u64) -> Result<Saved, RepositoryError>;

    /// Deletes a LoRA and its ended runs, and remembers the id, known or not, so that a late save cannot bring it back.
    /// `generation` is that of the lock its editor holds; a lower one than the stored is told first.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn delete(&self, id: &LoraId, generation: u64) -> Result<Deleted, RepositoryError>;

    /// Queues a run: by primary key, and at most one active run per LoRA.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn insert_run(&self, run: &Run) -> Result<Inserted, RepositoryError>;

    /// One run.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn run(&self, id: &RunId) -> Result<Option<Run>, RepositoryError>;

    /// All runs of one LoRA, newest first, by [`Run::created`].
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn runs_of(&self, lora: &LoraId) -> Result<Vec<Run>, RepositoryError>;

    /// The newest `limit` runs of a person's account, newest first.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn runs(&self, owner: &Owner, limit: u32) -> Result<Vec<Run>, RepositoryError>;

    /// How many queued runs of the same engine come before this one, by `(created, id)`; `None` when it is not queued.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn ahead(&self, id: &RunId) -> Result<Option<u32>, RepositoryError>;

    /// Claims, for `lease`, one of these runs that nobody holds or whose claim ran out: queued ones last, then by
    /// `(created, id)`. A run can be claimed until it is settled: once it has ended, for what its end asks for. Two claims never return the same run at the same time. The generation is
    /// `max(generation + 1, now in µs)`.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn claim_run(
        &self,
        which: Claimable<'_>,
        lease: Duration,
    ) -> Result<Option<ClaimedRun>, RepositoryError>;

    /// Extends a claim to `lease` from now and says whether the run's owner has asked to stop it; `None` when the claim is
    /// lost. One that ran out and that nobody else has taken is not lost.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn heartbeat(
        &self,
        id: &RunId,
        generation: u64,
        lease: Duration,
    ) -> Result<Option<bool>, RepositoryError>;

    /// Writes a run's state, progress and time of change under a claim, unless it has ended before. Whether its owner has
    /// asked to stop it stays as it is.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn update_run(&self, run: &Run, generation: u64) -> Result<Updated, RepositoryError>;

    /// Notes, under a claim, that all is done that the end of a run asks for (its owner is told, its engine has forgotten
    /// it), and gives the claim back for good.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn settle_run(&self, id: &RunId, generation: u64) -> Result<Updated, RepositoryError>;

    /// Gives a claim back as things are, so that another process can go on at once. Nothing happens when the claim
    /// is not ours.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn release_run(&self, id: &RunId, generation: u64) -> Result<(), RepositoryError>;

    /// Notes that the owner wants a run stopped. False when it is not active (any more).
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn request_cancel(&self, id: &RunId) -> Result<bool, RepositoryError>;

    /// Whether any LoRA or run still uses a blob: what nobody uses may be deleted.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn uses_blob(&self, blob: &lorikeet_chat::BlobId) -> Result<bool, RepositoryError>;
}

impl RunState {
    /// Every name a stored state column may have, active ones first.
    pub const ACTIVE: [&'static str; 4] = ["queued", "preparing", "training", "collecting"];

    /// The name in the state column.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Preparing => "preparing",
            Self::Training => "training",
            Self::Collecting => "collecting",
            Self::Done { .. } => "done",
            Self::Failed { .. } => "failed",
            Self::Cancelled { .. } => "cancelled",
        }
    }
}
