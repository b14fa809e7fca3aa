//! The rooms somebody looks at in this process: who writes next, and who is told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

/// Rooms kept before those nobody uses are forgotten.
const SWEEP_AT: usize = 256;

/// All rooms.
#[derive(Default)]
pub(crate) struct Hub {
    rooms: Mutex<HashMap<String, Arc<Room>>>,
}

/// One room, as long as somebody holds it.
#[derive(Default)]
pub(crate) struct Room {
    /// Held from accepting a person's message until it is in the transcript, so that the answer comes after it.
    pub(crate) order: tokio::sync::Mutex<()>,
    pulse: watch::Sender<Pulse>,
}

/// What happened in a room, as counts: a reader compares.
#[derive(Clone, Copy, Default)]
pub(crate) struct Pulse {
    /// Anything in the transcript changed.
    changes: u64,
    /// The bot said something.
    pub(crate) deliveries: u64,
}

impl Hub {
    /// The room of this key.
    pub(crate) fn room(&self, key: &str) -> Arc<Room> {
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        if rooms.len() >= SWEEP_AT {
            // The map's own reference is the only one of a room that nobody uses.
            rooms.retain(|_, room| Arc::strong_count(room) > 1);
        }
        Arc::clone(rooms.entry(key.to_owned()).or_default())
    }
}

impl Room {
    /// Follows the room from now on.
    pub(crate) fn follow(&self) -> watch::Receiver<Pulse> {
        self.pulse.subscribe()
    }

    /// A message of the person was written.
    pub(crate) fn changed(&self) {
        self.pulse.send_modify(|pulse| pulse.changes += 1);
    }

    /// A message of the bot was written.
    pub(crate) fn delivered(&self) {
        self.pulse.send_modify(|pulse| {
            pulse.changes += 1;
            pulse.deliveries += 1;
        });
    }
}
