//! Processes that are killed or stopped at any moment.

use std::time::Duration;

use lorikeet_training::{Claimable, Repository, RunState, Standing};
use tokio::time::sleep;

use crate::engine::Studio;
use crate::world::{PACE, World};

/// Every moment of a run's life under supervision, on either side of every effect: a call takes 10 ms, its effect lies
/// in the middle.
fn moments() -> impl Iterator<Item = Duration> {
    (0..140).map(|n| Duration::from_millis(n * 5 + 2))
}

#[tokio::test(start_paused = true)]
async fn a_kill_at_any_moment_costs_nothing_but_time() {
    let mut states = std::collections::BTreeSet::new();
    for moment in moments() {
        let world = World::new();
        let studio = Studio::new("studio");
        let process = world.start(&[&studio]);
        let id = world.queue(1, "studio").await;
        sleep(moment).await;
        process.kill().await;
        states.insert(world.run(&id).await.state.name());

        let _process = world.start(&[&studio]);
        let run = world.until_settled(&id).await;
        let done = run.state.standing() == Standing::Done;
        assert!(done, "killed after {moment:?}: {:?}", run.state);
        assert_eq!(studio.started().len(), 1, "killed after {moment:?}");
        assert_eq!(world.ends_told(&id), 1, "killed after {moment:?}");
        assert!(!studio.knows(&id), "killed after {moment:?}");
    }
    let all = ["collecting", "done", "preparing", "queued", "training"];
    assert!(states.into_iter().eq(all), "every stage was met");
}

#[tokio::test(start_paused = true)]
async fn a_kill_while_it_is_stopped_costs_nothing_but_time() {
    for moment in moments().take(60) {
        let world = World::new();
        let studio = Studio::new("studio").stuck_at(3);
        let process = world.start(&[&studio]);
        let id = world.queue(1, "studio").await;
        world.until_that(&id, |run| run.progress.step == 2).await;
        world.cancel(&id).await;
        sleep(moment).await;
        process.kill().await;

        let _process = world.start(&[&studio]);
        let run = world.until_settled(&id).await;
        let kept = run.state.artifact().map(|artifact| artifact.step);
        assert_eq!(run.state.standing(), Standing::Cancelled);
        assert_eq!(kept, Some(2), "killed after {moment:?}");
        assert_eq!(world.ends_told(&id), 1, "killed after {moment:?}");
        assert!(!studio.knows(&id), "killed after {moment:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stopped_process_leaves_its_runs_free() {
    for moment in moments() {
        let world = World::new();
        let studio = Studio::new("studio");
        let process = world.start(&[&studio]);
        let id = world.queue(1, "studio").await;
        sleep(moment).await;
        process.stop().await;
        let before = world.run(&id).await.state;
        let engines = [studio.id()];
        let claim = Claimable::Of(&engines);
        let free = world.repository.memory.claim_run(claim, Duration::ZERO);
        let free = free.await.unwrap().is_some();
        assert!(free || !before.is_active(), "stopped after {moment:?}");
        assert_eq!(studio.calls("cancel"), 0, "the engine works on");

        let _process = world.start(&[&studio]);
        let run = world.until_settled(&id).await;
        let done = run.state.standing() == Standing::Done;
        assert!(done, "stopped after {moment:?}: {:?}", run.state);
        assert_eq!(studio.started().len(), 1, "stopped after {moment:?}");
        assert_eq!(world.ends_told(&id), 1, "stopped after {moment:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_ended_meanwhile_is_collected() {
    let world = World::new();
    let studio = Studio::new("studio");
    let process = world.start(&[&studio]);
    let id = world.queue(1, "studio").await;
    world.until(&id, "training").await;
    process.kill().await;
    sleep(Duration::from_secs(60)).await;
    assert_eq!(world.run(&id).await.state, RunState::Training);

    let _process = world.start(&[&studio]);
    let run = world.until_settled(&id).await;
    assert_eq!(run.state.standing(), Standing::Done);
    assert_eq!(run.progress.step, crate::engine::STEPS);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_ends_no_run_twice() {
    for lost in 1..=3 {
        let world = World::new();
        let studio = Studio::new("studio").stuck_at(3);
        let _process = world.start(&[&studio]);
        let id = world.queue(1, "studio").await;
        world.until_that(&id, |run| run.progress.step == 2).await;
        sleep(PACE.progress * 2).await;
        world.cancel(&id).await;
        // Of the notes that it is being collected, and that it has ended.
        world.repository.lose_answers(lost);
        let run = world.until_settled(&id).await;
        assert_eq!(run.state.standing(), Standing::Cancelled);
        assert_eq!(world.ends_told(&id), 1);
        assert!(!studio.knows(&id));
    }
}
