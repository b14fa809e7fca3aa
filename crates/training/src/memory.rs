//! The repository in memory: for tests, and for trying things out. What it holds ends with its last clone.

mod accounts;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use lorikeet_chat::{BlobId, Timestamp};
use lorikeet_store::Clock;

use crate::{
    Claimable, ClaimedRun, Deleted, Inserted, Lora, LoraId, LoraName, LoraSummary, Owner,
    Repository, RepositoryError, Run, RunId, RunState, Saved, Standing, Updated, judge_save,
};

/// LoRAs and runs in memory. Clones share them.
#[derive(Clone)]
pub struct MemoryRepository {
    clock: Arc<dyn Clock>,
    records: Arc<Mutex<Records>>,
}

#[derive(Default)]
struct Records {
    loras: BTreeMap<LoraId, LoraRecord>,
    deleted: BTreeSet<LoraId>,
    runs: BTreeMap<RunId, RunRecord>,
    accounts: accounts::Ledger,
}

struct LoraRecord {
    lora: Lora,
    generation: u64,
}

struct RunRecord {
    run: Run,
    cancel_requested: bool,
    /// The highest generation any claim had.
    generation: u64,
    /// Until when the run is claimed; `None` when it was given back or is settled.
    claimed_until: Option<Timestamp>,
    /// Whether all is done that its end asks for.
    settled: bool,
}

impl MemoryRepository {
    /// An empty repository on a clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            records: Arc::default(),
        }
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        // Nothing panics while it holds the lock; if something did, the records are still whole per call.
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryRepository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryRepository").finish_non_exhaustive()
    }
}

impl Records {
    fn active_run(&self, lora: &LoraId) -> Option<&RunId> {
        self.runs
            .values()
            .find(|record| record.run.lora == *lora && record.run.state.is_active())
            .map(|record| &record.run.id)
    }

    /// Runs that a filter keeps, newest first.
    fn newest(&self, keep: impl Fn(&Run) -> bool) -> Vec<Run> {
        let mut runs: Vec<&Run> = self.runs.values().map(|record| &record.run).collect();
        runs.retain(|run| keep(run));
        runs.sort_by_key(|run| Reverse(run.place()));
        runs.into_iter().cloned().collect()
    }

    /// The record of a run whose claim of this generation stands.
    fn claimed(&mut self, id: &RunId, generation: u64) -> Option<&mut RunRecord> {
        self.runs
            .get_mut(id)
            .filter(|record| record.generation == generation && record.claimed_until.is_some())
    }

    fn summary(&self, lora: &Lora) -> LoraSummary {
        let runs = || self.runs.values().map(|record| &record.run);
        LoraSummary {
            id: lora.id.clone(),
            name: lora.name.clone(),
            pictures: u32::try_from(lora.dataset.picture_count()).unwrap_or(u32::MAX),
            latest: runs()
                .filter(|run| run.lora == lora.id && run.state.standing() == Standing::Done)
                .map(|run| run.version)
                .max(),
            training: self.active_run(&lora.id).is_some(),
            updated: lora.updated,
        }
    }
}

impl Run {
    /// Where it stands in a queue.
    fn place(&self) -> (Timestamp, &RunId) {
        (self.created, &self.id)
    }

    fn uses(&self, blob: &BlobId) -> bool {
        let artifact = self.state.artifact().map(|artifact| &artifact.blob);
        let samples = self.progress.samples.iter().map(|sample| &sample.blob);
        let pictures = self.pictures.iter().map(|picture| &picture.image);
        pictures
            .chain(samples)
            .chain(artifact)
            .any(|used| used == blob)
    }
}

impl RunRecord {
    fn is_claimable(&self, which: Claimable<'_>, now: Timestamp) -> bool {
        let run = &self.run;
        let free = self.claimed_until.is_none_or(|until| until <= now);
        let wanted = match which {
            Claimable::Of(engines) => engines.contains(&run.settings.engine),
            Claimable::Withdrawn => self.cancel_requested && run.state == RunState::Queued,
            Claimable::Orphaned {
                engines,
                unchanged_for,
            } => !engines.contains(&run.settings.engine) && run.updated.after(unchanged_for) <= now,
        };
        free && wanted && !self.settled
    }
}

#[async_trait]
impl Repository for MemoryRepository {
    async fn lora(&self, id: &LoraId) -> Result<Option<Lora>, RepositoryError> {
        let records = self.records();
        Ok(records.loras.get(id).map(|record| record.lora.clone()))
    }

    async fn loras(&self, owner: &Owner) -> Result<Vec<LoraSummary>, RepositoryError> {
        let records = self.records();
        let account = records.accounts.account(owner);
        let mut loras: Vec<LoraSummary> = records
            .loras
            .values()
            .filter(|record| account.contains(&record.lora.owner))
            .map(|record| records.summary(&record.lora))
            .collect();
        loras.sort_by_key(|lora| Reverse(lora.updated));
        Ok(loras)
    }

    async fn named(
        &self,
        owner: &Owner,
        name: &LoraName,
    ) -> Result<Option<LoraId>, RepositoryError> {
        let records = self.records();
        let account = records.accounts.account(owner);
        let mut loras = records.loras.values().map(|record| &record.lora);
        let found = loras.find(|lora| account.contains(&lora.owner) && lora.name.same_as(name));
        Ok(found.map(|lora| lora.id.clone()))
    }

    async fn save(&self, lora: &Lora, generation: u64) -> Result<Saved, RepositoryError> {
        let mut records = self.records();
        if records.deleted.contains(&lora.id) {
            return Ok(Saved::Gone);
        }
        let training = records.active_run(&lora.id).is_some();
        let saved = records.loras.get(&lora.id).map_or(Saved::Saved, |stored| {
            judge_save(&stored.lora, stored.generation, training, lora, generation)
        });
        if saved == Saved::Saved {
            let lora = lora.clone();
            let record = LoraRecord { lora, generation };
            records.loras.insert(record.lora.id.clone(), record);
        }
        Ok(saved)
    }

