//! Carries out what flows wish for LoRAs and runs. Asynchronous, but without I/O of its own: records and locks are
//! traits.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lorikeet_chat::{Background, Coalesce, Conversation, Timestamp};
use serde_json::Value;

use crate::arrival::arrive;
use crate::wire::{
    Arrived, Editing, Holder, LoraRequest, Managing, RunNews, RunRequest, Starting, WhenBusy,
};
use crate::{Deleted, Inserted, Lora, LoraId, Owner, Repository, RepositoryError, Saved};

/// How long a LoRA stays locked after its editor's last change.
pub const LOCK_FOR: Duration = Duration::from_secs(15 * 60);
/// How soon to look again whether a LoRA is free, for those who wait.
const LOOK_AGAIN: Duration = Duration::from_secs(3);

/// Named locks with fencing, as the store keeps them.
#[async_trait]
pub trait Locks: Send + Sync {
    /// Takes a LoRA's lock for a conversation, or renews the one it has.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn acquire(
        &self,
        lora: &LoraId,
        by: &Conversation,
        holder: &Holder,
    ) -> Result<Lock, RepositoryError>;

    /// Takes a LoRA's lock from whoever has it; says whose it was.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn take_over(
        &self,
        lora: &LoraId,
        by: &Conversation,
        holder: &Holder,
    ) -> Result<(u64, Option<Conversation>), RepositoryError>;

    /// Extends a lock; false when somebody else has taken it since.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn renew(
        &self,
        lora: &LoraId,
        by: &Conversation,
        generation: u64,
    ) -> Result<bool, RepositoryError>;

    /// Gives a lock back; nothing happens when it is not ours.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn release(
        &self,
        lora: &LoraId,
        by: &Conversation,
        generation: u64,
    ) -> Result<(), RepositoryError>;

    /// Who has a lock now.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn holder(&self, lora: &LoraId) -> Result<Option<Holder>, RepositoryError>;
}

/// What came of asking for a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lock {
    /// It is ours, under this generation.
    Ours(u64),
    /// Somebody else has it.
    Busy(Holder),
}

/// Tells a conversation something from outside its turns.
#[async_trait]
pub trait Courier: Send + Sync {
    /// Posts a background event. `key` names the occurrence: posting it again with the same key does nothing.
    /// `coalesce` lets it take the place of older news that still wait.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn tell(
        &self,
        conversation: &Conversation,
        key: &str,
        coalesce: Option<Coalesce>,
        news: Background,
    ) -> Result<(), RepositoryError>;

    /// Lets idle run supervisors look for work at once.
    fn wake_runs(&self);
}

/// A request that could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// Not yet: ask again after so long.
    #[error("not yet")]
    Later(Duration),
    /// The records could not be reached or changed.
    #[error(transparent)]
    Records(#[from] RepositoryError),
    /// The request does not read as one.
    #[error("the request cannot be read")]
    Request,
}

/// Who asks, and when.
#[derive(Clone, Debug)]
pub struct Asker<'a> {
    /// The conversation.
    pub conversation: &'a Conversation,
    /// Idempotency key of the request.
    pub key: &'a str,
    /// The time now.
    pub now: Timestamp,
}

/// The services behind the flows.
#[derive(Clone)]
pub struct Service {
    repository: Arc<dyn Repository>,
    locks: Arc<dyn Locks>,
    courier: Arc<dyn Courier>,
    slots: u16,
}

impl Service {
    pub(crate) fn repository(&self) -> &dyn Repository {
        &*self.repository
    }

    pub(crate) fn courier(&self) -> &dyn Courier {
        &*self.courier
    }

    /// Whether something of an owner is also who asks': theirs, or of an identity they are joined with.
    async fn has(&self, asker: &Asker<'_>, owner: &Owner) -> Result<bool, RepositoryError> {
        let own = Owner::of(asker.conversation);
        self.repository.has(&own, owner).await
    }

    /// Services over these records and locks, for datasets of so many `slots`.
    pub fn new(
        repository: Arc<dyn Repository>,
        locks: Arc<dyn Locks>,
        courier: Arc<dyn Courier>,
        slots: u16,
    ) -> Self {
        Self {
            repository,
            locks,
            courier,
            slots,
        }
    }

