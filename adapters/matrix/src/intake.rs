//! An event on its way into a mailbox.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use lorikeet_chat::{Event, EventBody, EventId, Invocation, Origin, Sender};
use lorikeet_platform::{Accepted, Inbox, InboxError};
use lorikeet_renderer_matrix::Key;
use lorikeet_store::{Clock as _, StoreError, SystemClock};
use matrix_sdk::deserialized_responses::{TimelineEvent, TimelineEventKind};
use matrix_sdk::{Client, Room};
use tokio::time::{Instant, sleep};

use crate::aside::Aside;
use crate::device::Device;
use crate::incoming::{self, Heard, Meaning, Place, Said, Sentence, conversation, pressed, voted};
use crate::standing::Owner;
use crate::update::RoomEvent;
use crate::{Shared, rooms};

/// Milliseconds between pictures that are sent together.
const TOGETHER: u64 = 60_000;
/// How often a screen is looked for that may just have been sent.
const LOOKS: u32 = 4;
/// The pause between two looks.
const LOOK: Duration = Duration::from_millis(250);

fn unkept(error: StoreError) -> InboxError {
    InboxError(error.to_string())
}

impl Shared {
    /// Hands an event of a room over. Once this has answered, it need not come again.
    pub(crate) async fn take(
        self: &Arc<Self>,
        device: &Arc<Device>,
        inbox: &dyn Inbox,
        room: &Room,
        raw: &TimelineEvent,
    ) -> Result<(), InboxError> {
        let Ok(event) = serde_json::from_str::<RoomEvent>(raw.raw().json().get()) else {
            tracing::debug!(room = %room.room_id(), "an event that is none is left out");
            return Ok(());
        };
        if event.sender != self.config.user
            && matches!(raw.kind, TimelineEventKind::UnableToDecrypt { .. })
        {
            let home = rooms::home(&device.client, room).to_string();
            let allowed =
                self.config.allows_room(&home) || self.config.allows_room(room.room_id().as_str());
            if !allowed || !self.config.allows(&event.sender) {
                return Ok(());
            }
            return self.lock(device, (room, &home), &event, raw).await;
        }
        // What only some may do is checked by the homeserver, which does not see what is encrypted.
        let checked = matches!(raw.kind, TimelineEventKind::PlainText { .. });
        match event.kind.as_str() {
            "m.room.tombstone" => {
                if checked && event.state_key.is_some() {
                    self.follow(&device.client, &event);
                }
                return Ok(());
            }
            "m.room.member" if checked => {
                return self.came(&device.client, inbox, room, &event).await;
            }
            "m.room.redaction" if !checked => return Ok(()),
            _ => {}
        }
        let me = self.me();
        if event.sender == me.user {
            self.echoes().heard(&event.event_id);
        }
        let heard = incoming::read(&event, &me);
        if let Heard::Nothing(why) = heard {
            tracing::trace!(event = event.event_id, why, "an event is left out");
            return Ok(());
        }
        let home = rooms::home(&device.client, room).to_string();
        if !self.config.allows_room(&home) && !self.config.allows_room(room.room_id().as_str()) {
            return Ok(());
        }
        match heard {
            Heard::Said(said) => self.said(device, inbox, (room, &home), &event, said).await,
            Heard::Reacted { to, key } => {
                let chooses = |keys: &[Key]| pressed(&key, keys);
                let by = (to.as_str(), Some(key.as_str()));
                self.chose(device, inbox, (room, &home), &event, by, chooses)
                    .await
            }
            Heard::Voted { on, place } => {
                let chooses = |keys: &[Key]| voted(place, keys);
                let by = (on.as_str(), None);
                self.chose(device, inbox, (room, &home), &event, by, chooses)
                    .await
            }
            Heard::Redacted(gone) => {
                self.redacted(device, inbox, (room, &home), &event, &gone)
                    .await
            }
            Heard::Nothing(_) => Ok(()),
        }
    }

