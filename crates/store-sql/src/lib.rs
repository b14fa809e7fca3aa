//! Everything that must outlive the process: in one SQLite file on one machine, and with the feature `postgres` LoRAs
//! and runs in PostgreSQL for many processes.
//!
//! Owns the file: its schema and migrations, the one thread that writes it, and how rows hold what the store and
//! repository traits speak of. Does not own the turn protocol (the machine of lorikeet-store runs on these rows)
//! nor the rules of LoRAs and runs (training).
//!
//! One thread owns the connection. Calls queue up for it, and all that wait when it comes round share one
//! transaction, so many conversations at once cost few commits. Each call runs in a savepoint of its own: one that
//! fails takes no other with it. An answer is given only after its transaction is committed. The file is in WAL
//! mode with `synchronous = NORMAL`: a killed process loses nothing, a power cut perhaps the last moments.

mod columns;
mod error;
mod locks;
#[cfg(feature = "postgres")]
mod postgres;
mod records;
mod rows;
mod schema;
mod sessions;
mod transcript;
mod writer;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use lorikeet_store::{Clock, Limits};

pub use error::OpenError;
#[cfg(feature = "postgres")]
pub use postgres::{PostgresOpenError, PostgresOptions, PostgresRecords};

use self::writer::Writer;

/// A SQLite file that holds sessions, leases, mailboxes, outboxes, locks, transcripts, LoRAs and runs.
///
/// Clones share the connection; the file is closed when the last one is dropped. Several processes may open the
/// same file, as happens while one is restarted.
#[derive(Clone)]
pub struct SqlStore {
    writer: Arc<Writer>,
    limits: Limits,
}

impl SqlStore {
    /// Opens a file, or makes it, and brings it to the newest schema. The directory must exist, on a local disk.
    /// The file is read through once, which takes some seconds per gigabyte.
    ///
    /// # Errors
    /// [`OpenError`], whose sentence names the file and says what to do.
    pub fn open(path: &Path, clock: Arc<dyn Clock>, limits: Limits) -> Result<Self, OpenError> {
        let connection = schema::open(path)?;
        let writer = Writer::start(connection, path, clock)?;
        Ok(Self {
            writer: Arc::new(writer),
            limits,
        })
    }
}

impl fmt::Debug for SqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlStore")
            .field("path", &self.writer.path())
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
