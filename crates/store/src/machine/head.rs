//! What is known of a conversation besides its queues: versions, leases, the recovery index.

use lorikeet_chat::{Lane, MessageHandle, Timestamp};

use crate::{LEASE, Owner};

/// One conversation's counters and leases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Counts commits; 0 before the first.
    pub version: u64,
    /// The last sequence number given to an event or effect.
    pub sequence: u64,
    /// The mailbox's lane.
    pub turn: LaneHead,
    /// The ordered outbox's lane.
    pub deliver: LaneHead,
    /// The unordered outbox's lane.
    pub work: LaneHead,
    /// The token of the `enter` that took the turn; absent when it was claimed.
    pub token: Option<u64>,
    /// How often the turn was claimed since the last commit.
    pub tries: u32,
    /// Generation and version the last commit was made under.
    pub last_commit: Option<(u64, u64)>,
    /// The highest order forgotten.
    pub floor: Option<u64>,
    /// When an ordered event was last accepted.
    pub ordered_at: Option<Timestamp>,
    /// The message the last screen is in.
    pub handle: Option<MessageHandle>,
    /// When all of the conversation is forgotten; absent while something is in a lane.
    pub expires: Option<Timestamp>,
}

impl Head {
    /// The head of a lane.
    pub const fn lane(&self, lane: Lane) -> &LaneHead {
        match lane {
            Lane::Turn => &self.turn,
            Lane::Deliver => &self.deliver,
            Lane::Work => &self.work,
        }
    }

    /// The head of a lane, to be changed.
    pub const fn lane_mut(&mut self, lane: Lane) -> &mut LaneHead {
        match lane {
            Lane::Turn => &mut self.turn,
            Lane::Deliver => &mut self.deliver,
            Lane::Work => &mut self.work,
        }
    }

    pub(super) const fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }
}

/// One lane's lease and its entry in the recovery index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LaneHead {
    /// Fencing generation of the last grant; 0 before the first.
    pub generation: u64,
    /// Who was granted it last and has not given it up.
    pub owner: Option<Owner>,
    /// When the lease expires or has expired.
    pub until: Timestamp,
    /// The index entry: when somebody should claim the lane. Absent iff the lane is empty.
    pub due: Option<Timestamp>,
}

impl LaneHead {
    /// Whether somebody holds a lease that has not expired.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.owner.is_some() && now < self.until
    }

    /// Whether the right is a caller's: generation and owner match. Expiry alone takes nothing away.
    pub fn is_held_by(&self, owner: Owner, generation: u64) -> bool {
        self.owner == Some(owner) && self.generation == generation
    }

    /// Grants the lane under the next generation: above the last one, and above any that was forgotten with an
    /// expired conversation or lost in a fail-over.
    pub(super) fn grant(&mut self, owner: Owner, now: Timestamp) {
        self.generation = (self.generation + 1).max(now.micros());
        self.owner = Some(owner);
        self.prolong(now);
    }

    /// Prolongs the lease, and moves the index entry behind it if there is one.
    pub(super) fn prolong(&mut self, now: Timestamp) {
        self.until = now.after(LEASE);
        if self.due.is_some() {
            self.due = Some(self.until);
        }
    }

    /// Gives the lease up; the generation stays, so that the next one is higher.
    pub(super) const fn release(&mut self) {
        self.owner = None;
        self.until = Timestamp::from_micros(0);
    }

    /// Writes the index entry of a lane with something in it: at the lease's end, or at once when it is free.
    pub(super) fn index(&mut self, now: Timestamp) {
        self.due = Some(if self.is_live(now) {
            self.until
        } else {
            // What has been due for longer keeps its place in the queue.
            self.due.map_or(now, |due| due.min(now))
        });
    }
}
