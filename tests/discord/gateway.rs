//! By the gateway: messages and interactions in order, and connections, sessions and processes that end.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use lorikeet_fake_discord::{FakeDiscord, Options, Trouble};

use crate::chat::Chat;
use crate::stage::{asks, by_gateway, connected, discord, logged, started};

/// How often the bot said something to the gateway.
fn said(discord: &FakeDiscord, what: &str) -> usize {
    let calls = discord.calls();
    let of_gateway = calls.iter().filter(|call| call.method == "GATEWAY");
    of_gateway.filter(|call| call.path == what).count()
}

#[tokio::test]
async fn a_newcomer_trains_a_lora_with_messages_alone() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let discord = discord().await?;
    let _bot = asks(directory.path(), &discord).await?;
    let kea = Chat::private(&discord, "Kea", "en-US");
    kea.uses("start", &[]).await?;
    kea.goes("Train a LoRA", "A new LoRA").await?;
    kea.writes("Garden birds", 0..0);
    let screen = kea.sees("0 of 20").await?;
    ensure!(
        !screen.text.contains("/train add"),
        "pictures come with a message: {screen:?}"
    );
    kea.writes("", 0..4);
    kea.sees("4 of 20").await?;
    kea.writes("a bird on a branch", 10..12);
    kea.sees("6 of 20").await?;
    kea.brings(20..21, "").await?;
    kea.sees("7 of 20").await?;
    kea.goes("Continue", "What does it show?").await?;
    kea.reviews().await?;
    kea.trains("garden-birds-1.0.safetensors").await?;
    let failed = discord.calls();
    let failed: Vec<_> = failed
        .iter()
        .filter(|call| call.method == "INTERACTION")
        .collect();
    ensure!(failed.is_empty(), "{failed:?}");
    let too_many = discord
        .calls()
        .into_iter()
        .filter(|call| call.status == 429);
    ensure!(too_many.count() == 0, "it waits by what the answers say");
    Ok(())
}

#[tokio::test]
async fn on_a_server_it_hears_what_names_it_and_nothing_else() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let discord = FakeDiscord::start(Options {
        shards: 2,
        identify_every: Duration::ZERO,
        ..Options::default()
    })
    .await?;
    let _bot = asks(directory.path(), &discord).await?;
    let (kea, tui) = (
        discord.person("Kea", "en-US"),
        discord.person("Tui", "en-US"),
    );
    let room = discord.channel("birds", &[&kea, &tui]);
    let (kea, tui) = (
        Chat::of(&discord, &kea, &room),
        Chat::of(&discord, &tui, &room),
    );
    let bot = format!("<@{}>", discord.application());
    tui.writes("train new Silly name", 0..1);
    kea.writes(&format!("{bot} train new Garden birds"), 0..0);
    let screen = kea.sees("0 of 20").await?;
    ensure!(
        screen.text.contains(&bot) && screen.text.contains("/train add"),
        "how pictures are brought: {screen:?}"
    );
    // Talk of others, and pictures in it, are theirs.
    tui.writes("what a bird", 0..3);
    kea.writes("is it not", 3..4);
    kea.writes(&format!("{bot} from the garden"), 5..7);
    kea.sees("2 of 20").await?;
    let theirs = Chat::private(&discord, "Moa", "en-US");
    theirs.uses("start", &[]).await?;
    theirs.sees("Train an image LoRA").await?;
    let told = room.seen_by(&tui.person);
    ensure!(
        !told.iter().any(|seen| seen.text.contains("Silly")),
        "{told:?}"
    );
    Ok(())
}

#[tokio::test]
async fn connections_that_end_cost_nothing() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let discord = FakeDiscord::start(Options {
        heartbeat: Duration::from_secs(2),
        ..Options::default()
    })
    .await?;
    let _bot = asks(directory.path(), &discord).await?;
    let kea = Chat::private(&discord, "Kea", "en-US");
    kea.names("Garden birds").await?;
    kea.sees("0 of 20").await?;
    for (number, trouble) in [
        Trouble::Cut,
        Trouble::Reconnect,
        Trouble::Invalid(true),
        Trouble::Close(4000),
        // Nobody answers its heartbeats any more.
        Trouble::Freeze,
    ]
    .into_iter()
    .enumerate()
    {
        let number = number as u64;
        discord.troubles(trouble);
        kea.writes("", number..number + 1);
        kea.sees(&format!("{} of 20", number + 1))
            .await
            .with_context(|| format!("{trouble:?}"))?;
    }
    ensure!(said(&discord, "identify") == 1, "the session goes on");
    ensure!(said(&discord, "resume") >= 5);
    Ok(())
}

