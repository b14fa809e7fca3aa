//! Runs that are stopped by their owners.

use lorikeet_engine::EngineFailure;
use lorikeet_training::{RunState, Standing};

use crate::engine::Studio;
use crate::world::World;

#[tokio::test(start_paused = true)]
async fn a_queued_run_is_stopped_though_the_engine_is_full() {
    let world = World::new();
    let studio = Studio::new("studio").stuck_at(3);
    let _process = world.start(&[&studio]);
    let first = world.queue(1, "studio").await;
    world.until(&first, "training").await;
    let second = world.queue(2, "studio").await;
    world.cancel(&second).await;
    let run = world
        .until_that(&second, |run| !run.state.is_active())
        .await;
    assert_eq!(run.state, RunState::Cancelled { artifact: None });
    assert_eq!(studio.started().len(), 1, "the first");
    assert_eq!(world.run(&first).await.state, RunState::Training);
    world.cancel(&first).await;
    world.until_settled(&second).await;
    assert_eq!(world.ends_told(&second), 1);
}

#[tokio::test(start_paused = true)]
async fn a_run_stopped_while_nobody_attends_is_never_submitted() {
    let world = World::new();
    let studio = Studio::new("studio");
    let id = world.queue(1, "studio").await;
    world.cancel(&id).await;
    let _process = world.start(&[&studio]);
    let run = world.until_settled(&id).await;
    assert_eq!(run.state, RunState::Cancelled { artifact: None });
    assert_eq!(studio.calls("submit"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_training_run_is_stopped_and_its_checkpoint_kept() {
    let world = World::new();
    let studio = Studio::new("studio").stuck_at(3);
    let _process = world.start(&[&studio]);
    let id = world.queue(1, "studio").await;
    world.until_that(&id, |run| run.progress.step == 2).await;
    world.cancel(&id).await;
    let run = world.until_settled(&id).await;
    assert_eq!(run.state.standing(), Standing::Cancelled);
    assert_eq!(run.state.artifact().map(|artifact| artifact.step), Some(2));
    assert_eq!(studio.calls("cancel"), 1);
    assert!(!studio.knows(&id));
}

#[tokio::test(start_paused = true)]
async fn a_training_run_is_stopped_without_a_checkpoint() {
    let world = World::new();
    let studio = Studio::new("studio").stuck_at(3).without_checkpoints();
    let _process = world.start(&[&studio]);
    let id = world.queue(1, "studio").await;
    world.until_that(&id, |run| run.progress.step == 2).await;
    world.cancel(&id).await;
    let run = world.until_settled(&id).await;
    assert_eq!(run.state, RunState::Cancelled { artifact: None });
}

#[tokio::test(start_paused = true)]
async fn a_stop_is_passed_on_until_the_engine_hears_it() {
    let world = World::new();
    let studio = Studio::new("studio").stuck_at(3);
    let studio = studio.failing("cancel", 3, EngineFailure::Retry);
    let _process = world.start(&[&studio]);
    let id = world.queue(1, "studio").await;
    world.until(&id, "training").await;
    world.cancel(&id).await;
    let run = world.until_settled(&id).await;
    assert_eq!(run.state.standing(), Standing::Cancelled);
    assert_eq!(studio.calls("cancel"), 4);
}

#[tokio::test(start_paused = true)]
async fn a_run_an_engine_does_not_take_can_be_stopped() {
    let world = World::new();
    let studio = Studio::new("studio").failing("submit", u32::MAX, EngineFailure::Retry);
    let _process = world.start(&[&studio]);
    let id = world.queue(1, "studio").await;
    world.until(&id, "preparing").await;
    world.cancel(&id).await;
    let run = world.until_settled(&id).await;
    assert_eq!(run.state, RunState::Cancelled { artifact: None });
    assert_eq!(studio.calls("cancel"), 1, "a try may have arrived");
    assert_eq!(studio.calls("forget"), 1);
}
