//! Deleting what a deleted LoRA leaves behind.

use std::collections::BTreeSet;
use std::sync::Arc;

use lorikeet_chat::BlobId;
use lorikeet_media::Blobs;
use lorikeet_training::{LoraId, Repository, RepositoryError};

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

    /// Deletes those of the candidates that nothing uses any more. What cannot be deleted now stays, and is logged.
    pub(crate) async fn drop_unused(&self, candidates: Vec<BlobId>) {
        for blob in candidates {
            match self.repository.uses_blob(&blob).await {
                Ok(true) => {}
                Ok(false) => {
                    if let Err(error) = self.blobs.delete(&blob).await {
                        tracing::warn!(%blob, %error, "a file of a deleted LoRA could not be removed");
                    }
                }
                Err(error) => tracing::warn!(%blob, %error, "a file of a deleted LoRA was left"),
            }
        }
    }
}
