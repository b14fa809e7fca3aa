//! Captions for the pictures of a LoRA, by whichever captioner was asked for.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, stream};
use lorikeet_chat::BlobId;
use lorikeet_media::Blobs;
use lorikeet_training::wire::{self, Captioned};
use lorikeet_training::{Caption, SlotNumber};
use tokio::time::sleep;

use crate::{CaptionError, CaptionRequest, Captioner};

/// More than any normalised picture takes.
const PICTURE_BYTES: u64 = 64 * 1024 * 1024;
/// Pictures captioned at once: a model at home does one after another anyway.
const AT_ONCE: usize = 2;
/// Waits before a picture is tried again.
const WAITS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(5)];

/// The captioners there are, and the pictures they caption.
#[derive(Clone)]
pub struct CaptionService {
    captioners: BTreeMap<String, Arc<dyn Captioner>>,
    blobs: Blobs,
}

impl CaptionService {
    /// A service over these captioners.
    pub fn new(captioners: impl IntoIterator<Item = Arc<dyn Captioner>>, blobs: Blobs) -> Self {
        Self {
            captioners: captioners
                .into_iter()
                .map(|captioner| (captioner.id().to_owned(), captioner))
                .collect(),
            blobs,
        }
    }

    /// Captions what can be captioned. A picture that fails takes no other with it; the first failure is told.
    pub async fn caption(&self, request: wire::CaptionRequest) -> Captioned {
        let mut captioned = Captioned {
            lora: request.lora.clone(),
            captions: Vec::new(),
            problem: String::new(),
        };
        let Some(captioner) = self.captioners.get(&request.captioner) else {
            captioned.problem = format!("There is no captioner called {}.", request.captioner);
            return captioned;
        };
        // Collected first: a closure inside the stream would keep its future from being `Send`.
        let pictures = request.pictures.iter();
        let jobs: Vec<_> = pictures
            .map(|(number, picture)| self.one(captioner.as_ref(), &request, *number, picture))
            .collect();
        let mut results = stream::iter(jobs).buffered(AT_ONCE);
        while let Some((number, result)) = results.next().await {
            match result {
                Ok(caption) => captioned.captions.push((number, caption)),
                Err(error) => {
                    tracing::warn!(captioner = request.captioner, slot = %number, %error, "no caption");
                    if captioned.problem.is_empty() {
                        captioned.problem = error.message;
                    }
                }
            }
        }
        drop(results);
        captioned
    }

    async fn one(
        &self,
        captioner: &dyn Captioner,
        request: &wire::CaptionRequest,
        number: SlotNumber,
        picture: &BlobId,
    ) -> (SlotNumber, Result<Caption, CaptionError>) {
        let mut waits = WAITS.into_iter();
        loop {
            let result = self.attempt(captioner, request, picture).await;
            match (&result, waits.next()) {
                (Err(error), Some(wait)) if error.retryable => sleep(wait).await,
                _ => return (number, result),
            }
        }
    }

    async fn attempt(
        &self,
        captioner: &dyn Captioner,
        request: &wire::CaptionRequest,
        picture: &BlobId,
    ) -> Result<Caption, CaptionError> {
        let unreadable = |retryable| CaptionError {
            retryable,
            message: "A picture cannot be read any more.".to_owned(),
        };
        let image = match self.blobs.get(picture, PICTURE_BYTES).await {
            Ok(Some(image)) => image,
            Ok(None) => return Err(unreadable(false)),
            Err(error) => return Err(unreadable(error.is_retryable())),
        };
        captioner
            .caption(&CaptionRequest {
                image,
                trigger: request.trigger.clone(),
                class_word: request.class_word.clone(),
            })
            .await
    }
}

impl std::fmt::Debug for CaptionService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids: Vec<&String> = self.captioners.keys().collect();
        f.debug_struct("CaptionService")
            .field("captioners", &ids)
            .finish_non_exhaustive()
    }
}
