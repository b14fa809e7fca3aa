//! What can go wrong with the file, and what to do about it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lorikeet_store::StoreError;
use rusqlite::ErrorCode;

/// Why a file could not be opened. Every sentence names the file and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot be read or made.
    #[error(
        "cannot open the database {path}: {source}; check that the directory exists and may be written"
    )]
    Unreachable {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// It is not a SQLite database.
    #[error(
        "{path} is not a SQLite database; move it aside to start with an empty one, or restore a backup in its place"
    )]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// It is a database of something else.
    #[error("{path} is a SQLite database of another program; configure another path")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// It is damaged.
    #[error(
        "the database {path} is damaged ({detail}); restore a backup in its place, or move it aside together with \
         its -wal and -shm files to start with an empty one"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite found.
        detail: String,
    },
    /// A newer Lorikeet has written it.
    #[error(
        "the database {path} has schema {found}, and this version knows up to {known}; use a newer Lorikeet, or \
         restore the backup made before the upgrade"
    )]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema of this version.
        known: i64,
    },
    /// The disk is full.
    #[error("no room to open the database {path}: free some space on its disk")]
    OutOfSpace {
        /// The file.
        path: PathBuf,
    },
    /// Another process holds it.
    #[error("the database {path} is locked by another process: {source}")]
    Busy {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The disk cannot hold a database that several processes may open.
    #[error("{path} must lie on a local disk: SQLite cannot keep a write-ahead log there")]
    NoLog {
        /// The file.
        path: PathBuf,
    },
}

impl OpenError {
    pub(crate) fn new(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotADatabase { path },
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged {
                path,
                detail: source.to_string(),
            },
            Some(ErrorCode::DiskFull) => Self::OutOfSpace { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Busy { path, source }
            }
            _ => Self::Unreachable { path, source },
        }
    }
}

/// Why a call failed. All calls of a transaction share the failure of its commit, hence the clone.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// SQLite refused.
    Sqlite(Arc<rusqlite::Error>),
    /// A stored body cannot be read.
    Body(Arc<serde_json::Error>),
    /// A number does not fit, or a stored one makes no sense.
    Value(String),
    /// The writer thread has ended.
    Stopped,
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(Arc::new(error))
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Body(Arc::new(error))
    }
}

/// What a failure means to a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Unavailable,
    OutOfSpace,
    Damaged,
    Invalid,
}

impl Failure {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Sqlite(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => Kind::OutOfSpace,
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Kind::Damaged,
                Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig) => Kind::Invalid,
                Some(_) => Kind::Unavailable,
                // Not from the database: a column of an unexpected type.
                None => Kind::Damaged,
            },
            Self::Body(_) => Kind::Damaged,
            Self::Value(_) => Kind::Invalid,
            Self::Stopped => Kind::Unavailable,
        }
    }

    pub(crate) fn message(&self) -> String {
        match self {
            Self::Sqlite(error) => error.to_string(),
            Self::Body(error) => error.to_string(),
            Self::Value(message) => message.clone(),
            Self::Stopped => "the writer thread has ended".to_owned(),
        }
    }

    /// The failure in the words of the store traits.
    pub(crate) fn into_store_error(self, path: &Path) -> StoreError {
        let message = self.message();
        let kind = self.kind();
        let source: Option<Box<dyn std::error::Error + Send + Sync>> = match self {
            Self::Sqlite(error) => Some(Box::new(error)),
            Self::Body(error) => Some(Box::new(error)),
            Self::Value(_) | Self::Stopped => None,
        };
        match kind {
            Kind::Unavailable => StoreError::Unavailable { message, source },
            Kind::OutOfSpace => StoreError::OutOfSpace {
                place: format!("the disk of {}", path.display()),
                source,
            },
            Kind::Damaged => StoreError::Damaged {
                message: damaged(path, &message),
                source,
            },
            Kind::Invalid => StoreError::Invalid(message),
        }
    }
}

/// The sentence about a database that turned out damaged while it was used.
pub(crate) fn damaged(path: &Path, detail: &str) -> String {
    format!(
        "the database {} is damaged or was written by a newer version ({detail}); stop the bot and restore a backup",
        path.display()
    )
}
