//! Claims of many processes, on the database's own clock.

use std::collections::BTreeMap;
use std::time::Duration;

use lorikeet_training::{Claimable, ClaimedRun, Repository, RunId};
use tokio::task::JoinSet;

use crate::kit::{Own, connect, engine, number, queued, sql};

const HOUR: Duration = Duration::from_secs(3_600);

/// Eight workers that claim until there is nothing left, each with connections of its own.
async fn claim_all(url: &str) -> Vec<ClaimedRun> {
    let mut workers = JoinSet::new();
    for _ in 0..8 {
        let records = connect(url).await;
        workers.spawn(async move {
            let engines = [engine()];
            let mut claimed = Vec::new();
            while let Some(run) = records
                .claim_run(Claimable::Of(&engines), HOUR)
                .await
                .unwrap()
            {
                claimed.push(run);
            }
            claimed
        });
    }
    workers.join_all().await.into_iter().flatten().collect()
}

fn by_run(claims: Vec<ClaimedRun>) -> BTreeMap<RunId, u64> {
    let claims = claims.into_iter();
    claims
        .map(|claim| (claim.run.id, claim.generation))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_workers_claim_two_hundred_runs_once_each() {
    let place = Own::schema().await;
    let records = connect(&place.url).await;
    for n in 1..=200 {
        queued(&records, n).await;
    }
    let first = claim_all(&place.url).await;
    assert_eq!(first.len(), 200);
    let first = by_run(first);
    assert_eq!(first.len(), 200, "a run was claimed twice");

    // As if the hour were over.
    sql(&place.url, "UPDATE runs SET claimed_until = 1").await;
    let second = claim_all(&place.url).await;
    assert_eq!(second.len(), 200);
    let second = by_run(second);
    assert_eq!(second.len(), 200, "a run was claimed twice");
    for (run, generation) in second {
        assert!(generation > first[&run]);
    }
}

#[tokio::test]
async fn leases_are_measured_by_the_clock_of_the_database() {
    let place = Own::schema().await;
    let records = connect(&place.url).await;
    let run = queued(&records, 1).await;
    let engines = [engine()];
    let now = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
    let until = "SELECT claimed_until FROM runs";
    let hour = i64::try_from(HOUR.as_micros()).unwrap();

    let before = number(&place.url, now).await;
    let claimed = records
        .claim_run(Claimable::Of(&engines), HOUR)
        .await
        .unwrap()
        .unwrap();
    let after = number(&place.url, now).await;
    let claimed_until = number(&place.url, until).await;
    assert!((before + hour..=after + hour).contains(&claimed_until));
    assert!(claimed.generation >= before.cast_unsigned());

    let beat = records
        .heartbeat(&run.id, claimed.generation, 2 * HOUR)
        .await;
    assert_eq!(beat.unwrap(), Some(false));
    let last = number(&place.url, now).await;
    let claimed_until = number(&place.url, until).await;
    assert!((after + 2 * hour..=last + 2 * hour).contains(&claimed_until));
}

#[tokio::test]
async fn a_lease_may_be_for_ever() {
    let place = Own::schema().await;
    let records = connect(&place.url).await;
    queued(&records, 1).await;
    let engines = [engine()];
    let which = Claimable::Of(&engines);
    let claimed = records.claim_run(which, Duration::MAX).await.unwrap();
    assert!(claimed.is_some());
    assert_eq!(records.claim_run(which, HOUR).await.unwrap(), None);
    let orphaned = Claimable::Orphaned {
        engines: &[],
        unchanged_for: Duration::MAX,
    };
    assert_eq!(records.claim_run(orphaned, HOUR).await.unwrap(), None);
}
