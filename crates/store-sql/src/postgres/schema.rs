//! What the database must be, and bringing it to the newest schema.

use sqlx::{Connection, PgConnection};

use super::error::{Address, PostgresOpenError};

/// Schema n is reached by applying the first n, each exactly once. A released one is never changed.
const MIGRATIONS: [&str; 2] = [
    include_str!("../../migrations/postgres/0001_records.sql"),
    include_str!("../../migrations/postgres/0002_accounts.sql"),
];

/// The oldest version of the server that will do: the oldest that its authors maintain.
const OLDEST: i32 = 13;

/// Of several processes that start at once, one migrates and the others find it done. "Lori", and the schema.
const TAKE_TURNS: &str = "SELECT pg_advisory_xact_lock(1282372201, hashtext(current_schema()))";

/// A migration may take longer than a call, and so may waiting for another process that migrates.
const TAKE_TIME: &str = "SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = '300s'";

const VERSION_TABLE: &str = "CREATE TABLE IF NOT EXISTS lorikeet_schema (version BIGINT NOT NULL)";

/// Refuses a server or database that will not do, before anything is written to it.
pub(super) async fn check(
    connection: &mut PgConnection,
    address: &Address,
) -> Result<(), PostgresOpenError> {
    let (number, version, encoding, read_only): (i32, String, String, String) = sqlx::query_as(
        "SELECT current_setting('server_version_num')::int, current_setting('server_version'),
                current_setting('server_encoding'), current_setting('transaction_read_only')",
    )
    .fetch_one(connection)
    .await
    .map_err(|error| address.open_error(&error))?;
    let place = address.place.clone();
    if is_too_old(number) {
        return Err(PostgresOpenError::TooOld {
            place,
            found: version,
            needed: OLDEST,
        });
    }
    if encoding != "UTF8" {
        return Err(PostgresOpenError::Encoding {
            place,
            found: encoding,
        });
    }
    if read_only != "off" {
        return Err(PostgresOpenError::ReadOnly { place });
    }
    Ok(())
}

/// Judges `server_version_num`: since 10 it is the major version times ten thousand, and the minor.
fn is_too_old(number: i32) -> bool {
    number / 10_000 < OLDEST
}

/// Applies what is missing, all or nothing.
pub(super) async fn migrate(
    connection: &mut PgConnection,
    address: &Address,
) -> Result<(), PostgresOpenError> {
    let failed = |error| address.open_error(&error);
    let mut transaction = connection.begin().await.map_err(failed)?;
    for statement in [TAKE_TIME, TAKE_TURNS] {
        sqlx::raw_sql(statement)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
    }
    let found = version(&mut transaction).await.map_err(failed)?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(PostgresOpenError::NewerSchema {
            place: address.place.clone(),
            found,
            known,
        });
    }
    if found == known {
        return Ok(());
    }
    let applied = usize::try_from(found).unwrap_or(0);
    let missing = MIGRATIONS.iter().skip(applied).copied();
    for statement in [VERSION_TABLE].into_iter().chain(missing) {
        sqlx::raw_sql(statement)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
    }
    let note = if found == 0 {
        "INSERT INTO lorikeet_schema (version) VALUES ($1)"
    } else {
        "UPDATE lorikeet_schema SET version = $1"
    };
    sqlx::query(note)
        .bind(known)
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    transaction.commit().await.map_err(failed)
}

async fn version(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    // Asked first, so that a user who may not make tables can open a database that needs none.
    let there: bool = sqlx::query_scalar("SELECT to_regclass('lorikeet_schema') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await?;
    if !there {
        return Ok(0);
    }
    let version: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM lorikeet_schema")
        .fetch_one(connection)
        .await?;
    Ok(version.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::is_too_old;

    #[test]
    fn versions_are_told_apart() {
        // 9.6.24, 12.22, 13.0, 15.13, 18.1.
        let numbers = [90_624, 120_022, 130_000, 150_013, 180_001];
        assert_eq!(numbers.map(is_too_old), [true, true, false, false, false]);
    }
}
