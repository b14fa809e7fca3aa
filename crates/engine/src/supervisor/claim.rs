//! One claimed run: what is written under the claim, and told to the run's owner.

use std::sync::Arc;
use std::time::Duration;

use lorikeet_chat::Coalesce;
use lorikeet_training::wire::RunNews;
use lorikeet_training::{ClaimedRun, RepositoryError, Run, RunState, Updated};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::Parts;
use super::backoff::Backoff;

/// Somebody else has the run now: not another word about it.
#[derive(Debug)]
pub(super) struct Lost;

/// How long a run that is left to another process cannot be claimed.
const PARKED: Duration = Duration::from_secs(2);
/// Sequence of the last news of a run: above any time in microseconds, and within what a signed column holds.
const LAST: u64 = i64::MAX as u64;

/// A run, and the right to write it.
pub(super) struct Claim {
    parts: Arc<Parts>,
    /// The run as it should be.
    pub(super) run: Run,
    generation: u64,
    /// Cancelled when the run's owner wants it stopped.
    pub(super) stop: CancellationToken,
    /// Sequence of the latest news.
    told: u64,
}

impl Claim {
    pub(super) fn new(parts: Arc<Parts>, claimed: ClaimedRun) -> Self {
        let stop = CancellationToken::new();
        if claimed.cancel_requested {
            stop.cancel();
        }
        Self {
            parts,
            run: claimed.run,
            generation: claimed.generation,
            stop,
            told: 0,
        }
    }

    /// Keeps the claim, and hears whether the run is to be stopped. Done when the claim is lost.
    pub(super) fn heartbeat(
        &self,
        mut nudge: watch::Receiver<()>,
    ) -> impl Future<Output = ()> + use<> {
        let parts = Arc::clone(&self.parts);
        let (id, generation, stop) = (self.run.id.clone(), self.generation, self.stop.clone());
        let lease = parts.pace.lease;
        async move {
            loop {
                tokio::select! {
                    () = sleep(lease / 3) => {}
                    Ok(()) = nudge.changed() => {}
                }
                match parts.repository.heartbeat(&id, generation, lease).await {
                    Ok(None) => return,
                    Ok(Some(true)) => stop.cancel(),
                    Ok(Some(false)) => {}
                    // The claim stands until somebody else takes it, and then every write says so.
                    Err(error) => tracing::warn!(run = %id, %error, "no heartbeat"),
                }
            }
        }
    }

    /// Writes the run as it stands, and tells its owner. Repeats until the records answer.
    ///
    /// # Errors
    /// [`Lost`].
    pub(super) async fn write(&mut self) -> Result<(), Lost> {
        self.run.updated = self.parts.clock.now();
        match self.persist().await {
            Updated::Updated => {}
            Updated::Fenced => return Err(Lost),
        }
        let now = self.run.updated.micros();
        let sequence = now.max(self.told + 1).min(LAST - 1);
        self.told = sequence;
        let key = format!("run-{}-{sequence}", self.run.id);
        // The next news says it all again.
        if let Err(error) = self.tell(key, sequence).await {
            tracing::debug!(run = %self.run.id, %error, "progress was not told");
        }
        Ok(())
    }

    /// Ends the run. Repeats until the records answer.
    ///
    /// # Errors
    /// [`Lost`]; also when the run has ended but the answer was lost on the way. Then the claim runs out, and whoever is
    /// next settles what has ended.
    pub(super) async fn end(&mut self, state: RunState) -> Result<(), Lost> {
        self.run.state = state;
        self.run.updated = self.parts.clock.now();
        match self.persist().await {
            Updated::Updated => {
                tracing::info!(run = %self.run.id, state = self.run.state.name(), "a run has ended");
                Ok(())
            }
            Updated::Fenced => Err(Lost),
        }
    }

    /// Tells the run's owner that it has ended. Repeated or not, it is told once.
    pub(super) async fn tell_end(&self) {
        let mut backoff = Backoff::new(self.parts.pace.patience);
        loop {
            let key = format!("run-{}-ended", self.run.id);
            let Err(error) = self.tell(key, LAST).await else {
                return;
            };
            match backoff.wait(Instant::now()).filter(|_| error.retryable) {
                Some(wait) => sleep(wait).await,
                None => {
                    tracing::error!(run = %self.run.id, %error, "the end was not told");
                    return;
                }
            }
        }
    }

    /// Notes that nothing is left to be done.
    pub(super) async fn settle(&self) {
        let mut backoff = Backoff::endless();
        while let Err(error) = self
            .parts
            .repository
            .settle_run(&self.run.id, self.generation)
            .await
        {
            self.wait(&mut backoff, &error).await;
        }
    }

    /// Whether another process may have the work of a run that the engine here does not know, and come back for it.
    pub(super) fn may_be_elsewhere(&self) -> bool {
        let since = self.parts.clock.now().since(self.run.updated);
        since < self.parts.pace.elsewhere
    }

    /// Lets the claim run out soon, so that whoever has the run's work finds it free; until then it keeps nobody from
    /// the runs behind it.
    pub(super) async fn park(&self) {
        let (id, lease) = (&self.run.id, PARKED.min(self.parts.pace.lease));
        tracing::info!(run = %id, "the run is left to the process that has its work");
        let parked = self.parts.repository.heartbeat(id, self.generation, lease);
        // Otherwise it runs out a little later.
        if let Err(error) = parked.await {
            tracing::warn!(run = %id, %error, "a claim was not shortened");
        }
    }

    /// What gives the claim back, for whoever comes next.
    pub(super) fn release(&self) -> impl Future<Output = ()> + use<> {
        let parts = Arc::clone(&self.parts);
        let (id, generation) = (self.run.id.clone(), self.generation);
        async move {
            // Otherwise it runs out.
            if let Err(error) = parts.repository.release_run(&id, generation).await {
                tracing::warn!(run = %id, %error, "a claim was not given back");
            }
        }
    }

    async fn persist(&self) -> Updated {
        let mut backoff = Backoff::endless();
        loop {
            match self
                .parts
                .repository
                .update_run(&self.run, self.generation)
                .await
            {
                Ok(updated) => return updated,
                Err(error) => self.wait(&mut backoff, &error).await,
            }
        }
    }

    /// Nothing can be done about a run without the records; they are waited for, whatever is wrong.
    async fn wait(&self, backoff: &mut Backoff, error: &RepositoryError) {
        tracing::warn!(run = %self.run.id, %error, "the records do not answer");
        if let Some(wait) = backoff.wait(Instant::now()) {
            sleep(wait).await;
        }
    }

    async fn tell(&self, key: String, sequence: u64) -> Result<(), RepositoryError> {
        let coalesce = Coalesce {
            key: format!("run-{}", self.run.id),
            sequence,
            replaceable: sequence < LAST,
        };
        let news = RunNews::of(&self.run).into();
        self.parts
            .courier
            .tell(&self.run.conversation, &key, Some(coalesce), news)
            .await
    }
}
