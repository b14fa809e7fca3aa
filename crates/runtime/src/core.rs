//! What all loops of a process share, and how they are started.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures::future::BoxFuture;
use lorikeet_chat::{Conversation, Event, Lane, PlatformId};
use lorikeet_platform::{Accepted, Inbox, InboxError};
use lorikeet_store::{
    Claim, Claimed, Clock, Done, Enter, Entered, LOCAL_DEADLINE, LaneGrant, LockStore, Owner,
    SessionStore, Settle, SettleOutcome, Signals,
};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::backoff::persist;
use crate::counters::Counters;
use crate::lease::Lease;
use crate::pace::Pacer;
use crate::placement::Outlet;
use crate::registry::{Grant, Registry, Right, Ticket};
use crate::{Logic, Settings, Worker, deliver, turns, work};

/// What was done is reported for this long: past the lease too, for it still spares a repeat.
const SETTLE_PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Core {
    pub(crate) store: Arc<dyn SessionStore>,
    pub(crate) locks: Arc<dyn LockStore>,
    pub(crate) signals: Option<Arc<dyn Signals>>,
    pub(crate) logic: Arc<dyn Logic>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) outlets: HashMap<PlatformId, Arc<Outlet>>,
    pub(crate) workers: HashMap<String, Arc<dyn Worker>>,
    pub(crate) settings: Settings,
    /// Drawn at every start.
    pub(crate) owner: Owner,
    pub(crate) registry: Arc<Registry>,
    pub(crate) pacer: Pacer,
    pub(crate) counters: Counters,
    /// Permits to run turns.
    turns: Arc<Semaphore>,
    /// Permits to run jobs.
    pub(crate) jobs: Semaphore,
    /// Whether an event waits in the store for want of a permit.
    starved: AtomicBool,
    /// Hurries the sweep.
    pub(crate) hint: Notify,
    /// Names the calls of `enter`.
    tokens: AtomicU64,
    /// Every task of a conversation.
    pub(crate) tasks: TaskTracker,
    /// Take up nothing new.
    pub(crate) stopping: CancellationToken,
    /// Drop everything.
    pub(crate) dead: CancellationToken,
}

/// Leave to run turns; giving it back lets events in that wait for one.
struct TurnPermit {
    core: Arc<Core>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Drop for TurnPermit {
    fn drop(&mut self) {
        drop(self.permit.take());
        if self.core.starved.swap(false, Ordering::SeqCst) {
            self.core.hint.notify_one();
        }
    }
}

impl Core {
    pub(crate) fn new(parts: crate::Parts, owner: Owner) -> Self {
        let outlets = parts
            .adapters
            .into_iter()
            .map(|adapter| (adapter.platform(), Arc::new(Outlet::new(adapter))));
        let workers = parts
            .workers
            .into_iter()
            .map(|worker| (worker.service().to_owned(), worker));
        Self {
            store: parts.store,
            locks: parts.locks,
            signals: parts.signals,
            logic: parts.logic,
            clock: parts.clock,
            outlets: outlets.collect(),
            workers: workers.collect(),
            settings: parts.settings,
            owner,
            registry: Arc::default(),
            pacer: Pacer::default(),
            counters: Counters::default(),
            turns: Arc::new(Semaphore::new(parts.settings.turns)),
            jobs: Semaphore::new(parts.settings.jobs),
            starved: AtomicBool::new(false),
            hint: Notify::new(),
            tokens: AtomicU64::new(1),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
            dead: CancellationToken::new(),
        }
    }

    /// Takes an event in, and runs the conversation's turn when it is free. The work goes on when the caller stops
    /// waiting (a web client that hangs up): the turn taken on the way would otherwise be held by nobody.
    pub(crate) async fn accept_event(
        self: &Arc<Self>,
        conversation: &Conversation,
        event: Event,
    ) -> Result<Accepted, InboxError> {
        let (answer, accepted) = oneshot::channel();
        let core = Arc::clone(self);
        let conversation = Arc::new(conversation.clone());
        self.spawn(Box::pin(async move {
            core.take_in(conversation, event, answer).await;
        }));
        accepted
            .await
            .unwrap_or_else(|_| Err(InboxError("the bot is stopping".to_owned())))
    }

