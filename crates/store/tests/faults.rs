//! The suite and the simulation bite: known mistakes, made on purpose, are found.

use std::cell::Cell;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use lorikeet_chat::{Conversation, Lane, Timestamp};
use lorikeet_store::conformance::{Backend, cases};
use lorikeet_store::machine::{Head, Machine, Rows};
use lorikeet_store::{
    Claim, Claimed, Clock, Commit, CommitOutcome, Committed, Due, Enter, Entered, Limits,
    LockStore, ManualClock, MemoryRows, MemoryStore, Release, Released, Renew, Renewed,
    SessionStore, Settle, SettleOutcome, Settled, StoreError, Sweep, Transcript, simulation,
};

/// A mistake, named as the case of the suite that finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Fault {
    FullRemembersId,
    SweepPopsIndex,
    IndexFollowsMailboxOnly,
    AppendUnderHeldLeaseSkipsIndex,
    OutboxWithoutLease,
    FencedSettleWithoutRedraw,
    VersionOnlyCommit,
    GenerationOnlyCommit,
    CommitRetryFenced,
    EnterRetryDuplicate,
    FencedHidesGrantedLane,
    SettleThenPostResult,
    ResultWithoutPresenceCheck,
    LateDuplicateNoFloor,
    ConsumeByPosition,
}

const LANES: [Lane; 3] = [Lane::Turn, Lane::Deliver, Lane::Work];

/// The machine in memory with one mistake around it.
struct Broken {
    fault: Fault,
    clock: Arc<dyn Clock>,
    limits: Limits,
    rows: Mutex<HashMap<Conversation, MemoryRows>>,
}

fn sure<T>(answer: Result<T, Infallible>) -> T {
    match answer {
        Ok(answer) => answer,
        Err(never) => match never {},
    }
}

impl Broken {
    fn new(fault: Fault, clock: Arc<dyn Clock>, limits: Limits) -> Self {
        Self {
            fault,
            clock,
            limits,
            rows: Mutex::default(),
        }
    }

    /// One call, with a mistake before it and one after it.
    fn on<Q, T>(
        &self,
        conversation: &Conversation,
        mut request: Q,
        before: impl FnOnce(&mut MemoryRows, &mut Head, &mut Q),
        call: impl FnOnce(Machine<'_, MemoryRows>, Q) -> Result<T, Infallible>,
        after: impl FnOnce(&mut MemoryRows, &mut Head, &mut T),
    ) -> T {
        let now = self.clock.now();
        let mut all = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = all.entry(conversation.clone()).or_default();
        let mut head = sure(rows.head()).unwrap_or_default();
        if rows.exists() {
            before(rows, &mut head, &mut request);
            sure(rows.save_head(&head));
        }
        let mut answer =
            sure(Machine::load(rows, self.limits, now).and_then(|machine| call(machine, request)));
        if let Some(mut new) = sure(rows.head()) {
            after(rows, &mut new, &mut answer);
            self.spoil_index(&head, &mut new, now);
            sure(rows.save_head(&new));
        }
        answer
    }

    fn spoil_index(&self, old: &Head, new: &mut Head, now: Timestamp) {
        if self.fault == Fault::IndexFollowsMailboxOnly && new.turn.due.is_none() {
            new.deliver.due = None;
            new.work.due = None;
        }
        if self.fault == Fault::AppendUnderHeldLeaseSkipsIndex {
            for lane in LANES {
                let same = old.lane(lane).generation == new.lane(lane).generation;
                if same && old.lane(lane).is_live(now) && old.lane(lane).due.is_none() {
                    new.lane_mut(lane).due = None;
                }
            }
        }
    }
}

#[async_trait]
impl SessionStore for Broken {
    async fn enter(&self, request: &Enter) -> Result<Entered, StoreError> {
        Ok(self.on(
            &request.conversation,
            &request,
            |_, head, _| {
                if self.fault == Fault::EnterRetryDuplicate {
                    head.token = None;
                }
            },
            |machine, request| machine.enter(request),
            |rows, head, entered| {
                if self.fault == Fault::FullRemembersId && *entered == Entered::Full {
                    let (id, order) = (&request.event.id, request.event.order);
                    sure(rows.remember(id, order, head.sequence));
                }
                if self.fault == Fault::LateDuplicateNoFloor {
                    head.floor = None;
                }
            },
        ))
    }

