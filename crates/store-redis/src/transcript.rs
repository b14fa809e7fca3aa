//! Transcripts: of each room a hash of bodies and two orders over them.

use async_trait::async_trait;
use lorikeet_store::{Entry, StoreError, Transcript};

use crate::RedisStore;
use crate::reply::{Reply, strange};

impl RedisStore {
    async fn entries(
        &self,
        room: &str,
        what: &str,
        sequence: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let keys = self.keys.transcript(room);
        let call = self.scripts.entries.call(&keys);
        let call = call.arg(what).arg(sequence).arg(limit);
        let entries = Reply::new(self.link.run(call).await?)?.rest()?;
        entries
            .into_iter()
            .map(|mut entry| {
                Ok(Entry {
                    id: entry.word()?,
                    position: entry.number()?,
                    changed: entry.number()?,
                    body: entry.word()?,
                })
            })
            .collect()
    }
}

#[async_trait]
impl Transcript for RedisStore {
    async fn put(&self, room: &str, id: &str, body: String) -> Result<u64, StoreError> {
        let keys = self.keys.transcript(room);
        let limits = self.options.limits;
        let call = self.scripts.put.call(&keys);
        let call = call
            .arg(self.now())
            .arg(limits.idle.as_millis())
            .arg(limits.transcript)
            .arg(id)
            .arg(body)
            .arg(self.keys.changed())
            .arg(room);
        match self.link.run(call).await? {
            redis::Value::BulkString(sequence) => std::str::from_utf8(&sequence)
                .ok()
                .and_then(|sequence| sequence.parse().ok())
                .ok_or_else(|| strange("no sequence number")),
            _ => Err(strange("no sequence number")),
        }
    }

    async fn changes_since(
        &self,
        room: &str,
        sequence: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        self.entries(room, "since", sequence, limit).await
    }

    async fn latest(&self, room: &str, limit: usize) -> Result<Vec<Entry>, StoreError> {
        self.entries(room, "latest", 0, limit).await
    }
}
