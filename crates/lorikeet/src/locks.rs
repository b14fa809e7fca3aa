//! The locks of LoRAs, on the store's named locks.

use std::sync::Arc;

use async_trait::async_trait;
use lorikeet_chat::Conversation;
use lorikeet_store::{Acquired, Holder as StoreHolder, LockStore, LockView, StoreError};
use lorikeet_training::wire::Holder;
use lorikeet_training::{LOCK_FOR, Lock, Locks, LoraId, RepositoryError};

/// Locks of LoRAs. A conversation is a holder; what others are shown of it travels with the lock.
pub(crate) struct LoraLocks(pub(crate) Arc<dyn LockStore>);

fn name(lora: &LoraId) -> String {
    format!("lora:{lora}")
}

fn held_by(by: &Conversation, holder: &Holder) -> StoreHolder {
    StoreHolder {
        id: by.key(),
        display: serde_json::to_string(holder).unwrap_or_default(),
    }
}

fn shown(view: &LockView) -> Holder {
    let holder = serde_json::from_str(&view.holder.display).ok();
    let holder = holder.unwrap_or(Holder {
        name: String::new(),
        place: String::new(),
        since: view.since,
    });
    Holder {
        since: view.since,
        ..holder
    }
}

fn error(error: StoreError) -> RepositoryError {
    RepositoryError {
        retryable: error.is_retryable(),
        no_space: false,
        message: error.to_string(),
    }
}

#[async_trait]
impl Locks for LoraLocks {
    async fn acquire(
        &self,
        lora: &LoraId,
        by: &Conversation,
        holder: &Holder,
    ) -> Result<Lock, RepositoryError> {
        let acquired = self
            .0
            .acquire(&name(lora), &held_by(by, holder), LOCK_FOR)
            .await
            .map_err(error)?;
        Ok(match acquired {
            Acquired::Granted(lock) => Lock::Ours(lock.generation),
            Acquired::Busy(view) => Lock::Busy(shown(&view)),
        })
    }

    async fn take_over(
        &self,
        lora: &LoraId,
        by: &Conversation,
        holder: &Holder,
    ) -> Result<(u64, Option<Conversation>), RepositoryError> {
        let (lock, before) = self
            .0
            .take_over(&name(lora), &held_by(by, holder), LOCK_FOR)
            .await
            .map_err(error)?;
        let before = before.and_then(|view| Conversation::from_key(&view.holder.id).ok());
        Ok((lock.generation, before))
    }

    async fn renew(
        &self,
        lora: &LoraId,
        by: &Conversation,
        generation: u64,
    ) -> Result<bool, RepositoryError> {
        let renewed = self
            .0
            .renew(&name(lora), &by.key(), generation, LOCK_FOR)
            .await
            .map_err(error)?;
        Ok(renewed.is_some())
    }

    async fn release(
        &self,
        lora: &LoraId,
        by: &Conversation,
        generation: u64,
    ) -> Result<(), RepositoryError> {
        self.0
            .release(&name(lora), &by.key(), generation)
            .await
            .map_err(error)?;
        Ok(())
    }

    async fn holder(&self, lora: &LoraId) -> Result<Option<Holder>, RepositoryError> {
        let view = self.0.view(&name(lora)).await.map_err(error)?;
        Ok(view.as_ref().map(shown))
    }
}
