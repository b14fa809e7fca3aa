//! Hints by list, one taker each; changes of transcripts by channel, to every process.
//!
//! Both have connections of their own: a read that waits would hold up every other call.

use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use lorikeet_store::{Changes, Due, Index, Signals, StoreError};
use redis::aio::PubSubStream;
use redis::{RedisError, Value, cmd};

use crate::RedisStore;
use crate::error::store_error;
use crate::keys::found;
use crate::link::DedicatedConnection;
use crate::reply::Reply;

/// How long a wait for hints lasts; the caller then asks again, perhaps for other lanes.
const WAIT: Duration = Duration::from_secs(5);
/// After it the connection counts as dead.
const DEAD: Duration = Duration::from_secs(8);
/// Hints taken at once.
const BATCH: usize = 32;

impl RedisStore {
    /// The connection that waits, made anew after it broke.
    async fn waiting(&self) -> Result<DedicatedConnection, RedisError> {
        let mut kept = self.waiting.lock().await;
        if let Some(connection) = &*kept {
            return Ok(connection.clone());
        }
        let connection = self.link.dedicated(DEAD).await?;
        *kept = Some(connection.clone());
        Ok(connection)
    }
}

#[async_trait]
impl Signals for RedisStore {
    async fn hint(&self, due: &Due) -> Result<(), StoreError> {
        let index = Index::of(&due.conversation, due.lane);
        let call = self.scripts.hint.call(&[self.keys.hints(&index)]);
        self.link.run(call.arg(due.conversation.key())).await?;
        Ok(())
    }

    async fn hints(&self, indices: &[Index]) -> Result<Vec<Due>, StoreError> {
        let failed = |error| store_error(self.link.place(), error);
        let mut wait = cmd("BLMPOP");
        wait.arg(WAIT.as_secs()).arg(indices.len());
        for index in indices {
            wait.arg(self.keys.hints(index));
        }
        wait.arg(("LEFT", "COUNT", BATCH));
        let connection = self.waiting().await.map_err(failed)?;
        let answer = match connection.send(&wait).await {
            Ok(answer) => answer,
            Err(error) => {
                // A wait that was given up half-way leaves the connection waiting as well: never used again.
                *self.waiting.lock().await = None;
                return Err(failed(error));
            }
        };
        if answer == Value::Nil {
            return Ok(Vec::new());
        }
        let mut answer = Reply::new(answer)?;
        let key = answer.word()?;
        let index = indices.iter().find(|index| self.keys.hints(index) == key);
        let mut names = answer.list()?;
        let mut due = Vec::new();
        while let Some(name) = names.optional()? {
            due.extend(index.and_then(|index| found(&name, index.lane())));
        }
        Ok(due)
    }

    async fn changes(&self) -> Result<Box<dyn Changes>, StoreError> {
        let place = self.link.place().to_owned();
        let failed = |error| store_error(&place, error);
        let subscribing = async {
            let client = self.link.server().await?;
            let mut messages = client.get_async_pubsub().await?;
            messages.subscribe(self.keys.changed()).await?;
            Ok(messages.into_on_message())
        };
        let messages = match tokio::time::timeout(crate::link::CONNECT * 2, subscribing).await {
            Ok(messages) => messages.map_err(failed)?,
            Err(_) => {
                let error = std::io::Error::from(std::io::ErrorKind::TimedOut);
                return Err(failed(error.into()));
            }
        };
        Ok(Box::new(Followed { messages, place }))
    }
}

/// A subscription.
struct Followed {
    messages: PubSubStream,
    place: String,
}

#[async_trait]
impl Changes for Followed {
    async fn next(&mut self) -> Result<String, StoreError> {
        let message = self.messages.next().await;
        let room = message.and_then(|message| message.get_payload::<String>().ok());
        room.ok_or_else(|| StoreError::Unavailable {
            message: format!("the subscription at the Redis at {} ended", self.place),
            source: None,
        })
    }
}
