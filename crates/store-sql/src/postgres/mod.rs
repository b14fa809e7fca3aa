//! LoRAs and runs in PostgreSQL, for many processes at once.
//!
//! Owns how calls become transactions there; the rules of LoRAs and runs are training's, and what columns hold is
//! shared with SQLite. Every statement is prepared once a connection.
//!
//! Transactions are `READ COMMITTED`: claims are one statement that skips what others hold, and everything that reads a
//! LoRA before it writes it first takes the LoRA's lock, by its id, because there may be no row yet to lock. Then
//! nothing has to be tried again in the usual course, which a stricter level would ask for all the time.
//!
//! Leases are measured by the database's clock alone.

mod accounts;
mod connection;
mod error;
mod loras;
mod runs;
mod schema;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lorikeet_chat::BlobId;
use lorikeet_training::{
    Account, Accounts, Attempt, Claimable, ClaimedRun, Deleted, Inserted, Joined, LinkCode, Lora,
    LoraId, LoraName, LoraSummary, Offer, Owner, Repository, RepositoryError, Run, RunId, Saved,
    Updated,
};
use sqlx::PgConnection;

pub use self::connection::PostgresOptions;
pub use self::error::PostgresOpenError;

use self::connection::Server;
use self::error::Failure;
use crate::columns::fold;

/// LoRAs and runs in a PostgreSQL database. Any number of processes may share it. Clones share the connections.
#[derive(Clone)]
pub struct PostgresRecords {
    server: Arc<Server>,
}

impl PostgresRecords {
    /// Connects to `postgres://user:password@host:port/database?sslmode=…` and brings the database to the newest
    /// schema; of several processes that start at once, one does. PostgreSQL 13 or newer. What the address leaves out
    /// is taken from the environment (`PGPASSWORD`, `PGSSLMODE` …) and the password file, as other clients of PostgreSQL do;
    /// without `sslmode`, TLS is used when the server has it, and its certificate is checked from `verify-ca` on.
    ///
    /// # Errors
    /// [`PostgresOpenError`], whose sentence names the place and says what to do.
    pub async fn connect(url: &str, options: PostgresOptions) -> Result<Self, PostgresOpenError> {
        let server = Server::connect(url, options).await?;
        Ok(Self {
            server: Arc::new(server),
        })
    }
}

impl fmt::Debug for PostgresRecords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresRecords")
            .field("place", &self.server.address.place)
            .field("connections", &self.server.options.connections)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Accounts for PostgresRecords {
    async fn account(&self, of: &Owner) -> Result<Account, RepositoryError> {
        self.server
            .call(|connection| accounts::account(connection, of))
            .await
    }

    async fn offer(&self, offer: &Offer) -> Result<Offer, RepositoryError> {
        self.server
            .call(|connection| accounts::offer(connection, offer))
            .await
    }

    async fn redeem(&self, attempt: &Attempt) -> Result<Joined, RepositoryError> {
        self.server
            .call(|connection| accounts::redeem(connection, attempt))
            .await
    }

    async fn spoil(&self, code: &LinkCode) -> Result<(), RepositoryError> {
        self.server
            .call(|connection| accounts::spoil(connection, code))
            .await
    }

    async fn part(&self, who: &Owner) -> Result<Account, RepositoryError> {
        self.server
            .call(|connection| accounts::part(connection, who))
            .await
    }
}

#[async_trait]
impl Repository for PostgresRecords {
    async fn lora(&self, id: &LoraId) -> Result<Option<Lora>, RepositoryError> {
        self.server
            .call(|connection| loras::load(connection, id))
            .await
    }

    async fn loras(&self, owner: &Owner) -> Result<Vec<LoraSummary>, RepositoryError> {
        let owner = owner.key();
        self.server
            .call(|connection| loras::list(connection, &owner))
            .await
    }

    async fn named(
        &self,
        owner: &Owner,
        name: &LoraName,
    ) -> Result<Option<LoraId>, RepositoryError> {
        let (owner, folded) = (owner.key(), fold(name));
        self.server
            .call(|connection| loras::named(connection, &owner, &folded))
            .await
    }

