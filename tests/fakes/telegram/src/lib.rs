//! A Telegram that tests own: the Bot API at the wire, and people who write to the bot.
//!
//! It knows no SDK. Whatever the real server is known to refuse, it refuses, in the same words where they are known; what is
//! not known is said where it is decided. The bot under test is given [`FakeTelegram::url`] in the place of
//! `https://api.telegram.org`; a test makes [`Person`]s and [`Room`]s and looks at what they see:
//!
//! ```text
//! let telegram = FakeTelegram::start(Options::default()).await?;
//! // … a bot is started with telegram.url() and telegram.token() …
//! let anna = telegram.person("Anna", "en");
//! anna.opens("");
//! let menu = anna.private().wait_for("the menu", PATIENCE, |seen| seen.from_bot).await?;
//! anna.presses(&anna.private(), menu.id, "New LoRA")?;
//! ```
//!
//! What it does not do: Markdown, inline mode, reactions, polls, payments, games, stories, several bots, fetching files
//! from addresses, thumbnails.

mod answer;
mod chat;
mod clock;
mod control;
mod entities;
mod faults;
mod files;
mod keyboard;
mod locks;
mod log;
mod message;
mod methods;
mod options;
mod params;
mod people;
mod picture;
mod queue;
mod rates;
mod rooms;
mod sees;
mod server;
mod webhook;
mod world;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use chat::{Action, Sort, Standing};
pub use entities::{CAPTION, Entity, TEXT};
pub use faults::Fault;
pub use files::{DOWNLOAD, Kind, PHOTO, UPLOAD};
pub use keyboard::{BUTTONS, Button, CALLBACK_DATA, MARKUP, PLACEHOLDER, ROW, Rows};
pub use log::{Answered, Call};
pub use options::{Options, Paths, Rates};
pub use people::{Item, Person, Talk};
pub use rooms::Room;
pub use sees::{Seen, SeenMedia};
pub use webhook::Lost;
pub use world::Shown;

use crate::locks::lock;
use crate::world::World;

/// A running server with everybody behind it. Clones are the same server; it stops with the last of them.
#[derive(Debug, Clone)]
pub struct FakeTelegram {
    world: Arc<World>,
    server: Arc<Server>,
}

#[derive(Debug)]
struct Server {
    address: SocketAddr,
    stopped: Mutex<CancellationToken>,
}

impl Drop for Server {
    fn drop(&mut self) {
        lock(&self.stopped).cancel();
    }
}

impl FakeTelegram {
    /// Listens on a free port of this machine.
    ///
    /// # Errors
    /// Where there is no port.
    pub async fn start(options: Options) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .context("no port")?;
        let telegram = Self {
            world: Arc::new(World::new(options)),
            server: Arc::new(Server {
                address: listener.local_addr()?,
                stopped: Mutex::default(),
            }),
        };
        telegram.run(listener);
        Ok(telegram)
    }

    fn run(&self, listener: TcpListener) {
        let stopped = CancellationToken::new();
        *lock(&self.server.stopped) = stopped.clone();
        let world = Arc::clone(&self.world);
        tokio::spawn(server::accept(listener, world, stopped.clone()));
        tokio::spawn(webhook::deliver(Arc::clone(&self.world), stopped));
    }

    /// Cannot be reached any more: connections end, new ones are refused, nothing is delivered. People and chats stay.
    pub fn stop(&self) {
        lock(&self.server.stopped).cancel();
    }

    /// Comes back at the same address.
    ///
    /// # Errors
    /// Where the port was taken by somebody else.
    pub async fn start_again(&self) -> Result<()> {
        self.stop();
        // The listener goes when its task does, which is soon.
        let mut tries = 0;
        let listener = loop {
            match TcpListener::bind(self.server.address).await {
                Ok(listener) => break listener,
                Err(error) if tries >= 200 => return Err(error).context("the port is taken"),
                Err(_) => {
                    tries += 1;
                    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                }
            }
        };
        self.run(listener);
        Ok(())
    }

    /// What stands in the place of `https://api.telegram.org`.
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address)
    }

    /// The one token that is let in.
    pub fn token(&self) -> &str {
        &self.world.options.token
    }

    /// The bot's name behind the `@`.
    pub fn bot_username(&self) -> &str {
        &self.world.options.bot_username
    }

    /// The bot's id.
    pub fn bot_id(&self) -> i64 {
        self.world.bot.id
    }
}