    async fn said(
        self: &Arc<Self>,
        device: &Arc<Device>,
        inbox: &dyn Inbox,
        (room, home): (&Room, &str),
        event: &RoomEvent,
        said: Said,
    ) -> Result<(), InboxError> {
        let me = self.me();
        let private = rooms::is_private(room);
        let sender = event.sender.as_str();
        let mut thread = said.thread.clone().filter(|_| !private);
        let mut knows = private;
        if !private {
            // An edit does not say in which thread it is.
            if let Some(edited) = event.replaces()
                && let Some(owner) = self.standings.owner(home, edited).await.map_err(unkept)?
                && owner.user == sender
            {
                thread = owner.thread;
                knows = true;
            }
            if thread.is_none()
                && let Some(answered) = &said.answers
                && let Some(owner) = self.standings.owner(home, answered).await.map_err(unkept)?
                && owner.user == sender
            {
                thread = owner.thread;
                knows = true;
            }
            if let Some(root) = &thread
                && let Some(conversation) = conversation(home, Some(root), sender)
            {
                knows |= self
                    .standings
                    .of(&conversation)
                    .await
                    .map_err(unkept)?
                    .is_some();
            }
            if !said.is_for_me(knows) {
                return Ok(());
            }
            if thread.is_none() && said.command.is_none() {
                // Named, but in no thread: it is about the one they had last.
                thread = self
                    .standings
                    .thread_of(home, sender)
                    .await
                    .map_err(unkept)?;
            }
            // A thread of its own, which begins with what was said.
            thread = thread.or_else(|| Some(event.event_id.clone()));
        }
        if !self.config.allows(sender) {
            let place = Aside::new(room, said.thread.as_deref());
            self.tell(device, place, event, &Sentence::Plain("not-allowed"));
            return Ok(());
        }
        let Some(conversation) = conversation(home, thread.as_deref(), sender) else {
            return Ok(());
        };
        let standing = self.standings.of(&conversation).await.map_err(unkept)?;
        let meaning = {
            let echoes = self.echoes();
            let offers = standing
                .as_ref()
                .map(|standing| standing.offers(&echoes, Instant::now()));
            said.means(offers.unwrap_or_default(), &me)
        };
        match meaning {
            Meaning::Told(sentence) => {
                let language = standing.and_then(|standing| standing.language);
                let place = Aside::new(room, thread.as_deref()).speaking(language.as_deref());
                self.tell(device, place, event, &sentence);
                Ok(())
            }
            Meaning::Event(body) => {
                if !private {
                    // So that an edit of it is known to be one.
                    let owner = Owner {
                        user: sender.to_owned(),
                        thread: thread.clone(),
                        said: true,
                        pressed: None,
                    };
                    let owned = self.standings.own(home, &event.event_id, &owner);
                    owned.await.map_err(unkept)?;
                }
                let batch = self.batch(&conversation.key(), event, &body);
                self.accept(device, inbox, (room, &conversation), event, body, batch)
                    .await
            }
        }
    }

    /// Somebody chose at an event, by a reaction (with its key) or a vote.
    async fn chose(
        self: &Arc<Self>,
        device: &Arc<Device>,
        inbox: &dyn Inbox,
        (room, home): (&Room, &str),
        event: &RoomEvent,
        (to, key): (&str, Option<&str>),
        chooses: impl Fn(&[Key]) -> Meaning,
    ) -> Result<(), InboxError> {
        let mut owner = None;
        for look in 0..LOOKS {
            owner = self.standings.owner(home, to).await.map_err(unkept)?;
            // A person can be faster than the note of what was just sent.
            if owner.is_some() || (look == 0 && !self.echoes().knows(to)) {
                break;
            }
            sleep(LOOK).await;
        }
        let Some(owner) = owner.filter(|owner| !owner.said) else {
            return Ok(());
        };
        let Some(conversation) = conversation(home, owner.thread.as_deref(), &owner.user) else {
            return Ok(());
        };
        let standing = self.standings.of(&conversation).await.map_err(unkept)?;
        let standing = standing.unwrap_or_default();
        let thread = owner.thread.clone();
        let place = Aside::new(room, thread.as_deref()).speaking(standing.language.as_deref());
        let told = |sentence| {
            self.tell(device, place, event, &sentence);
            Ok(())
        };
        if owner.user != event.sender {
            return told(Sentence::Plain("press-foreign"));
        }
        if !self.config.allows(&event.sender) {
            return told(Sentence::Plain("not-allowed"));
        }
        let meaning = {
            let echoes = self.echoes();
            standing.offers_at(to, &echoes, Instant::now()).map(chooses)
        };
        let Some(meaning) = meaning else {
            return told(Sentence::Plain("press-old"));
        };
        match meaning {
            Meaning::Told(sentence) => told(sentence),
            Meaning::Event(body) => {
                if let Some(key) = key {
                    // So that taking it away chooses again.
                    let owner = Owner {
                        pressed: Some((to.to_owned(), key.to_owned())),
                        ..owner
                    };
                    let owned = self.standings.own(home, &event.event_id, &owner);
                    owned.await.map_err(unkept)?;
                }
                self.accept(device, inbox, (room, &conversation), event, body, None)
                    .await
            }
        }
    }

