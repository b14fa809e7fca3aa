//! What can go wrong at the border, and what to do about it.

use std::time::Duration;

/// Whether a repeat makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It may work later; `after` is what the platform asked for, if it did.
    Retry {
        /// Earliest moment of the next try, from now.
        after: Option<Duration>,
    },
    /// It will never work: the room is gone, the payload refused.
    Permanent,
}

/// A platform call that failed.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct DeliveryError {
    /// Whether to try again.
    pub failure: Failure,
    /// What happened, for the log and the operator; never carries a token or a person's words.
    pub message: String,
    /// The SDK's error underneath.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl DeliveryError {
    /// It may work later.
    pub fn retry(message: impl Into<String>) -> Self {
        Self {
            failure: Failure::Retry { after: None },
            message: message.into(),
            source: None,
        }
    }

    /// It will never work.
    pub fn permanent(message: impl Into<String>) -> Self {
        Self {
            failure: Failure::Permanent,
            message: message.into(),
            source: None,
        }
    }

    /// The same with the error underneath.
    #[must_use]
    pub fn because(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }
}

/// The store behind the inbox could not take an event.
#[derive(Debug, thiserror::Error)]
#[error("the event could not be stored: {0}")]
pub struct InboxError(pub String);
