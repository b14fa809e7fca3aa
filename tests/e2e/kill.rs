//! The process is killed the hard way during upload, captioning and training, and everything is finished all the same.

use anyhow::{Result, ensure};

use crate::page::Page;
use crate::pictures;
use lorikeet_tests::bot::Bot;

#[tokio::test]
async fn nothing_is_lost_to_kills() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let mut bot = Bot::start(directory.path(), &[])?;
    let page = Page::open(&bot.url).await?;
    let files = directory.path().join("pictures");
    std::fs::create_dir(&files)?;

    page.press("Train a LoRA").await?;
    page.says("Survivor").await?;
    page.sees("0 of 20").await?;

    // During the upload: what was not acknowledged is sent again by the page, what was is taken in once.
    page.sends(&pictures::good(&files, 8)?).await?;
    bot.kill_and_restart()?;
    page.sees("8 of 20").await?;

    page.press("Continue").await?;
    page.sees("What does it show?").await?;
    page.says("the first caption").await?;
    page.sees("1 with captions").await?;
    page.says("the second caption").await?;
    bot.kill_and_restart()?;
    page.sees("2 with captions").await?;
    page.press("Skip captions").await?;
    page.press("Advanced").await?;
    page.fills("Steps", "150").await?;
    page.press("Use these").await?;
    page.sees("Set by hand").await?;
    page.press("Continue").await?;
    page.press("Start training").await?;
    page.sees("Step").await?;
    bot.kill_and_restart()?;
    page.sees("Survivor 1.0 is ready").await?;
    page.reload().await?;
    page.sees("Survivor 1.0 is ready").await?;

    // Once, and once only.
    page.press("Main menu").await?;
    page.press("Trainings").await?;
    page.sees("Survivor 1.0").await?;
    ensure!(
        page.count("//button[normalize-space(.) = 'Survivor 1.0']")
            .await?
            == 1,
        "more than one run"
    );
    page.close().await
}
