//! Runs, and the claims on them.

use std::time::Duration;

use lorikeet_chat::BlobId;
use lorikeet_training::{Claimable, ClaimedRun, EngineId, Inserted, LoraId, Run, RunId, Updated};
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{Connection as _, PgConnection, Postgres, Row as _};

use super::connection::Connection;
use super::error::Failure;
use super::{active_run, note_blobs, take_lora};
use crate::columns::{blobs_of_run, read, reported, stored};
use crate::records::statements::{
    AHEAD, INSERT_RUN, LORA_EXISTS, RELEASE_RUN, REQUEST_CANCEL, RUN, RUN_EXISTS, RUNS_OF_LORA,
    RUNS_OF_OWNER, SETTLE_RUN, UPDATE_RUN, USES_BLOB, claimed_run,
};

/// The moment, in microseconds: the test's in `$1`, or the database's own, also when the statement has waited.
macro_rules! now {
    () => {
        "coalesce($1, floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint)"
    };
}

pub(super) async fn load(mut connection: Connection, run: &RunId) -> Result<Option<Run>, Failure> {
    let body: Option<String> = sqlx::query_scalar(RUN)
        .bind(run.as_str())
        .fetch_optional(&mut *connection)
        .await?;
    let run = body.as_deref().map(serde_json::from_str).transpose()?;
    connection.keep(run)
}

pub(super) async fn of_lora(
    mut connection: Connection,
    lora: &LoraId,
) -> Result<Vec<Run>, Failure> {
    let bodies: Vec<String> = sqlx::query_scalar(RUNS_OF_LORA)
        .bind(lora.as_str())
        .fetch_all(&mut *connection)
        .await?;
    connection.keep(runs(&bodies)?)
}

pub(super) async fn of_owner(
    mut connection: Connection,
    owner: &str,
    limit: u32,
) -> Result<Vec<Run>, Failure> {
    let bodies: Vec<String> = sqlx::query_scalar(RUNS_OF_OWNER)
        .bind(owner)
        .bind(i64::from(limit))
        .fetch_all(&mut *connection)
        .await?;
    connection.keep(runs(&bodies)?)
}

fn runs(bodies: &[String]) -> serde_json::Result<Vec<Run>> {
    let bodies = bodies.iter();
    bodies.map(|body| serde_json::from_str(body)).collect()
}

pub(super) async fn insert(mut connection: Connection, run: &Run) -> Result<Inserted, Failure> {
    let mut transaction = connection.begin().await?;
    take_lora(&mut transaction, &run.lora).await?;
    let inserted = if exists(&mut transaction, RUN_EXISTS, run.id.as_str()).await? {
        Inserted::Exists
    } else if !exists(&mut transaction, LORA_EXISTS, run.lora.as_str()).await? {
        Inserted::Gone
    } else if let Some(active) = active_run(&mut transaction, &run.lora).await? {
        Inserted::Active(active)
    } else {
        write(&mut transaction, run).await?;
        Inserted::Inserted
    };
    transaction.commit().await?;
    connection.keep(inserted)
}

async fn exists(
    connection: &mut PgConnection,
    statement: &'static str,
    id: &str,
) -> Result<bool, sqlx::Error> {
    let row: Option<i32> = sqlx::query_scalar(statement)
        .bind(id)
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

async fn write(connection: &mut PgConnection, run: &Run) -> Result<(), Failure> {
    sqlx::query(INSERT_RUN)
        .bind(run.id.as_str())
        .bind(run.lora.as_str())
        .bind(run.owner.key())
        .bind(&run.settings.engine.0)
        .bind(i64::from(run.version.major))
        .bind(i64::from(run.version.minor))
        .bind(run.state.name())
        .bind(run.state.is_active())
        .bind(stored(run.created.micros())?)
        .bind(stored(run.updated.micros())?)
        .bind(serde_json::to_string(run)?)
        .execute(&mut *connection)
        .await?;
    note_blobs(connection, run.id.as_str(), blobs_of_run(run)).await?;
    Ok(())
}

pub(super) async fn ahead(mut connection: Connection, run: &RunId) -> Result<Option<u32>, Failure> {
    let ahead: Option<i64> = sqlx::query_scalar(AHEAD)
        .bind(run.as_str())
        .fetch_optional(&mut *connection)
        .await?;
    connection.keep(ahead.map(|ahead| u32::try_from(ahead).unwrap_or(u32::MAX)))
}

/// The next free run that a condition keeps: queued ones last, then in the order they were made. Those that another
/// claim is just taking are passed over, and one that it has taken in the meantime is looked at again and is not free.
macro_rules! claim_next {
    ($condition:literal) => {
        concat!(
            "WITH moment AS MATERIALIZED (SELECT ",
            now!(),
            " AS now), next AS MATERIALIZED (
                SELECT runs.id, moment.now FROM runs, moment
                WHERE NOT settled AND (claimed_until IS NULL OR claimed_until <= moment.now) AND ",
            $condition,
            "   ORDER BY (state = 'queued'), created, runs.id LIMIT 1 FOR UPDATE OF runs SKIP LOCKED
             )
             UPDATE runs SET
                 generation = greatest(generation + 1, next.now), claimed_until = next.now + $2
             FROM next WHERE runs.id = next.id
             RETURNING body, generation, cancel_requested"
        )
    };
}

