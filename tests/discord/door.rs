//! Who is let in: what Discord signed, lately, and what can be read.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::chat::Chat;
use crate::stage::{by_http, discord, logged, start, started};
use lorikeet_tests::peers::free_port;

#[tokio::test]
async fn only_what_discord_signs_is_heard() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let discord = discord().await?;
    // A ping answered, and a wrong signature refused, or the endpoint could not be saved.
    let _bot = start(directory.path(), &discord).await?;
    let ping = r#"{"id":"1","type":1,"token":"x","version":1}"#;
    let mut other = discord.signs(ping, Duration::ZERO);
    other.body = ping.replace("\"1\"", "\"2\"");
    for (what, signed, expected) in [
        ("as it is", discord.signs(ping, Duration::ZERO), 200),
        ("another body", other, 401),
        (
            "brought again after ten minutes",
            discord.signs(ping, Duration::from_secs(600)),
            401,
        ),
        ("no JSON", discord.signs("rubbish", Duration::ZERO), 400),
        (
            "JSON of something else",
            discord.signs("[]", Duration::ZERO),
            400,
        ),
        (
            "an unknown kind",
            discord.signs(r#"{"id":"1","type":99}"#, Duration::ZERO),
            400,
        ),
    ] {
        let (status, _) = discord.brings(&signed).await?;
        ensure!(status == expected, "{what}: {status}");
    }
    let kea = Chat::private(&discord, "Kea", "en-US");
    kea.uses("start", &[]).await?;
    kea.sees("Train an image LoRA").await?;
    Ok(())
}

#[tokio::test]
async fn wrong_keys_are_named_and_no_secret_is_logged() -> Result<()> {
    for (key, value, said) in [
        (
            "DISCORD__TOKEN",
            "a.wrong.token",
            "discord.token: Discord does not know this token",
        ),
        (
            "DISCORD__PUBLIC_KEY",
            &"0f".repeat(32),
            "discord.public_key: that is not the key",
        ),
        (
            "DISCORD__APPLICATION_ID",
            "12",
            "discord.application_id: the token is of the application 7000",
        ),
        (
            "DISCORD__API_URL",
            "http://127.0.0.1:9",
            "discord.api_url: http://127.0.0.1:9 did not answer: no connection",
        ),
    ] {
        let directory = tempfile::tempdir()?;
        let discord = discord().await?;
        let mut settings = by_http(&discord, free_port()?);
        settings.push((key, value.to_owned()));
        let _bot = started(directory.path(), &settings)?;
        let log = logged(directory.path(), said).await?;
        ensure!(
            !log.contains("wrong.token") && !log.contains(discord.token()),
            "{log}"
        );
    }
    Ok(())
}

// More than one thread: the check is waited for while Discord answers it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_bot_may_not_do_is_said_at_the_start_and_by_the_check() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let discord = discord().await?;
    let kea = discord.person("Kea", "en-US");
    let (plain, poor) = (
        discord.channel("birds", &[&kea]),
        discord.channel("cats", &[&kea]),
    );
    // Everything but Embed Links and Attach Files.
    poor.bot_may(0xffff_ffff & !0x8 & !0xc000);
    let id = |room: &lorikeet_fake_discord::Room| room.guild().unwrap_or_default().to_string();
    let guilds = format!("{},12", id(&plain));
    let mut settings = crate::stage::by_gateway(&discord);
    settings.push(("DISCORD__GUILDS", guilds));
    let lacks = format!(
        "on the server {} the bot may not: Embed Links, Attach Files.",
        id(&poor)
    );
    let absent = "commands cannot be set on the server 12: the bot is not there, or";
    let checks = |settings: &[(&str, String)]| {
        let settings: Vec<(&str, &str)> = settings
            .iter()
            .map(|(key, value)| (*key, value.as_str()))
            .collect();
        lorikeet_tests::bot::run(directory.path(), &["check"], &settings)
    };
    let output = checks(&settings)?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(!output.status.success(), "{said}");
    ensure!(said.contains(&lacks) && said.contains(absent), "{said}");
    let _bot = started(directory.path(), &settings)?;
    crate::stage::connected(&discord).await?;
    logged(directory.path(), &lacks).await?;
    logged(directory.path(), absent).await?;
    ensure!(
        discord.commands().0.as_array().is_none_or(Vec::is_empty),
        "what is told to servers is not told everywhere"
    );
    // It works where it may.
    let chat = Chat::of(&discord, &kea, &plain);
    chat.uses("start", &[]).await?;
    chat.sees("Train an image LoRA").await?;

    let wrong = [
        ("DISCORD__TOKEN", "a.wrong.token".to_owned()),
        ("DISCORD__API_URL", discord.url()),
    ];
    let output = checks(&wrong)?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(
        said.contains("discord.token: Discord does not know"),
        "{said}"
    );
    ensure!(checks(&crate::stage::by_gateway(&discord))?.status.code() == Some(1));
    poor.bot_may(0x8);
    let output = checks(&crate::stage::by_gateway(&discord))?;
    ensure!(output.status.success(), "{output:?}");
    Ok(())
}

#[tokio::test]
async fn commands_are_published_when_they_changed_and_in_both_languages() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let discord = discord().await?;
    let mut bot = start(directory.path(), &discord).await?;
    let (commands, set) = discord.commands();
    ensure!(set == 1, "{set}");
    let train = commands
        .as_array()
        .and_then(|all| all.iter().find(|command| command["name"] == "train"))
        .cloned()
        .unwrap_or_default();
    ensure!(
        train["description_localizations"]["de"].is_string(),
        "{train}"
    );
    ensure!(train["contexts"] == serde_json::json!([0, 1]), "{train}");
    bot.kill_and_restart()?;
    logged(directory.path(), "interactions are listened for").await?;
    ensure!(discord.commands().1 == 1, "set again, unchanged");
    Ok(())
}
