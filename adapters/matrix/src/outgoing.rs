//! From a committed screen to events: what to change of what stands in the room, and how.

use std::sync::PoisonError;
use std::time::Duration;

use lorikeet_chat::{Capabilities, Conversation, MessageHandle, Page, Present, Support, Surface};
use lorikeet_platform::{Content, Delivered, Delivery, DeliveryError};
use lorikeet_renderer_matrix as renderer;
use lorikeet_renderer_matrix::{Mentions, POLL, Payload, Poll, Relation, Reply, Text, Words};
use lorikeet_store::StoreError;
use matrix_sdk::Room;
use matrix_sdk::ruma::EventId;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, sleep};

use crate::device::{Device, once, transaction};
use crate::refusal::Refusal;
use crate::standing::{Kind, Owner, Sent, Shown};
use crate::{Shared, TIMEOUT, rooms, words};

/// How often a reaction is placed that the homeserver does not take.
const REPEATS: u32 = 20;
/// How long a reaction waits where the homeserver wants a pause and does not say how long.
const PAUSE: Duration = Duration::from_secs(5);
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
pub(crate) fn relation(conversation: &Conversation, below: Option<&str>) -> Option<Relation> {
    let root = conversation.thread.as_ref()?.as_str();
    Some(Relation::In {
        root: root.to_owned(),
        reply: Reply::Below(below.unwrap_or(root).to_owned()),
    })
}

pub(crate) fn relating(mut content: Value, relation: Option<Relation>) -> Value {
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
