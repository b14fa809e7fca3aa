//! Groups and topics: each member has a conversation of their own, and nobody presses another's menu.

use anyhow::{Context as _, Result, ensure};
use lorikeet_fake_telegram::{Item, Seen};

use crate::chat::Chat;
use crate::stage::{Way, picture, start, telegram};

#[tokio::test]
async fn two_members_of_a_group_do_not_mix() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let _bot = start(directory.path(), &telegram, Way::Polling)?;
    let (kea, tui) = (telegram.person("Kea", "en"), telegram.person("Tui", "de"));
    let room = telegram.supergroup("Birds", &[&kea, &tui]);
    let kea = Chat::of(&kea, &room);
    let tui = Chat::of(&tui, &room);

    kea.says("/train Kea and birds");
    kea.sees("Kea and birds").await?;
    tui.says("/train@lorikeet_bot Tuis Vogel");
    tui.sees("Tuis Vogel").await?;
    // In a group the bot asks for a reply, because it hears nothing else there.
    let asks = || {
        let messages = room.from_bot();
        let asks = messages
            .iter()
            .filter(|seen| seen.force_reply.is_some() && !seen.marked("text_mention").is_empty());
        (asks.count() == 2).then_some(())
    };
    telegram
        .wait_until("two questions", Chat::PATIENCE, asks)
        .await?;
    // What people say to one another is not for the bot.
    let before = room.from_bot().len();
    kea.person.says(&room, "look at that bird");
    kea.person.says(&room, "/train@another_bot me");

    // A press on somebody else's menu is answered in the presser's language, and changes nothing.
    let menu = kea.sees("Kea and birds").await?;
    let query = tui.person.presses(&room, menu.id, "Main menu")?;
    let answer = telegram
        .wait_until("an answer", Chat::PATIENCE, || telegram.answer_to(&query))
        .await?;
    let said = answer.text.context("a sentence")?;
    ensure!(said.contains("gehört jemand anderem"), "{said}");
    // Somebody else's menu comes later than anything that could have been said to the others.
    let weka = telegram.person("Weka", "en");
    weka.joins(&room);
    let weka = Chat::of(&weka, &room);
    weka.says("/start");
    weka.sees("Train an image LoRA").await?;
    ensure!(
        room.from_bot().len() == before + 1,
        "nothing else was said to the room"
    );

    let reply = kea.sees("Kea and birds").await?;
    kea.person
        .to(&room)
        .reply_to(reply.id)
        .album(&[Item::photo(picture(1)), Item::photo(picture(2))])?;
    kea.sees("2 of 20").await?;
    let reply = tui.sees("Tuis Vogel").await?;
    tui.person.to(&room).reply_to(reply.id).photo(picture(3))?;
    tui.sees("1 von 20").await?;
    Ok(())
}

#[tokio::test]
async fn a_topic_is_a_place_of_its_own() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let _bot = start(directory.path(), &telegram, Way::Webhook)?;
    let kea = telegram.person("Kea", "en");
    let room = telegram.forum("Aviary", &[&kea]);
    let (first, second) = (room.topic(&kea, "One"), room.topic(&kea, "Two"));
    let chat = Chat::of(&kea, &room);
    let one = Chat {
        thread: Some(first),
        ..chat.clone()
    };
    let two = Chat {
        thread: Some(second),
        ..chat
    };

    one.says("/train Bird one");
    one.sees("Bird one").await?;
    two.says("/train Bird two");
    two.sees("Bird two").await?;
    one.goes("Main menu", "Train an image LoRA").await?;
    two.goes("Main menu", "Train an image LoRA").await?;
    let strays = room.find(|seen| seen.from_bot && seen.thread.is_none());
    ensure!(strays.is_none(), "outside of the topics: {strays:?}");
    Ok(())
}

#[tokio::test]
async fn a_group_that_becomes_a_supergroup_goes_on() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let mut bot = start(directory.path(), &telegram, Way::Polling)?;
    let (kea, tui) = (telegram.person("Kea", "en"), telegram.person("Tui", "en"));
    let group = telegram.group("Birds", &[&kea, &tui]);
    let before = Chat::of(&kea, &group);
    before.says("/start");
    before.sees("Train an image LoRA").await?;
    before.says("/train Garden birds");
    let old = before.sees("0 of 20").await?;

    let supergroup = group.becomes_supergroup(&kea);
    let (after, tui) = (Chat::of(&kea, &supergroup), Chat::of(&tui, &supergroup));
    // Its messages are numbered anew: Tui's menu has the number that Kea's screen had in the group.
    tui.says("/start");
    let menu = tui.sees("Train an image LoRA").await?;
    ensure!(menu.id == old.id, "{} is not {}", menu.id, old.id);
    after.talk().photo(picture(1))?;
    after.sees("1 of 20").await?;
    after.press("Continue").await?;
    after.sees("4 pictures").await?;
    let now = supergroup.message(menu.id).context("the menu")?;
    ensure!(
        now.edits == 0 && now.labels() == menu.labels(),
        "of another member: {now:?}"
    );

    // It is the same conversation, in another process too.
    bot.kill_and_restart()?;
    after.says("/loras");
    after.goes("Garden birds", "1 of 20").await?;
    after.press("Open").await?;
    after.sees("1 of 20, 0 with captions").await?;
    Ok(())
}

#[tokio::test]
async fn a_run_ends_in_the_supergroup_that_its_group_became() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let _bot = start(directory.path(), &telegram, Way::Webhook)?;
    let kea = telegram.person("Kea", "en");
    let group = telegram.group("Birds", &[&kea]);
    let before = Chat::of(&kea, &group);
    before.starts_training("Garden birds").await?;
    // Nobody tells the bot but the refusal of its next call.
    telegram.hold_updates();
    let supergroup = group.becomes_supergroup(&kea);
    let file = "garden-birds-1.0.safetensors";
    let has_file = |seen: &Seen| seen.labels().iter().any(|label| label.contains(file));
    supergroup
        .wait_for("the result", Chat::PATIENCE, has_file)
        .await?;
    telegram.release_all_updates();
    let after = Chat::of(&kea, &supergroup);
    after.press(file).await?;
    after.gets(file).await?;
    after.each_screen_once()
}
