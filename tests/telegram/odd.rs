//! Odd messages: each gets a true sentence, and everything stays as it was.

use anyhow::{Context as _, Result, ensure};
use lorikeet_fake_telegram::Item;

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
        telegram
            .wait_until("an answer", Chat::PATIENCE, || telegram.answer_to(&query))
            .await?;
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
async fn a_deep_link_opens_a_command() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let _bot = start(directory.path(), &telegram, Way::Polling)?;
    let kea = Chat::private(&telegram, "Kea", "de");
    kea.person.opens("train_Garden_birds");
    kea.sees("0 von 20").await?;
    kea.person.opens("whatever");
    kea.sees("Trainiere ein Bild-LoRA").await?;
    // Commands are listed in both languages.
    let listed = |language: &str| telegram.commands("default", language);
    ensure!(
        listed("")
            .iter()
            .any(|(name, text)| name == "train" && text.contains("Train"))
    );
    ensure!(
        listed("de")
            .iter()
            .any(|(name, text)| name == "train" && text.contains("trainieren"))
    );
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
