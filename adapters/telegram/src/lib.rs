//! Telegram: updates in, by long polling or webhooks, and screens out.
//!
//! Owns the Bot API's calls, which message a screen is in, the pace of what is sent and the few sentences that are the platform's own.
//! Does not own how a screen looks (the renderer) or what anything means (the dialog).
//!
//! - An update is confirmed, or its webhook answered, when its event is in the store.
//! - A press is answered once, by what its turn says or after a moment without a word ([`queries`]).
//! - Sending a message is at least once: a process that dies in between sends it again. Edits repeat without a trace.
//! - Neither tokens nor what people write are logged.

mod acting;
mod api;
mod config;
mod data;
mod handle;
mod incoming;
mod intake;
mod moves;
mod outgoing;
mod pace;
mod polling;
mod preview;
mod queries;
mod update;
mod webhook;
mod words;

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use futures::{StreamExt as _, TryStreamExt as _};
use lorikeet_chat::{Capabilities, Conversation, MediaSource, PlatformId};
use lorikeet_media::Blobs;
use lorikeet_platform::{
    Adapter, CommandHelp, Delivered, Delivery, DeliveryError, FileLinks, HalfSent, Inbox,
    MediaStream, Placement, Stop,
};
use lorikeet_store::Transcript;
use teloxide_core::Bot;
use teloxide_core::net::{Download as _, default_reqwest_settings};
use tokio::sync::watch;
use tokio_util::io::ReaderStream;

pub use config::{API_URL, Config, ConfigError, Mode};
pub use lorikeet_platform::Secret;
pub use preview::TelegramPreviewer;

use acting::Typing;
use api::{BotCommand, CommandScope, GetFile, GetMe, GetMyCommands, Refusal, SetMyCommands, call};
use incoming::Me;
use lorikeet_renderer_telegram::limits::DOWNLOAD;
use moves::Moves;
use pace::Pace;
use queries::Queries;

/// The platform's name, first part of every conversation on it.
const PLATFORM: &str = "telegram";
/// The longest call there is: a file of 50 MB on a slow line.
const CALL: Duration = Duration::from_secs(300);
/// Bytes of a file with a server of one's own: <https://core.telegram.org/bots/api#using-a-local-bot-api-server>.
const LOCAL_FILE: u64 = 2_000_000_000;
/// Whom the commands are listed for: <https://core.telegram.org/bots/api#botcommandscope>. The narrow ones, so that what another
/// bot with this token left there does not hide them.
const SCOPES: [&str; 3] = [
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
];
/// Commands in a list: <https://core.telegram.org/bots/api#setmycommands>.
const COMMANDS: usize = 100;
/// Characters of a command's description: <https://core.telegram.org/bots/api#botcommand>.
const DESCRIPTION: usize = 256;

/// The Telegram adapter.
pub struct Telegram {
    shared: Arc<Shared>,
}

/// What the adapter works with.
pub struct Parts {
    /// How it is to work.
    pub config: Config,
    /// Where the pictures and files are that it shows.
    pub blobs: Blobs,
    /// Where it keeps which group became which.
    pub transcript: Arc<dyn Transcript>,
    /// What makes addresses of files that Telegram does not take; none where people cannot open any.
    pub links: Option<Arc<dyn FileLinks>>,
}

/// What deliveries and updates have in common. Without `Debug`: the client would show the token.
struct Shared {
    config: Config,
    bot: Bot,
    blobs: Blobs,
    links: Option<Arc<dyn FileLinks>>,
    moves: Moves,
    queries: Queries,
    typing: Typing,
    pace: Pace,
    half_sent: HalfSent<handle::Sent>,
    me: RwLock<Arc<Me>>,
    commands: RwLock<Vec<CommandHelp>>,
    listening: watch::Sender<Option<SocketAddr>>,
}

impl Telegram {
    /// An adapter that talks to Telegram once it runs.
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
        let client = default_reqwest_settings()
            .timeout(CALL)
            .build()
            .map_err(|_| ConfigError("telegram: no connection can be made with TLS; the system's certificates may be missing".to_owned()))?;
        let bot = Bot::with_client(config.token.reveal(), client).set_api_url(config.base()?);
        let download = (!config.local).then_some(DOWNLOAD);
        Ok(Self {
            shared: Arc::new(Shared {
                pace: Pace::new(config.messages_per_second),
                config,
                bot,
                blobs,
                links,
                moves: Moves::new(transcript),
                queries: Queries::default(),
                typing: Typing::default(),
                half_sent: HalfSent::default(),
                me: RwLock::new(Arc::new(Me {
                    download,
                    ..Me::default()
                })),
                commands: RwLock::default(),
                listening: watch::Sender::default(),
            }),
        })
    }

    /// Where it listens for webhooks, as soon as it does: the port is a real one even where 0 was configured.
    pub async fn listening(&self) -> Option<SocketAddr> {
        let mut listening = self.shared.listening.subscribe();
        // The sender lives as long as `self`: this waits, it never fails.
        let address = listening.wait_for(Option::is_some).await;
        address.ok().and_then(|address| *address)
    }
}

