//! The gateway: one process hears events in order, and the next goes on where it stopped.
//! <https://discord.com/developers/docs/events/gateway>
//!
//! What is read is handed to the mailboxes one after the other, and noted in a bookmark only then. A session that Discord does
//! not know any more is followed by a look at what was written meanwhile.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use lorikeet_platform::{Accepted, DeliveryError, Inbox, Stop};
use lorikeet_store::{Clock as _, SystemClock};
use reqwest::Method;
use serde::Deserialize;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use twilight_gateway::error::ReceiveMessageErrorType;
use twilight_gateway::queue::InMemoryQueue;
use twilight_gateway::{
    CloseFrame, ConfigBuilder, Intents, Message as Frame, Session, Shard, ShardId,
};
use url::Url;

use crate::Shared;
use crate::api::{Call, Refusal};
use crate::bookmark::{Bookmark, Resumable, Seen};
use crate::incoming::{Heard, hear};
use crate::intake::Sink;
use crate::interaction::{Interaction, Message};
use crate::{greeting, words};

/// Messages in private, and on servers those that name the bot: neither needs Discord's leave.
/// <https://discord.com/developers/docs/events/gateway#message-content-intent>
const INTENTS: Intents = Intents::DIRECT_MESSAGES.union(Intents::GUILD_MESSAGES);
/// Events that wait for the store before no more are read: Discord keeps the others.
const WAITING: usize = 1_024;
/// How often the bookmark is kept while events come in.
const KEEP: Duration = Duration::from_secs(1);
/// Before the next try after the store did not answer.
const AGAIN: Duration = Duration::from_millis(500);
/// How long a connection may take to end in good order.
const FAREWELL: Duration = Duration::from_secs(2);
/// Connections that fail one after the other before all is begun anew, from asking for the address.
const FAILURES: u32 = 5;
/// Messages asked for at once, and how often, when some were missed:
/// <https://discord.com/developers/docs/resources/message#get-channel-messages>.
const MISSED: usize = 100;
const LOOKS: u32 = 10;

/// Where the gateway is: <https://discord.com/developers/docs/events/gateway#get-gateway-bot>.
#[derive(Deserialize)]
struct Address {
    url: String,
    shards: u32,
    session_start_limit: Starts,
}

/// How often may be begun anew.
#[derive(Deserialize)]
struct Starts {
    total: u32,
    remaining: u32,
    /// In milliseconds.
    reset_after: u64,
    max_concurrency: u16,
}

/// Reads events until `stop` is done.
///
/// # Errors
/// When it cannot go on: a wrong token, or something that passes.
pub(crate) async fn run(
    shared: &Arc<Shared>,
    inbox: Arc<dyn Inbox>,
    stop: Stop,
) -> Result<(), DeliveryError> {
    let call = Call::of(Method::GET, "gateway", "", "/gateway/bot");
    let address: Address = shared
        .api
        .call(call)
        .await
        .map_err(|refusal| greeting::explained(&shared.config, refusal))?;
    let starts = &address.session_start_limit;
    let queue = InMemoryQueue::new(
        starts.max_concurrency.max(1),
        starts.remaining,
        Duration::from_millis(starts.reset_after),
        starts.total,
    );
    let ending = CancellationToken::new();
    // Ends its shards when it is dropped.
    let mut reading = JoinSet::new();
    let of = address.shards.max(1);
    for number in 0..of {
        let mut reader = Reader {
            shared: Arc::clone(shared),
            inbox: Arc::clone(&inbox),
            key: format!("{number} of {of}"),
            bookmark: Bookmark::default(),
            missed: BTreeMap::new(),
            keep_at: None,
        };
        reader.find().await?;
        let shard = shard(
            shared,
            &address,
            queue.clone(),
            ShardId::new(number, of),
            &reader,
        );
        reading.spawn(read(shard, reader, ending.clone()));
    }
    let mut stop = stop;
    loop {
        tokio::select! {
            () = &mut stop, if !ending.is_cancelled() => ending.cancel(),
            ended = reading.join_next() => match ended {
                None => return Ok(()),
                Some(Ok(Ok(()))) => {}
                Some(Ok(Err(error))) => return Err(error),
                Some(Err(_)) => return Err(DeliveryError::retry("a shard of the gateway broke off")),
            },
        }
    }
}

fn shard(
    shared: &Shared,
    address: &Address,
    queue: InMemoryQueue,
    id: ShardId,
    reader: &Reader,
) -> Shard {
    let mut config = ConfigBuilder::new(shared.config.token.reveal().to_owned(), INTENTS)
        .proxy_url(address.url.trim_end_matches('/').to_owned())
        .queue(queue);
    if let Some(session) = &reader.bookmark.session {
        config = config.session(Session::new(session.sequence, session.id.clone()));
        if Url::parse(&session.url).is_ok_and(|url| matches!(url.scheme(), "ws" | "wss")) {
            config = config.resume_url(session.url.clone());
        }
    }
    Shard::with_config(id, config.build())
}

