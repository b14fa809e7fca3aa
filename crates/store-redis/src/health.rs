//! Whether this Redis will do, at the start and from then on.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::Duration;

use redis::{RedisError, Value, cmd};
use tokio::time::{Instant, sleep};

use crate::{OpenError, Options, RedisStore};

/// The oldest Redis whose scripts can be refused before their first write when memory is out.
const OLDEST: (u32, u32) = (7, 0);
/// How long a start waits for a Redis that starts as well.
const START: Duration = Duration::from_secs(30);

/// What has been seen of the server so far, to notice when it is another one.
#[derive(Default)]
pub(crate) struct Seen {
    deployment: Option<String>,
    replication: Option<String>,
    history: History,
}

/// What happened to the data since the process started. Nothing of it stops the bot, and all of it may have lost the
/// last moments before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The server was restarted, or another one took its place.
    pub fail_overs: u32,
    /// The data was flushed or replaced: conversations began anew.
    pub replaced: u32,
}

/// What one server says about itself.
struct About(BTreeMap<String, String>);

impl About {
    fn of(text: &str) -> Self {
        let pairs = text.lines().filter_map(|line| line.split_once(':'));
        Self(
            pairs
                .map(|(key, value)| (key.to_owned(), value.trim().to_owned()))
                .collect(),
        )
    }

    fn get(&self, key: &str) -> &str {
        self.0.get(key).map_or("", String::as_str)
    }

    fn number(&self, key: &str) -> u64 {
        self.get(key).parse().unwrap_or(0)
    }

    /// What is wrong with it, if anything.
    fn fault(&self, place: &str) -> Option<OpenError> {
        let version = self.get("redis_version");
        let mut numbers = version.split('.').map(|part| part.parse().unwrap_or(0));
        let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        if found < OLDEST {
            return Some(OpenError::fatal(format!(
                "the Redis at {place} is version {version}; the bot needs {}.{} or newer",
                OLDEST.0, OLDEST.1
            )));
        }
        if self.get("role") == "slave" {
            return Some(OpenError {
                retryable: true,
                message: format!(
                    "the Redis at {place} is a read-only replica; name the primary in [store] url, or use Sentinel"
                ),
            });
        }
        let policy = self.get("maxmemory_policy");
        if !policy.is_empty() && policy != "noeviction" {
            return Some(OpenError::fatal(format!(
                "the Redis at {place} would throw conversations away when its memory is full: set its \
                 maxmemory-policy to noeviction (it is {policy})"
            )));
        }
        let (used, most) = (self.number("used_memory"), self.number("maxmemory"));
        (most > 0 && used >= most).then(|| OpenError {
            retryable: true,
            message: format!(
                "the Redis at {place} is out of memory ({used} of {most} bytes used): raise its maxmemory"
            ),
        })
    }
}

impl RedisStore {
    /// A store at a URL that has answered and will do. A server that is not there yet is waited for, up to 30 seconds.
    ///
    /// # Errors
    /// [`OpenError`]: which server, what is wrong with it and what to do; never the URL, which may hold a password.
    pub async fn open(url: &str, options: Options) -> Result<Self, OpenError> {
        let store = Self::new(url, options)?;
        let deadline = Instant::now() + START;
        loop {
            match store.check().await {
                Ok(_) => return Ok(store),
                Err(error) if error.retryable && Instant::now() < deadline => {
                    tracing::warn!(%error, "waiting for Redis");
                    sleep(Duration::from_secs(1)).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether the bot can work with the server now, and what has happened to it so far.
    ///
    /// # Errors
    /// [`OpenError`]: why not.
    pub async fn check(&self) -> Result<History, OpenError> {
        let failed = |error: RedisError| OpenError::of(self.link.place(), &error);
        let place = self.link.place();
        let abouts = self.about().await.map_err(failed)?;
        if let Some(fault) = abouts.iter().find_map(|about| about.fault(place)) {
            return Err(fault);
        }
        // Only a write shows that writes are taken.
        let mut mark = cmd("SET");
        let proposal = format!("{:032x}", self.random());
        mark.arg(self.keys.deployment())
            .arg(&proposal)
            .arg(("NX", "GET"));
        let marked = match self.link.send(&mark).await.map_err(failed)? {
            Value::BulkString(found) => String::from_utf8_lossy(&found).into_owned(),
            _ => proposal,
        };
        // A cluster's nodes fail over one by one, and its client follows; there is no one id to watch.
        let replication = match abouts.as_slice() {
            [one] => one.get("master_replid").to_owned(),
            _ => String::new(),
        };
        Ok(self.note(marked, replication))
    }

    fn note(&self, deployment: String, replication: String) -> History {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen
            .deployment
            .as_ref()
            .is_some_and(|old| *old != deployment)
        {
            seen.history.replaced += 1;
            tracing::error!(
                place = self.link.place(),
                "the data in Redis was flushed or replaced: conversations begin anew, LoRAs and trainings are in the database"
            );
        } else if seen
            .replication
            .as_ref()
            .is_some_and(|old| *old != replication)
        {
            seen.history.fail_overs += 1;
            tracing::warn!(
                place = self.link.place(),
                "Redis was restarted, or another one is the primary now: what had not been written down or passed on is lost"
            );
        }
        seen.deployment = Some(deployment);
        seen.replication = Some(replication);
        seen.history
    }

    /// What the server says about itself; of a cluster, each primary.
    async fn about(&self) -> Result<Vec<About>, RedisError> {
        let mut info = cmd("INFO");
        info.arg(("server", "replication", "memory"));
        Ok(match self.link.send(&info).await? {
            Value::Map(nodes) => nodes
                .into_iter()
                .filter_map(|(_, text)| about(text))
                .filter(|about| about.get("role") != "slave")
                .collect(),
            text => about(text).into_iter().collect(),
        })
    }

    fn random(&self) -> u128 {
        let mut bytes = [0; 16];
        // Without randomness two deployments may look alike; nothing else depends on it.
        let _ = getrandom::fill(&mut bytes);
        u128::from_le_bytes(bytes)
    }
}

fn about(text: Value) -> Option<About> {
    match text {
        Value::BulkString(bytes) => Some(About::of(&String::from_utf8_lossy(&bytes))),
        Value::VerbatimString { text, .. } => Some(About::of(&text)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(info: &str) -> Option<String> {
        About::of(info).fault("here").map(|fault| fault.message)
    }

    #[test]
    fn what_will_not_do_is_said() {
        let good =
            "redis_version:7.0.15\r\nrole:master\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n";
        assert_eq!(told(good), None);
        for (instead, word) in [
            (good.replace("7.0.15", "6.2.14"), "7.0 or newer"),
            (good.replace("7.0.15", ""), "7.0 or newer"),
            (good.replace("master", "slave"), "replica"),
            (good.replace("noeviction", "volatile-lru"), "noeviction"),
            (
                good.replace("maxmemory:0", "maxmemory:5\r\nused_memory:9"),
                "out of memory",
            ),
        ] {
            let told = told(&instead).unwrap_or_default();
            assert!(told.contains(word), "{instead}: {told}");
        }
        assert_eq!(told(&good.replace("7.0.15", "10.1.0")), None);
    }
}
