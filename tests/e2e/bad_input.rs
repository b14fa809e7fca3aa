//! Bad input through the real page: each gets its sentence, the screen stays usable, nothing is lost.

use std::io::{ErrorKind, Write as _};
use std::path::Path;

use anyhow::Result;
use lorikeet_media::samples;

use crate::page::Page;
use crate::pictures;
use lorikeet_tests::bot::Bot;

#[tokio::test]
async fn bad_input_gets_a_sentence() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let bot = Bot::start(directory.path(), &[("TRAINING__SLOTS", "5")])?;
    let page = Page::open(&bot.url).await?;
    let files = directory.path().join("pictures");
    std::fs::create_dir(&files)?;

    page.press("Train a LoRA").await?;
    page.sees("A new LoRA").await?;
    for (name, sentence) in [
        ("ab", "too few"),
        (&"a".repeat(51), "has 51 characters"),
        ("../x", "“.” cannot be in a name"),
        ("cat 🐈", "“🐈” cannot be in a name"),
    ] {
        page.says(name).await?;
        page.sees(sentence).await?;
    }
    page.says("Odd things").await?;
    page.sees("0 of 5").await?;

    let one = samples::picture(1, 400, 400);
    let bad: [(&str, Vec<u8>, &str); 6] = [
        ("text.png", samples::renamed_text(), "This is not a picture"),
        ("cut.jpg", samples::truncated_jpeg(3), "ends too early"),
        (
            "bomb.png",
            samples::png_bomb(10_000, 6_000),
            "more than 50 megapixels",
        ),
        (
            "moving.gif",
            samples::animated_gif(&one, &samples::picture(2, 400, 400)),
            "Animated pictures",
        ),
        ("small.png", samples::tiny(), "at least 256 are needed"),
        (
            "old.gif",
            samples::still_gif(&one),
            "GIF files are not taken",
        ),
    ];
    for (name, bytes, sentence) in bad {
        page.sends(&[pictures::file(&files, name, &bytes)?]).await?;
        page.sees(sentence).await?;
        page.sees("0 of 5").await?;
    }

    let good = pictures::good(&files, 6)?;
    page.sends(&good[..3]).await?;
    page.sees("3 of 5").await?;
    page.press("Continue").await?;
    page.sees("At least 4 pictures are needed, there are 3: send 1 more")
        .await?;
    page.sends(&good[..1]).await?;
    page.sees("is the same file as picture").await?;
    page.sends(&good[3..]).await?;
    page.sees("One picture did not fit").await?;
    page.sees("5 of 5").await?;

    page.press("Continue").await?;
    page.sees("What does it show?").await?;
    page.says(&"long ".repeat(2_000)).await?;
    page.sees("at most 1,000").await?;
    page.says("<script>document.title = 'broken'</script>")
        .await?;
    page.sees("1 with captions").await?;
    page.close().await
}

#[tokio::test]
async fn a_full_disk_loses_nothing() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let bot = Bot::start_on_small_disk(directory.path(), 8, &[])?;
    let page = Page::open(&bot.url).await?;
    let files = directory.path().join("pictures");
    std::fs::create_dir(&files)?;
    let good = pictures::good(&files, 3)?;

    page.press("Train a LoRA").await?;
    page.says("No room").await?;
    page.sees("0 of 20").await?;
    page.sends(&good[..1]).await?;
    page.sees("1 of 20").await?;

    // Not even the upload fits: it stays beside the message box, to be sent again.
    let ballast = bot.sees_file("data/blobs/ballast");
    fill(&ballast)?;
    page.sends(&good[1..2]).await?;
    page.troubles("no room left").await?;
    page.sees("1 of 20").await?;
    std::fs::remove_file(&ballast)?;
    page.sends_again().await?;
    page.sees("2 of 20").await?;

    // The upload fits, the picture made from it does not.
    let wide = samples::png(&samples::picture(9, 1_024, 1_024));
    let original = pictures::file(&files, "wide.png", &wide)?;
    fill(&ballast)?;
    leave(&ballast, wide.len() as u64 + 64 * 1024)?;
    page.sends(&[original]).await?;
    page.sees("There is no room left").await?;
    page.sees("2 of 20").await?;
    std::fs::remove_file(&ballast)?;
    page.sends(&good[2..]).await?;
    page.sees("3 of 20").await?;
    page.close().await
}

/// Writes a file until its disk is full.
fn fill(file: &Path) -> Result<()> {
    let mut file = std::fs::File::create(file)?;
    let chunk = [0; 4096];
    loop {
        match file.write_all(&chunk) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::StorageFull => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Gives so many bytes of a file back to its disk.
fn leave(file: &Path, bytes: u64) -> Result<()> {
    let file = std::fs::File::options().write(true).open(file)?;
    file.set_len(file.metadata()?.len().saturating_sub(bytes))?;
    Ok(())
}

#[tokio::test]
async fn two_chats_of_one_person_do_not_overwrite_each_other() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let bot = Bot::start(directory.path(), &[])?;
    let page = Page::open(&bot.url).await?;
    page.press("Train a LoRA").await?;
    page.says("Shared").await?;
    page.sees("0 of 20").await?;

    page.new_tab("/new").await?;
    page.press("My LoRAs (1)").await?;
    page.press("Shared").await?;
    page.press("Open").await?;
    page.sees("It is being edited in another chat of yours, opened")
        .await?;
    page.press("Take over").await?;
    page.sees("not trained yet").await?;

    page.tab(0).await?;
    page.sees("It was taken over").await?;
    let files = directory.path().join("pictures");
    std::fs::create_dir(&files)?;
    page.sends(&pictures::good(&files, 1)?).await?;
    page.sees("cannot be changed here any more").await?;
    page.close().await
}
