//! From a committed screen to events: what to change of what stands in the room, and how.

use std::sync::PoisonError;
use std::time::Duration;

use bytes::Bytes;
use lorikeet_chat::{
    Art, Capabilities, Conversation, FileBlock, MessageHandle, Page, Present, Support, Surface,
    Timestamp,
};
use lorikeet_media::BlobError;
use lorikeet_media::art::{Frame, photo};
use lorikeet_platform::{Content, Delivered, Delivery, DeliveryError};
use lorikeet_renderer_matrix as renderer;
use lorikeet_renderer_matrix::{Mentions, POLL, Payload, Poll, Relation, Reply, Text, Words};
use lorikeet_store::{Clock as _, StoreError, SystemClock};
use matrix_sdk::ruma::EventId;
use matrix_sdk::{EncryptionState, Room};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, sleep};

use crate::device::{Device, once, transaction};
use crate::refusal::Refusal;
use crate::standing::{Kind, Owner, Sent, Shown};
use crate::{Shared, TIMEOUT, rooms, words};

/// Pictures of screens: more pixels than a screen has are of no use.
const PICTURE: Frame = Frame {
    bytes: 8_000_000,
    side: 4_096,
};
/// Bytes a millisecond of a slow line.
const SLOW: u64 = 200;
/// How often a reaction is placed that the homeserver does not take.
const REPEATS: u32 = 20;
/// How long a reaction waits where the homeserver wants a pause and does not say how long.
const PAUSE: Duration = Duration::from_secs(5);
/// Milliseconds for which the address of a file works: a day, to come back to it from another device.
const LINK_LASTS: u64 = 24 * 3_600 * 1_000;
/// Bytes of a file that is read as a whole, to be encrypted.
const MOST: u64 = 256 << 20;

/// An event that is to be there.
struct Wanted {
    payload: Payload,
    kind: Kind,
    hash: String,
}

impl Wanted {
    fn new(payload: Payload) -> Self {
        let kind = match payload {
            Payload::Text(_) => Kind::Text,
            Payload::Picture { .. } | Payload::File(_) => Kind::Picture,
        };
        let hash = short_hash(&json!(payload).to_string());
        Self {
            payload,
            kind,
            hash,
        }
    }
}

/// Twelve hexadecimal digits of a text's SHA-256.
fn short_hash(text: &str) -> String {
    hex::encode(&Sha256::digest(text)[..6])
}

impl Shared {
    /// Delivers one effect.
    pub(crate) async fn deliver(&self, delivery: Delivery<'_>) -> Result<Delivered, DeliveryError> {
        let conversation = delivery.conversation;
        let device = self.device()?;
        let room = rooms::current(&device.client, conversation.room.as_str())
            .ok_or_else(|| DeliveryError::permanent("the bot is not in the room"))?;
        match delivery.content {
            Content::Answer { text, .. } => {
                let text = Text {
                    body: text.to_owned(),
                    html: None,
                };
                let content = renderer::Content::new(text, mentions(conversation));
                let content = content.relating(relation(conversation, None));
                device
                    .send(&room, "m.room.message", &content, delivery.id.as_str())
                    .await?;
            }
            Content::Screen(present) => match present.page {
                Page::File(number) => {
                    self.send_file((&device, &room), delivery, present, number)
                        .await?
                }
                _ => {
                    let place = (&*device, &room);
                    let mut capabilities = rooms::capabilities(&room, room.own_user_id()).await;
                    let mut shown = self.show(place, delivery, present, &capabilities).await?;
                    if shown.is_none() {
                        tracing::debug!(effect = %delivery.id, "the homeserver takes no picture as large as this screen’s");
                        capabilities.images = Support::Fallback;
                        shown = self.show(place, delivery, present, &capabilities).await?;
                    }
                    return Ok(Delivered {
                        handle: shown.and_then(|event| MessageHandle::new(event).ok()),
                    });
                }
            },
        }
        Ok(Delivered::default())
    }

