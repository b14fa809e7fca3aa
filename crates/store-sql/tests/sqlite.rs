//! The SQLite store passes the suite.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use lorikeet_store::conformance::Backend;
use lorikeet_store::{Limits, ManualClock};
use lorikeet_store_sql::SqlStore;
use tempfile::TempDir;

struct Sqlite {
    store: SqlStore,
    clock: Arc<ManualClock>,
    limits: Limits,
    directory: TempDir,
}

fn file(directory: &TempDir) -> PathBuf {
    directory.path().join("lorikeet.db")
}

#[async_trait]
impl Backend for Sqlite {
    type Store = SqlStore;

    async fn open(clock: Arc<ManualClock>, limits: Limits) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let own: Arc<ManualClock> = Arc::clone(&clock);
        Self {
            store: SqlStore::open(&file(&directory), own, limits).unwrap(),
            clock,
            limits,
            directory,
        }
    }

    fn store(&self) -> &SqlStore {
        &self.store
    }

    async fn reopen(self) -> Self {
        let Self {
            store,
            clock,
            limits,
            directory,
        } = self;
        drop(store);
        let own: Arc<ManualClock> = Arc::clone(&clock);
        Self {
            store: SqlStore::open(&file(&directory), own, limits).unwrap(),
            clock,
            limits,
            directory,
        }
    }
}

lorikeet_store::conformance!(Sqlite);
