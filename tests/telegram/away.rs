//! Who blocks the bot while a run trains: it trains on, nothing is said over and over, and everything is there afterwards.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use lorikeet_fake_telegram::{Answered, FakeTelegram};
use lorikeet_tests::peers::until;

use crate::chat::Chat;
use crate::stage::{Way, picture, start, telegram};

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

    kea.says("/train Garden birds");
    kea.sees("0 of 20").await?;
    for seed in 1..=4 {
        kea.talk().photo(picture(seed))?;
    }
    kea.sees("4 of 20").await?;
    kea.press("Continue").await?;
    kea.reviews().await?;
    kea.goes("Start training", "You can leave").await?;
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

/// What was refused in a chat, and how often.
fn refused(telegram: &FakeTelegram, chat: &Chat) -> BTreeMap<String, usize> {
    let mut tried = BTreeMap::new();
    for call in telegram.calls() {
        let refused = matches!(call.answered, Answered::Refused(403, _));
        if refused && call.chat() == Some(chat.room.id()) {
            let what = format!("{} {}", call.method, call.body);
            *tried.entry(what).or_default() += 1;
        }
    }
    tried
}
