//! The board of pictures, changed where it stands.

use anyhow::{Result, ensure};
use fantoccini::key::Key;

use crate::page::{Hand, Page, Spot};
use crate::pictures;
use lorikeet_tests::bot::Bot;

/// A LoRA of three pictures, on the screen that shows them.
async fn with_three(bot: &Bot, directory: &std::path::Path) -> Result<(Page, [Spot; 3])> {
    let page = Page::open(&bot.url).await?;
    page.press("Train a LoRA").await?;
    page.says("On the board").await?;
    page.sees("0 of 20").await?;
    page.sends(&pictures::good(directory, 3)?).await?;
    page.sees("3 of 20").await?;
    page.comes_true("return document.querySelectorAll('.live .board img').length === 3;")
        .await?;
    let mut board = page.board().await?.into_iter();
    let three = std::array::from_fn(|_| board.next().unwrap_or_else(Spot::empty));
    Ok((page, three))
}

/// The board as it is after the bot has said so: a new page knows nothing else.
async fn kept(page: &Page, order: [&Spot; 3]) -> Result<()> {
    shown(page, order).await?;
    page.settled().await?;
    page.reload().await?;
    shown(page, order).await
}

async fn shown(page: &Page, order: [&Spot; 3]) -> Result<()> {
    let board = page.board().await?;
    let seen: Vec<&str> = board[..3]
        .iter()
        .map(|spot| spot.picture.as_str())
        .collect();
    let wanted = order.map(|spot| spot.picture.as_str());
    ensure!(seen == wanted, "{seen:?} instead of {wanted:?}");
    Ok(())
}

#[tokio::test]
async fn pictures_are_moved_by_mouse_finger_and_keys() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let bot = Bot::start(directory.path(), &[])?;
    let (page, [a, b, c]) = with_three(&bot, directory.path()).await?;

    page.carries(1, 3, Hand::Mouse).await?;
    kept(&page, [&c, &b, &a]).await?;
    page.sees("3 of 20").await?;

    page.carries(2, 1, Hand::Finger).await?;
    kept(&page, [&b, &c, &a]).await?;

    // Faster than the bot answers; the focus goes with the picture.
    page.focuses_place(1).await?;
    page.alt(Key::Right).await?;
    page.alt(Key::Right).await?;
    page.hears("is at place").await?;
    shown(&page, [&c, &a, &b]).await?;
    ensure!(page.focused_place().await? == "3", "the focus is elsewhere");
    kept(&page, [&c, &a, &b]).await?;

    // There is no place before the first.
    page.focuses_place(1).await?;
    page.alt(Key::Left).await?;
    shown(&page, [&c, &a, &b]).await?;
    page.close().await
}

#[tokio::test]
async fn a_move_that_is_refused_is_undone() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let bot = Bot::start(directory.path(), &[])?;
    let (page, [a, b, c]) = with_three(&bot, directory.path()).await?;
    let proof = page.forges("").await?;
    page.focuses_place(1).await?;
    page.alt(Key::Right).await?;
    let told = page.toast().await?;
    ensure!(told.contains("did not come from a page"), "{told}");
    shown(&page, [&a, &b, &c]).await?;
    page.forges(&proof).await?;
    page.alt(Key::Right).await?;
    kept(&page, [&b, &a, &c]).await?;
    page.close().await
}

#[tokio::test]
async fn captions_are_written_where_they_stand() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let bot = Bot::start(directory.path(), &[])?;
    let (page, _) = with_three(&bot, directory.path()).await?;

    page.writes_at(1).await?;
    page.keys("a bird in the grass\n").await?;
    page.sees("1 with captions").await?;
    ensure!(page.board().await?[0].text == "a bird in the grass");

    // Escape leaves it as it was; leaving the field saves.
    page.writes_at(1).await?;
    page.keys("nonsense").await?;
    page.keys("\u{e00c}").await?;
    ensure!(page.board().await?[0].text == "a bird in the grass");
    page.writes_at(2).await?;
    page.keys("two birds").await?;
    page.tabs_to("text").await?;
    page.sees("2 with captions").await?;

    // New screens come while somebody types: words, focus and cursor stay, with their picture.
    page.writes_at(3).await?;
    page.keys("a bird").await?;
    let more = pictures::good(directory.path(), 5)?;
    page.drops_at(5, &more[3..4]).await?;
    page.sees("4 of 20").await?;
    let (words, focused) = page.writing().await?;
    ensure!(
        words == "a bird" && focused,
        "{words:?}, focused: {focused}"
    );
    page.keys(" at last\n").await?;
    page.sees("3 with captions").await?;
    ensure!(page.board().await?[2].text == "a bird at last");
    page.looks_well("board").await?;
    page.close().await
}

#[tokio::test]
async fn a_picture_dropped_on_a_place_goes_there() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let bot = Bot::start(directory.path(), &[])?;
    let (page, [a, b, c]) = with_three(&bot, directory.path()).await?;
    let more = pictures::good(directory.path(), 5)?;

    page.drops_at(2, &more[3..4]).await?;
    page.board_becomes(2, &b.picture).await?;
    page.sees("3 of 20").await?;
    let board = page.board().await?;
    ensure!(board[0].picture == a.picture && board[2].picture == c.picture);

    page.drops_at(7, &more[4..]).await?;
    page.sees("4 of 20").await?;
    page.board_becomes(7, "").await?;
    let board = page.board().await?;
    ensure!(board[3..6].iter().all(|spot| spot.picture.is_empty()));
    page.close().await
}
