//! Rooms as they are read: what is new, what was missed, and how far the store has it.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use lorikeet_platform::{DeliveryError, Inbox, InboxError, Stop};
use lorikeet_store::StoreError;
use matrix_sdk::deserialized_responses::{TimelineEvent, TimelineEventKind};
use matrix_sdk::room::{Messages, MessagesOptions};
use matrix_sdk::ruma::api::client::membership::leave_room::v3::Request as LeaveRequest;
use matrix_sdk::ruma::{RoomId, uint};
use matrix_sdk::{Client, Room};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::device::{Device, News, Unread};
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
/// Until what failed is tried again, and what waits is looked at.
const AGAIN: Duration = Duration::from_secs(30);
/// How often a page of a gap is asked for, and an upgraded room.
const TRIES: u32 = 5;
/// After so many refusals of where to go on, it is taken for unknown.
const REFUSED: u32 = 3;
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
            let waits = shared.unlock(&device, inbox.as_ref()).await;
            tokio::select! {
                Some(_) = keys.next() => {}
                // Its key may have come just before it was noted that it is missing.
                () = shared.locked.notified() => {}
                () = sleep(AGAIN), if waits => {}
            }
        }
    };
    let inviting = async {
        loop {
            shared.invited(&device.client).await;
            tokio::select! {
                () = shared.invitations.notified() => {}
                () = sleep(AGAIN) => {}
            }
        }
    };
    tokio::select! {
        ended = read(shared, &device, inbox.as_ref()) => ended,
        () = unlocking => Ok(()),
        () = inviting => Ok(()),
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
    let mut refused = 0;
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
                Refusal::LoggedOut => return Err(logged_out(shared)),
                refusal => {
                    tracing::warn!(%refusal, "rooms cannot be read just now");
                    // A homeserver that was put back to an older state does not know where the bot was.
                    refused = if matches!(refusal, Refusal::Wrong(_)) {
                        refused + 1
                    } else {
                        0
                    };
                    if refused >= REFUSED && bookmark.token.take().is_some() {
                        tracing::error!(
                            "the homeserver does not know how far rooms were read; what was last read in each is looked for"
                        );
                    }
                    let pause = match refusal {
                        Refusal::Pause(Some(after)) => after,
                        _ => PAUSE,
                    };
                    sleep(pause).await;
                    continue;
                }
            },
        };
        refused = 0;
        if !connected {
            // Only now are rooms known that something can be sent to.
            shared.connect(Some(Arc::clone(device)));
            shared.describes(device.client.joined_rooms());
            connected = true;
        }
        for response in responses {
            bookmark = shared.keep(device, inbox, &bookmark, &response).await?;
        }
    }
}