    /// Carries out a request to [`LORAS`](crate::wire::LORAS). Safe to repeat.
    ///
    /// # Errors
    /// [`ServiceError`], which says whether a repeat makes sense.
    pub async fn loras(
        &self,
        asker: &Asker<'_>,
        request: &Value,
    ) -> Result<Option<Background>, ServiceError> {
        let request: LoraRequest =
            serde::Deserialize::deserialize(request).map_err(|_| ServiceError::Request)?;
        match request {
            LoraRequest::Create { lora, place } => self
                .create(asker, *lora, place)
                .await
                .map(|news| Some(news.into())),
            LoraRequest::Open {
                lora,
                when_busy,
                place,
            } => self
                .open(asker, lora, when_busy, place)
                .await
                .map(|news| Some(news.into())),
            LoraRequest::Save { lora, generation } => {
                Ok(self.save(asker, &lora, generation).await?.map(Into::into))
            }
            LoraRequest::Release { lora, generation } => {
                self.locks
                    .release(&lora, asker.conversation, generation)
                    .await?;
                Ok(None)
            }
            LoraRequest::Place { lora, arrived } => {
                self.place(asker, &lora, *arrived).await?;
                Ok(None)
            }
            LoraRequest::Rename { lora, name } => {
                let renamed = self
                    .change(asker, &lora, |lora| Lora {
                        name: name.clone(),
                        ..lora
                    })
                    .await?;
                Ok(Some(match renamed {
                    Ok(_) => Managing::Renamed { name }.into(),
                    Err(refused) => refused.into(),
                }))
            }
            LoraRequest::Delete { lora } => Ok(Some(self.delete(asker, &lora).await?.into())),
        }
    }

    /// Carries out a request to [`RUNS`](crate::wire::RUNS). Safe to repeat.
    ///
    /// # Errors
    /// [`ServiceError`], which says whether a repeat makes sense.
    pub async fn runs(
        &self,
        asker: &Asker<'_>,
        request: &Value,
    ) -> Result<Option<Background>, ServiceError> {
        let request: RunRequest =
            serde::Deserialize::deserialize(request).map_err(|_| ServiceError::Request)?;
        match request {
            RunRequest::Start(run) => {
                let owned = self.owned(asker, &run.lora).await?.is_some();
                if !owned || run.owner != Owner::of(asker.conversation) {
                    return Ok(Some(Starting::Gone.into()));
                }
                Ok(match self.repository.insert_run(&run).await? {
                    Inserted::Inserted | Inserted::Exists => {
                        self.courier.wake_runs();
                        // It may wait long for its engine: its place in the queue can be shown from now on.
                        Some(RunNews::of(&run).into())
                    }
                    Inserted::Active(run) => Some(Starting::Active { run }.into()),
                    Inserted::Gone => Some(Starting::Gone.into()),
                })
            }
            RunRequest::Cancel { run } => {
                let known = self.repository.run(&run).await?;
                if let Some(known) = known
                    && self.has(asker, &known.owner).await?
                {
                    self.repository.request_cancel(&run).await?;
                    self.courier.wake_runs();
                }
                Ok(None)
            }
        }
    }

    async fn create(
        &self,
        asker: &Asker<'_>,
        lora: Lora,
        place: String,
    ) -> Result<Editing, ServiceError> {
        let id = lora.id.clone();
        if lora.owner != Owner::of(asker.conversation) {
            return Ok(Editing::Gone { lora: id });
        }
        let generation = match self
            .locks
            .acquire(&id, asker.conversation, &holder(asker, place))
            .await?
        {
            Lock::Ours(generation) => generation,
            Lock::Busy(holder) => {
                return Ok(Editing::Lost {
                    lora: id,
                    holder: Some(holder),
                });
            }
        };
        self.repository.save(&lora, generation).await?;
        Ok(match self.owned(asker, &id).await? {
            Some(lora) => Editing::Opened {
                lora: Box::new(lora),
                generation,
            },
            None => Editing::Gone { lora: id },
        })
    }

    async fn open(
        &self,
        asker: &Asker<'_>,
        id: LoraId,
        when_busy: WhenBusy,
        place: String,
    ) -> Result<Editing, ServiceError> {
        if self.owned(asker, &id).await?.is_none() {
            return Ok(Editing::Gone { lora: id });
        }
        let me = holder(asker, place);
        let lock = match when_busy {
            WhenBusy::TakeOver => {
                let (generation, before) =
                    self.locks.take_over(&id, asker.conversation, &me).await?;
                if let Some(before) = before.filter(|before| before != asker.conversation) {
                    let news = Editing::Lost {
                        lora: id.clone(),
                        holder: Some(me),
                    };
                    self.courier
                        .tell(&before, asker.key, None, news.into())
                        .await?;
                }
                Lock::Ours(generation)
            }
            WhenBusy::Tell | WhenBusy::Wait => {
                self.locks.acquire(&id, asker.conversation, &me).await?
            }
        };
        // Read under the lock: what came before is what its last holder wrote.
        let Some(lora) = self.owned(asker, &id).await?.map(Box::new) else {
            return Ok(Editing::Gone { lora: id });
        };
        match lock {
            Lock::Ours(generation) => Ok(Editing::Opened { lora, generation }),
            Lock::Busy(_) if when_busy == WhenBusy::Wait => Err(ServiceError::Later(LOOK_AGAIN)),
            Lock::Busy(holder) => Ok(Editing::Busy { lora, holder }),
        }
    }

