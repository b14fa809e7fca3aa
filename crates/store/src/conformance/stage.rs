//! What the cases are written with: two processes, a conversation, small events and effects.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lorikeet_chat::{
    Background, Coalesce, Conversation, Effect, EffectBody, EffectId, Event, EventBody, EventId,
    Lane, Origin, Page, PlatformId, Present, RoomId, Screen, SessionTag, Stamp, Surface, Timestamp,
    UserId,
};
use serde_json::Value;

use super::Backend;
use crate::{
    Claim, Claimed, Commit, CommitOutcome, Committed, Done, Enter, Entered, Index, LEASE,
    LaneGrant, Limits, LockStore, ManualClock, Owner, Release, Released, Renew, Renewed,
    SessionStore, Settle, SettleOutcome, Settled, Sweep, Transcript, TurnGrant, Waiting,
};

/// One process.
pub(super) const ANNE: Owner = Owner::new([0xa; 16]);
/// Another.
pub(super) const BEN: Owner = Owner::new([0xb; 16]);
/// When every case begins.
pub(super) const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// A store under test, with the conversation most cases are about.
pub(super) struct Stage<B> {
    backend: B,
    clock: Arc<ManualClock>,
    tokens: AtomicU64,
    pub(super) conversation: Conversation,
}

impl<B: Backend> Stage<B> {
    pub(super) async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    pub(super) async fn with(limits: Limits) -> Self {
        let clock = Arc::new(ManualClock::new(START));
        Self {
            backend: B::open(Arc::clone(&clock), limits).await,
            clock,
            tokens: AtomicU64::new(1),
            conversation: conversation("web", "room"),
        }
    }

    pub(super) fn store(&self) -> &dyn SessionStore {
        self.backend.sessions()
    }

    pub(super) fn locks(&self) -> &dyn LockStore {
        self.backend.locks()
    }

    pub(super) fn transcript(&self) -> &dyn Transcript {
        self.backend.transcript()
    }

    /// The same store, seen from another conversation.
    pub(super) fn at(self, conversation: Conversation) -> Self {
        Self {
            conversation,
            ..self
        }
    }

    pub(super) async fn restart(self) -> Self {
        Self {
            backend: self.backend.reopen().await,
            ..self
        }
    }