    async fn commit(&self, request: &Commit) -> Result<Committed, StoreError> {
        let newest = Cell::new(0);
        Ok(self.on(
            &request.conversation,
            request.clone(),
            |rows, head, request| match self.fault {
                Fault::VersionOnlyCommit if head.version == request.version => {
                    request.generation = head.turn.generation;
                    request.owner = head.turn.owner.unwrap_or(request.owner);
                }
                Fault::GenerationOnlyCommit if head.turn.generation == request.generation => {
                    request.version = head.version;
                    head.last_commit = None;
                }
                Fault::CommitRetryFenced => head.last_commit = None,
                Fault::ConsumeByPosition => {
                    let waiting = sure(rows.mailbox());
                    let first = waiting.iter().take(request.consumed.len());
                    request.consumed = first.map(|waiting| waiting.sequence).collect();
                }
                Fault::OutboxWithoutLease => {
                    newest.set(head.sequence);
                    head.deliver.owner = None;
                }
                _ => {}
            },
            |machine, request| machine.commit(&request),
            |_, _, committed| {
                let hides = self.fault == Fault::FencedHidesGrantedLane;
                if hides && committed.outcome == CommitOutcome::Fenced {
                    committed.lanes.clear();
                }
                // Everybody carries out what was committed here, whatever is still under way elsewhere.
                for lane in &mut committed.lanes {
                    lane.effects.retain(|effect| effect.sequence > newest.get());
                }
            },
        ))
    }

    async fn settle(&self, request: &Settle) -> Result<Settled, StoreError> {
        let lane = request.lane;
        Ok(self.on(
            &request.conversation,
            request.clone(),
            |rows, head, request| {
                let waiting = sure(rows.outbox(lane));
                for done in &mut request.done {
                    let present = waiting.iter().any(|w| w.sequence == done.sequence);
                    match (self.fault, &done.result) {
                        // The process always dies between the two.
                        (Fault::SettleThenPostResult, _) => done.result = None,
                        (Fault::ResultWithoutPresenceCheck, Some(result)) if !present => {
                            head.sequence += 1;
                            sure(rows.append_event(head.sequence, result));
                            head.turn.due = Some(self.clock.now());
                        }
                        _ => {}
                    }
                }
            },
            |machine, request| machine.settle(&request),
            |rows, head, settled| {
                let fenced = settled.outcome == SettleOutcome::Fenced && lane == Lane::Deliver;
                if self.fault == Fault::FencedSettleWithoutRedraw && fenced {
                    sure(rows.remove_replaceable("redraw"));
                    if sure(rows.is_empty(Lane::Turn)) {
                        head.turn.due = None;
                    }
                }
            },
        ))
    }

    async fn claim(&self, request: Claim) -> Result<Claimed, StoreError> {
        Ok(self.on(
            &request.conversation,
            &request,
            |_, _, _| {},
            |machine, request| machine.claim(request),
            |_, head, _| {
                if self.fault == Fault::SweepPopsIndex {
                    head.lane_mut(request.lane).due = None;
                }
            },
        ))
    }

    async fn renew(&self, request: Renew) -> Result<Renewed, StoreError> {
        Ok(self.on(
            &request.conversation,
            &request,
            |_, _, _| {},
            |machine, request| machine.renew(request),
            |_, _, _| {},
        ))
    }

    async fn release(&self, request: Release) -> Result<Released, StoreError> {
        Ok(self.on(
            &request.conversation,
            &request,
            |_, _, _| {},
            |machine, request| machine.release(request),
            |_, _, _| {},
        ))
    }

