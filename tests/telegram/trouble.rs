//! What goes wrong on the way: processes that die, a Telegram that refuses, cuts and repeats.

use std::time::Duration;

use anyhow::{Result, ensure};
use lorikeet_fake_telegram::Fault;

use crate::chat::Chat;
use crate::stage::{Way, logged, picture, start, telegram};

#[tokio::test]
async fn a_process_that_dies_loses_nothing() -> Result<()> {
    for way in [Way::Polling, Way::Webhook] {
        let directory = tempfile::tempdir()?;
        let telegram = telegram().await?;
        let mut bot = start(directory.path(), &telegram, way)?;
        let kea = Chat::private(&telegram, "Kea", "en");
        kea.says("/train Garden birds");
        kea.sees("0 of 20").await?;
        // The answer to what is sent now cannot be delivered: it dies with that in its hands.
        telegram.storm(
            Fault::Slow(Duration::from_secs(60)),
            Duration::from_secs(60),
        );
        kea.person.to(&kea.room).photo(picture(1))?;
        kea.person.to(&kea.room).photo(picture(2))?;
        kea.says("a bird on a branch");
        // Who asks for updates confirms them with its next question, which is as slow as all else.
        let taken = || match way {
            Way::Polling => (telegram.count("getFile") > 0).then_some(()),
            Way::Webhook => (telegram.pending_updates() == 0).then_some(()),
        };
        telegram
            .wait_until("the updates to be taken", Chat::PATIENCE, taken)
            .await?;
        bot.kill_and_restart()?;
        telegram.calm();
        kea.sees("2 of 20").await?;
        kea.goes("Main menu", "Train an image LoRA").await?;
    }
    Ok(())
}

#[tokio::test]
async fn updates_twice_and_out_of_order_are_one_of_each() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let _bot = start(directory.path(), &telegram, Way::Webhook)?;
    let kea = Chat::private(&telegram, "Kea", "en");
    kea.says("/train Garden birds");
    kea.sees("0 of 20").await?;
    telegram.hold_updates();
    for seed in 1..=4 {
        kea.person.to(&kea.room).photo(picture(seed))?;
    }
    let held = telegram.held_updates();
    let mixed = [held[2], held[0], held[3], held[1]];
    telegram.release_updates(&mixed);
    telegram.release_all_updates();
    for update in held {
        telegram.send_again(update);
    }
    kea.sees("4 of 20").await?;
    telegram
        .wait_until("everything to be taken", Chat::PATIENCE, || {
            (telegram.pending_updates() == 0).then_some(())
        })
        .await?;
    kea.goes("Continue", "What does it show?").await?;
    let seen = kea.sees("What does it show?").await?;
    ensure!(seen.text.contains("4 of 20"), "{}", seen.text);
    Ok(())
}

#[tokio::test]
async fn a_flood_is_waited_for_and_holds_nobody_else_up() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let _bot = start(directory.path(), &telegram, Way::Polling)?;
    let kea = Chat::private(&telegram, "Kea", "en");
    let tui = Chat::private(&telegram, "Tui", "en");
    kea.says("/start");
    kea.sees("Train an image LoRA").await?;
    telegram.next_call("sendMessage", Fault::too_many(8));
    let before = telegram.count("sendMessage");
    kea.says("/help");
    // The refusal is for this chat: the other one speaks after it.
    telegram
        .wait_until("the call that is refused", Chat::PATIENCE, || {
            (telegram.count("sendMessage") > before).then_some(())
        })
        .await?;
    tui.says("/start");
    tui.sees("Train an image LoRA").await?;
    ensure!(
        kea.room
            .find(|seen| seen.text.contains("How it goes"))
            .is_none()
    );
    kea.sees("How it goes").await?;
    ensure!(
        telegram.impatient_calls() == 0,
        "it waited as long as it was told to"
    );
    Ok(())
}

#[tokio::test]
async fn a_telegram_that_goes_away_is_waited_for() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let _bot = start(directory.path(), &telegram, Way::Polling)?;
    let kea = Chat::private(&telegram, "Kea", "en");
    kea.says("/start");
    kea.sees("Train an image LoRA").await?;
    telegram.stop();
    logged(directory.path(), "no updates for now").await?;
    telegram.start_again().await?;
    kea.says("/help");
    kea.sees("How it goes").await?;
    Ok(())
}

#[tokio::test]
async fn an_error_of_telegrams_server_passes() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    // Already at the start.
    telegram.next_call("deleteWebhook", Fault::refuse(500, "Internal Server Error"));
    let _bot = start(directory.path(), &telegram, Way::Polling)?;
    let kea = Chat::private(&telegram, "Kea", "en");
    kea.says("/start");
    kea.sees("Train an image LoRA").await?;
    telegram.next_call("getUpdates", Fault::refuse(502, "Bad Gateway"));
    telegram.next_call("editMessageText", Fault::refuse(502, "Bad Gateway"));
    kea.goes("Help", "How it goes").await?;
    kea.each_screen_once()
}

#[tokio::test]
async fn a_storm_of_refusals_is_sat_out_by_everybody() -> Result<()> {
    for way in [Way::Polling, Way::Webhook] {
        let directory = tempfile::tempdir()?;
        let telegram = telegram().await?;
        let _bot = start(directory.path(), &telegram, way)?;
        let names = ["Kea", "Tui", "Moa"];
        let people = names.map(|name| Chat::private(&telegram, name, "en"));
        for chat in &people {
            chat.says(&format!("/train {} and birds", chat.person.name()));
            chat.sees("0 of 20").await?;
        }
        // One after the other, and whatever is called meanwhile is refused.
        for storm in 1..=3 {
            telegram.storm(Fault::too_many(2), Duration::from_secs(2));
            for chat in &people {
                chat.person.to(&chat.room).photo(picture(storm))?;
            }
            for chat in &people {
                chat.sees(&format!("{storm} of 20")).await?;
            }
        }
        for chat in &people {
            chat.goes("Main menu", "Train an image LoRA").await?;
            let id = chat.room.id();
            // A chat that was told to wait is not written to before.
            ensure!(telegram.impatient_calls_in(id) == 0, "{way:?}");
            chat.each_screen_once()?;
        }
    }
    Ok(())
}
