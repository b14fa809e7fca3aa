//! Odd messages: each gets a true sentence, and everything stays as it was.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use lorikeet_fake_telegram::{FakeTelegram, Item, Options, Seen};
use lorikeet_tests::web::http::ask;

use crate::chat::Chat;
use crate::stage::{Way, picture, start, telegram};

#[tokio::test]
async fn odd_messages_get_a_sentence_and_change_nothing() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let _bot = start(directory.path(), &telegram, Way::Polling)?;
    let kea = Chat::private(&telegram, "Kea", "en");
    kea.says("/train Garden birds");
    kea.sees("0 of 20").await?;

    let no_picture = "not a picture to train on";
    kea.person.to(&kea.room).sticker();
    kea.sees(no_picture).await?;
    kea.person.to(&kea.room).voice(vec![1; 100]);
    kea.person.to(&kea.room).video(vec![1; 100]);
    let album = [Item::photo(picture(1)), Item::video(vec![1; 100])];
    kea.person.to(&kea.room).album(&album)?;
    kea.sees("1 of 20").await?;
    let told = || {
        let told = kea.room.from_bot();
        let told = told.iter().filter(|seen| seen.text.contains(no_picture));
        (told.count() == 4).then_some(())
    };
    telegram
        .wait_until("a sentence for each", Chat::PATIENCE, told)
        .await?;

    kea.person
        .to(&kea.room)
        .document("large.png", vec![0; (20 << 20) + 1]);
    kea.sees("more than 20 MB").await?;
    kea.person.to(&kea.room).document("text.png", "only text");
    kea.sees("This is not a picture").await?;
    // Markup in names and captions is text.
    kea.person
        .to(&kea.room)
        .caption("<b>bold</b> & \u{202e}sdrib")
        .document("<i>.png", picture(2));
    kea.sees("2 of 20, 1 with captions").await?;
    kea.goes("1", "Type a caption for it").await?;
    kea.says(&"word ".repeat(800));
    kea.sees("at most 1,000").await?;
    Ok(())
}

#[tokio::test]
async fn old_menus_are_answered_and_the_current_one_comes() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let _bot = start(directory.path(), &telegram, Way::Webhook)?;
    let kea = Chat::private(&telegram, "Kea", "en");
    kea.says("/start");
    let menu = kea.sees("Train an image LoRA").await?;
    let old = menu.button("Help").and_then(|button| button.data.clone());
    let old = old.context("data")?;
    kea.goes("Train a LoRA", "A new LoRA").await?;

    let query = kea.person.presses_data(&kea.room, menu.id, &old);
    let answer = telegram
        .wait_until("an answer", Chat::PATIENCE, || telegram.answer_to(&query))
        .await?;
    let said = answer.text.context("a sentence")?;
    ensure!(said.contains("belongs to an earlier screen"), "{said}");
    for odd in ["", "nonsense", "a-b-c~zz", "0-0-0~1~1~1"] {
        let query = kea.person.presses_data(&kea.room, menu.id, odd);
        let answer = telegram
            .wait_until("an answer", Chat::PATIENCE, || telegram.answer_to(&query))
            .await?;
        let said = answer.text.context("a sentence")?;
        ensure!(
            said.contains("older version") || said.contains("somebody else"),
            "{odd}: {said}"
        );
    }
    // Somebody deleted the menu: the next screen is a new message.
    let now = kea.sees("A new LoRA").await?;
    kea.person.deletes(&kea.room, now.id)?;
    let data = now
        .button("Main menu")
        .and_then(|button| button.data.clone());
    kea.person
        .presses_data(&kea.room, now.id, &data.context("data")?);
    let menu = kea.sees("Train an image LoRA").await?;
    ensure!(menu.id > now.id, "in a message of its own");
    Ok(())
}

#[tokio::test]
async fn a_menu_of_two_days_ago_still_works() -> Result<()> {
    let directory = tempfile::tempdir()?;
    // What is so old is neither deleted any more nor told with a press.
    let inaccessible_after = Duration::from_secs(48 * 3600);
    let telegram = FakeTelegram::start(Options {
        inaccessible_after,
        ..Options::default()
    })
    .await?;
    let _bot = start(directory.path(), &telegram, Way::Polling)?;
    let kea = Chat::private(&telegram, "Kea", "en");
    kea.says("/start");
    let menu = kea.sees("Train an image LoRA").await?;
    telegram.advance(Duration::from_secs(49 * 3600));
    kea.goes("Train a LoRA", "A new LoRA").await?;
    kea.says("Garden birds");
    kea.sees("0 of 20").await?;
    kea.talk().photo(picture(1))?;
    let pictures = kea.sees("1 of 20").await?;
    ensure!(pictures.id > menu.id);
    telegram.advance(Duration::from_secs(49 * 3600));
    // A picture becomes words, in a message of its own; the old one stays, without buttons.
    kea.goes("Main menu", "Train an image LoRA").await?;
    let bare = || {
        let old = kea.room.message(pictures.id);
        old.is_none_or(|old| old.keyboard.is_empty()).then_some(())
    };
    telegram
        .wait_until("the old buttons to go", Chat::PATIENCE, bare)
        .await?;
    let unanswered = telegram.unanswered();
    ensure!(unanswered.is_empty(), "{unanswered:?}");
    kea.each_screen_once()
}

