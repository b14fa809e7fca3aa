//! From a name to a file that loads.

use anyhow::{Context as _, Result, ensure};
use lorikeet_fake_telegram::{Item, Seen};
use lorikeet_media::samples;
use serde_json::json;

use crate::chat::Chat;
use crate::stage::{Way, picture, start, telegram};

#[tokio::test]
async fn a_newcomer_trains_a_lora_by_polling() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let _bot = start(directory.path(), &telegram, Way::Polling)?;
    let kea = Chat::private(&telegram, "Kea", "en");
    kea.begins("Garden birds").await?;

    let album: Vec<Item> = (0..4).map(|seed| Item::photo(picture(seed))).collect();
    let before = kea.room.from_bot().len();
    kea.talk().album(&album)?;
    kea.sees("4 of 20").await?;
    let answers = kea.room.from_bot().len() - before;
    ensure!(answers == 1, "{answers} answers to one album");
    kea.talk()
        .caption("a bird on a branch")
        .photo(picture(10))?;
    kea.sees("5 of 20, 1 with captions").await?;
    kea.talk().document("scan.png", picture(11));
    kea.sees("6 of 20, 1 with captions").await?;
    kea.goes("Continue", "What does it show?").await?;
    kea.says("a bird in the grass");
    kea.sees("6 of 20, 2 with captions").await?;
    kea.reviews().await?;
    kea.trains("garden-birds-1.0.safetensors").await?;
    // Every press had its answer, and Telegram never had to ask for a pause.
    let unanswered = telegram.unanswered();
    ensure!(unanswered.is_empty(), "{unanswered:?}");
    ensure!(telegram.impatient_calls() == 0);
    // What took a while was seen to go on.
    let actions = kea.room.actions();
    for expected in ["typing", "upload_document"] {
        let seen = actions.iter().any(|action| action.action == expected);
        ensure!(seen, "{expected} is not among {actions:?}");
    }
    kea.each_screen_once()
}

#[tokio::test]
async fn files_in_albums_and_zips_are_trained_on_by_webhook() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let _bot = start(directory.path(), &telegram, Way::Webhook)?;
    let kea = Chat::private(&telegram, "Kea", "en");
    kea.says("/train Garden birds");
    kea.sees("0 of 20").await?;

    let files = ["a.png", "b.png", "c.jpg"];
    let album: Vec<Item> = (0..)
        .zip(files)
        .map(|(seed, name)| Item::document(name, picture(seed)))
        .collect();
    // Words below an album are below its first picture.
    kea.talk().caption("three birds").album(&album)?;
    kea.sees("3 of 20, 1 with captions").await?;
    let (first, second, third) = (picture(10), picture(11), picture(12));
    let packed: [(&str, &[u8]); 6] = [
        ("birds/a.png", &first),
        ("birds/a.txt", b"a bird on a branch"),
        ("birds/b.png", &second),
        ("birds/b.txt", b"two birds\nin the snow"),
        ("birds/c.png", &third),
        ("notes.doc", b"not a picture"),
    ];
    kea.talk().document("birds.zip", samples::zip(packed));
    kea.sees("3 pictures were added from the zip file, 2 of them with captions")
        .await?;
    kea.sees("notes.doc: This is not a picture").await?;
    kea.sees("6 of 20").await?;
    // A damaged one beside it takes nothing away.
    let damaged = &samples::zip(packed)[..400];
    kea.talk().document("cut.zip", damaged.to_vec());
    kea.sees("This zip file is damaged").await?;
    kea.sees("6 of 20").await?;
    kea.press("Continue").await?;
    kea.reviews().await?;
    kea.trains("garden-birds-1.0.safetensors").await?;
    let unanswered = telegram.unanswered();
    ensure!(unanswered.is_empty(), "{unanswered:?}");
    kea.each_screen_once()
}

