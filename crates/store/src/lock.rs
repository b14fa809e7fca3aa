//! Named locks that two parties may quarrel over for longer than a call: an edited LoRA, a platform's leader.

use std::time::Duration;

use async_trait::async_trait;
use lorikeet_chat::Timestamp;

use crate::StoreError;

/// Named locks with a fencing generation. A lock is a holder's iff holder id and generation match; an expired
/// one that nobody took is still its holder's.
#[async_trait]
pub trait LockStore: Send + Sync {
    /// Takes a lock that is free or expired. For its own holder this is a renewal: the generation stays, the
    /// display becomes the new one.
    ///
    /// # Errors
    /// [`StoreError`] when the store could not answer.
    async fn acquire(
        &self,
        name: &str,
        holder: &Holder,
        ttl: Duration,
    ) -> Result<Acquired, StoreError>;

    /// Takes a lock whoever holds it, under a new generation, and says from whom it was taken: another holder
    /// whose lock had not expired.
    ///
    /// # Errors
    /// [`StoreError`] when the store could not answer.
    async fn take_over(
        &self,
        name: &str,
        holder: &Holder,
        ttl: Duration,
    ) -> Result<(Lock, Option<LockView>), StoreError>;

    /// Prolongs a lock; `None` when it is no longer the holder's.
    ///
    /// # Errors
    /// [`StoreError`] when the store could not answer.
    async fn renew(
        &self,
        name: &str,
        holder: &str,
        generation: u64,
        ttl: Duration,
    ) -> Result<Option<Lock>, StoreError>;

    /// Gives a lock up; false when it was no longer the holder's.
    ///
    /// # Errors
    /// [`StoreError`] when the store could not answer.
    async fn release(&self, name: &str, holder: &str, generation: u64) -> Result<bool, StoreError>;

    /// Who holds a lock now; `None` when it is free or expired.
    ///
    /// # Errors
    /// [`StoreError`] when the store could not answer.
    async fn view(&self, name: &str) -> Result<Option<LockView>, StoreError>;
}

/// Who wants a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Tells holders apart.
    pub id: String,
    /// What others are shown of the holder: JSON of the caller's own type.
    pub display: String,
}

/// A lock that was granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Rises with every new holder; pass it to whatever the lock protects.
    pub generation: u64,
    /// Since when it is held under this generation.
    pub since: Timestamp,
    /// When it expires unless renewed.
    pub until: Timestamp,
}

/// A lock as others see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockView {
    /// Who holds it.
    pub holder: Holder,
    /// Under which generation.
    pub generation: u64,
    /// Since when.
    pub since: Timestamp,
    /// When it expires unless renewed.
    pub until: Timestamp,
}

/// What came of asking for a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acquired {
    /// It is the caller's.
    Granted(Lock),
    /// Another holds it.
    Busy(LockView),
}
