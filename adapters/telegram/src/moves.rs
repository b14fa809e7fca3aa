//! Groups that became supergroups: Telegram gives them another id. What was begun goes on under the old one, which
//! conversations keep; only calls know the new one.
//!
//! <https://core.telegram.org/bots/api#message>, `migrate_to_chat_id`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use lorikeet_store::{StoreError, Transcript};

/// Ids of supergroups and channels are below this.
const SUPERGROUPS: i64 = -1_000_000_000_000;

/// Which group is which.
pub(crate) struct Moves {
    kept: Arc<dyn Transcript>,
    known: Mutex<HashMap<i64, Option<i64>>>,
}

impl Moves {
    pub(crate) fn new(kept: Arc<dyn Transcript>) -> Self {
        Self {
            kept,
            known: Mutex::default(),
        }
    }

    /// A group has another id now.
    ///
    /// # Errors
    /// When that cannot be kept.
    pub(crate) async fn note(&self, old: i64, new: i64) -> Result<(), StoreError> {
        for (one, other) in [(old, new), (new, old)] {
            self.kept
                .put(&room(one), "other", other.to_string())
                .await?;
            self.remember(one, Some(other));
        }
        Ok(())
    }

    /// The same from a refused call: for this process, until the group's own message of it comes.
    pub(crate) fn heard(&self, old: i64, new: i64) {
        self.remember(old, Some(new));
        self.remember(new, Some(old));
    }

    /// The id under which a chat's conversations are kept.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub(crate) async fn origin(&self, chat: i64) -> Result<i64, StoreError> {
        if chat >= SUPERGROUPS {
            return Ok(chat);
        }
        Ok(self.other(chat).await?.unwrap_or(chat))
    }

    /// The id that a conversation's chat has now.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub(crate) async fn current(&self, chat: i64) -> Result<i64, StoreError> {
        // People's ids are positive, and a supergroup does not move again.
        if !(SUPERGROUPS..=0).contains(&chat) {
            return Ok(chat);
        }
        Ok(self.other(chat).await?.unwrap_or(chat))
    }

    async fn other(&self, chat: i64) -> Result<Option<i64>, StoreError> {
        let known = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.get(&chat).copied()
        };
        if let Some(other) = known {
            return Ok(other);
        }
        let kept = self.kept.latest(&room(chat), 1).await?;
        let other = kept.first().and_then(|entry| entry.body.parse().ok());
        // Should it move later, Telegram says so: in the group, and to every call.
        self.remember(chat, other);
        Ok(other)
    }

    fn remember(&self, chat: i64, other: Option<i64>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(chat, other);
    }
}

fn room(chat: i64) -> String {
    format!("telegram/moved/{chat}")
}

#[cfg(test)]
mod tests {
    use lorikeet_store::{Limits, ManualClock, MemoryStore};

    use super::*;

    const OLD: i64 = -4_711;
    const NEW: i64 = -1_000_000_004_711;

    fn kept() -> Arc<MemoryStore> {
        let clock = Arc::new(ManualClock::new(lorikeet_chat::Timestamp::default()));
        Arc::new(MemoryStore::new(clock, Limits::default()))
    }

    async fn ids(moves: &Moves, chat: i64) -> (i64, i64) {
        let origin = moves.origin(chat).await.unwrap();
        (origin, moves.current(origin).await.unwrap())
    }

    #[tokio::test]
    async fn a_moved_group_is_the_same_under_both_ids_in_every_process() {
        let kept = kept();
        let here = Moves::new(Arc::clone(&kept) as _);
        assert_eq!(ids(&here, OLD).await, (OLD, OLD));
        here.note(OLD, NEW).await.unwrap();
        let there = Moves::new(kept);
        for moves in [&here, &there] {
            assert_eq!(ids(moves, NEW).await, (OLD, NEW));
            assert_eq!(ids(moves, OLD).await, (OLD, NEW));
            // Nobody else moved.
            for chat in [7, -7, NEW - 1] {
                assert_eq!(ids(moves, chat).await, (chat, chat));
            }
        }
    }

    #[tokio::test]
    async fn a_refused_call_is_enough_to_know() {
        let moves = Moves::new(kept());
        assert_eq!(ids(&moves, OLD).await, (OLD, OLD));
        moves.heard(OLD, NEW);
        assert_eq!(ids(&moves, OLD).await, (OLD, NEW));
    }
}