    async fn save(&self, lora: &Lora, generation: u64) -> Result<Saved, RepositoryError> {
        self.server
            .call(|connection| loras::save(connection, lora, generation))
            .await
    }

    async fn delete(&self, id: &LoraId, generation: u64) -> Result<Deleted, RepositoryError> {
        self.server
            .call(|connection| loras::delete(connection, id, generation))
            .await
    }

    async fn insert_run(&self, run: &Run) -> Result<Inserted, RepositoryError> {
        self.server
            .call(|connection| runs::insert(connection, run))
            .await
    }

    async fn run(&self, id: &RunId) -> Result<Option<Run>, RepositoryError> {
        self.server
            .call(|connection| runs::load(connection, id))
            .await
    }

    async fn runs_of(&self, lora: &LoraId) -> Result<Vec<Run>, RepositoryError> {
        self.server
            .call(|connection| runs::of_lora(connection, lora))
            .await
    }

    async fn runs(&self, owner: &Owner, limit: u32) -> Result<Vec<Run>, RepositoryError> {
        let owner = owner.key();
        self.server
            .call(|connection| runs::of_owner(connection, &owner, limit))
            .await
    }

    async fn ahead(&self, id: &RunId) -> Result<Option<u32>, RepositoryError> {
        self.server
            .call(|connection| runs::ahead(connection, id))
            .await
    }

    async fn claim_run(
        &self,
        which: Claimable<'_>,
        lease: Duration,
    ) -> Result<Option<ClaimedRun>, RepositoryError> {
        let now = self.server.now();
        self.server
            .call(|connection| runs::claim(connection, which, lease, now))
            .await
    }

    async fn heartbeat(
        &self,
        id: &RunId,
        generation: u64,
        lease: Duration,
    ) -> Result<Option<bool>, RepositoryError> {
        let now = self.server.now();
        self.server
            .call(|connection| runs::heartbeat(connection, id, generation, lease, now))
            .await
    }

    async fn update_run(&self, run: &Run, generation: u64) -> Result<Updated, RepositoryError> {
        self.server
            .call(|connection| runs::update(connection, run, generation))
            .await
    }

    async fn settle_run(&self, id: &RunId, generation: u64) -> Result<Updated, RepositoryError> {
        self.server
            .call(|connection| runs::settle(connection, id, generation))
            .await
    }

    async fn release_run(&self, id: &RunId, generation: u64) -> Result<(), RepositoryError> {
        self.server
            .call(|connection| runs::release(connection, id, generation))
            .await
    }

    async fn request_cancel(&self, id: &RunId) -> Result<bool, RepositoryError> {
        self.server
            .call(|connection| runs::request_cancel(connection, id))
            .await
    }

    async fn uses_blob(&self, blob: &BlobId) -> Result<bool, RepositoryError> {
        self.server
            .call(|connection| runs::uses_blob(connection, blob))
            .await
    }
}

/// Takes the lock of a LoRA until the transaction ends: whoever writes it, or inserts a run of it, waits here for the
/// others, and then reads what they have written.
async fn take_lora(connection: &mut PgConnection, lora: &LoraId) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || $1, 0))")
        .bind(lora.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// The run of a LoRA that is active, if any.
async fn active_run(
    connection: &mut PgConnection,
    lora: &LoraId,
) -> Result<Option<RunId>, Failure> {
    let active: Option<String> = sqlx::query_scalar(crate::records::statements::ACTIVE_RUN)
        .bind(lora.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(active.map(crate::columns::identifier).transpose()?)
}

/// Notes which blobs a record refers to, instead of those it did.
async fn note_blobs(
    connection: &mut PgConnection,
    record: &str,
    blobs: impl IntoIterator<Item = &BlobId>,
) -> Result<(), sqlx::Error> {
    let blobs: Vec<&str> = blobs.into_iter().map(BlobId::as_str).collect();
    sqlx::query(
        "WITH gone AS (DELETE FROM blob_uses WHERE record = $1 AND blob <> ALL ($2))
         INSERT INTO blob_uses (blob, record) SELECT unnest($2), $1 ON CONFLICT DO NOTHING",
    )
    .bind(record)
    .bind(blobs)
    .execute(connection)
    .await?;
    Ok(())
}