    /// Shows a screen; the event that is its last part. None where the homeserver does not take its pictures, before anything
    /// was changed.
    async fn show(
        &self,
        (device, room): (&Device, &Room),
        delivery: Delivery<'_>,
        present: &Present,
        capabilities: &Capabilities,
    ) -> Result<Option<String>, DeliveryError> {
        let conversation = delivery.conversation;
        let words = words::of_screen(&present.screen);
        let (on, back) = (words.say("turn-on"), words.say("turn-back"));
        let place = renderer::Room {
            capabilities,
            prefix: &self.config.prefix,
            polls: self.config.polls,
            words: Words {
                on: &on,
                back: &back,
            },
        };
        let shown = renderer::render(present, &place);
        let losses = &shown.rendered.degradations;
        if !losses.is_empty() {
            tracing::debug!(effect = %delivery.id, ?losses, "not all could be shown as meant");
        }
        let reactions = shown.reactions(&place);
        let wanted: Vec<Wanted> = shown
            .rendered
            .messages
            .into_iter()
            .map(Wanted::new)
            .collect();
        let unkept = |error: StoreError| {
            DeliveryError::retry("what stands in the room cannot be looked up").because(error)
        };
        let standing = self.standings.of(conversation).await.map_err(unkept)?;
        let mut standing = standing.unwrap_or_default();
        let old = standing.screens.first().cloned().unwrap_or_default();
        let mut changes = present.surface != Surface::Fresh && becomes(&old.events, &wanted);
        if changes {
            let all = [&old.events[..], &old.polls[..]].concat();
            changes = !self
                .standings
                .lost(conversation, &all)
                .await
                .map_err(unkept)?;
        }
        let edits = |number: usize| changes && old.events[number].hash != wanted[number].hash;
        if (0..wanted.len()).any(edits) {
            // Whether an edit arrives may never be known: then what it changes is not what is noted any more.
            let mut noted = standing.clone();
            if let Some(first) = noted.screens.first_mut() {
                for (number, sent) in first.events.iter_mut().enumerate() {
                    if edits(number) {
                        sent.hash.clear();
                    }
                }
            }
            self.standings
                .keep(conversation, &noted)
                .await
                .map_err(unkept)?;
        }
        let mut now: Vec<Sent> = Vec::new();
        let mut change = None;
        for (number, want) in wanted.iter().enumerate() {
            let before = old.events.get(number).filter(|_| changes);
            if before.is_some_and(|before| before.hash == want.hash) {
                now.extend(before.cloned());
                continue;
            }
            let content = match (&want.payload, before) {
                (Payload::Text(text), Some(before)) => {
                    let content = renderer::Content::new(text.clone(), mentions(conversation));
                    json!(content.replacing(before.event.clone()))
                }
                (Payload::Text(text), None) => {
                    let below = now.last().map(|sent| sent.event.as_str());
                    let content = renderer::Content::new(text.clone(), mentions(conversation));
                    json!(content.relating(relation(conversation, below)))
                }
                (Payload::Picture { art, alt }, before) => {
                    let Some(picture) = self.picture(room, art, alt).await? else {
                        return Ok(None);
                    };
                    match before {
                        Some(before) => replacing(picture, &before.event),
                        None => relating(picture, relation(conversation, None)),
                    }
                }
                // Files are pages of their own.
                (Payload::File(_), _) => continue,
            };
            let id = format!("{} {number}", delivery.id);
            let sent = device.send(room, "m.room.message", &content, &id).await?;
            self.echoes().expect(&sent, Instant::now());
            change = Some(sent.clone());
            now.push(Sent {
                event: before.map_or(sent, |before| before.event.clone()),
                kind: want.kind,
                hash: want.hash.clone(),
            });
        }
        let there = if changes { old.reactions as usize } else { 0 };
        let last = now.last().map(|sent| sent.event.clone());
        let owner = Owner {
            user: conversation.user.as_str().to_owned(),
            thread: conversation
                .thread
                .as_ref()
                .map(|thread| thread.as_str().to_owned()),
            said: false,
            pressed: None,
        };
        let home = conversation.room.as_str();
        let language = present.screen.language.as_ref();
        let language = language.map(|language| language.tag.clone());
        let replaced = present.surface != Surface::Fresh && !changes;
        let reactions_in_all = u32::try_from(there.max(reactions.len())).unwrap_or(u32::MAX);
        standing.show(
            Shown {
                events: now.clone(),
                keys: shown.keys,
                polls: old.polls.clone(),
                reactions: reactions_in_all,
            },
            shown.awaits,
            change,
        );
        standing.language = language;
        // At once: people choose from it by now.
        self.standings
            .keep(conversation, &standing)
            .await
            .map_err(unkept)?;
        for sent in now.iter().filter(|sent| !old.events.contains(sent)) {
            let owned = self.standings.own(home, &sent.event, &owner);
            owned.await.map_err(unkept)?;
        }
        let before = if changes { &old.polls[..] } else { &[] };
        let mut polls = Vec::new();
        for poll in &shown.polls {
            let sent = self.poll((device, room), delivery, poll, before).await?;
            let owned = self.standings.own(home, &sent.event, &owner);
            owned.await.map_err(unkept)?;
            polls.push(sent);
        }
        if polls != old.polls
            && let Some(first) = standing.screens.first_mut()
        {
            first.polls.clone_from(&polls);
            self.standings
                .keep(conversation, &standing)
                .await
                .map_err(unkept)?;
        }
        if let Some(last) = &last {
            let missing = reactions.into_iter().skip(there).collect();
            self.place(room, conversation, last.clone(), missing);
        }
        if replaced {
            for gone in &old.events {
                self.redact(room, &gone.event).await;
            }
        }
        // Who votes in one of before is told that it is old, but need not be led to.
        for gone in old.polls.iter().filter(|old| !polls.contains(old)) {
            self.redact(room, &gone.event).await;
        }
        if present.screen.is_working() {
            // Until the next message, or for some seconds.
            if let Err(error) = room.typing_notice(true).await {
                tracing::debug!(refusal = %Refusal::of(&error), "an action was not shown");
            }
        }
        Ok(Some(last.unwrap_or_default()))
    }