    async fn take_in(
        self: Arc<Self>,
        conversation: Arc<Conversation>,
        event: Event,
        answer: oneshot::Sender<Result<Accepted, InboxError>>,
    ) {
        let permit = self.turn_permit();
        let sent = Instant::now();
        let request = Enter {
            conversation: Conversation::clone(&conversation),
            event,
            owner: self.owner,
            token: self.tokens.fetch_add(1, Ordering::Relaxed),
            take: permit.is_some(),
        };
        let deadline = sent + self.settings.accept.min(LOCAL_DEADLINE);
        let entered = persist(deadline, "enter", || self.store.enter(&request)).await;
        // What comes of it may take long.
        drop(request);
        let counters = &self.counters;
        let (accepted, counter) = match &entered {
            Ok(Entered::Turn(_) | Entered::Queued) => (Accepted::Accepted, &counters.accepted),
            Ok(Entered::Duplicate) => (Accepted::Duplicate, &counters.duplicates),
            Ok(Entered::Late | Entered::Stale) => (Accepted::Duplicate, &counters.late),
            Ok(Entered::Full) => (Accepted::Full, &counters.refused),
            Err(error) => {
                // Who no longer waits does not acknowledge either.
                let _ = answer.send(Err(InboxError(error.to_string())));
                return;
            }
        };
        counter.add(1);
        let _ = answer.send(Ok(accepted));
        match (entered, permit) {
            (Ok(Entered::Turn(grant)), permit) => {
                let right = Right::Turn(grant);
                let offered = self
                    .registry
                    .pin(&conversation)
                    .offer(Grant { sent, right });
                if let Some((ticket, grant)) = offered {
                    self.work_on(ticket, grant, permit).await;
                }
            }
            (Ok(Entered::Queued), None) => {
                self.starve();
                // Another process may have a turn to spare.
                self.tell(&conversation, Lane::Turn);
            }
            _ => {}
        }
    }

    /// Claims a lane and works on it; whether it was granted.
    pub(crate) async fn claim(self: &Arc<Self>, conversation: Conversation, lane: Lane) -> bool {
        if self.stopping.is_cancelled() {
            return false;
        }
        let permit = match lane {
            Lane::Turn => match self.turn_permit() {
                Some(permit) => Some(permit),
                None => {
                    self.starve();
                    return false;
                }
            },
            Lane::Deliver | Lane::Work => None,
        };
        let request = Claim {
            conversation: conversation.clone(),
            lane,
            owner: self.owner,
        };
        let conversation = Arc::new(conversation);
        let pin = self.registry.pin(&conversation);
        let sent = Instant::now();
        // Not repeated: a lane granted by a lost answer is held, and found again once its lease has run out.
        let right = match timeout(LOCAL_DEADLINE, self.store.claim(request)).await {
            Ok(Ok(Claimed::Turn(grant))) => Right::Turn(grant),
            Ok(Ok(Claimed::Effects(grant))) => Right::Outbox(grant),
            Ok(Ok(Claimed::Nothing | Claimed::Held)) | Err(_) => return false,
            Ok(Err(error)) => {
                tracing::warn!(%error, "a lane could not be claimed");
                return false;
            }
        };
        self.counters.claimed.add(1);
        if let Some((ticket, grant)) = pin.offer(Grant { sent, right }) {
            self.spawn(Arc::clone(self).work_on(ticket, grant, permit));
        }
        true
    }

    /// A result is new in a mailbox: runs the turn at once, if nobody does.
    pub(crate) fn wake(self: &Arc<Self>, conversation: &Arc<Conversation>) {
        let core = Arc::clone(self);
        let conversation = Conversation::clone(conversation);
        self.spawn(Box::pin(async move {
            core.claim(conversation, Lane::Turn).await;
        }));
    }

    /// Works on a right in a task of its own.
    pub(crate) fn begin(self: &Arc<Self>, ticket: Ticket, grant: Grant) {
        self.spawn(Arc::clone(self).work_on(ticket, grant, None));
    }

