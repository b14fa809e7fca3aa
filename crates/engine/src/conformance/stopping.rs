//! Stopping a run, early and late.

use super::Harness;
use super::stage::{assert_safetensors, end, first_step, job, must, observe};
use crate::Report;

pub async fn a_run_is_stopped_at_once<H: Harness>() {
    let harness = H::open().await;
    let engine = harness.engine();
    let job = job(1, harness.long());
    must(engine.submit(&job).await);
    must(engine.cancel(&job.run).await);
    let stream = observe(engine, &job.run).await;
    assert_eq!(end(stream, job.settings.steps).await, Report::Cancelled);
    // Perhaps a step was made before; if so, what is there is whole.
    if let Ok(collected) = engine.collect(&job.run).await {
        assert_safetensors(&collected);
    }
}

pub async fn a_running_run_is_stopped<H: Harness>() {
    let harness = H::open().await;
    let engine = harness.engine();
    let job = job(1, harness.long());
    let steps = job.settings.steps;
    must(engine.submit(&job).await);
    let mut stream = observe(engine, &job.run).await;
    first_step(&mut stream, steps).await;
    must(engine.cancel(&job.run).await);
    must(engine.cancel(&job.run).await);
    assert_eq!(end(stream, steps).await, Report::Cancelled);
    let late = observe(engine, &job.run).await;
    assert_eq!(end(late, steps).await, Report::Cancelled);
    must(engine.cancel(&job.run).await);

    match engine.collect(&job.run).await {
        Ok(collected) => {
            assert!((1..=steps).contains(&collected.step));
            assert_safetensors(&collected);
        }
        Err(error) => assert!(!H::KEEPS_CHECKPOINTS, "no checkpoint: {error}"),
    }
}

pub async fn a_stop_outlives_a_restart<H: Harness>() {
    let harness = H::open().await;
    let job = job(1, harness.long());
    let steps = job.settings.steps;
    must(harness.engine().submit(&job).await);
    let mut stream = observe(harness.engine(), &job.run).await;
    first_step(&mut stream, steps).await;
    must(harness.engine().cancel(&job.run).await);
    drop(stream);

    let harness = harness.restart().await;
    let stream = observe(harness.engine(), &job.run).await;
    assert_eq!(end(stream, steps).await, Report::Cancelled);
}
