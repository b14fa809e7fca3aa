//! What the cases are written with: jobs, and listening to the end.

use bytes::Bytes;
use futures::StreamExt;
use lorikeet_chat::{BlobId, Conversation, EventId, PlatformId, RoomId, UserId};
use lorikeet_media::samples;
use lorikeet_training::{RunId, Settings, Trigger};

use crate::{
    Collected, Engine, EngineError, EngineFailure, Job, JobPicture, ProgressStream, Report,
};

/// A call succeeds; a case that expects otherwise says so itself.
pub(super) fn must<T>(answer: Result<T, EngineError>) -> T {
    match answer {
        Ok(answer) => answer,
        Err(error) => panic!("{:?}: {error}", error.failure),
    }
}

/// How a call failed.
pub(super) fn failure<T>(answer: Result<T, EngineError>) -> Option<EngineFailure> {
    answer.err().map(|error| error.failure)
}

/// A value of the case's own that is valid.
pub(super) fn valid<T, E: std::fmt::Display>(value: Result<T, E>) -> T {
    match value {
        Ok(value) => value,
        Err(error) => panic!("the case is wrong: {error}"),
    }
}

pub(super) fn run_id(n: u32) -> RunId {
    let conversation = Conversation {
        platform: valid(PlatformId::new("web")),
        room: valid(RoomId::new("room")),
        thread: None,
        user: valid(UserId::new("anne")),
    };
    RunId::derive(&conversation, &valid(EventId::new("start")), n)
}

/// A job of four pictures of several shapes. Names and captions hold what careless quoting trips over.
pub(super) fn job(n: u32, settings: Settings) -> Job {
    let shapes = [(256, 256), (320, 256), (256, 384), (300, 301)];
    let captions = [
        "mycat, on a “mat”, 100% 'wool'",
        "mycat, \"quoted\" \\ back\\slash {brace} [bracket]",
        "mycat, $HOME `date` # : - | & ; 小さな猫",
        "mycat",
    ];
    let pictures = (0_u64..)
        .zip(shapes)
        .zip(captions)
        .map(|((seed, (width, height)), caption)| {
            let picture = samples::picture(seed, width, height);
            let encoded = if seed % 2 == 0 {
                samples::png(&picture)
            } else {
                samples::jpeg(&picture, 90)
            };
            JobPicture {
                id: BlobId::from_digest([seed as u8; 32]),
                bytes: Bytes::from(encoded),
                caption: caption.to_owned(),
            }
        });
    Job {
        run: run_id(n),
        title: "Ærø's \"cat\": 1.0".to_owned(),
        trigger: valid(Trigger::parse("mycat")),
        pictures: pictures.collect(),
        settings,
    }
}

pub(super) async fn observe(engine: &dyn Engine, run: &RunId) -> ProgressStream {
    must(engine.observe(run).await)
}

/// The last report of a stream, which is terminal. Checks what holds of every stream on the way.
pub(super) async fn end(mut stream: ProgressStream, steps: u32) -> Report {
    let mut last = 0;
    while let Some(report) = stream.next().await {
        let report = must(report);
        check(&report, steps);
        if let Report::Step { step, .. } = report {
            assert!(step >= last, "steps fell from {last} to {step}");
            last = step;
        }
        if report.is_terminal() {
            assert!(stream.next().await.is_none(), "a report after the last");
            return report;
        }
    }
    panic!("the stream ended without a terminal report");
}

/// Listens until steps are made.
pub(super) async fn first_step(stream: &mut ProgressStream, steps: u32) -> u32 {
    while let Some(report) = stream.next().await {
        let report = must(report);
        check(&report, steps);
        assert!(!report.is_terminal(), "{report:?} before any step");
        if let Report::Step {
            step: step @ 1.., ..
        } = report
        {
            return step;
        }
    }
    panic!("the stream ended before any step");
}

fn check(report: &Report, steps: u32) {
    match report {
        Report::Step {
            step,
            total,
            loss,
            speed,
        } => {
            assert_eq!(*total, steps, "steps in all");
            assert!(step <= total, "step {step} of {total}");
            assert!(!loss.is_nan(), "loss at step {step}");
            assert!(*speed >= 0.0 && speed.is_finite(), "speed {speed}");
        }
        Report::Sample { step, image, .. } => {
            assert!(*step <= steps, "sample of step {step} of {steps}");
            let known = image.starts_with(b"\x89PNG") || image.starts_with(&[0xff, 0xd8]);
            assert!(known, "a sample is PNG or JPEG");
        }
        Report::Failed { reason } => assert!(!reason.is_empty(), "failed without a reason"),
        Report::Queued { .. } | Report::Preparing | Report::Finished | Report::Cancelled => {}
    }
}

/// A file in the `safetensors` format: eight bytes of length, that much JSON, then as many bytes as the JSON says
/// (<https://github.com/huggingface/safetensors#format>).
pub(super) fn assert_safetensors(collected: &Collected) {
    let file = &collected.file;
    let Some((length, rest)) = file.split_first_chunk::<8>() else {
        panic!("a file of {} bytes", file.len());
    };
    let length = valid(usize::try_from(u64::from_le_bytes(*length)));
    let Some((header, data)) = rest.split_at_checked(length) else {
        panic!("the header is cut short");
    };
    let header: serde_json::Map<String, serde_json::Value> = valid(serde_json::from_slice(header));
    let ends = header
        .iter()
        .filter(|(name, _)| *name != "__metadata__")
        .map(|(name, tensor)| match tensor["data_offsets"][1].as_u64() {
            Some(end) => end,
            None => panic!("{name} has no place"),
        });
    assert_eq!(ends.max(), Some(data.len() as u64), "the data is cut short");
}
