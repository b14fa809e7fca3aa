//! Rooms as they are read: what is new, what was missed, and how far the store has it.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use lorikeet_platform::{DeliveryError, Inbox, InboxError, Stop};
use lorikeet_store::StoreError;
use matrix_sdk::deserialized_responses::TimelineEvent;
use matrix_sdk::room::MessagesOptions;
use matrix_sdk::ruma::{OwnedRoomId, RoomId, uint};
use matrix_sdk::sync::{JoinedRoomUpdate, SyncResponse};
use matrix_sdk::{Client, Room};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::sleep;

use crate::device::Device;
use crate::echoes::Echoes;
use crate::refusal::Refusal;
use crate::update::RoomEvent;
use crate::{Login, Shared, login, rooms};

/// Where it is kept how far rooms were read.
const BOOKMARKS: &str = "sync/matrix";
/// Between tries, while it cannot be reached.
const PAUSE: Duration = Duration::from_secs(2);
/// Rooms whose last event is known: in others a gap is read as far as one page goes.
const ROOMS: usize = 500;
/// Pages of a gap: more than a few thousand events are a flood.
const PAGES: usize = 50;

/// How far rooms were read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bookmark {
    /// Where to go on; none before the first time.
    token: Option<String>,
    /// The last events of rooms that the store has.
    rooms: BTreeMap<String, String>,
}

