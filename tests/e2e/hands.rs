//! What hands do besides choosing files and clicking: dropping, pasting, the keyboard alone; and a line that is slow
//! or gone.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::page::{Carry, Line, Page};
use crate::pictures;
use lorikeet_tests::bot::Bot;

/// A LoRA with its name, on the screen that takes pictures.
async fn at_pictures(page: &Page, name: &str) -> Result<()> {
    page.press("Train a LoRA").await?;
    page.says(name).await?;
    page.sees("0 of 20").await
}

#[tokio::test]
async fn pictures_are_dropped_and_pasted() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let bot = Bot::start(directory.path(), &[])?;
    let page = Page::open(&bot.url).await?;
    let good = pictures::good(directory.path(), 4)?;

    // Where no pictures are asked for, a dropped one waits beside the message box and can be taken back.
    page.drops(&good[..1], Carry::Over).await?;
    ensure!(page.is_shown("drop").await?, "no sign of where to drop");
    page.drops(&good[..1], Carry::Drop).await?;
    ensure!(!page.is_shown("drop").await?, "the sign stays");
    ensure!(page.staged().await? == 1, "the file is not staged");
    page.takes_back_a_file().await?;
    ensure!(page.staged().await? == 0, "the file is still staged");

    // Where they are, they are sent at once.
    at_pictures(&page, "By hand").await?;
    page.drops(&good[..3], Carry::Drop).await?;
    page.sees("3 of 20").await?;
    page.pastes(&good[3..]).await?;
    page.sees("4 of 20").await?;
    page.close().await
}

#[tokio::test]
async fn the_keyboard_is_enough() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let bot = Bot::start(directory.path(), &[])?;
    let page = Page::open(&bot.url).await?;

    page.tabs_to("Train a LoRA").await?;
    page.keys("\n").await?;
    page.sees("A new LoRA").await?;
    page.tabs_to("text").await?;
    page.keys("Keys only\n").await?;
    page.sees("0 of 20").await?;
    // The browser's own dialog for choosing files cannot be driven; the way to it can.
    page.tabs_to("files").await?;
    page.chooses(&pictures::good(directory.path(), 5)?).await?;
    page.sees("5 of 20").await?;
    page.tabs_to("Continue").await?;
    page.keys("\n").await?;
    page.sees("What does it show?").await?;
    page.tabs_to("text").await?;
    page.keys("a bird, seen from below\n").await?;
    page.sees("1 with captions").await?;
    page.tabs_to("Skip captions").await?;
    page.keys("\n").await?;
    page.sees("How thoroughly").await?;
    page.tabs_to("Advanced").await?;
    page.keys(" ").await?;
    page.tabs_to("Steps").await?;
    page.clears_field().await?;
    page.keys("2000\n").await?;
    page.sees("Set by hand").await?;
    page.tabs_to("Continue").await?;
    page.keys("\n").await?;
    page.sees("This is what will be trained").await?;
    page.tabs_to("Start training").await?;
    page.keys("\n").await?;
    page.sees("Step").await?;
    // The focus stays where it was while the screen changes under it.
    page.tabs_to("Stop training").await?;
    page.changes().await?;
    ensure!(
        page.focus().await? == "Stop training",
        "{}",
        page.focus().await?
    );
    page.keys("\n").await?;
    page.tabs_to("Stop it").await?;
    page.keys("\n").await?;
    page.sees("stopped").await?;
    page.close().await
}

