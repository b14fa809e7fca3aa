//! Where conversations live between turns: sessions, leases, mailboxes, outboxes, locks, transcripts.
//!
//! Owns the traits that every store implements ([`SessionStore`], [`LockStore`], [`Transcript`]) and those for many
//! processes ([`Signals`]), the turn protocol itself as a pure state machine ([`machine`]) and the store in memory ([`MemoryStore`]). With the
//! feature `conformance`, also the suite and the simulation that every backend passes. Does not own what a
//! session means (dialog), how effects are carried out (runtime) or how rows reach a disk (store-sql).
//!
//! # The protocol in short
//! A conversation has three lanes: the mailbox ([`Lane::Turn`](lorikeet_chat::Lane)), the ordered outbox
//! (`Deliver`) and the unordered one (`Work`). Each has a lease of its own: a fencing generation, an
//! [`Owner`] and an end. A right is a caller's **iff generation and owner match**; an expired lease that nobody
//! took is still its holder's. Every lane with something in it has an entry in the recovery index, so that
//! whatever a dead process leaves behind is found by [`SessionStore::due`].
//!
//! What a caller may rely on:
//! 1. An accepted event is consumed by exactly one committed turn (a coalesced one may be superseded instead).
//! 2. Sessions advance only under the current generation and version.
//! 3. Every effect is executed at least once; results arrive exactly once.
//! 4. First deliveries are in commit order, with at most one late repeat per pause, healed by a redraw.
//! 5. From every reachable state, fault-free steps lead to empty lanes and the last screen shown.

mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod limits;
mod lock;
pub mod machine;
mod memory;
mod session;
mod signals;
#[cfg(feature = "conformance")]
pub mod simulation;
mod transcript;

pub use clock::{Clock, ManualClock, SystemClock};
pub use error::StoreError;
pub use limits::{
    BUCKETS, LEASE, LOCAL_DEADLINE, Limits, MAILBOX_BOUND, MAX_TRIES, ORDERED_MEMORY,
    REMEMBERED_BOUND, RENEW_EVERY, SESSION_IDLE, TRANSCRIPT_BOUND, bucket,
};
pub use lock::{Acquired, Holder, Lock, LockRow, LockStore, LockView};
pub use memory::{MemoryRows, MemoryStore};
pub use session::{
    Claim, Claimed, Commit, CommitOutcome, Committed, Done, Due, Enter, Entered, Index, LaneGrant,
    Owner, Pending, Release, Released, Renew, Renewed, SessionStore, Settle, SettleOutcome,
    Settled, Sweep, TurnGrant, Waiting,
};
pub use signals::{Changes, Signals};
pub use transcript::{Entry, Transcript};
