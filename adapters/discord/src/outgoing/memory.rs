//! What one process remembers of what it sends, to be quicker and not to say things twice; nothing is lost with it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Private conversations whose channel is remembered.
const CHANNELS: usize = 4_096;

/// The channels of private conversations, by person.
#[derive(Debug, Default)]
pub(crate) struct Channels(Mutex<HashMap<String, String>>);

impl Channels {
    pub(crate) fn note(&self, person: &str, channel: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= CHANNELS {
            all.clear();
        }
        all.insert(person.to_owned(), channel.to_owned());
    }

    pub(super) fn of(&self, person: &str) -> Option<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(person).cloned()
    }
}
