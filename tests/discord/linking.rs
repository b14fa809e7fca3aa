//! One person on two platforms: joined by a code, one set of LoRAs, one lock.

use anyhow::{Context as _, Result, ensure};
use lorikeet_fake_discord::Given;
use lorikeet_fake_telegram::{FakeTelegram, Options as TelegramOptions, Seen as Read};

use crate::chat::Chat;
use crate::stage::{by_gateway, connected, discord, picture, started};

#[tokio::test]
async fn what_was_begun_on_telegram_goes_on_here() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let discord = discord().await?;
    let telegram = FakeTelegram::start(TelegramOptions::default()).await?;
    let mut settings = by_gateway(&discord);
    settings.extend([
        ("TELEGRAM__TOKEN", telegram.token().to_owned()),
        ("TELEGRAM__API_URL", telegram.url()),
        ("TELEGRAM__MESSAGES_PER_SECOND", "0".to_owned()),
    ]);
    let _bot = started(directory.path(), &settings)?;
    connected(&discord).await?;

    let there = telegram.person("Kea", "de");
    let chat = there.private();
    let reads = async |words: &str| {
        let says = |seen: &Read| seen.from_bot && seen.text.contains(words);
        chat.wait_for(words, Chat::PATIENCE, says).await
    };
    there.says(&chat, "/train Garden birds");
    reads("0 von 20").await?;
    for seed in 0..4 {
        there.to(&chat).document("bird.png", picture(seed));
    }
    reads("4 von 20").await?;
    there.says(&chat, "/link");
    let desk = reads("Ein Konto auf mehreren Plattformen").await?;
    there.presses(&chat, desk.id, "Einen Code holen")?;
    let desk = reads("Dein Code").await?;
    let code = desk.text.split("Dein Code:").nth(1).context("a code")?;
    let code = code.split_whitespace().next().context("a code")?;

    let kea = Chat::private(&discord, "Kea", "en-US");
    kea.uses("loras", &[]).await?;
    kea.sees("You have no LoRA yet").await?;
    // Where others read along, nobody is joined, and the code would not count any more: another one, not this.
    let room = discord.channel("birds", &[&kea.person]);
    let open = Chat::of(&discord, &kea.person, &room);
    open.uses("link", &[("code", Given::Text("0000-0000"))])
        .await?;
    open.sees("write to me in private").await?;
    kea.uses("link", &[("code", Given::Text("wrong"))]).await?;
    kea.sees("That is not a code").await?;
    kea.uses("link", &[("code", Given::Text(code))]).await?;
    kea.sees("Du bist jetzt mit Telegram verbunden").await?;
    reads("Du bist jetzt mit Discord verbunden").await?;

    // The same LoRA, and the lock that the other chat holds. The language came along.
    kea.uses("loras", &[("name", Given::Text("garden birds"))])
        .await?;
    kea.sees("4 von 20").await?;
    kea.goes("Öffnen", "in einem anderen deiner Chats („Telegram“)")
        .await?;
    kea.goes("Übernehmen", "Garden birds").await?;
    kea.uses("language", &[("language", Given::Text("English"))])
        .await?;
    kea.sees("Trigger word").await?;
    kea.goes("Trigger word", "trigger").await?;
    kea.writes("gbird", 0..0);
    kea.sees("gbird").await?;
    there.says(&chat, "/loras Garden birds");
    let seen = reads("gbird").await?;
    ensure!(seen.text.contains("Trigger word"), "{seen:?}");

    // And apart again: nothing of it is here, everything is there.
    kea.goes("Main menu", "Train an image LoRA").await?;
    kea.uses("unlink", &[]).await?;
    kea.goes("Part this chat", "Each keeps").await?;
    kea.goes("Part it", "stands alone now").await?;
    reads("not joined with Discord any more").await?;
    kea.uses("loras", &[]).await?;
    kea.sees("You have no LoRA yet").await?;
    there.says(&chat, "/loras");
    let seen = reads("My LoRAs").await?;
    ensure!(seen.text.contains("Garden birds"), "{seen:?}");
    Ok(())
}