    /// The poll that stands there: one of before, if it asks the same.
    async fn poll(
        &self,
        (device, room): (&Device, &Room),
        delivery: Delivery<'_>,
        poll: &Poll,
        before: &[Sent],
    ) -> Result<Sent, DeliveryError> {
        let hash = short_hash(&json!(poll).to_string());
        if let Some(before) = before.iter().find(|before| before.hash == hash) {
            return Ok(before.clone());
        }
        let relation = relation(delivery.conversation, None);
        let content = poll.content(&mentions(delivery.conversation), relation.as_ref());
        let id = format!("{} poll {hash}", delivery.id);
        Ok(Sent {
            event: device.send(room, POLL, &content, &id).await?,
            kind: Kind::Poll,
            hash,
        })
    }

    /// Places the bot's own reactions, one after the other, unless another screen has taken this one's place by then. If they
    /// cannot be, numbers can still be typed.
    fn place(
        &self,
        room: &Room,
        conversation: &Conversation,
        event: String,
        reactions: Vec<String>,
    ) {
        if reactions.is_empty() {
            return;
        }
        let (room, on) = (room.clone(), event.clone());
        let placing = tokio::spawn(async move {
            for key in reactions {
                let content = json!({
                    "m.relates_to": { "rel_type": "m.annotation", "event_id": on, "key": key },
                });
                let id = transaction(&format!("{on} {key}"));
                for _ in 0..REPEATS {
                    let sent = room
                        .send_raw("m.reaction", content.clone())
                        .with_transaction_id(&id);
                    let refusal = match sent.with_request_config(once()).await {
                        Ok(_) => break,
                        Err(error) => Refusal::of(&error),
                    };
                    match refusal {
                        Refusal::Pause(after) => sleep(after.unwrap_or(PAUSE).min(TIMEOUT)).await,
                        Refusal::Later(_) => sleep(PAUSE).await,
                        refusal => {
                            tracing::debug!(%refusal, "a reaction was not placed");
                            return;
                        }
                    }
                }
            }
        });
        let mut placing_now = self.placing.lock().unwrap_or_else(PoisonError::into_inner);
        placing_now.retain(|_, (_, task)| !task.is_finished());
        let begun = (event, placing.abort_handle());
        if let Some((before, task)) = placing_now.insert(conversation.key(), begun.clone())
            && before != begun.0
        {
            task.abort();
        }
    }

