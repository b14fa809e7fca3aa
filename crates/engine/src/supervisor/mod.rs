//! The supervision of runs: claims the runs of the engines this process has, and sees each of them to its end.
//!
//! Owns when a run is claimed and given back. What one run goes through is [`attend`]'s, what is written under its
//! claim and told to its owner [`claim`]'s, and what reports mean [`fold`]'s, which is pure.
//!
//! Any number of processes may supervise the same records. A run belongs to whoever claimed it last: a supervisor
//! whose claim is lost stops at once, without a word to the engine, whose job the new holder follows. A run whose
//! process was killed is claimed again when its lease runs out, and followed from where it is.

mod attend;
mod backoff;
mod claim;
mod fold;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use lorikeet_media::Blobs;
use lorikeet_store::Clock;
use lorikeet_training::{Claimable, ClaimedRun, Courier, EngineId, Repository, RepositoryError};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use self::attend::Attendant;
use self::claim::Claim;
use crate::Engine;

/// What a supervisor works with.
pub struct Parts {
    /// Where runs are kept.
    pub repository: Arc<dyn Repository>,
    /// Where pictures, samples and files are kept.
    pub blobs: Blobs,
    /// Who tells conversations how their runs get on.
    pub courier: Arc<dyn Courier>,
    /// The engines of this process. All processes of one installation have the same.
    pub engines: BTreeMap<EngineId, Arc<dyn Engine>>,
    /// The time that runs are stamped with.
    pub clock: Arc<dyn Clock>,
    /// Notified when there is a new run, or one to be stopped.
    pub wake: Arc<Notify>,
    /// How often and how long.
    pub pace: Pace,
}

/// How often and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How long a claim stands without a heartbeat; there are three to a lease. The longest that the runs of a killed
    /// process wait for another.
    pub lease: Duration,
    /// How often to look for runs that nobody attends to, besides being woken.
    pub look: Duration,
    /// Progress is written and told at most this often.
    pub progress: Duration,
    /// How long an engine or a store of blobs may fail before the run does.
    pub patience: Duration,
    /// How long a run that the engine does not know is left to the process that may have it, after its last change: an
    /// engine may keep its work where its process runs. Zero where there is one process only.
    pub elsewhere: Duration,
    /// How long a run must lie unchanged before it fails because its engine is not there.
    pub orphaned: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(30),
            look: Duration::from_secs(5),
            progress: Duration::from_secs(1),
            patience: Duration::from_secs(30 * 60),
            elsewhere: Duration::ZERO,
            orphaned: Duration::from_secs(10 * 60),
        }
    }
}

/// Sees runs to their end.
pub struct Supervisor {
    parts: Arc<Parts>,
    /// Room for runs, by engine.
    room: BTreeMap<EngineId, Arc<Semaphore>>,
    /// Has every heartbeat ask at once whether its run is to be stopped.
    nudge: watch::Sender<()>,
    stopping: CancellationToken,
}

impl Supervisor {
    /// A supervisor that does nothing before it [runs](Self::run).
    pub fn new(parts: Parts) -> Self {
        let room = parts
            .engines
            .iter()
            .map(|(id, engine)| {
                (
                    id.clone(),
                    Arc::new(Semaphore::new(engine.capacity().max(1))),
                )
            })
            .collect();
        Self {
            parts: Arc::new(parts),
            room,
            nudge: watch::Sender::new(()),
            stopping: CancellationToken::new(),
        }
    }

    /// Supervises until `stop` is done, then gives its runs back as they are, so that the next start goes on with them
    /// at once. Engines are not told: they work on.
    pub async fn run(&self, stop: impl Future<Output = ()> + Send) {
        let mut runs = JoinSet::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            // Not broken off: a claim that nobody knows of would have to run out.
            if let Err(error) = self.claim_all(&mut runs).await {
                tracing::warn!(%error, "runs cannot be claimed");
            }
            tokio::select! {
                () = &mut stop => break,
                () = self.parts.wake.notified() => self.nudge.send_modify(|()| {}),
                // An engine has room again.
                Some(_) = runs.join_next() => {}
                () = sleep(self.parts.pace.look) => {}
            }
        }
        self.stopping.cancel();
        while runs.join_next().await.is_some() {}
    }

    /// Claims whatever there is to claim, and attends to it.
    async fn claim_all(&self, runs: &mut JoinSet<()>) -> Result<(), RepositoryError> {
        while let Some(claimed) = self.claim(Claimable::Withdrawn).await? {
            self.attend(runs, claimed, None);
        }
        let engines: Vec<EngineId> = self.parts.engines.keys().cloned().collect();
        let orphaned = Claimable::Orphaned {
            engines: &engines,
            unchanged_for: self.parts.pace.orphaned,
        };
        while let Some(claimed) = self.claim(orphaned).await? {
            self.attend(runs, claimed, None);
        }
        loop {
            let with_room: Vec<EngineId> = self
                .room
                .iter()
                .filter(|(_, room)| room.available_permits() > 0)
                .map(|(id, _)| id.clone())
                .collect();
            if with_room.is_empty() {
                return Ok(());
            }
            let Some(claimed) = self.claim(Claimable::Of(&with_room)).await? else {
                return Ok(());
            };
            let room = self.room.get(&claimed.run.settings.engine);
            // Nobody else takes room, so there still is some.
            let permit = room.and_then(|room| Arc::clone(room).try_acquire_owned().ok());
            self.attend(runs, claimed, permit);
        }
    }

    async fn claim(&self, which: Claimable<'_>) -> Result<Option<ClaimedRun>, RepositoryError> {
        let lease = self.parts.pace.lease;
        self.parts.repository.claim_run(which, lease).await
    }

    fn attend(
        &self,
        runs: &mut JoinSet<()>,
        claimed: ClaimedRun,
        room: Option<OwnedSemaphorePermit>,
    ) {
        let engine = self.parts.engines.get(&claimed.run.settings.engine);
        let attendant = Attendant {
            parts: Arc::clone(&self.parts),
            engine: engine.cloned(),
            claim: Claim::new(Arc::clone(&self.parts), claimed),
        };
        let stopping = self.stopping.clone();
        let nudge = self.nudge.subscribe();
        runs.spawn(async move {
            attendant.run(nudge, stopping).await;
            drop(room);
        });
    }
}
