//! Updates on their way to the bot: kept until it has them, for a day at most.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::Notify;

use crate::locks::lock;
use crate::webhook::{Lost, Webhook};

/// How long updates are kept. <https://core.telegram.org/bots/api#getting-updates>
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// Kinds that come only to those who ask for them by name.
const UNASKED: &[&str] = &["chat_member", "message_reaction", "message_reaction_count"];

#[derive(Debug)]
pub(crate) struct Update {
    pub(crate) id: i64,
    pub(crate) kind: &'static str,
    /// Updates of one key come one after the other.
    pub(crate) key: (u8, i64),
    pub(crate) body: Bytes,
    born: Duration,
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) serial: u64,
    pub(crate) update: Arc<Update>,
    /// Comes once more even if its id is below what the bot has confirmed.
    insist: bool,
    flying: bool,
    attempts: u32,
    not_before: Duration,
}

/// A delivery to the webhook.
#[derive(Debug)]
pub(crate) struct Flight {
    pub(crate) serial: u64,
    pub(crate) update: Arc<Update>,
    /// How it is to be lost.
    pub(crate) lost: Option<Lost>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) entries: VecDeque<Entry>,
    /// While updates are held back.
    pub(crate) held: Option<Vec<Arc<Update>>>,
    recent: VecDeque<Arc<Update>>,
    /// `None`: all but what nobody gets unasked.
    allowed: Option<HashSet<String>>,
    pub(crate) webhook: Option<Webhook>,
    /// The newest `getUpdates`; an older one that still waits is ended.
    pub(crate) poll: u64,
    /// So many confirmations are forgotten.
    pub(crate) forget: u32,
    /// So many deliveries to the webhook are lost.
    pub(crate) lost: VecDeque<Lost>,
}

#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) state: Mutex<State>,
    pub(crate) arrived: Notify,
    next_id: AtomicI64,
    next_serial: AtomicU64,
    room: usize,
}

impl Queue {
    pub(crate) fn new(room: usize) -> Self {
        Self {
            state: Mutex::default(),
            arrived: Notify::new(),
            next_id: AtomicI64::new(500_000_000),
            next_serial: AtomicU64::new(0),
            room: room.max(1),
        }
    }

    pub(crate) fn push(&self, kind: &'static str, key: (u8, i64), body: &Value, now: Duration) {
        let mut state = lock(&self.state);
        let wanted = match &state.allowed {
            Some(allowed) => allowed.contains(kind),
            None => !UNASKED.contains(&kind),
        };
        if !wanted {
            return;
        }
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let update = Arc::new(Update {
            id,
            kind,
            key,
            body: Bytes::from(format!("{{\"update_id\":{id},\"{kind}\":{body}}}")),
            born: now,
        });
        state.recent.push_back(Arc::clone(&update));
        if state.recent.len() > self.room {
            state.recent.pop_front();
        }
        match &mut state.held {
            Some(held) => held.push(update),
            None => state.entries.push_back(self.entry(update, false)),
        }
        drop(state);
        self.arrived.notify_waiters();
    }

    fn entry(&self, update: Arc<Update>, insist: bool) -> Entry {
        Entry {
            serial: self.next_serial.fetch_add(1, Ordering::Relaxed),
            update,
            insist,
            flying: false,
            attempts: 0,
            not_before: Duration::ZERO,
        }
    }

    /// Sends an update once more, under its old id.
    pub(crate) fn again(&self, id: i64) -> bool {
        let mut state = lock(&self.state);
        let Some(update) = state.recent.iter().find(|update| update.id == id).cloned() else {
            return false;
        };
        let entry = self.entry(update, true);
        state.entries.push_back(entry);
        drop(state);
        self.arrived.notify_waiters();
        true
    }

    /// Id and kind of the newest updates.
    pub(crate) fn recent(&self) -> Vec<(i64, &'static str)> {
        let state = lock(&self.state);
        state
            .recent
            .iter()
            .map(|update| (update.id, update.kind))
            .collect()
    }

    pub(crate) fn hold(&self) {
        lock(&self.state).held.get_or_insert_default();
    }

