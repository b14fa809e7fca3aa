//! What becomes of the events of one shard: handed to the mailboxes one after the other, and noted in a bookmark only then.
//!
//! A session that Discord does not know any more is followed by a look at what was written meanwhile.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use lorikeet_platform::{Accepted, Inbox};
use lorikeet_store::{Clock as _, SystemClock};
use reqwest::Method;
use serde::Deserialize;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::api::{Call, Refusal};
use crate::bookmark::{BOOKMARKS, Bookmark, Place, Resumable, Seen};
use crate::incoming::{Heard, hear};
use crate::intake::Sink;
use crate::interaction::{Interaction, Message};
use crate::{Shared, words};

/// How often the bookmark is kept while events come in.
const KEEP: Duration = Duration::from_secs(1);
/// Before the next try after the store did not answer.
const AGAIN: Duration = Duration::from_millis(500);
/// Messages asked for at once, and how often, when some were missed:
/// <https://discord.com/developers/docs/resources/message#get-channel-messages>.
const MISSED: usize = 100;
const LOOKS: u32 = 10;

/// What is read, on its way to the mailboxes.
pub(crate) struct Told {
    sequence: u64,
    what: What,
}

enum What {
    /// A new session begins.
    Ready(Ready),
    Interaction(Box<Interaction>),
    Message(Box<Message>),
    /// Nothing for the bot.
    Other,
}

#[derive(Deserialize)]
struct Head {
    op: u8,
    s: Option<u64>,
    t: Option<String>,
}

#[derive(Deserialize)]
struct Body<T> {
    d: T,
}

#[derive(Deserialize)]
struct Ready {
    session_id: String,
    resume_gateway_url: String,
}

/// Reads an event; none where it is about the connection.
pub(crate) fn told(frame: &str) -> Option<Told> {
    fn body<'a, T: Deserialize<'a>>(kind: &str, frame: &'a str) -> Option<T> {
        let read = serde_json::from_str::<Body<T>>(frame);
        // Not the error's own words: they hold what people write.
        let read = read.inspect_err(|_| tracing::warn!(kind, "an event cannot be read"));
        read.ok().map(|body| body.d)
    }
    let head: Head = serde_json::from_str(frame).ok()?;
    let sequence = head.s.filter(|_| head.op == 0)?;
    let kind = head.t.as_deref().unwrap_or_default();
    let what = match kind {
        "READY" => body(kind, frame).map(What::Ready),
        "INTERACTION_CREATE" => body(kind, frame).map(Box::new).map(What::Interaction),
        "MESSAGE_CREATE" => body(kind, frame).map(Box::new).map(What::Message),
        _ => None,
    };
    Some(Told {
        sequence,
        what: what.unwrap_or(What::Other),
    })
}

/// What becomes of the events of one shard.
pub(crate) struct Listener {
    shared: Arc<Shared>,
    inbox: Arc<dyn Inbox>,
    place: Place,
    bookmark: Bookmark,
    /// Channels in which something may have been written while nobody listened.
    missed: BTreeMap<String, Seen>,
    /// When the bookmark is kept next; none while nothing changed.
    keep_at: Option<Instant>,
}

impl Listener {
    pub(crate) fn new(
        shared: &Arc<Shared>,
        inbox: &Arc<dyn Inbox>,
        place: Place,
        bookmark: Bookmark,
    ) -> Self {
        Self {
            shared: Arc::clone(shared),
            inbox: Arc::clone(inbox),
            place,
            bookmark,
            missed: BTreeMap::new(),
            keep_at: None,
        }
    }

    /// Takes events in order until no more come.
    pub(crate) async fn listen(
        mut self,
        mut heard: mpsc::Receiver<Told>,
        ending: CancellationToken,
    ) {
        loop {
            let keep_at = self.keep_at;
            tokio::select! {
                biased;
                () = ending.cancelled() => break,
                () = sleep_until(keep_at.unwrap_or_else(Instant::now)), if keep_at.is_some() => self.keep().await,
                told = heard.recv() => match told {
                    Some(told) => {
                        let done = ending.run_until_cancelled(self.take(told)).await;
                        if done.is_none() { break }
                    }
                    None => break,
                },
                () = std::future::ready(()), if !self.missed.is_empty() => {
                    let next = self.missed.keys().next().cloned();
                    if let Some(channel) = next {
                        ending.run_until_cancelled(self.catch_up(&channel)).await;
                    }
                }
            }
        }
        self.keep().await;
    }

