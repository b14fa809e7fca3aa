//! Things that break: nothing is lost, and nothing comes twice.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use lorikeet_tests::bot::Bot;
use lorikeet_tests::peers::{free_port, until};
use lorikeet_tests::proxy::{Line, Proxy};
use lorikeet_tests::web::http::ask;
use serde_json::json;

use crate::path::trained;
use crate::stage::{logged, picture, private, settings, started};
use lorikeet_tests::matrix::{Chat, Homeserver, PATIENCE, Person, Seen};

/// Chosen once: each of these toggles would be seen to be pressed twice, or not at all.
#[tokio::test]
async fn what_was_said_while_it_was_dead_is_heard_once() -> Result<()> {
    let homeserver = Homeserver::shared()?;
    let directory = tempfile::tempdir()?;
    let bot = homeserver.register("lorikeet")?;
    let settings = settings(&homeserver, &bot);
    let running = started(directory.path(), &settings)?;
    let kea = Person::new(&homeserver, "kea").await?;
    let chat = private(&kea, &bot, true).await?;
    chat.says("!train Garden birds").await?;
    chat.sees_last("0 of 20").await?;
    // Killed the hard way, in the middle.
    drop(running);
    let before = answers(&chat);
    for number in 0..40 {
        chat.says(&format!("!number{number}")).await?;
    }
    let running = started(directory.path(), &settings)?;
    logged(directory.path(), "a gap was read").await?;
    chat.sees("number39").await?;
    let heard = answers(&chat) - before;
    ensure!(heard == 40, "{heard} answers to 40 messages");
    chat.says("!overview").await?;
    chat.sees_last("Garden birds").await?;
    drop(running);
    Ok(())
}

/// How often the bot said that it knows no such command.
fn answers(chat: &Chat<'_>) -> usize {
    let messages = chat.person.messages();
    let own = messages.iter().filter(|seen| seen.sender == chat.bot);
    own.filter(|seen| seen.text().contains("number")).count()
}

#[tokio::test]
async fn a_homeserver_that_restarts_is_waited_for() -> Result<()> {
    let homeserver = Homeserver::own("50M").await?;
    let directory = tempfile::tempdir()?;
    let bot = homeserver.register("lorikeet")?;
    let _bot = started(directory.path(), &settings(&homeserver, &bot))?;
    let kea = Person::new(&homeserver, "kea").await?;
    let chat = private(&kea, &bot, true).await?;
    chat.goes("Train a LoRA", "What is it called?").await?;
    homeserver.kill();
    logged(directory.path(), "rooms cannot be read just now").await?;
    homeserver.start().await?;
    chat.says("Garden birds").await?;
    chat.sees_last("0 of 20").await?;
    Ok(())
}

#[tokio::test]
async fn a_wrong_password_and_a_revoked_token_say_what_to_do() -> Result<()> {
    let homeserver = Homeserver::shared()?;
    let bot = homeserver.register("lorikeet")?;
    let wrong = tempfile::tempdir()?;
    let mut settings = settings(&homeserver, &bot);
    settings[2].1 = "wrong".to_owned();
    let running = started(wrong.path(), &settings)?;
    logged(wrong.path(), "matrix.password: ").await?;
    drop(running);

    let login = homeserver.login(&bot).await?;
    let revoked = tempfile::tempdir()?;
    settings[2] = ("MATRIX__TOKEN", login.clone());
    let running = started(revoked.path(), &settings)?;
    logged(revoked.path(), "known to Matrix").await?;
    let kea = Person::new(&homeserver, "kea").await?;
    private(&kea, &bot, true).await?;
    homeserver
        .call(&login, "POST /_matrix/client/v3/logout", &json!({}))
        .await?;
    logged(revoked.path(), "the homeserver has logged the bot out").await?;
    drop(running);
    let log = std::fs::read_to_string(revoked.path().join("bot.log"))?;
    ensure!(!log.contains(&login), "the log has the token");
    Ok(())
}

