//! What goes wrong, and what people do that nobody planned: a true sentence each, and nothing is lost.

use anyhow::{Context as _, Result, bail, ensure};
use lorikeet_fake_discord::{Fault, Given, Seen, Shown};

use crate::chat::Chat;
use crate::stage::{asks, by_gateway, connected, discord, start, started};

/// The message that an interaction was answered with first, as its maker sees it.
async fn answered(chat: &Chat, token: &str) -> Result<Seen> {
    let Shown::Message(id) = chat.discord.shown(token, Chat::PATIENCE).await? else {
        bail!("no message");
    };
    let seen = chat.room.seen_by(&chat.person);
    seen.into_iter().find(|seen| seen.id == id).context("it")
}

#[tokio::test]
async fn an_old_menu_is_answered_and_changes_nothing() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let discord = discord().await?;
    let _bot = start(directory.path(), &discord).await?;
    let kea = Chat::private(&discord, "Kea", "en-US");
    kea.names("Garden birds").await?;
    let old = kea.sees("0 of 20").await?;
    let control = old
        .controls
        .iter()
        .find(|control| control.label.contains("Main menu"));
    let control = control.context("the menu's button")?.clone();
    kea.press("Main menu").await?;
    kea.sees("Train an image LoRA").await?;
    // The same button again: its message shows another screen by now, so it is made by hand.
    let token = kea
        .person
        .sends_component(&kea.room, old.id, &control.custom_id);
    let said = answered(&kea, &token).await?;
    ensure!(
        said.ephemeral && said.text.contains("earlier screen"),
        "{said:?}"
    );
    for odd in ["", "nonsense", "0-0-0-0", "select:9"] {
        let token = kea.person.sends_component(&kea.room, old.id, odd);
        let said = answered(&kea, &token).await?;
        ensure!(
            said.ephemeral && said.text.contains("older version"),
            "{odd}: {said:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_form_counts_once_and_says_what_is_wrong() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let discord = discord().await?;
    let _bot = start(directory.path(), &discord).await?;
    let kea = Chat::private(&discord, "Kea", "en-US");
    kea.uses("train new", &[]).await?;
    let field = "A name, 3 to 50 characters";
    let token = kea.press("A name").await?;
    discord.shown(&token, Chat::PATIENCE).await?;
    // Too short, then nothing at all: the form opens again.
    kea.person.fills(&token, &[(field, "ab")])?;
    kea.sees("❌").await?;
    kea.fills("A name", &[(field, "")]).await?;
    // Longer than any client sends, by one that does not look.
    let token = kea.press("A name").await?;
    discord.shown(&token, Chat::PATIENCE).await?;
    let long = "x".repeat(30_000);
    kea.person.fills_unchecked(&token, &[(field, &long)])?;
    kea.sees("Use at most 50").await?;
    let token = kea.press("A name").await?;
    discord.shown(&token, Chat::PATIENCE).await?;
    let first = kea.person.fills(&token, &[(field, "Garden birds")])?;
    ensure!(discord.shown(&first, Chat::PATIENCE).await? != Shown::Failed);
    kea.sees("0 of 20").await?;
    // Sent twice: the second is of an earlier screen.
    kea.person.fills(&token, &[(field, "Other birds")])?;
    // As the first answer, or behind one: news may have come in between.
    let said = kea.sees("earlier screen").await?;
    ensure!(said.ephemeral, "{said:?}");
    kea.sees("0 of 20").await?;
    kea.uses("loras", &[]).await?;
    let list = kea.sees("Garden birds").await?;
    ensure!(!list.text.contains("Other birds"), "{list:?}");
    Ok(())
}

#[tokio::test]
async fn files_that_are_no_pictures_are_named_and_the_others_stay() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let discord = discord().await?;
    let _bot = start(directory.path(), &discord).await?;
    let kea = Chat::private(&discord, "Kea", "en-US");
    kea.names("Garden birds").await?;
    kea.sees("0 of 20").await?;
    let bird = crate::stage::picture(1);
    let given = [
        ("image1", Given::File("notes.txt", &b"not a picture"[..])),
        ("image2", Given::File("bird.png", &bird)),
    ];
    kea.uses("train add", &given).await?;
    kea.sees("1 of 20").await?;
    kea.sees("notes.txt").await?;
    // What is gone when it is fetched.
    discord.forgets_files();
    let given = [("image1", Given::File("gone.png", &bird[..]))];
    let token = kea.person.uses(&kea.room, "train add", &given)?;
    discord.forgets_files();
    discord.shown(&token, Chat::PATIENCE).await?;
    kea.sees("gone.png").await?;
    kea.sees("1 of 20").await?;
    Ok(())
}

