//! A Discord, and the bot that is connected to it.

use std::path::Path;

use anyhow::Result;
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
        ("DISCORD__LISTEN", format!("127.0.0.1:{port}")),
    ];
    settings.to_vec()
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
    until(words, Chat::PATIENCE, || async {
        Ok(std::fs::read_to_string(&path)?.contains(words))
    })
    .await?;
    Ok(std::fs::read_to_string(&path)?)
}
