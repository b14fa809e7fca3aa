//! Conversations in Redis: many processes, one bot.
//!
//! Owns the keys and the scripts that carry out the turn protocol on them, named locks, transcripts, hints between
//! processes, and the connection: one server, Sentinel or a cluster. Does not own the protocol's rules, which
//! lorikeet-store words as a state machine; the scripts do the same steps, and the same suite and simulation
//! say so.
//!
//! `enter`, `commit` and the others are one round trip each: one script, called by its digest. Every script
//! validates first and writes last, touches the keys of one conversation and its bucket's index only (one slot of a
//! cluster), and may be repeated after an answer was lost.

mod address;
mod cached;
mod error;
mod health;
mod keys;
mod link;
mod locks;
mod reply;
mod script;
mod sessions;
mod signals;
mod transcript;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lorikeet_store::{Clock, Limits};

pub use address::is_redis;
pub use error::OpenError;
pub use health::History;

use health::Seen;
use keys::Keys;
use link::{DedicatedConnection, Link};
use script::Scripts;

/// How a store is to work.
#[derive(Clone)]
pub struct Options {
    /// What every key begins with; bots with different ones can share a server.
    pub prefix: String,
    /// Bounds of mailboxes, memories and transcripts.
    pub limits: Limits,
    /// How long an answer may take before the connection counts as dead: far above what scripts need, below the patience
    /// of whoever repeats the call.
    pub answer: Duration,
    /// Time for tests; without it the server's own clock counts, whatever the processes' clocks say.
    pub clock: Option<Arc<dyn Clock>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            prefix: "lorikeet".to_owned(),
            limits: Limits::default(),
            answer: Duration::from_millis(1_500),
            clock: None,
        }
    }
}

/// A Redis that holds sessions, leases, mailboxes, outboxes, locks and transcripts.
///
/// Clones share the connection.
#[derive(Clone)]
pub struct RedisStore {
    link: Arc<Link>,
    scripts: Arc<Scripts>,
    keys: Keys,
    options: Options,
    seen: Arc<Mutex<Seen>>,
    cached: Arc<cached::Sessions>,
    /// The connection that waits for hints.
    waiting: Arc<tokio::sync::Mutex<Option<DedicatedConnection>>>,
}

impl RedisStore {
    /// A store at a URL. Nothing is connected before the first call.
    ///
    /// # Errors
    /// [`OpenError`] when the URL is none.
    pub fn new(url: &str, options: Options) -> Result<Self, OpenError> {
        let address = address::parse(url)?;
        Ok(Self {
            link: Link::new(address, options.answer),
            scripts: Arc::new(Scripts::new(&options.limits, &sessions::redraw())),
            keys: Keys::new(&options.prefix),
            options,
            seen: Arc::default(),
            cached: Arc::new(cached::Sessions::new()),
            waiting: Arc::default(),
        })
    }

    /// The time a script is to go by: empty for the server's own.
    fn now(&self) -> String {
        let clock = self.options.clock.as_ref();
        clock.map_or_else(String::new, |clock| clock.now().micros().to_string())
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("place", &self.link.place())
            .field("prefix", &self.options.prefix)
            .field("limits", &self.options.limits)
            .finish_non_exhaustive()
    }
}