    /// Keeps the bookmark. An older one that stays costs events that come twice.
    async fn keep(&mut self) {
        if self.keep_at.is_none() {
            return;
        }
        let Ok(body) = serde_json::to_string(&self.bookmark) else {
            return;
        };
        let id = self.place.to_string();
        let kept = self.shared.transcript.put(BOOKMARKS, &id, body).await;
        self.keep_at = match kept {
            Ok(_) => None,
            Err(error) => {
                tracing::warn!(%error, "how far the gateway was read could not be kept");
                Some(Instant::now() + KEEP)
            }
        };
    }

    /// The bookmark changed; whether that has to be kept at once.
    fn changed(&mut self, at_once: bool) {
        let now = Instant::now();
        let later = if at_once { now } else { now + KEEP };
        self.keep_at = Some(self.keep_at.map_or(later, |at| at.min(later)));
    }

    async fn take(&mut self, told: Told) {
        match told.what {
            What::Ready(ready) => {
                self.bookmark.session = Some(Resumable {
                    id: ready.session_id,
                    url: ready.resume_gateway_url,
                    sequence: told.sequence,
                });
                self.missed = self.bookmark.rooms.clone();
                tracing::info!(
                    shard = %self.place,
                    channels = self.missed.len(),
                    "a session of the gateway begins"
                );
                self.changed(true);
            }
            What::Interaction(interaction) => {
                // Pictures sent while nobody listened come before the press behind them, if that takes no time.
                if let Some(channel) = &interaction.channel_id
                    && self.missed.contains_key(channel)
                {
                    let _ = timeout(Duration::from_secs(1), self.catch_up(channel)).await;
                }
                self.attend(*interaction).await;
            }
            What::Message(message) => {
                // What was written before it comes before it.
                if self.missed.contains_key(&message.channel_id) {
                    self.catch_up(&message.channel_id).await;
                }
                self.written(&message).await;
            }
            What::Other => {}
        }
        if let Some(session) = &mut self.bookmark.session {
            session.sequence = session.sequence.max(told.sequence);
        }
        self.changed(false);
    }

    /// Sees to it that an interaction is kept, and answered beside what comes next.
    async fn attend(&mut self, interaction: Interaction) {
        if let (Some(channel), Ok(id)) = (&interaction.channel_id, interaction.id.parse()) {
            let new = self
                .bookmark
                .saw(channel, interaction.guild_id.as_deref(), id);
            self.changed(new);
        }
        let sink = Sink::Call {
            id: interaction.id.clone(),
            token: interaction.token.clone(),
        };
        let (shared, inbox) = (Arc::clone(&self.shared), Arc::clone(&self.inbox));
        let (taken, is_taken) = oneshot::channel();
        tokio::spawn(async move { shared.attend(&*inbox, interaction, sink, taken).await });
        // Dropped when its event is in the mailbox, or is none.
        let _ = is_taken.await;
    }

