//! Several processes over one Redis and one PostgreSQL: one leads, the others stand by.

use std::time::Duration;

use anyhow::{Result, ensure};
use lorikeet_tests::ground::Ground;
use lorikeet_tests::peers::until;

use crate::stage::{private, settings};
use lorikeet_tests::matrix::Homeserver;
use lorikeet_tests::matrix::{PATIENCE, Person};

#[tokio::test]
async fn a_stand_by_takes_over_without_losing_or_repeating_anything() -> Result<()> {
    let homeserver = Homeserver::shared()?;
    let ground = Ground::lay("matrix_fleet").await?;
    let bot = homeserver.register("lorikeet")?;
    // On one machine they have the keys in common.
    let keys = tempfile::tempdir()?;
    let mut settings = settings(&homeserver, &bot);
    settings.push(("MATRIX__DIRECTORY", keys.path().display().to_string()));
    let mut bots = Vec::new();
    for number in 0..2 {
        bots.push(Some(ground.start(number, settings.clone())?));
    }
    let log = |number: usize| std::fs::read_to_string(ground.own(number).join("bot.log"));
    let leads = |number: usize| log(number).is_ok_and(|log| log.contains("known to Matrix"));
    until("a leader", PATIENCE, || async { Ok(leads(0) || leads(1)) }).await?;
    let (leader, other) = if leads(0) { (0, 1) } else { (1, 0) };
    let kea = Person::new(&homeserver, "kea").await?;
    let chat = private(&kea, &bot, true).await?;
    chat.says("!train Garden birds").await?;
    chat.sees_last("0 of 20").await?;
    ensure!(!leads(other), "two of them lead");
    // Killed the hard way, while she talks on.
    drop(bots[leader].take());
    for number in 0..40 {
        chat.says(&format!("!number{number}")).await?;
    }
    until("the other one leads", PATIENCE * 2, || async {
        Ok(leads(other))
    })
    .await?;
    chat.sees("number39").await?;
    let messages = kea.messages();
    let answers = messages
        .iter()
        .filter(|seen| seen.sender == bot && seen.text().contains("number"));
    let answers = answers.count();
    ensure!(answers == 40, "{answers} answers to 40 messages");
    chat.says("!overview").await?;
    chat.sees_last("Garden birds").await?;
    ensure!(
        kea.undecryptable() == 0,
        "{} could not be read",
        kea.undecryptable()
    );
    Ok(())
}

#[tokio::test]
async fn what_the_store_could_not_take_is_not_asked_for_again() -> Result<()> {
    let homeserver = Homeserver::shared()?;
    let ground = Ground::lay("matrix_store").await?;
    let bot = homeserver.register("lorikeet")?;
    let _bot = ground.start(0, settings(&homeserver, &bot))?;
    let kea = Person::new(&homeserver, "kea").await?;
    let chat = private(&kea, &bot, true).await?;
    chat.says("!train Garden birds").await?;
    chat.sees_last("0 of 20").await?;
    // Nothing else happens anywhere: the homeserver has no reason to tell of anything but this.
    let away = ground.redis.restart(Duration::from_secs(8));
    let (restarted, said) = tokio::join!(away, chat.says("!help"));
    restarted?;
    said?;
    chat.sees_last("How it goes").await?;
    Ok(())
}
