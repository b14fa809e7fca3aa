//! What every caption writer can do.

use async_trait::async_trait;
use bytes::Bytes;
use lorikeet_training::{Caption, Trigger};

/// A plugin that writes captions.
#[async_trait]
pub trait Captioner: Send + Sync {
    /// Its name in configuration and requests.
    fn id(&self) -> &str;

    /// Captions one picture: one line, without the trigger word.
    ///
    /// # Errors
    /// [`CaptionError`], which says whether a repeat makes sense.
    async fn caption(&self, request: &CaptionRequest) -> Result<Caption, CaptionError>;
}

/// A picture to caption.
#[derive(Clone, Debug)]
pub struct CaptionRequest {
    /// The normalised picture: PNG or JPEG.
    pub image: Bytes,
    /// The trigger word, for context; it must not be in the caption.
    pub trigger: Trigger,
    /// What kind of thing is trained ("cat", "watercolour style"); empty when unknown.
    pub class_word: String,
}

/// A caption that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct CaptionError {
    /// Whether to try again.
    pub retryable: bool,
    /// What happened, in a sentence for the person.
    pub message: String,
}
