//! The Redis store passes the suite of stores and keeps the guarantees on every schedule: on one server, on a cluster,
//! and through Sentinel.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lorikeet_store::conformance::Backend;
use lorikeet_store::{Limits, LockStore, ManualClock, SessionStore, Transcript, simulation};
use lorikeet_store_redis::{Options, RedisStore};

use crate::server;

/// A machine that has a lot to do loses no test; what becomes of late answers has tests of its own.
const LONG: Duration = Duration::from_secs(60);

struct Redis<const KIND: usize> {
    store: RedisStore,
    options: Options,
}

const KINDS: [&str; 3] = [
    "LORIKEET_TEST_REDIS",
    "LORIKEET_TEST_REDIS_CLUSTER",
    "LORIKEET_TEST_REDIS_SENTINEL",
];

fn open(kind: usize, options: &Options) -> RedisStore {
    RedisStore::new(&server::shared(KINDS[kind]), options.clone()).unwrap()
}

#[async_trait]
impl<const KIND: usize> Backend for Redis<KIND> {
    async fn open(clock: Arc<ManualClock>, limits: Limits) -> Self {
        let options = Options {
            prefix: server::fresh_prefix(),
            limits,
            answer: LONG,
            clock: Some(clock),
        };
        Self {
            store: open(KIND, &options),
            options,
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
        let store = open(KIND, &self.options);
        Self { store, ..self }
    }
}

async fn schedules(kind: usize, seeds: u64) {
    for seed in simulation::seeds(seeds) {
        let clock = Arc::new(ManualClock::new(simulation::START));
        let prefix = server::fresh_prefix();
        // Two connections: processes that know nothing of each other.
        let stores = [(); 2].map(|()| {
            let options = Options {
                prefix: prefix.clone(),
                limits: simulation::LIMITS,
                answer: LONG,
                clock: Some(Arc::clone(&clock) as _),
            };
            Arc::new(open(kind, &options)) as Arc<dyn SessionStore>
        });
        if let Err(violation) = simulation::run(&stores, &clock, seed).await {
            panic!("{violation}");
        }
    }
}

mod single {
    lorikeet_store::conformance!(crate::suite::Redis<0>);

    #[tokio::test]
    async fn every_schedule_keeps_the_guarantees() {
        crate::suite::schedules(0, 40).await;
    }
}

mod cluster {
    lorikeet_store::conformance!(crate::suite::Redis<1>);

    #[tokio::test]
    async fn every_schedule_keeps_the_guarantees() {
        crate::suite::schedules(1, 4).await;
    }
}

mod sentinel {
    lorikeet_store::conformance!(crate::suite::Redis<2>);

    #[tokio::test]
    async fn every_schedule_keeps_the_guarantees() {
        crate::suite::schedules(2, 4).await;
    }
}
