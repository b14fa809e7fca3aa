//! How long to wait before the next try.

use std::time::Duration;

use lorikeet_store::StoreError;
use tokio::time::{Instant, sleep_until, timeout_at};

/// One attempt of a store call takes this long at most, then the same request is sent again.
const ATTEMPT: Duration = Duration::from_secs(2);

/// Waits that double up to a bound.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    next: Duration,
    most: Duration,
}

impl Backoff {
    pub(crate) const fn new(first: Duration, most: Duration) -> Self {
        Self { next: first, most }
    }

    /// For a store that cannot be reached: a lease lasts only seconds.
    pub(crate) const fn store() -> Self {
        Self::new(Duration::from_millis(50), Duration::from_secs(1))
    }

    /// For a platform or a service.
    pub(crate) const fn service() -> Self {
        Self::new(Duration::from_secs(1), Duration::from_secs(60))
    }

    /// The next wait: up to a quarter longer than it should be, so that many do not come back at once.
    pub(crate) fn wait(&mut self) -> Duration {
        let wait = self.next;
        self.next = (self.next * 2).min(self.most);
        jittered(wait)
    }
}

/// Up to a quarter longer.
pub(crate) fn jittered(wait: Duration) -> Duration {
    // Without randomness there is no jitter; nothing else depends on it.
    let random = getrandom::u32().unwrap_or(0);
    wait + wait.mul_f64(f64::from(random) / f64::from(u32::MAX) / 4.0)
}

/// Sends a request to the store again and again until it answers. Every request answers a repeat like the first
/// time.
///
/// # Errors
/// The last failure, when it has not answered by `deadline` or never will.
pub(crate) async fn persist<T, C, F>(
    deadline: Instant,
    what: &'static str,
    mut call: C,
) -> Result<T, StoreError>
where
    C: FnMut() -> F,
    F: Future<Output = Result<T, StoreError>>,
{
    let mut backoff = Backoff::store();
    loop {
        let attempt = deadline.min(Instant::now() + ATTEMPT);
        let error = match timeout_at(attempt, call()).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => error,
            Err(_) => StoreError::Unavailable {
                message: "no answer in time".to_owned(),
                source: None,
            },
        };
        let next = Instant::now() + backoff.wait();
        if !error.is_retryable() || next >= deadline {
            tracing::error!(%error, what, "given up on the store");
            return Err(error);
        }
        tracing::debug!(%error, what, "the store did not answer");
        sleep_until(next).await;
    }
}
