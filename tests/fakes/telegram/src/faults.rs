//! What goes wrong on purpose.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::answer::Refusal;
use crate::locks::lock;

/// What happens to a call instead of what should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is refused, and not done.
    Refuse {
        /// The status and `error_code`.
        code: u16,
        /// The whole sentence, with its prefix.
        description: String,
        /// Seconds in `parameters`; the chat of the call stays refused for so long.
        retry_after: Option<u64>,
    },
    /// The connection ends without an answer, and nothing was done.
    Cut,
    /// It is done, and the connection ends without an answer: the bot does not learn of it.
    DoneThenCut,
    /// It is done at once and answered after so long.
    Late(Duration),
    /// It waits for so long before it is done.
    Slow(Duration),
    /// 502 with a page of HTML, and nothing was done.
    BadGateway,
    /// 502 with a page of HTML, although it was done.
    DoneThenBadGateway,
}

impl Fault {
    /// 429 with a time to wait.
    pub fn too_many(seconds: u64) -> Self {
        Self::Refuse {
            code: 429,
            description: format!("Too Many Requests: retry after {seconds}"),
            retry_after: Some(seconds),
        }
    }

    /// A refusal without parameters.
    pub fn refuse(code: u16, description: &str) -> Self {
        Self::Refuse {
            code,
            description: description.to_owned(),
            retry_after: None,
        }
    }
}

#[derive(Debug)]
struct Storm {
    fault: Fault,
    until: Duration,
    told: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// By method in small letters.
    next: Mutex<HashMap<String, VecDeque<Fault>>>,
    storm: Mutex<Option<Storm>>,
    armed: AtomicBool,
    /// Calls in a storm of 429 after somebody had been told.
    pub(crate) impatient: AtomicU64,
}

impl Faults {
    pub(crate) fn next(&self, method: &str, fault: Fault) {
        lock(&self.next)
            .entry(method.to_ascii_lowercase())
            .or_default()
            .push_back(fault);
        self.armed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn storm(&self, fault: Fault, until: Duration) {
        *lock(&self.storm) = Some(Storm {
            fault,
            until,
            told: false,
        });
        self.armed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn calm(&self) {
        *lock(&self.storm) = None;
        lock(&self.next).clear();
        self.armed.store(false, Ordering::Relaxed);
    }

    /// What this call suffers.
    pub(crate) fn strike(&self, method: &str, now: Duration) -> Option<Fault> {
        if !self.armed.load(Ordering::Relaxed) {
            return None;
        }
        let mut storm = lock(&self.storm);
        if let Some(blows) = storm.as_mut() {
            if now >= blows.until {
                *storm = None;
            } else {
                let mut fault = blows.fault.clone();
                if let Fault::Refuse {
                    code: 429,
                    description,
                    retry_after,
                } = &mut fault
                {
                    if blows.told {
                        self.impatient.fetch_add(1, Ordering::Relaxed);
                    }
                    blows.told = true;
                    let left = (blows.until - now).as_millis().div_ceil(1000).max(1);
                    *description = format!("Too Many Requests: retry after {left}");
                    *retry_after = u64::try_from(left).ok();
                }
                return Some(fault);
            }
        }
        drop(storm);
        lock(&self.next)
            .get_mut(&method.to_ascii_lowercase())?
            .pop_front()
    }
}

/// A refusal as it was ordered.
pub(crate) fn refusal(code: u16, description: &str, retry_after: Option<u64>) -> Refusal {
    Refusal {
        retry_after,
        ..Refusal::new(code, description.to_owned())
    }
}
