//! Stopping in good order.

use std::time::Duration;

use lorikeet_platform::{Accepted, Inbox as _};
use lorikeet_store::LEASE;
use tokio::time::Instant;

use crate::support::{Outcome, World, pass, person, until};

#[tokio::test(start_paused = true)]
async fn an_idle_process_stops_at_once() {
    let world = World::new();
    let process = world.start();
    process.says(&world, &person("anna"), "fresh hello").await;
    pass(5).await;
    assert!(process.stop().await < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_comes_to_its_end() {
    let world = World::new();
    let process = world.start();
    world.platform.next([Outcome::Slow(Duration::from_secs(5))]);
    process
        .says(&world, &person("anna"), "fresh one\nfresh two")
        .await;
    until("the call", || world.platform.calls().len() == 1).await;
    let took = process.stop().await;
    assert!((5..6).contains(&took.as_secs()), "{took:?}");
    assert_eq!(world.platform.messages(), ["one", "two"]);
}

#[tokio::test(start_paused = true)]
async fn a_restart_goes_on_at_once() {
    let world = World::new();
    let process = world.start();
    let anna = person("anna");
    world.logic.close();
    process.says(&world, &anna, "fresh one").await;
    until("the turn", || world.logic.tries() == 1).await;
    let runtime = std::sync::Arc::clone(&process.runtime);
    let (took, ()) = tokio::join!(process.stop(), async {
        pass(1).await;
        // Comes in too late for a turn here, but is kept.
        let accepted = runtime
            .accept(&person("bela"), world.text("fresh two"))
            .await;
        assert_eq!(accepted.unwrap(), Accepted::Accepted);
        world.logic.open();
    });
    assert!(took < Duration::from_secs(2));
    assert_eq!(world.platform.said(), ["one"]);
    let begun = Instant::now();
    let _next = world.start();
    until("the rest", || world.platform.shows("two")).await;
    assert!(begun.elapsed() < LEASE / 4, "no lease had to run out");
}

#[tokio::test(start_paused = true)]
async fn grace_has_an_end_and_loses_nothing() {
    let world = World::new();
    let process = world.start();
    process
        .says(&world, &person("anna"), "work bench slow a")
        .await;
    until("the job", || world.bench.calls().len() == 1).await;
    let took = process.stop().await;
    assert_eq!(took.as_secs(), world.settings.grace.as_secs());
    let _next = world.start();
    until("the result", || world.platform.shows("bench: a")).await;
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_platform_that_is_down() {
    let world = World::new();
    let process = world.start();
    world
        .platform
        .next([Outcome::Retry(Some(Duration::from_secs(60)))]);
    process.says(&world, &person("anna"), "fresh one").await;
    until("the call", || world.platform.calls().len() == 1).await;
    assert!(process.stop().await < Duration::from_secs(1));
    let begun = Instant::now();
    let _next = world.start();
    until("it", || world.platform.shows("one")).await;
    assert!(begun.elapsed() < LEASE / 4, "no lease had to run out");
}
