//! An update on its way into a mailbox, and what its press is answered.

use std::time::Duration;

use lorikeet_chat::{Conversation, RoomId};
use lorikeet_platform::{Accepted, Inbox, InboxError};
use lorikeet_store::{Clock as _, StoreError, SystemClock};
use serde_json::Value;

use crate::api::Place;
use crate::incoming::{Incoming, read};
use crate::queries::{Queries, Waiting};
use crate::update::Update;
use crate::{Shared, words};

fn unkept(error: StoreError) -> InboxError {
    InboxError(error.to_string())
}

/// The answer to a press.
pub(crate) struct Reply {
    /// Which press.
    pub(crate) query: String,
    said: Said,
}

enum Said {
    Now(String),
    /// Whatever its turn says.
    Later(Waiting, Conversation),
}

impl Reply {
    /// What it says; empty for nothing.
    pub(crate) async fn text(self, queries: &Queries) -> String {
        match self.said {
            Said::Now(text) => text,
            Said::Later(waiting, conversation) => waiting.answered(queries, &conversation).await,
        }
    }
}

/// Reads an update. One whose parts are not as they were promised is taken for one without content.
pub(crate) fn parse(value: Value) -> Option<Update> {
    let number = value.get("update_id").and_then(Value::as_u64)?;
    match serde_json::from_value(value) {
        Ok(update) => Some(update),
        Err(error) => {
            tracing::error!(update = number, %error, "an update cannot be read and is left out");
            Some(Update {
                update_id: number,
                message: None,
                edited_message: None,
                callback_query: None,
            })
        }
    }
}

impl Shared {
    /// Hands an update over. Once this has answered, Telegram may forget it.
    ///
    /// # Errors
    /// When the store cannot be reached: the update has to come again.
    pub(crate) async fn take(
        self: &std::sync::Arc<Self>,
        inbox: &dyn Inbox,
        update: Update,
    ) -> Result<Option<Reply>, InboxError> {
        let number = update.update_id;
        if let Some(message) = &update.message {
            let chat = message.chat.id;
            let moved = match (message.migrate_from_chat_id, message.migrate_to_chat_id) {
                (Some(old), _) => Some((old, chat)),
                (None, Some(new)) => Some((chat, new)),
                (None, None) => None,
            };
            if let Some((old, new)) = moved {
                self.moves.note(old, new).await.map_err(unkept)?;
            }
        }
        match read(update, &self.me(), SystemClock.now()) {
            Incoming::Event {
                mut conversation,
                event,
                query,
            } => {
                self.come_home(&mut conversation).await?;
                let language = event
                    .sender
                    .as_ref()
                    .and_then(|sender| sender.locale.clone());
                let waiting = query.as_ref().map(|_| self.queries.wait(&conversation));
                let said = match inbox.accept(&conversation, *event).await {
                    Ok(Accepted::Accepted) => {
                        return Ok(query.zip(waiting).map(|(query, waiting)| Reply {
                            query,
                            said: Said::Later(waiting, conversation),
                        }));
                    }
                    Ok(Accepted::Duplicate) => Ok(String::new()),
                    Ok(Accepted::Full) => Ok(words::of(language.as_deref()).say("message-full")),
                    Err(error) => Err(error),
                };
                // No turn will answer this press.
                drop(waiting);
                self.queries.tidy(&conversation);
                let text = said?;
                if let Some(query) = query {
                    let said = Said::Now(text);
                    return Ok(Some(Reply { query, said }));
                }
                if !text.is_empty() {
                    self.tell(crate::outgoing::place(&conversation), None, text);
                }
                Ok(None)
            }
            Incoming::Refused {
                query,
                language,
                sentence,
            } => {
                let text = words::of(language.as_deref()).say(sentence);
                let said = Said::Now(text);
                Ok(Some(Reply { query, said }))
            }
            Incoming::Told {
                chat,
                thread,
                message,
                language,
                sentence,
            } => {
                let place = Place {
                    chat_id: chat,
                    message_thread_id: thread,
                };
                let text = words::of(language.as_deref()).say(sentence);
                self.tell(Some(place), Some(message), text);
                Ok(None)
            }
            Incoming::Nothing(why) => {
                tracing::debug!(update = number, why, "an update is left out");
                Ok(None)
            }
        }
    }

    /// A supergroup's conversations are those of the group it was.
    async fn come_home(&self, conversation: &mut Conversation) -> Result<(), InboxError> {
        let Ok(chat) = conversation.room.as_str().parse() else {
            return Ok(());
        };
        let origin = self.moves.origin(chat).await.map_err(unkept)?;
        if origin != chat
            && let Ok(room) = RoomId::new(origin.to_string())
        {
            conversation.room = room;
        }
        Ok(())
    }

    /// Says a sentence beside everything else, unless the chat has heard too many.
    fn tell(
        self: &std::sync::Arc<Self>,
        place: Option<Place>,
        reply_to: Option<i64>,
        text: String,
    ) {
        let Some(place) = place else { return };
        let now = tokio::time::Instant::now();
        if self.pace.take(place.chat_id, now, Duration::ZERO).is_err() {
            return;
        }
        let shared = std::sync::Arc::clone(self);
        tokio::spawn(async move {
            if let Err(refusal) = shared.say(place, &text, reply_to).await {
                tracing::debug!(%refusal, "a sentence was not said");
            }
        });
    }
}