/// What is read, on its way to the mailboxes.
struct Told {
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
fn told(frame: &str) -> Option<Told> {
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

/// Reads one shard. While the store is away, no more is read than can wait.
async fn read(
    mut shard: Shard,
    reader: Reader,
    ending: CancellationToken,
) -> Result<(), DeliveryError> {
    let (tell, heard) = mpsc::channel(WAITING);
    let mut listening = JoinSet::new();
    listening.spawn(reader.listen(heard, ending.clone()));
    let mut failures = 0;
    let mut closed = None;
    let outcome = loop {
        let frame = tokio::select! {
            () = ending.cancelled() => break Ok(()),
            frame = shard.next() => frame,
        };
        match frame {
            // It must not be asked again.
            None => return Err(over(closed)),
            Some(Ok(Frame::Close(frame))) => closed = frame.map(|frame| frame.code),
            Some(Ok(Frame::Text(text))) => {
                failures = 0;
                let Some(told) = told(&text) else { continue };
                tokio::select! {
                    () = ending.cancelled() => break Ok(()),
                    sent = tell.send(told) => if sent.is_err() {
                        break Err(DeliveryError::retry("the gateway is not listened to"));
                    },
                }
            }
            Some(Err(error)) if matches!(error.kind(), ReceiveMessageErrorType::Reconnect) => {
                failures += 1;
                tracing::warn!(failures, "the gateway does not answer");
                if failures >= FAILURES {
                    break Err(DeliveryError::retry("the gateway does not answer"));
                }
            }
            // Its words would hold what people write.
            Some(Err(_)) => tracing::warn!("something of the gateway cannot be read"),
        }
    };
    drop(tell);
    // Whoever comes next can go on with the session: it is not ended, only left.
    shard.close(CloseFrame::RESUME);
    let left = async {
        while let Some(Ok(frame)) = shard.next().await
            && !frame.is_close()
        {}
    };
    let (_, _) = tokio::join!(timeout(FAREWELL, left), listening.join_next());
    outcome
}

/// Why Discord does not let it go on: <https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway>.
fn over(code: Option<u16>) -> DeliveryError {
    match code {
        Some(4004) => DeliveryError::permanent(
            "discord.token: Discord's gateway does not know this token any more. Reset it on the page \"Bot\" of your application in the Discord Developer Portal, and copy the new one",
        ),
        Some(4010 | 4011) => {
            DeliveryError::retry("Discord wants another number of shards; they are begun anew")
        }
        Some(code) => DeliveryError::permanent(format!(
            "Discord's gateway does not take this program's events (it closed with {code}). A newer version of Lorikeet may help"
        )),
        None => DeliveryError::retry("the gateway ended"),
    }
}

/// What becomes of the events of one shard.
struct Reader {
    shared: Arc<Shared>,
    inbox: Arc<dyn Inbox>,
    /// By what its bookmark is found.
    key: String,
    bookmark: Bookmark,
    /// Channels in which something may have been written while nobody listened.
    missed: BTreeMap<String, Seen>,
    /// When the bookmark is kept next; none while nothing changed.
    keep_at: Option<Instant>,
}

/// Where bookmarks are kept.
const BOOKMARKS: &str = "gateway/discord";

impl Reader {
    /// Finds the bookmark.
    async fn find(&mut self) -> Result<(), DeliveryError> {
        let room = format!("{BOOKMARKS}/{}", self.key);
        let kept = self.shared.transcript.latest(&room, 1).await;
        let kept = kept.map_err(|error| {
            DeliveryError::retry("how far the gateway was read is not known").because(error)
        })?;
        if let Some(entry) = kept.first() {
            self.bookmark = Bookmark::read(&entry.body);
        }
        Ok(())
    }

    /// Takes events in order until no more come.
    async fn listen(mut self, mut heard: mpsc::Receiver<Told>, ending: CancellationToken) {
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
        let room = format!("{BOOKMARKS}/{}", self.key);
        let kept = self.shared.transcript.put(&room, "bookmark", body).await;
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
                    shard = self.key,
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

    #[test]
    fn only_what_a_change_helps_ends_it() {
        use lorikeet_platform::Failure;
        for (code, permanent, said) in [
            (Some(4004), true, "discord.token"),
            (Some(4011), false, "shards"),
            (Some(4014), true, "4014"),
            (None, false, "ended"),
        ] {
            let error = over(code);
            assert_eq!(error.failure == Failure::Permanent, permanent, "{code:?}");
            assert!(error.to_string().contains(said), "{error}");
        }
    }
}
