//! A client that was written by others: grammY, which talks to the real Telegram every day, talks to the fake.

#![expect(clippy::expect_used, reason = "a test that cannot go on should stop")]

use std::io::Cursor;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use lorikeet_fake_telegram::{FakeTelegram, Item, Kind, Options};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

/// The bot as a process. Killed when dropped.
async fn bot(telegram: &FakeTelegram, mode: &str) -> Result<Child> {
    let modules =
        std::env::var_os("LORIKEET_GRAMMY").context("LORIKEET_GRAMMY is not set: use tests/run")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("independent/bot.js");
    let mut child = Command::new("node")
        .arg(script)
        .arg(mode)
        .env("NODE_PATH", modules)
        .env("API_ROOT", telegram.url())
        .env("TOKEN", telegram.token())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("node does not start")?;
    let output = child.stdout.take().context("no standard output")?;
    let mut lines = BufReader::new(output).lines();
    let ready = async {
        while let Some(line) = lines.next_line().await? {
            if line == "ready" {
                return Ok(());
            }
        }
        bail!("the bot ended")
    };
    timeout(PATIENCE, ready)
        .await
        .context("the bot did not start")??;
    // What it says further is read to its end, so that it never stops at a full pipe.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok(child)
}

fn picture() -> Vec<u8> {
    let picture = image::RgbImage::from_pixel(640, 480, image::Rgb([200, 40, 90]));
    let mut bytes = Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, image::ImageFormat::Jpeg)
        .expect("a picture is written");
    bytes.into_inner()
}

/// A person goes through everything the bot can do.
async fn goes_through(telegram: &FakeTelegram) -> Result<()> {
    let anna = telegram.person("Anna", "de");
    let room = anna.private();

    anna.opens("friends");
    let menu = room
        .wait_for("the menu", PATIENCE, |seen| seen.from_bot)
        .await?;
    assert_eq!(menu.text, "Hello Anna, you came by \"friends\"");
    assert_eq!(menu.marked("bold"), ["Hello"]);
    assert_eq!(menu.labels(), ["More", "Quiet", "Help"]);
    let offered = anna.commands(&room);
    assert_eq!(offered, [("start".to_owned(), "Beginnt".to_owned())]);

    let query = anna.presses(&room, menu.id, "More")?;
    let shown = telegram.wait_until("an answer", PATIENCE, || telegram.answer_to(&query));
    assert_eq!(shown.await?.text.as_deref(), Some("Here is more"));
    let edited = |text: &'static str| move |seen: &lorikeet_fake_telegram::Seen| seen.text == text;
    let more = room
        .wait_for("more", PATIENCE, edited("More of it"))
        .await?;
    assert_eq!((more.id, more.labels()), (menu.id, vec!["Back"]));
    anna.presses(&room, menu.id, "Back")?;
    room.wait_for("the menu", PATIENCE, edited("The menu"))
        .await?;
    let query = anna.presses(&room, menu.id, "Quiet")?;
    let shown = telegram.wait_until("an answer", PATIENCE, || telegram.answer_to(&query));
    assert!(shown.await?.alert);

    anna.says(&room, "/wrong");
    let words =
        "400 Bad Request: can't parse entities: Unsupported start tag \"blink\" at byte offset 0";
    room.wait_for("the refusal", PATIENCE, edited(words))
        .await?;

    let said = anna.says(&room, "pardot");
    anna.edits(&room, said, "parrot")?;
    room.wait_for("what was meant", PATIENCE, edited("You meant: parrot"))
        .await?;

    let bytes = picture();
    let sent = anna.to(&room).photo(bytes.clone())?;
    let echo = room
        .wait_for("the photo", PATIENCE, |seen| seen.reply_to == Some(sent))
        .await?;
    let photo = echo.media.context("no photo")?;
    assert_eq!((photo.kind, photo.width), (Kind::Photo, 640));
    let document = room
        .find(|seen| {
            seen.media
                .as_ref()
                .is_some_and(|media| media.kind == Kind::Document)
        })
        .context("no document")?;
    assert_eq!(document.text, "640 wide");
    let document = document.media.context("no document")?;
    assert_eq!(document.name.as_deref(), Some("echo.jpg"));
    ensure!(
        document.bytes == bytes,
        "the picture has changed on its way"
    );
    assert_eq!(
        room.actions().last().map(|hint| hint.action.as_str()),
        Some("upload_photo")
    );

    anna.to(&room)
        .album(&[Item::photo(bytes.clone()), Item::photo(bytes.clone())])?;
    let album = || {
        let parts = room
            .from_bot()
            .into_iter()
            .filter(|seen| seen.album.is_some());
        let parts: Vec<_> = parts.collect();
        (parts.len() == 2).then_some(parts)
    };
    let parts = telegram.wait_until("the album", PATIENCE, album).await?;
    assert_eq!(parts[0].text, "Both");
    assert_eq!(parts[0].album, parts[1].album);
    ensure!(
        parts[1]
            .media
            .as_ref()
            .is_some_and(|media| media.bytes == bytes),
        "another picture"
    );

    let all = || (telegram.pending_updates() == 0).then_some(());
    anna.blocks();
    let taken = telegram.wait_until("everything taken", PATIENCE, all);
    taken.await
}

#[tokio::test]
async fn grammy_polls() -> Result<()> {
    let telegram = FakeTelegram::start(Options::default()).await?;
    let _bot = bot(&telegram, "polling").await?;
    goes_through(&telegram).await?;
    assert!(telegram.count("getUpdates") > 1);
    Ok(())
}

#[tokio::test]
async fn grammy_has_a_webhook() -> Result<()> {
    let telegram = FakeTelegram::start(Options::default()).await?;
    let _bot = bot(&telegram, "webhook").await?;
    goes_through(&telegram).await?;
    assert_eq!(telegram.count("getUpdates"), 0);
    assert_eq!(telegram.webhook_error(), None);
    let answers = telegram.calls_of("answerCallbackQuery");
    assert!(
        answers.iter().all(|call| call.in_webhook_reply),
        "{answers:?}"
    );
    Ok(())
}
