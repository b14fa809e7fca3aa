//! Opening the file: what it must be, and bringing it to the newest schema.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::OpenError;

/// Schema n is reached by applying the first n, each exactly once. A released one is never changed.
const MIGRATIONS: [&str; 3] = [
    include_str!("../migrations/0001_conversations.sql"),
    include_str!("../migrations/0002_records.sql"),
    include_str!("../migrations/0003_accounts.sql"),
];

/// `PRAGMA application_id` of our files: "Lori".
const APPLICATION: i64 = 0x4c6f_7269;

/// How long a call waits for another process that writes the same file.
const BUSY: Duration = Duration::from_secs(5);

/// Statements kept prepared; above the number there are.
const STATEMENTS: usize = 128;

pub(crate) fn open(path: &Path) -> Result<Connection, OpenError> {
    let failed = |error| OpenError::new(path, error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(BUSY).map_err(failed)?;
    check_owner(&connection, path)?;

    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))
        .map_err(failed)?;
    if mode != "wal" {
        return Err(OpenError::NoLog {
            path: path.to_owned(),
        });
    }
    connection
        .pragma_update(None, "synchronous", "normal")
        .map_err(failed)?;
    connection
        .pragma_update(None, "foreign_keys", true)
        .map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);

    check_pages(&connection, path)?;
    migrate(&mut connection, path)?;
    Ok(connection)
}

/// Refuses the database of another program before anything is written to it.
fn check_owner(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let failed = |error| OpenError::new(path, error);
    let application: i64 = connection
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .map_err(failed)?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(failed)?;
    if application == APPLICATION || tables == 0 {
        return Ok(());
    }
    Err(OpenError::Foreign {
        path: path.to_owned(),
    })
}

fn check_pages(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let verdict: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| OpenError::new(path, error))?;
    if verdict == "ok" {
        return Ok(());
    }
    Err(OpenError::Damaged {
        path: path.to_owned(),
        detail: verdict,
    })
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let failed = |error| OpenError::new(path, error);
    // Immediate: of two processes that start at once, one migrates and the other finds it done.
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    let found: i64 = transaction
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(failed)?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(OpenError::NewerSchema {
            path: path.to_owned(),
            found,
            known,
        });
    }
    let applied = usize::try_from(found).unwrap_or(0);
    for migration in MIGRATIONS.iter().skip(applied) {
        transaction.execute_batch(migration).map_err(failed)?;
    }
    if found < known {
        transaction
            .pragma_update(None, "user_version", known)
            .map_err(failed)?;
        transaction
            .pragma_update(None, "application_id", APPLICATION)
            .map_err(failed)?;
    }
    transaction.commit().map_err(failed)
}
