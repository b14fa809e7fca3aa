//! Before the chat: the page that asks for the token, and the one that says sorry.

use anyhow::Result;
use lorikeet_tests::bot::Bot;

use crate::page::Page;

#[tokio::test]
async fn a_private_page_asks_for_its_token() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let bot = Bot::start(
        directory.path(),
        &[("WEB__TOKEN", "a token of twenty letters")],
    )?;
    let page = Page::knock(&bot.url).await?;

    page.reads("is private").await?;
    page.looks_well("login").await?;
    page.hands_in("not the token").await?;
    page.reads("That is not the token.").await?;
    page.looks_well("login-wrong").await?;
    page.hands_in("a token of twenty letters").await?;
    page.enters().await?;

    page.goes("nowhere").await?;
    page.reads("There is nothing at this address.").await?;
    page.looks_well("sorry").await?;
    Ok(())
}
