//! How fast steps are here, by what was seen.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Seconds of a step on two free cores, before any was measured here; from docs/tiny.md.
const SECONDS: f64 = 0.06;
/// How much of the average each step keeps.
const KEEP: f64 = 0.95;

/// Running average of the time of a step.
pub(super) struct Speed(AtomicU64);

impl Speed {
    pub(super) fn new() -> Self {
        Self(AtomicU64::new(SECONDS.to_bits()))
    }

    pub(super) fn took(&self, time: Duration) {
        // Two runs may lose each other's update, which an average can bear.
        let seconds = KEEP * self.seconds() + (1.0 - KEEP) * time.as_secs_f64();
        self.0.store(seconds.to_bits(), Ordering::Relaxed);
    }

    pub(super) fn seconds(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }

    pub(super) fn steps_a_second(&self) -> f64 {
        1.0 / self.seconds().max(1e-6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_average_follows_what_was_seen() {
        let speed = Speed::new();
        for _ in 0..200 {
            speed.took(Duration::from_millis(500));
        }
        assert!((speed.steps_a_second() - 2.0).abs() < 0.01);
    }
}
