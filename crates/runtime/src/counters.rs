//! What happened so far, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        /// Counts since the process started.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Counts {
            $($(#[$doc])* pub $name: u64,)+
        }

        /// The counters behind [`Counts`].
        #[derive(Debug, Default)]
        pub(crate) struct Counters {
            $(pub(crate) $name: Counter,)+
        }

        impl Counters {
            pub(crate) fn read(&self) -> Counts {
                Counts { $($name: self.$name.0.load(Ordering::Relaxed),)+ }
            }
        }
    };
}

counters! {
    /// Events taken.
    accepted,
    /// Events that had been taken before.
    duplicates,
    /// Events older than anything the store remembers, or overtaken by a newer one of their kind.
    late,
    /// Events refused because too many waited.
    refused,
    /// Turns committed.
    turns,
    /// Turns that could not be run and were answered with an apology.
    apologies,
    /// Turns and outbox lanes that turned out to be another process's.
    fenced,
    /// Screens and answers delivered.
    delivered,
    /// Screens skipped because a newer one takes their place.
    superseded,
    /// Screens and answers given up.
    undelivered,
    /// Jobs done.
    jobs,
    /// Jobs given up.
    failed_jobs,
    /// Lanes claimed by way of the store's index, after a hint or because their holder is gone.
    claimed,
}

/// One of them.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, more: usize) {
        self.0.fetch_add(more as u64, Ordering::Relaxed);
    }
}
