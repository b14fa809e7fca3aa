//! The SQLite store passes the suite of repositories.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use lorikeet_store::{Limits, ManualClock};
use lorikeet_store_sql::SqlStore;
use lorikeet_training::Repository;
use lorikeet_training::conformance::Backend;
use tempfile::TempDir;

struct Sqlite {
    store: SqlStore,
    clock: Arc<ManualClock>,
    directory: TempDir,
}

fn open(directory: &TempDir, clock: &Arc<ManualClock>) -> SqlStore {
    let path: PathBuf = directory.path().join("lorikeet.db");
    let clock: Arc<ManualClock> = Arc::clone(clock);
    SqlStore::open(&path, clock, Limits::default()).unwrap()
}

#[async_trait]
impl Backend for Sqlite {
    async fn open(clock: Arc<ManualClock>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self {
            store: open(&directory, &clock),
            clock,
            directory,
        }
    }

    async fn reopen(self) -> Self {
        let Self {
            store,
            clock,
            directory,
        } = self;
        drop(store);
        Self {
            store: open(&directory, &clock),
            clock,
            directory,
        }
    }

    fn repository(&self) -> &dyn Repository {
        &self.store
    }
}

lorikeet_training::conformance!(Sqlite);
