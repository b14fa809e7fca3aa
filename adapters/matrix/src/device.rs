//! The bot's device while this process leads: who uses it, and when.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use matrix_sdk::config::{RequestConfig, SyncSettings, SyncToken};
use matrix_sdk::deserialized_responses::TimelineEvent;
use matrix_sdk::ruma::api::client::filter::{FilterDefinition, RoomEventFilter, RoomFilter};
use matrix_sdk::ruma::api::client::sync::sync_events::v3::{Filter, Request, Response};
use matrix_sdk::ruma::events::AnySyncTimelineEvent;
use matrix_sdk::ruma::serde::Raw;
use matrix_sdk::ruma::{OwnedRoomId, OwnedTransactionId, uint};
use matrix_sdk::store::{StateStoreDataKey, StateStoreDataValue};
use matrix_sdk::sync::SyncResponse;
use matrix_sdk::{Client, HttpError, Room};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::sync::RwLock;
use tokio::time::Instant;

use crate::refusal::Refusal;
use crate::{TIMEOUT, rooms};

/// How long the homeserver may wait for something new.
const WAIT: Duration = Duration::from_secs(25);
/// For so long after it wanted a pause it is spared.
const LATELY: Duration = Duration::from_secs(600);

/// The device. Its keys are this process's as long as somebody has it.
pub(crate) struct Device {
    pub(crate) client: Client,
    /// Read by who encrypts, written by who takes in what is new. The SDK holds the lock of its key claims while it waits up to
    /// five seconds for a list of devices, which it asks for only once it gets that lock: whoever encrypted between the news that
    /// a list has changed and that question would wait for nothing, and everybody else behind them.
    encrypting: RwLock<()>,
    /// When the homeserver last wanted a pause.
    paused: Mutex<Option<Instant>>,
    /// What keeps other processes from the keys.
    _keys: File,
}

impl Device {
    pub(crate) fn new(client: Client, keys: File) -> Self {
        Self {
            client,
            encrypting: RwLock::default(),
            paused: Mutex::default(),
            _keys: keys,
        }
    }

    /// Sends an event, encrypted where the room is; its id. One with the `id` of an earlier one is that one.
    pub(crate) async fn send(
        &self,
        room: &Room,
        kind: &str,
        content: &impl Serialize,
        id: &str,
    ) -> Result<String, Refusal> {
        let content = json!(content);
        let id = transaction(id);
        let sent = room.send_raw(kind, content).with_transaction_id(&id);
        let _not_while_reading = self.encrypting.read().await;
        match sent.with_request_config(once()).await {
            Ok(sent) => Ok(sent.response.event_id.to_string()),
            Err(error) => {
                let refusal = Refusal::of(&error);
                if let Refusal::Pause(_) = refusal {
                    let mut paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
                    *paused = Some(Instant::now());
                }
                Err(refusal)
            }
        }
    }

    /// Whether the homeserver found lately that the bot says too much.
    pub(crate) fn is_limited(&self) -> bool {
        let paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
        paused.is_some_and(|at| at.elapsed() < LATELY)
    }

    /// Waits until there is something new after a token, or for a while. What it is comes with [`Device::read`].
    pub(crate) async fn news(&self, token: &str) -> Result<(), HttpError> {
        self.ask(Some(token), WAIT).await.map(drop)
    }

    async fn ask(&self, token: Option<&str>, wait: Duration) -> Result<Response, HttpError> {
        let mut request = Request::new();
        request.filter = Some(Filter::FilterDefinition(filter()));
        request.since = token.map(str::to_owned);
        request.timeout = Some(wait);
        let patient = once().timeout(TIMEOUT + wait);
        self.client.send(request).with_request_config(patient).await
    }

    /// Takes in what is new after a token; all of it where there is none. The SDK gives each of it once: whoever asks has to
    /// keep it until it is in the store.
    pub(crate) async fn read(&self, token: Option<&str>) -> matrix_sdk::Result<Vec<News>> {
        let _nobody_encrypts = self.encrypting.write().await;
        let read = self.sync(token).await?;
        let mut met = false;
        for (id, _) in read.joined.iter().filter(|_| token.is_some()) {
            met |= match self.client.get_room(id) {
                Some(room) => meet(&room).await,
                None => false,
            };
        }
        if !met {
            return Ok(vec![read]);
        }
        // Before this the SDK asks for the devices of who was met.
        let more = self.sync(Some(&read.next)).await;
        Ok(std::iter::once(read).chain(more).collect())
    }

