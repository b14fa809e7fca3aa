//! What processes tell one another, with sweeps too rare to help.

use std::sync::Arc;
use std::time::Duration;

use lorikeet_platform::Placement;
use lorikeet_store::LEASE;
use tokio::time::Instant;

use crate::support::{Outcome, World, pass, person, until};

/// A world whose sweeps come once an hour, after a first look round.
fn world(placement: Placement) -> World {
    let mut world = World::placed(placement);
    world.settings.sweep_every = Duration::from_secs(3600);
    world.signals = Some(Arc::default());
    world
}

#[tokio::test(start_paused = true)]
async fn the_leader_hears_of_what_others_committed() {
    let world = world(Placement::Leader);
    let leader = world.start();
    pass(10).await;
    let other = world.start();
    pass(10).await;
    let begun = Instant::now();
    other.says(&world, &person("anna"), "fresh hello").await;
    until("the screen", || world.platform.shows("hello")).await;
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert_eq!(other.runtime.counts().delivered, 0);
    assert_eq!(leader.runtime.counts().delivered, 1);
}

#[tokio::test(start_paused = true)]
async fn who_stops_hands_over() {
    let world = world(Placement::Anywhere);
    let stopping = world.start();
    world
        .platform
        .next([Outcome::Retry(Some(Duration::from_secs(60)))]);
    stopping.says(&world, &person("anna"), "fresh one").await;
    until("the call", || world.platform.calls().len() == 1).await;
    let other = world.start();
    pass(10).await;
    let begun = Instant::now();
    stopping.stop().await;
    until("the screen", || world.platform.shows("one")).await;
    assert!(begun.elapsed() < LEASE / 4, "no lease had to run out");
    assert_eq!(other.runtime.counts().delivered, 1);
}

#[tokio::test(start_paused = true)]
async fn a_busy_process_leaves_turns_to_others() {
    let mut world = world(Placement::Anywhere);
    world.settings.turns = 1;
    let busy = world.start();
    let idle = world.start();
    pass(10).await;
    world.logic.close();
    busy.says(&world, &person("anna"), "fresh one").await;
    until("the turn", || world.logic.tries() == 1).await;
    busy.says(&world, &person("bela"), "fresh two").await;
    // The other process takes it up, although nobody sweeps.
    until("the other turn", || world.logic.tries() == 2).await;
    world.logic.open();
    until("both", || {
        world.platform.shows("one") && world.platform.shows("two")
    })
    .await;
    assert_eq!(idle.runtime.counts().turns, 1);
}
