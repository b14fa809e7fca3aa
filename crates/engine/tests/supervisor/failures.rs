//! What goes wrong, and what the run's owner is told.

use bytes::Bytes;
use lorikeet_engine::{EngineFailure, Report};
use lorikeet_training::{RunState, Standing};
use tokio::time::{Instant, sleep};

use crate::engine::Studio;
use crate::world::{PACE, World, failure};

#[tokio::test(start_paused = true)]
async fn a_missing_picture_fails_the_run_before_it_is_submitted() {
    let world = World::new();
    let studio = Studio::new("studio");
    let id = world.queue(1, "studio").await;
    let picture = Bytes::from_static(b"picture 1");
    let stored = world.blobs.put(picture).await.unwrap();
    world.blobs.delete(&stored.id).await.unwrap();
    let _process = world.start(&[&studio]);
    let run = world.until_settled(&id).await;
    assert_eq!(failure(&run), Some(("pictures", "")));
    assert_eq!(studio.calls("submit"), 0);
    assert_eq!(world.ends_told(&id), 1);
}

#[tokio::test(start_paused = true)]
async fn refusals_are_final() {
    let cases = [
        (EngineFailure::NoSpace, "no-space"),
        (EngineFailure::Permanent, "engine"),
    ];
    for (how, code) in cases {
        let world = World::new();
        let studio = Studio::new("studio").failing("submit", 1, how);
        let _process = world.start(&[&studio]);
        let id = world.queue(1, "studio").await;
        let run = world.until_settled(&id).await;
        assert_eq!(failure(&run), Some((code, "submit fails")));
        assert_eq!(studio.calls("submit"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn every_call_is_tried_again() {
    for call in ["submit", "observe", "collect", "forget"] {
        let world = World::new();
        let studio = Studio::new("studio").failing(call, 3, EngineFailure::Retry);
        let _process = world.start(&[&studio]);
        let id = world.queue(1, "studio").await;
        world.until(&id, "done").await;
        sleep(PACE.patience).await;
        let run = world.until_settled(&id).await;
        assert_eq!(run.state.standing(), Standing::Done, "{call}");
        assert_eq!(studio.calls(call), 4, "{call}");
        assert_eq!(studio.started().len(), 1, "{call}");
        assert!(!studio.knows(&id));
    }
}

#[tokio::test(start_paused = true)]
async fn patience_ends() {
    for call in ["submit", "observe", "collect"] {
        let world = World::new();
        let studio = Studio::new("studio").failing(call, u32::MAX, EngineFailure::Retry);
        let _process = world.start(&[&studio]);
        let id = world.queue(1, "studio").await;
        let started = Instant::now();
        let run = world.until(&id, "failed").await;
        let words = format!("{call} fails");
        assert_eq!(failure(&run), Some(("engine", words.as_str())));
        assert!(started.elapsed() >= PACE.patience / 2, "{call}");
        assert!(started.elapsed() <= PACE.patience * 2, "{call}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_engines_words_are_passed_on() {
    let world = World::new();
    let studio = Studio::new("studio");
    let _process = world.start(&[&studio]);
    let id = world.queue(1, "studio").await;
    world.until(&id, "training").await;
    let failed = Report::Failed {
        reason: "The card is on fire.".to_owned(),
    };
    studio.say(&id, failed);
    let run = world.until_settled(&id).await;
    assert_eq!(failure(&run), Some(("engine", "The card is on fire.")));
    assert_eq!(studio.calls("collect"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_breaks_is_picked_up_as_long_as_the_run_gets_on() {
    let world = World::new();
    let studio = Studio::new("studio").stuck_at(1);
    let _process = world.start(&[&studio]);
    let id = world.queue(1, "studio").await;
    world.until_that(&id, |_| studio.knows(&id)).await;
    let started = Instant::now();
    for step in 1.. {
        let report = Report::Step {
            step,
            total: 1_000,
            loss: 0.1,
            speed: 1.0,
        };
        studio.say(&id, report);
        world.until_that(&id, |run| run.progress.step == step).await;
        studio.cut_off(&id);
        if started.elapsed() > PACE.patience * 2 {
            break;
        }
    }
    assert_eq!(world.run(&id).await.state, RunState::Training);
    // Without getting on, patience ends.
    let observed = studio.calls("observe");
    let started = Instant::now();
    let run = loop {
        studio.cut_off(&id);
        let run = world.run(&id).await;
        if !run.state.is_active() {
            break run;
        }
        sleep(PACE.progress).await;
    };
    assert_eq!(failure(&run), Some(("engine", "cut off")));
    assert!(started.elapsed() <= PACE.patience * 2);
    assert!(studio.calls("observe") - observed < 10);
}

#[tokio::test(start_paused = true)]
async fn a_run_the_engine_lost_while_training_is_not_trained_twice() {
    let world = World::new();
    let studio = Studio::new("studio").stuck_at(3);
    let process = world.start(&[&studio]);
    let id = world.queue(1, "studio").await;
    world.until(&id, "training").await;
    process.kill().await;
    studio.lose(&id);
    let _process = world.start(&[&studio]);
    let run = world.until_settled(&id).await;
    assert_eq!(failure(&run).map(|(code, _)| code), Some("interrupted"));
    assert_eq!(studio.started().len(), 1);

    // The same when it is lost before everybody's eyes.
    let world = World::new();
    let studio = Studio::new("studio").stuck_at(3);
    let _process = world.start(&[&studio]);
    let id = world.queue(1, "studio").await;
    world.until(&id, "training").await;
    studio.lose(&id);
    let run = world.until_settled(&id).await;
    assert_eq!(failure(&run).map(|(code, _)| code), Some("interrupted"));
}

#[tokio::test(start_paused = true)]
async fn a_run_the_engine_never_began_is_submitted_again() {
    let world = World::new();
    let studio = Studio::new("studio").stuck_at(1);
    let process = world.start(&[&studio]);
    let id = world.queue(1, "studio").await;
    world.until_that(&id, |_| studio.knows(&id)).await;
    assert_eq!(world.run(&id).await.state, RunState::Preparing);
    process.kill().await;
    studio.lose(&id);

    let _process = world.start(&[&studio]);
    world.until_that(&id, |_| studio.knows(&id)).await;
    assert_eq!(studio.started().len(), 2);
    // A second time under the same eyes is one too many.
    studio.lose(&id);
    let run = world.until_settled(&id).await;
    assert_eq!(failure(&run).map(|(code, _)| code), Some("interrupted"));
    assert_eq!(studio.started().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_engine_is_gone_fails_after_a_while() {
    let world = World::new();
    let studio = Studio::new("studio");
    let id = world.queue(1, "gone").await;
    let _process = world.start(&[&studio]);
    sleep(PACE.orphaned / 2).await;
    assert_eq!(world.run(&id).await.state, RunState::Queued);
    let run = world.until_settled(&id).await;
    assert_eq!(failure(&run), Some(("unknown-engine", "")));
    assert_eq!(world.ends_told(&id), 1);
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_panics_fails_its_run_alone() {
    let world = World::new();
    let broken = Studio::new("broken").panicking();
    let studio = Studio::new("studio");
    let _process = world.start(&[&broken, &studio]);
    let one = world.queue(1, "broken").await;
    let two = world.queue(2, "studio").await;
    let run = world.until_settled(&one).await;
    assert_eq!(failure(&run), Some(("engine", "")));
    let run = world.until_settled(&two).await;
    assert_eq!(run.state.standing(), Standing::Done);
}
