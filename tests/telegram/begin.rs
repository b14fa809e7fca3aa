//! Starts that cannot succeed: the log says which key, and what was answered; everything else goes on.

use anyhow::{Result, ensure};

use crate::chat::Chat;
use crate::stage::{by_polling, is_well, logged, started, telegram};

#[tokio::test]
async fn a_wrong_token_leaves_the_other_platforms_going() -> Result<()> {
    for (token, answered) in [
        ("123456:not-the-token", "401 Unauthorized or 404 Not Found"),
        ("7000000001:not-the-token", "Ask @BotFather"),
    ] {
        let directory = tempfile::tempdir()?;
        let telegram = telegram().await?;
        let mut settings = by_polling(&telegram);
        settings.push(("TELEGRAM__TOKEN", token.to_owned()));
        let bot = started(directory.path(), &settings)?;
        let log = logged(
            directory.path(),
            "telegram.token: Telegram does not know this token",
        )
        .await?;
        ensure!(log.contains(answered), "{log}");
        ensure!(!log.contains("not-the-token"), "no log shows a token");
        ensure!(is_well(&bot).await?);
        ensure!(
            telegram.count("getMe") == 0,
            "nobody without the token is let in"
        );
    }
    Ok(())
}

#[tokio::test]
async fn an_address_nobody_answers_at_is_tried_again() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let telegram = telegram().await?;
    telegram.stop();
    let settings = by_polling(&telegram);
    let bot = started(directory.path(), &settings)?;
    let address = telegram.url();
    let said =
        format!("telegram.api_url: {address} did not answer: it cannot be reached. It is tried");
    let log = logged(directory.path(), &said).await?;
    ensure!(!log.contains(telegram.token()), "no log shows a token");
    ensure!(is_well(&bot).await?, "the page is there meanwhile");
    // What was written in the meantime is answered when it is there.
    let kea = Chat::private(&telegram, "Kea", "en");
    kea.says("/start");
    telegram.start_again().await?;
    kea.sees("Train an image LoRA").await?;
    Ok(())
}
