//! A strict Discord on this machine, for tests: the API and the signed interactions of a bot's endpoint, by Discord's documentation
//! (<https://discord.com/developers/docs>).
//!
//! It knows no SDK and nothing of the bot. It refuses what Discord refuses: wrong tokens, messages, forms and commands beyond their
//! limits, components with one name, late and second answers, channels the bot may not see, what has not identified itself, and calls beyond
//! their rate.

mod answers;
mod buckets;
mod check;
mod endpoint;
mod gateway;
mod messages;
mod people;
mod rest;
mod sees;
mod world;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

pub use endpoint::Signed;
pub use gateway::Trouble;
pub use people::{Given, Person, Room, Shown};
pub use sees::{Control, Seen};
pub use world::Call;

use world::World;

/// How it is.
#[derive(Clone, Debug)]
pub struct Options {
    /// The one token that is let in.
    pub token: String,
    /// Bytes of a file, at most.
    pub largest_file: usize,
    /// How long the token of an interaction is taken.
    pub answers_for: Duration,
    /// How often clients of the gateway show that they are there.
    pub heartbeat: Duration,
    /// The time between two clients that identify themselves.
    pub identify_every: Duration,
    /// How long a session of the gateway waits for its client to come back.
    pub resume_within: Duration,
    /// How many shards it recommends.
    pub shards: u64,
    /// How often clients of the gateway may still begin anew today.
    pub starts_left: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            token: "NzAwMA.tests.secret_of-the-tests".to_owned(),
            // <https://discord.com/developers/docs/reference#uploading-files>
            largest_file: 10 << 20,
            // <https://discord.com/developers/docs/interactions/receiving-and-responding#followup-messages>
            answers_for: Duration::from_secs(15 * 60),
            // As seen; the documentation has it as an example.
            heartbeat: Duration::from_millis(41_250),
            // <https://discord.com/developers/docs/events/gateway#rate-limiting>
            identify_every: Duration::from_secs(5),
            // It is not documented; about that long it was seen to be.
            resume_within: Duration::from_secs(180),
            shards: 1,
            starts_left: 1_000,
        }
    }
}

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// Refused with a status, a code and a sentence.
    Refuse(u16, u64, &'static str),
    /// 429, with the seconds to wait.
    TooMany(f64),
    /// 502 with a page of HTML, and nothing was done.
    BadGateway,
    /// 502 with a page of HTML, although it was done.
    DoneThenBadGateway,
}

/// A running server with everybody behind it. Clones are the same server; it stops with the last of them.
#[derive(Clone, Debug)]
pub struct FakeDiscord {
    world: Arc<World>,
    address: SocketAddr,
    _server: Arc<Stops>,
}

#[derive(Debug)]
struct Stops(AbortHandle);

impl Drop for Stops {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl FakeDiscord {
    /// Listens on a free port of this machine.
    ///
    /// # Errors
    /// Where there is no port.
    pub async fn start(options: Options) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .context("no port")?;
        let address = listener.local_addr()?;
        let world = World::new(options, format!("http://{address}"))
            .map_err(|_| anyhow::anyhow!("no key"))?;
        let world = Arc::new(world);
        let app = axum::Router::new()
            .fallback(rest::serve)
            .with_state(Arc::clone(&world));
        let serving = tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self {
            world,
            address,
            _server: Arc::new(Stops(serving.abort_handle())),
        })
    }

    /// What stands in the place of `https://discord.com`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The one token that is let in.
    pub fn token(&self) -> &str {
        &self.world.options.token
    }

    /// The application's id, which is the bot's too.
    pub fn application(&self) -> String {
        self.world.bot.to_string()
    }

    /// What interactions are signed with, in hexadecimal digits.
    pub fn public_key(&self) -> String {
        self.world.public_key()
    }

    /// Saves where the bot's endpoint is, once it is shown to check signatures.
    ///
    /// # Errors
    /// What Discord would say of it.
    pub async fn saves_endpoint(&self, url: &str) -> Result<()> {
        self.world.state().endpoint = Some(url.to_owned());
        endpoint::introduce(&self.world).await
    }

    /// Takes the endpoint out: interactions come by the gateway from now on.
    pub fn forgets_endpoint(&self) {
        self.world.state().endpoint = None;
    }

    /// Signs a body so long ago.
    pub fn signs(&self, body: &str, age: Duration) -> Signed {
        endpoint::sign(&self.world, body.to_owned(), age)
    }

    /// Brings something to the endpoint as it is; status and body of the answer.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn brings(&self, signed: &Signed) -> Result<(u16, Value)> {
        endpoint::bring(&self.world, signed).await
    }

    /// What goes wrong with the next call of a kind: `send`, `edit`, `delete`, `dm`, `answer`, `edit answer`,
    /// `follow up`, `set commands`, `list`, `gateway`.
    pub fn next_call(&self, kind: &'static str, fault: Fault) {
        self.world.state().faults.push_back((kind, fault));
    }

    /// Something happens to all connections of the gateway.
    pub fn troubles(&self, trouble: Trouble) {
        gateway::trouble(&self.world, trouble);
    }

    /// How many shards it recommends.
    pub fn shards(&self) -> usize {
        self.world.options.shards as usize
    }

    /// The number of the last event that the gateway told; of all its sessions together.
    pub fn sequence(&self) -> u64 {
        gateway::sequence(&self.world.state())
    }

    /// Tells of a message once more, as when a session is gone on with from before it.
    pub fn tells_again(&self, message: u64) {
        messages::tell(&self.world, message);
    }

    /// How many clients are connected to the gateway.
    pub fn connected(&self) -> usize {
        gateway::connected(&self.world.state())
    }

    /// What people sent is not there any more, as after a while.
    pub fn forgets_files(&self) {
        self.world.state().files.clear();
    }

    /// Every call of the bot, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        self.world.state().log.clone()
    }

    /// The commands that are published everywhere, and how often they were set.
    pub fn commands(&self) -> (Value, u64) {
        let state = self.world.state();
        let commands = state.commands.get(&0).cloned().unwrap_or_default();
        (commands, state.commands_set)
    }
}
