//! A whole bot in two files: this one puts it together, [`menu`] is what it says and does.
//!
//! Telegram brings updates to a webhook, Redis keeps the conversations; any number of these processes may run. Everything it has to
//! know is in the environment: `BOT_TOKEN`, `BOT_API_URL`, `WEBHOOK_PORT`, `WEBHOOK_SECRET`, `REDIS_URL`, and if
//! Telegram does not run on the same machine `WEBHOOK_URL`.

mod menu;

use std::env;
use std::sync::Arc;

use anyhow::Context as _;
use lorikeet_adapter_telegram::{Config, Mode, Parts as TelegramParts, Secret, Telegram};
use lorikeet_media::Blobs;
use lorikeet_platform::Adapter as _;
use lorikeet_runtime::{DialogLogic, Parts, Runtime, Settings, command_help};
use lorikeet_store::SystemClock;
use lorikeet_store_redis::{Options, RedisStore};
use tokio::signal::unix::{SignalKind, signal};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let port = var("WEBHOOK_PORT")?;
    let config = Config {
        token: Secret::new(var("BOT_TOKEN")?),
        api_url: var("BOT_API_URL")?,
        local: false,
        mode: Mode::Webhook {
            listen: format!("127.0.0.1:{port}")
                .parse()
                .context("WEBHOOK_PORT")?,
            // Telegram's own servers only come to an address with https; one of your own comes to this machine.
            public_url: env::var("WEBHOOK_URL")
                .unwrap_or_else(|_| format!("http://127.0.0.1:{port}/")),
            secret: Secret::new(var("WEBHOOK_SECRET")?),
        },
        // One answer for each message and press: the pauses that Telegram asks for are enough.
        messages_per_second: 0,
    };
    let redis = RedisStore::open(&var("REDIS_URL")?, Options::default()).await;
    let store = Arc::new(redis.context("REDIS_URL")?);
    let telegram = Telegram::new(TelegramParts {
        config,
        // This bot has no pictures.
        blobs: Blobs::in_memory(),
        transcript: store.clone(),
        links: None,
    })?;
    let dialog = Arc::new(menu::dialog()?);
    telegram.publish(&command_help(&dialog)).await?;
    let runtime = Runtime::new(Parts {
        store: store.clone(),
        locks: store.clone(),
        signals: Some(store),
        logic: Arc::new(DialogLogic::new(dialog, ())),
        workers: Vec::new(),
        adapters: vec![Arc::new(telegram)],
        clock: Arc::new(SystemClock),
        settings: Settings::default(),
    })?;
    let mut terminated = signal(SignalKind::terminate())?;
    runtime
        .run(async move {
            terminated.recv().await;
        })
        .await?;
    Ok(())
}

fn var(name: &str) -> anyhow::Result<String> {
    env::var(name).with_context(|| format!("{name} is not set"))
}
