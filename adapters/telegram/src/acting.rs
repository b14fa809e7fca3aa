//! "typing…" and the like, for as long as something is being done.
//!
//! Owns how often Telegram is told. Does not own what is being done: it holds an [`Acting`] meanwhile.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lorikeet_chat::Conversation;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::Shared;
use crate::api::{Place, SendChatAction, call};

/// An action is shown for five seconds (<https://core.telegram.org/bots/api#sendchataction>): renewed a little before.
const EVERY: Duration = Duration::from_millis(4_500);
/// Renewals at most. What takes longer says so on its screen, and another process may have shown the next one by then.
const TIMES: u32 = 40;

/// Something is shown to be going on until this is dropped.
pub(crate) struct Acting(JoinHandle<()>);

impl Drop for Acting {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The conversations in which something is going on between two screens.
#[derive(Default)]
pub(crate) struct Typing(Mutex<HashMap<Conversation, Acting>>);

impl Shared {
    /// Shows an action once `after` has passed, for as long as the answer is kept. If it cannot be, nothing is lost.
    pub(crate) fn acting(&self, place: Place, action: &'static str, after: Duration) -> Acting {
        let bot = self.bot.clone();
        let show = async move || {
            let acted = call(&bot, SendChatAction { place, action }).await;
            if let Err(refusal) = acted {
                tracing::debug!(%refusal, "an action was not shown");
            }
        };
        Acting(tokio::spawn(shown(after, show)))
    }

    /// Types until a screen says that nothing is going on any more.
    pub(crate) fn types(&self, place: Place, conversation: &Conversation, working: bool) {
        let mut all = self.typing.0.lock().unwrap_or_else(PoisonError::into_inner);
        let runs = |acting: &Acting| !acting.0.is_finished();
        if !working {
            all.remove(conversation);
        } else if !all.get(conversation).is_some_and(runs) {
            all.retain(|_, acting| runs(acting));
            let acting = self.acting(place, "typing", Duration::ZERO);
            all.insert(conversation.clone(), acting);
        }
    }
}

async fn shown(after: Duration, mut show: impl AsyncFnMut()) {
    if !after.is_zero() {
        sleep(after).await;
    }
    for _ in 0..TIMES {
        show().await;
        sleep(EVERY).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_action_is_renewed_until_its_work_is_done_and_not_for_ever() {
        let count = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&count);
        let show = async move || {
            counter.fetch_add(1, Ordering::Relaxed);
        };
        let acting = Acting(tokio::spawn(shown(Duration::from_secs(1), show.clone())));
        let after = async |seconds| {
            sleep(Duration::from_secs(seconds)).await;
            count.load(Ordering::Relaxed)
        };
        // Short work shows nothing; then there is never a gap of five seconds.
        assert_eq!(count.load(Ordering::Relaxed), 0);
        assert_eq!(after(2).await, 1);
        assert_eq!(after(5).await, 2);
        assert_eq!(after(5).await, 3);
        drop(acting);
        assert_eq!(after(60).await, 3);

        count.store(0, Ordering::Relaxed);
        let _acting = Acting(tokio::spawn(shown(Duration::ZERO, show)));
        assert_eq!(after(3_600).await, TIMES);
    }
}
