//! Signals between the processes of a world.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use lorikeet_store::{Changes, Due, Index, Signals, StoreError};
use tokio::sync::Notify;
use tokio::time::timeout;

/// Hints, until somebody takes them.
#[derive(Default)]
pub(crate) struct Board {
    hints: Mutex<Vec<Due>>,
    news: Notify,
}

impl Board {
    fn take(&self, indices: &[Index]) -> Vec<Due> {
        let mut hints = self.hints.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = |due: &mut Due| indices.contains(&Index::of(&due.conversation, due.lane));
        hints.extract_if(.., wanted).collect()
    }
}

#[async_trait]
impl Signals for Board {
    async fn hint(&self, due: &Due) -> Result<(), StoreError> {
        let mut hints = self.hints.lock().unwrap_or_else(PoisonError::into_inner);
        hints.push(due.clone());
        self.news.notify_waiters();
        Ok(())
    }

    async fn hints(&self, indices: &[Index]) -> Result<Vec<Due>, StoreError> {
        let news = self.news.notified();
        let taken = self.take(indices);
        if !taken.is_empty() {
            return Ok(taken);
        }
        let _ = timeout(Duration::from_secs(5), news).await;
        Ok(self.take(indices))
    }

    async fn changes(&self) -> Result<Box<dyn Changes>, StoreError> {
        Err(StoreError::Invalid("there are no rooms here".to_owned()))
    }
}
