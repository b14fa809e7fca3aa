//! What can go wrong with blobs, sorted by what the caller can do about it.

use std::error::Error as StdError;
use std::io;

use lorikeet_chat::BlobId;

/// Where a stream's or a store's own error is kept.
type Source = Box<dyn StdError + Send + Sync>;

/// A store that cannot be opened. All of these are mistakes in the configuration.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address has a scheme this build does not know.
    #[error(
        "blobs are kept in a directory or in S3: give a path, file:// or s3://, not {scheme}://"
    )]
    UnsupportedScheme {
        /// The scheme, without `://`.
        scheme: String,
    },
    /// The address looks like a URL and is none, or names no local path.
    #[error("{address} is not a directory path or a file:// URL")]
    InvalidAddress {
        /// The address as given.
        address: String,
    },
    /// The address begins with `s3://` and is none of S3.
    #[error(
        "the address of the blobs is not one of S3 ({reason}); write s3://bucket/prefix?endpoint=https://host&region=name"
    )]
    S3Address {
        /// What is wrong with it.
        reason: String,
    },
    /// S3 was left out when this program was compiled.
    #[error("this program was built without S3; build it with --features full")]
    BuiltWithoutS3,
    /// The store does not answer, or refuses.
    #[error("blobs cannot be kept at {place}: {source}")]
    Unusable {
        /// The store, without credentials.
        place: String,
        /// What is wrong, and what to do.
        source: Source,
    },
    /// The directory cannot be created or entered.
    #[error("the blob directory {path} cannot be used")]
    Directory {
        /// The directory.
        path: String,
        /// Why.
        source: Source,
    },
}

/// An operation on blobs that failed.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// More bytes than allowed. Final: nothing was kept.
    #[error("more than {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The disk, or the quota on it, is full. Retrying helps once somebody has made room.
    #[error("no space left for blobs")]
    NoSpace {
        /// The store's words.
        source: Source,
    },
    /// The store did not answer, or refused: worth another try later.
    #[error("the blob store is unavailable")]
    Unavailable {
        /// The store's words.
        source: Source,
    },
    /// The stream being stored broke off. Whether to fetch it again is for whoever made it to say.
    #[error("the bytes to store broke off")]
    Incoming {
        /// The stream's error.
        source: Source,
    },
    /// What lies under this address has another content: the disk or somebody changed it.
    #[error("blob {id} is damaged")]
    Damaged {
        /// The address.
        id: BlobId,
    },
}

impl BlobError {
    /// Whether the same call may succeed later without anything else changing but the store.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::NoSpace { .. } | Self::Unavailable { .. })
    }

    /// What the store says, with what to do about it where that is known.
    pub(super) fn into_source(self) -> Source {
        match self {
            Self::NoSpace { source } | Self::Unavailable { source } | Self::Incoming { source } => {
                source
            }
            error => Box::new(error),
        }
    }
}

impl From<object_store::Error> for BlobError {
    fn from(error: object_store::Error) -> Self {
        if is_no_space(&error) {
            return Self::NoSpace {
                source: Box::new(error),
            };
        }
        #[cfg(feature = "s3")]
        if let Some(refusal) = super::refusal::Refusal::of(&error) {
            return Self::Unavailable {
                source: Box::new(refusal),
            };
        }
        Self::Unavailable {
            source: Box::new(error),
        }
    }
}

/// Looks for ENOSPC or EDQUOT anywhere below `error`: stores wrap the system's error several times.
fn is_no_space(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<io::Error>()
            && matches!(
                error.kind(),
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
            )
        {
            return true;
        }
        next = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot copy")]
    struct Wrapper(#[source] io::Error);

    fn from_system(error: io::Error) -> BlobError {
        BlobError::from(object_store::Error::Generic {
            store: "test",
            source: Box::new(Wrapper(error)),
        })
    }

    #[test]
    fn a_full_disk_is_told_from_an_unavailable_one() {
        let full = from_system(io::Error::from(io::ErrorKind::StorageFull));
        let quota = from_system(io::Error::from(io::ErrorKind::QuotaExceeded));
        let broken = from_system(io::Error::from(io::ErrorKind::PermissionDenied));

        assert!(matches!(full, BlobError::NoSpace { .. }));
        assert!(matches!(quota, BlobError::NoSpace { .. }));
        assert!(matches!(broken, BlobError::Unavailable { .. }));
    }
}