    async fn due(&self, sweep: Sweep) -> Result<Vec<Due>, StoreError> {
        let now = self.clock.now();
        let lane = sweep.index.lane();
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let due = rows.iter().filter(|(conversation, rows)| {
            let here = lorikeet_store::Index::of(conversation, lane) == sweep.index;
            here && rows.due(lane).is_some_and(|due| due <= now)
        });
        Ok(due
            .map(|(conversation, _)| Due {
                conversation: conversation.clone(),
                lane,
            })
            .collect())
    }
}

/// A fault for the suite, by its number.
struct Mistaken<const FAULT: u8> {
    sessions: Arc<Broken>,
    rest: MemoryStore,
}

const FAULTS: [Fault; 15] = [
    Fault::FullRemembersId,
    Fault::SweepPopsIndex,
    Fault::IndexFollowsMailboxOnly,
    Fault::AppendUnderHeldLeaseSkipsIndex,
    Fault::OutboxWithoutLease,
    Fault::FencedSettleWithoutRedraw,
    Fault::VersionOnlyCommit,
    Fault::GenerationOnlyCommit,
    Fault::CommitRetryFenced,
    Fault::EnterRetryDuplicate,
    Fault::FencedHidesGrantedLane,
    Fault::SettleThenPostResult,
    Fault::ResultWithoutPresenceCheck,
    Fault::LateDuplicateNoFloor,
    Fault::ConsumeByPosition,
];

#[async_trait]
impl<const FAULT: u8> Backend for Mistaken<FAULT> {
    async fn open(clock: Arc<ManualClock>, limits: Limits) -> Self {
        let own: Arc<ManualClock> = Arc::clone(&clock);
        let fault = FAULTS[usize::from(FAULT)];
        Self {
            sessions: Arc::new(Broken::new(fault, own, limits)),
            rest: MemoryStore::new(clock, limits),
        }
    }

    async fn reopen(self) -> Self {
        self
    }

    fn sessions(&self) -> &dyn SessionStore {
        &*self.sessions
    }

    fn locks(&self) -> &dyn LockStore {
        &self.rest
    }

    fn transcript(&self) -> &dyn Transcript {
        &self.rest
    }
}

/// The first seed whose schedule shows the mistake.
async fn found_by_simulation(fault: Fault) -> Option<u64> {
    for seed in 0..2_000 {
        let clock = Arc::new(ManualClock::new(simulation::START));
        let own: Arc<ManualClock> = Arc::clone(&clock);
        let store: Arc<dyn SessionStore> = Arc::new(Broken::new(fault, own, simulation::LIMITS));
        if simulation::run(&[store], &clock, seed).await.is_err() {
            return Some(seed);
        }
    }
    None
}

/// Each fault makes the case of its name fail; those in the second list also break a guarantee that the
/// simulation watches. (The others only make somebody wait until a lease expires, or need a hand that is not there.)
macro_rules! found {
    (suite: $($fault:ident $case:ident)*; simulation: $($deep:ident $test:ident)*) => {
        mod suite {
            use super::*;
            $(#[tokio::test]
            async fn $case() {
                let case = cases::$case::<Mistaken<{ Fault::$fault as u8 }>>();
                let verdict = tokio::spawn(case).await;
                assert!(verdict.is_err_and(|error| error.is_panic()), "the suite is blind to it");
            })*
        }
        mod simulated {
            use super::*;
            $(#[tokio::test]
            async fn $test() {
                let seed = found_by_simulation(Fault::$deep).await;
                assert!(seed.is_some(), "the simulation is blind to it");
            })*
        }
    };
}

found! {
    suite:
        FullRemembersId full_remembers_id
        SweepPopsIndex sweep_pops_index
        IndexFollowsMailboxOnly index_follows_mailbox_only
        AppendUnderHeldLeaseSkipsIndex append_under_held_lease_skips_index
        OutboxWithoutLease outbox_without_lease
        FencedSettleWithoutRedraw fenced_settle_without_redraw
        VersionOnlyCommit version_only_commit
        GenerationOnlyCommit generation_only_commit
        CommitRetryFenced commit_retry_fenced
        EnterRetryDuplicate enter_retry_duplicate
        FencedHidesGrantedLane fenced_hides_granted_lane
        SettleThenPostResult settle_then_post_result
        ResultWithoutPresenceCheck result_without_presence_check
        LateDuplicateNoFloor late_duplicate_no_floor
        ConsumeByPosition consume_by_position;
    simulation:
        FullRemembersId full_remembers_id
        SweepPopsIndex sweep_pops_index
        IndexFollowsMailboxOnly index_follows_mailbox_only
        AppendUnderHeldLeaseSkipsIndex append_under_held_lease_skips_index
        OutboxWithoutLease outbox_without_lease
        FencedSettleWithoutRedraw fenced_settle_without_redraw
        VersionOnlyCommit version_only_commit
        GenerationOnlyCommit generation_only_commit
        SettleThenPostResult settle_then_post_result
        ResultWithoutPresenceCheck result_without_presence_check
        LateDuplicateNoFloor late_duplicate_no_floor
        ConsumeByPosition consume_by_position
}

#[test]
fn every_fault_has_its_number() {
    for (number, fault) in FAULTS.into_iter().enumerate() {
        assert_eq!(fault as usize, number);
    }
}
