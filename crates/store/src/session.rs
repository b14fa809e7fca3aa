//! Sessions, mailboxes and outboxes: the calls a turn is made of.
//!
//! Every call is one atomic round trip and answers a repeat (a lost reply) with the first result or with one
//! that is as good. What callers repeat is lent, so that they still have it.

use std::fmt;
use std::ops::RangeInclusive;

use async_trait::async_trait;
use lorikeet_chat::{Conversation, Effect, Event, Lane, MessageHandle, PlatformId};

use crate::StoreError;

/// Keeps conversations between turns and says who may run them.
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Puts an event into a conversation's mailbox, once per event id, and takes the turn lease if it is wanted
    /// and free. After any answer the event may be acknowledged to the platform, save after
    /// [`Full`](Entered::Full).
    ///
    /// # Errors
    /// [`StoreError`] when the store could not answer: repeat with the same `token`, or do not acknowledge.
    async fn enter(&self, request: &Enter) -> Result<Entered, StoreError>;

    /// Ends a turn: writes the session, appends its effects, drops the consumed events, hands out outbox lanes.
    ///
    /// # Errors
    /// [`StoreError`] when the store could not answer: repeat the same request.
    async fn commit(&self, request: &Commit) -> Result<Committed, StoreError>;

    /// Reports executed effects and asks for leave to go on. A lane granted with nothing in it is settled with
    /// an empty list, which releases it.
    ///
    /// # Errors
    /// [`StoreError`] when the store could not answer: repeat the same request.
    async fn settle(&self, request: &Settle) -> Result<Settled, StoreError>;

    /// Takes a lane with something in it whose lease is free or expired.
    ///
    /// # Errors
    /// [`StoreError`] when the store could not answer. A lane granted by a call whose answer was lost stays
    /// held until its lease expires.
    async fn claim(&self, request: Claim) -> Result<Claimed, StoreError>;

    /// Prolongs a lease.
    ///
    /// # Errors
    /// [`StoreError`] when the store could not answer.
    async fn renew(&self, request: Renew) -> Result<Renewed, StoreError>;

    /// Gives a lane up before its lease ends, as a process does that stops: others need not wait for the end.
    ///
    /// # Errors
    /// [`StoreError`] when the store could not answer; the lease then ends by itself.
    async fn release(&self, request: Release) -> Result<Released, StoreError>;

    /// Lanes that have something in them and whose lease is free or expired, longest due first. The answer is a
    /// hint: only [`claim`](Self::claim) grants.
    ///
    /// # Errors
    /// [`StoreError`] when the store could not answer.
    async fn due(&self, sweep: Sweep) -> Result<Vec<Due>, StoreError>;

    /// Puts an event into the mailbox without taking the turn: [`enter`](Self::enter) with `take` false. The
    /// caller then hints that the conversation wants a turn, or leaves it to the sweep.
    ///
    /// # Errors
    /// [`StoreError`] when the store could not answer: repeat it.
    async fn post(
        &self,
        conversation: Conversation,
        event: Event,
        owner: Owner,
    ) -> Result<Entered, StoreError> {
        self.enter(&Enter {
            conversation,
            event,
            owner,
            token: 0,
            take: false,
        })
        .await
    }
}

/// A process, from its start to its end. Drawn at random at every start: a restarted process must not take its
/// dead start's leases for its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner([u8; 16]);

impl Owner {
    /// From 16 random bytes.
    pub const fn new(random: [u8; 16]) -> Self {
        Self(random)
    }

    /// The 16 bytes.
    pub const fn bytes(self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Owner({self})")
    }
}

/// An event on its way into a mailbox.
#[derive(Clone, Debug, PartialEq)]
pub struct Enter {
    /// Whose.
    pub conversation: Conversation,
    /// What happened.
    pub event: Event,
    /// The calling process.
    pub owner: Owner,
    /// Names this call among the owner's: a repeat after a lost reply carries the same one, another delivery of
    /// the same event another one.
    pub token: u64,
    /// Whether the caller is ready to run the turn.
    pub take: bool,
}

