//! Engines with little room, and processes that share the records.

use std::time::Duration;

use lorikeet_engine::{Pace, Report};
use lorikeet_training::{Claimable, Repository, Standing, Updated};
use tokio::time::{Instant, sleep};

use crate::engine::Studio;
use crate::world::{PACE, World, failure};

#[tokio::test(start_paused = true)]
async fn an_engine_gets_no_more_than_it_can_hold() {
    for capacity in [1, 2] {
        let world = World::new();
        let studio = Studio::new("studio").of_capacity(capacity);
        let _process = world.start(&[&studio]);
        let mut runs = Vec::new();
        for n in 0..5 {
            runs.push(world.queue(n, "studio").await);
            sleep(Duration::from_millis(1)).await;
        }
        for run in &runs {
            let run = world.until_that(run, |run| !run.state.is_active()).await;
            assert_eq!(run.state.standing(), Standing::Done);
        }
        assert_eq!(studio.most_at_once(), capacity);
        assert_eq!(studio.started(), runs, "in the order they were asked for");
    }
}

#[tokio::test(start_paused = true)]
async fn being_woken_is_enough() {
    let hours = Duration::from_secs(10 * 3_600);
    let pace = Pace {
        look: hours,
        lease: hours,
        ..PACE
    };
    let world = World::new();
    let studio = Studio::new("studio").stuck_at(3);
    let _process = world.start_at(pace, &[&studio]);
    sleep(Duration::from_secs(1)).await;
    let first = world.queue(1, "studio").await;
    let second = world.queue(2, "studio").await;
    world.until(&first, "training").await;
    world.cancel(&first).await;
    world.until(&first, "cancelled").await;
    // There is room again.
    world.until(&second, "training").await;
}

#[tokio::test(start_paused = true)]
async fn engines_do_not_wait_for_one_another() {
    let world = World::new();
    let busy = Studio::new("busy").stuck_at(3);
    let free = Studio::new("free");
    let _process = world.start(&[&busy, &free]);
    world.queue(1, "busy").await;
    world.queue(2, "busy").await;
    let id = world.queue(3, "free").await;
    let run = world.until_that(&id, |run| !run.state.is_active()).await;
    assert_eq!(run.state.standing(), Standing::Done);
    assert_eq!(busy.started().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn processes_share_the_work() {
    let world = World::new();
    let studio = Studio::new("studio");
    let _processes = [(); 3].map(|()| world.start(&[&studio]));
    let mut runs = Vec::new();
    for n in 0..9 {
        runs.push(world.queue(n, "studio").await);
    }
    for run in &runs {
        world.until(run, "done").await;
    }
    sleep(PACE.lease).await;
    let mut started = studio.started();
    started.sort();
    runs.sort();
    assert_eq!(started, runs, "each was trained once");
    for run in &runs {
        assert_eq!(world.ends_told(run), 1);
    }
}

/// Engines that keep their work where their process runs: two of one name that know nothing of each other.
fn apart() -> (Pace, [Studio; 2]) {
    let pace = Pace {
        elsewhere: Duration::from_secs(60),
        ..PACE
    };
    (pace, [(); 2].map(|()| Studio::new("studio").stuck_at(3)))
}

#[tokio::test(start_paused = true)]
async fn a_run_waits_for_the_process_that_has_its_work() {
    let world = World::new();
    let (pace, [here, there]) = apart();
    let process = world.start_at(pace, &[&here]);
    let id = world.queue(1, "studio").await;
    world.until(&id, "training").await;
    process.kill().await;
    let _other = world.start_at(pace, &[&there]);
    sleep(Duration::from_secs(20)).await;
    assert_eq!(world.run(&id).await.state.name(), "training");
    // Others are not kept waiting by it.
    let behind = world.queue(2, "studio").await;
    world.until(&behind, "training").await;
    assert_eq!(there.started(), std::slice::from_ref(&behind));

    // It comes back, and goes on.
    let _again = world.start_at(pace, &[&here]);
    sleep(Duration::from_secs(20)).await;
    here.say(&id, Report::Finished);
    let run = world.until(&id, "done").await;
    assert_eq!(run.state.standing(), Standing::Done);
    assert_eq!(here.started(), [id], "each was trained once");
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_process_does_not_come_back_is_interrupted() {
    let world = World::new();
    let (pace, [here, there]) = apart();
    let process = world.start_at(pace, &[&here]);
    let id = world.queue(1, "studio").await;
    world.until(&id, "training").await;
    process.kill().await;
    let _other = world.start_at(pace, &[&there]);
    let killed = Instant::now();
    let run = world.until_that(&id, |run| !run.state.is_active()).await;
    assert_eq!(failure(&run).map(|(code, _)| code), Some("interrupted"));
    let waited = killed.elapsed();
    assert!(waited > pace.elsewhere / 2, "{waited:?}");
    assert!(waited < pace.elsewhere * 2, "{waited:?}");
    assert!(there.started().is_empty());

    // One that its owner has stopped meanwhile is stopped, and no failure.
    let world = World::new();
    let (pace, [here, there]) = apart();
    let process = world.start_at(pace, &[&here]);
    let id = world.queue(1, "studio").await;
    world.until(&id, "training").await;
    process.kill().await;
    world.cancel(&id).await;
    let _other = world.start_at(pace, &[&there]);
    world.until(&id, "cancelled").await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_claim_ends_the_work_without_a_word() {
    // It is the heartbeat that says so, or a write.
    for heard_by_a_write in [false, true] {
        let world = World::new();
        let studio = Studio::new("studio").stuck_at(3);
        let _process = world.start(&[&studio]);
        let id = world.queue(1, "studio").await;
        world.until_that(&id, |run| run.progress.step == 2).await;
        world.repository.silence(true);
        sleep(PACE.lease * 2).await;
        let engines = [studio.id()];
        let claim = Claimable::Of(&engines);
        let memory = &world.repository.memory;
        let claimed = memory.claim_run(claim, PACE.lease * 10).await;
        let claimed = claimed.unwrap().unwrap();

        let before = world.run(&id).await;
        let told = world.news(&id).len();
        if heard_by_a_write {
            let report = Report::Step {
                step: 3,
                total: 6,
                loss: 0.1,
                speed: 1.0,
            };
            studio.say(&id, report);
            sleep(PACE.progress * 3).await;
            studio.say(&id, Report::Finished);
        } else {
            world.repository.silence(false);
            sleep(PACE.lease).await;
            world.cancel(&id).await;
        }
        sleep(PACE.lease * 2).await;
        for call in ["cancel", "collect", "forget"] {
            assert_eq!(studio.calls(call), 0, "{call}");
        }
        assert_eq!(world.run(&id).await, before);
        assert_eq!(world.news(&id).len(), told);
        let ours = memory.update_run(&claimed.run, claimed.generation).await;
        assert_eq!(ours.unwrap(), Updated::Updated, "the new claim stands");
    }
}
