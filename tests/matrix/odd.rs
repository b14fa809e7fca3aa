//! What people do that nobody expects: a sentence each, and nothing changes.

use anyhow::{Result, ensure};
use lorikeet_tests::bot::Bot;
use serde_json::json;
use tempfile::TempDir;

use crate::stage::{logged, picture, private, settings, started};
use lorikeet_tests::matrix::Homeserver;
use lorikeet_tests::matrix::{Chat, Person};

struct Stage {
    homeserver: Homeserver,
    bot: String,
    _running: Bot,
    _directory: TempDir,
}

impl Stage {
    async fn set(more: &[(&'static str, String)]) -> Result<Self> {
        let homeserver = Homeserver::shared()?;
        let directory = tempfile::tempdir()?;
        let bot = homeserver.register("lorikeet")?;
        let mut settings = settings(&homeserver, &bot);
        settings.extend_from_slice(more);
        let running = started(directory.path(), &settings)?;
        Ok(Self {
            homeserver,
            bot,
            _running: running,
            _directory: directory,
        })
    }
}

#[tokio::test]
async fn reactions_that_choose_nothing_say_so() -> Result<()> {
    let stage = Stage::set(&[]).await?;
    let kea = Person::new(&stage.homeserver, "kea").await?;
    let chat = private(&kea, &stage.bot, true).await?;
    let menu = chat.sees("Train a LoRA").await?;
    chat.reacts(&menu, "👍").await?;
    chat.sees("👍 is none of the choices").await?;
    chat.reacts(&menu, "9\u{fe0f}\u{20e3}").await?;
    chat.sees("is none of the choices").await?;
    chat.says("7").await?;
    chat.sees("There are 2 choices: type a number from 1 to 2")
        .await?;
    // All of it stands as it stood. Taking a reaction away is another press, by a client that sends the sign without its colour.
    let reaction = chat.reacts(&menu, "2\u{20e3}").await?;
    chat.sees_last("How it goes").await?;
    chat.goes("Back", "Train a LoRA").await?;
    chat.takes_back(&reaction).await?;
    chat.sees_last("How it goes").await?;
    // Also in the language of the list.
    chat.says("!language Deutsch").await?;
    let menu = chat.sees_last("LoRA trainieren").await?;
    chat.reacts(&menu, "👍").await?;
    chat.sees("👍 steht nicht zur Wahl").await?;
    Ok(())
}

#[tokio::test]
async fn lists_of_others_and_of_before_are_left_alone() -> Result<()> {
    let stage = Stage::set(&[]).await?;
    let kea = Person::new(&stage.homeserver, "kea").await?;
    let tui = Person::new(&stage.homeserver, "tui").await?;
    let with = json!({ "invite": [tui.user, stage.bot], "encrypted": false });
    let room = kea.creates(with).await?;
    tui.joins(&room).await?;
    kea.meets(&room, &stage.bot).await?;
    let of = |person, thread| Chat {
        person,
        bot: stage.bot.clone(),
        room: room.clone(),
        thread,
    };
    let root = of(&kea, None).says("!start").await?;
    let ours = of(&kea, Some(root));
    let menu = ours.sees("Train a LoRA").await?;
    let theirs = of(&tui, None);
    theirs.sees("Train a LoRA").await?;
    theirs.reacts(&menu, "1\u{fe0f}\u{20e3}").await?;
    let told = theirs.sees("somebody else’s list").await?;
    ensure!(
        told.content["m.mentions"]["user_ids"] == json!([tui.user]),
        "{told:#?}"
    );
    let pressed = ours.reacts(&menu, "1\u{fe0f}\u{20e3}").await?;
    ours.sees_last("What is it called?").await?;
    ours.says("Garden birds").await?;
    ours.sees_last("0 of 20").await?;
    // Whatever a caption says, it calls nobody and is no markup.
    let said = "@room <b>a bird</b>";
    let with = json!({ "caption": said, "thread": ours.thread });
    ours.shows(&picture(1), with).await?;
    let shown = ours.sees_last(said).await?;
    let html = shown.content["formatted_body"].as_str().unwrap_or_default();
    ensure!(html.contains("@room &lt;b&gt;a bird&lt;/b&gt;"), "{html}");
    ensure!(shown.content["m.mentions"]["room"].is_null(), "{shown:#?}");
    // What the first message offered last is one choice.
    ours.reacts(&menu, "2\u{fe0f}\u{20e3}").await?;
    ours.sees("is none of the choices").await?;
    ours.takes_back(&pressed).await?;
    ours.sees("belongs to an earlier screen").await?;
    Ok(())
}

#[tokio::test]
async fn files_that_are_none_say_so() -> Result<()> {
    let stage = Stage::set(&[]).await?;
    let kea = Person::new(&stage.homeserver, "kea").await?;
    let chat = private(&kea, &stage.bot, true).await?;
    chat.says("!train Garden birds").await?;
    chat.sees_last("0 of 20").await?;
    chat.shows(&picture(1), json!({ "wrong": "hash" })).await?;
    chat.sees_last("It could not be fetched. Send it again")
        .await?;
    chat.shows(&picture(2), json!({ "wrong": "gone" })).await?;
    let pdf = json!({ "mime": "application/pdf", "type": "m.file" });
    chat.shows(b"%PDF-1.7", pdf).await?;
    chat.sees_last("PDF files are not taken").await?;
    Ok(())
}

#[tokio::test]
async fn an_edit_of_an_answer_changes_nothing() -> Result<()> {
    let stage = Stage::set(&[]).await?;
    let kea = Person::new(&stage.homeserver, "kea").await?;
    let chat = private(&kea, &stage.bot, true).await?;
    chat.goes("Train a LoRA", "What is it called?").await?;
    let answer = chat.says("Garden birds").await?;
    chat.sees_last("Garden birds").await?;
    let new = json!({ "msgtype": "m.text", "body": "Garden cats" });
    chat.sends(json!({
        "msgtype": "m.text", "body": "* Garden cats", "m.new_content": new,
        "m.relates_to": { "rel_type": "m.replace", "event_id": answer },
    }))
    .await?;
    chat.sees("it counts as it was at first").await?;
    chat.says("!overview").await?;
    chat.sees_last("Garden birds").await?;
    Ok(())
}

#[tokio::test]
async fn who_may_not_talk_to_it_is_told() -> Result<()> {
    let homeserver = Homeserver::shared()?;
    let kea = Person::new(&homeserver, "kea").await?;
    let moa = Person::new(&homeserver, "moa").await?;
    let stage = Stage::set(&[("MATRIX__USERS", kea.user.clone())]).await?;
    private(&kea, &stage.bot, false).await?;
    let with = json!({ "invite": [stage.bot], "direct": true });
    let room = moa.creates(with).await?;
    moa.leaves(&room, &stage.bot).await?;
    Ok(())
}

#[tokio::test]
async fn what_is_no_event_takes_nothing_with_it() -> Result<()> {
    let homeserver = Homeserver::shared()?;
    let directory = tempfile::tempdir()?;
    let bot = homeserver.register("lorikeet")?;
    let settings = settings(&homeserver, &bot);
    let running = started(directory.path(), &settings)?;
    let kea = Person::new(&homeserver, "kea").await?;
    let chat = private(&kea, &bot, true).await?;
    // So that there is a key that the bot knows.
    chat.says("!help").await?;
    chat.sees_last("How it goes").await?;
    drop(running);
    chat.says("!train Garden birds").await?;
    kea.does("oddity", json!({ "room": chat.room })).await?;
    // Both come at once, and nothing after them: the SDK tells of neither again.
    let _running = started(directory.path(), &settings)?;
    chat.sees_last("0 of 20").await?;
    logged(directory.path(), "an event of an odd form came").await?;
    kea.does("oddity", json!({ "room": chat.room })).await?;
    chat.says("!help").await?;
    chat.sees_last("How it goes").await?;
    Ok(())
}