/// What became of an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Entered {
    /// Accepted, and the caller holds the turn.
    Turn(TurnGrant),
    /// Accepted; whoever holds the turn, or the sweep, will come to it.
    Queued,
    /// Accepted before.
    Duplicate,
    /// Its order lies at or below what has been forgotten: accepted before, or hopelessly late. Count it.
    Late,
    /// A newer event of its coalescing key was seen.
    Stale,
    /// Too many events of people wait. Not accepted and not remembered: it may be sent again.
    Full,
}

/// The right to run a conversation's turn, and what it needs.
#[derive(Clone, Debug, PartialEq)]
pub struct TurnGrant {
    /// Fencing generation of the turn lease.
    pub generation: u64,
    /// Version of the session; 0 before the first commit.
    pub version: u64,
    /// The session as last committed; absent before the first commit.
    pub session: Option<String>,
    /// What waits, first in first; never empty.
    pub mailbox: Vec<Waiting>,
    /// The message the conversation's last screen is in.
    pub handle: Option<MessageHandle>,
    /// How often this turn has been claimed from the index since the last commit; see
    /// [`MAX_TRIES`](crate::MAX_TRIES).
    pub tries: u32,
}

/// An event in a mailbox.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// Names it within the conversation; a commit consumes by it.
    pub sequence: u64,
    /// What happened.
    pub event: Event,
}

/// The end of a turn.
#[derive(Clone, Debug, PartialEq)]
pub struct Commit {
    /// Whose.
    pub conversation: Conversation,
    /// The calling process.
    pub owner: Owner,
    /// Generation of the turn lease.
    pub generation: u64,
    /// Version the turn started from.
    pub version: u64,
    /// The session from now on.
    pub session: String,
    /// What is to be done, in order.
    pub effects: Vec<Effect>,
    /// Sequence numbers of the events the turn has consumed.
    pub consumed: Vec<u64>,
    /// Whether this process may deliver to the conversation's platform (it needs no leader, or this is it).
    pub may_deliver: bool,
}

/// What came of a commit.
#[derive(Clone, Debug, PartialEq)]
pub struct Committed {
    /// What became of the turn.
    pub outcome: CommitOutcome,
    /// Every outbox lane of the conversation that the caller holds now, granted just now or before, with its
    /// lease prolonged. A lane whose generation the caller already works on needs nothing; any other must be
    /// worked on, whatever the outcome.
    pub lanes: Vec<LaneGrant>,
}

/// What became of a turn.
#[derive(Clone, Debug, PartialEq)]
pub enum CommitOutcome {
    /// Committed; more waits, and the turn lease is prolonged. Generation as before, version one higher.
    Next(Vec<Waiting>),
    /// Committed; nothing waits, and the turn lease is given up.
    Released,
    /// Another holds the turn, or has committed since: nothing is written.
    Fenced,
}

/// The right to carry out an outbox lane, and what is in it.
#[derive(Clone, Debug, PartialEq)]
pub struct LaneGrant {
    /// [`Lane::Deliver`] or [`Lane::Work`].
    pub lane: Lane,
    /// Fencing generation of the lane's lease.
    pub generation: u64,
    /// What is to be done, in commit order; of `Deliver` only the first may be begun before it is settled.
    pub effects: Vec<Pending>,
    /// The message the conversation's last screen is in, to edit in place.
    pub handle: Option<MessageHandle>,
}

/// An effect in an outbox.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    /// Names it within the conversation; a settle reports by it.
    pub sequence: u64,
    /// What to do.
    pub effect: Effect,
}

/// A report on executed effects.
#[derive(Clone, Debug, PartialEq)]
pub struct Settle {
    /// Whose.
    pub conversation: Conversation,
    /// [`Lane::Deliver`] or [`Lane::Work`].
    pub lane: Lane,
    /// The calling process.
    pub owner: Owner,
    /// Generation of the lane's lease.
    pub generation: u64,
    /// What is done. One at a time on `Deliver`; failures for good are done too, with a failed result.
    pub done: Vec<Done>,
}

