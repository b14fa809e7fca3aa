//! What can go wrong with a PostgreSQL server, and what to do about it. No sentence holds a password.

use std::borrow::Cow;
use std::io::ErrorKind;

use lorikeet_training::RepositoryError;
use sqlx::Error;

use crate::error::Failure as ColumnFailure;

/// Why records in PostgreSQL could not be opened. Every sentence names the place and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum PostgresOpenError {
    /// The address is none.
    #[error(
        "the address of the database is not one of PostgreSQL ({reason}); write \
         postgres://user:password@host:5432/database?sslmode=require, with what is neither letter nor digit in the \
         password percent-encoded"
    )]
    Address {
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody answers there.
    #[error(
        "cannot reach PostgreSQL at {place}: {detail}; check host and port, and that the server runs"
    )]
    Unreachable {
        /// Host, port and database.
        place: String,
        /// What the system says.
        detail: String,
    },
    /// No connection with TLS came about.
    #[error(
        "cannot talk TLS with PostgreSQL at {place}: {detail}; check sslmode, and sslrootcert when the certificate \
         is of an authority of your own"
    )]
    Tls {
        /// Host, port and database.
        place: String,
        /// What went wrong.
        detail: String,
    },
    /// User or password are wrong, or the user may not connect.
    #[error(
        "PostgreSQL at {place} refuses the user {user}: {detail}; check user and password in the address, that the \
         role exists, and pg_hba.conf"
    )]
    Refused {
        /// Host, port and database.
        place: String,
        /// The user.
        user: String,
        /// What the server says.
        detail: String,
    },
    /// There is no such database.
    #[error(
        "PostgreSQL at {place} has no such database; make it: createdb --owner={user} {database}"
    )]
    NoDatabase {
        /// Host, port and database.
        place: String,
        /// The user.
        user: String,
        /// The database.
        database: String,
    },
    /// The server's version is too old.
    #[error(
        "PostgreSQL at {place} has version {found}; at least {needed} is needed: upgrade the server"
    )]
    TooOld {
        /// Host, port and database.
        place: String,
        /// Its version.
        found: String,
        /// The oldest version that will do.
        needed: i32,
    },
    /// The database cannot hold every text.
    #[error(
        "the database at {place} has the encoding {found}; make one that holds every text: createdb --encoding=UTF8 \
         --template=template0"
    )]
    Encoding {
        /// Host, port and database.
        place: String,
        /// Its encoding.
        found: String,
    },
    /// It cannot be written.
    #[error(
        "PostgreSQL at {place} can only be read: it is a standby, or set so; point the address at the primary"
    )]
    ReadOnly {
        /// Host, port and database.
        place: String,
    },
    /// The user may not make tables, or not use those that are there.
    #[error(
        "the user {user} has too few rights at {place} ({detail}); make it the owner: ALTER DATABASE … OWNER TO {user}"
    )]
    NoRights {
        /// Host, port and database.
        place: String,
        /// The user.
        user: String,
        /// What the server says.
        detail: String,
    },
    /// There are tables of another program.
    #[error(
        "the database at {place} has tables of another program ({detail}); configure an empty database, or a schema \
         of its own: …?options=-csearch_path=lorikeet"
    )]
    Foreign {
        /// Host, port and database.
        place: String,
        /// What the server says.
        detail: String,
    },
    /// The schema that the address names is not there.
    #[error("the database at {place} lacks the schema to use ({detail}); make it: CREATE SCHEMA …")]
    NoSchema {
        /// Host, port and database.
        place: String,
        /// What the server says.
        detail: String,
    },
    /// A newer Lorikeet has written it.
    #[error(
        "the database at {place} has schema {found}, and this version knows up to {known}; use a newer Lorikeet, or \
         restore the backup made before the upgrade"
    )]
    NewerSchema {
        /// Host, port and database.
        place: String,
        /// Its schema.
        found: i64,
        /// The newest schema of this version.
        known: i64,
    },
    /// The server's disk is full.
    #[error("no room on the disk of PostgreSQL at {place}: free some space there")]
    OutOfSpace {
        /// Host, port and database.
        place: String,
    },
    /// It is there and does not serve now.
    #[error("PostgreSQL at {place} is busy: {detail}; try again in a moment")]
    Busy {
        /// Host, port and database.
        place: String,
        /// What the server says.
        detail: String,
    },
    /// Anything else.
    #[error("PostgreSQL at {place} cannot be used: {detail}")]
    Unusable {
        /// Host, port and database.
        place: String,
        /// What the server says.
        detail: String,
    },
}

/// Where the records are, as sentences name it: without the password.
#[derive(Clone, Debug)]
pub(super) struct Address {
    pub(super) place: String,
    pub(super) user: String,
    pub(super) database: String,
}