    async fn save(
        &self,
        asker: &Asker<'_>,
        lora: &Lora,
        generation: u64,
    ) -> Result<Option<Editing>, ServiceError> {
        if !self.has(asker, &lora.owner).await? {
            return Ok(Some(Editing::Gone {
                lora: lora.id.clone(),
            }));
        }
        let ours = self
            .locks
            .renew(&lora.id, asker.conversation, generation)
            .await?;
        // A lock that nobody has was given back before this save came, or ran out. Whether the LoRA was written under a
        // later one since, the records know by the generation.
        let saved = if ours || self.locks.holder(&lora.id).await?.is_none() {
            self.repository.save(lora, generation).await?
        } else {
            Saved::Fenced
        };
        let id = lora.id.clone();
        Ok(match saved {
            Saved::Saved | Saved::Stale => None,
            Saved::Fenced => Some(Editing::Lost {
                holder: self.locks.holder(&id).await?,
                lora: id,
            }),
            Saved::Frozen => Some(Editing::Frozen { lora: id }),
            Saved::Gone => Some(Editing::Gone { lora: id }),
        })
    }

    async fn place(
        &self,
        asker: &Asker<'_>,
        id: &LoraId,
        arrived: Arrived,
    ) -> Result<(), ServiceError> {
        let placed = self
            .change(asker, id, |lora| {
                let (dataset, _) = arrive(lora.dataset, self.slots, arrived);
                Lora { dataset, ..lora }
            })
            .await?;
        match placed {
            // Whoever edits it now will give it back; the picture waits as long as the runtime has patience.
            Err(Managing::Busy { .. } | Managing::Training) => Err(ServiceError::Later(LOOK_AGAIN)),
            _ => Ok(()),
        }
    }

    /// Changes a LoRA outside of an editing session, under its lock.
    async fn change(
        &self,
        asker: &Asker<'_>,
        id: &LoraId,
        change: impl FnOnce(Lora) -> Lora,
    ) -> Result<Result<(), Managing>, ServiceError> {
        if self.owned(asker, id).await?.is_none() {
            return Ok(Err(Managing::Gone));
        }
        let generation = match self
            .locks
            .acquire(id, asker.conversation, &holder(asker, String::new()))
            .await?
        {
            Lock::Ours(generation) => generation,
            Lock::Busy(holder) => return Ok(Err(Managing::Busy { holder })),
        };
        let saved = match self.owned(asker, id).await? {
            None => Saved::Gone,
            Some(lora) => {
                let revision = lora.revision.saturating_add(1);
                let changed = Lora {
                    revision,
                    updated: asker.now,
                    ..change(lora)
                };
                self.repository.save(&changed, generation).await?
            }
        };
        self.locks
            .release(id, asker.conversation, generation)
            .await?;
        Ok(match saved {
            Saved::Saved | Saved::Stale => Ok(()),
            Saved::Gone => Err(Managing::Gone),
            Saved::Frozen => Err(Managing::Training),
            Saved::Fenced => return Err(ServiceError::Later(LOOK_AGAIN)),
        })
    }

    async fn delete(&self, asker: &Asker<'_>, id: &LoraId) -> Result<Managing, ServiceError> {
        let Some(lora) = self.owned(asker, id).await? else {
            return Ok(Managing::Gone);
        };
        let generation = match self
            .locks
            .acquire(id, asker.conversation, &holder(asker, String::new()))
            .await?
        {
            Lock::Ours(generation) => generation,
            Lock::Busy(holder) => return Ok(Managing::Busy { holder }),
        };
        let deleted = self.repository.delete(id, generation).await?;
        self.locks
            .release(id, asker.conversation, generation)
            .await?;
        match deleted {
            Deleted::Deleted => Ok(Managing::Deleted { name: lora.name }),
            Deleted::Training(_) => Ok(Managing::Training),
            Deleted::Fenced => Err(ServiceError::Later(LOOK_AGAIN)),
        }
    }

    /// A LoRA, if it belongs to who asks: checked here again, whatever the flow believed.
    async fn owned(&self, asker: &Asker<'_>, id: &LoraId) -> Result<Option<Lora>, RepositoryError> {
        let lora = self.repository.lora(id).await?;
        match lora {
            Some(lora) if self.has(asker, &lora.owner).await? => Ok(Some(lora)),
            _ => Ok(None),
        }
    }
}

/// How the others see who asks. All conversations of one owner: the place tells them apart.
fn holder(asker: &Asker<'_>, place: String) -> Holder {
    Holder {
        name: String::new(),
        place,
        since: asker.now,
    }
}