#[tokio::test]
async fn lost_keys_come_back_with_the_recovery_key() -> Result<()> {
    let homeserver = Homeserver::shared()?;
    let directory = tempfile::tempdir()?;
    let bot = homeserver.register("lorikeet")?;
    let mut settings = settings(&homeserver, &bot);
    let running = started(directory.path(), &settings)?;
    let kea = Person::new(&homeserver, "kea").await?;
    let chat = private(&kea, &bot, true).await?;
    drop(running);
    let keys = directory.path().join("data/matrix");
    let key = std::fs::read_to_string(keys.join("recovery-key.txt"))?;
    std::fs::remove_dir_all(&keys)?;
    settings.push(("MATRIX__RECOVERY_KEY", key.trim().to_owned()));
    let _running: Bot = started(directory.path(), &settings)?;
    logged(directory.path(), "the account's keys are here again").await?;
    chat.says("!help").await?;
    chat.sees_last("How it goes").await?;
    Ok(())
}

#[tokio::test]
async fn a_homeserver_that_is_away_or_slow_is_waited_for() -> Result<()> {
    let homeserver = Homeserver::shared()?;
    let line = Proxy::start(([127, 0, 0, 1], homeserver.port()?).into()).await?;
    let directory = tempfile::tempdir()?;
    let bot = homeserver.register("lorikeet")?;
    let mut settings = settings(&homeserver, &bot);
    settings[0].1 = format!("http://127.0.0.1:{}", line.port);
    line.set(Line::Cut);
    let _bot = started(directory.path(), &settings)?;
    logged(directory.path(), "cannot be reached; it is tried again").await?;
    line.set(Line::Fine);
    logged(directory.path(), "known to Matrix").await?;
    let kea = Person::new(&homeserver, "kea").await?;
    let chat = private(&kea, &bot, true).await?;
    // Each way, and each call.
    line.set(Line::Slow(Duration::from_millis(700)));
    chat.goes("Train a LoRA", "What is it called?").await?;
    chat.says("Garden birds").await?;
    chat.sees_last("0 of 20").await?;
    chat.shows(&picture(1), json!({})).await?;
    chat.sees_last("1 of 20").await?;
    line.set(Line::Cut);
    chat.says("!help").await?;
    logged(directory.path(), "rooms cannot be read just now").await?;
    line.set(Line::Fine);
    chat.sees_last("How it goes").await?;
    Ok(())
}

#[tokio::test]
async fn keys_that_cannot_be_opened_say_which_setting_opens_them() -> Result<()> {
    let homeserver = Homeserver::shared()?;
    let directory = tempfile::tempdir()?;
    let bot = homeserver.register("lorikeet")?;
    let mut settings = settings(&homeserver, &bot);
    settings.push(("MATRIX__STORE_PASSPHRASE", "a-passphrase".to_owned()));
    let running = started(directory.path(), &settings)?;
    logged(directory.path(), "known to Matrix").await?;
    let kea = Person::new(&homeserver, "kea").await?;
    let chat = private(&kea, &bot, true).await?;
    drop(running);
    for wrong in ["another-passphrase", ""] {
        settings[3].1 = wrong.to_owned();
        let _running = started(directory.path(), &settings)?;
        logged(
            directory.path(),
            "Is matrix.store_passphrase another than when they were written?",
        )
        .await?;
        std::fs::rename(
            directory.path().join("bot.log"),
            directory.path().join("before.log"),
        )?;
    }
    // Nothing was lost by it.
    settings[3].1 = "a-passphrase".to_owned();
    let _running = started(directory.path(), &settings)?;
    chat.says("!help").await?;
    chat.sees_last("How it goes").await?;
    let log = std::fs::read_to_string(directory.path().join("bot.log"))?;
    ensure!(!log.contains("a-passphrase"), "the log has the passphrase");
    Ok(())
}