impl Address {
    pub(super) fn open_error(&self, error: &Error) -> PostgresOpenError {
        let (place, user) = (self.place.clone(), self.user.clone());
        let detail = words(error);
        match error {
            Error::Configuration(_) => PostgresOpenError::Address { reason: detail },
            // Where the certificate is refused, the driver says that the data it reads is not valid.
            Error::Io(error) if error.kind() == ErrorKind::InvalidData => {
                PostgresOpenError::Tls { place, detail }
            }
            Error::Io(_) | Error::PoolTimedOut => PostgresOpenError::Unreachable { place, detail },
            Error::Tls(_) => PostgresOpenError::Tls { place, detail },
            _ => match code(error).as_deref().unwrap_or_default() {
                "28000" | "28P01" => PostgresOpenError::Refused {
                    place,
                    user,
                    detail,
                },
                "3D000" => PostgresOpenError::NoDatabase {
                    place,
                    user,
                    database: self.database.clone(),
                },
                "25006" => PostgresOpenError::ReadOnly { place },
                "42501" => PostgresOpenError::NoRights {
                    place,
                    user,
                    detail,
                },
                "3F000" => PostgresOpenError::NoSchema { place, detail },
                "42P07" | "42710" => PostgresOpenError::Foreign { place, detail },
                "53100" => PostgresOpenError::OutOfSpace { place },
                code if is_passing(code) => PostgresOpenError::Busy { place, detail },
                _ => PostgresOpenError::Unusable { place, detail },
            },
        }
    }
}

/// Why a call failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The driver or the server.
    Sql(Error),
    /// No answer in time.
    Slow,
    /// What a column holds makes no sense, or does not fit one.
    Column(ColumnFailure),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Sql(error)
    }
}

impl From<ColumnFailure> for Failure {
    fn from(failure: ColumnFailure) -> Self {
        Self::Column(failure)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Column(error.into())
    }
}

impl Failure {
    /// Whether the server took back what was done because of somebody else's work, so that doing it again is right.
    pub(super) fn is_conflict(&self) -> bool {
        let Self::Sql(error) = self else {
            return false;
        };
        // Serialization, deadlock, and a row that somebody else has just inserted: the next try finds it.
        matches!(code(error).as_deref(), Some("40001" | "40P01" | "23505"))
    }

    /// The failure in the words of the border.
    pub(super) fn into_repository_error(self, place: &str) -> RepositoryError {
        let failed = |retryable, message| RepositoryError {
            retryable,
            no_space: false,
            message,
        };
        let unavailable = |detail: &str| {
            let message = format!("PostgreSQL at {place} is not available: {detail}");
            failed(true, message)
        };
        let damaged = |detail: &str| {
            let message = format!(
                "the database at {place} is damaged or was written by a newer version ({detail}); stop the bot and \
                 restore a backup"
            );
            failed(false, message)
        };
        let error = match self {
            Self::Slow => return unavailable("it did not answer in time"),
            Self::Column(ColumnFailure::Body(error)) => return damaged(&error.to_string()),
            Self::Column(failure) => return failed(false, failure.message()),
            Self::Sql(error) => error,
        };
        let detail = words(&error);
        let Some(code) = code(&error) else {
            return match error {
                Error::ColumnDecode { .. } | Error::Decode(_) => damaged(&detail),
                _ => unavailable(&detail),
            };
        };
        match &*code {
            "53100" => RepositoryError {
                retryable: true,
                no_space: true,
                message: format!(
                    "no room on the disk of PostgreSQL at {place} ({detail}): free some space there"
                ),
            },
            "25006" => failed(
                true,
                format!(
                    "PostgreSQL at {place} can only be read: it is a standby, or set so; point the address at the \
                     primary ({detail})"
                ),
            ),
            "53300" => failed(
                true,
                format!(
                    "PostgreSQL at {place} has too many connections ({detail}): raise its max_connections, or lower \
                     the number of connections of the bot's processes"
                ),
            ),
            // No such table: somebody has taken them away.
            "42P01" | "XX001" | "XX002" => damaged(&detail),
            // Values that do not fit, rules broken, statements it does not know.
            code if ["22", "23", "42"].contains(&code.get(..2).unwrap_or_default()) => {
                failed(false, format!("PostgreSQL at {place} refuses: {detail}"))
            }
            // Shut down, started up, refused or out of something: an operator mends it, and the call is right.
            _ => unavailable(&detail),
        }
    }
}

/// Conditions that pass by themselves: starting up, shutting down, out of connections, locked, cancelled.
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
fn is_passing(code: &str) -> bool {
    ["08", "53", "55", "57", "40"].contains(&code.get(..2).unwrap_or_default())
}

fn code(error: &Error) -> Option<Cow<'_, str>> {
    error.as_database_error()?.code()
}

/// What the server or the driver says, in one line.
fn words(error: &Error) -> String {
    match error {
        Error::Database(error) => error.message().to_owned(),
        Error::Io(error) => error.to_string(),
        Error::Tls(error) | Error::Configuration(error) => error.to_string(),
        Error::PoolTimedOut => "no connection came about in time".to_owned(),
        error => error.to_string(),
    }
}
