//! What can go wrong with a store, and what to do about it.

type Source = Box<dyn std::error::Error + Send + Sync>;

/// A call that a store could not carry out. Nothing is known about whether it was carried out: repeat it with
/// the same arguments (every call answers a repeat with the first result).
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be reached just now, or another process holds it for too long.
    #[error("the store cannot be reached: {message}")]
    Unavailable {
        /// What happened.
        message: String,
        /// The backend's own error.
        #[source]
        source: Option<Source>,
    },
    /// There is no room to write; it works again once there is.
    #[error("the store is out of space: free some on {place}")]
    OutOfSpace {
        /// The disk or server that is full.
        place: String,
        /// The backend's own error.
        #[source]
        source: Option<Source>,
    },
    /// What is stored cannot be read. A person has to look at it.
    #[error("{message}")]
    Damaged {
        /// What is damaged and what to do about it.
        message: String,
        /// The backend's own error.
        #[source]
        source: Option<Source>,
    },
    /// The request makes no sense to this backend: a fault of the caller.
    #[error("the store refuses the request: {0}")]
    Invalid(String),
}

impl StoreError {
    /// Whether the same call may work later.
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::OutOfSpace { .. })
    }
}
