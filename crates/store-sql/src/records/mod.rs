//! LoRAs and runs: the repository on rows of the file.
//!
//! Owns which columns say what; the rules of LoRAs and runs are training's.

mod accounts;
mod loras;
mod runs;
pub(crate) mod statements;

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use lorikeet_chat::{BlobId, Timestamp};
use lorikeet_training::{
    Account, Accounts, Attempt, Claimable, ClaimedRun, Deleted, Inserted, Joined, LinkCode, Lora,
    LoraId, LoraName, LoraSummary, Offer, Owner, Repository, RepositoryError, Run, RunId, Saved,
    Updated,
};
use rusqlite::{CachedStatement, Connection, Row, params};

use crate::SqlStore;
use crate::columns::{fold, identifier};
use crate::error::{Failure, Kind, damaged};

impl SqlStore {
    /// Runs `work` in a transaction.
    async fn on_records<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection, Timestamp) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, RepositoryError> {
        self.writer.call(work).await.map_err(|failure| {
            let kind = failure.kind();
            let message = failure.message();
            RepositoryError {
                retryable: matches!(kind, Kind::Unavailable | Kind::OutOfSpace),
                no_space: kind == Kind::OutOfSpace,
                message: match kind {
                    Kind::Damaged => damaged(self.writer.path(), &message),
                    _ => message,
                },
            }
        })
    }
}

#[async_trait]
impl Accounts for SqlStore {
    async fn account(&self, of: &Owner) -> Result<Account, RepositoryError> {
        let of = of.clone();
        self.on_records(move |connection, _| accounts::account(connection, &of))
            .await
    }

    async fn offer(&self, offer: &Offer) -> Result<Offer, RepositoryError> {
        let offer = offer.clone();
        self.on_records(move |connection, _| accounts::offer(connection, &offer))
            .await
    }

    async fn redeem(&self, attempt: &Attempt) -> Result<Joined, RepositoryError> {
        let attempt = attempt.clone();
        self.on_records(move |connection, _| accounts::redeem(connection, &attempt))
            .await
    }

    async fn spoil(&self, code: &LinkCode) -> Result<(), RepositoryError> {
        let code = code.clone();
        self.on_records(move |connection, _| accounts::spoil(connection, &code))
            .await
    }

    async fn part(&self, who: &Owner) -> Result<Account, RepositoryError> {
        let who = who.clone();
        self.on_records(move |connection, _| accounts::part(connection, &who))
            .await
    }
}

#[async_trait]
impl Repository for SqlStore {
    async fn lora(&self, id: &LoraId) -> Result<Option<Lora>, RepositoryError> {
        let id = id.clone();
        self.on_records(
            move |connection, _| Ok(loras::load(connection, &id)?.map(|(lora, _)| lora)),
        )
        .await
    }

    async fn loras(&self, owner: &Owner) -> Result<Vec<LoraSummary>, RepositoryError> {
        let owner = owner.key();
        self.on_records(move |connection, _| loras::list(connection, &owner))
            .await
    }

    async fn named(
        &self,
        owner: &Owner,
        name: &LoraName,
    ) -> Result<Option<LoraId>, RepositoryError> {
        let (owner, folded) = (owner.key(), fold(name));
        self.on_records(move |connection, _| loras::named(connection, &owner, &folded))
            .await
    }

    async fn save(&self, lora: &Lora, generation: u64) -> Result<Saved, RepositoryError> {
        let lora = lora.clone();
        self.on_records(move |connection, _| loras::save(connection, &lora, generation))
            .await
    }

    async fn delete(&self, id: &LoraId, generation: u64) -> Result<Deleted, RepositoryError> {
        let id = id.clone();
        self.on_records(move |connection, _| loras::delete(connection, &id, generation))
            .await
    }

    async fn insert_run(&self, run: &Run) -> Result<Inserted, RepositoryError> {
        let run = run.clone();
        self.on_records(move |connection, _| runs::insert(connection, &run))
            .await
    }

