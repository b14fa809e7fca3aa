//! The SQLite store passes the suite of stores and keeps the guarantees on every schedule.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use lorikeet_store::conformance::Backend;
use lorikeet_store::simulation;
use lorikeet_store::{Limits, LockStore, ManualClock, SessionStore, Transcript};
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

    fn sessions(&self) -> &dyn SessionStore {
        &self.store
    }

    fn locks(&self) -> &dyn LockStore {
        &self.store
    }

    fn transcript(&self) -> &dyn Transcript {
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

#[tokio::test]
async fn every_schedule_keeps_the_guarantees() {
    for seed in simulation::seeds(40) {
        let clock = Arc::new(ManualClock::new(simulation::START));
        let directory = tempfile::tempdir().unwrap();
        // Two handles on one file: processes that know nothing of each other.
        let stores = [(); 2].map(|()| {
            let own: Arc<ManualClock> = Arc::clone(&clock);
            let store = SqlStore::open(&file(&directory), own, simulation::LIMITS).unwrap();
            Arc::new(store) as Arc<dyn SessionStore>
        });
        if let Err(violation) = simulation::run(&stores, &clock, seed).await {
            panic!("{violation}");
        }
    }
}
