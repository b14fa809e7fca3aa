//! Events that could not be decrypted: kept until their keys come.

use lorikeet_platform::{Inbox, InboxError};
use matrix_sdk::Room;
use matrix_sdk::deserialized_responses::{TimelineEvent, TimelineEventKind};
use matrix_sdk::ruma::RoomId;
use matrix_sdk::ruma::serde::Raw;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use crate::aside::Aside;
use crate::device::Device;
use crate::incoming::{Sentence, conversation};
use crate::update::RoomEvent;
use crate::{Shared, rooms};

/// Where they are kept.
const LOCKED: &str = "locked/matrix";
/// So many: older ones are given up.
const MOST: usize = 500;

/// An event that could not be decrypted.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Locked {
    room: String,
    sender: String,
    /// As it came, encrypted; none once it was read.
    event: Option<Box<serde_json::value::RawValue>>,
}

impl Shared {
    /// Keeps an event that could not be decrypted, and tells its sender so, once until one of theirs is read.
    pub(crate) async fn lock(
        self: &Arc<Self>,
        device: &Arc<Device>,
        (room, home): (&Room, &str),
        event: &RoomEvent,
        raw: &TimelineEvent,
    ) -> Result<(), InboxError> {
        let unkept = |error: lorikeet_store::StoreError| InboxError(error.to_string());
        let entries = self.transcript.latest(LOCKED, MOST).await.map_err(unkept)?;
        if entries.iter().any(|entry| entry.id == event.event_id) {
            return Ok(());
        }
        let locked = entries
            .iter()
            .filter_map(|entry| serde_json::from_str::<Locked>(&entry.body).ok());
        let said = locked
            .filter(|locked| locked.event.is_some())
            .any(|locked| locked.room == room.room_id().as_str() && locked.sender == event.sender);
        let locked = Locked {
            room: room.room_id().to_string(),
            sender: event.sender.clone(),
            event: Some(raw.raw().json().to_owned()),
        };
        let body = serde_json::to_string(&locked).unwrap_or_default();
        let kept = self.transcript.put(LOCKED, &event.event_id, body).await;
        kept.map_err(unkept)?;
        tracing::info!(room = %room.room_id(), event = event.event_id, "an event cannot be decrypted yet");
        self.locked.notify_one();
        if said {
            return Ok(());
        }
        // Among others it may not have been meant for the bot, unless it is in a thread that is its own.
        let thread = event.thread();
        let own = match conversation(home, thread, &event.sender) {
            Some(conversation) if thread.is_some() => self
                .standings
                .of(&conversation)
                .await
                .map_err(unkept)?
                .is_some(),
            _ => false,
        };
        if own || rooms::is_private(room) {
            let place = Aside::new(room, thread);
            self.tell(device, place, event, &Sentence::Plain("message-locked"));
        }
        Ok(())
    }

    /// Reads what can be decrypted by now; whether it is to be tried again without a key's coming, because the store failed.
    pub(crate) async fn unlock(self: &Arc<Self>, device: &Arc<Device>, inbox: &dyn Inbox) -> bool {
        let entries = match self.transcript.latest(LOCKED, MOST).await {
            Ok(entries) => entries,
            Err(error) => {
                tracing::warn!(%error, "events that wait for their keys cannot be looked up");
                return true;
            }
        };
        for entry in entries {
            let Ok(mut locked) = serde_json::from_str::<Locked>(&entry.body) else {
                continue;
            };
            let room = RoomId::parse(&locked.room)
                .ok()
                .and_then(|id| device.client.get_room(&id));
            let (Some(room), Some(event)) = (room, locked.event.take()) else {
                continue;
            };
            let decrypted = room.decrypt_event(&Raw::from_json(event), None).await;
            let Ok(decrypted) = decrypted else { continue };
            if !matches!(decrypted.kind, TimelineEventKind::Decrypted(_)) {
                continue;
            }
            if let Err(error) = self.take(device, inbox, &room, &decrypted).await {
                tracing::warn!(%error, "a decrypted event was not kept");
                return true;
            }
            let body = serde_json::to_string(&locked).unwrap_or_default();
            if let Err(error) = self.transcript.put(LOCKED, &entry.id, body).await {
                // It is taken again, and known then.
                tracing::warn!(%error, "a decrypted event is not noted");
            }
            tracing::info!(event = entry.id, "an event could be decrypted after all");
        }
        false
    }
}
