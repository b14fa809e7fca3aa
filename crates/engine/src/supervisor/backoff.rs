//! How long to wait before the next try, and when to stop trying.

use std::time::Duration;

use tokio::time::Instant;

/// Waits that double up to a minute, until patience runs out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    next: Duration,
    patience: Duration,
    since: Option<Instant>,
}

impl Backoff {
    const FIRST: Duration = Duration::from_secs(1);
    const MOST: Duration = Duration::from_secs(60);

    /// Patience counts from the first failure.
    pub(super) const fn new(patience: Duration) -> Self {
        Self {
            next: Self::FIRST,
            patience,
            since: None,
        }
    }

    /// For what must not be given up.
    pub(super) const fn endless() -> Self {
        Self::new(Duration::MAX)
    }

    /// How long to wait after a failure `now`; `None` when patience has run out.
    pub(super) fn wait(&mut self, now: Instant) -> Option<Duration> {
        let wait = self.next;
        self.next = (self.next * 2).min(Self::MOST);
        let started = *self.since.get_or_insert(now);
        (now.duration_since(started) + wait <= self.patience).then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_until_patience_runs_out() {
        let start = Instant::now();
        let mut now = start;
        let mut backoff = Backoff::new(Duration::from_secs(200));
        let mut waits = Vec::new();
        while let Some(wait) = backoff.wait(now) {
            waits.push(wait.as_secs());
            now += wait;
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert!(Backoff::endless().wait(start).is_some());
    }
}
