//! A run's life: submitted, followed, collected, forgotten.

use super::Harness;
use super::stage::{assert_safetensors, end, failure, first_step, job, must, observe, run_id};
use crate::{EngineFailure, Report};

pub async fn an_unknown_run_is_unknown<H: Harness>() {
    let harness = H::open().await;
    let (engine, run) = (harness.engine(), run_id(1));
    let unknown = Some(EngineFailure::Unknown);
    assert_eq!(failure(engine.observe(&run).await), unknown);
    assert_eq!(failure(engine.collect(&run).await), unknown);
    must(engine.cancel(&run).await);
    must(engine.forget(&run).await);
}

pub async fn a_run_is_trained<H: Harness>() {
    let harness = H::open().await;
    let engine = harness.engine();
    let job = job(1, harness.quick());
    must(engine.submit(&job).await);
    let stream = observe(engine, &job.run).await;
    assert_eq!(end(stream, job.settings.steps).await, Report::Finished);
    let first = must(engine.collect(&job.run).await);
    assert_eq!(first.step, job.settings.steps);
    assert_safetensors(&first);
    let second = must(engine.collect(&job.run).await);
    assert_eq!((second.step, second.file), (first.step, first.file));
}

pub async fn submitting_again_starts_nothing<H: Harness>() {
    let harness = H::open().await;
    let engine = harness.engine();
    let job = job(1, harness.quick());
    must(engine.submit(&job).await);
    must(engine.submit(&job).await);
    let stream = observe(engine, &job.run).await;
    assert_eq!(end(stream, job.settings.steps).await, Report::Finished);
    let first = must(engine.collect(&job.run).await);

    must(engine.submit(&job).await);
    let mut stream = observe(engine, &job.run).await;
    let report = loop {
        match futures::StreamExt::next(&mut stream).await {
            Some(report) => match must(report) {
                Report::Queued { .. } | Report::Preparing => panic!("it was started again"),
                report if report.is_terminal() => break report,
                _ => {}
            },
            None => panic!("the stream ended without a terminal report"),
        }
    };
    assert_eq!(report, Report::Finished);
    let second = must(engine.collect(&job.run).await);
    assert_eq!(second.file, first.file);
}

pub async fn anyone_may_listen_at_any_time<H: Harness>() {
    let harness = H::open().await;
    let engine = harness.engine();
    let job = job(1, harness.quick());
    must(engine.submit(&job).await);
    let steps = job.settings.steps;
    let left_early = observe(engine, &job.run).await;
    let one = observe(engine, &job.run).await;
    let other = observe(engine, &job.run).await;
    drop(left_early);
    let (one, other) = futures::join!(end(one, steps), end(other, steps));
    assert_eq!((one, other), (Report::Finished, Report::Finished));
    let late = observe(engine, &job.run).await;
    assert_eq!(end(late, steps).await, Report::Finished);
}

pub async fn a_run_goes_on_after_a_restart<H: Harness>() {
    let harness = H::open().await;
    let job = job(1, harness.long());
    let steps = job.settings.steps;
    must(harness.engine().submit(&job).await);
    let mut stream = observe(harness.engine(), &job.run).await;
    first_step(&mut stream, steps).await;
    drop(stream);

    let harness = harness.restart().await;
    let engine = harness.engine();
    let mut stream = observe(engine, &job.run).await;
    first_step(&mut stream, steps).await;
    must(engine.cancel(&job.run).await);
    assert_eq!(end(stream, steps).await, Report::Cancelled);
}

pub async fn a_finished_run_outlives_a_restart<H: Harness>() {
    let harness = H::open().await;
    let job = job(1, harness.quick());
    let steps = job.settings.steps;
    must(harness.engine().submit(&job).await);
    let stream = observe(harness.engine(), &job.run).await;
    assert_eq!(end(stream, steps).await, Report::Finished);
    let before = must(harness.engine().collect(&job.run).await);

    let harness = harness.restart().await;
    let engine = harness.engine();
    let stream = observe(engine, &job.run).await;
    assert_eq!(end(stream, steps).await, Report::Finished);
    let after = must(engine.collect(&job.run).await);
    assert_eq!((after.step, after.file), (before.step, before.file));
}

pub async fn a_forgotten_run_is_unknown<H: Harness>() {
    let harness = H::open().await;
    let job = job(1, harness.quick());
    let unknown = Some(EngineFailure::Unknown);
    must(harness.engine().submit(&job).await);
    let stream = observe(harness.engine(), &job.run).await;
    end(stream, job.settings.steps).await;
    must(harness.engine().forget(&job.run).await);
    assert_eq!(failure(harness.engine().observe(&job.run).await), unknown);
    assert_eq!(failure(harness.engine().collect(&job.run).await), unknown);
    must(harness.engine().forget(&job.run).await);

    let harness = harness.restart().await;
    let engine = harness.engine();
    assert_eq!(failure(engine.observe(&job.run).await), unknown);
    // What is forgotten may be asked for anew.
    must(engine.submit(&job).await);
    let stream = observe(engine, &job.run).await;
    assert_eq!(end(stream, job.settings.steps).await, Report::Finished);
}