#[tokio::test]
async fn who_writes_for_a_room_is_told_or_left_alone() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let _bot = start(directory.path(), &telegram, Way::Webhook)?;
    let kea = telegram.person("Kea", "en");
    let group = telegram.supergroup("Birds", &[&kea]);
    let asked = kea.to(&group).anonymous().says("/train Garden birds");
    let told = |seen: &Seen| seen.text.contains("While you write anonymously");
    let told = group.wait_for("a sentence", Chat::PATIENCE, told).await?;
    ensure!(told.reply_to == Some(asked));
    // In a channel nobody is anybody, and the bot is only there.
    let channel = telegram.channel("News of birds", &[&kea]);
    kea.says(&channel, "/train Garden birds");
    kea.to(&channel).photo(picture(1))?;
    let chat = Chat::of(&kea, &group);
    chat.says("/start");
    chat.sees("Train an image LoRA").await?;
    ensure!(channel.from_bot().is_empty());
    // The menu has no LoRA of hers: nothing was begun in anybody's name.
    chat.says("/loras");
    chat.sees("You have no LoRA yet").await?;
    Ok(())
}

#[tokio::test]
async fn a_deep_link_opens_a_command() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let _bot = start(directory.path(), &telegram, Way::Polling)?;
    let kea = Chat::private(&telegram, "Kea", "de");
    kea.person.opens("train_Garden_birds");
    kea.sees("0 von 20").await?;
    // Whose account one's own is joined to is nothing for a link of somebody else's.
    kea.person.opens("link_00000000");
    kea.sees("Trainiere ein Bild-LoRA").await?;
    kea.person.opens("whatever");
    kea.sees("Trainiere ein Bild-LoRA").await?;
    Ok(())
}

#[tokio::test]
async fn commands_are_listed_for_everybody_and_only_when_they_changed() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    for (round, published) in [9, 0, 1].into_iter().enumerate() {
        if published == 1 {
            // Somebody has set one of the lists by hand.
            let url = telegram.url();
            let (_, port) = url.rsplit_once(':').context("a port")?;
            let head = format!("POST /bot{}/setMyCommands", telegram.token());
            let list = r#"{"commands":[{"command":"old","description":"Old"}],"scope":{"type":"all_group_chats"},"language_code":"de"}"#;
            let json = "Content-Type: application/json\r\n";
            ask(port.parse()?, &head, json, list.as_bytes()).await?;
        }
        let before = telegram.count("setMyCommands");
        let _bot = start(directory.path(), &telegram, Way::Polling)?;
        let kea = Chat::private(&telegram, &format!("Kea {round}"), "en");
        kea.says("/start");
        kea.sees("Train an image LoRA").await?;
        let done = telegram.count("setMyCommands") - before;
        ensure!(done == published, "{done} in round {round}");
    }
    for scope in [
        "all_private_chats",
        "all_group_chats",
        "all_chat_administrators",
    ] {
        for (language, word) in [("", "Train"), ("en", "Train"), ("de", "trainieren")] {
            let listed = telegram.commands(scope, language);
            ensure!(
                listed
                    .iter()
                    .any(|(name, text)| name == "train" && text.contains(word)),
                "{scope} {language}: {listed:?}"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_edit_of_what_was_read_changes_nothing_and_says_so() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let _bot = start(directory.path(), &telegram, Way::Webhook)?;
    let kea = Chat::private(&telegram, "Kea", "en");
    kea.says("/train");
    kea.sees("A new LoRA").await?;
    kea.says("Garden birds");
    kea.sees("0 of 20").await?;
    let name = kea
        .room
        .find(|seen| seen.text == "Garden birds")
        .context("the name")?;
    kea.person.edits(&kea.room, name.id, "Garden gnomes")?;
    kea.sees("I had read that already").await?;
    kea.says("/help");
    kea.sees("How it goes").await?;
    ensure!(
        kea.room
            .find(|seen| seen.from_bot && seen.text.contains("gnomes"))
            .is_none()
    );
    Ok(())
}
