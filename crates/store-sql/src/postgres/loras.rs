//! LoRAs.

use lorikeet_training::{
    Deleted, Lora, LoraId, LoraSummary, RunId, Saved, VersionNumber, judge_save,
};
use sqlx::{Connection as _, PgConnection};

use super::connection::Connection;
use super::error::Failure;
use super::{active_run, note_blobs, take_lora};
use crate::columns::{fold, identifier, read, stored, time};
use crate::error::Failure as ColumnFailure;
use crate::records::statements::{
    DELETE_LORA, IS_DELETED, LORA, LORAS_OF_OWNER, NAMED, REMEMBER_DELETED, WRITE_LORA,
};

pub(super) async fn load(
    mut connection: Connection,
    lora: &LoraId,
) -> Result<Option<Lora>, Failure> {
    let loaded = stored_lora(&mut connection, lora).await?;
    connection.keep(loaded.map(|(lora, _)| lora))
}

/// A LoRA and the generation it was saved under.
async fn stored_lora(
    connection: &mut PgConnection,
    lora: &LoraId,
) -> Result<Option<(Lora, u64)>, Failure> {
    let row: Option<(String, i64)> = sqlx::query_as(LORA)
        .bind(lora.as_str())
        .fetch_optional(connection)
        .await?;
    let Some((body, generation)) = row else {
        return Ok(None);
    };
    Ok(Some((serde_json::from_str(&body)?, read(generation)?)))
}

type Summary = (String, String, i64, i64, bool, Option<String>);

pub(super) async fn list(
    mut connection: Connection,
    owner: &str,
) -> Result<Vec<LoraSummary>, Failure> {
    let rows: Vec<Summary> = sqlx::query_as(LORAS_OF_OWNER)
        .bind(owner)
        .fetch_all(&mut *connection)
        .await?;
    let summaries: Result<_, ColumnFailure> = rows.into_iter().map(summary).collect();
    connection.keep(summaries?)
}

fn summary(row: Summary) -> Result<LoraSummary, ColumnFailure> {
    let (id, name, pictures, updated, training, latest) = row;
    let latest = latest.map(VersionNumber::try_from).transpose();
    Ok(LoraSummary {
        id: identifier(id)?,
        name: identifier(name)?,
        pictures: u32::try_from(read(pictures)?).unwrap_or(u32::MAX),
        latest: latest.map_err(|error| ColumnFailure::Value(error.to_string()))?,
        training,
        updated: time(updated)?,
    })
}

pub(super) async fn named(
    mut connection: Connection,
    owner: &str,
    folded: &str,
) -> Result<Option<LoraId>, Failure> {
    let id: Option<String> = sqlx::query_scalar(NAMED)
        .bind(owner)
        .bind(folded)
        .fetch_optional(&mut *connection)
        .await?;
    connection.keep(id.map(identifier).transpose()?)
}

pub(super) async fn save(
    mut connection: Connection,
    lora: &Lora,
    generation: u64,
) -> Result<Saved, Failure> {
    let mut transaction = connection.begin().await?;
    take_lora(&mut transaction, &lora.id).await?;
    let saved = judge(&mut transaction, lora, generation).await?;
    if saved == Saved::Saved {
        write(&mut transaction, lora, generation).await?;
    }
    transaction.commit().await?;
    connection.keep(saved)
}

async fn judge(
    connection: &mut PgConnection,
    lora: &Lora,
    generation: u64,
) -> Result<Saved, Failure> {
    let deleted: Option<i32> = sqlx::query_scalar(IS_DELETED)
        .bind(lora.id.as_str())
        .fetch_optional(&mut *connection)
        .await?;
    if deleted.is_some() {
        return Ok(Saved::Gone);
    }
    let Some((before, under)) = stored_lora(connection, &lora.id).await? else {
        return Ok(Saved::Saved);
    };
    let training = active_run(connection, &lora.id).await?.is_some();
    Ok(judge_save(&before, under, training, lora, generation))
}

async fn write(connection: &mut PgConnection, lora: &Lora, generation: u64) -> Result<(), Failure> {
    sqlx::query(WRITE_LORA)
        .bind(lora.id.as_str())
        .bind(lora.owner.key())
        .bind(lora.name.as_str())
        .bind(fold(&lora.name))
        .bind(i64::try_from(lora.dataset.picture_count()).unwrap_or(i64::MAX))
        .bind(stored(lora.updated.micros())?)
        .bind(stored(generation)?)
        .bind(serde_json::to_string(lora)?)
        .execute(&mut *connection)
        .await?;
    note_blobs(connection, lora.id.as_str(), lora.dataset.blobs()).await?;
    Ok(())
}

pub(super) async fn delete(
    mut connection: Connection,
    lora: &LoraId,
    generation: u64,
) -> Result<Deleted, Failure> {
    let mut transaction = connection.begin().await?;
    take_lora(&mut transaction, lora).await?;
    let deleted = match standing(&mut transaction, lora).await? {
        (Some(under), _) if generation < under => Deleted::Fenced,
        (_, Some(run)) => Deleted::Training(run),
        (_, None) => {
            forget(&mut transaction, lora).await?;
            Deleted::Deleted
        }
    };
    transaction.commit().await?;
    connection.keep(deleted)
}

/// The generation it was saved under, and its active run.
async fn standing(
    connection: &mut PgConnection,
    lora: &LoraId,
) -> Result<(Option<u64>, Option<RunId>), Failure> {
    let stored = stored_lora(connection, lora).await?;
    let active = active_run(connection, lora).await?;
    Ok((stored.map(|(_, under)| under), active))
}

async fn forget(connection: &mut PgConnection, lora: &LoraId) -> Result<(), sqlx::Error> {
    let uses = "DELETE FROM blob_uses
                WHERE record = $1 OR record IN (SELECT id FROM runs WHERE lora = $1)";
    for statement in [uses, DELETE_LORA, REMEMBER_DELETED] {
        sqlx::query(statement)
            .bind(lora.as_str())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
