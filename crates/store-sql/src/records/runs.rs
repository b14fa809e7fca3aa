//! Runs, and the claims on them.

use std::collections::BTreeSet;
use std::time::Duration;

use lorikeet_chat::{BlobId, Timestamp};
use lorikeet_training::{Claimable, ClaimedRun, Inserted, LoraId, Run, RunId, Updated};
use rusqlite::{Connection, Params, ToSql, named_params, params};

use super::{active_run, first, note_blobs};
use crate::error::Failure;
use crate::rows::{body, read, stored};

pub(super) fn load(connection: &Connection, run: &RunId) -> Result<Option<Run>, Failure> {
    let statement = connection.prepare_cached("SELECT body FROM runs WHERE id = ?1")?;
    first(statement, [run.as_str()], |row| body(row, 0))
}

pub(super) fn of_lora(connection: &Connection, lora: &LoraId) -> Result<Vec<Run>, Failure> {
    all(
        connection,
        "SELECT body FROM runs WHERE lora = ?1 ORDER BY created DESC, id DESC",
        [lora.as_str()],
    )
}

pub(super) fn of_owner(
    connection: &Connection,
    owner: &str,
    limit: u32,
) -> Result<Vec<Run>, Failure> {
    all(
        connection,
        "SELECT body FROM runs WHERE owner = ?1 ORDER BY created DESC, id DESC LIMIT ?2",
        params![owner, limit],
    )
}

fn all(connection: &Connection, sql: &str, parameters: impl Params) -> Result<Vec<Run>, Failure> {
    connection
        .prepare_cached(sql)?
        .query_and_then(parameters, |row| body(row, 0))?
        .collect()
}

pub(super) fn insert(connection: &Connection, run: &Run) -> Result<Inserted, Failure> {
    let exists = |sql, id: &str| connection.prepare_cached(sql)?.exists([id]);
    if exists("SELECT 1 FROM runs WHERE id = ?1", run.id.as_str())? {
        return Ok(Inserted::Exists);
    }
    if !exists("SELECT 1 FROM loras WHERE id = ?1", run.lora.as_str())? {
        return Ok(Inserted::Gone);
    }
    if let Some(active) = active_run(connection, &run.lora)? {
        return Ok(Inserted::Active(active));
    }
    connection
        .prepare_cached(
            "INSERT INTO runs
                 (id, lora, owner, engine, major, minor, state, active, created, updated, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            run.id.as_str(),
            run.lora.as_str(),
            run.owner.key(),
            run.settings.engine.0,
            run.version.major,
            run.version.minor,
            run.state.name(),
            run.state.is_active(),
            stored(run.created.micros())?,
            stored(run.updated.micros())?,
            serde_json::to_string(run)?,
        ])?;
    note_blobs(connection, run.id.as_str(), &blobs(run))?;
    Ok(Inserted::Inserted)
}

fn blobs(run: &Run) -> BTreeSet<&BlobId> {
    let pictures = run.pictures.iter().map(|picture| &picture.image);
    let samples = run.progress.samples.iter().map(|sample| &sample.blob);
    let artifact = run.state.artifact().map(|artifact| &artifact.blob);
    pictures.chain(samples).chain(artifact).collect()
}

pub(super) fn ahead(connection: &Connection, run: &RunId) -> Result<Option<u32>, Failure> {
    let statement = connection.prepare_cached(
        "SELECT (SELECT count(*) FROM runs AS other
                 WHERE other.active AND other.state = 'queued' AND other.engine = own.engine
                   AND (other.created, other.id) < (own.created, own.id))
         FROM runs AS own WHERE own.id = ?1 AND own.state = 'queued'",
    )?;
    first(statement, [run.as_str()], |row| Ok(row.get(0)?))
}

/// Which runs a claim is for, in a shape that may travel to the writer.
pub(super) enum Wanted {
    /// JSON list of engines.
    Of(String),
    Withdrawn,
    /// JSON list of the engines that are there, and how long ago the last change must be.
    Orphaned(String, Duration),
}

impl Wanted {
    pub(super) fn new(which: Claimable<'_>) -> Self {
        let list = |engines: &[lorikeet_training::EngineId]| {
            serde_json::Value::from_iter(engines.iter().map(|engine| engine.0.clone())).to_string()
        };
        match which {
            Claimable::Of(engines) => Self::Of(list(engines)),
            Claimable::Withdrawn => Self::Withdrawn,
            Claimable::Orphaned {
                engines,
                unchanged_for,
            } => Self::Orphaned(list(engines), unchanged_for),
        }
    }
}

/// The next free run that a condition keeps: queued ones last, then in the order they were made.
macro_rules! next_free {
    ($condition:literal) => {
        concat!(
            "SELECT body, generation, cancel_requested FROM runs
             WHERE NOT settled AND (claimed_until IS NULL OR claimed_until <= :now) AND ",
            $condition,
            " ORDER BY state = 'queued', created, id LIMIT 1"
        )
    };
}

