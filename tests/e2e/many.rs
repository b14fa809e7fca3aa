//! Two processes behind one address book: a page that one of them serves shows what the other one does.

use anyhow::Result;

use crate::page::Page;
use crate::pictures;
use lorikeet_tests::bot::Bot;
use lorikeet_tests::peers::{Database, Redis};

#[tokio::test]
async fn two_processes_serve_one_chat() -> Result<()> {
    let redis = Redis::start(&["--appendonly", "yes"]).await?;
    let database = Database::create("two_processes")?;
    let shared = tempfile::tempdir()?;
    let store = format!("redis://127.0.0.1:{}", redis.port);
    let blobs = shared.path().join("blobs").display().to_string();
    let settings = [
        ("STORE__URL", store.as_str()),
        ("DATABASE__URL", &database.url),
        ("BLOBS__URL", &blobs),
    ];
    let directories = [tempfile::tempdir()?, tempfile::tempdir()?];
    let one = Bot::start(directories[0].path(), &settings)?;
    let other = Bot::start(directories[1].path(), &settings)?;

    // The same browser at both: cookies know no ports.
    let page = Page::open(&one.url).await?;
    page.sees("Train a LoRA").await?;
    page.new_tab_at(&other.url, "/").await?;
    page.press("Train a LoRA").await?;
    page.says("Shared birds").await?;
    page.sees("0 of 20").await?;

    // The first tab has followed, by itself; and pictures that one process took in show at the other.
    page.tab(0).await?;
    page.sees("0 of 20").await?;
    page.sends(&pictures::good(shared.path(), 4)?).await?;
    page.sees("4 of 20").await?;
    page.tab(1).await?;
    page.sees("4 of 20").await?;
    page.press("1").await?;
    page.sees("good-0.png").await?;
    let picture = page.attribute("//img", "src").await?;
    page.fetches(&picture).await?;

    // One of them stops; the chat goes on at the other.
    one.terminate()?;
    page.press("Back").await?;
    page.press("Continue").await?;
    page.sees("What does it show?").await?;
    page.close().await
}
