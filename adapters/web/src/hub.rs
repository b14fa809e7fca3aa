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
    /// Counts what changed in the transcript: a reader compares.
    pulse: watch::Sender<u64>,
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

    /// A room changed, here or in another process.
    pub(crate) fn changed(&self, key: &str) {
        let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(room) = rooms.get(key) {
            room.changed();
        }
    }

    /// Any room may have changed: nobody told us for a while.
    pub(crate) fn all_changed(&self) {
        let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        for room in rooms.values() {
            room.changed();
        }
    }
}

impl Room {
    /// Follows the room from now on.
    pub(crate) fn follow(&self) -> watch::Receiver<u64> {
        self.pulse.subscribe()
    }

    /// Its transcript changed.
    pub(crate) fn changed(&self) {
        self.pulse.send_modify(|changes| *changes += 1);
    }
}
