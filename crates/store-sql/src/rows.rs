//! One conversation's rows, as the turn protocol wants them.

use lorikeet_chat::{Conversation, Effect, Event, EventId, Lane, MessageHandle, Origin};
use lorikeet_store::machine::{Head, LaneHead, Rows};
use lorikeet_store::{Index, Owner, Pending, Waiting, bucket};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Params, Row, params};

use crate::columns::{read, stored, time};
use crate::error::Failure;

const LANES: [Lane; 3] = [Lane::Turn, Lane::Deliver, Lane::Work];

/// A conversation inside the current transaction.
pub(crate) struct SqlRows<'a> {
    connection: &'a Connection,
    conversation: &'a Conversation,
    key: String,
    /// The row's id, once it is known that there is one.
    id: Option<i64>,
    /// The head as it is stored: only what differs from it is written.
    stored: Head,
}

impl<'a> SqlRows<'a> {
    pub(crate) fn new(connection: &'a Connection, conversation: &'a Conversation) -> Self {
        Self {
            connection,
            conversation,
            key: conversation.key(),
            id: None,
            stored: Head::default(),
        }
    }

    fn prepare(&self, sql: &str) -> Result<CachedStatement<'a>, Failure> {
        Ok(self.connection.prepare_cached(sql)?)
    }

    fn execute(&self, sql: &str, parameters: impl Params) -> Result<usize, Failure> {
        Ok(self.prepare(sql)?.execute(parameters)?)
    }

    /// The row's id; makes the row when there is none, for others to refer to.
    fn id(&mut self) -> Result<i64, Failure> {
        if let Some(id) = self.id {
            return Ok(id);
        }
        self.execute(
            "INSERT INTO conversations (key, bucket) VALUES (?1, ?2)",
            params![self.key, bucket(&self.key)],
        )?;
        let id = self.connection.last_insert_rowid();
        self.id = Some(id);
        Ok(id)
    }

    fn save_lane(&mut self, lane: Lane, head: &LaneHead) -> Result<(), Failure> {
        let id = self.id()?;
        self.execute(
            "INSERT INTO lanes (conversation, lane, generation, owner, until, due, sweep)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT DO UPDATE SET
                 generation = excluded.generation, owner = excluded.owner,
                 until = excluded.until, due = excluded.due",
            params![
                id,
                lane_name(lane),
                stored(head.generation)?,
                head.owner.map(Owner::bytes),
                stored(head.until.micros())?,
                head.due.map(|due| stored(due.micros())).transpose()?,
                sweep_name(&Index::of(self.conversation, lane)),
            ],
        )?;
        Ok(())
    }

    fn trim(&mut self, is_ordered: bool, keep: usize) -> Result<Option<u64>, Failure> {
        let Some(id) = self.id else {
            return Ok(None);
        };
        let keep = i64::try_from(keep).unwrap_or(i64::MAX);
        let highest: Option<i64> = self
            .prepare(
                "SELECT rank FROM remembered WHERE conversation = ?1 AND ordered = ?2
                 ORDER BY rank DESC LIMIT 1 OFFSET ?3",
            )?
            .query_row(params![id, is_ordered, keep], |row| row.get(0))
            .optional()?;
        let Some(highest) = highest else {
            return Ok(None);
        };
        self.execute(
            "DELETE FROM remembered WHERE conversation = ?1 AND ordered = ?2 AND rank <= ?3",
            params![id, is_ordered, highest],
        )?;
        Ok(Some(read(highest)?))
    }
}