    async fn delete(&self, id: &LoraId, generation: u64) -> Result<Deleted, RepositoryError> {
        let mut records = self.records();
        let stored = records.loras.get(id);
        if stored.is_some_and(|stored| generation < stored.generation) {
            return Ok(Deleted::Fenced);
        }
        if let Some(run) = records.active_run(id) {
            return Ok(Deleted::Training(run.clone()));
        }
        records.loras.remove(id);
        records.runs.retain(|_, record| record.run.lora != *id);
        records.deleted.insert(id.clone());
        Ok(Deleted::Deleted)
    }

    async fn insert_run(&self, run: &Run) -> Result<Inserted, RepositoryError> {
        let mut records = self.records();
        if records.runs.contains_key(&run.id) {
            return Ok(Inserted::Exists);
        }
        if !records.loras.contains_key(&run.lora) {
            return Ok(Inserted::Gone);
        }
        if let Some(active) = records.active_run(&run.lora) {
            return Ok(Inserted::Active(active.clone()));
        }
        let record = RunRecord {
            run: run.clone(),
            cancel_requested: false,
            generation: 0,
            claimed_until: None,
            settled: false,
        };
        records.runs.insert(run.id.clone(), record);
        Ok(Inserted::Inserted)
    }

    async fn run(&self, id: &RunId) -> Result<Option<Run>, RepositoryError> {
        let records = self.records();
        Ok(records.runs.get(id).map(|record| record.run.clone()))
    }

    async fn runs_of(&self, lora: &LoraId) -> Result<Vec<Run>, RepositoryError> {
        Ok(self.records().newest(|run| run.lora == *lora))
    }

    async fn runs(&self, owner: &Owner, limit: u32) -> Result<Vec<Run>, RepositoryError> {
        let records = self.records();
        let account = records.accounts.account(owner);
        let mut runs = records.newest(|run| account.contains(&run.owner));
        runs.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(runs)
    }

    async fn ahead(&self, id: &RunId) -> Result<Option<u32>, RepositoryError> {
        let records = self.records();
        let queued = || {
            let runs = records.runs.values().map(|record| &record.run);
            runs.filter(|run| run.state == RunState::Queued)
        };
        let ahead = queued().find(|run| run.id == *id).map(|run| {
            queued()
                .filter(|other| other.settings.engine == run.settings.engine)
                .filter(|other| other.place() < run.place())
                .count()
        });
        Ok(ahead.map(|count| u32::try_from(count).unwrap_or(u32::MAX)))
    }

    async fn claim_run(
        &self,
        which: Claimable<'_>,
        lease: Duration,
    ) -> Result<Option<ClaimedRun>, RepositoryError> {
        let now = self.clock.now();
        let mut records = self.records();
        let next = records
            .runs
            .values_mut()
            .filter(|record| record.is_claimable(which, now))
            .min_by(|a, b| {
                let order = |record: &RunRecord| {
                    let place = (record.run.created, record.run.id.clone());
                    (record.run.state == RunState::Queued, place)
                };
                order(a).cmp(&order(b))
            });
        Ok(next.map(|record| {
            record.generation = (record.generation + 1).max(now.micros());
            record.claimed_until = Some(now.after(lease));
            ClaimedRun {
                run: record.run.clone(),
                generation: record.generation,
                cancel_requested: record.cancel_requested,
            }
        }))
    }

    async fn heartbeat(
        &self,
        id: &RunId,
        generation: u64,
        lease: Duration,
    ) -> Result<Option<bool>, RepositoryError> {
        let until = self.clock.now().after(lease);
        let mut records = self.records();
        Ok(records.claimed(id, generation).map(|record| {
            record.claimed_until = Some(until);
            record.cancel_requested
        }))
    }

    async fn update_run(&self, run: &Run, generation: u64) -> Result<Updated, RepositoryError> {
        let mut records = self.records();
        let claimed = records.claimed(&run.id, generation);
        let Some(record) = claimed.filter(|record| record.run.state.is_active()) else {
            return Ok(Updated::Fenced);
        };
        record.run.state = run.state.clone();
        record.run.progress = run.progress.clone();
        record.run.updated = run.updated;
        Ok(Updated::Updated)
    }

    async fn settle_run(&self, id: &RunId, generation: u64) -> Result<Updated, RepositoryError> {
        let mut records = self.records();
        let claimed = records.claimed(id, generation);
        let Some(record) = claimed.filter(|record| !record.run.state.is_active()) else {
            return Ok(Updated::Fenced);
        };
        record.settled = true;
        record.claimed_until = None;
        Ok(Updated::Updated)
    }

    async fn release_run(&self, id: &RunId, generation: u64) -> Result<(), RepositoryError> {
        if let Some(record) = self.records().claimed(id, generation) {
            record.claimed_until = None;
        }
        Ok(())
    }

    async fn request_cancel(&self, id: &RunId) -> Result<bool, RepositoryError> {
        let mut records = self.records();
        let active = records
            .runs
            .get_mut(id)
            .filter(|record| record.run.state.is_active());
        Ok(active
            .map(|record| record.cancel_requested = true)
            .is_some())
    }

    async fn uses_blob(&self, blob: &BlobId) -> Result<bool, RepositoryError> {
        let records = self.records();
        let in_lora = |record: &LoraRecord| record.lora.dataset.blobs().contains(blob);
        let in_run = |record: &RunRecord| record.run.uses(blob);
        Ok(records.loras.values().any(in_lora) || records.runs.values().any(in_run))
    }
}
