//! From an attachment to a report.

use std::num::NonZeroUsize;
use std::sync::Arc;

use bytes::Bytes;
use lorikeet_chat::{EffectId, MediaSource};
use lorikeet_media::samples::{self, picture, png};
use lorikeet_media::{Blobs, Intake, archive, picture::Limits};
use lorikeet_platform::{Adapter, Failure, Placement};
use lorikeet_runtime::{
    IntakeOutcome, IntakeReport, IntakeRequest, IntakeWorker, Job, WorkError, Worker as _,
};
use serde_json::json;

use crate::support::{Platform, person};

struct Desk {
    platform: Arc<Platform>,
    worker: IntakeWorker,
    blobs: Blobs,
}

impl Desk {
    fn new() -> Self {
        let platform = Arc::new(Platform::new(Placement::Anywhere));
        let adapters: Vec<Arc<dyn Adapter>> = vec![Arc::clone(&platform) as _];
        let blobs = Blobs::in_memory();
        let intake = Intake::new(blobs.clone(), NonZeroUsize::MIN);
        let limits = Limits::default();
        let worker = IntakeWorker::new(&adapters, intake, limits, archive::Limits::default());
        Self {
            platform,
            worker,
            blobs,
        }
    }

    async fn takes(&self, file: Vec<u8>, most: Option<usize>) -> IntakeReport {
        let source = self.platform.file(Ok(Bytes::from(file)));
        self.fetches(source, most).await.unwrap()
    }

    async fn fetches(
        &self,
        source: MediaSource,
        most: Option<usize>,
    ) -> Result<IntakeReport, WorkError> {
        let request = IntakeRequest {
            source,
            name: "sent.bin".to_owned(),
            most,
            context: json!({"slot": 3}),
        };
        let job = Job {
            effect: &EffectId::new("effect").unwrap(),
            conversation: &person("anna"),
            request: &serde_json::to_value(request).unwrap(),
        };
        let result = self.worker.perform(job).await?.unwrap();
        assert_eq!(result.topic, IntakeWorker::TOPIC);
        let report: IntakeReport = serde_json::from_value(result.payload).unwrap();
        assert_eq!(report.context, json!({"slot": 3}));
        Ok(report)
    }
}

fn code(outcome: &IntakeOutcome) -> &str {
    match outcome {
        IntakeOutcome::Taken(_) => "taken",
        IntakeOutcome::Refused { code, .. } => code,
    }
}

#[tokio::test]
async fn a_picture_is_taken_in() {
    let desk = Desk::new();
    let report = desk.takes(png(&picture(1, 640, 480)), None).await;
    let [item] = &report.items[..] else {
        unreachable!("{report:?}");
    };
    assert_eq!(item.name, "sent.bin");
    let IntakeOutcome::Taken(taken) = &item.result else {
        unreachable!("{item:?}");
    };
    assert_eq!((taken.width, taken.height), (640, 480));
    assert!(
        desk.blobs
            .get(&taken.image, u64::MAX)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn a_refusal_says_why_and_by_how_much() {
    let desk = Desk::new();
    let report = desk.takes(samples::tiny(), None).await;
    let IntakeOutcome::Refused { code, args } = &report.items[0].result else {
        unreachable!("{report:?}");
    };
    assert_eq!(code, "too-small");
    assert_eq!(json!(args), json!({"short_side": 100, "min": 256}));

    let report = desk.takes(samples::renamed_text(), None).await;
    assert_eq!(self::code(&report.items[0].result), "not-a-picture");
    let report = desk.takes(Vec::new(), None).await;
    assert_eq!(self::code(&report.items[0].result), "not-a-picture");
}

#[tokio::test]
async fn an_archive_brings_its_pictures_with_captions() {
    let desk = Desk::new();
    let (one, two, three) = (
        png(&picture(1, 300, 300)),
        png(&picture(2, 300, 300)),
        png(&picture(3, 300, 300)),
    );
    let text = samples::renamed_text();
    let zip = samples::zip([
        ("cats/1.png", &one[..]),
        ("cats/1.txt", b"a cat"),
        ("cats/2.png", &text[..]),
        ("cats/3.png", &two[..]),
        ("cats/4.png", &three[..]),
    ]);
    let report = desk.takes(zip, Some(2)).await;
    let items: Vec<_> = report
        .items
        .iter()
        .map(|item| {
            (
                item.name.as_str(),
                item.caption.as_deref(),
                code(&item.result),
            )
        })
        .collect();
    assert_eq!(
        items,
        [
            ("1.png", Some("a cat"), "taken"),
            ("2.png", None, "not-a-picture"),
            ("3.png", None, "taken"),
            ("4.png", None, "too-many-pictures"),
        ]
    );
}

#[tokio::test]
async fn a_damaged_archive_is_refused_by_its_own_name() {
    let desk = Desk::new();
    let mut zip = samples::zip([("1.png", &b"x"[..])]);
    zip.truncate(20);
    let report = desk.takes(zip, None).await;
    assert_eq!(report.items[0].name, "sent.bin");
    assert_eq!(code(&report.items[0].result), "not-an-archive");
}

#[tokio::test]
async fn what_cannot_be_fetched_is_tried_again_or_gone() {
    let desk = Desk::new();
    let later = desk.platform.file(Err(Failure::Retry { after: None }));
    let error = desk.fetches(later, None).await.unwrap_err();
    assert_eq!((error.code, error.retry.is_some()), ("unreachable", true));
    let gone = desk.platform.file(Err(Failure::Permanent));
    let error = desk.fetches(gone, None).await.unwrap_err();
    assert_eq!((error.code, error.retry.is_some()), ("gone", false));
}