    // Boxed, because turns start outbox lanes and those turns.
    fn work_on(
        self: Arc<Self>,
        mut ticket: Ticket,
        grant: Grant,
        mut permit: Option<TurnPermit>,
    ) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            let mut next = Some(grant);
            while let Some(Grant { sent, right }) = next {
                let mut granted = None;
                match right {
                    Right::Turn(grant) => {
                        granted = turns::run(&self, ticket.conversation(), grant, sent).await;
                    }
                    Right::Outbox(grant) if grant.lane == Lane::Deliver => {
                        deliver::run(&self, &ticket, grant, sent).await;
                    }
                    Right::Outbox(grant) => work::run(&self, &ticket, grant, sent).await,
                }
                next = ticket.next();
                match granted {
                    // The lane that the last turn left behind needs no task of its own, nor the leave to run turns.
                    Some((lane, grant)) if next.is_none() => {
                        drop(permit.take());
                        (ticket, next) = (lane, Some(grant));
                    }
                    Some((lane, grant)) => self.begin(lane, grant),
                    None => {}
                }
            }
        })
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        let dead = self.dead.clone();
        self.tasks.spawn(async move {
            dead.run_until_cancelled(task).await;
        });
    }

    pub(crate) fn lease<'a>(
        &'a self,
        conversation: &'a Conversation,
        lane: Lane,
        generation: u64,
        sent: Instant,
    ) -> Lease<'a> {
        Lease::new(
            &*self.store,
            conversation,
            lane,
            self.owner,
            generation,
            sent,
        )
    }

    /// Reports executed effects; what there is to do next, or `None` to stop.
    pub(crate) async fn settle(
        self: &Arc<Self>,
        conversation: &Arc<Conversation>,
        lane: Lane,
        lease: &Lease<'_>,
        done: Vec<Done>,
    ) -> Option<LaneGrant> {
        let request = Settle {
            conversation: Conversation::clone(conversation),
            lane,
            owner: self.owner,
            generation: lease.generation,
            done,
        };
        let sent = Instant::now();
        let deadline = sent + SETTLE_PATIENCE;
        let settled = persist(deadline, "settle", || self.store.settle(&request));
        let settled = settled.await.ok()?;
        if settled.wake {
            self.wake(conversation);
        }
        match settled.outcome {
            SettleOutcome::Next(grant) => {
                lease.extend(sent);
                Some(grant)
            }
            SettleOutcome::Released => None,
            SettleOutcome::Fenced => {
                self.counters.fenced.add(1);
                None
            }
        }
    }

    /// Whether this process may deliver to a conversation's platform now.
    pub(crate) fn may_deliver(&self, conversation: &Conversation) -> bool {
        self.outlets
            .get(&conversation.platform)
            .is_some_and(|outlet| outlet.may_deliver())
    }

    /// How many more turns may run.
    pub(crate) fn free_turns(&self) -> usize {
        self.turns.available_permits()
    }

    fn turn_permit(self: &Arc<Self>) -> Option<TurnPermit> {
        if self.stopping.is_cancelled() {
            return None;
        }
        let permit = Arc::clone(&self.turns).try_acquire_owned().ok()?;
        Some(TurnPermit {
            core: Arc::clone(self),
            permit: Some(permit),
        })
    }

    /// An event may wait in the store for want of a permit: the next one given back hurries the sweep.
    pub(crate) fn starve(&self) {
        self.starved.store(true, Ordering::SeqCst);
        // It may have been given back just before.
        if self.free_turns() > 0 {
            self.hint.notify_one();
        }
    }
}

/// The inbox as adapters get it: the tasks behind it are the core's.
pub(crate) struct Door(pub(crate) Arc<Core>);

#[async_trait]
impl Inbox for Door {
    async fn accept(
        &self,
        conversation: &Conversation,
        event: Event,
    ) -> Result<Accepted, InboxError> {
        self.0.accept_event(conversation, event).await
    }

    async fn suggest(
        &self,
        conversation: &Conversation,
        command: &str,
        typed: &str,
    ) -> Result<Vec<String>, InboxError> {
        let Core { logic, clock, .. } = &*self.0;
        let suggested = logic.suggest(conversation, (command, typed), clock.now());
        suggested.await.map_err(|error| InboxError(error.message))
    }
}
