//! Why a flow does not go on: a person's input is refused, data is missing, or the instance does not fit.

use crate::Rejection;

/// What the functions of a flow are given besides the state: reads, texts, the time. Opaque to the engine.
pub trait Context: 'static {
    /// What a function answers when it needs something the context does not hold yet. The caller loads it and calls
    /// again with the same arguments, which is safe because nothing has changed.
    ///
    /// To have `?` turn it into a [`Refusal`], implement `From<Wait> for Refusal<Wait>` beside the type.
    type Wait;
}

/// Why a check does not yield a value.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal<W> {
    /// The input is wrong.
    #[error("rejected: {}", .0.message.id)]
    Rejected(Rejection),
    /// Something has to be read first.
    #[error("waits for data")]
    Wait(W),
}

impl<W> From<Rejection> for Refusal<W> {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

/// Why the engine gives no new instance. The old one still stands, except after [`Restart`].
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Halt<W> {
    /// The input is refused: say why, show the same screen again.
    #[error("rejected: {}", .0.message.id)]
    Rejected(Rejection),
    /// Something has to be read first: read it, then ask again.
    #[error("waits for data")]
    Wait(W),
    /// The stored instance cannot be continued: say so politely and start the flow anew, or drop it.
    #[error(transparent)]
    Restart(Restart),
    /// The definition broke its own word, or its caller did: log it, keep the instance, apologise.
    #[error(transparent)]
    Fault(Fault),
}

/// Why a stored instance cannot be continued.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Restart {
    /// It belongs to another flow.
    #[error("stored for the flow `{0}`")]
    Flow(String),
    /// It is newer than the definition, or too old for the migrations there are.
    #[error("stored in version {stored}, the definition has version {current}")]
    Version {
        /// The instance's version.
        stored: u32,
        /// The definition's version.
        current: u32,
    },
    /// A migration gave it up.
    #[error("the migration from version {0} gave the instance up")]
    Migration(u32),
    /// The definition has no such step.
    #[error("stored at the unknown step `{0}`")]
    Step(String),
    /// The state does not read as the flow's state.
    #[error("the stored state does not fit: {0}")]
    State(String),
}

/// A mistake in a definition, or in how it is called, that shows only when it runs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A function took an exit that was not declared for it.
    #[error("`{from}` took the undeclared exit `{exit}`")]
    Exit {
        /// The step, or `start`.
        from: String,
        /// What the function asked for.
        exit: String,
    },
    /// The arguments of a start do not read as the flow's arguments.
    #[error("the arguments do not fit: {0}")]
    Arguments(String),
    /// The state cannot be written as JSON.
    #[error("the state cannot be stored: {0}")]
    State(String),
}

impl<W> From<Refusal<W>> for Halt<W> {
    fn from(refusal: Refusal<W>) -> Self {
        match refusal {
            Refusal::Rejected(rejection) => Self::Rejected(rejection),
            Refusal::Wait(wait) => Self::Wait(wait),
        }
    }
}

impl<W> From<Rejection> for Halt<W> {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl<W> From<Restart> for Halt<W> {
    fn from(restart: Restart) -> Self {
        Self::Restart(restart)
    }
}

impl<W> From<Fault> for Halt<W> {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}
