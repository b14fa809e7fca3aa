//! Matrix: rooms, reactions and encryption in, and screens out.
//!
//! Owns the bot's device and its keys, which events a screen is in, and the few sentences that are the platform's own. Does not
//! own how a screen looks (the renderer) or what anything means (the dialog).
//!
//! - How far rooms were read is kept only once the store has what was read ([`listener`]); what was missed is fetched.
//! - An event is sent once: it carries a transaction id made of its effect.
//! - Neither tokens and keys nor what people write are logged.

mod aside;
mod commands;
mod config;
mod device;
mod echoes;
mod files;
mod incoming;
mod intake;
mod listener;
mod locked;
mod login;
mod media;
mod outgoing;
mod preview;
mod refusal;
mod rooms;
mod standing;
mod update;
mod words;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use lorikeet_chat::{Capabilities, Conversation, MediaSource, PlatformId};
use lorikeet_media::Blobs;
use lorikeet_platform::{
    Adapter, CommandHelp, Delivered, Delivery, DeliveryError, FileLinks, Inbox, MediaStream,
    Placement, Stop,
};
use lorikeet_store::Transcript;
use matrix_sdk::Client;
use tokio::sync::{Notify, Semaphore};
use tokio::task::AbortHandle;

pub use config::{Config, ConfigError, Login};
pub use lorikeet_platform::Secret;
pub use preview::MatrixPreviewer;

use device::Device;
use echoes::Echoes;
use incoming::Me;
use standing::Standings;

/// The platform's name, first part of every conversation on it.
const PLATFORM: &str = "matrix";
/// Sentences beside screens that are on their way at once: more wait.
const ASIDES: usize = 8;
/// How long the homeserver may take to answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The Matrix adapter.
pub struct Matrix {
    shared: Arc<Shared>,
}

/// What the adapter works with.
pub struct Parts {
    /// How it is to work.
    pub config: Config,
    /// Where the pictures and files are that it shows.
    pub blobs: Blobs,
    /// Where it keeps what stands in rooms, and how far they were read.
    pub transcript: Arc<dyn Transcript>,
    /// What makes addresses of files that the homeserver does not take; none where people cannot open any.
    pub links: Option<Arc<dyn FileLinks>>,
}

/// What deliveries and rooms have in common. Without `Debug`: the client would show the token.
struct Shared {
    config: Config,
    blobs: Blobs,
    links: Option<Arc<dyn FileLinks>>,
    transcript: Arc<dyn Transcript>,
    standings: Standings,
    http: matrix_sdk::reqwest::Client,
    /// The device, while this process leads.
    device: RwLock<Option<Arc<Device>>>,
    me: RwLock<Arc<Me>>,
    commands: RwLock<Vec<CommandHelp>>,
    /// Bytes of a file that the homeserver takes, once it was asked.
    upload: OnceLock<u64>,
    echoes: Mutex<Echoes>,
    /// Told when an event waits for its key, and when somebody may have invited the bot.
    locked: Notify,
    invitations: Notify,
    /// Sentences on their way at once.
    asides: Semaphore,
    /// Who places reactions, and where, by conversation.
    placing: Mutex<HashMap<String, (String, AbortHandle)>>,
    /// The last pictures of each conversation: what belongs together, and when the last of it was sent.
    batches: Mutex<HashMap<String, (String, u64)>>,
}

impl Matrix {
    /// An adapter that talks to the homeserver once it runs.
    ///
    /// # Errors
    /// [`ConfigError`] when the configuration makes no sense; the sentence names the key.
    pub fn new(parts: Parts) -> Result<Self, ConfigError> {
        let Parts {
            config,
            blobs,
            transcript,
            links,
        } = parts;
        config.check()?;
        let http = matrix_sdk::reqwest::Client::builder()
            .connect_timeout(TIMEOUT)
            .read_timeout(media::BYTES)
            .build()
            .map_err(|_| ConfigError("matrix.homeserver: no TLS to speak to it".to_owned()))?;
        let me = Me {
            user: config.user.clone(),
            name: String::new(),
            prefix: config.prefix.clone(),
            commands: Vec::new(),
        };
        Ok(Self {
            shared: Arc::new(Shared {
                config,
                blobs,
                links,
                standings: Standings(Arc::clone(&transcript)),
                transcript,
                http,
                device: RwLock::default(),
                me: RwLock::new(Arc::new(me)),
                commands: RwLock::default(),
                upload: OnceLock::new(),
                echoes: Mutex::default(),
                locked: Notify::new(),
                invitations: Notify::new(),
                asides: Semaphore::new(ASIDES),
                placing: Mutex::default(),
                batches: Mutex::default(),
            }),
        })
    }
}

impl Shared {
    fn me(&self) -> Arc<Me> {
        let me = self.me.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&me)
    }

    /// The device; none while another process leads, or none does. Who has it has the keys: for as long as a call takes.
    fn device(&self) -> Result<Arc<Device>, DeliveryError> {
        let device = self.device.read().unwrap_or_else(PoisonError::into_inner);
        device
            .clone()
            .ok_or_else(|| DeliveryError::retry("the bot is not connected to Matrix yet"))
    }

    fn echoes(&self) -> MutexGuard<'_, Echoes> {
        self.echoes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connect(&self, device: Option<Arc<Device>>) {
        let mut now = self.device.write().unwrap_or_else(PoisonError::into_inner);
        *now = device;
    }

    /// Bytes of a file that the homeserver takes. <https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1mediaconfig>
    async fn upload_size(&self, client: &Client) -> u64 {
        match client.load_or_fetch_max_upload_size().await {
            Ok(size) => *self.upload.get_or_init(|| size.into()),
            Err(_) => lorikeet_renderer_matrix::limits::UPLOAD,
        }
    }
}

#[async_trait]
impl Adapter for Matrix {
    fn platform(&self) -> PlatformId {
        platform()
    }

    fn placement(&self) -> Placement {
        Placement::Leader
    }

    async fn run(&self, inbox: Arc<dyn Inbox>, stop: Stop) -> Result<(), DeliveryError> {
        let outcome = listener::run(&self.shared, inbox, stop).await;
        self.shared.connect(None);
        outcome
    }

    fn capabilities(&self, _conversation: &Conversation) -> Capabilities {
        let mut capabilities = lorikeet_renderer_matrix::capabilities();
        if let Some(upload) = self.shared.upload.get() {
            capabilities.files.receive = *upload;
            capabilities.files.send = *upload;
        }
        if self.shared.device().is_ok_and(|device| device.is_limited()) {
            capabilities.edits_per_minute =
                lorikeet_renderer_matrix::limits::EDITS_PER_MINUTE_LIMITED;
        }
        capabilities
    }

    async fn deliver(&self, delivery: Delivery<'_>) -> Result<Delivered, DeliveryError> {
        self.shared.deliver(delivery).await
    }

    async fn open(&self, source: &MediaSource) -> Result<MediaStream, DeliveryError> {
        self.shared.open(source).await
    }

    async fn publish(&self, commands: &[CommandHelp]) -> Result<(), DeliveryError> {
        let mut known = self
            .shared
            .commands
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        // Rooms are told once the adapter is in them.
        *known = commands.to_vec();
        let mut me = self
            .shared
            .me
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let mut names: Vec<String> = Vec::new();
        for command in commands {
            names.push(command.name.clone());
            names.extend(command.names.values().cloned());
        }
        Arc::make_mut(&mut me).commands = names;
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
