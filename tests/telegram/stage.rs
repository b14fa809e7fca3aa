//! A Telegram, and the bot that is connected to it.

use std::path::Path;

use anyhow::{Context as _, Result};
use lorikeet_fake_telegram::{FakeTelegram, Options};
use lorikeet_media::samples;
use lorikeet_tests::bot::Bot;
use lorikeet_tests::peers::{free_port, until};
use lorikeet_tests::web::http::ask;

use crate::chat::Chat;

/// What Telegram says to be known by.
pub(crate) const SECRET: &str = "a-secret-of-the-tests";

/// Settings by their names in the environment.
pub(crate) type Settings = Vec<(&'static str, String)>;

/// How updates come in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    Polling,
    Webhook,
}

/// A picture of its own for each seed, as the bytes of a PNG.
pub(crate) fn picture(seed: u64) -> Vec<u8> {
    samples::png(&samples::picture(seed, 512, 384))
}

pub(crate) async fn telegram() -> Result<FakeTelegram> {
    FakeTelegram::start(Options::default()).await
}

/// Starts the bot with a store of its own below a directory.
pub(crate) fn start(directory: &Path, telegram: &FakeTelegram, way: Way) -> Result<Bot> {
    let settings = match way {
        Way::Polling => by_polling(telegram),
        Way::Webhook => {
            let port = free_port()?;
            by_webhook(telegram, port, port)
        }
    };
    started(directory, &settings)
}

/// What the bot is told to ask for updates.
pub(crate) fn by_polling(telegram: &FakeTelegram) -> Settings {
    let settings = [
        ("TELEGRAM__TOKEN", telegram.token().to_owned()),
        ("TELEGRAM__API_URL", telegram.url()),
        ("TELEGRAM__MESSAGES_PER_SECOND", "0".to_owned()),
    ];
    settings.to_vec()
}

/// The same with Telegram's rates kept, as they are where nothing is said of them.
pub(crate) fn keeping_rates(mut settings: Settings) -> Settings {
    settings.retain(|(key, _)| *key != "TELEGRAM__MESSAGES_PER_SECOND");
    settings
}

/// What the bot is told to listen at a port for updates that Telegram brings to another, or the same.
pub(crate) fn by_webhook(telegram: &FakeTelegram, listens: u16, known: u16) -> Settings {
    let mut settings = by_polling(telegram);
    settings.extend([
        ("TELEGRAM__MODE", "webhook".to_owned()),
        ("TELEGRAM__WEBHOOK__LISTEN", format!("127.0.0.1:{listens}")),
        (
            "TELEGRAM__WEBHOOK__PUBLIC_URL",
            format!("http://127.0.0.1:{known}/telegram"),
        ),
        ("TELEGRAM__WEBHOOK__SECRET", SECRET.to_owned()),
    ]);
    settings
}

/// Starts the bot with these settings.
pub(crate) fn started(directory: &Path, settings: &[(&str, String)]) -> Result<Bot> {
    let settings: Vec<(&str, &str)> = settings
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    Bot::start(directory, &settings)
}

/// Waits until a bot's log says something; all it says by then.
pub(crate) async fn logged(directory: &Path, words: &str) -> Result<String> {
    let path = directory.join("bot.log");
    until(words, Chat::PATIENCE, || async {
        Ok(std::fs::read_to_string(&path)?.contains(words))
    })
    .await?;
    Ok(std::fs::read_to_string(&path)?)
}

/// Whether the process is well, by its page.
pub(crate) async fn is_well(bot: &Bot) -> Result<bool> {
    let (_, port) = bot.url.rsplit_once(':').context("no port")?;
    let port = port.trim_end_matches('/').parse()?;
    Ok(ask(port, "GET /healthz", "", b"").await?.status == 200)
}
