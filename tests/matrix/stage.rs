//! The bot in a room, with somebody.

use std::path::Path;

use anyhow::Result;
use lorikeet_media::samples;
use lorikeet_tests::bot::Bot;
use lorikeet_tests::matrix::{Chat, Homeserver, PASSWORD, PATIENCE, Person};
use lorikeet_tests::peers::until;
use serde_json::json;

/// A picture of its own for each seed, as the bytes of a JPEG.
pub(crate) fn picture(seed: u64) -> Vec<u8> {
    samples::jpeg(&samples::picture(seed, 512, 384), 85)
}

/// What the bot is told.
pub(crate) fn settings(homeserver: &Homeserver, user: &str) -> Vec<(&'static str, String)> {
    vec![
        ("MATRIX__HOMESERVER", homeserver.url.clone()),
        ("MATRIX__USER", user.to_owned()),
        ("MATRIX__PASSWORD", PASSWORD.to_owned()),
    ]
}

/// Starts the bot with these settings.
pub(crate) fn started(directory: &Path, settings: &[(&str, String)]) -> Result<Bot> {
    let settings: Vec<(&str, &str)> = settings
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    Bot::start(directory, &settings)
}

/// Waits until a bot's log says something.
pub(crate) async fn logged(directory: &Path, words: &str) -> Result<()> {
    let path = directory.join("bot.log");
    until(words, PATIENCE, || async {
        Ok(std::fs::read_to_string(&path)?.contains(words))
    })
    .await
}

/// A private chat with the bot, which says hello.
pub(crate) async fn private<'p>(
    person: &'p Person,
    bot: &str,
    encrypted: bool,
) -> Result<Chat<'p>> {
    let with = json!({ "invite": [bot], "direct": true, "encrypted": encrypted });
    let room = person.creates(with).await?;
    let chat = Chat {
        person,
        bot: bot.to_owned(),
        room,
        thread: None,
    };
    chat.sees("Train a LoRA").await?;
    Ok(chat)
}
