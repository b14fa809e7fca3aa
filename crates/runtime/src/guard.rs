//! Keeps a panic in plugged-in code from poisoning the task around it.

use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;

/// Plugged-in code panicked: a fault of its own that a repeat would meet again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Panicked;

/// Runs plugged-in code. The panic itself has gone through the process's panic hook by then.
pub(crate) async fn guarded<T>(work: impl Future<Output = T>) -> Result<T, Panicked> {
    // Nothing of the loops around is borrowed mutably by plugged-in code, so nothing is left half changed.
    AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .map_err(|_| Panicked)
}
