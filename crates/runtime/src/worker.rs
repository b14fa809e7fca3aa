//! Services that do what turns ask for, apart from showing screens.

use std::time::Duration;

use async_trait::async_trait;
use lorikeet_chat::{Background, Conversation, EffectId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A service that carries out [`EffectBody::Work`](lorikeet_chat::EffectBody) effects.
#[async_trait]
pub trait Worker: Send + Sync {
    /// The name that effects call it by.
    fn service(&self) -> &str;

    /// Does one job. May be called again with the same job, also by another process, when the first call's outcome
    /// was not recorded; its result is recorded once. Dropped in the middle when the right to it is lost.
    ///
    /// # Errors
    /// [`WorkError`]. A permanent one, or a retried one once patience runs out, goes to the conversation as
    /// [`FailedWork`].
    async fn perform(&self, job: Job<'_>) -> Result<Option<Background>, WorkError>;
}

/// One thing to do.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The effect's id: the idempotency key.
    pub effect: &'a EffectId,
    /// For whom.
    pub conversation: &'a Conversation,
    /// What, in the service's own type.
    pub request: &'a Value,
}

/// A job that failed.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct WorkError {
    /// Whether to try again, and how soon at the earliest; absent when it will never work.
    pub retry: Option<Duration>,
    /// Names the reason for the flow, should it be told: lower case with underscores.
    pub code: &'static str,
    /// What happened, for the log; no words of people.
    pub message: String,
}

impl WorkError {
    /// It may work later, `after` at the earliest (zero: when the runtime thinks fit).
    pub fn retry(after: Duration, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            retry: Some(after),
            code,
            message: message.into(),
        }
    }

    /// It will never work.
    pub fn permanent(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            retry: None,
            code,
            message: message.into(),
        }
    }
}

/// The result of a job that failed for good: the payload of a [`Background`] with topic `<service>.failed`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FailedWork {
    /// Why: the [`WorkError::code`], `panicked` or `unknown_service`.
    pub code: String,
    /// The request as it was, so that the flow knows which.
    pub request: Value,
}

impl FailedWork {
    /// The topic under which a service's failures arrive.
    pub fn topic(service: &str) -> String {
        format!("{service}.failed")
    }
}
