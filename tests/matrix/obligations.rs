//! The obligations of an adapter, with a real homeserver and a person at another client on the other side.

#![expect(
    clippy::panic,
    reason = "a harness has no other way to say that the test cannot go on"
)]

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use lorikeet_adapter_matrix::{Config, Login, Matrix, Parts, Secret};
use lorikeet_chat::{Conversation, Event};
use lorikeet_media::Blobs;
use lorikeet_platform::conformance::{self, Harness, Message, Receipt, Update};
use lorikeet_platform::{Accepted, Adapter, Failure, Inbox, InboxError};
use lorikeet_store::{Limits, MemoryStore, SystemClock, Transcript as _};
use lorikeet_tests::matrix::{Chat, Homeserver, PASSWORD, Person};
use lorikeet_tests::proxy::{Line, Proxy};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio::time::sleep;

/// How long an event is waited for to be taken, before the bot counts as unable to.
const TAKEN: Duration = Duration::from_secs(4);

/// The bot and a person in a private room, encrypted.
struct Played {
    homeserver: Arc<Homeserver>,
    line: Proxy,
    adapter: Matrix,
    transcript: Arc<MemoryStore>,
    kea: Person,
    bot: String,
    room: String,
    /// Events by their numbers.
    sent: Mutex<HashMap<u64, String>>,
    taken: Mutex<Vec<String>>,
    _directory: TempDir,
}

/// Takes everything, and tells of it.
#[derive(Default)]
struct Anything(Notify);

#[async_trait]
impl Inbox for Anything {
    async fn accept(&self, _: &Conversation, _: Event) -> Result<Accepted, InboxError> {
        self.0.notify_one();
        Ok(Accepted::Accepted)
    }
}

fn config(url: String, user: &str, directory: &Path) -> Config {
    Config {
        homeserver: url,
        user: user.to_owned(),
        login: Login::Password(Secret::new(PASSWORD)),
        device_name: "Lorikeet".to_owned(),
        directory: directory.to_owned(),
        store_passphrase: Secret::new(""),
        recovery_key: None,
        prefix: "!".to_owned(),
        polls: false,
        rooms: Vec::new(),
        users: Vec::new(),
    }
}

impl Played {
    async fn start(homeserver: Arc<Homeserver>) -> Result<Self> {
        let line = Proxy::start(([127, 0, 0, 1], homeserver.port()?).into()).await?;
        let directory = tempfile::tempdir()?;
        let bot = homeserver.register("lorikeet")?;
        let url = format!("http://127.0.0.1:{}", line.port);
        let transcript = Arc::new(MemoryStore::new(Arc::new(SystemClock), Limits::default()));
        let adapter = Matrix::new(Parts {
            config: config(url, &bot, directory.path()),
            blobs: Blobs::in_memory(),
            transcript: transcript.clone(),
            links: None,
        })?;
        let kea = Person::new(&homeserver, "kea").await?;
        // It greets who it meets: that is over before a case begins.
        let met = Arc::new(Anything::default());
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let run = adapter.run(met.clone(), Box::pin(async move { drop(stopped.await) }));
        let meets = async {
            let with = json!({ "invite": [bot], "encrypted": true });
            let room = kea.creates(with).await?;
            met.0.notified().await;
            drop(stop);
            anyhow::Ok(room)
        };
        let (ended, room) = tokio::join!(run, meets);
        ended?;
        Ok(Self {
            room: room?,
            homeserver,
            line,
            transcript,
            kea,
            bot,
            sent: Mutex::default(),
            taken: Mutex::default(),
            _directory: directory,
            adapter,
        })
    }

