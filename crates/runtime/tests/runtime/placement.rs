//! Adapters that may run in one process only.

use std::sync::atomic::Ordering;
use std::time::Duration;

use lorikeet_platform::{Failure, Placement};
use lorikeet_runtime::RunError;
use tokio::time::Instant;

use crate::support::{Method, Platform, TAKEOVER, World, pass, person, until};

fn running(platform: &Platform) -> usize {
    platform.running.load(Ordering::SeqCst)
}

#[tokio::test(start_paused = true)]
async fn an_adapter_for_anywhere_runs_everywhere() {
    let world = World::new();
    let _processes = [world.start(), world.start()];
    until("both", || running(&world.platform) == 2).await;
}

#[tokio::test(start_paused = true)]
async fn one_process_leads_and_delivers() {
    let world = World::placed(Placement::Leader);
    let first = world.start();
    until("the leader", || running(&world.platform) == 1).await;
    let second = world.start();
    pass(60).await;
    assert_eq!(world.platform.ran.load(Ordering::SeqCst), 1);
    // A turn anywhere, its delivery where the leader is.
    for n in 0..8 {
        second
            .says(&world, &person(&n.to_string()), "fresh hello")
            .await;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    pass(2).await;
    assert_eq!(world.platform.messages().len(), 8);
    let (first, second) = (first.runtime.counts(), second.runtime.counts());
    assert_eq!((second.turns, second.delivered, second.claimed), (8, 0, 0));
    assert_eq!((first.turns, first.delivered, first.claimed), (0, 8, 8));
}

#[tokio::test(start_paused = true)]
async fn a_standby_takes_over_from_the_dead() {
    let world = World::placed(Placement::Leader);
    let first = world.start();
    until("the leader", || running(&world.platform) == 1).await;
    let second = world.start();
    second
        .says(&world, &person("anna"), "nothing to show")
        .await;
    first.kill();
    until("its end", || running(&world.platform) == 0).await;
    second.says(&world, &person("anna"), "fresh hello").await;
    let begun = Instant::now();
    until("the successor", || running(&world.platform) == 1).await;
    assert!(begun.elapsed() <= TAKEOVER);
    until("the screen", || world.platform.shows("hello")).await;
    assert_eq!(second.runtime.counts().delivered, 1);
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_is_cut_off_stops_before_the_next_begins() {
    let world = World::placed(Placement::Leader);
    let first = world.start();
    until("the leader", || running(&world.platform) == 1).await;
    let _second = world.start();
    pass(5).await;
    first.faults.cut();
    let mut most = 0;
    until("the successor", || {
        most = most.max(running(&world.platform));
        world.platform.ran.load(Ordering::SeqCst) == 2
    })
    .await;
    assert_eq!(most, 1);
    first.faults.mend();
    pass(60).await;
    assert_eq!(running(&world.platform), 1);
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_stops_hands_over_at_once() {
    let world = World::placed(Placement::Leader);
    let first = world.start();
    until("the leader", || running(&world.platform) == 1).await;
    let _second = world.start();
    let begun = Instant::now();
    first.stop().await;
    until("the successor", || {
        world.platform.ran.load(Ordering::SeqCst) == 2
    })
    .await;
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "no lock had to run out"
    );
}

#[tokio::test(start_paused = true)]
async fn an_adapter_that_fails_for_now_is_run_again() {
    let world = World::new();
    let retry = Failure::Retry { after: None };
    world
        .platform
        .refusals
        .lock()
        .unwrap()
        .extend([retry, retry]);
    let _process = world.start();
    until("it runs", || running(&world.platform) == 1).await;
    assert_eq!(world.platform.ran.load(Ordering::SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn an_adapter_that_can_never_work_ends_the_process() {
    for placement in [Placement::Anywhere, Placement::Leader] {
        let world = World::placed(placement);
        world
            .platform
            .refusals
            .lock()
            .unwrap()
            .push_back(Failure::Permanent);
        let process = world.start();
        let error = process.ends().await.unwrap_err();
        assert!(
            matches!(&error, RunError::Adapter { platform, .. } if platform.as_str() == "fake")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_unreachable_lock_store_is_asked_again() {
    let world = World::placed(Placement::Leader);
    let process = world.start();
    process.faults.cut();
    pass(60).await;
    assert_eq!(running(&world.platform), 0);
    process.faults.mend();
    until("it runs", || running(&world.platform) == 1).await;
    assert!(process.faults.requests(Method::Lock) > 1);
}
