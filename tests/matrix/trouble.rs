//! Things that break: nothing is lost, and nothing comes twice.

use anyhow::{Result, ensure};
use lorikeet_tests::bot::Bot;
use serde_json::json;

use crate::stage::{logged, private, settings, started};
use lorikeet_tests::matrix::Homeserver;
use lorikeet_tests::matrix::{Chat, Person};

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