    fn chat(&self) -> Chat<'_> {
        Chat {
            person: &self.kea,
            bot: self.bot.clone(),
            room: self.room.clone(),
            thread: None,
        }
    }

    /// How far the bot has read the room, by what it keeps: nothing before it comes again.
    async fn read_to(&self) -> Result<String> {
        let kept = self.transcript.latest("sync/matrix", 1).await?;
        let kept = kept.first().context("nothing was read")?;
        let kept: Value = serde_json::from_str(&kept.body)?;
        Ok(kept["rooms"][&self.room]
            .as_str()
            .unwrap_or_default()
            .to_owned())
    }

    async fn does(&self, update: Update) -> Result<String> {
        let chat = self.chat();
        match update {
            Update::Text(text) => chat.says(&text).await,
            Update::Command(command) => {
                let text = format!("!{} {}", command.name, command.arguments);
                chat.says(text.trim()).await
            }
            Update::Press(label) => {
                let (seen, number) = chat.offered(&label).await?;
                chat.reacts(&seen, &format!("{number}\u{fe0f}\u{20e3}"))
                    .await
            }
            Update::File(bytes) => chat.shows(&bytes, json!({ "type": "m.file" })).await,
        }
    }

    async fn receipt(&self, number: u64, update: Update) -> Result<Receipt> {
        let before = self
            .sent
            .lock()
            .ok()
            .and_then(|sent| sent.get(&number).cloned());
        let event = match (before, &update) {
            // The homeserver knows a repeat by its number, and tells nobody.
            (Some(before), _) => before,
            (None, Update::File(_)) => match self.does(update).await {
                Ok(event) => event,
                // More than the homeserver takes from anybody.
                Err(_) => return Ok(Receipt::Rejected),
            },
            (None, _) => self.does(update).await?,
        };
        if let Ok(mut sent) = self.sent.lock() {
            sent.insert(number, event.clone());
        }
        let deadline = Instant::now() + TAKEN;
        loop {
            let known = self.taken.lock().is_ok_and(|taken| taken.contains(&event));
            if known || self.read_to().await? == event {
                if let Ok(mut taken) = self.taken.lock() {
                    taken.push(event);
                }
                return Ok(Receipt::Acknowledged);
            }
            if Instant::now() > deadline {
                return Ok(Receipt::Unavailable);
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// The bot's messages once the person has seen all there are.
    async fn seen(&self) -> Vec<lorikeet_tests::matrix::Seen> {
        if let Err(error) = self.kea.catches_up(&self.homeserver, &self.room).await {
            panic!("{error:#}");
        }
        let mut messages = self.kea.messages();
        messages.retain(|seen| seen.sender == self.bot);
        messages
    }
}

#[async_trait]
impl Harness for Played {
    fn adapter(&self) -> &dyn Adapter {
        &self.adapter
    }

    async fn send(&self, number: u64, update: Update) -> Receipt {
        match self.receipt(number, update).await {
            Ok(receipt) => receipt,
            Err(error) => panic!("{error:#}"),
        }
    }

    async fn room(&self) -> Vec<Message> {
        let screens = self
            .seen()
            .await
            .into_iter()
            .filter(|seen| seen.is_screen());
        let screens: Vec<_> = screens.collect();
        // What stands in an older list is answered as old.
        let last = screens.len().saturating_sub(1);
        let message = |(place, seen): (usize, &lorikeet_tests::matrix::Seen)| {
            let choices = seen.choices().into_iter().filter(|_| place == last);
            Message {
                text: seen.text().to_owned(),
                controls: choices.map(|(label, _)| label).collect(),
            }
        };
        screens.iter().enumerate().map(message).collect()
    }

    async fn answers(&self) -> Vec<String> {
        let seen = self.seen().await;
        let sentences = seen.iter().filter(|seen| !seen.is_screen());
        sentences.map(|seen| seen.text().to_owned()).collect()
    }

    async fn refuse_next(&self, failure: Failure) -> bool {
        match failure {
            Failure::Retry { .. } => self.line.set(Line::CutOnce),
            Failure::Permanent => {
                // Nobody but the person may speak from now on.
                let path = format!(
                    "/_matrix/client/v3/rooms/{}/state/m.room.power_levels",
                    self.room
                );
                let changed = async {
                    let call = |call| format!("{call} {path}");
                    let token = &self.kea.token;
                    let (asked, told) = (call("GET"), call("PUT"));
                    let mut levels = self.homeserver.call(token, &asked, &json!({})).await?;
                    levels["events_default"] = json!(100);
                    self.homeserver.call(token, &told, &levels).await
                };
                if let Err(error) = changed.await {
                    panic!("{error:#}");
                }
            }
        }
        true
    }
}

#[tokio::test]
async fn keeps_the_obligations_of_an_adapter() -> Result<()> {
    // It takes so little that a file over its limit is made quickly.
    let homeserver = Arc::new(Homeserver::own("1M").await?);
    let start = || async {
        match Played::start(Arc::clone(&homeserver)).await {
            Ok(played) => played,
            Err(error) => panic!("{error:#}"),
        }
    };
    conformance::check(start).await?;
    Ok(())
}
