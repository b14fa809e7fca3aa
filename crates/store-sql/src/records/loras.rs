//! LoRAs.

use lorikeet_training::{
    Deleted, Lora, LoraId, LoraName, LoraSummary, Saved, VersionNumber, judge_save,
};
use rusqlite::{Connection, Row, params};

use super::{active_run, first, id, note_blobs};
use crate::error::Failure;
use crate::rows::{body, read, stored, time};

/// A LoRA and the generation it was saved under.
pub(super) fn load(connection: &Connection, lora: &LoraId) -> Result<Option<(Lora, u64)>, Failure> {
    let statement =
        connection.prepare_cached("SELECT body, generation FROM loras WHERE id = ?1")?;
    first(statement, [lora.as_str()], |row| {
        Ok((body(row, 0)?, read(row.get(1)?)?))
    })
}

pub(super) fn list(connection: &Connection, owner: &str) -> Result<Vec<LoraSummary>, Failure> {
    connection
        .prepare_cached(
            "SELECT id, name, pictures, updated,
                    EXISTS (SELECT 1 FROM runs AS r WHERE r.lora = l.id AND r.active),
                    (SELECT r.major || '.' || r.minor FROM runs AS r
                     WHERE r.lora = l.id AND r.state = 'done'
                     ORDER BY r.major DESC, r.minor DESC LIMIT 1)
             FROM loras AS l WHERE owner = ?1 ORDER BY updated DESC, id",
        )?
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

/// What two names have in common that are the same to a person.
pub(super) fn fold(name: &LoraName) -> String {
    name.as_str().to_lowercase()
}

pub(super) fn named(
    connection: &Connection,
    owner: &str,
    folded: &str,
) -> Result<Option<LoraId>, Failure> {
    let statement = connection
        .prepare_cached("SELECT id FROM loras WHERE owner = ?1 AND folded = ?2 ORDER BY id")?;
    first(statement, [owner, folded], |row| id(row, 0))
}

pub(super) fn save(
    connection: &Connection,
    lora: &Lora,
    generation: u64,
) -> Result<Saved, Failure> {
    let deleted = connection
        .prepare_cached("SELECT 1 FROM deleted_loras WHERE id = ?1")?
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
    connection
        .prepare_cached(
            "INSERT INTO loras (id, owner, name, folded, pictures, updated, generation, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT DO UPDATE SET
                 owner = excluded.owner, name = excluded.name, folded = excluded.folded,
                 pictures = excluded.pictures, updated = excluded.updated,
                 generation = excluded.generation, body = excluded.body",
        )?
        .execute(params![
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
    // Its ended runs go with it.
    connection
        .prepare_cached("DELETE FROM loras WHERE id = ?1")?
        .execute([lora.as_str()])?;
    connection
        .prepare_cached("INSERT OR IGNORE INTO deleted_loras (id) VALUES (?1)")?
        .execute([lora.as_str()])?;
    Ok(Deleted::Deleted)
}
