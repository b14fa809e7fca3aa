//! When the next message may be sent, so that Telegram need not refuse it.
//!
//! <https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this>: about a message a second in a chat, 20 a
//! minute in a group, 30 a second in all. Short bursts are fine; how long they may be is nowhere said.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Messages in a row that a chat may get at once.
const BURST: u32 = 20;
/// Between two messages in a private chat, after that.
const PRIVATE: Duration = Duration::from_secs(1);
/// Between two messages in a group, after that.
const GROUP: Duration = Duration::from_secs(3);
/// Chats that are remembered before those that are free again are forgotten.
const REMEMBERED: usize = 4_096;

/// Spaces what is sent. A chat's next free moment moves with every message ("generic cell rate algorithm").
#[derive(Debug)]
pub(crate) struct Pace {
    /// Between two messages of the bot as a whole; none when it is not limited.
    all: Option<Duration>,
    free: Mutex<Free>,
}

#[derive(Debug, Default)]
struct Free {
    all: Option<Instant>,
    chats: HashMap<i64, Instant>,
}

impl Pace {
    /// At most so many messages a second in all; 0 for no limit of any kind.
    pub(crate) fn new(per_second: u32) -> Self {
        Self {
            all: (per_second > 0).then(|| Duration::from_secs(1) / per_second),
            free: Mutex::default(),
        }
    }

    /// Takes the next place in a chat: how long to wait for it.
    pub(crate) fn take(&self, chat: i64, now: Instant) -> Duration {
        let Some(between) = self.all else {
            // Not limited, but what Telegram asked for holds.
            return self.asked(chat, now);
        };
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let step = if chat < 0 { GROUP } else { PRIVATE };
        if free.chats.len() > REMEMBERED {
            free.chats.retain(|_, at| *at > now);
        }
        let at = free.chats.entry(chat).or_insert(now);
        let (wait, next) = take(*at, step, step * BURST, now);
        *at = next;
        let second = Duration::from_secs(1);
        let (overall, next) = take(free.all.unwrap_or(now), between, second, now);
        free.all = Some(next);
        wait.max(overall)
    }

    /// Telegram asked for a pause in a chat.
    pub(crate) fn pause(&self, chat: i64, pause: Duration, now: Instant) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let step = if chat < 0 { GROUP } else { PRIVATE };
        // The next place in the chat is free when the pause is over.
        let until = now + pause + step * BURST;
        let at = free.chats.entry(chat).or_insert(until);
        *at = until.max(*at);
    }

    fn asked(&self, chat: i64, now: Instant) -> Duration {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(at) = free.chats.get(&chat).copied() else {
            return Duration::ZERO;
        };
        let step = if chat < 0 { GROUP } else { PRIVATE };
        let wait = at.saturating_duration_since(now + step * BURST);
        if wait.is_zero() {
            free.chats.remove(&chat);
        }
        wait
    }
}

/// How long to wait, and the next free moment; `burst` may be ahead of its time.
fn take(at: Instant, step: Duration, burst: Duration, now: Instant) -> (Duration, Instant) {
    let next = at.max(now) + step;
    let wait = next.saturating_duration_since(now + burst);
    (wait, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_goes_at_once_and_then_one_a_second() {
        let (pace, now) = (Pace::new(1_000), Instant::now());
        for _ in 0..BURST {
            assert_eq!(pace.take(7, now), Duration::ZERO);
        }
        assert_eq!(pace.take(7, now), PRIVATE);
        assert_eq!(pace.take(7, now), PRIVATE * 2);
        assert_eq!(pace.take(8, now), Duration::ZERO, "another chat");
        assert_eq!(pace.take(7, now + PRIVATE * 30), Duration::ZERO);
    }

    #[test]
    fn groups_are_slower() {
        let (pace, now) = (Pace::new(1_000), Instant::now());
        let sent = (0..BURST).map(|_| pace.take(-7, now));
        assert!(sent.into_iter().all(|wait| wait.is_zero()));
        assert_eq!(pace.take(-7, now), GROUP);
    }

    #[test]
    fn all_chats_share_the_bots_own_limit() {
        let (pace, now) = (Pace::new(30), Instant::now());
        let waits = (1..=100).map(|chat| pace.take(chat, now));
        let longest = waits.max().unwrap();
        assert!(
            longest > Duration::from_secs(2) && longest < Duration::from_secs(3),
            "{longest:?}"
        );
    }

    #[test]
    fn a_pause_is_kept_in_its_chat_alone() {
        for pace in [Pace::new(1_000), Pace::new(0)] {
            let (now, pause) = (Instant::now(), Duration::from_secs(17));
            pace.pause(7, pause, now);
            assert!(pace.take(7, now) >= pause);
            assert_eq!(pace.take(8, now), Duration::ZERO);
            assert_eq!(pace.take(7, now + pause * 4), Duration::ZERO);
        }
    }
}
