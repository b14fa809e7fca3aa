//! The store in memory passes the suite.

use std::sync::Arc;

use async_trait::async_trait;
use lorikeet_store::conformance::Backend;
use lorikeet_store::{Limits, ManualClock, MemoryStore};

struct Memory(MemoryStore);

#[async_trait]
impl Backend for Memory {
    type Store = MemoryStore;

    async fn open(clock: Arc<ManualClock>, limits: Limits) -> Self {
        Self(MemoryStore::new(clock, limits))
    }

    fn store(&self) -> &MemoryStore {
        &self.0
    }

    // What is in memory outlives a restart only as another process's would: the rows stay, the handle is new.
    async fn reopen(self) -> Self {
        Self(self.0.clone())
    }
}

lorikeet_store::conformance!(Memory);