#[tokio::test]
async fn two_members_of_a_group_train_at_once() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let _bot = start(directory.path(), &telegram, Way::Webhook)?;
    let (kea, tui) = (telegram.person("Kea", "en"), telegram.person("Tui", "en"));
    let room = telegram.supergroup("Birds", &[&kea, &tui]);
    let (kea, tui) = (Chat::of(&kea, &room), Chat::of(&tui, &room));
    tokio::try_join!(
        trains_in_a_room(&kea, "Kea and birds", "kea-and-birds-1.0.safetensors", 0),
        trains_in_a_room(&tui, "Tui and birds", "tui-and-birds-1.0.safetensors", 20),
    )?;
    let unanswered = telegram.unanswered();
    ensure!(unanswered.is_empty(), "{unanswered:?}");
    kea.each_screen_once()
}

#[tokio::test]
async fn an_albums_pictures_stay_in_their_order() -> Result<()> {
    for way in [Way::Polling, Way::Webhook] {
        let directory = tempfile::tempdir()?;
        let telegram = telegram().await?;
        let _bot = start(directory.path(), &telegram, way)?;
        let kea = Chat::private(&telegram, "Kea", "en");
        kea.says("/train Garden birds");
        kea.sees("0 of 20").await?;
        // Told apart by how high they are.
        let heights = [512, 640, 576, 704];
        let album: Vec<Item> = (0..)
            .zip(heights)
            .map(|(seed, height)| (seed, samples::picture(seed, 512, height)))
            .map(|(seed, picture)| Item::document(&format!("{seed}.png"), samples::png(&picture)))
            .collect();
        kea.talk().caption("a bird").album(&album)?;
        kea.sees("4 of 20, 1 with captions").await?;
        // Only what is used is asked for.
        let method = match way {
            Way::Polling => "getUpdates",
            Way::Webhook => "setWebhook",
        };
        let calls = telegram.calls();
        let mut asking = calls.iter().filter(|call| call.method == method);
        let asked = asking.next().context("a question")?;
        let used = json!(["message", "edited_message", "callback_query"]);
        ensure!(asked.body["allowed_updates"] == used, "{}", asked.body);
        for (place, height) in (1..).zip(heights) {
            kea.press(&place.to_string()).await?;
            let caption = if place == 1 {
                "a bird"
            } else {
                "Type a caption for it"
            };
            let is_open = |seen: &Seen| {
                let media = seen.media.as_ref();
                media.is_some_and(|media| media.height == height) && seen.text.contains(caption)
            };
            let what = format!("picture {place}, {height} pixels high");
            kea.room.wait_for(&what, Chat::PATIENCE, is_open).await?;
            kea.goes("Back", "4 of 20").await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_lora_is_trained_in_a_topic() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    let _bot = start(directory.path(), &telegram, Way::Polling)?;
    let kea = telegram.person("Kea", "en");
    let room = telegram.forum("Aviary", &[&kea]);
    let thread = Some(room.topic(&kea, "LoRAs"));
    let kea = Chat {
        thread,
        ..Chat::of(&kea, &room)
    };
    trains_in_a_room(&kea, "Garden birds", "garden-birds-1.0.safetensors", 0).await?;
    let strays = room.find(|seen| seen.from_bot && seen.thread != thread);
    ensure!(strays.is_none(), "outside of the topic: {strays:?}");
    Ok(())
}

/// By photos, an album of them, files and a zip, each as a reply to the bot, as it is done where others are.
pub(crate) async fn trains_in_a_room(chat: &Chat, name: &str, file: &str, seed: u64) -> Result<()> {
    chat.says(&format!("/train {name}"));
    chat.sees("0 of 20").await?;
    let album: Vec<Item> = (seed..seed + 3)
        .map(|seed| Item::photo(picture(seed)))
        .collect();
    chat.talk().album(&album)?;
    chat.sees("3 of 20").await?;
    chat.talk().document("scan.png", picture(seed + 3));
    chat.sees("4 of 20").await?;
    let packed = picture(seed + 4);
    let packed: [(&str, &[u8]); 2] = [("a.png", &packed), ("a.txt", b"a bird")];
    chat.talk().document("birds.zip", samples::zip(packed));
    chat.sees("5 of 20, 1 with captions").await?;
    chat.press("Continue").await?;
    chat.sees("What does it show?").await?;
    chat.says("a bird in the grass");
    chat.sees("5 of 20, 2 with captions").await?;
    chat.reviews().await?;
    chat.trains(file).await
}
