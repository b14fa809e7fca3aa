//! The web: a chat on a page of the bot's own.
//!
//! Owns the HTTP server, who a browser is, what a person sent (text, presses, forms, files) as events, and the
//! page that shows the transcript and follows it live. Does not own how a screen looks
//! (`lorikeet-renderer-web`), what it means (the features), or how messages and blobs are kept (`lorikeet-store`,
//! `lorikeet-media`).
//!
//! # Who sees what
//! - A browser is known by a random cookie; stores hold only a hash of it ([`visitor`]). Its rooms are its own.
//! - A picture's or file's address carries a keyed hash over the person and the blob ([`sign`]): neither a known
//!   digest nor somebody else's address opens a blob.
//! - Listening on anything but loopback needs a token that people enter once ([`login`]).
//!
//! # What is stored
//! The transcript keeps *what was said* (the abstract screen), not its HTML: a new version of the page shows old
//! messages in its own way, and an old screen is shown without its controls by leaving them out.

mod assets;
mod config;
mod elsewhere;
mod files;
mod guard;
mod hub;
mod keyed;
mod links;
mod login;
mod message;
mod page;
mod post;
mod preview;
mod problem;
mod room;
mod router;
mod server;
mod sign;
mod stream;
mod upload;
mod visitor;
mod words;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use lorikeet_chat::{
    BlobId, Capabilities, Conversation, FileLimits, MediaSource, MenuLimits, MessageHandle,
    PlatformId, Support, TextLimits, TextUnit,
};
use lorikeet_media::{BlobError, Blobs};
use lorikeet_platform::{
    Adapter, CommandHelp, Content, Delivered, Delivery, DeliveryError, Inbox, MediaStream,
    Placement, Previewer, Stop,
};
use lorikeet_store::{Clock, Signals, StoreError, SystemClock, Transcript};
use tokio::net::TcpListener;
use tokio::sync::watch;

pub use config::{AccessToken, Config, ConfigError};
pub use preview::WebPreviewer;

use hub::Hub;
use message::Message;
use sign::Signer;

/// The platform's name, first part of every conversation on it.
const PLATFORM: &str = "web";
/// Files taken in one message, at most.
const MAX_FILES: usize = 50;
/// Characters of one text, at most.
const MAX_TEXT: usize = 20_000;
/// How long to wait before other processes are followed again, after the connection broke.
const FOLLOW_AGAIN: Duration = Duration::from_millis(500);
/// How long a delivery waits for the person's own message to be written first. Only order is at stake.
const ECHO_WAIT: Duration = Duration::from_millis(500);

/// The web adapter.
pub struct Web {
    shared: Arc<Shared>,
}

/// What the adapter works with.
pub struct Parts {
    /// How it is to work.
    pub config: Config,
    /// Where the pictures and files are that it shows.
    pub blobs: Blobs,
    /// Where it keeps what people send until it is taken in; whoever owns that empties it.
    pub uploads: Blobs,
    /// Where the messages are.
    pub transcript: Arc<dyn Transcript>,
    /// Who tells of messages that another process delivered; absent where there is no other.
    pub signals: Option<Arc<dyn Signals>>,
    /// Answers `/readyz`.
    pub readiness: Readiness,
    /// The platforms as which a chat's current screen can be looked at; none but for who develops.
    pub previewers: Vec<Box<dyn Previewer>>,
}

/// Whether the process can serve people now, and what there is to say about it: a sentence for each, or why not.
pub type Readiness = Arc<dyn Fn() -> Result<String, String> + Send + Sync>;

/// What deliveries and requests have in common.
struct Shared {
    config: Config,
    blobs: Blobs,
    uploads: Blobs,
    transcript: Arc<dyn Transcript>,
    signals: Option<Arc<dyn Signals>>,
    readiness: Readiness,
    previewers: Vec<Box<dyn Previewer>>,
    hub: Hub,
    commands: RwLock<Vec<CommandHelp>>,
    listening: watch::Sender<Option<SocketAddr>>,
}

impl Web {
    /// An adapter that serves `config.listen` once it runs.
    ///
    /// # Errors
    /// [`ConfigError`] when the configuration would be unsafe or makes no sense; the sentence names the key.
    pub fn new(parts: Parts) -> Result<Self, ConfigError> {
        let Parts {
            config,
            blobs,
            uploads,
            transcript,
            signals,
            readiness,
            previewers,
        } = parts;
        config.check()?;
        Ok(Self {
            shared: Arc::new(Shared {
                config,
                blobs,
                uploads,
                transcript,
                signals,
                readiness,
                previewers,
                hub: Hub::default(),
                commands: RwLock::default(),
                listening: watch::Sender::default(),
            }),
        })
    }

    /// The address it listens on, as soon as it does: the port is a real one even where 0 was configured.
    pub async fn listening(&self) -> SocketAddr {
        let mut listening = self.shared.listening.subscribe();
        loop {
            if let Some(address) = *listening.borrow_and_update() {
                return address;
            }
            // The sender lives as long as `self`: this waits, it never fails.
            if listening.changed().await.is_err() {
                return self.shared.config.listen;
            }
        }
    }
}

impl Web {
    /// Tells the rooms of this process what others deliver to them.
    async fn follow_others(&self) {
        let hub = &self.shared.hub;
        loop {
            let Some(signals) = &self.shared.signals else {
                return std::future::pending().await;
            };
            match signals.changes().await {
                Ok(mut changes) => {
                    // Whatever happened while nobody told us.
                    hub.all_changed();
                    while let Ok(room) = changes.next().await {
                        hub.changed(&room);
                    }
                }
                Err(error) => tracing::debug!(%error, "other processes cannot be followed"),
            }
            tokio::time::sleep(FOLLOW_AGAIN).await;
        }
    }
}