impl Shared {
    fn me(&self) -> Arc<Me> {
        let me = self.me.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&me)
    }

    /// What a chat can show and take.
    fn capabilities(&self) -> Capabilities {
        let mut room = lorikeet_renderer_telegram::capabilities();
        if self.config.local {
            room.files.receive = LOCAL_FILE;
            room.files.send = LOCAL_FILE;
        }
        room
    }

    /// A refusal that ends the adapter, in words that say what to do.
    fn explained(&self, refusal: Refusal) -> DeliveryError {
        let api = &self.config.api_url;
        match refusal {
            Refusal::Unauthorized => DeliveryError::permanent(
                "telegram.token: Telegram does not know this token (it answered 401 Unauthorized or 404 Not Found). Ask @BotFather for the bot's token",
            ),
            Refusal::Network(why) => DeliveryError::retry(format!(
                "telegram.api_url: {api} did not answer: {why}. It is tried again"
            )),
            Refusal::Conflict(said) => DeliveryError::retry(format!(
                "Telegram says: {said}. Another program uses the same token: stop it, or get a token of its own for this bot from @BotFather"
            )),
            other => other.into(),
        }
    }

    /// Asks who the bot is: the first call, so that a wrong token or address shows at once.
    async fn introduce(&self) -> Result<(), DeliveryError> {
        let user = call(&self.bot, GetMe {})
            .await
            .map_err(|refusal| self.explained(refusal))?;
        let mut me = self.me.write().unwrap_or_else(PoisonError::into_inner);
        let me = Arc::make_mut(&mut me);
        me.id = user.id;
        me.username = user.username.unwrap_or_default();
        tracing::info!(bot = %me.username, "known to Telegram");
        Ok(())
    }

    /// Tells Telegram which commands there are, where it knows others.
    async fn publish(&self) -> Result<(), Refusal> {
        let mut commands = self
            .commands
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        for left_out in commands.drain(commands.len().min(COMMANDS)..) {
            tracing::warn!(command = %left_out.name, "Telegram lists no more than {COMMANDS} commands: this one works, but is not listed");
        }
        let mut tags: Vec<&str> = commands
            .iter()
            .flat_map(|command| command.summary.translations.keys().map(String::as_str))
            .collect();
        tags.sort_unstable();
        tags.dedup();
        // Without a language: for everybody else. Telegram has languages of two letters.
        for tag in std::iter::once("").chain(tags.into_iter().filter(|tag| tag.len() == 2)) {
            let wanted: Vec<BotCommand> = commands
                .iter()
                .map(|command| BotCommand {
                    command: command.name.clone(),
                    description: command.summary.of(tag).chars().take(DESCRIPTION).collect(),
                })
                .collect();
            for scope in SCOPES.map(|kind| CommandScope { kind }) {
                self.publish_for(scope, tag, &wanted).await?;
            }
        }
        Ok(())
    }

    async fn publish_for(
        &self,
        scope: CommandScope,
        tag: &str,
        wanted: &[BotCommand],
    ) -> Result<(), Refusal> {
        let language_code = tag.to_owned();
        let asked = GetMyCommands {
            scope,
            language_code: language_code.clone(),
        };
        if call(&self.bot, asked).await? == wanted {
            return Ok(());
        }
        let set = SetMyCommands {
            commands: wanted.to_vec(),
            scope,
            language_code,
        };
        call(&self.bot, set).await?;
        Ok(())
    }
}

#[async_trait]
impl Adapter for Telegram {
    fn platform(&self) -> PlatformId {
        platform()
    }

    fn placement(&self) -> Placement {
        match self.shared.config.mode {
            Mode::Polling => Placement::Leader,
            Mode::Webhook { .. } => Placement::Anywhere,
        }
    }

    async fn run(&self, inbox: Arc<dyn Inbox>, stop: Stop) -> Result<(), DeliveryError> {
        let shared = &self.shared;
        let mut stop = stop;
        let begun = async {
            shared.introduce().await?;
            if let Err(refusal) = shared.publish().await {
                tracing::warn!(%refusal, "the commands could not be published");
            }
            Ok::<(), DeliveryError>(())
        };
        tokio::select! {
            begun = begun => begun?,
            () = &mut stop => return Ok(()),
        }
        match &shared.config.mode {
            Mode::Polling => tokio::select! {
                outcome = polling::run(shared, &*inbox) => outcome,
                () = stop => Ok(()),
            },
            Mode::Webhook {
                listen,
                public_url,
                secret,
            } => webhook::run(shared, inbox, stop, (*listen, public_url, secret)).await,
        }
    }

    fn capabilities(&self, _conversation: &Conversation) -> Capabilities {
        self.shared.capabilities()
    }

    async fn deliver(&self, delivery: Delivery<'_>) -> Result<Delivered, DeliveryError> {
        self.shared.deliver(delivery).await
    }

    async fn open(&self, source: &MediaSource) -> Result<MediaStream, DeliveryError> {
        let shared = &self.shared;
        let file_id = source.as_str().to_owned();
        let file = call(&shared.bot, GetFile { file_id }).await?;
        let path = file
            .file_path
            .ok_or_else(|| DeliveryError::permanent("Telegram does not give the file away"))?;
        let broken = "the file's line to Telegram broke";
        // A server of one's own keeps files on its disk, and says where.
        if path.starts_with('/') && shared.config.local {
            let file = tokio::fs::File::open(path).await.map_err(|error| {
                DeliveryError::permanent(
                    "the Bot API server's file cannot be read here: share its folder with the bot",
                )
                .because(error)
            })?;
            let stream = ReaderStream::new(file);
            return Ok(stream
                .map_err(move |error| DeliveryError::retry(broken).because(error))
                .boxed());
        }
        // Not the error's own words: they hold an address, and the token in it.
        Ok(shared
            .bot
            .download_file_stream(&path)
            .map_err(move |_| DeliveryError::retry(broken))
            .boxed())
    }

    async fn publish(&self, commands: &[CommandHelp]) -> Result<(), DeliveryError> {
        let mut known = self
            .shared
            .commands
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *known = commands.to_vec();
        // For deep links; Telegram is told when the adapter runs.
        let mut me = self
            .shared
            .me
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut me).commands = incoming::linkable(commands);
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