#[tokio::test]
async fn a_lost_session_is_followed_by_a_look_at_what_was_missed() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let discord = FakeDiscord::start(Options {
        identify_every: Duration::from_secs(1),
        ..Options::default()
    })
    .await?;
    let _bot = asks(directory.path(), &discord).await?;
    let kea = Chat::private(&discord, "Kea", "en-US");
    let person = discord.person("Tui", "en-US");
    let room = discord.channel("birds", &[&person]);
    let tui = Chat::of(&discord, &person, &room);
    let bot = format!("<@{}>", discord.application());
    kea.names("Garden birds").await?;
    tui.names("Sea birds").await?;
    tui.sees("0 of 20").await?;
    for (number, trouble) in [Trouble::Forget, Trouble::Invalid(false)]
        .into_iter()
        .enumerate()
    {
        let number = number as u64 * 2;
        discord.troubles(trouble);
        // Nobody hears of these.
        kea.writes("", number..number + 1);
        tui.writes("nice weather", 0..0);
        tui.writes(&format!("{bot} here"), number..number + 2);
        // And in the second round, more than one list holds.
        for talk in 0..120 * number {
            tui.writes(&format!("talk {talk}"), 0..0);
        }
        kea.writes("", number + 1..number + 2);
        kea.sees(&format!("{} of 20", number + 2))
            .await
            .with_context(|| format!("{trouble:?}"))?;
        tui.sees(&format!("{} of 20", number + 2)).await?;
        connected(&discord).await?;
        // It hears again of what is new.
        kea.goes("1", "Type a caption").await?;
        kea.goes("Back", &format!("{} of 20", number + 2)).await?;
    }
    ensure!(said(&discord, "identify") >= 3);
    Ok(())
}

#[tokio::test]
async fn whoever_comes_next_goes_on_where_a_killed_process_stopped() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let discord = discord().await?;
    let mut bot = asks(directory.path(), &discord).await?;
    let kea = Chat::private(&discord, "Kea", "en-US");
    kea.names("Garden birds").await?;
    let screen = kea.sees("0 of 20").await?;
    for round in 0..2 {
        // Some are heard and killed with the process, some are written while there is none.
        kea.writes("", 3 * round..3 * round + 1);
        bot.kill()?;
        kea.writes("", 3 * round + 1..3 * round + 2);
        let pressed = kea.person.sends_component(&kea.room, screen.id, "odd");
        kea.writes("", 3 * round + 2..3 * round + 3);
        bot.restart()?;
        kea.sees(&format!("{} of 20", 3 * (round + 1))).await?;
        discord.shown(&pressed, Chat::PATIENCE).await?;
    }
    ensure!(
        said(&discord, "identify") == 1,
        "one session for all of them"
    );
    ensure!(said(&discord, "resume") >= 2);
    Ok(())
}

#[tokio::test]
async fn what_keeps_it_from_hearing_is_named() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let discord = discord().await?;
    let _bot = asks(directory.path(), &discord).await?;
    discord.troubles(Trouble::Close(4004));
    let log = logged(directory.path(), "discord.token: Discord's gateway").await?;
    ensure!(!log.contains(discord.token()), "{log}");

    // Interactions that are brought elsewhere do not come by the gateway.
    let http = tempfile::tempdir()?;
    let other = crate::stage::discord().await?;
    let bot = crate::stage::start(http.path(), &other).await?;
    drop(bot);
    let directory = tempfile::tempdir()?;
    let _bot = started(directory.path(), &by_gateway(&other))?;
    logged(directory.path(), "discord.mode: Discord brings").await?;
    Ok(())
}