impl Rows for SqlRows<'_> {
    type Error = Failure;

    fn head(&mut self) -> Result<Option<Head>, Failure> {
        let found = self
            .prepare(
                "SELECT id, version, sequence, token, tries, committed_generation,
                        committed_version, floor, ordered_at, handle, expires
                 FROM conversations WHERE key = ?1",
            )?
            .query_row([&self.key], read_head)
            .optional()?;
        let Some((id, head)) = found else {
            return Ok(None);
        };
        let mut head = head?;
        let mut lanes = self.prepare(
            "SELECT lane, generation, owner, until, due FROM lanes WHERE conversation = ?1",
        )?;
        let mut rows = lanes.query([id])?;
        while let Some(row) = rows.next()? {
            let name = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
            if let Some(lane) = LANES.into_iter().find(|lane| lane_name(*lane) == name) {
                *head.lane_mut(lane) = LaneHead {
                    generation: read(row.get(1)?)?,
                    owner: row.get::<_, Option<[u8; 16]>>(2)?.map(Owner::new),
                    until: time(row.get(3)?)?,
                    due: row.get::<_, Option<i64>>(4)?.map(time).transpose()?,
                };
            }
        }
        self.id = Some(id);
        self.stored = head.clone();
        Ok(Some(head))
    }

    fn save_head(&mut self, head: &Head) -> Result<(), Failure> {
        let id = self.id()?;
        for lane in LANES {
            if head.lane(lane) != self.stored.lane(lane) {
                self.save_lane(lane, head.lane(lane))?;
            }
        }
        let (generation, version) = head.last_commit.unzip();
        self.execute(
            "UPDATE conversations SET
                 version = ?2, sequence = ?3, token = ?4, tries = ?5, committed_generation = ?6,
                 committed_version = ?7, floor = ?8, ordered_at = ?9, handle = ?10, expires = ?11
             WHERE id = ?1",
            params![
                id,
                stored(head.version)?,
                stored(head.sequence)?,
                // Only ever compared for equality.
                head.token.map(u64::cast_signed),
                head.tries,
                generation.map(stored).transpose()?,
                version.map(stored).transpose()?,
                head.floor.map(stored).transpose()?,
                head.ordered_at.map(|at| stored(at.micros())).transpose()?,
                head.handle.as_ref().map(MessageHandle::as_str),
                head.expires.map(|at| stored(at.micros())).transpose()?,
            ],
        )?;
        self.stored = head.clone();
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Failure> {
        if let Some(id) = self.id.take() {
            self.execute("DELETE FROM conversations WHERE id = ?1", [id])?;
        }
        self.stored = Head::default();
        Ok(())
    }

    fn session(&mut self) -> Result<Option<String>, Failure> {
        Ok(self
            .prepare("SELECT body FROM sessions WHERE conversation = ?1")?
            .query_row([self.id], |row| row.get(0))
            .optional()?)
    }

    fn save_session(&mut self, session: &str) -> Result<(), Failure> {
        let id = self.id()?;
        self.execute(
            "INSERT INTO sessions (conversation, body) VALUES (?1, ?2)
             ON CONFLICT DO UPDATE SET body = excluded.body",
            params![id, session],
        )?;
        Ok(())
    }

    fn remembers(&mut self, event: &EventId) -> Result<bool, Failure> {
        Ok(self
            .prepare("SELECT 1 FROM remembered WHERE conversation = ?1 AND id = ?2")?
            .exists(params![self.id, event.as_str()])?)
    }

    fn remember(
        &mut self,
        event: &EventId,
        order: Option<u64>,
        sequence: u64,
    ) -> Result<(), Failure> {
        let id = self.id()?;
        self.execute(
            "INSERT INTO remembered (conversation, id, ordered, rank) VALUES (?1, ?2, ?3, ?4)",
            params![
                id,
                event.as_str(),
                order.is_some(),
                stored(order.unwrap_or(sequence))?
            ],
        )?;
        Ok(())
    }

    fn trim_ordered(&mut self, keep: usize) -> Result<Option<u64>, Failure> {
        self.trim(true, keep)
    }

    fn trim_unordered(&mut self, keep: usize) -> Result<(), Failure> {
        self.trim(false, keep)?;
        Ok(())
    }

    fn high_water(&mut self, key: &str) -> Result<Option<u64>, Failure> {
        self.prepare("SELECT sequence FROM high_water WHERE conversation = ?1 AND key = ?2")?
            .query_row(params![self.id, key], |row| row.get(0))
            .optional()?
            .map(read)
            .transpose()
    }

    fn set_high_water(&mut self, key: &str, sequence: u64) -> Result<(), Failure> {
        let id = self.id()?;
        self.execute(
            "INSERT INTO high_water (conversation, key, sequence) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET sequence = excluded.sequence",
            params![id, key, stored(sequence)?],
        )?;
        Ok(())
    }

    fn mailbox(&mut self) -> Result<Vec<Waiting>, Failure> {
        self.prepare(
            "SELECT sequence, event FROM mailbox WHERE conversation = ?1 ORDER BY sequence",
        )?
        .query_and_then([self.id], |row| {
            Ok(Waiting {
                sequence: read(row.get(0)?)?,
                event: body(row, 1)?,
            })
        })?
        .collect()
    }

    fn waiting_from_people(&mut self) -> Result<usize, Failure> {
        Ok(self
            .prepare("SELECT count(*) FROM mailbox WHERE conversation = ?1 AND person")?
            .query_row([self.id], |row| row.get(0))?)
    }

    fn append_event(&mut self, sequence: u64, event: &Event) -> Result<(), Failure> {
        let id = self.id()?;
        let coalesce = event.coalesce.as_ref();
        let replaceable = coalesce.filter(|coalesce| coalesce.replaceable);
        self.execute(
            "INSERT INTO mailbox (conversation, sequence, person, replaceable, event)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                id,
                stored(sequence)?,
                event.origin == Origin::Person,
                replaceable.map(|coalesce| &coalesce.key),
                serde_json::to_string(event)?,
            ],
        )?;
        Ok(())
    }

    fn remove_events(&mut self, sequences: &[u64]) -> Result<(), Failure> {
        for &sequence in sequences {
            self.execute(
                "DELETE FROM mailbox WHERE conversation = ?1 AND sequence = ?2",
                params![self.id, stored(sequence)?],
            )?;
        }
        Ok(())
    }

    fn remove_replaceable(&mut self, key: &str) -> Result<(), Failure> {
        self.execute(
            "DELETE FROM mailbox WHERE conversation = ?1 AND replaceable = ?2",
            params![self.id, key],
        )?;
        Ok(())
    }

    fn outbox(&mut self, lane: Lane) -> Result<Vec<Pending>, Failure> {
        self.prepare(
            "SELECT sequence, effect FROM outbox WHERE conversation = ?1 AND lane = ?2
             ORDER BY sequence",
        )?
        .query_and_then(params![self.id, lane_name(lane)], |row| {
            Ok(Pending {
                sequence: read(row.get(0)?)?,
                effect: body(row, 1)?,
            })
        })?
        .collect()
    }

    fn append_effect(&mut self, sequence: u64, effect: &Effect) -> Result<(), Failure> {
        let id = self.id()?;
        self.execute(
            "INSERT INTO outbox (conversation, lane, sequence, effect) VALUES (?1, ?2, ?3, ?4)",
            params![
                id,
                lane_name(effect.lane()),
                stored(sequence)?,
                serde_json::to_string(effect)?,
            ],
        )?;
        Ok(())
    }

    fn remove_effect(&mut self, lane: Lane, sequence: u64) -> Result<bool, Failure> {
        let removed = self.execute(
            "DELETE FROM outbox WHERE conversation = ?1 AND lane = ?2 AND sequence = ?3",
            params![self.id, lane_name(lane), stored(sequence)?],
        )?;
        Ok(removed > 0)
    }

    fn is_empty(&mut self, lane: Lane) -> Result<bool, Failure> {
        let found = match lane {
            Lane::Turn => self
                .prepare("SELECT 1 FROM mailbox WHERE conversation = ?1 LIMIT 1")?
                .exists([self.id])?,
            Lane::Deliver | Lane::Work => self
                .prepare("SELECT 1 FROM outbox WHERE conversation = ?1 AND lane = ?2 LIMIT 1")?
                .exists(params![self.id, lane_name(lane)])?,
        };
        Ok(!found)
    }
}