    /// Takes an event away. If it cannot be, what it offers is answered as old.
    async fn redact(&self, room: &Room, event: &str) {
        let Ok(id) = EventId::parse(event) else {
            return;
        };
        let transaction = transaction(&format!("redact {event}"));
        if let Err(error) = room.redact(&id, None, Some(transaction)).await {
            tracing::debug!(refusal = %Refusal::of_call(&error), "an old message stays");
        }
    }

    /// The content of a picture's event, drawn and uploaded; none where it is larger than what the homeserver takes.
    async fn picture(
        &self,
        room: &Room,
        art: &[Art],
        alt: &str,
    ) -> Result<Option<Value>, DeliveryError> {
        let most = self.upload_size(&room.client()).await;
        let frame = Frame {
            bytes: PICTURE
                .bytes
                .min(usize::try_from(most).unwrap_or(usize::MAX)),
            ..PICTURE
        };
        let bytes = photo(art, &self.blobs, frame).await.map_err(blob_error)?;
        if bytes.len() as u64 > most {
            return Ok(None);
        }
        let kind = kind_of(&bytes);
        let mut info = json!({ "mimetype": kind, "size": bytes.len() });
        if let Some((width, height)) = size_of(&bytes) {
            info["w"] = json!(width);
            info["h"] = json!(height);
        }
        let mut content =
            json!({ "msgtype": "m.image", "body": alt, "info": info, "m.mentions": {} });
        self.upload(room, kind, bytes, &mut content).await?;
        Ok(Some(content))
    }

    /// Uploads bytes, encrypted where the room is, and says in a content where they are.
    async fn upload(
        &self,
        room: &Room,
        kind: &str,
        bytes: Bytes,
        content: &mut Value,
    ) -> Result<(), DeliveryError> {
        let client = room.client();
        // As long as a slow line takes.
        let config = once().timeout(TIMEOUT + Duration::from_millis(bytes.len() as u64 / SLOW));
        let state = room
            .latest_encryption_state()
            .await
            .map_err(|error| Refusal::of(&error))?;
        if matches!(state, EncryptionState::NotEncrypted) {
            let kind = kind.parse().unwrap_or(mime::APPLICATION_OCTET_STREAM);
            let sent = client
                .media()
                .upload(&kind, bytes.to_vec(), Some(config))
                .await;
            let sent = sent.map_err(|error| Refusal::of(&error))?;
            content["url"] = json!(sent.content_uri);
        } else {
            let mut read = std::io::Cursor::new(bytes);
            let sent = client
                .upload_encrypted_file(&mut read)
                .with_request_config(config)
                .await;
            let sent = sent.map_err(|error| Refusal::of(&error))?;
            content["file"] = json!(sent);
        }
        Ok(())
    }

