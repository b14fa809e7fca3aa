//! What processes tell one another, so that nobody waits for the next sweep.

use async_trait::async_trait;

use crate::{Due, Index, StoreError};

/// Signals between processes. Nothing depends on them: one that is lost costs time, and a sweep or a look at the
/// transcript finds what it was about.
#[async_trait]
pub trait Signals: Send + Sync {
    /// Says that a lane waits for somebody; one of those who wait for such a hint gets it.
    ///
    /// # Errors
    /// [`StoreError`] when the store could not answer.
    async fn hint(&self, due: &Due) -> Result<(), StoreError>;

    /// Waits for hints about lanes of these indices; after some seconds there may be none.
    ///
    /// # Errors
    /// [`StoreError`] when the store could not answer.
    async fn hints(&self, indices: &[Index]) -> Result<Vec<Due>, StoreError>;

    /// Follows what becomes of transcripts, in every process, from now on.
    ///
    /// # Errors
    /// [`StoreError`] when the store could not answer.
    async fn changes(&self) -> Result<Box<dyn Changes>, StoreError>;
}

/// Rooms whose transcripts change.
#[async_trait]
pub trait Changes: Send {
    /// The room whose transcript changed next.
    ///
    /// # Errors
    /// [`StoreError`] when the connection broke: follow anew, and take it that every room may have changed.
    async fn next(&mut self) -> Result<String, StoreError>;
}
