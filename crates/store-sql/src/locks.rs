//! Named locks.

use std::time::Duration;

use async_trait::async_trait;
use lorikeet_chat::Timestamp;
use lorikeet_store::{Acquired, Holder, Lock, LockRow, LockStore, LockView, StoreError};
use rusqlite::{Connection, OptionalExtension, params};

use crate::SqlStore;
use crate::columns::{read, stored, time};
use crate::error::Failure;

impl SqlStore {
    async fn on_lock<T: Send + 'static>(
        &self,
        name: &str,
        call: impl FnOnce(&mut LockRow, Timestamp) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let name = name.to_owned();
        self.call(move |connection, now| {
            let before = load(connection, &name)?;
            let mut row = before.clone();
            let answer = call(&mut row, now);
            if row != before {
                save(connection, &name, &row)?;
            }
            Ok(answer)
        })
        .await
    }
}

#[async_trait]
impl LockStore for SqlStore {
    async fn acquire(
        &self,
        name: &str,
        holder: &Holder,
        ttl: Duration,
    ) -> Result<Acquired, StoreError> {
        let holder = holder.clone();
        self.on_lock(name, move |row, now| row.acquire(&holder, ttl, now))
            .await
    }

    async fn take_over(
        &self,
        name: &str,
        holder: &Holder,
        ttl: Duration,
    ) -> Result<(Lock, Option<LockView>), StoreError> {
        let holder = holder.clone();
        self.on_lock(name, move |row, now| row.take_over(&holder, ttl, now))
            .await
    }

    async fn renew(
        &self,
        name: &str,
        holder: &str,
        generation: u64,
        ttl: Duration,
    ) -> Result<Option<Lock>, StoreError> {
        let holder = holder.to_owned();
        self.on_lock(name, move |row, now| {
            row.renew(&holder, generation, ttl, now)
        })
        .await
    }

    async fn release(&self, name: &str, holder: &str, generation: u64) -> Result<bool, StoreError> {
        let holder = holder.to_owned();
        self.on_lock(name, move |row, _| row.release(&holder, generation))
            .await
    }

    async fn view(&self, name: &str) -> Result<Option<LockView>, StoreError> {
        self.on_lock(name, |row, now| row.view(now)).await
    }
}

type Columns = (i64, Option<String>, Option<String>, i64, i64);

fn load(connection: &Connection, name: &str) -> Result<LockRow, Failure> {
    let found: Option<Columns> = connection
        .prepare_cached(
            "SELECT generation, holder, display, since, until FROM locks WHERE name = ?1",
        )?
        .query_row([name], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
            ))
        })
        .optional()?;
    let Some((generation, holder, display, since, until)) = found else {
        return Ok(LockRow::default());
    };
    Ok(LockRow {
        generation: read(generation)?,
        holder: holder
            .zip(display)
            .map(|(id, display)| Holder { id, display }),
        since: time(since)?,
        until: time(until)?,
    })
}

fn save(connection: &Connection, name: &str, row: &LockRow) -> Result<(), Failure> {
    let holder = row.holder.as_ref();
    connection
        .prepare_cached(
            "INSERT INTO locks (name, generation, holder, display, since, until)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO UPDATE SET
                 generation = excluded.generation, holder = excluded.holder,
                 display = excluded.display, since = excluded.since, until = excluded.until",
        )?
        .execute(params![
            name,
            stored(row.generation)?,
            holder.map(|holder| &holder.id),
            holder.map(|holder| &holder.display),
            stored(row.since.micros())?,
            stored(row.until.micros())?,
        ])?;
    Ok(())
}