#[tokio::test]
async fn refusals_on_the_way_out_are_sat_out() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let discord = discord().await?;
    let _bot = start(directory.path(), &discord).await?;
    let kea = Chat::private(&discord, "Kea", "en-US");
    kea.names("Garden birds").await?;
    kea.brings(0..1, "").await?;
    kea.sees("1 of 20").await?;
    for fault in [
        Fault::TooMany(0.3),
        Fault::BadGateway,
        Fault::DoneThenBadGateway,
    ] {
        for kind in ["send", "edit", "edit answer", "follow up"] {
            discord.next_call(kind, fault);
        }
        kea.uses("loras", &[]).await?;
        kea.sees("1 of 20").await?;
        kea.goes("Garden birds", "Trigger word").await?;
        kea.goes("Back", "Garden birds").await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_refused_first_answer_leaves_nobody_without_one() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let discord = discord().await?;
    let _bot = asks(directory.path(), &discord).await?;
    let kea = Chat::private(&discord, "Kea", "en-US");
    kea.names("Garden birds").await?;
    kea.sees("0 of 20").await?;
    // It will never take this one: said, and everything else goes on.
    let never = Fault::Refuse(400, 50035, "Invalid Form Body");
    discord.next_call("answer", never);
    let token = kea.person.uses(&kea.room, "loras", &[])?;
    let said = answered(&kea, &token).await?;
    ensure!(said.ephemeral && said.text.contains("/start"), "{said:?}");
    kea.uses("start", &[]).await?;
    kea.sees("Train an image LoRA").await?;
    discord.next_call("answer", never);
    let token = kea.press("My LoRAs").await?;
    let shown = discord.shown(&token, Chat::PATIENCE).await?;
    ensure!(shown == Shown::Kept, "{shown:?}");
    // Twice nobody knows what Discord has: the screen comes behind the words that it will.
    for _ in 0..2 {
        discord.next_call("answer", Fault::BadGateway);
    }
    let shown = kea.uses("loras", &[]).await?;
    ensure!(shown == Shown::Later, "{shown:?}");
    let seen = kea.sees("0 pictures").await?;
    ensure!(!seen.loading, "{seen:?}");
    Ok(())
}

#[tokio::test]
async fn a_channel_that_closes_costs_nothing_but_its_news() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let discord = discord().await?;
    let mut bot = start(directory.path(), &discord).await?;
    let kea = discord.person("Kea", "en-US");
    let room = discord.channel("birds", &[&kea]);
    let kea = Chat::of(&discord, &kea, &room);
    kea.names("Garden birds").await?;
    kea.sees("0 of 20").await?;
    // The bot may not speak there any more: commands are answered all the same, with pictures too.
    room.lets_bot_in(false);
    kea.brings(0..1, "").await?;
    kea.sees("1 of 20").await?;
    room.lets_bot_in(true);
    // A screen that somebody deleted comes anew.
    let seen = kea.sees("1 of 20").await?;
    kea.goes("Main menu", "Train an image LoRA").await?;
    room.loses(seen.id);
    bot.kill_and_restart()?;
    crate::stage::logged(directory.path(), "interactions are listened for").await?;
    kea.uses("loras", &[]).await?;
    kea.sees("Garden birds").await?;
    Ok(())
}

#[tokio::test]
async fn a_process_that_dies_loses_nothing_that_was_stored() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let discord = discord().await?;
    let mut bot = start(directory.path(), &discord).await?;
    let kea = Chat::private(&discord, "Kea", "en-US");
    kea.names("Garden birds").await?;
    kea.sees("0 of 20").await?;
    for round in 1..=4_u64 {
        // Killed right after it was brought: whether it was stored shows in what it was answered.
        let token = {
            let bird = crate::stage::picture(round);
            let given = [("image1", Given::File("bird.png", &bird[..]))];
            kea.person.uses(&kea.room, "train add", &given)?
        };
        discord.shown(&token, Chat::PATIENCE).await?;
        bot.kill_and_restart()?;
        crate::stage::logged(directory.path(), "interactions are listened for").await?;
        kea.uses("train new", &[("name", Given::Text("Garden birds"))])
            .await?;
        kea.sees(&format!("{round} of 20")).await?;
    }
    Ok(())
}

#[tokio::test]
async fn who_takes_no_messages_is_answered_all_the_same() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let discord = discord().await?;
    let _bot = start(directory.path(), &discord).await?;
    let kea = Chat::private(&discord, "Kea", "en-US");
    kea.person.closes_messages(true);
    kea.names("Garden birds").await?;
    kea.sees("0 of 20").await?;
    kea.brings(0..4, "").await?;
    kea.sees("4 of 20").await?;
    kea.goes("Continue", "What does it show?").await?;
    kea.reviews().await?;
    // The file too, where only they see it.
    kea.trains("garden-birds-1.0.safetensors").await?;
    let told = kea.room.seen_by(&kea.person);
    let file = told.iter().find(|seen| !seen.files.is_empty());
    ensure!(told.iter().all(|seen| seen.edits > 0 || !seen.loading));
    ensure!(file.is_some(), "{told:?}");
    Ok(())
}

