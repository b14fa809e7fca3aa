//! The caption service over captioners that do what the test says.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use lorikeet_chat::{BlobId, Conversation, EventId, PlatformId, RoomId, UserId};
use lorikeet_engine::{CaptionError, CaptionRequest, CaptionService, Captioner, TemplateCaptioner};
use lorikeet_media::Blobs;
use lorikeet_training::{Caption, LoraId, SlotNumber, Trigger, wire};

/// Captions a picture with its own bytes, after so many failures.
#[derive(Default)]
struct Reader {
    failing: Mutex<BTreeMap<Bytes, (u32, bool)>>,
    calls: Mutex<u32>,
}

impl Reader {
    fn failing(self, picture: &'static str, times: u32, retryable: bool) -> Self {
        let picture = Bytes::from_static(picture.as_bytes());
        self.failing
            .lock()
            .unwrap()
            .insert(picture, (times, retryable));
        self
    }
}

#[async_trait]
impl Captioner for Reader {
    fn id(&self) -> &str {
        "reader"
    }

    async fn caption(&self, request: &CaptionRequest) -> Result<Caption, CaptionError> {
        *self.calls.lock().unwrap() += 1;
        let mut failing = self.failing.lock().unwrap();
        if let Some((times, retryable)) = failing.get_mut(&request.image)
            && *times > 0
        {
            *times -= 1;
            return Err(CaptionError {
                retryable: *retryable,
                message: format!("cannot read {:?}", request.image),
            });
        }
        let text = std::str::from_utf8(&request.image).unwrap();
        Ok(Caption::parse(&format!("{} {text}", request.class_word)).unwrap())
    }
}

fn lora() -> LoraId {
    let conversation = Conversation {
        platform: PlatformId::new("web").unwrap(),
        room: RoomId::new("room").unwrap(),
        thread: None,
        user: UserId::new("anne").unwrap(),
    };
    LoraId::derive(&conversation, &EventId::new("name").unwrap(), 0)
}

async fn store(blobs: &Blobs, texts: &[&'static str]) -> Vec<(SlotNumber, BlobId)> {
    let mut pictures = Vec::new();
    for (number, text) in (1..).zip(texts) {
        let stored = blobs.put(Bytes::from_static(text.as_bytes())).await;
        pictures.push((SlotNumber(number), stored.unwrap().id));
    }
    pictures
}

fn request(captioner: &str, pictures: Vec<(SlotNumber, BlobId)>) -> wire::CaptionRequest {
    wire::CaptionRequest {
        captioner: captioner.to_owned(),
        lora: lora(),
        trigger: Trigger::parse("mycat").unwrap(),
        class_word: "cat".to_owned(),
        pictures,
    }
}

fn lines(captioned: &wire::Captioned) -> Vec<(u16, &str)> {
    captioned
        .captions
        .iter()
        .map(|(number, caption)| (number.0, caption.as_str()))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn pictures_are_captioned_in_order() {
    let blobs = Blobs::in_memory();
    let pictures = store(&blobs, &["one", "two", "three"]).await;
    let reader: Arc<dyn Captioner> = Arc::new(Reader::default());
    let service = CaptionService::new([reader, Arc::new(TemplateCaptioner)], blobs);
    let captioned = service.caption(request("reader", pictures.clone())).await;
    assert_eq!(captioned.lora, lora());
    assert_eq!(captioned.problem, "");
    assert_eq!(
        lines(&captioned),
        [(1, "cat one"), (2, "cat two"), (3, "cat three")]
    );
    let captioned = service.caption(request("template", pictures)).await;
    assert_eq!(lines(&captioned), [(1, "cat"), (2, "cat"), (3, "cat")]);
}

#[tokio::test(start_paused = true)]
async fn a_picture_that_fails_takes_no_other_with_it() {
    let blobs = Blobs::in_memory();
    let mut pictures = store(&blobs, &["one", "bad", "flaky", "down"]).await;
    pictures.push((SlotNumber(9), BlobId::from_digest([9; 32])));
    let reader = Arc::new(
        Reader::default()
            .failing("bad", u32::MAX, false)
            .failing("flaky", 2, true)
            .failing("down", u32::MAX, true),
    );
    let captioner: Arc<dyn Captioner> = Arc::clone(&reader) as _;
    let service = CaptionService::new([captioner], blobs);
    let captioned = service.caption(request("reader", pictures)).await;
    assert_eq!(lines(&captioned), [(1, "cat one"), (3, "cat flaky")]);
    assert_eq!(captioned.problem, "cannot read b\"bad\"", "the first one");
    assert_eq!(*reader.calls.lock().unwrap(), 1 + 1 + 3 + 3);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_captioner_is_a_problem_not_an_error() {
    let blobs = Blobs::in_memory();
    let pictures = store(&blobs, &["one"]).await;
    let service = CaptionService::new([], blobs);
    let captioned = service.caption(request("oracle", pictures)).await;
    assert_eq!(captioned.captions, []);
    assert!(captioned.problem.contains("oracle"));
}
