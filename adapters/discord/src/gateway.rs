//! The gateway: one process hears events in order, and the next goes on where it stopped.
//! <https://discord.com/developers/docs/events/gateway>
//!
//! Owns the connections. What becomes of events is the [`listener`](crate::listener)'s.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use lorikeet_platform::{DeliveryError, Inbox, Stop};
use lorikeet_store::TRANSCRIPT_BOUND;
use reqwest::Method;
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use twilight_gateway::error::ReceiveMessageErrorType;
use twilight_gateway::queue::InMemoryQueue;
use twilight_gateway::{
    CloseFrame, ConfigBuilder, Intents, Message as Frame, Session, Shard, ShardId,
};
use url::Url;

use crate::api::Call;
use crate::bookmark::{BOOKMARKS, Bookmark, Place};
use crate::config::Shards;
use crate::listener::{Listener, told};
use crate::{Shared, greeting};

/// Messages in private, and on servers those that name the bot: neither needs Discord's leave.
/// <https://discord.com/developers/docs/events/gateway#message-content-intent>
const INTENTS: Intents = Intents::DIRECT_MESSAGES.union(Intents::GUILD_MESSAGES);
/// Events that wait for the store before no more are read: Discord keeps the others.
const WAITING: usize = 1_024;
/// How long a connection may take to end in good order.
const FAREWELL: Duration = Duration::from_secs(2);
/// Connections that fail one after the other before all is begun anew, from asking for the address.
const FAILURES: u32 = 5;
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
    part: Option<Shards>,
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
    let kept = shared.transcript.latest(BOOKMARKS, TRANSCRIPT_BOUND).await;
    let kept = kept.map_err(|error| {
        DeliveryError::retry("how far the gateway was read is not known").because(error)
    })?;
    for place in part.unwrap_or(Shards::all(address.shards)).places() {
        let bookmark = Bookmark::find(&kept, place);
        let shard = shard(shared, &address, queue.clone(), place, &bookmark);
        let listener = Listener::new(shared, &inbox, place, bookmark);
        reading.spawn(read(shard, listener, ending.clone(), part.is_some()));
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
    place: Place,
    bookmark: &Bookmark,
) -> Shard {
    let mut config = ConfigBuilder::new(shared.config.token.reveal().to_owned(), INTENTS)
        .proxy_url(address.url.trim_end_matches('/').to_owned())
        .queue(queue);
    if let Some(session) = &bookmark.session {
        config = config.session(Session::new(session.sequence, session.id.clone()));
        if Url::parse(&session.url).is_ok_and(|url| matches!(url.scheme(), "ws" | "wss")) {
            config = config.resume_url(session.url.clone());
        }
    }
    Shard::with_config(ShardId::new(place.number, place.of), config.build())
}

/// Reads one shard. While the store is away, no more is read than can wait.
async fn read(
    mut shard: Shard,
    listener: Listener,
    ending: CancellationToken,
    is_part: bool,
) -> Result<(), DeliveryError> {
    let (tell, heard) = mpsc::channel(WAITING);
    let mut listening = JoinSet::new();
    listening.spawn(listener.listen(heard, ending.clone()));
    let mut failures = 0;
    let mut closed = None;
    let outcome = loop {
        let frame = tokio::select! {
            () = ending.cancelled() => break Ok(()),
            frame = shard.next() => frame,
        };
        match frame {
            // It must not be asked again.
            None => return Err(over(closed, is_part)),
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
fn over(code: Option<u16>, is_part: bool) -> DeliveryError {
    match code {
        Some(4004) => DeliveryError::permanent(
            "discord.token: Discord's gateway does not know this token any more. Reset it on the page \"Bot\" of your application in the Discord Developer Portal, and copy the new one",
        ),
        Some(4010 | 4011) if is_part => DeliveryError::permanent(
            "discord.shards: Discord does not take this number of shards, the bot is on too many servers for it. Set a larger one for every process, such as \"0-3 of 8\", or leave it empty",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_change_helps_ends_it() {
        use lorikeet_platform::Failure;
        for (code, is_part, permanent, said) in [
            (Some(4004), false, true, "discord.token"),
            (Some(4011), false, false, "shards"),
            (Some(4011), true, true, "discord.shards"),
            (Some(4014), false, true, "4014"),
            (None, true, false, "ended"),
        ] {
            let error = over(code, is_part);
            assert_eq!(error.failure == Failure::Permanent, permanent, "{code:?}");
            assert!(error.to_string().contains(said), "{error}");
        }
    }
}