#[async_trait]
impl Adapter for Web {
    fn platform(&self) -> PlatformId {
        platform()
    }

    fn placement(&self) -> Placement {
        Placement::Anywhere
    }

    async fn run(&self, inbox: Arc<dyn Inbox>, stop: Stop) -> Result<(), DeliveryError> {
        let listen = self.shared.config.listen;
        let listener = TcpListener::bind(listen).await.map_err(|error| {
            DeliveryError::permanent(format!(
                "the web page cannot listen on {listen}: {error}. Set another address at [web] listen, or stop \
                 what uses this one"
            ))
        })?;
        let signer = Signer::load(self.shared.transcript.as_ref())
            .await
            .map_err(store_error)?;
        let address = listener.local_addr().unwrap_or(listen);
        self.shared.listening.send_replace(Some(address));
        tracing::info!(%address, "the web page is at http://{address}/");

        let (stopping, stopped) = watch::channel(false);
        let routes = router::router(Arc::clone(&self.shared), inbox, signer, stopped.clone());
        let serving = async {
            let stop = async {
                stop.await;
                stopping.send_replace(true);
            };
            tokio::join!(stop, server::serve(listener, routes, stopped))
        };
        tokio::select! {
            _ = serving => {}
            // Never ends.
            () = self.follow_others() => {}
        }
        self.shared.listening.send_replace(None);
        Ok(())
    }

    fn capabilities(&self, _conversation: &Conversation) -> Capabilities {
        capabilities(self.shared.config.max_upload_bytes)
    }

    async fn deliver(&self, delivery: Delivery<'_>) -> Result<Delivered, DeliveryError> {
        let at = SystemClock.now();
        let (id, message, handle) = match delivery.content {
            Content::Screen(present) => {
                let id = delivery
                    .handle
                    .filter(|_| present.surface.is_edit())
                    .map_or(delivery.id.as_str(), |handle| handle.as_str());
                let handle = MessageHandle::new(id)
                    .map_err(|error| DeliveryError::permanent(error.to_string()))?;
                let message = Message::Screen {
                    at,
                    screen: present.screen.clone(),
                    stamp: present.stamp,
                };
                (id, message, Some(handle))
            }
            Content::Answer { text, .. } => {
                let text = text.to_owned();
                (delivery.id.as_str(), Message::Answer { at, text }, None)
            }
        };
        let body = message.encode()?;
        let key = delivery.conversation.room.as_str();
        let room = self.shared.hub.room(key);
        // The person's message goes before its answer; see `post::send`. Past the wait, order yields to delivery.
        let order = tokio::time::timeout(ECHO_WAIT, room.order.lock()).await;
        self.shared
            .transcript
            .put(key, id, body)
            .await
            .map_err(store_error)?;
        drop(order);
        room.changed();
        Ok(Delivered { handle })
    }

    async fn open(&self, source: &MediaSource) -> Result<MediaStream, DeliveryError> {
        let id = upload::blob_of(source)
            .ok_or_else(|| DeliveryError::permanent("not a file of the web page"))?;
        let content = self.shared.uploads.stream(&id).await.map_err(blob_error)?;
        let content =
            content.ok_or_else(|| DeliveryError::permanent("the uploaded file is gone"))?;
        Ok(content
            .stream
            .map(|chunk| chunk.map_err(blob_error))
            .boxed())
    }

    async fn publish(&self, commands: &[CommandHelp]) -> Result<(), DeliveryError> {
        let mut published = self
            .shared
            .commands
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *published = commands.to_vec();
        Ok(())
    }
}

fn platform() -> PlatformId {
    // The type keeps ids of other platforms out of the way of a mistake; a constant has none to make.
    match PlatformId::new(PLATFORM) {
        Ok(platform) => platform,
        Err(_) => unreachable!("the platform's name is a valid id"),
    }
}

/// A page has few limits of its own: these keep one screen readable and one request bounded.
fn capabilities(max_upload_bytes: u64) -> Capabilities {
    Capabilities {
        text: TextLimits {
            message: 100_000,
            unit: TextUnit::Chars,
            rich: Support::Full,
        },
        menu: MenuLimits {
            buttons: Support::Full,
            per_row: 6,
            total: 100,
            label: 120,
            options: 60,
        },
        files: FileLimits {
            receive: max_upload_bytes,
            send: u64::MAX,
            per_message: MAX_FILES as u32,
        },
        images: Support::Full,
        forms: Support::Full,
        edits: Support::Full,
        edits_per_minute: 60,
    }
}

fn store_error(error: StoreError) -> DeliveryError {
    let message = "the transcript could not be read or written";
    if error.is_retryable() {
        DeliveryError::retry(message).because(error)
    } else {
        DeliveryError::permanent(message).because(error)
    }
}

fn blob_error(error: BlobError) -> DeliveryError {
    let message = "the uploaded file could not be read";
    if error.is_retryable() {
        DeliveryError::retry(message).because(error)
    } else {
        DeliveryError::permanent(message).because(error)
    }
}

/// A blob's id from text, where it is one.
fn blob_id(text: &str) -> Option<BlobId> {
    BlobId::try_from(text.to_owned()).ok()
}