fn logged_out(shared: &Shared) -> DeliveryError {
    login::revoked(match shared.config.login {
        Login::Password(_) => "matrix.password",
        Login::Token(_) => "matrix.token",
    })
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
        news: &News,
    ) -> Result<Bookmark, DeliveryError> {
        loop {
            let kept = async {
                let next = self.digest(device, inbox, before, news).await?;
                let body = serde_json::json!(next).to_string();
                let kept = self.transcript.put(BOOKMARKS, &self.config.user, body);
                kept.await
                    .map_err(|error| Unkept::Store(InboxError(error.to_string())))?;
                Ok::<_, Unkept>(next)
            };
            match kept.await {
                Ok(next) => return Ok(next),
                Err(Unkept::LoggedOut) => return Err(logged_out(self)),
                // What is in the store already is known there.
                Err(Unkept::Store(error)) => {
                    tracing::warn!(%error, "events could not be kept; it is tried again");
                }
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
        news: &News,
    ) -> Result<Bookmark, Unkept> {
        let mut bookmark = before.clone();
        if news.invited {
            self.invitations.notify_one();
        }
        for (id, unread) in &news.joined {
            let Some(room) = device.client.get_room(id) else {
                continue;
            };
            let known = before.rooms.contains_key(id.as_str());
            if before.token.is_none() && !known {
                // What was said before the bot was here for the first time is not said to it.
                note(&mut bookmark, id, unread.events.last());
                continue;
            }
            let events = self.unread(&room, before, unread).await?;
            // What stands further on was not there for who spoke before it.
            for event in &events {
                if event.sender().as_deref() == Some(room.own_user_id())
                    && let Some(id) = event.event_id()
                {
                    self.echoes().expect(id.as_str(), Instant::now());
                }
            }
            for event in &events {
                self.take(device, inbox, &room, event).await?;
            }
            note(&mut bookmark, id, events.last());
        }
        bookmark.token = Some(news.next.clone());
        Ok(bookmark)
    }

    /// The events of a room that the store does not have: those that came, and before them those of a gap.
    async fn unread(
        &self,
        room: &Room,
        before: &Bookmark,
        unread: &Unread,
    ) -> Result<Vec<TimelineEvent>, Unkept> {
        let mut events = unread.events.clone();
        let known = before.rooms.get(room.room_id().as_str());
        let mut from = unread.from.clone();
        let mut pages = 0;
        while let Some(token) = from {
            let reached = known.is_some_and(|known| events.iter().any(|event| is(event, known)));
            // In a room that is new to the bot, what was said to it begins with its own coming.
            if reached
                || joins(&events, room).is_some()
                || (known.is_none() && pages > 0)
                || pages >= PAGES
            {
                break;
            }
            pages += 1;
            let Some(page) = self.page(room, &token).await? else {
                break;
            };
            let mut missed = Vec::new();
            let mut reached = page.chunk.is_empty();
            for event in page.chunk {
                if known.is_some_and(|known| is(&event, known)) {
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
        // What came before the last event that is known was taken already.
        if let Some(known) = known
            && let Some(place) = events.iter().position(|event| is(event, known))
        {
            events.drain(..=place);
        }
        let mut seen = HashSet::new();
        events.retain(|event| event.event_id().is_none_or(|id| seen.insert(id)));
        if let Some(joined) = joins(&events, room) {
            events.drain(..joined);
        }
        Ok(events)
    }

    /// A page of a gap; none where it cannot be had: one room is not to hold up all others.
    async fn page(&self, room: &Room, token: &str) -> Result<Option<Messages>, Unkept> {
        for _ in 0..TRIES {
            let mut options = MessagesOptions::backward().from(token);
            options.limit = uint!(100);
            options.filter.types = Some(rooms::kinds());
            let refusal = match room.messages(options).await {
                Ok(page) => return Ok(Some(page)),
                Err(error) => Refusal::of(&error),
            };
            match refusal {
                Refusal::LoggedOut => return Err(Unkept::LoggedOut),
                Refusal::Pause(after) => sleep(after.unwrap_or(PAUSE)).await,
                Refusal::Later(_) => sleep(PAUSE).await,
                // It was put out since, as a rule.
                Refusal::Forbidden(_) | Refusal::Wrong(_) => break,
            }
        }
        tracing::warn!(room = %room.room_id(), "a gap cannot be read: what was said in it is not heard");
        Ok(None)
    }
}

/// Why what is new is not kept.
enum Unkept {
    /// The store does not take it just now.
    Store(InboxError),
    /// The homeserver does not know the bot any more.
    LoggedOut,
}

impl From<InboxError> for Unkept {
    fn from(error: InboxError) -> Self {
        Self::Store(error)
    }
}

fn is(event: &TimelineEvent, id: &str) -> bool {
    event.event_id().is_some_and(|event| event == id)
}

/// Where the bot itself came into the room, the last time.
fn joins(events: &[TimelineEvent], room: &Room) -> Option<usize> {
    let me = room.own_user_id().as_str();
    events.iter().rposition(|event| {
        let plain = matches!(event.kind, TimelineEventKind::PlainText { .. });
        let read = || serde_json::from_str(event.raw().json().get()).ok();
        let event: Option<RoomEvent> = plain.then(read).flatten();
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
    /// Follows invitations, or says why not. What fails is tried again.
    async fn invited(&self, client: &Client) {
        for room in client.invited_rooms() {
            let id = room.room_id();
            let Ok(invite) = room.invite_details().await else {
                continue;
            };
            if !self.config.allows(invite.inviter_id.as_str())
                || !self.config.allows_room(id.as_str())
            {
                tracing::info!(room = %id, "an invitation is not followed: matrix.users and matrix.rooms say who may");
                let text = crate::words::of(None).say("not-allowed");
                let mut leave = LeaveRequest::new(id.to_owned());
                leave.reason = Some(text);
                if let Err(error) = client.send(leave).await {
                    tracing::debug!(refusal = %Refusal::of_call(&error), "an invitation stays open");
                }
                continue;
            }
            match room.join().await {
                Ok(()) => tracing::info!(room = %id, "an invitation was followed"),
                Err(error) => {
                    tracing::warn!(room = %id, refusal = %Refusal::of(&error), "an invitation could not be followed yet");
                }
            }
        }
    }

    /// Goes along to the room that takes another's place.
    pub(crate) fn follow(&self, client: &Client, event: &RoomEvent) {
        let Ok(next) = RoomId::parse(event.text("replacement_room")) else {
            return;
        };
        let via = event
            .sender
            .split_once(':')
            .and_then(|(_, server)| server.try_into().ok());
        let servers: Vec<matrix_sdk::OwnedServerName> = via.into_iter().collect();
        let client = client.clone();
        tokio::spawn(async move {
            for _ in 0..TRIES {
                let joined = client.join_room_by_id_or_alias((&*next).into(), &servers);
                match joined.await.map_err(|error| Refusal::of(&error)) {
                    Ok(_) => return tracing::info!(room = %next, "an upgraded room was followed"),
                    Err(Refusal::Pause(_) | Refusal::Later(_)) => sleep(AGAIN).await,
                    // Who may come only when asked is asked soon.
                    Err(refusal) => {
                        return tracing::info!(room = %next, %refusal, "an upgraded room cannot be followed yet");
                    }
                }
            }
        });
    }
}
