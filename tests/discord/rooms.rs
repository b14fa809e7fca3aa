//! Channels of a server: each member has a conversation of their own, and nobody presses another's menu.

use anyhow::{Context as _, Result, bail, ensure};
use lorikeet_fake_discord::Shown;

use crate::chat::Chat;
use crate::stage::{discord, start};

#[tokio::test]
async fn two_members_of_a_server_do_not_mix() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let discord = discord().await?;
    let _bot = start(directory.path(), &discord).await?;
    let (kea, tui) = (discord.person("Kea", "en-US"), discord.person("Tui", "de"));
    let room = discord.channel("birds", &[&kea, &tui]);
    let (kea, tui) = (
        Chat::of(&discord, &kea, &room),
        Chat::of(&discord, &tui, &room),
    );
    kea.names("Kea and birds").await?;
    let menu = kea.sees("0 of 20").await?;
    tui.names("Tuis Vogel").await?;
    tui.sees("Tuis Vogel").await?;

    // A press on somebody else's menu is answered to the presser alone, in their language, and changes nothing.
    let label = menu.labels().first().map(|label| (*label).to_owned());
    let pressed = tui
        .person
        .presses(&room, menu.id, &label.context("a control")?)?;
    let Shown::Message(answer) = discord.shown(&pressed, Chat::PATIENCE).await? else {
        bail!("no answer");
    };
    let said = |chat: &Chat| {
        let seen = room.seen_by(&chat.person);
        seen.into_iter().find(|seen| seen.id == answer)
    };
    let answered = said(&tui).context("an answer")?;
    ensure!(
        answered.ephemeral && answered.text.contains("gehört jemand anderem"),
        "{answered:?}"
    );
    ensure!(said(&kea).is_none(), "Kea sees it");

    kea.brings(0..1, "@everyone **look**").await?;
    kea.sees("1 of 20, 1 with captions").await?;
    let seen = kea.goes("1", "everyone").await?;
    ensure!(seen.body["allowed_mentions"] == serde_json::json!({ "parse": [] }));
    ensure!(
        seen.text.contains(r"@everyone \*\*look\*\*"),
        "{}",
        seen.text
    );
    kea.goes("Back", "1 of 20").await?;
    tui.brings(5..6, "").await?;
    tui.sees("1 von 20").await?;
    Ok(())
}
