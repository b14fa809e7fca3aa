//! The engine as the bot sees it, with runs of a few steps.

use std::path::Path;

use bytes::Bytes;
use futures::StreamExt as _;
use lorikeet_chat::BlobId;
use lorikeet_engine::{Engine, EngineFailure, Job, JobPicture, Report};
use lorikeet_training::{RunId, Settings, Trigger};

use super::folder::{Folder, png};
use super::{TinyEngine, offer};
use crate::base_model::BaseModel;
use crate::draw::draw_lorikeets;
use crate::file::read_lora;

fn run(digit: char) -> RunId {
    RunId::try_from(digit.to_string().repeat(32)).unwrap()
}

fn job(digit: char, steps: u32) -> Job {
    let offer = offer::offer();
    let quick = offer
        .preset(lorikeet_training::Preset::Quick, 4, 1)
        .unwrap();
    let picture = |(index, drawing): (u8, crate::draw::Drawing)| JobPicture {
        id: BlobId::from_digest([index; 32]),
        bytes: Bytes::from(png(&drawing.picture.to_image_of(256)).unwrap()),
        caption: format!("lorkit, {}", drawing.caption),
    };
    Job {
        run: run(digit),
        title: "Lorikeet 1.0".to_owned(),
        trigger: Trigger::parse("lorkit").unwrap(),
        pictures: (0..).zip(draw_lorikeets(1, 4)).map(picture).collect(),
        settings: Settings {
            steps,
            rank: 2,
            alpha: 2,
            ..quick
        },
    }
}

async fn reports(engine: &TinyEngine, digit: char) -> Vec<Report> {
    let stream = engine.observe(&run(digit)).await.unwrap();
    stream.map(Result::unwrap).collect().await
}

fn last_step(reports: &[Report]) -> Option<u32> {
    reports.iter().rev().find_map(|report| match report {
        Report::Step { step, .. } => Some(*step),
        _ => None,
    })
}

fn sample_steps(reports: &[Report]) -> Vec<u32> {
    let step = |report: &Report| match report {
        Report::Sample { step, .. } => Some(*step),
        _ => None,
    };
    reports.iter().filter_map(step).collect()
}

/// Follows a run until it has made so many steps.
async fn until_step(engine: &TinyEngine, digit: char, until: u32) {
    let mut stream = engine.observe(&run(digit)).await.unwrap();
    while let Some(report) = stream.next().await {
        if matches!(report, Ok(Report::Step { step, .. }) if step >= until) {
            return;
        }
    }
}

