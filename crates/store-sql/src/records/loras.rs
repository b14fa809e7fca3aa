//! LoRAs.

use lorikeet_training::{Deleted, Lora, LoraId, LoraSummary, Saved, VersionNumber, judge_save};
use rusqlite::{Connection, Row, params};

use super::statements::{
    DELETE_LORA, IS_DELETED, LORA, LORAS_OF_OWNER, NAMED, REMEMBER_DELETED, WRITE_LORA,
};
use super::{active_run, first, id, note_blobs};
use crate::columns::{fold, read, stored, time};
use crate::error::Failure;
use crate::rows::body;

/// A LoRA and the generation it was saved under.
pub(super) fn load(connection: &Connection, lora: &LoraId) -> Result<Option<(Lora, u64)>, Failure> {
    let statement = connection.prepare_cached(LORA)?;
    first(statement, [lora.as_str()], |row| {
        Ok((body(row, 0)?, read(row.get(1)?)?))
    })
}

pub(super) fn list(connection: &Connection, owner: &str) -> Result<Vec<LoraSummary>, Failure> {
    connection
        .prepare_cached(LORAS_OF_OWNER)?
        .query_and_then([owner], summary)?
        .collect()
}

fn summary(row: &Row<'_>) -> Result<LoraSummary, Failure> {
    let latest: Option<String> = row.get(5)?;
    let latest = latest.map(VersionNumber::try_from).transpose();
    Ok(LoraSummary {
        id: id(row, 0)?,
        name: id(row, 1)?,
        pictures: row.get(2)?,
        latest: latest.map_err(|error| Failure::Value(error.to_string()))?,
        training: row.get(4)?,
        updated: time(row.get(3)?)?,
    })
}

pub(super) fn named(
    connection: &Connection,
    owner: &str,
    folded: &str,
) -> Result<Option<LoraId>, Failure> {
    let statement = connection.prepare_cached(NAMED)?;
    first(statement, [owner, folded], |row| id(row, 0))
}

pub(super) fn save(
    connection: &Connection,
    lora: &Lora,
    generation: u64,
) -> Result<Saved, Failure> {
    let deleted = connection
        .prepare_cached(IS_DELETED)?
        .exists([lora.id.as_str()])?;
    if deleted {
        return Ok(Saved::Gone);
    }
    let training = active_run(connection, &lora.id)?.is_some();
    let saved = load(connection, &lora.id)?.map_or(Saved::Saved, |(before, under)| {
        judge_save(&before, under, training, lora, generation)
    });
    if saved == Saved::Saved {
        write(connection, lora, generation)?;
    }
    Ok(saved)
}

fn write(connection: &Connection, lora: &Lora, generation: u64) -> Result<(), Failure> {
    connection.prepare_cached(WRITE_LORA)?.execute(params![
        lora.id.as_str(),
        lora.owner.key(),
        lora.name.as_str(),
        fold(&lora.name),
        lora.dataset.picture_count(),
        stored(lora.updated.micros())?,
        stored(generation)?,
        serde_json::to_string(lora)?,
    ])?;
    note_blobs(connection, lora.id.as_str(), &lora.dataset.blobs())
}

pub(super) fn delete(
    connection: &Connection,
    lora: &LoraId,
    generation: u64,
) -> Result<Deleted, Failure> {
    let statement = connection.prepare_cached("SELECT generation FROM loras WHERE id = ?1")?;
    let under = first(statement, [lora.as_str()], |row| read(row.get(0)?))?;
    if under.is_some_and(|under| generation < under) {
        return Ok(Deleted::Fenced);
    }
    if let Some(run) = active_run(connection, lora)? {
        return Ok(Deleted::Training(run));
    }
    connection
        .prepare_cached(DELETE_LORA)?
        .execute([lora.as_str()])?;
    connection
        .prepare_cached(REMEMBER_DELETED)?
        .execute([lora.as_str()])?;
    Ok(Deleted::Deleted)
}
