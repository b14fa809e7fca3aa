//! The right to a lane over time: renewed while work goes on, given up in good time.

use std::sync::{Mutex, PoisonError};

use lorikeet_chat::{Conversation, Lane};
use lorikeet_store::{LOCAL_DEADLINE, Owner, RENEW_EVERY, Renew, Renewed, SessionStore};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use crate::backoff::Backoff;

/// The lane is another's, or may be: start nothing more under this right.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lost;

/// A right to a lane.
pub(crate) struct Lease<'a> {
    store: &'a dyn SessionStore,
    conversation: &'a Conversation,
    lane: Lane,
    owner: Owner,
    pub(crate) generation: u64,
    /// Just before the newest request was sent that prolonged the lease: what is counted from it ends early.
    confirmed: Mutex<Instant>,
}

impl<'a> Lease<'a> {
    pub(crate) const fn new(
        store: &'a dyn SessionStore,
        conversation: &'a Conversation,
        lane: Lane,
        owner: Owner,
        generation: u64,
        sent: Instant,
    ) -> Self {
        Self {
            store,
            conversation,
            lane,
            owner,
            generation,
            confirmed: Mutex::new(sent),
        }
    }

    /// The store said at a request sent at `sent` that the lease is ours.
    pub(crate) fn extend(&self, sent: Instant) {
        let mut confirmed = self
            .confirmed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *confirmed = sent.max(*confirmed);
    }

    /// After this moment no call is started.
    pub(crate) fn deadline(&self) -> Instant {
        self.confirmed() + LOCAL_DEADLINE
    }

    pub(crate) fn is_live(&self) -> bool {
        Instant::now() < self.deadline()
    }

    /// Does work under the lease, renewing it meanwhile; drops the work when the lease is lost.
    pub(crate) async fn hold<T>(&self, work: impl Future<Output = T>) -> Result<T, Lost> {
        if !self.is_live() {
            return Err(Lost);
        }
        tokio::select! {
            biased;
            result = work => Ok(result),
            lost = self.keep() => Err(lost),
        }
    }

    /// Renews the lease again and again; ends when it is lost.
    pub(crate) async fn keep(&self) -> Lost {
        let mut backoff = Backoff::store();
        loop {
            let renewal = self.confirmed() + RENEW_EVERY;
            sleep_until(renewal).await;
            if self.confirmed() + RENEW_EVERY > renewal {
                continue;
            }
            let sent = Instant::now();
            let deadline = self.deadline();
            if sent >= deadline {
                return Lost;
            }
            let request = Renew {
                conversation: self.conversation.clone(),
                lane: self.lane,
                owner: self.owner,
                generation: self.generation,
            };
            // A renewal that hangs is sent again while there is time.
            let attempt = deadline.min(sent + RENEW_EVERY / 2);
            match timeout_at(attempt, self.store.renew(request)).await {
                Ok(Ok(Renewed::Ours)) => {
                    self.extend(sent);
                    backoff = Backoff::store();
                }
                Ok(Ok(Renewed::Fenced)) => return Lost,
                Ok(Err(error)) => {
                    tracing::debug!(%error, "a lease could not be renewed");
                    sleep(backoff.wait()).await;
                }
                Err(_) => {}
            }
        }
    }

    fn confirmed(&self) -> Instant {
        *self
            .confirmed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
