//! A Discord, and the bot that is connected to it.

use std::path::Path;

use anyhow::{Context as _, Result};
use lorikeet_fake_discord::{FakeDiscord, Options};
use lorikeet_media::samples;
use lorikeet_tests::bot::Bot;
use lorikeet_tests::peers::{free_port, until};

use crate::chat::Chat;

/// Settings by their names in the environment.
pub(crate) type Settings = Vec<(&'static str, String)>;

/// A picture of its own for each seed, as the bytes of a PNG.
pub(crate) fn picture(seed: u64) -> Vec<u8> {
    samples::png(&samples::picture(seed, 512, 384))
}

pub(crate) async fn discord() -> Result<FakeDiscord> {
    FakeDiscord::start(Options::default()).await
}

/// What the bot is told to listen at a port for interactions.
pub(crate) fn by_http(discord: &FakeDiscord, port: u16) -> Settings {
    let settings = [
        ("DISCORD__TOKEN", discord.token().to_owned()),
        ("DISCORD__API_URL", discord.url()),
        ("DISCORD__MODE", "http".to_owned()),
        ("DISCORD__LISTEN", format!("127.0.0.1:{port}")),
    ];
    settings.to_vec()
}

/// What the bot is told to ask for events.
pub(crate) fn by_gateway(discord: &FakeDiscord) -> Settings {
    let settings = [
        ("DISCORD__TOKEN", discord.token().to_owned()),
        ("DISCORD__API_URL", discord.url()),
    ];
    settings.to_vec()
}

/// Starts the bot with a store of its own below a directory, and waits until it hears of events.
pub(crate) async fn asks(directory: &Path, discord: &FakeDiscord) -> Result<Bot> {
    let bot = started(directory, &by_gateway(discord))?;
    connected(discord).await?;
    Ok(bot)
}

/// Waits until the bot is connected to the gateway.
pub(crate) async fn connected(discord: &FakeDiscord) -> Result<()> {
    let shards = discord.shards();
    let all = || (discord.connected() >= shards).then_some(());
    discord
        .wait_until("the gateway's connections", Chat::PATIENCE, all)
        .await
}

/// Starts the bot with a store of its own below a directory, and saves its endpoint.
pub(crate) async fn start(directory: &Path, discord: &FakeDiscord) -> Result<Bot> {
    let port = free_port()?;
    let bot = started(directory, &by_http(discord, port))?;
    logged(directory, "interactions are listened for").await?;
    discord
        .saves_endpoint(&format!("http://127.0.0.1:{port}/"))
        .await?;
    Ok(bot)
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
    let said = until(words, Chat::PATIENCE, || async {
        Ok(std::fs::read_to_string(&path)?.contains(words))
    });
    said.await
        .with_context(|| std::fs::read_to_string(&path).unwrap_or_default())?;
    Ok(std::fs::read_to_string(&path)?)
}
