//! What was sent of screens whose delivery did not come to its end in this process.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use lorikeet_chat::EffectId;

/// Screens that are remembered at once.
const REMEMBERED: usize = 1_024;

/// The messages of screens of which a later one failed, so that a repeat goes on behind them. A help, never the truth: a process
/// that dies forgets them, and what platforms know by a nonce or transaction id needs it only for speed.
pub struct HalfSent<T>(Mutex<HashMap<EffectId, Vec<T>>>);

impl<T> HalfSent<T> {
    /// What was sent of an effect, which is forgotten here.
    pub fn take(&self, id: &EffectId) -> Vec<T> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(id).unwrap_or_default()
    }

    /// Remembers what was sent of an effect.
    pub fn keep(&self, id: &EffectId, sent: Vec<T>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED {
            all.clear();
        }
        if !sent.is_empty() {
            all.insert(id.clone(), sent);
        }
    }
}

impl<T> Default for HalfSent<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> fmt::Debug for HalfSent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HalfSent")
    }
}