#[tokio::test]
async fn every_file_shows_how_much_of_it_has_gone() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let bot = Bot::start(directory.path(), &[])?;
    let page = Page::open(&bot.url).await?;
    at_pictures(&page, "Slow").await?;
    let heavy = pictures::heavy(directory.path(), 3)?;
    page.line(Line::Slow).await?;
    page.chooses(&heavy).await?;
    let mut seen = Vec::new();
    for _ in 0..200 {
        let bars = page.progress().await?;
        if bars.iter().any(|bar| *bar > 0.0 && *bar < 1.0) {
            seen = bars;
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    ensure!(seen.len() == 3, "no bar for each file: {seen:?}");
    ensure!(
        seen.is_sorted_by(|before, after| before >= after) && seen.first() > seen.last(),
        "one after another: {seen:?}"
    );
    let states = page.file_states().await?;
    ensure!(states.len() == 3, "{states:?}");
    ensure!(
        states[0].starts_with("sending") && states[0].ends_with('%'),
        "{states:?}"
    );
    ensure!(states[2] == "waiting waiting", "{states:?}");
    page.hears("of 3 files sent").await?;
    page.looks_well("uploading").await?;
    // One of them is taken back on its way; the others go on.
    page.takes_back_a_file().await?;
    page.line(Line::Fine).await?;
    page.sees("2 of 20").await?;
    page.comes_true("return !document.querySelector('#queue li');")
        .await?;
    page.close().await
}

/// How long a page may say nothing after it was asked for something.
const SILENCE: Duration = Duration::from_secs(2);

#[tokio::test]
async fn the_page_is_never_silent_for_long() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let bot = Bot::start(directory.path(), &[])?;
    let page = Page::open(&bot.url).await?;
    ensure!(!page.is_shown("waiting").await?);

    // A press and a message without a line: what was said stands there, and what becomes of it.
    page.line(Line::Gone).await?;
    page.press("Train a LoRA").await?;
    let since = Instant::now();
    page.comes_true("return !document.getElementById('waiting').hidden;")
        .await?;
    ensure!(since.elapsed() < SILENCE, "{:?}", since.elapsed());
    page.says("first words").await?;
    page.says("second words").await?;
    let since = Instant::now();
    page.comes_true(
        "const out = document.getElementById('outbox').innerText; \
         return out.includes('first words') && out.includes('second words') && out.includes('Not sent yet');",
    )
    .await?;
    ensure!(since.elapsed() < SILENCE, "{:?}", since.elapsed());

    page.looks_well("offline").await?;

    // With the line they go out in their order, once each.
    page.line(Line::Fine).await?;
    page.comes_true(
        "const said = [...document.querySelectorAll('#log .bubble')].map((bubble) => bubble.textContent); \
         return said.join() === 'first words,second words' && !document.querySelector('#outbox li');",
    )
    .await?;
    page.close().await
}

#[tokio::test]
async fn what_happened_while_the_line_was_down_is_shown_afterwards() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let bot = Bot::start(directory.path(), &[])?;
    let page = Page::open(&bot.url).await?;
    at_pictures(&page, "Unplugged").await?;
    let good = pictures::good(directory.path(), 4)?;
    page.sends(&good[..1]).await?;
    page.sees("1 of 20").await?;

    // Another tab of the same chat goes on while this one hears nothing.
    page.new_tab("/").await?;
    page.sees("1 of 20").await?;
    page.tab(0).await?;
    page.line(Line::Gone).await?;
    page.chooses(&good[1..2]).await?;
    page.troubles("Trying again").await?;
    page.tab(1).await?;
    page.sends(&good[2..]).await?;
    page.sees("3 of 20").await?;
    page.tab(0).await?;
    page.line(Line::Fine).await?;
    page.sees("4 of 20").await?;
    page.close().await
}

#[tokio::test]
async fn a_button_of_an_old_screen_and_one_pressed_twice() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let bot = Bot::start(directory.path(), &[])?;
    let page = Page::open(&bot.url).await?;
    page.keeps_button("Help").await?;
    page.press_twice("Train a LoRA").await?;
    page.sees("A new LoRA").await?;
    page.says("Pressed twice").await?;
    page.sees("0 of 20").await?;
    page.presses_kept_button().await?;
    let told = page.toast().await.context("the old button says nothing")?;
    ensure!(told.contains("earlier screen"), "{told}");
    page.sees("0 of 20").await?;
    page.close().await
}