/// Where a part of the recovery index is in the `sweep` column.
pub(crate) fn sweep_name(index: &Index) -> String {
    match index {
        Index::Turn => "turn".to_owned(),
        Index::Work => "work".to_owned(),
        Index::Deliver(platform) => format!("deliver:{platform}"),
    }
}

const fn lane_name(lane: Lane) -> &'static str {
    match lane {
        Lane::Turn => "turn",
        Lane::Deliver => "deliver",
        Lane::Work => "work",
    }
}

fn read_head(row: &Row<'_>) -> rusqlite::Result<(i64, Result<Head, Failure>)> {
    let id = row.get(0)?;
    let handle: Option<String> = row.get(9)?;
    let number = |column| row.get::<_, Option<i64>>(column);
    let (version, sequence, token) = (row.get(1)?, row.get(2)?, number(3)?);
    let (tries, generation, committed) = (row.get(4)?, number(5)?, number(6)?);
    let (floor, ordered_at, expires) = (number(7)?, number(8)?, number(10)?);
    let head = || {
        let generation = generation.map(read).transpose()?;
        let committed = committed.map(read).transpose()?;
        Ok(Head {
            version: read(version)?,
            sequence: read(sequence)?,
            token: token.map(i64::cast_unsigned),
            tries,
            last_commit: generation.zip(committed),
            floor: floor.map(read).transpose()?,
            ordered_at: ordered_at.map(time).transpose()?,
            handle: handle
                .map(MessageHandle::new)
                .transpose()
                .map_err(|error| Failure::Value(error.to_string()))?,
            expires: expires.map(time).transpose()?,
            ..Head::default()
        })
    };
    Ok((id, head()))
}

/// A JSON column.
pub(crate) fn body<T: serde::de::DeserializeOwned>(
    row: &Row<'_>,
    column: usize,
) -> Result<T, Failure> {
    let text = row
        .get_ref(column)?
        .as_str()
        .map_err(rusqlite::Error::from)?;
    Ok(serde_json::from_str(text)?)
}