    /// Releases held updates in this order; with `None`, all of them, and holds no more.
    pub(crate) fn release(&self, order: Option<&[i64]>) {
        let mut state = lock(&self.state);
        let Some(mut held) = state.held.take() else {
            return;
        };
        let mut free = Vec::new();
        if let Some(order) = order {
            for id in order {
                if let Some(at) = held.iter().position(|update| update.id == *id) {
                    free.push(held.remove(at));
                }
            }
            state.held = Some(held);
        } else {
            free = held;
        }
        for update in free {
            let entry = self.entry(update, true);
            state.entries.push_back(entry);
        }
        drop(state);
        self.arrived.notify_waiters();
    }

    /// What the bot asked for, remembered from call to call.
    pub(crate) fn allow(&self, kinds: &[String]) {
        let allowed = (!kinds.is_empty()).then(|| kinds.iter().cloned().collect());
        lock(&self.state).allowed = allowed;
    }

    /// As `getWebhookInfo` tells it.
    pub(crate) fn allowed(&self) -> Option<Vec<String>> {
        let state = lock(&self.state);
        let mut kinds: Vec<String> = state.allowed.as_ref()?.iter().cloned().collect();
        kinds.sort();
        Some(kinds)
    }
}

impl State {
    /// Lets go of what is too old.
    fn expire(&mut self, now: Duration) {
        while self
            .entries
            .front()
            .is_some_and(|entry| entry.update.born + KEPT < now)
        {
            self.entries.pop_front();
        }
    }

    /// Confirms what lies before an offset, and takes up to `limit` of the rest.
    pub(crate) fn poll(&mut self, offset: i64, limit: usize, now: Duration) -> Vec<Arc<Update>> {
        self.expire(now);
        if offset < 0 {
            let back = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
            let all = self.entries.len();
            self.entries.drain(..all.saturating_sub(back));
        } else if offset > 0 {
            let confirms = self
                .entries
                .iter()
                .any(|entry| entry.update.id < offset && !entry.insist);
            if confirms && self.forget > 0 {
                self.forget -= 1;
                for entry in &mut self.entries {
                    entry.insist |= entry.update.id < offset;
                }
            }
            self.entries
                .retain(|entry| entry.insist || entry.update.id >= offset);
        }
        let taken = self.entries.iter_mut().take(limit);
        taken
            .map(|entry| {
                entry.insist = false;
                Arc::clone(&entry.update)
            })
            .collect()
    }

    /// What may fly to the webhook now, and when to look again.
    pub(crate) fn due(
        &mut self,
        connections: usize,
        now: Duration,
    ) -> (Vec<Flight>, Option<Duration>) {
        self.expire(now);
        let flying = self.entries.iter().filter(|entry| entry.flying).count();
        let mut free = connections.saturating_sub(flying);
        let (mut keys, mut due, mut wake) = (HashSet::new(), Vec::new(), None::<Duration>);
        for entry in &mut self.entries {
            if free == 0 {
                break;
            }
            if !keys.insert(entry.update.key) || entry.flying {
                continue;
            }
            if entry.not_before > now {
                let at = entry.not_before;
                wake = Some(wake.map_or(at, |other| other.min(at)));
                continue;
            }
            entry.flying = true;
            free -= 1;
            due.push(Flight {
                serial: entry.serial,
                update: Arc::clone(&entry.update),
                lost: self.lost.pop_front(),
            });
        }
        (due, wake)
    }

    /// A delivery ended: the update is gone, or comes again after a wait that doubles.
    pub(crate) fn settle(
        &mut self,
        serial: u64,
        failed: bool,
        now: Duration,
        first: Duration,
        last: Duration,
    ) {
        let Some(at) = self.entries.iter().position(|entry| entry.serial == serial) else {
            return;
        };
        if !failed {
            self.entries.remove(at);
            return;
        }
        if let Some(entry) = self.entries.get_mut(at) {
            let wait = first.saturating_mul(1 << entry.attempts.min(16));
            entry.flying = false;
            entry.attempts += 1;
            entry.not_before = now + wait.min(last);
        }
    }

    /// Nothing flies any more: the server was stopped.
    pub(crate) fn land(&mut self) {
        for entry in &mut self.entries {
            entry.flying = false;
        }
    }
}
