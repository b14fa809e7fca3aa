//! What reports do to a run, case by case.

use bytes::Bytes;
use lorikeet_chat::{BlobId, Conversation, EventId, PlatformId, RoomId, UserId};
use lorikeet_media::Stored;
use lorikeet_training::{
    DatasetHash, EngineId, LoraId, LoraName, Owner, Preset, Progress, Run, RunId, RunState,
    Settings, Trigger, VersionNumber,
};

use super::*;

fn run(state: RunState) -> Run {
    let conversation = Conversation {
        platform: PlatformId::new("web").unwrap(),
        room: RoomId::new("room").unwrap(),
        thread: None,
        user: UserId::new("anne").unwrap(),
    };
    let event = EventId::new("start").unwrap();
    Run {
        id: RunId::derive(&conversation, &event, 0),
        lora: LoraId::derive(&conversation, &event, 0),
        owner: Owner::of(&conversation),
        conversation,
        version: VersionNumber { major: 1, minor: 2 },
        parent: None,
        name: LoraName::parse("My Cat").unwrap(),
        trigger: Trigger::parse("mycat").unwrap(),
        pictures: Vec::new(),
        dataset: DatasetHash(String::new()),
        settings: Settings {
            engine: EngineId("tiny".to_owned()),
            base: "base".to_owned(),
            preset: Preset::Quick,
            steps: 100,
            rank: 4,
            alpha: 4,
            learning_rate: 1e-3,
            resolution: 64,
            seed: 1,
        },
        state,
        progress: Progress::default(),
        created: lorikeet_chat::Timestamp::default(),
        updated: lorikeet_chat::Timestamp::default(),
    }
}

fn step(step: u32, loss: f64) -> Report {
    Report::Step {
        step,
        total: 100,
        loss,
        speed: 7.0,
    }
}

fn done() -> RunState {
    let stored = Stored {
        id: BlobId::from_digest([1; 32]),
        size: 10,
    };
    RunState::Done {
        artifact: artifact(&run(RunState::Collecting), stored, 100),
    }
}

#[test]
fn a_claim_begins_where_the_run_stands() {
    let here = |state, cancel| opening(&run(state), cancel, true);
    let gone = |state, cancel| opening(&run(state), cancel, false);
    let stopped = || Opening::End(STOPPED);
    let unknown = || Opening::End(failed(Cause::UnknownEngine, ""));

    assert_eq!(here(RunState::Queued, false), Opening::Submit);
    assert_eq!(here(RunState::Queued, true), stopped());
    for state in [
        RunState::Preparing,
        RunState::Training,
        RunState::Collecting,
    ] {
        assert_eq!(here(state.clone(), false), Opening::Follow);
        // The engine may know it: it is the engine that stops it.
        assert_eq!(here(state.clone(), true), Opening::Follow);
        assert_eq!(gone(state.clone(), false), unknown());
        assert_eq!(gone(state, true), stopped());
    }
    assert_eq!(gone(RunState::Queued, false), unknown());
    for cancel in [false, true] {
        assert_eq!(here(done(), cancel), Opening::Settle);
        assert_eq!(gone(done(), cancel), Opening::Settle);
    }
}

#[test]
fn the_first_step_is_a_new_stage_and_the_others_are_progress() {
    let mut run = run(RunState::Preparing);
    assert_eq!(fold(&mut run, Report::Queued { ahead: 2 }), Next::Nothing);
    assert_eq!(fold(&mut run, Report::Preparing), Next::Nothing);
    assert_eq!(run.state, RunState::Preparing);
    assert_eq!(fold(&mut run, step(1, 0.9)), Next::WriteNow);
    assert_eq!(run.state, RunState::Training);
    assert_eq!(fold(&mut run, step(2, 0.8)), Next::WriteSoon);
    assert_eq!(fold(&mut run, step(2, 0.8)), Next::Nothing);
    assert_eq!((run.progress.step, run.progress.total), (2, 100));
    assert_eq!(run.progress.loss.len(), 2);
    // Back to a checkpoint.
    assert_eq!(fold(&mut run, Report::Preparing), Next::Nothing);
    assert_eq!(fold(&mut run, step(1, 0.85)), Next::WriteSoon);
    assert_eq!(run.state, RunState::Training);
    assert_eq!(run.progress.loss.len(), 1);
}

#[test]
fn numbers_that_cannot_be_are_not_believed() {
    let mut run = run(RunState::Training);
    let report = Report::Step {
        step: 120,
        total: 100,
        loss: f64::NAN,
        speed: f64::INFINITY,
    };
    fold(&mut run, report);
    assert_eq!(run.progress.step, 100);
    assert_eq!(run.progress.speed, 0.0);
    assert!(run.progress.loss.is_empty());
}

#[test]
fn last_reports_end_the_run() {
    let mut run = run(RunState::Training);
    let failed = Report::Failed {
        reason: "too hot".to_owned(),
    };
    let cases = [
        (Report::Finished, Ending::Finished),
        (Report::Cancelled, Ending::Cancelled),
        (failed, Ending::Failed("too hot".to_owned())),
    ];
    for (report, ending) in cases {
        assert_eq!(fold(&mut run, report), Next::End(ending));
    }
    let sample = Report::Sample {
        step: 50,
        prompt: "mycat".to_owned(),
        image: Bytes::from_static(b"png"),
    };
    assert!(matches!(fold(&mut run, sample), Next::Keep(_)));
}

#[test]
fn the_file_is_named_after_the_lora_and_its_version() {
    let state = done();
    let name = state.artifact().map(|artifact| artifact.file_name.as_str());
    assert_eq!(name, Some("my-cat-1.2.safetensors"));
}

#[test]
fn failures_have_the_codes_the_texts_know() {
    let code = |failure| match refused(EngineError::new(failure, "words")) {
        RunState::Failed { failure } => (failure.code, failure.detail),
        other => (other.name().to_owned(), String::new()),
    };
    let cases = [
        (EngineFailure::Retry, "engine"),
        (EngineFailure::Permanent, "engine"),
        (EngineFailure::NoSpace, "no-space"),
        (EngineFailure::Unknown, "interrupted"),
    ];
    for (failure, expected) in cases {
        assert_eq!(code(failure), (expected.to_owned(), "words".to_owned()));
    }
}
