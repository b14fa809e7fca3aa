//! When the next message may be sent, so that Telegram need not refuse it.
//!
//! <https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this>: about a message a second in a chat, 20 a
//! minute in a group, 30 a second in all. Short bursts are fine; how long they may be is nowhere said.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Between two messages, and how many in a row may come at once: what comes at once and what a minute brings back together are
/// never more than is allowed.
type Rate = (Duration, u32);

/// A private chat: a message a second.
const PRIVATE: Rate = (Duration::from_secs(1), 20);
/// A group: 20 a minute.
const GROUP: Rate = (Duration::from_secs(6), 10);
/// Chats that are remembered before those that are free again are forgotten.
const REMEMBERED: usize = 4_096;

/// Spaces what is sent. A chat's next free moment moves with every message ("generic cell rate algorithm").
#[derive(Debug)]
pub(crate) struct Pace {
    /// The bot as a whole; none when it is not limited.
    all: Option<Rate>,
    free: Mutex<Free>,
}

#[derive(Debug, Default)]
struct Free {
    all: Option<Instant>,
    chats: HashMap<i64, Instant>,
}

impl Pace {
    /// At most so many messages in any second; 0 for no limit of any kind.
    pub(crate) fn new(per_second: u32) -> Self {
        let burst = (per_second / 6).max(1);
        let spaced = (per_second + 1).saturating_sub(burst).max(1);
        Self {
            all: (per_second > 0).then(|| {
                (
                    Duration::from_nanos(1_000_000_000_u64.div_ceil(spaced.into())),
                    burst,
                )
            }),
            free: Mutex::default(),
        }
    }

    /// Takes the next place in a chat, and says how long to wait for it.
    ///
    /// # Errors
    /// When that is longer than `patience`: no place is taken, and it makes sense to ask again after so long.
    pub(crate) fn take(
        &self,
        chat: i64,
        now: Instant,
        patience: Duration,
    ) -> Result<Duration, Duration> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(all) = self.all else {
            // Not limited, but what Telegram asked for holds.
            return within(patience, free.asked(chat, now));
        };
        if free.chats.len() > REMEMBERED {
            free.chats.retain(|_, at| *at > now);
        }
        let here = free.chats.get(&chat).copied().unwrap_or(now);
        let (wait, next) = place(here, rate(chat), now);
        let (overall, next_of_all) = place(free.all.unwrap_or(now), all, now);
        let wait = within(patience, wait.max(overall))?;
        free.chats.insert(chat, next);
        free.all = Some(next_of_all);
        Ok(wait)
    }

    /// Telegram asked for a pause in a chat.
    pub(crate) fn pause(&self, chat: i64, pause: Duration, now: Instant) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let (between, burst) = rate(chat);
        // The next place in the chat is free when the pause is over.
        let until = now + pause + between * burst;
        let at = free.chats.entry(chat).or_insert(until);
        *at = until.max(*at);
    }
}

impl Free {
    fn asked(&mut self, chat: i64, now: Instant) -> Duration {
        let Some(at) = self.chats.get(&chat).copied() else {
            return Duration::ZERO;
        };
        let (between, burst) = rate(chat);
        let wait = at.saturating_duration_since(now + between * burst);
        if wait.is_zero() {
            self.chats.remove(&chat);
        }
        wait
    }
}

const fn rate(chat: i64) -> Rate {
    if chat < 0 { GROUP } else { PRIVATE }
}

fn within(patience: Duration, wait: Duration) -> Result<Duration, Duration> {
    if wait <= patience {
        Ok(wait)
    } else {
        Err(wait)
    }
}

/// How long to wait for a place, and the next free moment with it taken.
fn place(at: Instant, (between, burst): Rate, now: Instant) -> (Duration, Instant) {
    let next = at.max(now) + between;
    let wait = next.saturating_duration_since(now + between * burst);
    (wait, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(3_600);

    fn take(pace: &Pace, chat: i64, now: Instant) -> Duration {
        pace.take(chat, now, LONG).unwrap()
    }

    /// Messages that go out within a time, by somebody who sends the next as soon as there is a place for it.
    fn sent_within(pace: &Pace, chat: impl Fn(i64) -> i64, time: Duration) -> usize {
        let now = Instant::now();
        let waits = (0..).map(|number| take(pace, chat(number), now));
        waits.take_while(|wait| *wait < time).count()
    }

    #[test]
    fn a_burst_goes_at_once_and_then_one_a_second() {
        let (pace, now, second) = (Pace::new(1_000), Instant::now(), Duration::from_secs(1));
        for _ in 0..PRIVATE.1 {
            assert_eq!(take(&pace, 7, now), Duration::ZERO);
        }
        assert_eq!(take(&pace, 7, now), second);
        assert_eq!(take(&pace, 7, now), second * 2);
        assert_eq!(take(&pace, 8, now), Duration::ZERO, "another chat");
        assert_eq!(take(&pace, 7, now + second * 30), Duration::ZERO);
    }

    #[test]
    fn a_minute_of_a_group_has_twenty_messages() {
        let minute = Duration::from_secs(60);
        let sent = sent_within(&Pace::new(1_000), |_| -7, minute);
        assert!((18..=20).contains(&sent), "{sent}");
    }

    #[test]
    fn all_chats_share_the_bots_own_limit() {
        let second = Duration::from_secs(1);
        for per_second in [1, 2, 5, 30, 100] {
            let sent = sent_within(&Pace::new(per_second), |number| number + 1, second);
            assert!(sent <= per_second as usize, "{sent} of {per_second}");
            assert!(
                sent * 10 >= per_second as usize * 9,
                "{sent} of {per_second}"
            );
        }
    }

    #[test]
    fn who_does_not_wait_takes_no_place() {
        let (pace, now) = (Pace::new(30), Instant::now());
        while take(&pace, -7, now).is_zero() {}
        let wait = pace.take(-7, now, Duration::ZERO).unwrap_err();
        for _ in 0..100 {
            assert_eq!(pace.take(-7, now, Duration::ZERO), Err(wait));
        }
        assert_eq!(
            pace.take(-7, now + wait, Duration::ZERO),
            Ok(Duration::ZERO)
        );
    }

    #[test]
    fn a_pause_is_kept_in_its_chat_alone() {
        for pace in [Pace::new(1_000), Pace::new(0)] {
            let (now, pause) = (Instant::now(), Duration::from_secs(17));
            pace.pause(7, pause, now);
            assert!(take(&pace, 7, now) >= pause);
            assert_eq!(take(&pace, 8, now), Duration::ZERO);
            assert_eq!(take(&pace, 7, now + pause * 4), Duration::ZERO);
        }
    }
}
