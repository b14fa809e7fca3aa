//! Spaces the edits of one message.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lorikeet_chat::Conversation;
use tokio::time::Instant;

const MINUTE: Duration = Duration::from_secs(60);

/// When each conversation's message may be edited again.
///
/// A quarter of a minute's edits may come at once; after that news are spaced, so that they alone never fill a minute. What a
/// person asked for is counted and does not wait: if it is too much for a platform, that says so, and its adapter
/// waits. Kept only while spacing is due.
#[derive(Debug, Default)]
pub(crate) struct Pacer(Mutex<HashMap<Arc<Conversation>, Instant>>);

impl Pacer {
    /// The earliest moment of the next edit.
    pub(crate) fn ready_at(&self, conversation: &Conversation, per_minute: u32) -> Instant {
        let now = Instant::now();
        let Some((interval, burst)) = rate(per_minute) else {
            return now;
        };
        // The theoretical arrival time of the generic cell rate algorithm: how far ahead of its rate a message is.
        let ahead = self.lock().get(conversation).copied().unwrap_or(now);
        (ahead + interval)
            .checked_sub(interval * burst)
            .map_or(now, |ready| ready.max(now))
    }

    /// Counts an edit.
    pub(crate) fn edited(&self, conversation: &Arc<Conversation>, per_minute: u32) {
        let Some((interval, _)) = rate(per_minute) else {
            return;
        };
        let now = Instant::now();
        let mut ahead = self.lock();
        let ahead = ahead.entry(Arc::clone(conversation)).or_insert(now);
        *ahead = now.max(*ahead) + interval;
    }

    /// A new message starts anew.
    pub(crate) fn fresh(&self, conversation: &Conversation) {
        self.lock().remove(conversation);
    }

    /// Forgets what no longer matters.
    pub(crate) fn tidy(&self) {
        let now = Instant::now();
        self.lock().retain(|_, ahead| *ahead > now);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<Conversation>, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The interval of edits, and how many may come at once; `None` where nothing is to be spaced.
fn rate(per_minute: u32) -> Option<(Duration, u32)> {
    let burst = (per_minute / 4).max(1);
    let spaced = per_minute.checked_sub(burst)?.max(1);
    Some((MINUTE / spaced, burst))
}