    /// Sends one of a screen's files as a message of its own.
    async fn send_file(
        &self,
        (device, room): (&Device, &Room),
        delivery: Delivery<'_>,
        present: &Present,
        number: u32,
    ) -> Result<(), DeliveryError> {
        let Some(file) = present.screen.files().nth(number as usize) else {
            return Ok(());
        };
        let words = words::of_screen(&present.screen);
        let most = self.upload_size(&room.client()).await.min(MOST);
        let content = if file.size > most {
            said(self.too_large(&words, file, most).await?)
        } else {
            match self.blobs.get(&file.blob, most).await.map_err(blob_error)? {
                None => said(words.say("file-gone")),
                Some(bytes) => {
                    let mut content = json!({
                        "msgtype": "m.file",
                        "body": file.name,
                        "filename": file.name,
                        "info": { "mimetype": "application/octet-stream", "size": file.size },
                        "m.mentions": {},
                    });
                    self.upload(room, "application/octet-stream", bytes, &mut content)
                        .await?;
                    content
                }
            }
        };
        let content = relating(content, relation(delivery.conversation, None));
        device
            .send(room, "m.room.message", &content, delivery.id.as_str())
            .await?;
        Ok(())
    }

    async fn too_large(
        &self,
        words: &lorikeet_platform::words::Words,
        file: &FileBlock,
        most: u64,
    ) -> Result<String, DeliveryError> {
        let megabytes =
            |bytes: u64| words.number(usize::try_from(bytes / 1_000_000).unwrap_or(usize::MAX));
        let (size, max) = (megabytes(file.size), megabytes(most));
        let name = ("name", file.name.as_str());
        let (size, max) = (("size", size.as_str()), ("max", max.as_str()));
        let Some(links) = &self.links else {
            return Ok(words.with("file-too-large", [name, size, max]));
        };
        let now = SystemClock.now().millis();
        let until = Timestamp::from_millis(now.saturating_add(LINK_LASTS));
        let link = links.link(file, until).await?;
        Ok(words.with("file-by-link", [name, size, max, ("link", link.as_str())]))
    }
}

/// Whether events can be edited into others: as many, of the same kinds.
fn becomes(old: &[Sent], new: &[Wanted]) -> bool {
    !old.is_empty()
        && old.len() == new.len()
        && old.iter().zip(new).all(|(old, new)| old.kind == new.kind)
}

/// Whom a message is for, where others read along.
fn mentions(conversation: &Conversation) -> Mentions {
    // In private everything is.
    let shared = conversation.thread.is_some();
    let user_ids = shared.then(|| conversation.user.as_str().to_owned());
    Mentions {
        user_ids: user_ids.into_iter().collect(),
    }
}

/// Where a new message stands: in the conversation's thread, `below` the last one of the same screen.
fn relation(conversation: &Conversation, below: Option<&str>) -> Option<Relation> {
    let root = conversation.thread.as_ref()?.as_str();
    Some(Relation::In {
        root: root.to_owned(),
        reply: Reply::Below(below.unwrap_or(root).to_owned()),
    })
}

fn relating(mut content: Value, relation: Option<Relation>) -> Value {
    if let Some(relation) = relation {
        content["m.relates_to"] = json!(relation);
    }
    content
}

/// A picture in the place of another. <https://spec.matrix.org/v1.19/client-server-api/#event-replacements>
fn replacing(picture: Value, event: &str) -> Value {
    let mut content = picture.clone();
    content["m.new_content"] = picture;
    content["m.relates_to"] = json!(Relation::Replaces(event.to_owned()));
    content
}

fn said(text: String) -> Value {
    let text = Text {
        body: text,
        html: None,
    };
    json!(renderer::Content::new(text, Mentions::default()))
}

fn kind_of(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [0xff, 0xd8, ..] => "image/jpeg",
        [b'R', b'I', b'F', b'F', ..] => "image/webp",
        _ => "application/octet-stream",
    }
}

/// Width and height of a PNG, in pixels; clients keep room for it before it is there.
fn size_of(bytes: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| {
        let four = bytes.get(at..at + 4)?;
        Some(u32::from_be_bytes(four.try_into().ok()?))
    };
    (kind_of(bytes) == "image/png").then(|| Some((number(16)?, number(20)?)))?
}

/// A failure to read a blob.
fn blob_error(error: BlobError) -> DeliveryError {
    let message = "a file could not be read";
    if error.is_retryable() {
        DeliveryError::retry(message).because(error)
    } else {
        DeliveryError::permanent(message).because(error)
    }
}