    async fn sync(&self, token: Option<&str>) -> matrix_sdk::Result<News> {
        let settings = SyncSettings::new()
            .filter(Filter::FilterDefinition(filter()))
            .timeout(Duration::ZERO)
            .token(SyncToken::from_optional_token(token.map(str::to_owned)));
        match self.client.sync_once(settings).await {
            Ok(response) => Ok(News::of(response)),
            Err(error @ matrix_sdk::Error::Http(_)) => Err(error),
            Err(error) => self.salvage(token).await?.ok_or(error),
        }
    }

    /// What the SDK has taken in and not given: it stumbles over an event of another form than it knows, after it has noted that
    /// it was there. None where it did not get so far.
    async fn salvage(&self, token: Option<&str>) -> matrix_sdk::Result<Option<News>> {
        let store = self.client.state_store();
        let kept = store.get_kv_data(StateStoreDataKey::SyncToken).await?;
        let next = kept.and_then(StateStoreDataValue::into_sync_token);
        let Some(next) = next.filter(|next| Some(next.as_str()) != token) else {
            return Ok(None);
        };
        tracing::warn!("an event of an odd form came; what came with it is read without the SDK");
        let response = self.ask(token, Duration::ZERO).await?;
        let mut joined = BTreeMap::new();
        for (id, update) in response.rooms.join {
            let Some(room) = self.client.get_room(&id) else {
                continue;
            };
            let mut events = Vec::new();
            for event in update.timeline.events {
                events.push(decrypted(&room, event).await);
            }
            let unread = Unread {
                events,
                from: update
                    .timeline
                    .prev_batch
                    .filter(|_| update.timeline.limited),
            };
            joined.insert(id, unread);
        }
        Ok(Some(News {
            next,
            joined,
            invited: !response.rooms.invite.is_empty(),
        }))
    }
}

/// What is new.
pub(crate) struct News {
    /// What comes after it.
    pub(crate) next: String,
    /// By the rooms the bot is in.
    pub(crate) joined: BTreeMap<OwnedRoomId, Unread>,
    /// Whether the bot was asked into others.
    pub(crate) invited: bool,
}

/// What is new in a room.
pub(crate) struct Unread {
    pub(crate) events: Vec<TimelineEvent>,
    /// Where what is missing before them ends; none where nothing is.
    pub(crate) from: Option<String>,
}

impl News {
    fn of(response: SyncResponse) -> Self {
        let invited = !response.rooms.invited.is_empty();
        let joined = response.rooms.joined.into_iter().map(|(id, update)| {
            let timeline = update.timeline;
            let unread = Unread {
                events: timeline.events,
                from: timeline.prev_batch.filter(|_| timeline.limited),
            };
            (id, unread)
        });
        Self {
            next: response.next_batch,
            joined: joined.collect(),
            invited,
        }
    }
}

/// An event as the SDK gives it.
async fn decrypted(room: &Room, event: Raw<AnySyncTimelineEvent>) -> TimelineEvent {
    let kind = event.get_field::<String>("type").ok().flatten();
    if kind.as_deref() == Some("m.room.encrypted")
        && let Ok(read) = room.decrypt_event(event.cast_ref_unchecked(), None).await
    {
        return read;
    }
    TimelineEvent::from_plaintext(event)
}

/// A transaction id: the same on every repeat, of what is in our own ids as of what is in the platform's.
/// <https://spec.matrix.org/v1.19/client-server-api/#transaction-identifiers>
pub(crate) fn transaction(id: &str) -> OwnedTransactionId {
    hex::encode(&Sha256::digest(id)[..16]).into()
}

/// What is worth a repeat is repeated by who asked.
pub(crate) fn once() -> RequestConfig {
    RequestConfig::new().timeout(TIMEOUT).disable_retry()
}

/// Looks who is in a room where things are encrypted, if that is not known: whether it was not.
async fn meet(room: &Room) -> bool {
    let is_news = room.encryption_state().is_encrypted() && !room.are_members_synced();
    if is_news && let Err(error) = room.sync_members().await {
        // Who encrypts looks again.
        tracing::debug!(room = %room.room_id(), refusal = %Refusal::of(&error), "who is in a room is not known yet");
    }
    is_news
}

fn filter() -> FilterDefinition {
    let mut timeline = RoomEventFilter::with_lazy_loading();
    timeline.limit = Some(uint!(20));
    timeline.types = Some(rooms::kinds());
    let mut room = RoomFilter::default();
    room.timeline = timeline;
    room.state = RoomEventFilter::with_lazy_loading();
    room.ephemeral.types = Some(Vec::new());
    let mut filter = FilterDefinition::default();
    filter.room = room;
    filter.presence.types = Some(Vec::new());
    filter
}
