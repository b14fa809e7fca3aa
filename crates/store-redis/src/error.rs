//! What Redis refuses, in words for people.

use lorikeet_store::StoreError;
use redis::{ErrorKind, RedisError, ServerErrorKind};

/// A Redis that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct OpenError {
    /// Whether it may work later without anybody doing anything: it cannot be reached just now.
    pub retryable: bool,
    /// Which server, what is wrong and what to do.
    pub message: String,
}

impl OpenError {
    pub(crate) fn fatal(message: impl Into<String>) -> Self {
        Self {
            retryable: false,
            message: message.into(),
        }
    }

    pub(crate) fn of(place: &str, error: &RedisError) -> Self {
        Self {
            retryable: !is_refusal(error),
            message: sentence(place, error),
        }
    }
}

/// What a call that failed means to its caller.
pub(crate) fn store_error(place: &str, error: RedisError) -> StoreError {
    let message = sentence(place, &error);
    let source = Some(Box::new(error.clone()) as _);
    match error.kind() {
        _ if error.code() == Some("OOM") => StoreError::OutOfSpace {
            place: format!("the Redis at {place} (or raise its maxmemory)"),
            source,
        },
        // A script that ran into something it does not expect: a key of another type, above all.
        ErrorKind::Server(ServerErrorKind::ResponseError | ServerErrorKind::CrossSlot)
            if !is_refusal(&error) =>
        {
            StoreError::Damaged { message, source }
        }
        ErrorKind::Extension if error.code() == Some("WRONGTYPE") => {
            StoreError::Damaged { message, source }
        }
        _ => StoreError::Unavailable { message, source },
    }
}

/// Whether the server refuses us, as opposed to being away.
fn is_refusal(error: &RedisError) -> bool {
    matches!(
        error.kind(),
        ErrorKind::AuthenticationFailed
            | ErrorKind::InvalidClientConfig
            | ErrorKind::Server(ServerErrorKind::NoPerm)
    ) || matches!(error.code(), Some("NOAUTH" | "WRONGPASS"))
        || says(error, "DB index is out of range")
        || says(error, "without any password configured")
        || is_distrusted(error)
}

/// Whether TLS does not come about because nobody vouches for the server.
fn is_distrusted(error: &RedisError) -> bool {
    error.is_io_error() && says(error, "invalid peer certificate")
}

fn says(error: &RedisError, words: &str) -> bool {
    error.detail().is_some_and(|detail| detail.contains(words)) || error.to_string().contains(words)
}

fn sentence(place: &str, error: &RedisError) -> String {
    match (error.kind(), error.code()) {
        _ if says(error, "DB index is out of range") => format!(
            "the Redis at {place} has no database of this number; name another one at the end of [store] url"
        ),
        (_, Some("NOAUTH")) => {
            format!("the Redis at {place} wants a password; put it into [store] url")
        }
        (ErrorKind::Server(ServerErrorKind::NoPerm), _) => format!(
            "the Redis at {place} does not allow this user what the bot needs ({}); see docs/redis-keys.md for the rights",
            error.detail().unwrap_or("NOPERM")
        ),
        (ErrorKind::AuthenticationFailed, _) | (_, Some("WRONGPASS")) => {
            format!("the Redis at {place} refuses the user or password in [store] url")
        }
        (ErrorKind::Server(ServerErrorKind::ReadOnly), _) => format!(
            "the Redis at {place} is a read-only replica; name the primary in [store] url, or use Sentinel"
        ),
        (ErrorKind::Server(ServerErrorKind::BusyLoading), _) => {
            format!("the Redis at {place} is still loading its data")
        }
        (ErrorKind::Server(ServerErrorKind::MasterDown | ServerErrorKind::ClusterDown), _) => {
            format!("the Redis at {place} has lost its primary")
        }
        (ErrorKind::MasterNameNotFoundBySentinel, _) => format!(
            "the Sentinels at {place} know no primary of this name; name it at the end of [store] url"
        ),
        (_, Some("OOM")) => {
            format!("the Redis at {place} is out of memory: raise its maxmemory")
        }
        (_, Some("MISCONF")) => format!(
            "the Redis at {place} takes no writes because it cannot save to its disk; make room there"
        ),
        _ if is_distrusted(error) => format!(
            "the Redis at {place} shows a certificate that this machine does not trust ({error}); install its authority, or \
             name the authority's file in SSL_CERT_FILE"
        ),
        _ if error.is_timeout() => format!("the Redis at {place} gave no answer in time"),
        (ErrorKind::Io | ErrorKind::ClusterConnectionNotFound, _) => {
            format!("the Redis at {place} cannot be reached: {error}")
        }
        _ => format!("the Redis at {place} answered: {error}"),
    }
}
