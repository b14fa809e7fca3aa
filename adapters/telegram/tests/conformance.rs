//! The obligations of an adapter, with a Telegram of the test's own on the other side: polled, and by webhook.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::HashMap;
use std::future::pending;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::TryStreamExt as _;
use lorikeet_adapter_telegram::{Config, Mode, Parts, Secret, Telegram};
use lorikeet_chat::{
    BlobId, Block, Conversation, EffectId, Event, EventBody, FileBlock, MediaSource, Page, Present,
    Screen, Stamp, Surface, Timestamp,
};
use lorikeet_fake_telegram::{FakeTelegram, Fault, Options, Paths, Person, Room, Seen};
use lorikeet_media::{Blobs, samples};
use lorikeet_platform::conformance::{self, Harness, Message, Receipt, Update};
use lorikeet_platform::{
    Accepted, Adapter, Content, Delivery, DeliveryError, Failure, FileLinks, Inbox, InboxError,
};
use lorikeet_store::{Clock as _, Limits, MemoryStore, SystemClock};
use tokio::sync::Notify;

/// How long an update is waited for to be confirmed, before the bot counts as unable to take it.
const CONFIRMED: Duration = Duration::from_secs(2);
/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(10);

struct Played {
    telegram: FakeTelegram,
    adapter: Telegram,
    blobs: Blobs,
    kea: Person,
    room: Room,
    sent: Mutex<HashMap<u64, i64>>,
}

impl Played {
    async fn polled() -> Self {
        Self::start(|_| Mode::Polling).await
    }

    async fn called() -> Self {
        Self::start(|port| Mode::Webhook {
            listen: ([127, 0, 0, 1], port).into(),
            public_url: format!("http://127.0.0.1:{port}/telegram"),
            secret: Secret::new("a-secret-of-the-test"),
        })
        .await
    }

    async fn start(mode: impl FnOnce(u16) -> Mode) -> Self {
        Self::with(None, mode).await
    }

    async fn with(links: Option<Arc<dyn FileLinks>>, mode: impl FnOnce(u16) -> Mode) -> Self {
        Self::of(Paths::Plain, links, mode).await
    }

    /// With a Telegram that writes the paths of files like this.
    async fn of(
        paths: Paths,
        links: Option<Arc<dyn FileLinks>>,
        mode: impl FnOnce(u16) -> Mode,
    ) -> Self {
        let local = matches!(paths, Paths::OnDisk(_));
        let options = Options {
            paths,
            ..Options::default()
        };
        let telegram = FakeTelegram::start(options).await.unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let config = Config {
            token: Secret::new(telegram.token()),
            api_url: telegram.url(),
            local,
            mode: mode(port),
            messages_per_second: 30,
        };
        let blobs = Blobs::in_memory();
        let transcript = Arc::new(MemoryStore::new(Arc::new(SystemClock), Limits::default()));
        let adapter = Telegram::new(Parts {
            config,
            blobs: blobs.clone(),
            transcript,
            links,
        })
        .unwrap();
        let kea = telegram.person("Kea", "en");
        let room = kea.private();
        Self {
            telegram,
            adapter,
            blobs,
            kea,
            room,
            sent: Mutex::default(),
        }
    }

    /// Asks for one file of a screen.
    async fn asks_for(&self, file: FileBlock) {
        self.shows(Block::File(file), Page::File(0)).await;
    }

    /// Delivers a screen with one block.
    async fn shows(&self, block: Block, page: Page) {
        self.kea.says(&self.room, "/start");
        let present = Present {
            screen: Screen::new().block(block),
            stamp: Stamp::default(),
            surface: Surface::Edit,
            page,
        };
        let kea = self.kea.id();
        let delivery = Delivery {
            id: &EffectId::new("00000000000000000000000000000001").unwrap(),
            conversation: &Conversation::from_key(&format!("telegram/{kea}//{kea}")).unwrap(),
            handle: None,
            content: Content::Screen(&present),
        };
        self.adapter.deliver(delivery).await.unwrap();
    }