pub(super) async fn claim(
    mut connection: Connection,
    which: Claimable<'_>,
    lease: Duration,
    now: Option<i64>,
) -> Result<Option<ClaimedRun>, Failure> {
    let claim = |statement: &'static str| sqlx::query(statement).bind(now).bind(micros(lease));
    let claim: Query<'_, Postgres, PgArguments> = match which {
        Claimable::Of(engines) => claim(claim_next!("engine = ANY ($3)")).bind(names(engines)),
        Claimable::Withdrawn => claim(claim_next!("state = 'queued' AND cancel_requested")),
        Claimable::Orphaned {
            engines,
            unchanged_for,
        } => claim(claim_next!(
            "engine <> ALL ($3) AND updated <= moment.now - $4"
        ))
        .bind(names(engines))
        .bind(micros(unchanged_for)),
    };
    let row = claim.fetch_optional(&mut *connection).await?;
    let Some(row) = row else {
        return connection.keep(None);
    };
    let body: String = row.try_get(0)?;
    let claimed = ClaimedRun {
        run: serde_json::from_str(&body)?,
        generation: read(row.try_get(1)?)?,
        cancel_requested: row.try_get(2)?,
    };
    connection.keep(Some(claimed))
}

fn names(engines: &[EngineId]) -> Vec<String> {
    engines.iter().map(|engine| engine.0.clone()).collect()
}

/// A length of time as columns hold it; three thousand years at most, so that sums with it fit.
fn micros(time: Duration) -> i64 {
    const MOST: i64 = 100_000_000_000_000_000;
    i64::try_from(time.as_micros()).unwrap_or(MOST).min(MOST)
}

pub(super) async fn heartbeat(
    mut connection: Connection,
    run: &RunId,
    generation: u64,
    lease: Duration,
    now: Option<i64>,
) -> Result<Option<bool>, Failure> {
    let cancel: Option<bool> = sqlx::query_scalar(concat!(
        "UPDATE runs SET claimed_until = ",
        now!(),
        " + $2 WHERE id = $3 AND generation = $4 AND claimed_until IS NOT NULL
         RETURNING cancel_requested"
    ))
    .bind(now)
    .bind(micros(lease))
    .bind(run.as_str())
    .bind(stored(generation)?)
    .fetch_optional(&mut *connection)
    .await?;
    connection.keep(cancel)
}

pub(super) async fn update(
    mut connection: Connection,
    report: &Run,
    generation: u64,
) -> Result<Updated, Failure> {
    let mut transaction = connection.begin().await?;
    let before: Option<String> = sqlx::query_scalar(claimed_run!(" FOR UPDATE"))
        .bind(report.id.as_str())
        .bind(stored(generation)?)
        .fetch_optional(&mut *transaction)
        .await?;
    let updated = match before {
        None => Updated::Fenced,
        Some(before) => {
            rewrite(&mut transaction, &serde_json::from_str(&before)?, report).await?;
            Updated::Updated
        }
    };
    transaction.commit().await?;
    connection.keep(updated)
}

async fn rewrite(connection: &mut PgConnection, before: &Run, report: &Run) -> Result<(), Failure> {
    let run = reported(before, report.clone());
    sqlx::query(UPDATE_RUN)
        .bind(run.state.name())
        .bind(run.state.is_active())
        .bind(stored(run.updated.micros())?)
        .bind(serde_json::to_string(&run)?)
        .bind(run.id.as_str())
        .execute(&mut *connection)
        .await?;
    let blobs = blobs_of_run(&run);
    if blobs != blobs_of_run(before) {
        note_blobs(connection, run.id.as_str(), blobs).await?;
    }
    Ok(())
}

pub(super) async fn settle(
    mut connection: Connection,
    run: &RunId,
    generation: u64,
) -> Result<Updated, Failure> {
    let settled = sqlx::query(SETTLE_RUN)
        .bind(run.as_str())
        .bind(stored(generation)?)
        .execute(&mut *connection)
        .await?;
    connection.keep(if settled.rows_affected() > 0 {
        Updated::Updated
    } else {
        Updated::Fenced
    })
}

pub(super) async fn release(
    mut connection: Connection,
    run: &RunId,
    generation: u64,
) -> Result<(), Failure> {
    sqlx::query(RELEASE_RUN)
        .bind(run.as_str())
        .bind(stored(generation)?)
        .execute(&mut *connection)
        .await?;
    connection.keep(())
}

pub(super) async fn request_cancel(
    mut connection: Connection,
    run: &RunId,
) -> Result<bool, Failure> {
    let noted = sqlx::query(REQUEST_CANCEL)
        .bind(run.as_str())
        .execute(&mut *connection)
        .await?;
    connection.keep(noted.rows_affected() > 0)
}

pub(super) async fn uses_blob(mut connection: Connection, blob: &BlobId) -> Result<bool, Failure> {
    let uses = exists(&mut connection, USES_BLOB, blob.as_str()).await?;
    connection.keep(uses)
}
