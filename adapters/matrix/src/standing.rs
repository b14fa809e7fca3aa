//! What stands in rooms: each conversation's last screens with their choices, and whose screen an event is.

use std::sync::Arc;

use lorikeet_chat::Conversation;
use lorikeet_renderer_matrix::{Awaits, Key};
use lorikeet_store::{StoreError, Transcript};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::echoes::Echoes;

/// Screens of a conversation whose choices are remembered: who reacts to an older one is told that it is old.
const SCREENS: usize = 4;
/// Events that are remembered to be gone: the last screen is all that counts.
const GONE: usize = 20;
/// Events of a room that are known to be screens.
const EVENTS: usize = 500;

/// What a conversation has seen last. Only who delivers writes it: whoever else did might write over what was just shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Standing {
    /// The last first.
    pub(crate) screens: Vec<Shown>,
    /// What the person's next words are.
    #[serde(default)]
    pub(crate) awaits: Awaits,
    /// The event that made the last screen what it is.
    #[serde(default)]
    pub(crate) change: String,
    /// What there was before it.
    #[serde(default)]
    pub(crate) before: Offer,
    /// The language of the last screen, as a BCP 47 tag.
    #[serde(default)]
    pub(crate) language: Option<String>,
}

/// What can be chosen, and what words are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Offer {
    pub(crate) keys: Vec<Key>,
    pub(crate) awaits: Awaits,
}

/// A screen as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Shown {
    /// Its events in order.
    pub(crate) events: Vec<Sent>,
    /// What can be chosen.
    pub(crate) keys: Vec<Key>,
    /// The polls below them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) polls: Vec<Sent>,
    /// The bot's own reactions, below the last event.
    #[serde(default)]
    pub(crate) reactions: u32,
}

/// An event that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sent {
    pub(crate) event: String,
    pub(crate) kind: Kind,
    /// Of what it says or shows.
    pub(crate) hash: String,
}

/// What an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Text,
    Picture,
    Poll,
}

impl Standing {
    /// What there is to choose for somebody who had heard so far.
    pub(crate) fn offers(&self, echoes: &Echoes, now: Instant) -> (&[Key], Awaits) {
        if echoes.waits_for(&self.change, now) {
            return (&self.before.keys, self.before.awaits);
        }
        let keys = self.screens.first().map_or(&[][..], |shown| &shown.keys);
        (keys, self.awaits)
    }

    /// What somebody who had heard so far could choose at an event.
    pub(crate) fn offers_at(&self, event: &str, echoes: &Echoes, now: Instant) -> Option<&[Key]> {
        let has = |shown: &Shown| {
            let mut events = shown.events.iter().chain(&shown.polls);
            events.any(|sent| sent.event == event)
        };
        let place = self.screens.iter().position(has)?;
        if place == 0 {
            return Some(self.offers(echoes, now).0);
        }
        Some(&self.screens[place].keys)
    }

    /// Another screen stands there: the last one changed, or one more. `change` is the event that did it; none where it looks
    /// as it did.
    pub(crate) fn show(&mut self, shown: Shown, awaits: Awaits, change: Option<String>) {
        if let Some(change) = change {
            let keys = self.screens.first().map(|shown| shown.keys.clone());
            self.before = Offer {
                keys: keys.unwrap_or_default(),
                awaits: self.awaits,
            };
            self.change = change;
        }
        let first = |shown: &Shown| shown.events.first().map(|sent| sent.event.clone());
        let same = |other: &Shown| first(other) == first(&shown);
        if self.screens.first().is_some_and(same) {
            self.screens.remove(0);
        }
        self.screens.insert(0, shown);
        self.screens.truncate(SCREENS);
        self.awaits = awaits;
    }
}

/// Whose an event is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Owner {
    pub(crate) user: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) thread: Option<String>,
    /// Whether it is what the person said, and no screen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) said: bool,
    /// Of a reaction: the event of the screen, and the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pressed: Option<(String, String)>,
}

/// What stands where, in the store that all processes share.
pub(crate) struct Standings(pub(crate) Arc<dyn Transcript>);

impl Standings {
    /// What stands in a conversation; none where it never was.
    pub(crate) async fn of(
        &self,
        conversation: &Conversation,
    ) -> Result<Option<Standing>, StoreError> {
        let entries = self.0.latest(&screens(conversation), 1).await?;
        let kept = entries.first();
        Ok(kept.and_then(|entry| serde_json::from_str(&entry.body).ok()))
    }

    pub(crate) async fn keep(
        &self,
        conversation: &Conversation,
        standing: &Standing,
    ) -> Result<(), StoreError> {
        let body = serde_json::json!(standing).to_string();
        self.0.put(&screens(conversation), "screens", body).await?;
        Ok(())
    }

    /// Somebody took an event of a screen away.
    pub(crate) async fn lose(
        &self,
        conversation: &Conversation,
        event: &str,
    ) -> Result<(), StoreError> {
        self.0
            .put(&gone(conversation), event, String::new())
            .await?;
        Ok(())
    }

    /// Whether somebody took one of these events away.
    pub(crate) async fn lost(
        &self,
        conversation: &Conversation,
        events: &[Sent],
    ) -> Result<bool, StoreError> {
        let gone = self.0.latest(&gone(conversation), GONE).await?;
        let lost = |sent: &Sent| gone.iter().any(|entry| entry.id == sent.event);
        Ok(events.iter().any(lost))
    }

    /// Whose screen an event of a room is.
    pub(crate) async fn owner(&self, room: &str, event: &str) -> Result<Option<Owner>, StoreError> {
        let entries = self.0.latest(&events(room), EVENTS).await?;
        let mut found = entries.iter().filter(|entry| entry.id == event);
        Ok(found
            .next()
            .and_then(|entry| serde_json::from_str(&entry.body).ok()))
    }

    /// The last thread in which a person talked with the bot.
    pub(crate) async fn thread_of(
        &self,
        room: &str,
        user: &str,
    ) -> Result<Option<String>, StoreError> {
        let entries = self.0.latest(&events(room), EVENTS).await?;
        let owners = entries.iter().rev();
        let mut owners = owners.filter_map(|entry| serde_json::from_str::<Owner>(&entry.body).ok());
        Ok(owners
            .find(|owner| owner.user == user)
            .and_then(|owner| owner.thread))
    }

    /// An event of a room is somebody's from now on.
    pub(crate) async fn own(
        &self,
        room: &str,
        event: &str,
        owner: &Owner,
    ) -> Result<(), StoreError> {
        let body = serde_json::json!(owner).to_string();
        self.0.put(&events(room), event, body).await?;
        Ok(())
    }
}

fn screens(conversation: &Conversation) -> String {
    format!("screens/{}", conversation.key())
}

fn gone(conversation: &Conversation) -> String {
    format!("gone/{}", conversation.key())
}

fn events(room: &str) -> String {
    format!("events/matrix/{room}")
}
