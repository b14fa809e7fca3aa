//! Which conversations this process is working on: one task per conversation and lane.
//!
//! Owns who runs, not what. A right may be granted while the lane's last task is still busy finding out that it
//! lost its own, and a reply that lists a right may arrive after that right was used up. Both are sorted out here:
//! - the right a task works on already only brings it news;
//! - a newer right waits until the task is done with the old one;
//! - a right whose task ended since the request was sent is dropped. For that a conversation is [pinned](Registry::pin)
//!   while a request is on its way; with no pin and no task nothing of it is kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lorikeet_chat::{Conversation, Lane};
use lorikeet_store::{LaneGrant, TurnGrant};
use tokio::sync::Notify;
use tokio::time::Instant;

/// A right as the store gave it.
#[derive(Debug)]
pub(crate) struct Grant {
    /// Just before the request for it was sent.
    pub(crate) sent: Instant,
    pub(crate) right: Right,
}

#[derive(Debug)]
pub(crate) enum Right {
    Turn(TurnGrant),
    Outbox(LaneGrant),
}

impl Grant {
    fn lane(&self) -> Lane {
        match &self.right {
            Right::Turn(_) => Lane::Turn,
            Right::Outbox(grant) => grant.lane,
        }
    }

    fn generation(&self) -> u64 {
        match &self.right {
            Right::Turn(grant) => grant.generation,
            Right::Outbox(grant) => grant.generation,
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Registry(Mutex<HashMap<Arc<Conversation>, Entry>>);

#[derive(Debug, Default)]
struct Entry {
    pins: usize,
    lanes: [Slot; 3],
}

#[derive(Debug, Default)]
struct Slot {
    running: Option<Arc<Running>>,
    /// Highest generation whose task has ended while the entry lived.
    ended: u64,
    /// A newer right, for when the running task is done with its own.
    pending: Option<Grant>,
}

#[derive(Debug)]
struct Running {
    generation: u64,
    news: Mutex<Option<Grant>>,
    arrived: Notify,
}

impl Running {
    fn new(generation: u64) -> Arc<Self> {
        Arc::new(Self {
            generation,
            news: Mutex::default(),
            arrived: Notify::new(),
        })
    }
}

impl Registry {
    /// Remembers what ends from now on. Pin before sending a request whose answer may list rights.
    pub(crate) fn pin(self: &Arc<Self>, conversation: &Arc<Conversation>) -> Pin {
        let mut entries = lock(&self.0);
        if let Some(entry) = entries.get_mut(conversation) {
            entry.pins += 1;
        } else {
            let entry = Entry {
                pins: 1,
                ..Entry::default()
            };
            entries.insert(Arc::clone(conversation), entry);
        }
        drop(entries);
        Pin {
            registry: Arc::clone(self),
            conversation: Arc::clone(conversation),
        }
    }

    /// How many conversations something is kept of.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        lock(&self.0).len()
    }

    fn release(
        &self,
        conversation: &Arc<Conversation>,
        change: impl FnOnce(&mut Entry) -> Option<Grant>,
    ) -> Option<Grant> {
        let mut entries = lock(&self.0);
        let entry = entries.get_mut(conversation)?;
        let grant = change(entry);
        if entry.pins == 0 && entry.lanes.iter().all(|slot| slot.running.is_none()) {
            entries.remove(conversation);
        }
        grant
    }
}

/// Keeps a conversation's entry while a request is on its way.
#[derive(Debug)]
pub(crate) struct Pin {
    registry: Arc<Registry>,
    conversation: Arc<Conversation>,
}

impl Pin {
    /// Hands a right in. With a ticket the caller starts a task for it; without one it is taken care of.
    pub(crate) fn offer(&self, grant: Grant) -> Option<(Ticket, Grant)> {
        let (lane, generation) = (grant.lane(), grant.generation());
        let mut entries = lock(&self.registry.0);
        let slot = &mut entries.get_mut(&self.conversation)?.lanes[index(lane)];
        if generation <= slot.ended {
            return None;
        }
        if let Some(running) = &slot.running {
            if generation == running.generation {
                *lock(&running.news) = Some(grant);
                running.arrived.notify_one();
            } else if generation > running.generation
                && slot
                    .pending
                    .as_ref()
                    .is_none_or(|pending| pending.generation() <= generation)
            {
                slot.pending = Some(grant);
            }
            return None;
        }
        let running = Running::new(generation);
        slot.running = Some(Arc::clone(&running));
        drop(entries);
        let ticket = Ticket {
            registry: Arc::clone(&self.registry),
            conversation: Arc::clone(&self.conversation),
            lane,
            running: Some(running),
        };
        Some((ticket, grant))
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        self.registry.release(&self.conversation, |entry| {
            entry.pins -= 1;
            None
        });
    }
}

/// The place of the one task that works on a conversation's lane.
#[derive(Debug)]
pub(crate) struct Ticket {
    registry: Arc<Registry>,
    conversation: Arc<Conversation>,
    lane: Lane,
    /// Absent once the place is given up.
    running: Option<Arc<Running>>,
}

impl Ticket {
    pub(crate) const fn conversation(&self) -> &Arc<Conversation> {
        &self.conversation
    }

    /// Waits for what a later reply said of the same right.
    pub(crate) async fn news(&self) -> Grant {
        loop {
            let Some(running) = &self.running else {
                return std::future::pending().await;
            };
            if let Some(grant) = lock(&running.news).take() {
                return grant;
            }
            running.arrived.notified().await;
        }
    }

    /// The task is done with its right: goes on with a newer one, or gives the place up.
    pub(crate) fn next(&mut self) -> Option<Grant> {
        let pending = self.end();
        if pending.is_none() {
            self.running = None;
        }
        pending
    }

    fn end(&mut self) -> Option<Grant> {
        let ended = self.running.take()?.generation;
        let lane = index(self.lane);
        let mut successor = None;
        let pending = self.registry.release(&self.conversation, |entry| {
            let slot = &mut entry.lanes[lane];
            slot.ended = slot.ended.max(ended);
            let pending = slot.pending.take();
            successor = pending
                .as_ref()
                .map(|grant| Running::new(grant.generation()));
            slot.running = successor.clone();
            pending
        });
        self.running = successor;
        pending
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        // A task that was cut short leaves its right, and one that waits, to the sweep.
        while self.end().is_some() {}
    }
}

const fn index(lane: Lane) -> usize {
    match lane {
        Lane::Turn => 0,
        Lane::Deliver => 1,
        Lane::Work => 2,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // The maps are consistent between any two statements.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use lorikeet_chat::{PlatformId, RoomId, UserId};

    use super::*;

    fn conversation() -> Arc<Conversation> {
        Arc::new(Conversation {
            platform: PlatformId::new("fake").unwrap(),
            room: RoomId::new("room").unwrap(),
            thread: None,
            user: UserId::new("anna").unwrap(),
        })
    }

    fn grant(generation: u64) -> Grant {
        Grant {
            sent: Instant::now(),
            right: Right::Outbox(LaneGrant {
                lane: Lane::Deliver,
                generation,
                effects: Vec::new(),
                handle: None,
            }),
        }
    }

    #[test]
    fn nothing_is_kept_of_who_is_idle() {
        let registry = Arc::new(Registry::default());
        let pin = registry.pin(&conversation());
        let (mut ticket, _) = pin.offer(grant(1)).unwrap();
        drop(pin);
        assert_eq!(registry.len(), 1);
        assert!(ticket.next().is_none());
        assert_eq!(registry.len(), 0);
        drop(registry.pin(&conversation()));
        assert_eq!(registry.len(), 0);
    }

    #[tokio::test]
    async fn the_right_at_work_only_brings_news() {
        let registry = Arc::new(Registry::default());
        let pin = registry.pin(&conversation());
        let (ticket, _) = pin.offer(grant(5)).unwrap();
        assert!(pin.offer(grant(5)).is_none());
        assert_eq!(ticket.news().await.generation(), 5);
    }

    #[test]
    fn a_newer_right_waits_its_turn_and_an_older_one_is_dropped() {
        let registry = Arc::new(Registry::default());
        let pin = registry.pin(&conversation());
        let (mut ticket, _) = pin.offer(grant(5)).unwrap();
        for generation in [7, 6, 4] {
            assert!(pin.offer(grant(generation)).is_none());
        }
        assert_eq!(ticket.next().unwrap().generation(), 7);
        assert!(pin.offer(grant(7)).is_none(), "at work now");
        assert!(ticket.next().is_none());
    }

    #[test]
    fn a_right_used_up_while_its_listing_was_on_the_way_is_not_used_again() {
        let registry = Arc::new(Registry::default());
        let pin = registry.pin(&conversation());
        let (mut ticket, _) = pin.offer(grant(5)).unwrap();
        assert!(ticket.next().is_none());
        assert!(pin.offer(grant(5)).is_none());
        drop(pin);
        // Asked for afterwards, the store's word counts: a task may have ended without giving its right up.
        assert!(registry.pin(&conversation()).offer(grant(5)).is_some());
    }

    #[test]
    fn a_task_cut_short_frees_its_place() {
        let registry = Arc::new(Registry::default());
        let pin = registry.pin(&conversation());
        let (ticket, _) = pin.offer(grant(5)).unwrap();
        assert!(pin.offer(grant(6)).is_none());
        drop(ticket);
        assert!(
            pin.offer(grant(6)).is_none(),
            "left to the sweep with the task it waited for"
        );
        assert!(pin.offer(grant(7)).is_some());
    }
}
