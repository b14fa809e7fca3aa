//! Channels of a server: each member has a conversation of their own, and nobody presses another's menu.

use anyhow::{Context as _, Result, bail, ensure};
use lorikeet_fake_discord::Shown;

use crate::chat::Chat;
use crate::stage::{discord, start};

#[tokio::test]
async fn names_are_offered_while_they_are_typed() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let discord = discord().await?;
    let by_http = start(directory.path(), &discord).await?;
    let (kea, tui) = (
        Chat::private(&discord, "Kea", "en-US"),
        Chat::private(&discord, "Tui", "en-US"),
    );
    for name in ["Sea birds", "Cats", "Birds of mine"] {
        kea.names(name).await?;
        kea.sees(name).await?;
        kea.uses("start", &[]).await?;
        kea.sees("Train an image LoRA").await?;
    }
    tui.names("Birds of others").await?;
    tui.sees("0 of 20").await?;
    let offered = async |chat: &Chat, typed: &str| {
        let token = chat.person.types(&chat.room, "loras", "name", typed)?;
        discord.shown(&token, Chat::PATIENCE).await
    };
    let names =
        |names: &[&str]| Shown::Choices(names.iter().map(|name| (*name).to_owned()).collect());
    let (all, none) = (["Birds of mine", "Cats", "Sea birds"], [""; 0]);
    for (typed, expected) in [
        ("bird", &["Birds of mine", "Sea birds"][..]),
        ("", &all),
        ("dogs", &none),
    ] {
        let shown = offered(&kea, typed).await?;
        ensure!(shown == names(expected), "{typed}: {shown:?}");
    }
    kea.uses(
        "loras",
        &[("name", lorikeet_fake_discord::Given::Text("cats"))],
    )
    .await?;
    kea.sees("Trigger word").await?;
    kea.uses(
        "loras",
        &[(
            "name",
            lorikeet_fake_discord::Given::Text("Birds of others"),
        )],
    )
    .await?;
    kea.sees("no LoRA called “Birds of others”").await?;
    drop(by_http);

    discord.forgets_endpoint();
    let directory = tempfile::tempdir()?;
    let _by_gateway = crate::stage::asks(directory.path(), &discord).await?;
    kea.names("Sea birds").await?;
    kea.sees("0 of 20").await?;
    let shown = offered(&kea, "SEA").await?;
    ensure!(shown == names(&["Sea birds"]), "{shown:?}");
    Ok(())
}

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