/// One executed effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// Its sequence number.
    pub sequence: u64,
    /// What the flow waits for; goes into the mailbox together with the removal of the effect, or not at all.
    pub result: Option<Event>,
    /// The message the screen is in now; absent keeps the one recorded.
    pub handle: Option<MessageHandle>,
}

/// What came of a settle.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// Whether the caller may go on.
    pub outcome: SettleOutcome,
    /// A result or a redraw is new in the mailbox: claim the turn at once.
    pub wake: bool,
}

/// Whether an outbox task may go on.
#[derive(Clone, Debug, PartialEq)]
pub enum SettleOutcome {
    /// There is more (on `Work`, also what is under way already), and the lease is prolonged.
    Next(LaneGrant),
    /// The lane is empty, and its lease is given up.
    Released,
    /// Another holds the lane, or it is given up. What was reported still counts as done.
    Fenced,
}

/// A request for a lane found by a sweep or a hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Whose.
    pub conversation: Conversation,
    /// Which.
    pub lane: Lane,
    /// The calling process.
    pub owner: Owner,
}

/// What came of a claim.
#[derive(Clone, Debug, PartialEq)]
pub enum Claimed {
    /// The lane is empty.
    Nothing,
    /// Its lease is live, the caller's own included.
    Held,
    /// The caller holds the turn.
    Turn(TurnGrant),
    /// The caller holds the outbox lane.
    Effects(LaneGrant),
}

/// A lease to be prolonged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renew {
    /// Whose.
    pub conversation: Conversation,
    /// Which.
    pub lane: Lane,
    /// The calling process.
    pub owner: Owner,
    /// Generation of the lease.
    pub generation: u64,
}

/// What came of a renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewed {
    /// Prolonged.
    Ours,
    /// Another holds the lane, or it is given up: stop.
    Fenced,
}

/// A lane to be given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Whose.
    pub conversation: Conversation,
    /// Which.
    pub lane: Lane,
    /// The calling process.
    pub owner: Owner,
    /// Generation of the lease.
    pub generation: u64,
}

/// What came of giving a lane up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Released {
    /// It was the caller's. Whether something is left in the lane: somebody else should claim it.
    Freed {
        /// Something is in it.
        waiting: bool,
    },
    /// It was not the caller's (any more): nothing is changed.
    Fenced,
}

/// A part of the recovery index. Turns and work are swept by everybody, deliveries by whoever may deliver.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Index {
    /// Mailboxes.
    Turn,
    /// Unordered outboxes.
    Work,
    /// Ordered outboxes of one platform.
    Deliver(PlatformId),
}

impl Index {
    /// Where a conversation's lane is indexed.
    pub fn of(conversation: &Conversation, lane: Lane) -> Self {
        match lane {
            Lane::Turn => Self::Turn,
            Lane::Work => Self::Work,
            Lane::Deliver => Self::Deliver(conversation.platform.clone()),
        }
    }

    /// The lane whose entries it holds.
    pub const fn lane(&self) -> Lane {
        match self {
            Self::Turn => Lane::Turn,
            Self::Work => Lane::Work,
            Self::Deliver(_) => Lane::Deliver,
        }
    }
}

/// Which due lanes to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// Which part of the index.
    pub index: Index,
    /// Which buckets (see [`bucket`](crate::bucket)).
    pub buckets: RangeInclusive<u8>,
    /// How many at most.
    pub limit: usize,
}

impl Sweep {
    /// The longest due lanes of all buckets.
    pub const fn new(index: Index, limit: usize) -> Self {
        Self {
            index,
            buckets: 0..=u8::MAX,
            limit,
        }
    }
}

/// A lane somebody should claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Whose.
    pub conversation: Conversation,
    /// Which.
    pub lane: Lane,
}
