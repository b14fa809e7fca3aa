//! How often the bot may write, and who is told to wait.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::answer::Refusal;
use crate::locks::lock;
use crate::options::Rates;

#[derive(Debug, Default)]
struct Chat {
    /// When the chat is free again if nothing more comes: the burst lies between now and then.
    busy_until: Duration,
    /// Messages of the last minute, in groups.
    minute: VecDeque<Duration>,
    flooded_until: Duration,
    impatient: u64,
}

#[derive(Debug, Default)]
struct State {
    chats: HashMap<i64, Chat>,
    second: VecDeque<Duration>,
}

#[derive(Debug)]
pub(crate) struct Limits {
    rates: Option<Rates>,
    state: Mutex<State>,
    /// Whether anybody was ever told to wait; without rates, most calls look no further.
    armed: AtomicBool,
}

impl Limits {
    pub(crate) fn new(rates: Option<Rates>) -> Self {
        Self {
            armed: AtomicBool::new(rates.is_some()),
            rates,
            state: Mutex::default(),
        }
    }

    pub(crate) fn edits_count(&self) -> bool {
        self.rates.as_ref().is_none_or(|rates| rates.edits)
    }

    /// Lets so many messages through, or says how long to wait. Coming too early does not make the wait longer, but is counted.
    pub(crate) fn take(
        &self,
        chat: i64,
        group: bool,
        messages: u32,
        now: Duration,
    ) -> Result<(), Refusal> {
        if !self.armed.load(Ordering::Relaxed) {
            return Ok(());
        }
        let mut state = lock(&self.state);
        let State { chats, second } = &mut *state;
        let here = chats.entry(chat).or_default();
        if here.flooded_until > now {
            here.impatient += 1;
            return Err(Refusal::too_many(seconds(here.flooded_until - now)));
        }
        let Some(rates) = &self.rates else {
            return Ok(());
        };
        let burst = rates.chat_interval * rates.chat_burst.saturating_sub(1);
        let mut wait = here.busy_until.saturating_sub(now + burst);
        let minute = Duration::from_secs(60);
        if group {
            while here.minute.front().is_some_and(|at| *at + minute <= now) {
                here.minute.pop_front();
            }
            if here.minute.len() >= rates.group_minute as usize
                && let Some(first) = here.minute.front()
            {
                wait = wait.max(*first + minute - now);
            }
        }
        let one = Duration::from_secs(1);
        while second.front().is_some_and(|at| *at + one <= now) {
            second.pop_front();
        }
        if second.len() >= rates.overall_second as usize
            && let Some(first) = second.front()
        {
            wait = wait.max(*first + one - now);
        }
        if wait > Duration::ZERO {
            let seconds = seconds(wait);
            here.flooded_until = now + Duration::from_secs(seconds);
            return Err(Refusal::too_many(seconds));
        }
        here.busy_until = here.busy_until.max(now) + rates.chat_interval * messages;
        for _ in 0..messages {
            if group {
                here.minute.push_back(now);
            }
            second.push_back(now);
        }
        Ok(())
    }

    /// Somebody was told to wait for another reason.
    pub(crate) fn flood(&self, chat: i64, until: Duration) {
        let mut state = lock(&self.state);
        let here = state.chats.entry(chat).or_default();
        here.flooded_until = here.flooded_until.max(until);
        self.armed.store(true, Ordering::Relaxed);
    }

    /// Calls for a chat while its time was not over; of all chats for `None`.
    pub(crate) fn impatient(&self, chat: Option<i64>) -> u64 {
        let state = lock(&self.state);
        match chat {
            Some(chat) => state.chats.get(&chat).map_or(0, |chat| chat.impatient),
            None => state.chats.values().map(|chat| chat.impatient).sum(),
        }
    }
}

/// Whole seconds, at least one.
fn seconds(wait: Duration) -> u64 {
    wait.as_millis()
        .div_ceil(1000)
        .max(1)
        .try_into()
        .unwrap_or(u64::MAX)
}