    /// Takes one event in, and reads the file that came with it.
    async fn reads_one(&self) -> Vec<u8> {
        let taken = Arc::new(Taken::default());
        let run = self.adapter.run(taken.clone(), Box::pin(pending()));
        let read = async {
            let source = loop {
                let said = taken.told.notified();
                if let Some(source) = taken.source.lock().unwrap().take() {
                    break source;
                }
                said.await;
            };
            let stream = self.adapter.open(&source).await.unwrap();
            let parts: Vec<Bytes> = stream.try_collect().await.unwrap();
            parts.concat()
        };
        tokio::select! {
            ended = run => panic!("{ended:?}"),
            bytes = read => bytes,
        }
    }
}

/// Takes events, and keeps where the last file is.
#[derive(Default)]
struct Taken {
    source: Mutex<Option<MediaSource>>,
    told: Notify,
}

#[async_trait]
impl Inbox for Taken {
    async fn accept(&self, _: &Conversation, event: Event) -> Result<Accepted, InboxError> {
        if let EventBody::Media { items, .. } = event.body {
            *self.source.lock().unwrap() = Some(items[0].source.clone());
            self.told.notify_one();
        }
        Ok(Accepted::Accepted)
    }
}

#[async_trait]
impl Harness for Played {
    fn adapter(&self) -> &dyn Adapter {
        &self.adapter
    }

    async fn send(&self, number: u64, update: Update) -> Receipt {
        let before = self.sent.lock().unwrap().get(&number).copied();
        if let Some(before) = before {
            self.telegram.send_again(before);
        } else {
            match update {
                Update::Text(text) => {
                    self.kea.says(&self.room, &text);
                }
                Update::Command(command) => {
                    let text = format!("/{} {}", command.name, command.arguments);
                    self.kea.says(&self.room, text.trim());
                }
                Update::Press(label) => {
                    let on = self
                        .room
                        .find(|seen| seen.button(&label).is_some())
                        .unwrap();
                    self.kea.presses(&self.room, on.id, &label).unwrap();
                }
                Update::File(bytes) => {
                    let too_large = bytes.len() > lorikeet_fake_telegram::DOWNLOAD;
                    self.kea.to(&self.room).document("file.bin", bytes);
                    if too_large {
                        let told = |seen: &Seen| seen.from_bot && seen.text.contains("20 MB");
                        let told = self.room.wait_for("a sentence", PATIENCE, told);
                        told.await.unwrap();
                        return Receipt::Rejected;
                    }
                }
            }
            let update = self.telegram.last_update().unwrap();
            self.sent.lock().unwrap().insert(number, update);
        }
        let confirmed = self
            .telegram
            .wait_until("the update to be confirmed", CONFIRMED, || {
                (self.telegram.pending_updates() == 0).then_some(())
            });
        match confirmed.await {
            Ok(()) => Receipt::Acknowledged,
            Err(_) => Receipt::Unavailable,
        }
    }

    async fn room(&self) -> Vec<Message> {
        let messages = self.room.from_bot();
        messages
            .iter()
            .map(|seen| Message {
                text: seen.text.clone(),
                controls: seen.labels().into_iter().map(str::to_owned).collect(),
            })
            .collect()
    }

    async fn answers(&self) -> Vec<String> {
        let shown = || {
            let answers = self.telegram.answers();
            let texts: Vec<String> = answers.into_iter().filter_map(|shown| shown.text).collect();
            (!texts.is_empty()).then_some(texts)
        };
        let waited = self.telegram.wait_until("an answer", PATIENCE, shown);
        waited.await.unwrap_or_default()
    }

    fn creates_once(&self) -> bool {
        // The Bot API has no key for that: a message sent twice is two messages.
        false
    }

    async fn refuse_next(&self, failure: Failure) -> bool {
        let fault = match failure {
            Failure::Retry { .. } => Fault::too_many(1),
            Failure::Permanent => Fault::refuse(403, "Forbidden: bot was blocked by the user"),
        };
        self.telegram.next_call("sendMessage", fault);
        true
    }
}

/// A page that other people can open.
struct Site;