fn open(directory: &Path) -> TinyEngine {
    TinyEngine::open(directory, 1).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_ends_with_samples_and_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let engine = open(directory.path());
    engine.submit(&job('a', 4)).await.unwrap();
    let reports = reports(&engine, 'a').await;
    assert_eq!(reports.last(), Some(&Report::Finished));
    assert_eq!(
        reports.iter().filter(|report| report.is_terminal()).count(),
        1
    );
    assert_eq!(sample_steps(&reports), [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);

    let collected = engine.collect(&run('a')).await.unwrap();
    assert_eq!(collected.step, 4);
    let base = BaseModel::shipped().unwrap();
    let (lora, about) = read_lora(&collected.file, &base).unwrap();
    assert_eq!(lora.rank(), 2);
    assert_eq!(
        (about.trigger.as_str(), about.run),
        ("lorkit", "a".repeat(32))
    );

    engine.forget(&run('a')).await.unwrap();
    let gone = engine.collect(&run('a')).await.unwrap_err();
    assert_eq!(gone.failure, EngineFailure::Unknown);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_goes_on_from_its_checkpoint_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let whole = tempfile::tempdir().unwrap();
    let engine = open(directory.path());
    engine.submit(&job('a', 56)).await.unwrap();
    until_step(&engine, 'a', 50).await;
    // Dropping ends the work without a word on disk, as a kill would.
    drop(engine);
    let folder = Folder::of(directory.path(), &run('a'));
    assert!(folder.outcome().unwrap().is_none());
    assert!(folder.checkpoint().unwrap().is_some());

    let engine = open(directory.path());
    let resumed = reports(&engine, 'a').await;
    assert_eq!(resumed.last(), Some(&Report::Finished));
    let first_step = resumed.iter().find_map(|report| match report {
        Report::Step { step, .. } => Some(*step),
        _ => None,
    });
    assert!(first_step.is_none_or(|step| step > 50));
    let mut steps = sample_steps(&resumed);
    steps.dedup();
    assert_eq!(steps, [14, 28, 42, 56]);

    let undisturbed = open(whole.path());
    undisturbed.submit(&job('a', 56)).await.unwrap();
    reports(&undisturbed, 'a').await;
    assert_eq!(
        engine.collect(&run('a')).await.unwrap().file,
        undisturbed.collect(&run('a')).await.unwrap().file,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_run_keeps_what_it_learned() {
    let directory = tempfile::tempdir().unwrap();
    let engine = open(directory.path());
    engine.submit(&job('a', 4000)).await.unwrap();
    until_step(&engine, 'a', 2).await;
    engine.cancel(&run('a')).await.unwrap();
    let reports = reports(&engine, 'a').await;
    assert_eq!(reports.last(), Some(&Report::Cancelled));
    let collected = engine.collect(&run('a')).await.unwrap();
    assert!((2..4000).contains(&collected.step));
    assert!(last_step(&reports).is_none_or(|step| step <= collected.step));
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_wait_for_each_other_and_can_be_cancelled_while_they_do() {
    let directory = tempfile::tempdir().unwrap();
    let engine = open(directory.path());
    engine.submit(&job('a', 4000)).await.unwrap();
    until_step(&engine, 'a', 1).await;
    engine.submit(&job('b', 1)).await.unwrap();
    engine.submit(&job('c', 1)).await.unwrap();
    let first = engine.observe(&run('c')).await.unwrap().next().await;
    assert!(matches!(first, Some(Ok(Report::Queued { ahead: 2 }))));

    engine.cancel(&run('b')).await.unwrap();
    assert_eq!(reports(&engine, 'b').await, [Report::Cancelled]);
    let none = engine.collect(&run('b')).await.unwrap_err();
    assert_eq!(none.failure, EngineFailure::Permanent);

    engine.forget(&run('a')).await.unwrap();
    assert_eq!(reports(&engine, 'c').await.last(), Some(&Report::Finished));
    assert!(!Folder::of(directory.path(), &run('a')).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_jobs_are_refused_for_good() {
    let directory = tempfile::tempdir().unwrap();
    let engine = open(directory.path());
    let mut unreadable = job('a', 1);
    unreadable.pictures[0].bytes = Bytes::from_static(b"no picture");
    let refused = engine.submit(&unreadable).await.unwrap_err();
    assert_eq!(refused.failure, EngineFailure::Permanent);
    let excessive = job('a', 1_000_000);
    let refused = engine.submit(&excessive).await.unwrap_err();
    assert_eq!(refused.failure, EngineFailure::Permanent);
}

/// What every engine promises.
mod suite {
    use super::*;

    struct Tiny {
        engine: TinyEngine,
        directory: tempfile::TempDir,
    }

    #[async_trait::async_trait]
    impl lorikeet_engine::conformance::Harness for Tiny {
        const KEEPS_CHECKPOINTS: bool = true;

        async fn open() -> Self {
            let directory = tempfile::tempdir().unwrap();
            Self {
                engine: super::open(directory.path()),
                directory,
            }
        }

        async fn restart(self) -> Self {
            let Self { engine, directory } = self;
            drop(engine);
            Self {
                engine: super::open(directory.path()),
                directory,
            }
        }

        fn engine(&self) -> &dyn Engine {
            &self.engine
        }

        fn quick(&self) -> Settings {
            job('a', 3).settings
        }

        fn long(&self) -> Settings {
            job('a', 4000).settings
        }
    }

    lorikeet_engine::conformance!(Tiny);
}
