//! Who blocks the bot or throws it out while a run trains: it trains on, nothing is said over and over, and everything is there
//! afterwards.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use lorikeet_fake_telegram::{Answered, FakeTelegram};
use lorikeet_tests::peers::until;

use crate::chat::Chat;
use crate::stage::{Way, start, telegram};

#[tokio::test]
async fn a_run_goes_on_without_who_blocked_the_bot() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let _bot = start(directory.path(), &telegram, Way::Webhook)?;
    let kea = Chat::private(&telegram, "Kea", "en");
    let tui = telegram.person("Tui", "en");
    // Where she can look without being written to.
    let group = telegram.supergroup("Birds", &[&kea.person, &tui]);
    let elsewhere = Chat::of(&kea.person, &group);

    kea.starts_training("Garden birds").await?;
    kea.person.blocks();
    let before = kea.room.messages().len();

    let looks = || async {
        elsewhere.says("/runs");
        let seen = elsewhere.sees("Garden birds").await?;
        Ok(seen.text.contains("done "))
    };
    until("the run's end", Chat::PATIENCE, looks).await?;
    ensure!(kea.room.messages().len() == before, "she blocked it");
    // Each was tried once.
    let tried = refused(&telegram, &kea);
    let again: Vec<_> = tried.iter().filter(|(_, times)| **times > 1).collect();
    ensure!(again.is_empty(), "{again:?}");

    kea.person.opens("");
    kea.sees("Train an image LoRA").await?;
    kea.goes("My LoRAs", "Garden birds").await?;
    kea.press("Garden birds").await?;
    kea.press("garden-birds-1.0.safetensors").await?;
    kea.gets("garden-birds-1.0.safetensors").await?;
    let since = refused(&telegram, &kea);
    ensure!(since == tried, "nothing is tried once more: {since:?}");
    Ok(())
}

#[tokio::test]
async fn a_run_goes_on_without_the_group_that_threw_the_bot_out() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let _bot = start(directory.path(), &telegram, Way::Polling)?;
    let alone = Chat::private(&telegram, "Kea", "en");
    let group = telegram.supergroup("Birds", &[&alone.person]);
    let kea = Chat::of(&alone.person, &group);
    kea.starts_training("Garden birds").await?;
    kea.person.kicks_bot(&group);

    let looks = || async {
        alone.says("/runs");
        Ok(alone.sees("Garden birds").await?.text.contains("done "))
    };
    until("the run's end", Chat::PATIENCE, looks).await?;
    let told = || {
        let mut tried = refused(&telegram, &kea).into_keys();
        tried
            .any(|call| call.contains("Training is done"))
            .then_some(())
    };
    telegram
        .wait_until("the news to be refused", Chat::PATIENCE, told)
        .await?;
    let tried = refused(&telegram, &kea);
    let again: Vec<_> = tried.iter().filter(|(_, times)| **times > 1).collect();
    ensure!(again.is_empty(), "{again:?}");

    kea.person.adds_bot(&group);
    kea.says("/loras");
    kea.goes("Garden birds", "Version 1.0").await?;
    kea.press("garden-birds-1.0.safetensors").await?;
    kea.gets("garden-birds-1.0.safetensors").await?;
    let since = refused(&telegram, &kea);
    ensure!(since == tried, "nothing is tried once more: {since:?}");
    Ok(())
}

/// What was refused in a chat, and how often.
fn refused(telegram: &FakeTelegram, chat: &Chat) -> BTreeMap<String, usize> {
    let mut tried = BTreeMap::new();
    for call in telegram.calls() {
        let refused = matches!(call.answered, Answered::Refused(403, _));
        // Each screen that shows work in progress tries to say that the bot is typing.
        let is_message = call.method != "sendChatAction";
        if refused && is_message && call.chat() == Some(chat.room.id()) {
            let what = format!("{} {}", call.method, call.body);
            *tried.entry(what).or_default() += 1;
        }
    }
    tried
}
