//! Discord: interactions and messages in, by the gateway or over HTTP, and screens out.
//!
//! Owns Discord's calls, which message a screen is in, the pace of what is sent and the few sentences that are the platform's own.
//! Does not own how a screen looks (the renderer) or what anything means (the dialog).
//!
//! - An interaction is answered within the three seconds that Discord gives, whatever the turn does ([`replies`]).
//! - A button that opens a form is answered with the form, by whichever process hears of it ([`windows`]).
//! - A message is created once: it carries a nonce made of its effect, or it is the one answer to an interaction.
//! - Neither tokens nor what people write are logged.

mod api;
mod bookmark;
mod buckets;
mod commands;
mod config;
mod data;
mod gateway;
mod greeting;
mod handle;
mod http;
mod incoming;
mod intake;
mod interaction;
mod listener;
mod outgoing;
mod preview;
mod replies;
mod windows;
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
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::watch;
use url::Url;

pub use config::{API_URL, Config, ConfigError, Mode, Shards};
pub use lorikeet_platform::Secret;
pub use preview::DiscordPreviewer;

use api::{Api, Call, Refusal};
use incoming::Me;
use outgoing::Channels;
use replies::Replies;
use windows::Windows;

/// The platform's name, first part of every conversation on it.
const PLATFORM: &str = "discord";
/// Where Discord keeps what people send: <https://discord.com/developers/docs/reference#cdn-hosts>.
const CDN: [&str; 2] = ["cdn.discordapp.com", "media.discordapp.net"];
/// How long a file's next bytes may take.
const BYTES: Duration = Duration::from_secs(60);

/// The Discord adapter.
pub struct Discord {
    shared: Arc<Shared>,
}

/// What the adapter works with.
pub struct Parts {
    /// How it is to work.
    pub config: Config,
    /// Where the pictures and files are that it shows.
    pub blobs: Blobs,
    /// Where it keeps the forms of the screens that stand there, and how far the gateway was read.
    pub transcript: Arc<dyn Transcript>,
    /// What makes addresses of files that Discord does not take; none where people cannot open any.
    pub links: Option<Arc<dyn FileLinks>>,
}

/// What deliveries and interactions have in common. Without `Debug`: the client would show the token.
struct Shared {
    config: Config,
    api: Arc<Api>,
    blobs: Blobs,
    links: Option<Arc<dyn FileLinks>>,
    transcript: Arc<dyn Transcript>,
    windows: Windows,
    replies: Replies,
    channels: Channels,
    half_sent: HalfSent<handle::Sent>,
    me: RwLock<Arc<Me>>,
    commands: RwLock<Vec<CommandHelp>>,
    listening: watch::Sender<Option<SocketAddr>>,
}

impl Discord {
    /// An adapter that talks to Discord once it runs.
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
        let api =
            Api::new(config.base()?, &config.token).map_err(|why| ConfigError(why.to_owned()))?;
        let me = Me {
            application: config.application_id.clone().unwrap_or_default(),
            ..Me::default()
        };
        Ok(Self {
            shared: Arc::new(Shared {
                config,
                api: Arc::new(api),
                blobs,
                links,
                windows: Windows::new(Arc::clone(&transcript)),
                transcript,
                replies: Replies::default(),
                channels: Channels::default(),
                half_sent: HalfSent::default(),
                me: RwLock::new(Arc::new(me)),
                commands: RwLock::default(),
                listening: watch::Sender::default(),
            }),
        })
    }

    /// Where it listens for interactions, as soon as it does: the port is a real one even where 0 was configured.
    pub async fn listening(&self) -> Option<SocketAddr> {
        let mut listening = self.shared.listening.subscribe();
        // The sender lives as long as `self`: this waits, it never fails.
        let address = listening.wait_for(Option::is_some).await;
        address.ok().and_then(|address| *address)
    }
}

/// Asks Discord whether the bot could work with this configuration: what would keep it from working on single servers, a
/// sentence each.
///
/// # Errors
/// What would keep it from working at all, with its key.
pub async fn check(config: &Config) -> Result<Vec<String>, DeliveryError> {
    let wrong = |error: ConfigError| DeliveryError::permanent(error.to_string());
    config.check().map_err(wrong)?;
    let base = config.base().map_err(wrong)?;
    let api = Api::new(base, &config.token).map_err(DeliveryError::permanent)?;
    let known = greeting::introduce(&api, config).await?;
    greeting::lacking(&api, config, &known.application)
        .await
        .map_err(|refusal| greeting::explained(config, refusal))
}

