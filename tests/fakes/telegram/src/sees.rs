//! What people see.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use serde_json::{Map, Value};

use crate::control::until;
use crate::entities::Entity;
use crate::files::Kind;
use crate::keyboard::{Button, Markup, Rows};
use crate::message::{Content, Message, Sender};
use crate::rooms::Room;

/// A picture or file in a message.
#[derive(Debug, Clone)]
pub struct SeenMedia {
    /// How it was sent.
    pub kind: Kind,
    /// Its name, where it has one.
    pub name: Option<String>,
    /// What is in it; of a photo, the largest size.
    pub bytes: Bytes,
    /// Pixels from left to right, where known.
    pub width: u32,
    /// Pixels from top to bottom, where known.
    pub height: u32,
    /// Hidden until it is touched.
    pub spoiler: bool,
}

/// A message as people see it now.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its `message_id`.
    pub id: i64,
    /// Whether the bot wrote it.
    pub from_bot: bool,
    /// Who wrote it; `None`: the bot, or somebody in the name of the chat.
    pub person: Option<i64>,
    /// Unix seconds.
    pub date: i64,
    /// Text or caption, without markup.
    pub text: String,
    /// What is bold, a link, …
    pub entities: Vec<Entity>,
    /// Buttons below it.
    pub keyboard: Rows,
    /// Picture or file.
    pub media: Option<SeenMedia>,
    /// How often it was changed.
    pub edits: u32,
    /// The message it answers.
    pub reply_to: Option<i64>,
    /// The topic.
    pub thread: Option<i64>,
    /// What the parts of an album share.
    pub album: Option<String>,
    /// Asks for an answer; with the words in the empty field.
    pub force_reply: Option<Option<String>>,
    /// What a message that nobody wrote tells of.
    pub service: Option<Map<String, Value>>,
}

impl Seen {
    fn of(message: &Message) -> Self {
        let text = message.content.text();
        let media = message.content.media().map(|media| SeenMedia {
            kind: media.kind(),
            name: media.name.clone(),
            bytes: media.file.bytes.clone(),
            width: media.width,
            height: media.height,
            spoiler: media.spoiler,
        });
        Self {
            id: message.id,
            from_bot: message.from == Sender::Bot,
            person: match &message.from {
                Sender::Person(account) => Some(account.id),
                _ => None,
            },
            date: message.date,
            text: text.map(|text| text.text.clone()).unwrap_or_default(),
            entities: text.map(|text| text.entities.clone()).unwrap_or_default(),
            keyboard: message.markup.rows().to_vec(),
            media,
            edits: message.edits,
            reply_to: message.reply_to,
            thread: message.thread,
            album: message.album.clone(),
            force_reply: match &message.markup {
                Markup::ForceReply { placeholder } => Some(placeholder.clone()),
                _ => None,
            },
            service: match &message.content {
                Content::Service(fields) => Some(fields.clone()),
                _ => None,
            },
        }
    }

    /// What is written on the buttons, row by row.
    pub fn labels(&self) -> Vec<&str> {
        let buttons = self.keyboard.iter().flatten();
        buttons.map(|button| button.label.as_str()).collect()
    }

    /// The button with this label.
    pub fn button(&self, label: &str) -> Option<&Button> {
        let mut buttons = self.keyboard.iter().flatten();
        buttons.find(|button| button.label == label)
    }

    /// The stretches of the text that are of a kind, such as `bold`.
    pub fn marked(&self, kind: &str) -> Vec<String> {
        let units: Vec<u16> = self.text.encode_utf16().collect();
        let entities = self.entities.iter().filter(|entity| entity.kind == kind);
        entities
            .filter_map(|entity| units.get(entity.offset..entity.offset + entity.length))
            .map(String::from_utf16_lossy)
            .collect()
    }
}

impl Room {
    /// What is in the chat now, the oldest first.
    pub fn messages(&self) -> Vec<Seen> {
        self.with(|chat| {
            chat.messages
                .values()
                .map(|message| Seen::of(message))
                .collect()
        })
    }

    /// One message.
    pub fn message(&self, id: i64) -> Option<Seen> {
        self.with(|chat| chat.messages.get(&id).map(|message| Seen::of(message)))
    }

    /// What the bot wrote, the oldest first.
    pub fn from_bot(&self) -> Vec<Seen> {
        let mut messages = self.messages();
        messages.retain(|message| message.from_bot);
        messages
    }

    /// The newest message, whoever wrote it.
    pub fn last(&self) -> Option<Seen> {
        self.with(|chat| {
            chat.messages
                .values()
                .next_back()
                .map(|message| Seen::of(message))
        })
    }

    /// The newest message of the bot.
    pub fn last_from_bot(&self) -> Option<Seen> {
        self.find(|seen| seen.from_bot)
    }

    /// The newest message of which something is true.
    pub fn find(&self, mut test: impl FnMut(&Seen) -> bool) -> Option<Seen> {
        self.with(|chat| {
            let newest = chat.messages.values().rev();
            newest
                .map(|message| Seen::of(message))
                .find(|seen| test(seen))
        })
    }

    /// Waits for a message of which something is true; the newest such.
    ///
    /// # Errors
    /// When patience is at its end; the error tells what was there instead.
    pub async fn wait_for(
        &self,
        what: &str,
        patience: Duration,
        mut test: impl FnMut(&Seen) -> bool,
    ) -> Result<Seen> {
        let changed = self.with(|chat| Arc::clone(&chat.changed));
        let found = until(&changed, what, patience, || self.find(&mut test)).await;
        found.with_context(|| {
            let messages = self.messages();
            let newest = messages.iter().rev().take(5).map(|seen| {
                let who = if seen.from_bot { "bot" } else { "person" };
                format!("{} ({who}): {:?} {:?}", seen.id, seen.text, seen.labels())
            });
            let newest: Vec<String> = newest.collect();
            format!("the chat ends with {}", newest.join(", "))
        })
    }
}
