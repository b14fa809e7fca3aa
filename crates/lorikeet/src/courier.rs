//! Tells conversations what happened outside their turns, through the runtime.

use std::sync::{Arc, OnceLock, Weak};

use async_trait::async_trait;
use lorikeet_chat::{Background, Coalesce, Conversation, Event, EventBody, EventId, Origin};
use lorikeet_runtime::Runtime;
use lorikeet_store::Clock;
use lorikeet_training::{Courier, RepositoryError};
use tokio::sync::Notify;

/// Posts to the runtime's mailboxes. The runtime comes later: its workers need the courier, and it needs the workers.
pub(crate) struct Post {
    pub(crate) runtime: OnceLock<Weak<Runtime>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) runs: Arc<Notify>,
}

#[async_trait]
impl Courier for Post {
    async fn tell(
        &self,
        conversation: &Conversation,
        key: &str,
        coalesce: Option<Coalesce>,
        news: Background,
    ) -> Result<(), RepositoryError> {
        let unreachable = |message: String| RepositoryError {
            retryable: true,
            no_space: false,
            message,
        };
        let id = EventId::new(key).map_err(|error| RepositoryError {
            retryable: false,
            no_space: false,
            message: error.to_string(),
        })?;
        let event = Event {
            id,
            order: None,
            coalesce,
            origin: Origin::Internal,
            at: self.clock.now(),
            sender: None,
            body: EventBody::Background(news),
        };
        let runtime = self.runtime.get().and_then(Weak::upgrade);
        let runtime =
            runtime.ok_or_else(|| unreachable("the bot is starting or stopping".to_owned()))?;
        runtime
            .post(conversation, event)
            .await
            .map_err(|error| unreachable(error.to_string()))?;
        Ok(())
    }

    fn wake_runs(&self) {
        self.runs.notify_one();
    }
}
