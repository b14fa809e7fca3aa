//! Messages of rooms whose platform keeps no history of its own: the web page.

use async_trait::async_trait;

use crate::StoreError;

/// Keeps the last entries of each room, and what changed since a reader last looked.
#[async_trait]
pub trait Transcript: Send + Sync {
    /// Appends an entry, or replaces the body of the one with the same id in place. Either way it gets the
    /// room's next sequence number, which is returned; the entry keeps its position. The oldest entries past the
    /// bound are dropped.
    ///
    /// # Errors
    /// [`StoreError`] when the store could not answer.
    async fn put(&self, room: &str, id: &str, body: String) -> Result<u64, StoreError>;

    /// Entries changed after `sequence`, in the order of their change, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when the store could not answer.
    async fn changes_since(
        &self,
        room: &str,
        sequence: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError>;

    /// The last `limit` entries in the order of their positions.
    ///
    /// # Errors
    /// [`StoreError`] when the store could not answer.
    async fn latest(&self, room: &str, limit: usize) -> Result<Vec<Entry>, StoreError>;
}

/// One entry of a room's transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The caller's id, unique within the room.
    pub id: String,
    /// Sequence number of its first put: where it stands in the room.
    pub position: u64,
    /// Sequence number of its last put.
    pub changed: u64,
    /// What it says, in the caller's own format.
    pub body: String,
}
