//! The obligations of an adapter, with a Discord of the test's own on the other side.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use lorikeet_adapter_discord::{Config, Discord, Mode, Parts, Secret};
use lorikeet_chat::{Conversation, Event};
use lorikeet_fake_discord::{FakeDiscord, Fault, Options, Person, Room, Seen, Shown};
use lorikeet_media::Blobs;
use lorikeet_platform::conformance::{self, Harness, Message, Receipt, Update};
use lorikeet_platform::{Accepted, Adapter, CommandHelp, Failure, Inbox, InboxError, Told};
use lorikeet_store::{Limits, MemoryStore, SystemClock, Transcript};
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::{advance, pause, resume, sleep, timeout};

/// How long an event is waited for to be noted in the bookmark, before the bot counts as unable to take it.
const NOTED: Duration = Duration::from_secs(3);
/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(10);

struct Played {
    discord: FakeDiscord,
    adapter: Discord,
    store: Arc<MemoryStore>,
    kea: Person,
    room: Room,
    sent: Mutex<HashMap<u64, u64>>,
}

impl Played {
    async fn start() -> Self {
        let discord = FakeDiscord::start(Options::default()).await.unwrap();
        let store = Arc::new(MemoryStore::new(Arc::new(SystemClock), Limits::default()));
        let adapter = Discord::new(Parts {
            config: Config {
                token: Secret::new(discord.token()),
                api_url: discord.url(),
                application_id: None,
                public_key: None,
                mode: Mode::Gateway { shards: None },
                guilds: Vec::new(),
            },
            blobs: Blobs::in_memory(),
            transcript: store.clone(),
            links: None,
        })
        .unwrap();
        let kea = discord.person("Kea", "en-US");
        let room = kea.private();
        Self {
            discord,
            adapter,
            store,
            kea,
            room,
            sent: Mutex::default(),
        }
    }

    /// The last event that another process would not be told again.
    async fn noted(&self) -> u64 {
        let kept = self.store.latest("gateway/discord", 1).await.unwrap();
        let kept = kept.first().map(|entry| entry.body.clone());
        let kept: Value = serde_json::from_str(&kept.unwrap_or_default()).unwrap_or_default();
        kept["session"]["sequence"].as_u64().unwrap_or(0)
    }

    fn seen(&self) -> Vec<Seen> {
        self.room.seen_by(&self.kea)
    }
}

#[async_trait]
impl Harness for Played {
    fn adapter(&self) -> &dyn Adapter {
        &self.adapter
    }

    async fn send(&self, number: u64, update: Update) -> Receipt {
        let connected = || (self.discord.connected() == 1).then_some(());
        let listens = self.discord.wait_until("a connection", PATIENCE, connected);
        listens.await.unwrap();
        let before = self.sent.lock().unwrap().get(&number).copied();
        if let Some(before) = before {
            self.discord.tells_again(before);
        } else {
            let id = match update {
                Update::Text(text) => self.kea.writes(&self.room, &text, &[]),
                Update::Command(command) => {
                    let text = format!("/{} {}", command.name, command.arguments);
                    self.kea.writes(&self.room, text.trim(), &[])
                }
                Update::File(bytes) => self.kea.writes(&self.room, "", &[("file.bin", &bytes)]),
                Update::Press(label) => {
                    let has = |seen: &&Seen| seen.labels().contains(&label.as_str());
                    let on = self.seen().iter().rev().find(has).unwrap().id;
                    let token = self.kea.presses(&self.room, on, &label).unwrap();
                    return match self.discord.shown(&token, PATIENCE).await.unwrap() {
                        Shown::Failed => Receipt::Unavailable,
                        _ => Receipt::Acknowledged,
                    };
                }
            };
            self.sent.lock().unwrap().insert(number, id);
        }
        let told = self.discord.sequence();
        let noted = timeout(NOTED, async {
            while self.noted().await < told {
                sleep(Duration::from_millis(20)).await;
            }
        });
        match noted.await {
            Ok(()) => Receipt::Acknowledged,
            Err(_) => Receipt::Unavailable,
        }
    }

    async fn room(&self) -> Vec<Message> {
        let seen = self.seen().into_iter().filter(|seen| !seen.ephemeral);
        seen.map(|seen| Message {
            controls: seen.labels().into_iter().map(str::to_owned).collect(),
            text: seen.text,
        })
        .collect()
    }

    async fn answers(&self) -> Vec<String> {
        let shown = || {
            let seen = self.seen().into_iter().filter(|seen| seen.ephemeral);
            let texts: Vec<String> = seen.map(|seen| seen.text).collect();
            (!texts.is_empty()).then_some(texts)
        };
        let waited = self.discord.wait_until("an answer", PATIENCE, shown);
        waited.await.unwrap_or_default()
    }

    async fn refuse_next(&self, failure: Failure) -> bool {
        let fault = match failure {
            Failure::Retry { .. } => Fault::BadGateway,
            Failure::Permanent => Fault::Refuse(403, 50007, "Cannot send messages to this user"),
        };
        self.discord.next_call("send", fault);
        true
    }
}

#[tokio::test]
async fn keeps_the_obligations_of_an_adapter() {
    conformance::check(Played::start).await.unwrap();
}

/// Takes every event; what comes of it is shown by another process.
struct Elsewhere;

#[async_trait]
impl Inbox for Elsewhere {
    async fn accept(&self, _: &Conversation, _: Event) -> Result<Accepted, InboxError> {
        Ok(Accepted::Accepted)
    }
}

#[tokio::test]
async fn what_another_process_answers_is_not_promised_for_ever() {
    let played = Played::start().await;
    let start = CommandHelp {
        name: "start".to_owned(),
        names: Default::default(),
        summary: Told {
            usual: "Begin".to_owned(),
            ..Told::default()
        },
        argument: None,
        pictures: None,
    };
    played.adapter.publish(&[start]).await.unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped = Box::pin(async { drop(stopped.await) });
    let person = async {
        let wait = async |what: &str, is: &dyn Fn() -> bool| {
            let is = || is().then_some(());
            played.discord.wait_until(what, PATIENCE, is).await.unwrap();
        };
        wait("a connection", &|| played.discord.connected() == 1).await;
        let token = played.kea.uses(&played.room, "start", &[]).unwrap();
        let shown = played.discord.shown(&token, PATIENCE).await.unwrap();
        assert_eq!(shown, Shown::Later);
        let is_promised = || played.seen().iter().any(|seen| seen.loading);
        assert!(is_promised());
        // In steps: the bot counts from when it was told that its answer came.
        for _ in 0..20 {
            pause();
            advance(Duration::from_secs(10)).await;
            resume();
            sleep(Duration::from_millis(20)).await;
        }
        assert!(!is_promised(), "{:?}", played.seen());
        stop.send(()).unwrap();
    };
    let run = played.adapter.run(Arc::new(Elsewhere), stopped);
    let (ran, ()) = tokio::join!(run, person);
    ran.unwrap();
}