    async fn run(&self, id: &RunId) -> Result<Option<Run>, RepositoryError> {
        let id = id.clone();
        self.on_records(move |connection, _| runs::load(connection, &id))
            .await
    }

    async fn runs_of(&self, lora: &LoraId) -> Result<Vec<Run>, RepositoryError> {
        let lora = lora.clone();
        self.on_records(move |connection, _| runs::of_lora(connection, &lora))
            .await
    }

    async fn runs(&self, owner: &Owner, limit: u32) -> Result<Vec<Run>, RepositoryError> {
        let owner = owner.key();
        self.on_records(move |connection, _| runs::of_owner(connection, &owner, limit))
            .await
    }

    async fn ahead(&self, id: &RunId) -> Result<Option<u32>, RepositoryError> {
        let id = id.clone();
        self.on_records(move |connection, _| runs::ahead(connection, &id))
            .await
    }

    async fn claim_run(
        &self,
        which: Claimable<'_>,
        lease: Duration,
    ) -> Result<Option<ClaimedRun>, RepositoryError> {
        let wanted = runs::Wanted::new(which);
        self.on_records(move |connection, now| runs::claim(connection, &wanted, lease, now))
            .await
    }

    async fn heartbeat(
        &self,
        id: &RunId,
        generation: u64,
        lease: Duration,
    ) -> Result<Option<bool>, RepositoryError> {
        let id = id.clone();
        self.on_records(move |connection, now| {
            runs::heartbeat(connection, &id, generation, now.after(lease))
        })
        .await
    }

    async fn update_run(&self, run: &Run, generation: u64) -> Result<Updated, RepositoryError> {
        let run = run.clone();
        self.on_records(move |connection, _| runs::update(connection, run, generation))
            .await
    }

    async fn settle_run(&self, id: &RunId, generation: u64) -> Result<Updated, RepositoryError> {
        let id = id.clone();
        self.on_records(move |connection, _| runs::settle(connection, &id, generation))
            .await
    }

    async fn release_run(&self, id: &RunId, generation: u64) -> Result<(), RepositoryError> {
        let id = id.clone();
        self.on_records(move |connection, _| runs::release(connection, &id, generation))
            .await
    }

    async fn request_cancel(&self, id: &RunId) -> Result<bool, RepositoryError> {
        let id = id.clone();
        self.on_records(move |connection, _| runs::request_cancel(connection, &id))
            .await
    }

    async fn uses_blob(&self, blob: &BlobId) -> Result<bool, RepositoryError> {
        let blob = blob.clone();
        self.on_records(move |connection, _| {
            Ok(connection
                .prepare_cached(statements::USES_BLOB)?
                .exists([blob.as_str()])?)
        })
        .await
    }
}

/// Notes which blobs a record refers to, instead of those it did.
fn note_blobs(
    connection: &Connection,
    record: &str,
    blobs: &BTreeSet<&BlobId>,
) -> Result<(), Failure> {
    connection
        .prepare_cached("DELETE FROM blob_uses WHERE record = ?1")?
        .execute([record])?;
    let mut insert =
        connection.prepare_cached("INSERT INTO blob_uses (blob, record) VALUES (?1, ?2)")?;
    for blob in blobs {
        insert.execute([blob.as_str(), record])?;
    }
    Ok(())
}

/// An identifier column.
fn id<T: TryFrom<String>>(row: &Row<'_>, column: usize) -> Result<T, Failure> {
    identifier(row.get(column)?)
}

/// The run of a LoRA that is active, if any.
fn active_run(connection: &Connection, lora: &LoraId) -> Result<Option<RunId>, Failure> {
    let statement = connection.prepare_cached(statements::ACTIVE_RUN)?;
    first(statement, params![lora.as_str()], |row| id(row, 0))
}

/// The first row of a query.
fn first<T>(
    mut statement: CachedStatement<'_>,
    parameters: impl rusqlite::Params,
    read: impl FnOnce(&Row<'_>) -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    statement.query(parameters)?.next()?.map(read).transpose()
}