    /// Something was taken away: a reaction chooses again, a screen is sent anew the next time.
    async fn redacted(
        self: &Arc<Self>,
        device: &Arc<Device>,
        inbox: &dyn Inbox,
        (room, home): (&Room, &str),
        event: &RoomEvent,
        gone: &str,
    ) -> Result<(), InboxError> {
        let owner = self.standings.owner(home, gone).await.map_err(unkept)?;
        let Some(owner) = owner.filter(|owner| !owner.said) else {
            return Ok(());
        };
        let Some(conversation) = conversation(home, owner.thread.as_deref(), &owner.user) else {
            return Ok(());
        };
        let Some((to, key)) = &owner.pressed else {
            // A screen: the next one is not written over it.
            return self
                .standings
                .lose(&conversation, gone)
                .await
                .map_err(unkept);
        };
        if owner.user != event.sender {
            return Ok(());
        }
        let standing = self.standings.of(&conversation).await.map_err(unkept)?;
        let standing = standing.unwrap_or_default();
        let meaning = {
            let echoes = self.echoes();
            let keys = standing.offers_at(to, &echoes, Instant::now());
            keys.map(|keys| pressed(key, keys))
        };
        match meaning {
            Some(Meaning::Event(body)) => {
                self.accept(device, inbox, (room, &conversation), event, body, None)
                    .await
            }
            // There are other choices by now, and nothing was asked for.
            Some(Meaning::Told(_)) | None => Ok(()),
        }
    }

    /// Somebody came into a room: the bot itself greets who it is alone with.
    async fn came(
        self: &Arc<Self>,
        client: &Client,
        inbox: &dyn Inbox,
        room: &Room,
        event: &RoomEvent,
    ) -> Result<(), InboxError> {
        let me = self.config.user.as_str();
        if event.state_key.as_deref() != Some(me) || !event.is_arrival() {
            return Ok(());
        }
        self.describes(vec![room.clone()]);
        let home = rooms::home(client, room).to_string();
        if home != room.room_id().as_str() || !rooms::is_private(room) {
            return Ok(());
        }
        let members = room
            .members(matrix_sdk::RoomMemberships::ACTIVE)
            .await
            .unwrap_or_default();
        let mut others = members.iter().filter(|member| member.user_id() != me);
        let Some(person) = others.next() else {
            return Ok(());
        };
        let person = person.user_id().as_str();
        let (Some(conversation), Ok(id)) = (
            conversation(&home, None, person),
            EventId::new(event.event_id.clone()),
        ) else {
            return Ok(());
        };
        let hello = Event {
            id,
            order: None,
            coalesce: None,
            batch: None,
            origin: Origin::Person,
            at: SystemClock.now(),
            sender: Some(Sender {
                name: name_of(room, person).await,
                room: "Matrix".to_owned(),
                locale: None,
                private: true,
                sign: Some(self.config.prefix.clone()),
            }),
            body: EventBody::Command(Invocation::new("start")),
        };
        inbox.accept(&conversation, hello).await.map(drop)
    }

    /// Tells rooms which commands there are, one after the other, beside everything else.
    pub(crate) fn describes(self: &Arc<Self>, rooms: Vec<Room>) {
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            for room in rooms {
                shared.describe(&room).await;
            }
        });
    }

    async fn accept(
        self: &Arc<Self>,
        device: &Arc<Device>,
        inbox: &dyn Inbox,
        (room, conversation): (&Room, &lorikeet_chat::Conversation),
        event: &RoomEvent,
        body: EventBody,
        batch: Option<String>,
    ) -> Result<(), InboxError> {
        let name = room.name().unwrap_or_default();
        let sender = name_of(room, &event.sender).await;
        let place = Place {
            name: &name,
            sender: &sender,
            private: rooms::is_private(room),
            sign: &self.config.prefix,
        };
        let Some(made) = incoming::event(event, body, place, batch, SystemClock.now()) else {
            return Ok(());
        };
        if inbox.accept(conversation, made).await? == Accepted::Full {
            let thread = conversation.thread.as_ref().map(|thread| thread.as_str());
            let place = Aside::new(room, thread);
            self.tell(device, place, event, &Sentence::Plain("message-full"));
        }
        Ok(())
    }

    /// What pictures that are sent one after the other have in common.
    fn batch(&self, conversation: &str, event: &RoomEvent, body: &EventBody) -> Option<String> {
        let mut batches = self.batches.lock().unwrap_or_else(PoisonError::into_inner);
        let EventBody::Media { .. } = body else {
            batches.remove(conversation);
            return None;
        };
        let at = event.origin_server_ts;
        let last = batches.get(conversation);
        let same = last.filter(|(_, before)| at.abs_diff(*before) <= TOGETHER);
        let batch = same.map_or_else(|| event.event_id.clone(), |(batch, _)| batch.clone());
        if batches.len() > 10_000 {
            batches.clear();
        }
        batches.insert(conversation.to_owned(), (batch.clone(), at));
        Some(batch)
    }
}

/// What somebody is called in a room.
async fn name_of(room: &Room, user: &str) -> String {
    let local = user
        .trim_start_matches('@')
        .split(':')
        .next()
        .unwrap_or_default();
    let Ok(id) = matrix_sdk::ruma::UserId::parse(user) else {
        return local.to_owned();
    };
    let member = room.get_member_no_sync(&id).await.ok().flatten();
    member.map_or_else(|| local.to_owned(), |member| member.name().to_owned())
}