#[tokio::test]
async fn a_channel_that_is_deleted_ends_no_training() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let discord = discord().await?;
    let _bot = start(directory.path(), &discord).await?;
    let person = discord.person("Kea", "en-US");
    let room = discord.channel("birds", &[&person]);
    let kea = Chat::of(&discord, &person, &room);
    kea.names("Garden birds").await?;
    kea.sees("0 of 20").await?;
    kea.brings(0..4, "").await?;
    kea.sees("4 of 20").await?;
    kea.goes("Continue", "What does it show?").await?;
    kea.reviews().await?;
    kea.press("Start training").await?;
    kea.sees("Training").await?;
    room.is_deleted();
    // Its owner finds the file elsewhere.
    let kea = Chat::of(&discord, &person, &person.private());
    lorikeet_tests::peers::until("the end of the run", Chat::PATIENCE, || async {
        kea.uses("loras", &[("name", Given::Text("Garden birds"))])
            .await?;
        let seen = kea.sees("Trigger word").await?;
        Ok(seen.text.contains("Version 1.0"))
    })
    .await?;
    kea.uses("start", &[]).await?;
    kea.sees("Train an image LoRA").await?;
    kea.goes("My LoRAs", "My LoRAs").await?;
    kea.press("Garden birds").await?;
    // Opened from the list, unlike those above.
    let opened = |seen: &Seen| seen.text.contains("Version 1.0") && seen.labels().contains(&"Back");
    kea.room
        .wait_for(&kea.person, "the LoRA", Chat::PATIENCE, opened)
        .await?;
    kea.press("garden-birds-1.0.safetensors").await?;
    let has = |seen: &Seen| {
        seen.files
            .iter()
            .any(|(name, _)| name.ends_with("1.0.safetensors"))
    };
    kea.room
        .wait_for(&kea.person, "the file", Chat::PATIENCE, has)
        .await?;
    // Nobody went on knocking at a channel that is not there.
    let gone = format!("/channels/{}/", room.id());
    let refused = discord
        .calls()
        .into_iter()
        .filter(|call| call.path.starts_with(&gone) && call.status == 404);
    ensure!(refused.count() < 20, "a storm of calls");
    Ok(())
}

#[tokio::test]
async fn what_is_brought_again_counts_once() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let discord = discord().await?;
    let _bot = start(directory.path(), &discord).await?;
    let kea = Chat::private(&discord, "Kea", "en-US");
    let person = serde_json::json!({ "id": kea.person.id().to_string(), "username": "kea" });
    let command = serde_json::json!({
        "id": "1100000000000000000", "type": 2, "token": "again", "application_id": discord.application(), "version": 1,
        "channel_id": kea.room.id().to_string(), "user": person, "locale": "en-US",
        "data": {
            "id": "1", "name": "train", "type": 1,
            "options": [{ "name": "new", "type": 1, "options": [{ "name": "name", "type": 3, "value": "Garden birds" }] }],
        },
    });
    // Signed lately and rightly, each time: the second and third are known by their number.
    for _ in 0..3 {
        let signed = discord.signs(&command.to_string(), std::time::Duration::ZERO);
        let (status, _) = discord.brings(&signed).await?;
        ensure!(status == 200, "{status}");
    }
    kea.uses("loras", &[]).await?;
    let list = kea.sees("My LoRAs").await?;
    ensure!(list.text.matches("Garden birds").count() == 1, "{list:?}");
    // Longer than any form of the client would send.
    kea.uses("train new", &[("name", Given::Text(&"x".repeat(3_000)))])
        .await?;
    kea.sees("❌").await?;
    Ok(())
}

#[tokio::test]
async fn a_picture_that_is_too_large_is_named() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let discord = discord().await?;
    let mut settings = by_gateway(&discord);
    settings.push(("TRAINING__PICTURE_MEGABYTES", "1".to_owned()));
    let _bot = started(directory.path(), &settings)?;
    connected(&discord).await?;
    let kea = Chat::private(&discord, "Kea", "en-US");
    kea.names("Garden birds").await?;
    kea.sees("0 of 20").await?;
    let large = vec![7; 2_000_000];
    kea.person
        .writes(&kea.room, "", &[("large.png", &large[..])]);
    kea.sees("large.png").await?;
    kea.sees("0 of 20").await?;
    Ok(())
}
