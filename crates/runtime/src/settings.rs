//! How much at once, how long at most.

use std::time::Duration;

/// Bounds of one process. The leases' times are the protocol's and not to be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Conversations whose turns run at the same time. Past it, events wait in the store.
    pub turns: usize,
    /// Jobs of workers that run at the same time.
    pub jobs: usize,
    /// Jobs of one conversation that run at the same time.
    pub jobs_per_conversation: usize,
    /// Between two looks at what other processes left behind; jittered by a quarter.
    pub sweep_every: Duration,
    /// After this long a platform call counts as failed, to be repeated. Adapters end what hangs much sooner; a large file on a
    /// slow line is not to be sent anew for ever.
    pub call: Duration,
    /// For this long a call or a job is repeated before it counts as failed for good.
    pub patience: Duration,
    /// For this long an adapter is kept waiting while the store cannot be reached.
    pub accept: Duration,
    /// What is under way at a stop may take this long.
    pub grace: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            turns: 256,
            jobs: 16,
            jobs_per_conversation: 4,
            sweep_every: Duration::from_secs(1),
            call: Duration::from_secs(300),
            patience: Duration::from_secs(600),
            accept: Duration::from_secs(5),
            grace: Duration::from_secs(20),
        }
    }
}