    pub(super) fn wait(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// Lets every lease run out.
    pub(super) fn expire(&self) {
        self.wait(LEASE);
    }

    pub(super) fn token(&self) -> u64 {
        self.tokens.fetch_add(1, Ordering::Relaxed)
    }

    /// A delivery by a process that is ready to run the turn.
    pub(super) async fn enter(&self, owner: Owner, event: &Event) -> Entered {
        self.enter_as(owner, event, self.token()).await
    }

    pub(super) async fn enter_as(&self, owner: Owner, event: &Event, token: u64) -> Entered {
        let request = Enter {
            conversation: self.conversation.clone(),
            event: event.clone(),
            owner,
            token,
            take: true,
        };
        must(self.store().enter(&request).await)
    }

    pub(super) async fn post(&self, event: &Event) -> Entered {
        let conversation = self.conversation.clone();
        must(self.store().post(conversation, event.clone(), ANNE).await)
    }

    /// A delivery that gets the turn.
    pub(super) async fn turn(&self, owner: Owner, event: &Event) -> TurnGrant {
        match self.enter(owner, event).await {
            Entered::Turn(grant) => grant,
            other => panic!("expected the turn, got {other:?}"),
        }
    }

    /// Commits a turn that consumed all it saw.
    pub(super) async fn commit(
        &self,
        owner: Owner,
        turn: &TurnGrant,
        effects: Vec<Effect>,
    ) -> Committed {
        self.send(self.committing(owner, turn, effects)).await
    }

    pub(super) fn committing(
        &self,
        owner: Owner,
        turn: &TurnGrant,
        effects: Vec<Effect>,
    ) -> Commit {
        Commit {
            conversation: self.conversation.clone(),
            owner,
            generation: turn.generation,
            version: turn.version,
            session: format!("session {}", turn.version + 1),
            effects,
            consumed: turn
                .mailbox
                .iter()
                .map(|waiting| waiting.sequence)
                .collect(),
            may_deliver: true,
        }
    }

    pub(super) async fn send(&self, commit: Commit) -> Committed {
        must(self.store().commit(&commit).await)
    }

    /// A whole turn of one event whose effects the process then holds.
    pub(super) async fn effects(
        &self,
        owner: Owner,
        event: &Event,
        effects: Vec<Effect>,
    ) -> Vec<LaneGrant> {
        let turn = self.turn(owner, event).await;
        let committed = self.commit(owner, &turn, effects).await;
        assert_eq!(committed.outcome, CommitOutcome::Released);
        committed.lanes
    }

    pub(super) async fn claim(&self, owner: Owner, lane: Lane) -> Claimed {
        let request = Claim {
            conversation: self.conversation.clone(),
            lane,
            owner,
        };
        must(self.store().claim(request).await)
    }

    pub(super) async fn claim_turn(&self, owner: Owner) -> TurnGrant {
        match self.claim(owner, Lane::Turn).await {
            Claimed::Turn(grant) => grant,
            other => panic!("expected the turn, got {other:?}"),
        }
    }

    pub(super) async fn claim_lane(&self, owner: Owner, lane: Lane) -> LaneGrant {
        match self.claim(owner, lane).await {
            Claimed::Effects(grant) => grant,
            other => panic!("expected the lane, got {other:?}"),
        }
    }

    pub(super) async fn settle(&self, owner: Owner, grant: &LaneGrant, done: Vec<Done>) -> Settled {
        let request = Settle {
            conversation: self.conversation.clone(),
            lane: grant.lane,
            owner,
            generation: grant.generation,
            done,
        };
        must(self.store().settle(&request).await)
    }

    pub(super) async fn renew(&self, owner: Owner, lane: Lane, generation: u64) -> Renewed {
        let request = Renew {
            conversation: self.conversation.clone(),
            lane,
            owner,
            generation,
        };
        must(self.store().renew(request).await)
    }

    pub(super) async fn release(&self, owner: Owner, lane: Lane, generation: u64) -> Released {
        let request = Release {
            conversation: self.conversation.clone(),
            lane,
            owner,
            generation,
        };
        must(self.store().release(request).await)
    }

    /// Whether a sweep finds a lane of the conversation.
    pub(super) async fn is_due(&self, lane: Lane) -> bool {
        let index = Index::of(&self.conversation, lane);
        let due = must(self.store().due(Sweep::new(index, 100)).await);
        due.iter()
            .any(|due| due.conversation == self.conversation && due.lane == lane)
    }

    /// What waits in the mailbox, without disturbing a live holder: looked at after all leases ran out.
    pub(super) async fn waiting_after_expiry(&self) -> Vec<EventId> {
        self.expire();
        match self.claim(BEN, Lane::Turn).await {
            Claimed::Turn(turn) => ids(&turn.mailbox),
            Claimed::Nothing => Vec::new(),
            other => panic!("expected the turn or nothing, got {other:?}"),
        }
    }
}

/// The answer of a store that has no reason to fail.
pub(super) fn must<T>(answer: Result<T, crate::StoreError>) -> T {
    match answer {
        Ok(answer) => answer,
        Err(error) => panic!("the store failed: {error}"),
    }
}

fn id<T: TryFrom<String>>(text: &str) -> T {
    match T::try_from(text.to_owned()) {
        Ok(id) => id,
        Err(_) => panic!("{text:?} is no identifier"),
    }
}

pub(super) fn conversation(platform: &str, room: &str) -> Conversation {
    Conversation {
        platform: id::<PlatformId>(platform),
        room: id::<RoomId>(room),
        thread: None,
        user: id::<UserId>("person"),
    }
}

pub(super) fn event_id(text: &str) -> EventId {
    id(text)
}

pub(super) fn handle(text: &str) -> lorikeet_chat::MessageHandle {
    id(text)
}

/// An event of a person, without an order.
pub fn text(name: &str) -> Event {
    Event {
        id: id(name),
        order: None,
        coalesce: None,
        batch: None,
        origin: Origin::Person,
        at: START,
        sender: None,
        body: EventBody::Text(name.to_owned()),
    }
}

pub(super) fn ordered(order: u64) -> Event {
    Event {
        order: Some(order),
        ..text(&format!("update {order}"))
    }
}

/// An event from within: a result.
pub fn background(name: &str) -> Event {
    let body = EventBody::Background(Background {
        topic: "test".to_owned(),
        payload: Value::from(name),
    });
    Event {
        origin: Origin::Internal,
        body,
        ..text(name)
    }
}

/// Progress that a newer one may replace.
pub fn progress(key: &str, sequence: u64) -> Event {
    Event {
        coalesce: Some(Coalesce {
            key: key.to_owned(),
            sequence,
            replaceable: true,
        }),
        ..background(&format!("{key} {sequence}"))
    }
}

/// The end of what [`progress`] reports.
pub fn terminal(key: &str, sequence: u64) -> Event {
    Event {
        coalesce: Some(Coalesce {
            key: key.to_owned(),
            sequence,
            replaceable: false,
        }),
        ..background(&format!("{key} {sequence}"))
    }
}

/// An effect of the ordered outbox.
pub fn show(name: &str, revision: u64) -> Effect {
    Effect {
        id: id::<EffectId>(name),
        body: EffectBody::Show(Present {
            screen: Screen::new().heading(name),
            stamp: Stamp {
                tag: SessionTag::default(),
                revision,
            },
            surface: Surface::Edit,
            page: Page::First,
        }),
    }
}

/// An effect of the unordered outbox.
pub fn work(name: &str) -> Effect {
    Effect {
        id: id::<EffectId>(name),
        body: EffectBody::Work {
            service: "test".to_owned(),
            request: Value::from(name),
        },
    }
}

/// The report that the first effect of a grant is done.
pub(super) fn first(grant: &LaneGrant) -> Vec<Done> {
    let Some(pending) = grant.effects.first() else {
        panic!("the lane is empty");
    };
    vec![done(pending.sequence)]
}

pub(super) const fn done(sequence: u64) -> Done {
    Done {
        sequence,
        result: None,
        handle: None,
    }
}

pub(super) fn ids(mailbox: &[Waiting]) -> Vec<EventId> {
    mailbox
        .iter()
        .map(|waiting| waiting.event.id.clone())
        .collect()
}

pub(super) fn names(grant: &LaneGrant) -> Vec<&str> {
    grant
        .effects
        .iter()
        .map(|pending| pending.effect.id.as_str())
        .collect()
}

/// The one lane a commit handed out.
pub(super) fn only(mut lanes: Vec<LaneGrant>) -> LaneGrant {
    match (lanes.pop(), lanes.is_empty()) {
        (Some(lane), true) => lane,
        (lane, _) => panic!("expected one lane, got {lane:?} and {lanes:?}"),
    }
}

pub(super) fn next(outcome: CommitOutcome) -> Vec<Waiting> {
    match outcome {
        CommitOutcome::Next(mailbox) => mailbox,
        other => panic!("expected more to wait, got {other:?}"),
    }
}

pub(super) fn more(outcome: SettleOutcome) -> LaneGrant {
    match outcome {
        SettleOutcome::Next(grant) => grant,
        other => panic!("expected more effects, got {other:?}"),
    }
}
