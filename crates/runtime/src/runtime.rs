//! The runtime as the binary sees it: put together, run, stopped.

use std::sync::Arc;

use async_trait::async_trait;
use lorikeet_chat::{Conversation, Event, PlatformId};
use lorikeet_platform::{Accepted, Adapter, DeliveryError, Inbox, InboxError};
use lorikeet_store::{Clock, LockStore, Owner, SessionStore, Signals};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use crate::core::Core;
use crate::{Counts, Logic, Settings, Worker, hints, placement, sweep};

/// What a runtime is put together from.
pub struct Parts {
    /// Keeps conversations.
    pub store: Arc<dyn SessionStore>,
    /// Decides who leads a platform.
    pub locks: Arc<dyn LockStore>,
    /// What processes tell one another; absent where there is one process only.
    pub signals: Option<Arc<dyn Signals>>,
    /// Decides what events do.
    pub logic: Arc<dyn Logic>,
    /// One for each platform.
    pub adapters: Vec<Arc<dyn Adapter>>,
    /// One for each service.
    pub workers: Vec<Arc<dyn Worker>>,
    /// Says what time it is for people; leases do not depend on it.
    pub clock: Arc<dyn Clock>,
    /// Bounds.
    pub settings: Settings,
}

/// Runs conversations in this process. Any number of processes may share a store.
///
/// Dropping it drops everything that is under way, like a kill; [`Runtime::run`] ends in good order.
pub struct Runtime(Arc<Core>);

/// The runtime could not start, or had to end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// An adapter cannot work.
    #[error("{platform}: {error}")]
    Adapter {
        /// Whose.
        platform: PlatformId,
        /// What it said, and what to do.
        #[source]
        error: DeliveryError,
    },
    /// There is none to draw an identity from.
    #[error("the operating system gives no random numbers: {0}")]
    Randomness(String),
    /// A part of the process panicked; its message is in the log.
    #[error("a part of the process panicked")]
    Panicked,
}

impl Runtime {
    /// Puts a runtime together, under an identity of its own.
    ///
    /// # Errors
    /// [`RunError::Randomness`].
    pub fn new(parts: Parts) -> Result<Self, RunError> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| RunError::Randomness(error.to_string()))?;
        Ok(Self(Arc::new(Core::new(parts, Owner::new(random)))))
    }

    /// Puts an event of Lorikeet's own (a result, progress) into a mailbox and has its turn run at once. Progress
    /// that carries [`Coalesce`](lorikeet_chat::Coalesce) replaces what still waits of its key.
    ///
    /// # Errors
    /// [`InboxError`] when the store cannot be reached: post it again.
    pub async fn post(
        &self,
        conversation: &Conversation,
        event: Event,
    ) -> Result<Accepted, InboxError> {
        self.0.accept_event(conversation, event).await
    }

    /// What happened so far.
    pub fn counts(&self) -> Counts {
        self.0.counters.read()
    }

    /// Runs the adapters, the sweep and everything that comes of them until `stop` is done. Then takes up nothing
    /// new, lets what is under way come to its end, gives up what it holds, and returns.
    ///
    /// # Errors
    /// [`RunError`] when it has to end before: no adapter is left that works.
    pub async fn run(&self, stop: impl Future<Output = ()> + Send) -> Result<(), RunError> {
        let core = &self.0;
        let mut sweep = JoinSet::new();
        sweep.spawn(sweep::run(Arc::clone(core)));
        if let Some(signals) = &core.signals {
            sweep.spawn(hints::run(Arc::clone(core), Arc::clone(signals)));
        }
        let mut adapters = JoinSet::new();
        for (platform, outlet) in &core.outlets {
            let (platform, outlet) = (platform.clone(), Arc::clone(outlet));
            let run = placement::run(Arc::clone(core), outlet);
            adapters.spawn(async move {
                let outcome = run.await;
                outcome.map_err(|error| RunError::Adapter { platform, error })
            });
        }

        let outcome = tokio::select! {
            () = stop => Ok(()),
            outcome = last_failure(&mut adapters) => outcome,
        };
        let deadline = Instant::now() + core.settings.grace;
        core.stopping.cancel();
        core.tasks.close();
        let ending = async {
            while sweep.join_next().await.is_some() {}
            core.tasks.wait().await;
            while adapters.join_next().await.is_some() {}
        };
        if timeout_at(deadline, ending).await.is_err() {
            tracing::warn!(
                "stopped with work under way; it goes on elsewhere once its leases run out"
            );
        }
        core.dead.cancel();
        outcome
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.0.dead.cancel();
    }
}

#[async_trait]
impl Inbox for Runtime {
    async fn accept(
        &self,
        conversation: &Conversation,
        event: Event,
    ) -> Result<Accepted, InboxError> {
        self.0.accept_event(conversation, event).await
    }
}

/// Ends when no adapter is left of which one failed: as long as another works, the bot does. Never, when none fails.
async fn last_failure(adapters: &mut JoinSet<Result<(), RunError>>) -> Result<(), RunError> {
    let mut failure = None;
    while let Some(ended) = adapters.join_next().await {
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                if !adapters.is_empty() {
                    tracing::error!(%error, "a platform is left out; the others go on");
                }
                failure = Some(error);
            }
            Err(_) => return Err(RunError::Panicked),
        }
    }
    match failure {
        Some(error) => Err(error),
        None => std::future::pending().await,
    }
}
