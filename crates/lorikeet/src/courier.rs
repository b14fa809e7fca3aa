//! Tells conversations what happened outside their turns.

use std::sync::{Arc, OnceLock, Weak};

use async_trait::async_trait;
use lorikeet_chat::{Background, Coalesce, Conversation, Event, EventBody, EventId, Lane, Origin};
use lorikeet_runtime::Runtime;
use lorikeet_store::{Clock, Due, Owner, SessionStore, Signals};
use lorikeet_training::{Courier, RepositoryError};
use tokio::sync::Notify;

/// Posts to conversations' mailboxes.
pub(crate) struct Post {
    pub(crate) through: Mailboxes,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) runs: Arc<Notify>,
}

/// How events get into mailboxes.
pub(crate) enum Mailboxes {
    /// Through this process's runtime, which runs the turn as well. It comes later: its workers need the courier, and it
    /// needs the workers.
    Runtime(OnceLock<Weak<Runtime>>),
    /// Through the store, for a process that talks to nobody: another one runs the turn.
    Store {
        sessions: Arc<dyn SessionStore>,
        signals: Option<Arc<dyn Signals>>,
        owner: Owner,
    },
}

impl Mailboxes {
    async fn put(&self, conversation: &Conversation, event: Event) -> Result<(), String> {
        match self {
            Self::Runtime(runtime) => {
                let runtime = runtime.get().and_then(Weak::upgrade);
                let runtime = runtime.ok_or("the bot is starting or stopping")?;
                let posted = runtime.post(conversation, event).await;
                posted.map_err(|error| error.to_string())?;
            }
            Self::Store {
                sessions,
                signals,
                owner,
            } => {
                let posted = sessions.post(conversation.clone(), event, *owner).await;
                posted.map_err(|error| error.to_string())?;
                if let Some(signals) = signals {
                    let due = Due {
                        conversation: conversation.clone(),
                        lane: Lane::Turn,
                    };
                    // Without it the sweep comes by.
                    if let Err(error) = signals.hint(&due).await {
                        tracing::debug!(%error, "a hint was not given");
                    }
                }
            }
        }
        Ok(())
    }
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
        let id = EventId::new(key).map_err(|error| RepositoryError {
            retryable: false,
            no_space: false,
            message: error.to_string(),
        })?;
        let event = Event {
            id,
            order: None,
            coalesce,
            batch: None,
            origin: Origin::Internal,
            at: self.clock.now(),
            sender: None,
            body: EventBody::Background(news),
        };
        let put = self.through.put(conversation, event).await;
        put.map_err(|message| RepositoryError {
            retryable: true,
            no_space: false,
            message,
        })
    }

    fn wake_runs(&self) {
        self.runs.notify_one();
    }
}
