//! What a turn does: the border to the dialog, which the binary plugs in.

use async_trait::async_trait;
use lorikeet_chat::{Conversation, EffectBody, EffectId, Event, EventId, InvalidId, Timestamp};
use sha2::{Digest, Sha256};

/// Decides what one event does to one conversation.
///
/// A turn may be run again with the same input when its process dies before the commit, so it reads but does not
/// write: whatever changes the world is an effect.
#[async_trait]
pub trait Logic: Send + Sync {
    /// Runs one turn.
    ///
    /// # Errors
    /// [`LogicError`], which says whether to try again. After three tries [`Logic::apology`] takes its place.
    async fn turn(&self, input: TurnInput<'_>) -> Result<TurnOutput, LogicError>;

    /// What could be typed after a command, by what is there of it; the best first. Reads, and changes nothing.
    ///
    /// # Errors
    /// [`LogicError`] when a read failed.
    async fn suggest(
        &self,
        _conversation: &Conversation,
        _command: (&str, &str),
        _now: Timestamp,
    ) -> Result<Vec<String>, LogicError> {
        Ok(Vec::new())
    }

    /// What to say when [`Logic::turn`] cannot: the session stays as it was, the event is consumed. Does no I/O.
    fn apology(&self, input: TurnInput<'_>) -> TurnOutput;
}

/// What a turn starts from.
#[derive(Clone, Copy, Debug)]
pub struct TurnInput<'a> {
    /// Whose turn.
    pub conversation: &'a Conversation,
    /// The session as last committed; absent before the first turn.
    pub session: Option<&'a str>,
    /// Fencing generation of the turn, from which the session tag is made.
    pub generation: u64,
    /// Version of the session; 0 before the first turn.
    pub version: u64,
    /// What happened.
    pub event: &'a Event,
    /// The time now.
    pub now: Timestamp,
}

/// What a turn wants committed.
#[derive(Clone, Debug, PartialEq)]
pub struct TurnOutput {
    /// The session from now on.
    pub session: String,
    /// What is to be done, in order. Their ids are [`effect_id`]s.
    pub effects: Vec<EffectBody>,
}

/// A turn that could not be run.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct LogicError {
    /// Whether another try may work: a read failed.
    pub retry: bool,
    /// What happened, for the log; no words of people.
    pub message: String,
}

impl LogicError {
    /// Another try may work.
    pub fn retry(message: impl Into<String>) -> Self {
        Self {
            retry: true,
            message: message.into(),
        }
    }

    /// It will never work.
    pub fn permanent(message: impl Into<String>) -> Self {
        Self {
            retry: false,
            message: message.into(),
        }
    }
}

/// The id of a turn's effect number `ordinal`: 32 hex characters, the same whenever the event's turn is run.
///
/// # Errors
/// Never in practice: the id is always valid.
pub fn effect_id(
    conversation: &Conversation,
    event: &EventId,
    ordinal: usize,
) -> Result<EffectId, InvalidId> {
    let mut hash = Sha256::new();
    for part in [conversation.key().as_str(), event.as_str()] {
        // The length keeps neighbouring parts apart.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.update((ordinal as u64).to_le_bytes());
    EffectId::new(hex::encode(&hash.finalize()[..16]))
}
