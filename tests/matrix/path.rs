//! From a name to a file that loads.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use crate::stage::{picture, private, settings, started};
use lorikeet_tests::matrix::Homeserver;
use lorikeet_tests::matrix::{Chat, Person};

/// Few, so that a training takes seconds.
const STEPS: &str = "40";

/// The whole path to a file, by reactions and typed words; what the choice is called that sends it.
pub(crate) async fn trained(chat: &Chat<'_>, name: &str, file: &str, seed: u64) -> Result<String> {
    chat.sees_last("What is it called?").await?;
    chat.says(name).await?;
    chat.sees_last("0 of 20").await?;
    let mut more = json!({});
    if let Some(root) = &chat.thread {
        more["thread"] = json!(root);
    }
    for number in 0..4 {
        chat.shows(&picture(seed + number), more.clone()).await?;
    }
    chat.sees_last("4 of 20").await?;
    more["caption"] = json!("a bird on a branch");
    chat.shows(&picture(seed + 4), more).await?;
    chat.sees_last("5 of 20, 1 with captions").await?;
    chat.goes("Continue", "What does it show?").await?;
    chat.says("a bird in the grass").await?;
    chat.sees_last("2 with captions").await?;
    chat.sees_last("What does it show?").await?;
    chat.goes("Skip captions", "How thoroughly").await?;
    chat.goes("Advanced", "Advanced settings").await?;
    chat.goes("Steps", "✏\u{fe0f} 1 to 4000").await?;
    chat.says(STEPS).await?;
    chat.sees_last(&format!("Steps: {STEPS}")).await?;
    chat.goes("Use these", "How thoroughly").await?;
    chat.goes("Continue", "This is what will be trained")
        .await?;
    chat.chooses("Start training").await?;
    let (offer, _) = chat.offered_like(file).await?;
    Ok(offer)
}

/// The whole path, and the file.
async fn trains(chat: &Chat<'_>, name: &str, file: &str, seed: u64) -> Result<()> {
    let offer = trained(chat, name, file, seed).await?;
    chat.chooses(&offer).await?;
    let sent = chat.gets(file).await?;
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("lora");
    let files = chat.person.messages();
    let sent = files
        .iter()
        .rev()
        .find(|seen| seen.content["msgtype"] == "m.file")
        .unwrap_or(&sent)
        .clone();
    chat.person
        .does("download", json!({ "event": sent.event, "path": path }))
        .await?;
    let bytes = std::fs::read(&path)?;
    let header = bytes.get(8..).context("a header")?;
    ensure!(header.first() == Some(&b'{'), "not a .safetensors file");
    Ok(())
}

#[tokio::test]
async fn a_newcomer_trains_a_lora_in_an_encrypted_chat() -> Result<()> {
    let homeserver = Homeserver::shared()?;
    let directory = tempfile::tempdir()?;
    let bot = homeserver.register("lorikeet")?;
    let _bot = started(directory.path(), &settings(&homeserver, &bot))?;
    let kea = Person::new(&homeserver, "kea").await?;
    let chat = private(&kea, &bot, true).await?;
    chat.chooses("Train a LoRA").await?;
    trains(&chat, "Garden birds", "garden-birds-1.0.safetensors", 0).await?;
    ensure!(
        kea.undecryptable() == 0,
        "{} could not be read",
        kea.undecryptable()
    );
    let open: Vec<_> = kea
        .messages()
        .into_iter()
        .filter(|seen| !seen.encrypted)
        .collect();
    ensure!(open.is_empty(), "not encrypted: {open:#?}");
    Ok(())
}

#[tokio::test]
async fn a_newcomer_trains_a_lora_where_nothing_is_encrypted() -> Result<()> {
    let homeserver = Homeserver::shared()?;
    let directory = tempfile::tempdir()?;
    let bot = homeserver.register("lorikeet")?;
    let _bot = started(directory.path(), &settings(&homeserver, &bot))?;
    let kea = Person::new(&homeserver, "kea").await?;
    let chat = private(&kea, &bot, false).await?;
    chat.chooses("Train a LoRA").await?;
    trains(&chat, "Garden birds", "garden-birds-1.0.safetensors", 0).await?;
    let locked: Vec<_> = kea
        .messages()
        .into_iter()
        .filter(|seen| seen.encrypted)
        .collect();
    ensure!(locked.is_empty(), "encrypted: {locked:#?}");
    // The bot was seen to work on it.
    ensure!(kea.typing().contains(&bot), "nobody typed");
    Ok(())
}

