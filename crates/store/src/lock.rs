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

/// A lock as a backend stores it, and the rules of locks as pure functions on it.
///
/// The row stays when the lock is released: it remembers the generation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockRow {
    /// Generation of the last grant; 0 before the first.
    pub generation: u64,
    /// Who was granted it last and has not released it.
    pub holder: Option<Holder>,
    /// Since when.
    pub since: Timestamp,
    /// When it expires or has expired.
    pub until: Timestamp,
}

impl LockRow {
    /// See [`LockStore::acquire`].
    pub fn acquire(&mut self, holder: &Holder, ttl: Duration, now: Timestamp) -> Acquired {
        if self.holder.as_ref().is_some_and(|own| own.id == holder.id) {
            self.holder = Some(holder.clone());
            self.until = now.after(ttl);
            return Acquired::Granted(self.lock());
        }
        match self.view(now) {
            Some(view) => Acquired::Busy(view),
            None => Acquired::Granted(self.grant(holder, ttl, now)),
        }
    }

    /// See [`LockStore::take_over`].
    pub fn take_over(
        &mut self,
        holder: &Holder,
        ttl: Duration,
        now: Timestamp,
    ) -> (Lock, Option<LockView>) {
        let previous = self.view(now).filter(|view| view.holder.id != holder.id);
        (self.grant(holder, ttl, now), previous)
    }

    /// See [`LockStore::renew`].
    pub fn renew(
        &mut self,
        holder: &str,
        generation: u64,
        ttl: Duration,
        now: Timestamp,
    ) -> Option<Lock> {
        if !self.is_held_by(holder, generation) {
            return None;
        }
        self.until = now.after(ttl);
        Some(self.lock())
    }

    /// See [`LockStore::release`].
    pub fn release(&mut self, holder: &str, generation: u64) -> bool {
        let ours = self.is_held_by(holder, generation);
        if ours {
            self.holder = None;
        }
        ours
    }

    /// See [`LockStore::view`].
    pub fn view(&self, now: Timestamp) -> Option<LockView> {
        let holder = self.holder.as_ref().filter(|_| now < self.until)?;
        Some(LockView {
            holder: holder.clone(),
            generation: self.generation,
            since: self.since,
            until: self.until,
        })
    }

    fn grant(&mut self, holder: &Holder, ttl: Duration, now: Timestamp) -> Lock {
        self.generation = (self.generation + 1).max(now.micros());
        self.holder = Some(holder.clone());
        self.since = now;
        self.until = now.after(ttl);
        self.lock()
    }

    fn is_held_by(&self, holder: &str, generation: u64) -> bool {
        self.generation == generation && self.holder.as_ref().is_some_and(|own| own.id == holder)
    }

    const fn lock(&self) -> Lock {
        Lock {
            generation: self.generation,
            since: self.since,
            until: self.until,
        }
    }
}

/// What came of asking for a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acquired {
    /// It is the caller's.
    Granted(Lock),
    /// Another holds it.
    Busy(LockView),
}
