//! As often as Telegram lets a bot write, and no more: it never has to ask for a pause.

use anyhow::{Result, ensure};
use lorikeet_fake_telegram::{Answered, FakeTelegram, Item, Options, Rates};

use crate::chat::Chat;
use crate::stage::{by_polling, keeping_rates, picture, started};

/// Telegram's rates, with as many messages at once in a chat as nobody has complained about.
async fn telegram() -> Result<FakeTelegram> {
    let rates = Rates {
        chat_burst: 20,
        ..Rates::default()
    };
    let options = Options::default();
    FakeTelegram::start(Options {
        rates: Some(rates),
        ..options
    })
    .await
}

fn never_too_many(telegram: &FakeTelegram) -> Result<()> {
    let calls = telegram.calls();
    let mut refused = calls
        .iter()
        .filter(|call| matches!(call.answered, Answered::Refused(429, _)));
    ensure!(telegram.impatient_calls() == 0);
    ensure!(refused.next().is_none(), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn a_private_training_never_sends_too_much() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let settings = keeping_rates(by_polling(&telegram));
    let _bot = started(directory.path(), &settings)?;
    let kea = Chat::private(&telegram, "Kea", "en");
    kea.begins("Garden birds").await?;
    let album: Vec<Item> = (0..10).map(|seed| Item::photo(picture(seed))).collect();
    kea.talk().album(&album)?;
    kea.sees("10 of 20").await?;
    kea.press("Continue").await?;
    kea.reviews().await?;
    kea.trains("garden-birds-1.0.safetensors").await?;
    never_too_many(&telegram)
}

#[tokio::test]
async fn two_members_of_a_group_share_its_minute() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let settings = keeping_rates(by_polling(&telegram));
    let _bot = started(directory.path(), &settings)?;
    let (kea, tui) = (telegram.person("Kea", "en"), telegram.person("Tui", "en"));
    let room = telegram.supergroup("Birds", &[&kea, &tui]);
    let wanders = async |chat: Chat| -> Result<()> {
        chat.says("/start");
        chat.sees("Train an image LoRA").await?;
        for _ in 0..3 {
            chat.goes("Help", "How it goes").await?;
            chat.goes("Main menu", "Train an image LoRA").await?;
        }
        Ok(())
    };
    tokio::try_join!(
        wanders(Chat::of(&kea, &room)),
        wanders(Chat::of(&tui, &room))
    )?;
    let sent = telegram.count("sendMessage") + telegram.count("editMessageText");
    ensure!(sent == 14, "{sent} messages and edits");
    never_too_many(&telegram)
}
