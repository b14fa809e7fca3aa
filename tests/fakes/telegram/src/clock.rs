//! The fake's own time: the machine's, moved ahead by tests so that nobody waits two days.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

#[derive(Debug)]
pub(crate) struct Clock {
    /// Unix time at `began`.
    epoch: Duration,
    began: Instant,
    /// Milliseconds it was moved ahead.
    ahead: AtomicU64,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self {
            epoch: SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default(),
            began: Instant::now(),
            ahead: AtomicU64::new(0),
        }
    }

    /// Unix time; never goes back.
    pub(crate) fn now(&self) -> Duration {
        let ahead = Duration::from_millis(self.ahead.load(Ordering::Relaxed));
        self.epoch + self.began.elapsed() + ahead
    }

    /// Whole seconds, as in a message's date.
    pub(crate) fn seconds(&self) -> i64 {
        i64::try_from(self.now().as_secs()).unwrap_or(i64::MAX)
    }

    pub(crate) fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.ahead.fetch_add(by, Ordering::Relaxed);
    }
}
