//! Runs, and the claims on them.

use std::time::Duration;

use lorikeet_chat::Timestamp;
use lorikeet_training::{Claimable, ClaimedRun, Inserted, LoraId, Run, RunId, Updated};
use rusqlite::{Connection, Params, ToSql, named_params, params};

use super::statements::{
    AHEAD, INSERT_RUN, LORA_EXISTS, RELEASE_RUN, REQUEST_CANCEL, RUN, RUN_EXISTS, RUNS_OF_LORA,
    RUNS_OF_OWNER, SETTLE_RUN, UPDATE_RUN, claimed_run,
};
use super::{active_run, first, note_blobs};
use crate::columns::{blobs_of_run, read, reported, stored};
use crate::error::Failure;
use crate::rows::body;

pub(super) fn load(connection: &Connection, run: &RunId) -> Result<Option<Run>, Failure> {
    let statement = connection.prepare_cached(RUN)?;
    first(statement, [run.as_str()], |row| body(row, 0))
}

pub(super) fn of_lora(connection: &Connection, lora: &LoraId) -> Result<Vec<Run>, Failure> {
    all(connection, RUNS_OF_LORA, [lora.as_str()])
}

pub(super) fn of_owner(
    connection: &Connection,
    owner: &str,
    limit: u32,
) -> Result<Vec<Run>, Failure> {
    all(connection, RUNS_OF_OWNER, params![owner, limit])
}

fn all(connection: &Connection, sql: &str, parameters: impl Params) -> Result<Vec<Run>, Failure> {
    connection
        .prepare_cached(sql)?
        .query_and_then(parameters, |row| body(row, 0))?
        .collect()
}

pub(super) fn insert(connection: &Connection, run: &Run) -> Result<Inserted, Failure> {
    let exists = |sql, id: &str| connection.prepare_cached(sql)?.exists([id]);
    if exists(RUN_EXISTS, run.id.as_str())? {
        return Ok(Inserted::Exists);
    }
    if !exists(LORA_EXISTS, run.lora.as_str())? {
        return Ok(Inserted::Gone);
    }
    if let Some(active) = active_run(connection, &run.lora)? {
        return Ok(Inserted::Active(active));
    }
    connection.prepare_cached(INSERT_RUN)?.execute(params![
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
    note_blobs(connection, run.id.as_str(), &blobs_of_run(run))?;
    Ok(Inserted::Inserted)
}

pub(super) fn ahead(connection: &Connection, run: &RunId) -> Result<Option<u32>, Failure> {
    let statement = connection.prepare_cached(AHEAD)?;
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
    let statement = connection.prepare_cached(claimed_run!(""))?;
    let parameters = params![report.id.as_str(), stored(generation)?];
    let before: Option<Run> = first(statement, parameters, |row| body(row, 0))?;
    let Some(before) = before else {
        return Ok(Updated::Fenced);
    };
    let run = reported(&before, report);
    connection.prepare_cached(UPDATE_RUN)?.execute(params![
        run.state.name(),
        run.state.is_active(),
        stored(run.updated.micros())?,
        serde_json::to_string(&run)?,
        run.id.as_str(),
    ])?;
    let blobs = blobs_of_run(&run);
    if blobs != blobs_of_run(&before) {
        note_blobs(connection, run.id.as_str(), &blobs)?;
    }
    Ok(Updated::Updated)
}

pub(super) fn settle(
    connection: &Connection,
    run: &RunId,
    generation: u64,
) -> Result<Updated, Failure> {
    let settled = connection
        .prepare_cached(SETTLE_RUN)?
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
        .prepare_cached(RELEASE_RUN)?
        .execute(params![run.as_str(), stored(generation)?])?;
    Ok(())
}

pub(super) fn request_cancel(connection: &Connection, run: &RunId) -> Result<bool, Failure> {
    let noted = connection
        .prepare_cached(REQUEST_CANCEL)?
        .execute([run.as_str()])?;
    Ok(noted > 0)
}
