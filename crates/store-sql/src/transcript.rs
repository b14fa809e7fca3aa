//! Transcripts of rooms.

use async_trait::async_trait;
use lorikeet_store::{Entry, StoreError, Transcript};
use rusqlite::{Connection, Params, params};

use crate::SqlStore;
use crate::columns::{read, stored};
use crate::error::Failure;

#[async_trait]
impl Transcript for SqlStore {
    async fn put(&self, room: &str, id: &str, body: String) -> Result<u64, StoreError> {
        let (room, id) = (room.to_owned(), id.to_owned());
        let keep = self.limits.transcript;
        self.call(move |connection, _| put(connection, &room, &id, &body, keep))
            .await
    }

    async fn changes_since(
        &self,
        room: &str,
        sequence: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let room = room.to_owned();
        self.call(move |connection, _| {
            entries(
                connection,
                "SELECT id, position, changed, body FROM transcript
                 WHERE room = ?1 AND changed > ?2 ORDER BY changed LIMIT ?3",
                params![room, stored(sequence)?, bound(limit)],
            )
        })
        .await
    }

    async fn latest(&self, room: &str, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let room = room.to_owned();
        self.call(move |connection, _| {
            let mut newest = entries(
                connection,
                "SELECT id, position, changed, body FROM transcript
                 WHERE room = ?1 ORDER BY position DESC LIMIT ?2",
                params![room, bound(limit)],
            )?;
            newest.reverse();
            Ok(newest)
        })
        .await
    }
}

fn put(
    connection: &Connection,
    room: &str,
    id: &str,
    body: &str,
    keep: usize,
) -> Result<u64, Failure> {
    let sequence: i64 = connection
        .prepare_cached(
            "INSERT INTO rooms (room, sequence) VALUES (?1, 1)
             ON CONFLICT DO UPDATE SET sequence = sequence + 1 RETURNING sequence",
        )?
        .query_row([room], |row| row.get(0))?;
    connection
        .prepare_cached(
            "INSERT INTO transcript (room, id, position, changed, body) VALUES (?1, ?2, ?3, ?3, ?4)
             ON CONFLICT (room, id) DO UPDATE SET changed = excluded.changed, body = excluded.body",
        )?
        .execute(params![room, id, sequence, body])?;
    connection
        .prepare_cached(
            "DELETE FROM transcript WHERE room = ?1 AND position <=
                 (SELECT position FROM transcript WHERE room = ?1
                  ORDER BY position DESC LIMIT 1 OFFSET ?2)",
        )?
        .execute(params![room, bound(keep)])?;
    read(sequence)
}

fn entries(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
) -> Result<Vec<Entry>, Failure> {
    connection
        .prepare_cached(sql)?
        .query_and_then(parameters, |row| {
            Ok(Entry {
                id: row.get(0)?,
                position: read(row.get(1)?)?,
                changed: read(row.get(2)?)?,
                body: row.get(3)?,
            })
        })?
        .collect()
}

fn bound(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