/// Logs in and reads rooms until `stop`.
pub(crate) async fn run(
    shared: &Arc<Shared>,
    inbox: Arc<dyn Inbox>,
    stop: Stop,
) -> Result<(), DeliveryError> {
    let mut stop = stop;
    let begun = async {
        let keys = login::own_keys(&shared.config).await?;
        let client = login::login(&shared.config, &shared.http).await?;
        let name = client.account().get_display_name().await.ok().flatten();
        {
            let mut me = shared
                .me
                .write()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            Arc::make_mut(&mut me).name = name.unwrap_or_default();
        }
        login::trust(&shared.config, &client).await;
        shared.upload_size(&client).await;
        Ok::<_, DeliveryError>(Arc::new(Device::new(client, keys)))
    };
    let device = tokio::select! {
        begun = begun => begun?,
        () = &mut stop => return Ok(()),
    };
    tracing::info!("known to Matrix");
    let Some(keys) = device.client.encryption().room_keys_received_stream().await else {
        return Err(DeliveryError::retry("the device's keys are not there"));
    };
    let mut keys = std::pin::pin!(keys);
    let unlocking = async {
        loop {
            shared.unlock(&device, inbox.as_ref()).await;
            if keys.next().await.is_none() {
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        ended = read(shared, &device, inbox.as_ref()) => ended,
        () = unlocking => Ok(()),
        () = &mut stop => Ok(()),
    }
}

/// Reads rooms until the homeserver does not know the bot any more.
async fn read(
    shared: &Arc<Shared>,
    device: &Arc<Device>,
    inbox: &dyn Inbox,
) -> Result<(), DeliveryError> {
    let mut bookmark = loop {
        match shared.bookmark().await {
            Ok(bookmark) => break bookmark,
            Err(error) => {
                tracing::warn!(%error, "how far rooms were read cannot be looked up");
                sleep(PAUSE).await;
            }
        }
    };
    let mut connected = false;
    // Those of before are not told of again.
    *shared.echoes() = Echoes::default();
    loop {
        let news = async {
            if let Some(token) = bookmark.token.as_deref().filter(|_| connected) {
                device.news(token).await?;
            }
            device.read(bookmark.token.as_deref()).await
        };
        let responses = match news.await {
            Ok(responses) => responses,
            Err(error) => match Refusal::of(&error) {
                Refusal::LoggedOut => {
                    return Err(login::revoked(match shared.config.login {
                        Login::Password(_) => "matrix.password",
                        Login::Token(_) => "matrix.token",
                    }));
                }
                refusal => {
                    tracing::warn!(%refusal, "rooms cannot be read just now");
                    let pause = match refusal {
                        Refusal::Pause(Some(after)) => after,
                        _ => PAUSE,
                    };
                    sleep(pause).await;
                    continue;
                }
            },
        };
        if !connected {
            // Only now are rooms known that something can be sent to.
            shared.connect(Some(Arc::clone(device)));
            shared.describes(device.client.joined_rooms());
            connected = true;
        }
        for response in responses {
            bookmark = shared.keep(device, inbox, &bookmark, response).await;
        }
    }
}

impl Shared {
    async fn bookmark(&self) -> Result<Bookmark, StoreError> {
        let entries = self.transcript.latest(BOOKMARKS, 10).await?;
        let mut own = entries.iter().filter(|entry| entry.id == self.config.user);
        let kept = own.next().map(|entry| serde_json::from_str(&entry.body));
        Ok(kept.and_then(Result::ok).unwrap_or_default())
    }

    /// Keeps what is new, however long it takes: the SDK does not give it a second time. The bookmark behind it.
    async fn keep(
        self: &Arc<Self>,
        device: &Arc<Device>,
        inbox: &dyn Inbox,
        before: &Bookmark,
        response: SyncResponse,
    ) -> Bookmark {
        loop {
            let kept = async {
                let next = self.digest(device, inbox, before, &response).await?;
                let body = serde_json::json!(next).to_string();
                let kept = self.transcript.put(BOOKMARKS, &self.config.user, body);
                kept.await.map_err(|error| InboxError(error.to_string()))?;
                Ok::<_, InboxError>(next)
            };
            match kept.await {
                Ok(next) => return next,
                // What is in the store already is known there.
                Err(error) => tracing::warn!(%error, "events could not be kept; it is tried again"),
            }
            sleep(PAUSE).await;
        }
    }

    /// Hands over what is new. The bookmark to be kept once this has answered.
    async fn digest(
        self: &Arc<Self>,
        device: &Arc<Device>,
        inbox: &dyn Inbox,
        before: &Bookmark,
        response: &SyncResponse,
    ) -> Result<Bookmark, InboxError> {
        let mut bookmark = before.clone();
        for (id, update) in &response.rooms.invited {
            let events = update.invite_state.events.iter();
            let states: Vec<Value> = events
                .filter_map(|event| serde_json::from_str(event.json().get()).ok())
                .collect();
            self.invited(&device.client, id, &states).await;
        }
        for (id, update) in &response.rooms.joined {
            let Some(room) = device.client.get_room(id) else {
                continue;
            };
            let events = if before.token.is_some() {
                self.unread(&room, before, update).await?
            } else {
                // What was said before the bot was here for the first time is not said to it.
                let last = update.timeline.events.last();
                note(&mut bookmark, id, last);
                continue;
            };
            // What stands further on was not there for who spoke before it.
            for event in &events {
                if event.sender().as_deref() == Some(room.own_user_id())
                    && let Some(id) = event.event_id()
                {
                    self.echoes().sent(id.as_str());
                }
            }
            for event in &events {
                self.take(device, inbox, &room, event).await?;
            }
            note(&mut bookmark, id, events.last());
        }
        bookmark.token = Some(response.next_batch.clone());
        Ok(bookmark)
    }

    /// The events of a room that the store does not have: those that came, and before them those of a gap.
    async fn unread(
        &self,
        room: &Room,
        before: &Bookmark,
        update: &JoinedRoomUpdate,
    ) -> Result<Vec<TimelineEvent>, InboxError> {
        let timeline = &update.timeline;
        let mut events = timeline.events.clone();
        let known = before.rooms.get(room.room_id().as_str());
        let mut from = timeline.prev_batch.clone().filter(|_| timeline.limited);
        let mut pages = 0;
        while let Some(token) = from {
            // In a room that is new to the bot, what was said to it begins with its own coming.
            if joins(&events, room).is_some() || (known.is_none() && pages > 0) || pages >= PAGES {
                break;
            }
            pages += 1;
            let mut options = MessagesOptions::backward().from(token.as_str());
            options.limit = uint!(100);
            options.filter.types = Some(rooms::kinds());
            let page = match room.messages(options).await {
                Ok(page) => page,
                Err(error) => match Refusal::of(&error) {
                    // It may not look back here: it was put out since.
                    refusal @ (Refusal::Forbidden(_) | Refusal::Wrong(_)) => {
                        tracing::warn!(room = %room.room_id(), %refusal, "a gap cannot be read");
                        break;
                    }
                    refusal => return Err(InboxError(refusal.to_string())),
                },
            };
            let mut missed = Vec::new();
            let mut reached = page.chunk.is_empty();
            for event in page.chunk {
                if event.event_id().as_deref().map(|id| id.as_str()) == known.map(String::as_str) {
                    reached = true;
                    break;
                }
                missed.push(event);
            }
            missed.reverse();
            missed.append(&mut events);
            events = missed;
            from = page.end.filter(|_| !reached);
        }
        if pages > 0 {
            tracing::info!(room = %room.room_id(), events = events.len(), "a gap was read");
        }
        let mut seen = HashSet::new();
        events.retain(|event| event.event_id().is_none_or(|id| seen.insert(id)));
        if let Some(joined) = joins(&events, room) {
            events.drain(..joined);
        }
        Ok(events)
    }
}

/// Where the bot itself came into the room, the last time.
fn joins(events: &[TimelineEvent], room: &Room) -> Option<usize> {
    let me = room.own_user_id().as_str();
    events.iter().rposition(|event| {
        let event: Option<RoomEvent> = serde_json::from_str(event.raw().json().get()).ok();
        event.is_some_and(|event| event.is_arrival() && event.state_key.as_deref() == Some(me))
    })
}

fn note(bookmark: &mut Bookmark, room: &RoomId, last: Option<&TimelineEvent>) {
    if let Some(id) = last.and_then(TimelineEvent::event_id) {
        bookmark.rooms.insert(room.to_string(), id.to_string());
        if bookmark.rooms.len() > ROOMS {
            bookmark.rooms.pop_first();
        }
    }
}

impl Shared {
    /// Follows an invitation, or says why not.
    async fn invited(&self, client: &Client, id: &OwnedRoomId, states: &[Value]) {
        let me = &self.config.user;
        let invites =
            |state: &&Value| state["type"] == "m.room.member" && state["state_key"] == **me;
        let by = states
            .iter()
            .find(invites)
            .and_then(|state| state["sender"].as_str());
        let by = by.unwrap_or_default();
        let Some(room) = client.get_room(id) else {
            return;
        };
        if !self.config.allows(by) || !self.config.allows_room(id.as_str()) {
            tracing::info!(room = %id, "an invitation is not followed: matrix.users and matrix.rooms say who may");
            let text = crate::words::of(None).say("not-allowed");
            let mut leave =
                matrix_sdk::ruma::api::client::membership::leave_room::v3::Request::new(id.clone());
            leave.reason = Some(text);
            if let Err(error) = client.send(leave).await {
                tracing::debug!(refusal = %Refusal::of_call(&error), "an invitation stays open");
            }
            return;
        }
        match room.join().await {
            Ok(()) => tracing::info!(room = %id, "an invitation was followed"),
            Err(error) => {
                // It comes again with the next start.
                tracing::warn!(room = %id, refusal = %Refusal::of(&error), "an invitation could not be followed");
            }
        }
    }

    /// Goes along to the room that takes another's place.
    pub(crate) async fn follow(&self, client: &Client, event: &RoomEvent) {
        let Ok(next) = RoomId::parse(event.text("replacement_room")) else {
            return;
        };
        let via = event
            .sender
            .split_once(':')
            .and_then(|(_, server)| server.try_into().ok());
        let servers: Vec<matrix_sdk::OwnedServerName> = via.into_iter().collect();
        match client
            .join_room_by_id_or_alias((&*next).into(), &servers)
            .await
        {
            Ok(_) => tracing::info!(room = %next, "an upgraded room was followed"),
            // Who may come only when asked is asked soon.
            Err(error) => {
                tracing::info!(room = %next, refusal = %Refusal::of(&error), "an upgraded room cannot be followed yet")
            }
        }
    }
}
