//! Many processes over one Redis and one PostgreSQL: Telegram brings updates to any of them, or one of them asks.

use anyhow::{Context as _, Result, ensure};
use lorikeet_fake_telegram::{FakeTelegram, Fault, Item};
use lorikeet_tests::bot::Bot;
use lorikeet_tests::forward::Forwarder;
use lorikeet_tests::ground::Ground;
use lorikeet_tests::peers::free_port;
use lorikeet_tests::web::http::ask;

use crate::chat::Chat;
use crate::path::trains_in_a_room;
use crate::stage::{by_polling, by_webhook, logged, picture, telegram};

/// Three processes that Telegram brings its updates to by turns.
struct Fleet {
    ground: Ground,
    bots: Vec<Bot>,
    forwarder: Forwarder,
}

impl Fleet {
    async fn start(name: &str, telegram: &FakeTelegram) -> Result<Self> {
        let ground = Ground::lay(name).await?;
        let ports = [free_port()?, free_port()?, free_port()?];
        let forwarder = Forwarder::start(&ports).await?;
        let mut bots = Vec::new();
        for (number, port) in ports.into_iter().enumerate() {
            bots.push(ground.start(number, by_webhook(telegram, port, forwarder.port))?);
            logged(&ground.own(number), "updates are listened for").await?;
        }
        Ok(Self {
            ground,
            bots,
            forwarder,
        })
    }

    /// Whether everything was taken and answered, and each had its share.
    async fn has_done_it_all(&self, telegram: &FakeTelegram, runs: usize) -> Result<()> {
        let idle = || (telegram.pending_updates() == 0).then_some(());
        telegram
            .wait_until("everything to be taken", Chat::PATIENCE, idle)
            .await?;
        let unanswered = telegram.unanswered();
        ensure!(unanswered.is_empty(), "{unanswered:?}");
        let states = self.ground.runs()?;
        ensure!(states == vec!["done"; runs], "{states:?}");
        let answered = self.forwarder.answered();
        ensure!(answered.iter().all(|count| *count > 1), "{answered:?}");
        Ok(())
    }
}

#[tokio::test]
async fn members_and_topics_train_on_any_of_three_processes() -> Result<()> {
    let telegram = telegram().await?;
    let fleet = Fleet::start("telegram_rooms", &telegram).await?;
    train_in_rooms(&telegram).await?;
    fleet.has_done_it_all(&telegram, 3).await
}

#[tokio::test]
async fn members_and_topics_train_while_one_of_two_processes_asks() -> Result<()> {
    let telegram = telegram().await?;
    let ground = Ground::lay("telegram_polled_rooms").await?;
    let _bots = [
        ground.start(0, by_polling(&telegram))?,
        ground.start(1, by_polling(&telegram))?,
    ];
    train_in_rooms(&telegram).await?;
    let states = ground.runs()?;
    ensure!(states == vec!["done"; 3], "{states:?}");
    let unanswered = telegram.unanswered();
    ensure!(unanswered.is_empty(), "{unanswered:?}");
    Ok(())
}

/// Two members of a group and one in a topic, at once.
async fn train_in_rooms(telegram: &FakeTelegram) -> Result<()> {
    let (kea, tui) = (telegram.person("Kea", "en"), telegram.person("Tui", "en"));
    let group = telegram.supergroup("Birds", &[&kea, &tui]);
    let forum = telegram.forum("Aviary", &[&kea]);
    let topic = Chat {
        thread: Some(forum.topic(&kea, "LoRAs")),
        ..Chat::of(&kea, &forum)
    };
    let (kea, tui) = (Chat::of(&kea, &group), Chat::of(&tui, &group));
    tokio::try_join!(
        trains_in_a_room(&kea, "Kea and birds", "kea-and-birds-1.0.safetensors", 0),
        trains_in_a_room(&tui, "Tui and birds", "tui-and-birds-1.0.safetensors", 20),
        trains_in_a_room(&topic, "Garden birds", "garden-birds-1.0.safetensors", 40),
    )?;
    let strays = forum.find(|seen| seen.from_bot && seen.thread != topic.thread);
    ensure!(strays.is_none(), "outside of the topic: {strays:?}");
    kea.each_screen_once()?;
    topic.each_screen_once()
}