#[tokio::test]
async fn a_token_whose_keys_are_lost_says_so() -> Result<()> {
    let homeserver = Homeserver::shared()?;
    let bot = homeserver.register("lorikeet")?;
    let token = homeserver.login(&bot).await?;
    let mut settings = settings(&homeserver, &bot);
    settings[2] = ("MATRIX__TOKEN", token);
    let directory = tempfile::tempdir()?;
    let running = started(directory.path(), &settings)?;
    logged(directory.path(), "known to Matrix").await?;
    let kea = Person::new(&homeserver, "kea").await?;
    private(&kea, &bot, true).await?;
    drop(running);
    std::fs::remove_dir_all(directory.path().join("data/matrix"))?;
    let running = started(directory.path(), &settings)?;
    logged(
        directory.path(),
        "its session has keys, and they are not in",
    )
    .await?;
    drop(running);
    // What it says to do helps.
    settings[2] = ("MATRIX__TOKEN", homeserver.login(&bot).await?);
    let _running = started(directory.path(), &settings)?;
    let chat = private(&kea, &bot, true).await?;
    chat.says("!help").await?;
    chat.sees_last("How it goes").await?;
    Ok(())
}

#[tokio::test]
async fn who_may_say_little_says_all_of_it_later() -> Result<()> {
    let homeserver = Homeserver::shared()?;
    let directory = tempfile::tempdir()?;
    let bot = homeserver.register("lorikeet")?;
    homeserver.limits(&bot, 4, 2).await?;
    let mut settings = settings(&homeserver, &bot);
    settings.push(("LOG__FILTER", "info,lorikeet_runtime=debug".to_owned()));
    let _bot = started(directory.path(), &settings)?;
    let kea = Person::new(&homeserver, "kea").await?;
    let chat = private(&kea, &bot, true).await?;
    chat.goes("Train a LoRA", "What is it called?").await?;
    chat.says("Garden birds").await?;
    chat.shows(&picture(1), json!({})).await?;
    let shown = chat.sees_last("1 of 20").await?;
    // Reactions are events, too: they come when they may.
    let place = |seen: &&Seen| seen.event == shown.event;
    let placed = || {
        let messages = kea.messages();
        let seen = messages.iter().find(place);
        seen.map_or(0, |seen| seen.reactions.len())
    };
    until("the reactions", PATIENCE, || async {
        Ok(placed() >= shown.choices().len())
    })
    .await?;
    for number in 0..6 {
        chat.says(&format!("!number{number}")).await?;
    }
    chat.sees("number5").await?;
    ensure!(
        answers(&chat) == 6,
        "{} answers to 6 messages",
        answers(&chat)
    );
    let log = std::fs::read_to_string(directory.path().join("bot.log"))?;
    ensure!(
        log.contains("the homeserver wants a pause"),
        "it was never told to wait"
    );
    Ok(())
}

#[tokio::test]
async fn what_the_homeserver_does_not_take_comes_as_a_link() -> Result<()> {
    // Smaller than a LoRA, and than most pictures of screens.
    let homeserver = Homeserver::own("100K").await?;
    let directory = tempfile::tempdir()?;
    let bot = homeserver.register("lorikeet")?;
    let port = free_port()?;
    let site = format!("http://127.0.0.1:{port}");
    let mut settings = settings(&homeserver, &bot);
    settings.push(("WEB__LISTEN", format!("127.0.0.1:{port}")));
    settings.push(("WEB__PUBLIC_URL", site.clone()));
    let _bot = started(directory.path(), &settings)?;
    let kea = Person::new(&homeserver, "kea").await?;
    let chat = private(&kea, &bot, true).await?;
    chat.chooses("Train a LoRA").await?;
    let offer = trained(&chat, "Garden birds", "garden-birds-1.0.safetensors", 0).await?;
    // What is too large is said in words.
    let messages = kea.messages();
    let own = messages.iter().filter(|seen| seen.sender == bot);
    ensure!(
        own.clone().any(|seen| seen.text().contains('🖼')),
        "{own:#?}"
    );
    chat.chooses(&offer).await?;
    let said = chat.sees(&site).await?;
    let path = said.text().split(&site).nth(1).context("a path")?;
    let path = path.split_whitespace().next().unwrap_or_default();
    let opened = ask(port, &format!("GET {path}"), "", b"").await?;
    ensure!(opened.status == 200, "{path}: {}", opened.status);
    ensure!(opened.body.contains("\"dtype\""), "no LoRA");
    Ok(())
}
