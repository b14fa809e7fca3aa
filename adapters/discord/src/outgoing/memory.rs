//! What one process remembers of what it sends, to be quicker and not to say things twice; nothing is lost with it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use lorikeet_chat::EffectId;

use crate::handle::Sent;

/// Private conversations whose channel is remembered.
const CHANNELS: usize = 4_096;
/// Screens under way that are remembered, should one be half sent.
const HALF_SENT: usize = 1_024;

/// What was sent of screens whose delivery did not come to its end in this process.
#[derive(Debug, Default)]
pub(crate) struct HalfSent(Mutex<HashMap<String, Vec<Sent>>>);

impl HalfSent {
    pub(super) fn take(&self, id: &EffectId) -> Vec<Sent> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(id.as_str()).unwrap_or_default()
    }

    pub(super) fn keep(&self, id: &EffectId, sent: Vec<Sent>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= HALF_SENT {
            all.clear();
        }
        if !sent.is_empty() {
            all.insert(id.as_str().to_owned(), sent);
        }
    }
}

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
