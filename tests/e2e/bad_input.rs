//! Bad input through the real page: each gets its sentence, the screen stays usable, nothing is lost.

use anyhow::Result;
use lorikeet_media::samples;

use crate::bot::Bot;
use crate::page::Page;
use crate::pictures;

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
    page.sees("at most 1000").await?;
    page.says("<script>document.title = 'broken'</script>")
        .await?;
    page.sees("1 with captions").await?;
    page.close().await
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
    page.sees("It is being edited in another chat of yours")
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