    /// Hands a message over, however long the store is away.
    async fn written(&mut self, message: &Message) {
        let shared = Arc::clone(&self.shared);
        let heard = hear(message, &shared.me(), SystemClock.now());
        let id = message.id.parse().unwrap_or(0);
        let (conversation, event) = match heard {
            Heard::Event {
                conversation,
                event,
            } => (conversation, event),
            Heard::Told {
                channel,
                message,
                sentence,
            } => {
                shared.replies_to(&channel, &message, sentence).await;
                return;
            }
            Heard::Nothing(why) => {
                tracing::trace!(message = message.id, why, "a message is left out");
                self.bookmark.passed(&message.channel_id, id);
                return;
            }
        };
        let guild = message.guild_id.as_deref();
        if guild.is_none() {
            let person = conversation.user.as_str();
            shared.channels.note(person, &message.channel_id);
        }
        let mut begun = false;
        loop {
            match self.inbox.accept(&conversation, (*event).clone()).await {
                Ok(Accepted::Accepted | Accepted::Duplicate) => break,
                Ok(Accepted::Full) => {
                    shared
                        .replies_to(&message.channel_id, &message.id, "message-full")
                        .await;
                    break;
                }
                Err(error) => {
                    if !begun {
                        tracing::warn!(%error, message = message.id, "a message waits");
                    }
                    begun = true;
                    sleep(AGAIN).await;
                }
            }
        }
        let new = self.bookmark.saw(&message.channel_id, guild, id);
        self.changed(new);
    }

    /// Asks for what was written in a channel while nobody listened.
    async fn catch_up(&mut self, channel: &str) {
        let Some(seen) = self.missed.get(channel).cloned() else {
            return;
        };
        let mut after = seen.last;
        for _ in 0..LOOKS {
            let path = format!("/channels/{channel}/messages?after={after}&limit={MISSED}");
            let call = Call::of(Method::GET, "list", channel, path);
            let mut messages: VecDeque<Message> = match self.shared.api.call(call).await {
                Ok(messages) => messages,
                Err(refusal @ (Refusal::Network(_) | Refusal::Flood { .. })) => {
                    tracing::warn!(channel, %refusal, "what was written meanwhile is asked for again");
                    let pause = match refusal {
                        Refusal::Flood { after, .. } => after,
                        _ => AGAIN,
                    };
                    sleep(pause).await;
                    // It stays among those to be looked at.
                    return;
                }
                Err(refusal) => {
                    tracing::debug!(channel, %refusal, "nothing can be read there");
                    break;
                }
            };
            let whole = messages.len() == MISSED;
            // The newest is first.
            while let Some(mut message) = messages.pop_back() {
                after = after.max(message.id.parse().unwrap_or(0));
                // A list does not say it: <https://discord.com/developers/docs/resources/message#message-object>.
                message.guild_id.clone_from(&seen.guild);
                self.written(&message).await;
            }
            if !whole {
                break;
            }
        }
        self.missed.remove(channel);
    }
}

impl Shared {
    /// Says a sentence below a message; if it cannot be, nothing is lost.
    async fn replies_to(&self, channel: &str, message: &str, sentence: &'static str) {
        let mut body = crate::outgoing::bare(&words::of(None).say(sentence));
        body["flags"] = serde_json::json!(0);
        body["message_reference"] =
            serde_json::json!({ "message_id": message, "fail_if_not_exists": false });
        if let Err(refusal) = self.create(channel, body, Vec::new()).await {
            tracing::debug!(%refusal, "a sentence was not said");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_told_from_what_is_about_the_connection() {
        assert!(told(r#"{"op":11}"#).is_none());
        assert!(told(r#"{"op":10,"d":{"heartbeat_interval":1}}"#).is_none());
        assert!(told("rubbish").is_none());
        let other = told(r#"{"op":0,"s":3,"t":"GUILD_CREATE","d":{}}"#).unwrap();
        assert!(matches!((other.sequence, other.what), (3, What::Other)));
        let message = r#"{"op":0,"s":4,"t":"MESSAGE_CREATE","d":{"id":"1","channel_id":"2"}}"#;
        assert!(matches!(told(message).unwrap().what, What::Message(_)));
        // An event of another shape is passed over, and its place is known.
        let odd = told(r#"{"op":0,"s":5,"t":"MESSAGE_CREATE","d":[]}"#).unwrap();
        assert!(matches!((odd.sequence, odd.what), (5, What::Other)));
        let ready =
            r#"{"op":0,"s":1,"t":"READY","d":{"session_id":"s","resume_gateway_url":"wss://g"}}"#;
        assert!(matches!(told(ready).unwrap().what, What::Ready(ready) if ready.session_id == "s"));
    }
}
