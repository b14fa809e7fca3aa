//! How often Discord takes calls: counted by what its answers say, so that a call is not made only to be refused.
//! <https://discord.com/developers/docs/topics/rate-limits>
//!
//! Pure: times come in. Calls of one kind to one channel, server or webhook share a bucket; which kinds do, the answers say.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

/// Buckets that are remembered before those that are full again are forgotten.
const REMEMBERED: usize = 4_096;

/// What a call counts for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Kind {
    /// The method and the path, without ids.
    pub(crate) template: &'static str,
    /// The id of the channel, server or webhook; empty where there is none.
    pub(crate) major: String,
}

/// What an answer says of its bucket.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Said {
    /// Which bucket it is, apart from the major id.
    pub(crate) bucket: Option<String>,
    /// Calls left in it.
    pub(crate) remaining: Option<u32>,
    /// How long until it is full again.
    pub(crate) reset_after: Option<Duration>,
    /// How long to wait, when it was one too many.
    pub(crate) retry_after: Option<Duration>,
    /// Whether that is for every call there is.
    pub(crate) global: bool,
}

/// Every bucket of the process.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    /// Which bucket a kind of call is known to be in.
    names: HashMap<&'static str, String>,
    fill: HashMap<(String, String), Fill>,
    closed_until: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Fill {
    remaining: u32,
    full_at: Instant,
}

impl Buckets {
    /// Takes a call out of its bucket.
    ///
    /// # Errors
    /// How long to wait when there is none left; nothing is taken then.
    pub(crate) fn take(&mut self, kind: &Kind, now: Instant) -> Result<(), Duration> {
        if let Some(until) = self.closed_until {
            if until > now {
                return Err(until - now);
            }
            self.closed_until = None;
        }
        let bucket = self.bucket(kind);
        let Some(fill) = self.fill.get_mut(&bucket) else {
            return Ok(());
        };
        if fill.full_at <= now {
            // How much it holds the next answer says.
            self.fill.remove(&bucket);
            return Ok(());
        }
        if fill.remaining == 0 {
            return Err(fill.full_at - now);
        }
        fill.remaining -= 1;
        Ok(())
    }

    /// Hears what an answer says.
    pub(crate) fn hear(&mut self, kind: &Kind, said: &Said, now: Instant) {
        if let Some(name) = &said.bucket
            && self.names.get(kind.template) != Some(name)
        {
            self.names.insert(kind.template, name.clone());
        }
        if let Some(pause) = said.retry_after {
            let until = now + pause;
            if said.global {
                self.closed_until = self.closed_until.max(Some(until));
            } else {
                self.set(kind, 0, until, now);
            }
            return;
        }
        if let (Some(remaining), Some(reset_after)) = (said.remaining, said.reset_after) {
            let full_at = now + reset_after;
            // Answers overtake each other: within one period the lowest count is the newest.
            let bucket = self.bucket(kind);
            let same_period = |fill: &&Fill| fill.full_at + Duration::from_millis(500) > full_at;
            let known = self.fill.get(&bucket).filter(same_period);
            let remaining = known.map_or(remaining, |fill| fill.remaining.min(remaining));
            self.set(kind, remaining, full_at, now);
        }
    }

    fn set(&mut self, kind: &Kind, remaining: u32, full_at: Instant, now: Instant) {
        if self.fill.len() >= REMEMBERED {
            self.fill.retain(|_, fill| fill.full_at > now);
        }
        self.fill
            .insert(self.bucket(kind), Fill { remaining, full_at });
    }

    fn bucket(&self, kind: &Kind) -> (String, String) {
        let name = self.names.get(kind.template);
        let name = name.map_or(kind.template, String::as_str);
        (name.to_owned(), kind.major.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn kind(template: &'static str, major: &str) -> Kind {
        Kind {
            template,
            major: major.to_owned(),
        }
    }

    fn left(bucket: &str, remaining: u32, reset_after: Duration) -> Said {
        Said {
            bucket: Some(bucket.to_owned()),
            remaining: Some(remaining),
            reset_after: Some(reset_after),
            ..Said::default()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn calls_stop_where_the_answers_say_so_and_go_on_when_it_is_full_again() {
        let mut buckets = Buckets::default();
        let (send, other) = (kind("send", "1"), kind("send", "2"));
        let now = Instant::now();
        assert_eq!(buckets.take(&send, now), Ok(()));
        buckets.hear(&send, &left("b", 2, SECOND * 5), now);
        assert_eq!(buckets.take(&send, now), Ok(()));
        assert_eq!(buckets.take(&send, now), Ok(()));
        // An answer to an earlier call, come late.
        buckets.hear(&send, &left("b", 1, SECOND * 5), now);
        assert_eq!(buckets.take(&send, now + SECOND), Err(SECOND * 4));
        assert_eq!(buckets.take(&other, now), Ok(()), "another channel");
        assert_eq!(buckets.take(&send, now + SECOND * 5), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn kinds_of_one_bucket_share_it() {
        let mut buckets = Buckets::default();
        let (send, edit) = (kind("send", "1"), kind("edit", "1"));
        let now = Instant::now();
        buckets.hear(&edit, &left("b", 1, SECOND), now);
        buckets.hear(&send, &left("b", 0, SECOND), now);
        assert_eq!(buckets.take(&edit, now), Err(SECOND));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_closes_its_bucket_or_all() {
        let mut buckets = Buckets::default();
        let (send, other) = (kind("send", "1"), kind("send", "2"));
        let now = Instant::now();
        let refused = Said {
            retry_after: Some(SECOND * 2),
            ..Said::default()
        };
        buckets.hear(&send, &refused, now);
        assert_eq!(buckets.take(&send, now), Err(SECOND * 2));
        assert_eq!(buckets.take(&other, now), Ok(()));
        let global = Said {
            global: true,
            ..refused
        };
        buckets.hear(&send, &global, now + SECOND);
        assert_eq!(buckets.take(&other, now + SECOND), Err(SECOND * 2));
        assert_eq!(buckets.take(&other, now + SECOND * 3), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_full_again_is_forgotten() {
        let mut buckets = Buckets::default();
        let now = Instant::now();
        for channel in 0..2 * REMEMBERED as u64 {
            let send = kind("send", &channel.to_string());
            buckets.hear(
                &send,
                &left("b", 4, SECOND),
                now + SECOND * 2 * channel as u32,
            );
        }
        assert!(buckets.fill.len() <= REMEMBERED, "{}", buckets.fill.len());
    }
}
