//! From a stream of bytes to two blobs and a verdict.

use std::num::NonZeroUsize;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use lorikeet_chat::BlobId;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::picture::{self, DHash, Format, Limits, Mend, Picture, Refusal, Warning};
use crate::{BlobError, Blobs};

/// The largest normalised picture in bytes, with room to spare: uncompressed one has 12.6 million.
pub(crate) const MAX_NORMALISED: u64 = 32_000_000;

/// A picture that was taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ingested {
    /// Address of the original's bytes, which are not kept: equal for equal files.
    pub original_hash: BlobId,
    /// The original's size in bytes.
    pub size: u64,
    /// The normalised picture.
    pub image: BlobId,
    /// What the normalised picture is encoded as.
    pub format: Format,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// A small JPEG of it.
    pub thumbnail: BlobId,
    /// What it looks like.
    pub dhash: DHash,
    /// What to tell whoever sent it.
    pub warnings: Vec<Warning>,
}

/// A picture that was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The picture itself is the reason: tell whoever sent it. Final.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It could not be fetched (or, in a process that shuts down, looked at) to the end. Whether to try again is for whoever made the stream to say.
    #[error("the picture's bytes broke off")]
    Incoming {
        /// The stream's error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The result could not be stored; see [`BlobError::is_retryable`].
    #[error(transparent)]
    Blob(#[from] BlobError),
}

/// Takes pictures in, a few at a time. Clones share the count.
#[derive(Clone, Debug)]
pub struct Intake {
    blobs: Blobs,
    decodes: Arc<Semaphore>,
}

impl Intake {
    /// An intake into `blobs` that decodes at most `decodes` pictures at once, whoever asks. With the default
    /// [`Limits`] one decode needs well below 100 MB for a phone's photo and up to 600 MB for the worst file allowed.
    pub fn new(blobs: Blobs, decodes: NonZeroUsize) -> Self {
        Self {
            blobs,
            decodes: Arc::new(Semaphore::new(decodes.get())),
        }
    }

    /// Fetches, judges, normalises and stores one picture.
    ///
    /// Up to [`Limits::max_bytes`] are held while it waits for its turn: the caller bounds how many wait, and how
    /// slow a stream may be. When this is dropped half-way the most that stays behind is a blob nobody refers to.
    ///
    /// # Errors
    /// Why it was not taken in.
    pub async fn take<S, E>(&self, stream: S, limits: &Limits) -> Result<Ingested, IntakeError>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let bytes = collect(stream, limits.max_bytes).await?;
        self.take_bytes(bytes, limits).await
    }

    /// As [`Intake::take`], for bytes that are there already.
    ///
    /// # Errors
    /// As [`Intake::take`].
    pub async fn take_bytes(&self, bytes: Bytes, limits: &Limits) -> Result<Ingested, IntakeError> {
        let size = bytes.len() as u64;
        let limits = limits.clone();
        let work = move || picture::inspect(&bytes, &limits);
        let picture = self.decode(work).await?;
        self.keep(size, picture).await
    }

    async fn keep(&self, size: u64, picture: Picture) -> Result<Ingested, IntakeError> {
        let image = self.blobs.put(picture.image).await?;
        let thumbnail = self.blobs.put(picture.thumbnail).await?;
        Ok(Ingested {
            original_hash: picture.original_hash,
            size,
            image: image.id,
            format: picture.format,
            width: picture.width,
            height: picture.height,
            thumbnail: thumbnail.id,
            dhash: picture.dhash,
            warnings: picture.warnings,
        })
    }

    /// Makes another picture of a normalised one and stores it; `None` when that one is not there any more.
    ///
    /// # Errors
    /// As [`Intake::take`].
    pub async fn mend(
        &self,
        image: &BlobId,
        how: Mend,
        limits: &Limits,
    ) -> Result<Option<Ingested>, IntakeError> {
        let Some(bytes) = self.blobs.get(image, MAX_NORMALISED).await? else {
            return Ok(None);
        };
        let size = bytes.len() as u64;
        let limits = limits.clone();
        let work = move || picture::mend(&bytes, how, &limits);
        let mended = self.decode(work).await?;
        Ok(Some(self.keep(size, mended).await?))
    }

    async fn decode(
        &self,
        work: impl FnOnce() -> Result<Picture, Refusal> + Send + 'static,
    ) -> Result<Picture, IntakeError> {
        // The semaphore is never closed, so there is always a permit in the end.
        let permit = Arc::clone(&self.decodes).acquire_owned().await;
        let inspected = tokio::task::spawn_blocking(move || {
            // Held by the work, not by who waits for it: a dropped caller does not stop the decoder.
            let _permit = permit;
            work()
        });
        match inspected.await {
            Ok(verdict) => Ok(verdict?),
            // A decoder that panics has met a file that is wrong in a way nobody thought of.
            Err(error) if error.is_panic() => Err(Refusal::Corrupt.into()),
            // The process is being shut down; nothing was said about the picture.
            Err(error) => Err(IntakeError::Incoming {
                source: error.into(),
            }),
        }
    }
}

async fn collect<S, E>(stream: S, limit: u64) -> Result<Bytes, IntakeError>
where
    S: Stream<Item = Result<Bytes, E>>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut stream = std::pin::pin!(stream);
    let mut bytes = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|e| IntakeError::Incoming { source: e.into() })?;
        let size = bytes.len() as u64 + chunk.len() as u64;
        if size > limit {
            return Err(Refusal::TooManyBytes { size, limit }.into());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}
