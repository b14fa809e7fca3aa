//! The repository in memory passes the suite.

use std::sync::Arc;

use async_trait::async_trait;
use lorikeet_store::ManualClock;
use lorikeet_training::Repository;
use lorikeet_training::conformance::Backend;
use lorikeet_training::memory::MemoryRepository;

struct Memory(MemoryRepository);

#[async_trait]
impl Backend for Memory {
    async fn open(clock: Arc<ManualClock>) -> Self {
        Self(MemoryRepository::new(clock))
    }

    // What is in memory outlives a restart only as another process's would: the records stay, the handle is new.
    async fn reopen(self) -> Self {
        Self(self.0.clone())
    }

    fn repository(&self) -> &dyn Repository {
        &self.0
    }
}

lorikeet_training::conformance!(Memory);