impl Shared {
    fn me(&self) -> Arc<Me> {
        let me = self.me.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&me)
    }

    /// Asks who the bot is; the key that interactions are signed with. What is missing on single servers is logged.
    async fn introduce(&self) -> Result<[u8; 32], DeliveryError> {
        let known = greeting::introduce(&self.api, &self.config).await?;
        tracing::info!(bot = %known.user.username, "known to Discord");
        match greeting::lacking(&self.api, &self.config, &known.application).await {
            Ok(sentences) => sentences.iter().for_each(|said| tracing::warn!("{said}")),
            Err(refusal) => {
                tracing::debug!(%refusal, "what the bot may do on servers was not told");
            }
        }
        let mut me = self.me.write().unwrap_or_else(PoisonError::into_inner);
        let me = Arc::make_mut(&mut me);
        me.id = known.user.id;
        me.application = known.application;
        Ok(known.key)
    }

    /// Tells Discord which commands there are, where it knows others.
    async fn publish(&self) -> Result<(), Refusal> {
        let wanted = {
            let commands = self.commands.read().unwrap_or_else(PoisonError::into_inner);
            commands::definitions(&commands)
        };
        let application = &self.me().application;
        let everywhere = (
            String::new(),
            format!("/applications/{application}/commands"),
        );
        let guilds = self.config.guilds.iter().map(|guild| {
            let path = format!("/applications/{application}/guilds/{guild}/commands");
            (guild.clone(), path)
        });
        let alone: Vec<(String, String)> = guilds.collect();
        let nowhere_else = !alone.is_empty();
        for (guild, path) in std::iter::once(everywhere).chain(alone) {
            // What is told to some servers alone would stand there twice.
            let wanted = if nowhere_else && guild.is_empty() {
                &[][..]
            } else {
                &wanted
            };
            let asked = format!("{path}?with_localizations=true");
            let call = Call::of(Method::GET, "commands", &guild, asked);
            let has: Vec<Value> = match self.api.call(call).await {
                // It was said at the start, with what to do; the others have theirs.
                Err(Refusal::Gone(_)) if !guild.is_empty() => continue,
                has => has?,
            };
            if commands::are_the_same(wanted, &has) {
                continue;
            }
            let call = Call::of(Method::PUT, "set commands", &guild, path);
            self.api.tell(call.body(json!(wanted))).await?;
        }
        Ok(())
    }

    /// Whether files are fetched from an address: Discord's own, or those of whatever stands in its place.
    fn is_discords(&self, url: &Url) -> bool {
        let of_api = Url::parse(&self.config.api_url)
            .is_ok_and(|api| api.host_str() == url.host_str() && api.port() == url.port());
        let host = url.host_str().unwrap_or_default();
        of_api || (url.scheme() == "https" && CDN.contains(&host))
    }
}

#[async_trait]
impl Adapter for Discord {
    fn platform(&self) -> PlatformId {
        platform()
    }

    fn placement(&self) -> Placement {
        match self.shared.config.mode {
            Mode::Gateway { shards: None } => Placement::Leader,
            Mode::Gateway { shards: Some(part) } => Placement::LeaderOf(part.to_string()),
            Mode::Http { .. } => Placement::Anywhere,
        }
    }

    async fn run(&self, inbox: Arc<dyn Inbox>, stop: Stop) -> Result<(), DeliveryError> {
        let shared = &self.shared;
        let mut stop = stop;
        let begun = async {
            let key = shared.introduce().await?;
            if let Err(refusal) = shared.publish().await {
                tracing::warn!(%refusal, "the commands could not be published");
            }
            Ok::<_, DeliveryError>(key)
        };
        let key = tokio::select! {
            begun = begun => begun?,
            () = &mut stop => return Ok(()),
        };
        match shared.config.mode {
            Mode::Gateway { shards } => gateway::run(shared, inbox, stop, shards).await,
            Mode::Http { listen } => http::run(shared, inbox, stop, listen, key).await,
        }
    }

    fn capabilities(&self, _conversation: &Conversation) -> Capabilities {
        lorikeet_renderer_discord::capabilities()
    }

    async fn deliver(&self, delivery: Delivery<'_>) -> Result<Delivered, DeliveryError> {
        self.shared.deliver(delivery).await
    }

    async fn open(&self, source: &MediaSource) -> Result<MediaStream, DeliveryError> {
        let shared = &self.shared;
        let url = Url::parse(source.as_str())
            .ok()
            .filter(|url| shared.is_discords(url))
            .ok_or_else(|| DeliveryError::permanent("a file that is not with Discord"))?;
        let broken = "the file's line to Discord broke";
        // Not the error's own words: they hold an address that opens the file.
        let asked = shared.api.client().get(url).timeout(BYTES).send().await;
        let answer = asked.map_err(|_| DeliveryError::retry(broken))?;
        match answer.status() {
            status if status.is_success() => Ok(answer
                .bytes_stream()
                .map_err(move |_| DeliveryError::retry(broken))
                .boxed()),
            // Its address works for a while only, and what was sent with a command is not kept for ever.
            StatusCode::NOT_FOUND | StatusCode::FORBIDDEN | StatusCode::GONE => {
                Err(DeliveryError::permanent("the file is not there any more"))
            }
            _ => Err(DeliveryError::retry(broken)),
        }
    }

    async fn publish(&self, commands: &[CommandHelp]) -> Result<(), DeliveryError> {
        let shared = &self.shared;
        let mut known = shared
            .commands
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *known = commands.to_vec();
        // Discord is told when the adapter runs.
        let mut me = shared.me.write().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut me).commands = commands
            .iter()
            .map(|command| command.name.clone())
            .collect();
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
