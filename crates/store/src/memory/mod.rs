//! The store in memory: for tests, and for trying things out. What it holds ends with the process.
//!
//! Owns how rows lie in memory; the rules are the [machine](crate::machine)'s.

mod rows;
mod transcript;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use lorikeet_chat::{Conversation, Lane, Timestamp};

pub use self::rows::MemoryRows;
use self::transcript::Room;
use crate::machine::Machine;
use crate::{
    Acquired, Claim, Claimed, Clock, Commit, Committed, Due, Enter, Entered, Entry, Holder, Index,
    Limits, Lock, LockRow, LockStore, LockView, Release, Released, Renew, Renewed, SessionStore,
    Settle, Settled, StoreError, Sweep, Transcript, bucket,
};

/// All stores in memory of one process share their rows when cloned.
#[derive(Clone)]
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    limits: Limits,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    conversations: HashMap<Conversation, MemoryRows>,
    index: BTreeMap<Index, BTreeSet<(Timestamp, Conversation)>>,
    expiring: BTreeSet<(Timestamp, Conversation)>,
    locks: HashMap<String, LockRow>,
    rooms: HashMap<String, Room>,
}

impl MemoryStore {
    /// An empty store on a clock.
    pub fn new(clock: Arc<dyn Clock>, limits: Limits) -> Self {
        Self {
            clock,
            limits,
            state: Arc::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock; if something did, the rows are still whole per call.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn on<T>(
        &self,
        conversation: &Conversation,
        call: impl FnOnce(Machine<'_, MemoryRows>) -> Result<T, Infallible>,
    ) -> T {
        let now = self.clock.now();
        let mut state = self.state();
        state.with(conversation, |record| {
            match Machine::load(record, self.limits, now).and_then(call) {
                Ok(answer) => answer,
                Err(never) => match never {},
            }
        })
    }

    fn on_lock<T>(&self, name: &str, call: impl FnOnce(&mut LockRow, Timestamp) -> T) -> T {
        let now = self.clock.now();
        call(self.state().locks.entry(name.to_owned()).or_default(), now)
    }
}

impl State {
    /// Runs a call on a conversation's record and keeps the index and the expiry list in step with it.
    fn with<T>(
        &mut self,
        conversation: &Conversation,
        call: impl FnOnce(&mut MemoryRows) -> T,
    ) -> T {
        let mut record = self.conversations.remove(conversation).unwrap_or_default();
        self.list(conversation, &record, false);
        let answer = call(&mut record);
        self.list(conversation, &record, true);
        if record.exists() {
            self.conversations.insert(conversation.clone(), record);
        }
        answer
    }

    fn list(&mut self, conversation: &Conversation, record: &MemoryRows, add: bool) {
        let put = |set: &mut BTreeSet<_>, at: Timestamp| {
            let entry = (at, conversation.clone());
            if add {
                set.insert(entry)
            } else {
                set.remove(&entry)
            };
        };
        for lane in [Lane::Turn, Lane::Deliver, Lane::Work] {
            if let Some(due) = record.due(lane) {
                put(
                    self.index.entry(Index::of(conversation, lane)).or_default(),
                    due,
                );
            }
        }
        if let Some(expires) = record.expires() {
            put(&mut self.expiring, expires);
        }
    }

    /// Drops what has been idle for too long.
    fn expire(&mut self, now: Timestamp) {
        while let Some((expires, _)) = self.expiring.first()
            && *expires <= now
            && let Some((_, conversation)) = self.expiring.pop_first()
        {
            self.conversations.remove(&conversation);
        }
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl SessionStore for MemoryStore {
    async fn enter(&self, request: &Enter) -> Result<Entered, StoreError> {
        Ok(self.on(&request.conversation, |machine| machine.enter(request)))
    }

    async fn commit(&self, request: &Commit) -> Result<Committed, StoreError> {
        Ok(self.on(&request.conversation, |machine| machine.commit(request)))
    }

    async fn settle(&self, request: &Settle) -> Result<Settled, StoreError> {
        Ok(self.on(&request.conversation, |machine| machine.settle(request)))
    }

    async fn claim(&self, request: Claim) -> Result<Claimed, StoreError> {
        Ok(self.on(&request.conversation, |machine| machine.claim(&request)))
    }

    async fn renew(&self, request: Renew) -> Result<Renewed, StoreError> {
        Ok(self.on(&request.conversation, |machine| machine.renew(&request)))
    }

    async fn release(&self, request: Release) -> Result<Released, StoreError> {
        Ok(self.on(&request.conversation, |machine| machine.release(&request)))
    }

    async fn due(&self, sweep: Sweep) -> Result<Vec<Due>, StoreError> {
        let now = self.clock.now();
        let mut state = self.state();
        state.expire(now);
        let Some(entries) = state.index.get(&sweep.index) else {
            return Ok(Vec::new());
        };
        let due = entries
            .iter()
            .take_while(|(at, _)| *at <= now)
            .filter(|(_, conversation)| sweep.buckets.contains(&bucket(&conversation.key())))
            .take(sweep.limit)
            .map(|(_, conversation)| Due {
                conversation: conversation.clone(),
                lane: sweep.index.lane(),
            });
        Ok(due.collect())
    }
}

#[async_trait]
impl LockStore for MemoryStore {
    async fn acquire(
        &self,
        name: &str,
        holder: &Holder,
        ttl: Duration,
    ) -> Result<Acquired, StoreError> {
        Ok(self.on_lock(name, |row, now| row.acquire(holder, ttl, now)))
    }

    async fn take_over(
        &self,
        name: &str,
        holder: &Holder,
        ttl: Duration,
    ) -> Result<(Lock, Option<LockView>), StoreError> {
        Ok(self.on_lock(name, |row, now| row.take_over(holder, ttl, now)))
    }

    async fn renew(
        &self,
        name: &str,
        holder: &str,
        generation: u64,
        ttl: Duration,
    ) -> Result<Option<Lock>, StoreError> {
        Ok(self.on_lock(name, |row, now| row.renew(holder, generation, ttl, now)))
    }

    async fn release(&self, name: &str, holder: &str, generation: u64) -> Result<bool, StoreError> {
        Ok(self.on_lock(name, |row, _| row.release(holder, generation)))
    }

    async fn view(&self, name: &str) -> Result<Option<LockView>, StoreError> {
        Ok(self.on_lock(name, |row, now| row.view(now)))
    }
}

#[async_trait]
impl Transcript for MemoryStore {
    async fn put(&self, room: &str, id: &str, body: String) -> Result<u64, StoreError> {
        let mut state = self.state();
        let room = state.rooms.entry(room.to_owned()).or_default();
        Ok(room.put(id, body, self.limits.transcript))
    }

    async fn changes_since(
        &self,
        room: &str,
        sequence: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let state = self.state();
        Ok(state
            .rooms
            .get(room)
            .map_or_else(Vec::new, |room| room.changes_since(sequence, limit)))
    }

    async fn latest(&self, room: &str, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let state = self.state();
        Ok(state
            .rooms
            .get(room)
            .map_or_else(Vec::new, |room| room.latest(limit)))
    }
}
