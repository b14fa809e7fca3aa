//! The bot's device while this process leads: who uses it, and when.

use std::fs::File;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use matrix_sdk::config::{RequestConfig, SyncSettings, SyncToken};
use matrix_sdk::ruma::api::client::filter::{FilterDefinition, RoomEventFilter, RoomFilter};
use matrix_sdk::ruma::api::client::sync::sync_events::v3::{Filter, Request};
use matrix_sdk::ruma::{OwnedTransactionId, uint};
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
        let mut request = Request::new();
        request.filter = Some(Filter::FilterDefinition(filter()));
        request.since = Some(token.to_owned());
        request.timeout = Some(WAIT);
        let patient = RequestConfig::new().timeout(TIMEOUT + WAIT).disable_retry();
        self.client
            .send(request)
            .with_request_config(patient)
            .await?;
        Ok(())
    }

    /// Takes in what is new after a token; all of it where there is none. The SDK gives each of it once: whoever asks has to
    /// keep it until it is in the store.
    pub(crate) async fn read(&self, token: Option<&str>) -> matrix_sdk::Result<Vec<SyncResponse>> {
        let _nobody_encrypts = self.encrypting.write().await;
        let read = self.sync(token).await?;
        let mut met = false;
        for id in read.rooms.joined.keys().filter(|_| token.is_some()) {
            met |= match self.client.get_room(id) {
                Some(room) => meet(&room).await,
                None => false,
            };
        }
        if !met {
            return Ok(vec![read]);
        }
        // Before this the SDK asks for the devices of who was met.
        let more = self.sync(Some(&read.next_batch)).await;
        Ok(std::iter::once(read).chain(more).collect())
    }

    async fn sync(&self, token: Option<&str>) -> matrix_sdk::Result<SyncResponse> {
        let settings = SyncSettings::new()
            .filter(Filter::FilterDefinition(filter()))
            .timeout(Duration::ZERO)
            .token(SyncToken::from_optional_token(token.map(str::to_owned)));
        self.client.sync_once(settings).await
    }
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
