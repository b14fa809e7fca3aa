//! The session store: the protocol's machine on rows of the file.

use async_trait::async_trait;
use lorikeet_chat::{Conversation, Timestamp};
use lorikeet_store::machine::Machine;
use lorikeet_store::{
    Claim, Claimed, Commit, Committed, Due, Enter, Entered, Release, Released, Renew, Renewed,
    SessionStore, Settle, Settled, StoreError, Sweep,
};
use rusqlite::{Connection, params};

use crate::SqlStore;
use crate::columns::stored;
use crate::error::Failure;
use crate::rows::{SqlRows, sweep_name};

/// Forgotten conversations removed per sweep: enough to keep up, few enough to hold nobody up.
const EXPIRED_PER_SWEEP: u32 = 50;

impl SqlStore {
    /// One call of the machine in a transaction.
    async fn on_machine<Q, T>(
        &self,
        request: Q,
        conversation: fn(&Q) -> &Conversation,
        call: fn(Machine<'_, SqlRows<'_>>, &Q) -> Result<T, Failure>,
    ) -> Result<T, StoreError>
    where
        Q: Send + 'static,
        T: Send + 'static,
    {
        let limits = self.limits;
        self.call(move |connection, now| {
            let mut rows = SqlRows::new(connection, conversation(&request));
            call(Machine::load(&mut rows, limits, now)?, &request)
        })
        .await
    }

    /// Runs `work` in a transaction.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection, Timestamp) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let answer = self.writer.call(work).await;
        answer.map_err(|failure| failure.into_store_error(self.writer.path()))
    }
}

#[async_trait]
impl SessionStore for SqlStore {
    async fn enter(&self, request: &Enter) -> Result<Entered, StoreError> {
        self.on_machine(request.clone(), |r| &r.conversation, |m, r| m.enter(r))
            .await
    }

    async fn commit(&self, request: &Commit) -> Result<Committed, StoreError> {
        self.on_machine(request.clone(), |r| &r.conversation, |m, r| m.commit(r))
            .await
    }

    async fn settle(&self, request: &Settle) -> Result<Settled, StoreError> {
        self.on_machine(request.clone(), |r| &r.conversation, |m, r| m.settle(r))
            .await
    }

    async fn claim(&self, request: Claim) -> Result<Claimed, StoreError> {
        self.on_machine(request, |r| &r.conversation, |m, r| m.claim(r))
            .await
    }

    async fn renew(&self, request: Renew) -> Result<Renewed, StoreError> {
        self.on_machine(request, |r| &r.conversation, |m, r| m.renew(r))
            .await
    }

    async fn release(&self, request: Release) -> Result<Released, StoreError> {
        self.on_machine(request, |r| &r.conversation, |m, r| m.release(r))
            .await
    }

    async fn due(&self, sweep: Sweep) -> Result<Vec<Due>, StoreError> {
        self.call(move |connection, now| due(connection, &sweep, now))
            .await
    }
}

fn due(connection: &Connection, sweep: &Sweep, now: Timestamp) -> Result<Vec<Due>, Failure> {
    let now = stored(now.micros())?;
    connection
        .prepare_cached(
            "DELETE FROM conversations WHERE id IN
                 (SELECT id FROM conversations WHERE expires <= ?1 LIMIT ?2)",
        )?
        .execute(params![now, EXPIRED_PER_SWEEP])?;
    let limit = i64::try_from(sweep.limit).unwrap_or(i64::MAX);
    connection
        .prepare_cached(
            "SELECT c.key FROM lanes AS l JOIN conversations AS c ON c.id = l.conversation
             WHERE l.sweep = ?1 AND l.due <= ?2 AND c.bucket BETWEEN ?3 AND ?4
             ORDER BY l.due LIMIT ?5",
        )?
        .query_and_then(
            params![
                sweep_name(&sweep.index),
                now,
                sweep.buckets.start(),
                sweep.buckets.end(),
                limit
            ],
            |row| {
                let key = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
                let conversation = Conversation::from_key(key)
                    .map_err(|error| Failure::Value(error.to_string()))?;
                Ok(Due {
                    conversation,
                    lane: sweep.index.lane(),
                })
            },
        )?
        .collect()
}
