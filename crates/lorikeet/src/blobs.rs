//! Deleting the pictures and files nobody uses any more.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lorikeet_chat::BlobId;
use lorikeet_media::{BlobError, Blobs};
use lorikeet_training::{LoraId, Repository, RepositoryError};

/// What was stored so recently may be referred to in a moment, by a LoRA that gets the same picture while another with
/// it is deleted: a picture's way from the store to the records takes less.
const ON_ITS_WAY: Duration = Duration::from_secs(5);
/// The same for what nobody asked to delete: a picture may wait for its LoRA, which another chat holds, or for a bot
/// that was stopped.
const FORGOTTEN: Duration = Duration::from_secs(24 * 3600);

/// A moment so long ago.
pub(crate) fn ago(age: Duration) -> SystemTime {
    SystemTime::now()
        .checked_sub(age)
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

/// Finds and deletes the blobs nobody uses any more.
pub(crate) struct Unused {
    pub(crate) repository: Arc<dyn Repository>,
    pub(crate) blobs: Blobs,
}

impl Unused {
    /// Every blob a LoRA and its runs use.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub(crate) async fn candidates(&self, lora: &LoraId) -> Result<Vec<BlobId>, RepositoryError> {
        let mut used = BTreeSet::new();
        if let Some(lora) = self.repository.lora(lora).await? {
            used.extend(lora.dataset.blobs().into_iter().cloned());
        }
        for run in self.repository.runs_of(lora).await? {
            used.extend(run.pictures.into_iter().map(|picture| picture.image));
            used.extend(run.progress.samples.into_iter().map(|sample| sample.blob));
            used.extend(run.state.artifact().map(|artifact| artifact.blob.clone()));
        }
        Ok(used.into_iter().collect())
    }

    /// Deletes those of the candidates that nothing uses any more. What cannot be deleted now is left to
    /// [`Unused::sweep`].
    pub(crate) async fn drop_unused(&self, candidates: Vec<BlobId>) {
        self.drop_older(candidates, ago(ON_ITS_WAY)).await;
    }

    /// Deletes whatever nothing has used for a day: pictures that were removed or replaced, and what a killed process
    /// did not get to.
    ///
    /// # Errors
    /// When the blobs cannot be listed.
    pub(crate) async fn sweep(&self) -> Result<(), BlobError> {
        self.sweep_older(ago(FORGOTTEN)).await
    }

    async fn sweep_older(&self, before: SystemTime) -> Result<(), BlobError> {
        let old = self.blobs.older(before).await?;
        self.drop_older(old, before).await;
        Ok(())
    }

    async fn drop_older(&self, candidates: Vec<BlobId>, before: SystemTime) {
        for blob in candidates {
            match self.repository.uses_blob(&blob).await {
                Ok(true) => {}
                Ok(false) => {
                    if let Err(error) = self.blobs.delete_older(&blob, before).await {
                        tracing::warn!(%blob, %error, "an unused file could not be removed");
                    }
                }
                Err(error) => tracing::warn!(%blob, %error, "an unused file was left"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use lorikeet_chat::{Conversation, EventId, PlatformId, RoomId, Timestamp, UserId};
    use lorikeet_store::SystemClock;
    use lorikeet_training::memory::MemoryRepository;
    use lorikeet_training::{Dataset, Lora, LoraName, Owner, Picture, Place, Saved, Trigger};

    use super::*;

    /// A LoRA with one picture.
    fn lora(image: BlobId, thumbnail: BlobId) -> Lora {
        let conversation = Conversation {
            platform: PlatformId::new("web").unwrap(),
            room: RoomId::new("room").unwrap(),
            thread: None,
            user: UserId::new("anne").unwrap(),
        };
        let (dataset, _) = Dataset::default().reserve(Place::Next, 20, "intake", "cat.png");
        let picture = Picture {
            original: image.clone(),
            image,
            thumbnail,
            dhash: 0,
            width: 512,
            height: 512,
            name: "cat.png".to_owned(),
            warnings: Vec::new(),
        };
        let (dataset, _) = dataset.fill("intake", picture, None);
        let now = Timestamp::from_micros(1_000_000);
        Lora {
            id: LoraId::derive(&conversation, &EventId::new("name").unwrap(), 0),
            owner: Owner::of(&conversation),
            name: LoraName::parse("Cats").unwrap(),
            trigger: Trigger::parse("cats").unwrap(),
            dataset,
            settings: None,
            revision: 1,
            created: now,
            updated: now,
        }
    }

    #[tokio::test]
    async fn what_nothing_uses_goes_when_it_is_old_enough() {
        let blobs = Blobs::in_memory();
        let stored = async |bytes: &'static [u8]| {
            let stored = blobs.put(Bytes::from_static(bytes)).await;
            stored.unwrap().id
        };
        let (image, thumbnail) = (stored(b"image").await, stored(b"thumbnail").await);
        let removed = stored(b"removed").await;
        let repository = MemoryRepository::new(Arc::new(SystemClock));
        let lora = lora(image.clone(), thumbnail.clone());
        assert_eq!(repository.save(&lora, 1).await.unwrap(), Saved::Saved);
        let unused = Unused {
            repository: Arc::new(repository.clone()),
            blobs: blobs.clone(),
        };
        let later = SystemTime::now() + Duration::from_secs(1);

        unused.sweep().await.unwrap();
        assert!(blobs.exists(&removed).await.unwrap(), "it is new");
        unused.sweep_older(later).await.unwrap();
        assert!(!blobs.exists(&removed).await.unwrap());
        assert!(blobs.exists(&image).await.unwrap());
        assert!(blobs.exists(&thumbnail).await.unwrap());

        let candidates = unused.candidates(&lora.id).await.unwrap();
        assert_eq!(candidates.len(), 2);
        repository.delete(&lora.id, 2).await.unwrap();
        unused.drop_unused(candidates.clone()).await;
        assert!(
            blobs.exists(&image).await.unwrap(),
            "another LoRA may be getting it"
        );
        unused.drop_older(candidates, later).await;
        assert!(!blobs.exists(&image).await.unwrap());
    }
}