#[async_trait]
impl FileLinks for Site {
    async fn link(&self, file: &FileBlock, until: Timestamp) -> Result<String, DeliveryError> {
        let day = until.millis() - SystemClock.now().millis();
        assert!((86_000_000..=86_400_000).contains(&day), "a day: {day} ms");
        Ok(format!("https://lora.example/{}", file.name))
    }
}

#[tokio::test]
async fn a_file_too_large_for_telegram_comes_as_a_link() {
    for (links, said) in [
        (
            Some(Arc::new(Site) as Arc<dyn FileLinks>),
            "birds.safetensors has 63 MB; Telegram takes 50 MB from bots. This link gives it to you for a day:\nhttps://lora.example/birds.safetensors",
        ),
        (
            None,
            "birds.safetensors has 63 MB, and Telegram takes 50 MB from bots. Whoever runs this bot can give it to you.",
        ),
    ] {
        let played = Played::with(links, |_| Mode::Polling).await;
        let file = FileBlock {
            blob: BlobId::from_digest([1; 32]),
            name: "birds.safetensors".to_owned(),
            size: 63_000_000,
        };
        played.asks_for(file).await;
        let seen = played.room.last_from_bot().unwrap();
        assert_eq!(seen.text, said);
        assert_eq!(
            seen.marked("url").len(),
            usize::from(said.contains("https"))
        );
    }
}

#[tokio::test]
async fn a_file_just_small_enough_for_telegram_arrives_whole() {
    let played = Played::polled().await;
    let bytes: Bytes = (0..49_900_000_u32).map(|at| (at % 251) as u8).collect();
    let blob = played.blobs.put(bytes.clone()).await.unwrap().id;
    let file = FileBlock {
        blob,
        name: "birds.safetensors".to_owned(),
        size: bytes.len() as u64,
    };
    played.asks_for(file).await;
    let media = played.room.last_from_bot().unwrap().media.unwrap();
    assert_eq!(media.name.as_deref(), Some("birds.safetensors"));
    assert!(media.bytes == bytes, "{} bytes", media.bytes.len());
    let actions = played.room.actions();
    assert_eq!(actions.last().unwrap().action, "upload_document");
}

#[tokio::test]
async fn a_picture_that_takes_long_is_seen_to_be_on_its_way() {
    let played = Played::polled().await;
    let picture = samples::png(&samples::picture(1, 512, 384));
    let blob = played.blobs.put(picture.into()).await.unwrap().id;
    let alt = "a bird".to_owned();
    played
        .telegram
        .next_call("sendPhoto", Fault::Slow(PATIENCE));
    let shown = played.shows(Block::Image { blob, alt }, Page::First);
    let seen = played.telegram.wait_until("an action", PATIENCE, || {
        let actions = played.room.actions();
        actions.last().map(|action| action.action.clone())
    });
    tokio::select! {
        () = shown => panic!("not before it was said to be on its way"),
        seen = seen => assert_eq!(seen.unwrap(), "upload_photo"),
    }
}

#[tokio::test]
async fn paths_that_look_encoded_lead_to_their_files() {
    let played = Played::of(Paths::Encoded, None, |_| Mode::Polling).await;
    played.kea.to(&played.room).document("a.txt", "feathers");
    assert_eq!(played.reads_one().await, b"feathers");
}

#[tokio::test]
async fn a_server_of_ones_own_gives_large_files_on_its_disk() {
    let folder = tempfile::tempdir().unwrap();
    let paths = Paths::OnDisk(folder.path().to_owned());
    let played = Played::of(paths, None, |_| Mode::Polling).await;
    let bytes = vec![7; lorikeet_fake_telegram::DOWNLOAD + 1];
    played
        .kea
        .to(&played.room)
        .document("birds.zip", bytes.clone());
    assert!(played.reads_one().await == bytes);
}

#[tokio::test]
async fn keeps_the_obligations_of_an_adapter_by_polling() {
    conformance::check(Played::polled).await.unwrap();
}

#[tokio::test]
async fn keeps_the_obligations_of_an_adapter_by_webhook() {
    conformance::check(Played::called).await.unwrap();
}