#[tokio::test]
async fn updates_go_to_any_of_three_processes() -> Result<()> {
    let telegram = telegram().await?;
    let mut fleet = Fleet::start("telegram_fleet", &telegram).await?;
    let kea = Chat::private(&telegram, "Kea", "en");
    kea.begins("Garden birds").await?;
    let album: Vec<Item> = (0..4).map(|seed| Item::photo(picture(seed))).collect();
    kea.talk().album(&album)?;
    kea.sees("4 of 20").await?;
    // Each of them dies while something is on its way, and comes back.
    for (number, seed) in (0..fleet.bots.len()).zip(10..) {
        kea.talk().photo(picture(seed))?;
        kea.talk()
            .caption("a bird on a branch")
            .photo(picture(seed + 10))?;
        fleet.bots[number].kill_and_restart()?;
        let pictures = 4 + 2 * (number + 1);
        kea.sees(&format!("{pictures} of 20, {} with", number + 1))
            .await?;
    }
    kea.press("Continue").await?;
    kea.sees("What does it show?").await?;
    // One stays dead: what is brought to it has no answer, and comes again.
    drop(fleet.bots.remove(0));
    kea.reviews().await?;
    kea.trains("garden-birds-1.0.safetensors").await?;
    fleet.has_done_it_all(&telegram, 1).await
}

#[tokio::test]
async fn who_asks_dies_and_another_asks() -> Result<()> {
    let telegram = telegram().await?;
    let ground = Ground::lay("telegram_polled").await?;
    let mut bots = Vec::new();
    for number in 0..2 {
        bots.push(Some(ground.start(number, by_polling(&telegram))?));
    }
    let kea = Chat::private(&telegram, "Kea", "en");
    kea.says("/train Garden birds");
    kea.sees("0 of 20").await?;
    for round in 1..=2_u64 {
        let leader = ground.leader(&bots).await?;
        let before = (kea.room.messages().len(), telegram.count("getFile"));
        // It takes what is said, cannot confirm that, nor answer, and dies.
        hold_its_tongue(&telegram, &kea, round)?;
        let taken = || (telegram.count("getFile") > before.1).then_some(());
        telegram
            .wait_until("the picture to be asked for", Chat::PATIENCE, taken)
            .await?;
        bots[leader] = None;
        telegram.calm();
        kea.talk().photo(picture(10 + round))?;
        kea.sees(&format!("{} of 20", 2 * round)).await?;
        ensure!(kea.room.messages().len() > before.0);
        // It stands by again, as the other one.
        std::fs::remove_file(ground.own(leader).join("bot.log"))?;
        bots[leader] = Some(ground.start(leader, by_polling(&telegram))?);
    }
    kea.goes("Main menu", "Train an image LoRA").await?;
    kea.each_screen_once()?;
    let loras = ground.database.rows("SELECT count(*) FROM loras")?;
    ensure!(loras == ["1"], "{loras:?}");
    Ok(())
}

#[tokio::test]
async fn a_file_too_large_for_telegram_comes_as_a_link_that_opens() -> Result<()> {
    let telegram = telegram().await?;
    let ground = Ground::lay("telegram_large").await?;
    let port = free_port()?;
    let site = format!("http://127.0.0.1:{port}");
    let mut settings = by_polling(&telegram);
    settings.extend([
        ("WEB__LISTEN", format!("127.0.0.1:{port}")),
        ("WEB__PUBLIC_URL", site.clone()),
    ]);
    let _bot = ground.start(0, settings)?;
    let kea = Chat::private(&telegram, "Kea", "en");
    kea.starts_training("Garden birds").await?;
    let file = "garden-birds-1.0.safetensors";
    kea.room
        .wait_for(file, Chat::PATIENCE, |seen| {
            seen.labels().iter().any(|label| label.contains(file))
        })
        .await?;
    // The built-in engine's files are small: what is kept of this one says that it has 60 MB.
    ground.claims_large_files()?;
    kea.says("/loras");
    kea.goes("Garden birds", "Version 1.0").await?;
    kea.press(file).await?;
    let said = kea.sees(&site).await?;
    ensure!(
        said.text.contains("60 MB") && said.text.contains("50 MB"),
        "{}",
        said.text
    );
    let link = said.text.lines().find_map(|line| line.strip_prefix(&site));
    let path = link.context("a link")?;
    let opened = ask(port, &format!("GET {path}"), "", b"").await?;
    ensure!(opened.status == 200, "{}", opened.status);
    ensure!(opened.body.contains("\"dtype\""), "no LoRA");
    // Not for another file, or for longer.
    let other = path.replacen("garden", "other", 1);
    let refused = ask(port, &format!("GET {other}"), "", b"").await?;
    ensure!(
        refused.status == 404 || refused.status == 403,
        "{}",
        refused.status
    );
    Ok(())
}

/// Whatever the bot sends from now on waits, and so does its next question for updates.
fn hold_its_tongue(telegram: &FakeTelegram, kea: &Chat, seed: u64) -> Result<()> {
    let long = Chat::PATIENCE;
    telegram.forget_confirmation();
    telegram.storm(Fault::Slow(long), long);
    kea.talk().photo(picture(seed))?;
    Ok(())
}
