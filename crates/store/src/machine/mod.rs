//! The turn protocol as a pure state machine: one conversation, one call, at one given instant.
//!
//! Owns every rule about lanes, leases, mailboxes, outboxes, deduplication and the recovery index. A backend
//! brings [`Rows`], which run inside one transaction of its own; what it stores and when it commits is its
//! affair. Nothing here reads a clock or does I/O.

mod enter;
mod head;
mod outbox;
mod turn;

use lorikeet_chat::{Effect, Event, EventId, Lane, Timestamp};

use crate::{Limits, Pending, TurnGrant, Waiting};

pub use head::{Head, LaneHead};

/// One conversation's rows inside one transaction.
pub trait Rows {
    /// Why a row could not be read or written; the transaction is then undone.
    type Error;

    /// What is known of the conversation; `None` when nothing is.
    ///
    /// # Errors
    /// The backend's.
    fn head(&mut self) -> Result<Option<Head>, Self::Error>;
    /// Writes it, the recovery index ([`LaneHead::due`]) and the expiry ([`Head::expires`]) included.
    ///
    /// # Errors
    /// The backend's.
    fn save_head(&mut self, head: &Head) -> Result<(), Self::Error>;
    /// Removes everything stored of the conversation.
    ///
    /// # Errors
    /// The backend's.
    fn clear(&mut self) -> Result<(), Self::Error>;

    /// The session as last committed.
    ///
    /// # Errors
    /// The backend's.
    fn session(&mut self) -> Result<Option<String>, Self::Error>;
    /// Replaces the session.
    ///
    /// # Errors
    /// The backend's.
    fn save_session(&mut self, session: &str) -> Result<(), Self::Error>;

    /// Whether an event id is remembered.
    ///
    /// # Errors
    /// The backend's.
    fn remembers(&mut self, id: &EventId) -> Result<bool, Self::Error>;
    /// Remembers an event id: among the ordered ones by its order, among the others by its sequence.
    ///
    /// # Errors
    /// The backend's.
    fn remember(
        &mut self,
        id: &EventId,
        order: Option<u64>,
        sequence: u64,
    ) -> Result<(), Self::Error>;
    /// Forgets the ordered ids of the lowest orders beyond `keep`; the highest order forgotten.
    ///
    /// # Errors
    /// The backend's.
    fn trim_ordered(&mut self, keep: usize) -> Result<Option<u64>, Self::Error>;
    /// Forgets the oldest unordered ids beyond `keep`.
    ///
    /// # Errors
    /// The backend's.
    fn trim_unordered(&mut self, keep: usize) -> Result<(), Self::Error>;

    /// The highest sequence seen of a coalescing key.
    ///
    /// # Errors
    /// The backend's.
    fn high_water(&mut self, key: &str) -> Result<Option<u64>, Self::Error>;
    /// Sets the highest sequence seen of a coalescing key.
    ///
    /// # Errors
    /// The backend's.
    fn set_high_water(&mut self, key: &str, sequence: u64) -> Result<(), Self::Error>;

    /// Everything in the mailbox, by sequence.
    ///
    /// # Errors
    /// The backend's.
    fn mailbox(&mut self) -> Result<Vec<Waiting>, Self::Error>;
    /// How many waiting events count towards the mailbox bound.
    ///
    /// # Errors
    /// The backend's.
    fn waiting_from_people(&mut self) -> Result<usize, Self::Error>;
    /// Appends to the mailbox.
    ///
    /// # Errors
    /// The backend's.
    fn append_event(&mut self, sequence: u64, event: &Event) -> Result<(), Self::Error>;
    /// Removes from the mailbox what is there of the given sequences.
    ///
    /// # Errors
    /// The backend's.
    fn remove_events(&mut self, sequences: &[u64]) -> Result<(), Self::Error>;
    /// Removes the waiting replaceable event of a coalescing key.
    ///
    /// # Errors
    /// The backend's.
    fn remove_replaceable(&mut self, key: &str) -> Result<(), Self::Error>;

    /// Everything in an outbox lane, by sequence.
    ///
    /// # Errors
    /// The backend's.
    fn outbox(&mut self, lane: Lane) -> Result<Vec<Pending>, Self::Error>;
    /// Appends to the outbox lane of the effect.
    ///
    /// # Errors
    /// The backend's.
    fn append_effect(&mut self, sequence: u64, effect: &Effect) -> Result<(), Self::Error>;
    /// Removes from an outbox lane; whether it was there.
    ///
    /// # Errors
    /// The backend's.
    fn remove_effect(&mut self, lane: Lane, sequence: u64) -> Result<bool, Self::Error>;

    /// Whether nothing is in a lane.
    ///
    /// # Errors
    /// The backend's.
    fn is_empty(&mut self, lane: Lane) -> Result<bool, Self::Error>;
}

/// One call on one conversation at one instant. Every call validates first and writes last, so that a backend
/// without rollback could follow the same steps.
#[derive(Debug)]
pub struct Machine<'a, R> {
    rows: &'a mut R,
    head: Head,
    limits: Limits,
    now: Timestamp,
}

impl<'a, R: Rows> Machine<'a, R> {
    /// Reads what is known of the conversation; what has expired is gone.
    ///
    /// # Errors
    /// The backend's.
    pub fn load(rows: &'a mut R, limits: Limits, now: Timestamp) -> Result<Self, R::Error> {
        let mut head = rows.head()?.unwrap_or_default();
        if head.expires.is_some_and(|expires| expires <= now) {
            rows.clear()?;
            head = Head::default();
        }
        Ok(Self {
            rows,
            head,
            limits,
            now,
        })
    }

    /// Appends to the mailbox and writes the index, also under a held lease: the holder may die, or empty the
    /// lane and go.
    fn append_event(&mut self, event: &Event) -> Result<(), R::Error> {
        if let Some(coalesce) = &event.coalesce {
            let seen = self.rows.high_water(&coalesce.key)?.unwrap_or(0);
            self.rows
                .set_high_water(&coalesce.key, seen.max(coalesce.sequence))?;
            self.rows.remove_replaceable(&coalesce.key)?;
        }
        let sequence = self.head.next_sequence();
        self.rows.append_event(sequence, event)?;
        self.head.turn.index(self.now);
        self.head.expires = None;
        Ok(())
    }

    /// The turn as its holder sees it.
    fn turn_grant(&mut self) -> Result<TurnGrant, R::Error> {
        Ok(TurnGrant {
            generation: self.head.turn.generation,
            version: self.head.version,
            session: self.rows.session()?,
            mailbox: self.rows.mailbox()?,
            handle: self.head.handle.clone(),
            tries: self.head.tries,
        })
    }

    /// Writes the head; with nothing left in any lane the conversation starts to expire.
    fn save(mut self) -> Result<(), R::Error> {
        self.head.expires = None;
        if self.rows.is_empty(Lane::Turn)?
            && self.rows.is_empty(Lane::Deliver)?
            && self.rows.is_empty(Lane::Work)?
        {
            self.head.expires = Some(self.now.after(self.limits.idle));
        }
        self.rows.save_head(&self.head)
    }
}
