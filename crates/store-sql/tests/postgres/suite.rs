//! The suite of repositories, on a clock moved by hand.

use std::sync::Arc;

use async_trait::async_trait;
use lorikeet_store::ManualClock;
use lorikeet_store_sql::{PostgresOptions, PostgresRecords};
use lorikeet_training::Repository;
use lorikeet_training::conformance::Backend;

use crate::kit::Own;

struct Postgres {
    records: PostgresRecords,
    clock: Arc<ManualClock>,
    place: Own,
}

async fn connect(place: &Own, clock: &Arc<ManualClock>) -> PostgresRecords {
    let clock: Arc<ManualClock> = Arc::clone(clock);
    let options = PostgresOptions {
        clock: Some(clock),
        patience: std::time::Duration::from_secs(60),
        ..PostgresOptions::default()
    };
    PostgresRecords::connect(&place.url, options).await.unwrap()
}

#[async_trait]
impl Backend for Postgres {
    async fn open(clock: Arc<ManualClock>) -> Self {
        let place = Own::schema().await;
        Self {
            records: connect(&place, &clock).await,
            clock,
            place,
        }
    }

    async fn reopen(self) -> Self {
        let Self {
            records,
            clock,
            place,
        } = self;
        drop(records);
        Self {
            records: connect(&place, &clock).await,
            clock,
            place,
        }
    }

    fn repository(&self) -> &dyn Repository {
        &self.records
    }
}

lorikeet_training::conformance!(Postgres);
