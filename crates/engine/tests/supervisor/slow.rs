//! The repository in memory, made slow: every call takes time before and after its effect, so that a process can be
//! killed on either side of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use lorikeet_chat::BlobId;
use lorikeet_training::memory::MemoryRepository;
use lorikeet_training::{
    Account, Accounts, Attempt, Claimable, ClaimedRun, Deleted, Inserted, Joined, LinkCode, Lora,
    LoraId, LoraName, LoraSummary, Offer, Owner, Repository, RepositoryError, Run, RunId, Saved,
    Updated,
};
use tokio::time::sleep;

use crate::engine::HALF;

/// A slow repository. Clones share it.
#[derive(Clone)]
pub(crate) struct Slow {
    pub(crate) memory: MemoryRepository,
    writes: Arc<AtomicUsize>,
    /// Answers to `update_run` that are lost on the way.
    lost: Arc<AtomicUsize>,
    /// Whether heartbeats come through.
    silent: Arc<AtomicBool>,
}

impl Slow {
    pub(crate) fn new(memory: MemoryRepository) -> Self {
        Self {
            memory,
            writes: Arc::default(),
            lost: Arc::default(),
            silent: Arc::default(),
        }
    }

    /// How often a run was written.
    pub(crate) fn writes(&self) -> usize {
        self.writes.load(Ordering::Relaxed)
    }

    /// Loses the answers to the next `count` writes of a run.
    pub(crate) fn lose_answers(&self, count: usize) {
        self.lost.store(count, Ordering::Relaxed);
    }

    /// Lets heartbeats come through, or not.
    pub(crate) fn silence(&self, silent: bool) {
        self.silent.store(silent, Ordering::Relaxed);
    }

    async fn slowly<T>(
        &self,
        call: impl Future<Output = Result<T, RepositoryError>>,
    ) -> Result<T, RepositoryError> {
        sleep(HALF).await;
        let answer = call.await;
        sleep(HALF).await;
        answer
    }
}

fn gone() -> RepositoryError {
    RepositoryError {
        retryable: true,
        no_space: false,
        message: "the connection is gone".to_owned(),
    }
}

/// Runs ask nothing of these.
#[async_trait]
impl Accounts for Slow {
    async fn account(&self, of: &Owner) -> Result<Account, RepositoryError> {
        self.memory.account(of).await
    }

    async fn offer(&self, offer: &Offer) -> Result<Offer, RepositoryError> {
        self.memory.offer(offer).await
    }

    async fn redeem(&self, attempt: &Attempt) -> Result<Joined, RepositoryError> {
        self.memory.redeem(attempt).await
    }

    async fn spoil(&self, code: &LinkCode) -> Result<(), RepositoryError> {
        self.memory.spoil(code).await
    }

    async fn part(&self, who: &Owner) -> Result<Account, RepositoryError> {
        self.memory.part(who).await
    }
}

#[async_trait]
impl Repository for Slow {
    async fn lora(&self, id: &LoraId) -> Result<Option<Lora>, RepositoryError> {
        self.memory.lora(id).await
    }

    async fn loras(&self, owner: &Owner) -> Result<Vec<LoraSummary>, RepositoryError> {
        self.memory.loras(owner).await
    }

    async fn named(
        &self,
        owner: &Owner,
        name: &LoraName,
    ) -> Result<Option<LoraId>, RepositoryError> {
        self.memory.named(owner, name).await
    }

    async fn save(&self, lora: &Lora, generation: u64) -> Result<Saved, RepositoryError> {
        self.memory.save(lora, generation).await
    }

    async fn delete(&self, id: &LoraId, generation: u64) -> Result<Deleted, RepositoryError> {
        self.memory.delete(id, generation).await
    }

    async fn insert_run(&self, run: &Run) -> Result<Inserted, RepositoryError> {
        self.memory.insert_run(run).await
    }

    async fn run(&self, id: &RunId) -> Result<Option<Run>, RepositoryError> {
        self.slowly(self.memory.run(id)).await
    }

    async fn runs_of(&self, lora: &LoraId) -> Result<Vec<Run>, RepositoryError> {
        self.memory.runs_of(lora).await
    }

    async fn runs(&self, owner: &Owner, limit: u32) -> Result<Vec<Run>, RepositoryError> {
        self.memory.runs(owner, limit).await
    }

    async fn ahead(&self, id: &RunId) -> Result<Option<u32>, RepositoryError> {
        self.memory.ahead(id).await
    }

    async fn claim_run(
        &self,
        which: Claimable<'_>,
        lease: Duration,
    ) -> Result<Option<ClaimedRun>, RepositoryError> {
        self.slowly(self.memory.claim_run(which, lease)).await
    }

    async fn heartbeat(
        &self,
        id: &RunId,
        generation: u64,
        lease: Duration,
    ) -> Result<Option<bool>, RepositoryError> {
        if self.silent.load(Ordering::Relaxed) {
            return Err(gone());
        }
        self.slowly(self.memory.heartbeat(id, generation, lease))
            .await
    }

    async fn update_run(&self, run: &Run, generation: u64) -> Result<Updated, RepositoryError> {
        self.writes.fetch_add(1, Ordering::Relaxed);
        let answer = self.slowly(self.memory.update_run(run, generation)).await;
        let lose = |count: usize| count.checked_sub(1);
        match self
            .lost
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, lose)
        {
            Ok(_) => Err(gone()),
            Err(_) => answer,
        }
    }

    async fn settle_run(&self, id: &RunId, generation: u64) -> Result<Updated, RepositoryError> {
        self.slowly(self.memory.settle_run(id, generation)).await
    }

    async fn release_run(&self, id: &RunId, generation: u64) -> Result<(), RepositoryError> {
        self.slowly(self.memory.release_run(id, generation)).await
    }

    async fn request_cancel(&self, id: &RunId) -> Result<bool, RepositoryError> {
        self.memory.request_cancel(id).await
    }

    async fn uses_blob(&self, blob: &BlobId) -> Result<bool, RepositoryError> {
        self.memory.uses_blob(blob).await
    }
}