pub(super) fn claim(
    connection: &Connection,
    wanted: &Wanted,
    lease: Duration,
    now: Timestamp,
) -> Result<Option<ClaimedRun>, Failure> {
    let at = stored(now.micros())?;
    let next = |sql: &str, parameters: &[(&str, &dyn ToSql)]| {
        first(connection.prepare_cached(sql)?, parameters, |row| {
            Ok(ClaimedRun {
                run: body(row, 0)?,
                generation: (read(row.get(1)?)? + 1).max(now.micros()),
                cancel_requested: row.get(2)?,
            })
        })
    };
    let claimed = match wanted {
        Wanted::Of(engines) => next(
            next_free!("engine IN (SELECT value FROM json_each(:engines))"),
            named_params! {":now": at, ":engines": engines},
        )?,
        Wanted::Withdrawn => next(
            next_free!("state = 'queued' AND cancel_requested"),
            named_params! {":now": at},
        )?,
        Wanted::Orphaned(engines, unchanged_for) => {
            let age = i64::try_from(unchanged_for.as_micros()).unwrap_or(i64::MAX);
            next(
                next_free!(
                    "engine NOT IN (SELECT value FROM json_each(:engines)) AND updated <= :since"
                ),
                named_params! {":now": at, ":engines": engines, ":since": at.saturating_sub(age)},
            )?
        }
    };
    if let Some(claimed) = &claimed {
        connection
            .prepare_cached("UPDATE runs SET generation = ?2, claimed_until = ?3 WHERE id = ?1")?
            .execute(params![
                claimed.run.id.as_str(),
                stored(claimed.generation)?,
                stored(now.after(lease).micros())?,
            ])?;
    }
    Ok(claimed)
}

pub(super) fn heartbeat(
    connection: &Connection,
    run: &RunId,
    generation: u64,
    until: Timestamp,
) -> Result<Option<bool>, Failure> {
    let statement = connection.prepare_cached(
        "UPDATE runs SET claimed_until = ?3
         WHERE id = ?1 AND generation = ?2 AND claimed_until IS NOT NULL
         RETURNING cancel_requested",
    )?;
    let parameters = params![run.as_str(), stored(generation)?, stored(until.micros())?];
    first(statement, parameters, |row| Ok(row.get(0)?))
}

pub(super) fn update(
    connection: &Connection,
    report: Run,
    generation: u64,
) -> Result<Updated, Failure> {
    let statement = connection.prepare_cached(
        "SELECT body FROM runs
         WHERE id = ?1 AND generation = ?2 AND claimed_until IS NOT NULL AND active",
    )?;
    let parameters = params![report.id.as_str(), stored(generation)?];
    let before: Option<Run> = first(statement, parameters, |row| body(row, 0))?;
    let Some(before) = before else {
        return Ok(Updated::Fenced);
    };
    // What it began with is not changed any more.
    let run = Run {
        state: report.state,
        progress: report.progress,
        updated: report.updated,
        ..before.clone()
    };
    connection
        .prepare_cached(
            "UPDATE runs SET state = ?2, active = ?3, updated = ?4, body = ?5 WHERE id = ?1",
        )?
        .execute(params![
            run.id.as_str(),
            run.state.name(),
            run.state.is_active(),
            stored(run.updated.micros())?,
            serde_json::to_string(&run)?,
        ])?;
    if blobs(&run) != blobs(&before) {
        note_blobs(connection, run.id.as_str(), &blobs(&run))?;
    }
    Ok(Updated::Updated)
}

pub(super) fn settle(
    connection: &Connection,
    run: &RunId,
    generation: u64,
) -> Result<Updated, Failure> {
    let settled = connection
        .prepare_cached(
            "UPDATE runs SET settled = 1, claimed_until = NULL
             WHERE id = ?1 AND generation = ?2 AND claimed_until IS NOT NULL AND NOT active",
        )?
        .execute(params![run.as_str(), stored(generation)?])?;
    Ok(if settled > 0 {
        Updated::Updated
    } else {
        Updated::Fenced
    })
}

pub(super) fn release(
    connection: &Connection,
    run: &RunId,
    generation: u64,
) -> Result<(), Failure> {
    connection
        .prepare_cached("UPDATE runs SET claimed_until = NULL WHERE id = ?1 AND generation = ?2")?
        .execute(params![run.as_str(), stored(generation)?])?;
    Ok(())
}

pub(super) fn request_cancel(connection: &Connection, run: &RunId) -> Result<bool, Failure> {
    let noted = connection
        .prepare_cached("UPDATE runs SET cancel_requested = 1 WHERE id = ?1 AND active")?
        .execute([run.as_str()])?;
    Ok(noted > 0)
}