#[tokio::test]
async fn two_members_of_a_room_train_at_once() -> Result<()> {
    let homeserver = Homeserver::shared()?;
    let directory = tempfile::tempdir()?;
    let bot = homeserver.register("lorikeet")?;
    let _bot = started(directory.path(), &settings(&homeserver, &bot))?;
    let (kea, tui) = tokio::try_join!(
        Person::new(&homeserver, "kea"),
        Person::new(&homeserver, "tui")
    )?;
    let with = json!({ "invite": [tui.user, bot], "encrypted": true, "name": "Birds" });
    let room = kea.creates(with).await?;
    tui.joins(&room).await?;
    let begun = |person| begins(person, &bot, &room);
    let (ours, theirs) = tokio::try_join!(begun(&kea), begun(&tui))?;
    tokio::try_join!(
        trains(&ours, "Kea and birds", "kea-and-birds-1.0.safetensors", 0),
        trains(
            &theirs,
            "Tui and birds",
            "tui-and-birds-1.0.safetensors",
            20
        ),
    )?;
    for (person, thread) in [(&kea, &ours.thread), (&tui, &theirs.thread)] {
        for seen in kea.messages().iter().filter(|seen| seen.sender == bot) {
            ensure!(
                seen.encrypted && seen.thread().is_some(),
                "outside of the threads: {seen:#?}"
            );
            let users = &seen.first["m.mentions"]["user_ids"];
            let here = seen.thread() == thread.as_deref();
            let named = users.is_null() || users[0] == json!(person.user);
            ensure!(!here || named, "somebody else is named: {seen:#?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn who_likes_polls_votes() -> Result<()> {
    let homeserver = Homeserver::shared()?;
    let directory = tempfile::tempdir()?;
    let bot = homeserver.register("lorikeet")?;
    let mut settings = settings(&homeserver, &bot);
    settings.push(("MATRIX__POLLS", "true".to_owned()));
    let _bot = started(directory.path(), &settings)?;
    let (kea, tui) = tokio::try_join!(
        Person::new(&homeserver, "kea"),
        Person::new(&homeserver, "tui")
    )?;
    let with = json!({ "invite": [tui.user, bot], "encrypted": true });
    let room = kea.creates(with).await?;
    tui.joins(&room).await?;
    kea.meets(&room, &bot).await?;
    let mut chat = Chat {
        person: &kea,
        bot: bot.clone(),
        room: room.clone(),
        thread: None,
    };
    chat.thread = Some(chat.says("!train Garden birds").await?);
    chat.sees_last("0 of 20").await?;
    let thread = json!({ "thread": chat.thread });
    for number in 0..4 {
        chat.shows(&picture(number), thread.clone()).await?;
    }
    chat.sees_last("4 of 20").await?;
    chat.goes("Continue", "What does it show?").await?;
    chat.goes("Skip captions", "How thoroughly").await?;
    let (poll, thorough) = kea.asked("Thorough").await?;
    ensure!(poll.encrypted, "anybody can read it");
    // Who else is there is told whose it is.
    let others = Chat {
        person: &tui,
        thread: None,
        ..chat.clone()
    };
    tui.asked("Thorough").await?;
    others.votes(&poll, &thorough).await?;
    others.sees("somebody else’s list").await?;
    chat.votes(&poll, &thorough).await?;
    chat.sees_last("Preset: Thorough").await?;
    let (still, quick) = kea.asked("Quick").await?;
    ensure!(still.event == poll.event, "the poll is another");
    chat.votes(&poll, &quick).await?;
    chat.sees_last("Preset: Quick").await?;
    // With the screen goes the poll; who votes all the same is told.
    chat.goes("Continue", "This is what will be trained")
        .await?;
    chat.votes(&poll, &thorough).await?;
    chat.sees("That list is of an older version").await?;
    Ok(())
}

/// Waits until the bot is there, and has it begin a LoRA, in a thread of its own.
async fn begins<'p>(person: &'p Person, bot: &str, room: &str) -> Result<Chat<'p>> {
    let mut chat = Chat {
        person,
        bot: bot.to_owned(),
        room: room.to_owned(),
        thread: None,
    };
    person.meets(room, bot).await?;
    // What people say to one another is not for the bot.
    chat.says("Who is that bird?").await?;
    let root = chat.says("!train").await?;
    chat.thread = Some(root);
    Ok(chat)
}
