//! Hints between processes: a lane that waits is taken up at once, instead of at the next sweep.

use std::sync::Arc;

use lorikeet_chat::{Conversation, Lane};
use lorikeet_store::{Due, Index, RENEW_EVERY, Release, Released, Signals};
use tokio::time::{sleep, timeout};

use crate::backoff::Backoff;
use crate::core::Core;

/// Takes up what others hint at, until the process stops.
pub(crate) async fn run(core: Arc<Core>, signals: Arc<dyn Signals>) {
    let mut backoff = Backoff::store();
    loop {
        // Who has no turn to spare leaves turns to others.
        let wanted = |index: &Index| *index != Index::Turn || core.free_turns() > 0;
        let indices: Vec<Index> = core.indices().filter(wanted).collect();
        let hints = tokio::select! {
            hints = signals.hints(&indices) => hints,
            () = core.stopping.cancelled() => return,
        };
        match hints {
            Ok(hints) => {
                backoff = Backoff::store();
                for Due { conversation, lane } in hints {
                    if lane == Lane::Turn && core.free_turns() == 0 {
                        core.tell(&conversation, lane);
                    } else {
                        core.claim(conversation, lane).await;
                    }
                }
            }
            Err(error) => {
                // The sweep goes on meanwhile.
                tracing::debug!(%error, "no hints from other processes");
                let wait = sleep(backoff.wait());
                if core.stopping.run_until_cancelled(wait).await.is_none() {
                    return;
                }
            }
        }
    }
}

impl Core {
    /// The parts of the index that are this process's to work on now.
    pub(crate) fn indices(&self) -> impl Iterator<Item = Index> {
        let deliveries = self
            .outlets
            .iter()
            .filter(|(_, outlet)| outlet.may_deliver())
            .map(|(platform, _)| Index::Deliver(platform.clone()));
        [Index::Turn, Index::Work].into_iter().chain(deliveries)
    }

    /// Tells other processes that a lane waits for one of them.
    pub(crate) fn tell(&self, conversation: &Conversation, lane: Lane) {
        let Some(signals) = &self.signals else { return };
        let signals = Arc::clone(signals);
        let due = Due {
            conversation: conversation.clone(),
            lane,
        };
        self.tasks.spawn(async move {
            match timeout(RENEW_EVERY, signals.hint(&due)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(%error, "a hint was not given"),
                Err(_) => tracing::debug!("a hint was not given in time"),
            }
        });
    }

    /// Gives a lane up that this process will not finish, so that another need not wait for the lease to end.
    pub(crate) async fn give_up(&self, conversation: &Conversation, lane: Lane, generation: u64) {
        let request = Release {
            conversation: conversation.clone(),
            lane,
            owner: self.owner,
            generation,
        };
        match timeout(RENEW_EVERY, self.store.release(request)).await {
            Ok(Ok(Released::Freed { waiting: true })) => self.tell(conversation, lane),
            Ok(Ok(Released::Freed { waiting: false } | Released::Fenced)) => {}
            Ok(Err(error)) => tracing::debug!(%error, "a lane could not be given up"),
            Err(_) => tracing::debug!("a lane could not be given up in time"),
        }
    }
}
