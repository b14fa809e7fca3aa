//! The store in memory passes the suite.

use std::sync::Arc;

use async_trait::async_trait;
use lorikeet_store::conformance::Backend;
use lorikeet_store::simulation::{self, Report};
use lorikeet_store::{Limits, LockStore, ManualClock, MemoryStore, SessionStore, Transcript};

struct Memory(MemoryStore);

#[async_trait]
impl Backend for Memory {
    async fn open(clock: Arc<ManualClock>, limits: Limits) -> Self {
        Self(MemoryStore::new(clock, limits))
    }

    fn sessions(&self) -> &dyn SessionStore {
        &self.0
    }

    fn locks(&self) -> &dyn LockStore {
        &self.0
    }

    fn transcript(&self) -> &dyn Transcript {
        &self.0
    }

    // What is in memory outlives a restart only as another process's would: the rows stay, the handle is new.
    async fn reopen(self) -> Self {
        Self(self.0.clone())
    }
}

lorikeet_store::conformance!(Memory);

#[tokio::test]
async fn every_schedule_keeps_the_guarantees() {
    let mut total = Report::default();
    let seeds = simulation::seeds(1_200);
    let usual = seeds.end - seeds.start >= 1_000;
    for seed in seeds {
        let clock = Arc::new(ManualClock::new(simulation::START));
        let own: Arc<ManualClock> = Arc::clone(&clock);
        let store: Arc<dyn SessionStore> = Arc::new(MemoryStore::new(own, simulation::LIMITS));
        match simulation::run(&[store], &clock, seed).await {
            Ok(report) => total = total.plus(report),
            Err(violation) => panic!("{violation}"),
        }
    }
    // Schedules in which nothing goes wrong would show nothing.
    if usual {
        assert!(total.kills > 1_000, "{total:?}");
        assert!(total.fenced > 500, "{total:?}");
        assert!(total.given_up > 200, "{total:?}");
        assert!(total.stale_calls > 50, "{total:?}");
        assert!(total.full > 500, "{total:?}");
        assert!(total.refused > 500, "{total:?}");
    }
}
