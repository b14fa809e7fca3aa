//! Many processes over one Redis and one PostgreSQL: Discord brings interactions to any of them, or one of them asks.

use anyhow::{Context as _, Result, ensure};
use lorikeet_fake_discord::{FakeDiscord, Given, Options, Shown};
use lorikeet_tests::bot::Bot;
use lorikeet_tests::forward::Forwarder;
use lorikeet_tests::ground::Ground;
use lorikeet_tests::peers::free_port;
use lorikeet_tests::web::http::ask;

use crate::chat::Chat;
use crate::stage::{by_gateway, by_http, connected, discord, logged};

/// Two members of a server and one in private, at once.
async fn train(discord: &FakeDiscord) -> Result<()> {
    let (kea, tui) = (
        discord.person("Kea", "en-US"),
        discord.person("Tui", "en-US"),
    );
    let room = discord.channel("birds", &[&kea, &tui]);
    let (kea, tui) = (
        Chat::of(discord, &kea, &room),
        Chat::of(discord, &tui, &room),
    );
    let moa = Chat::private(discord, "Moa", "en-US");
    tokio::try_join!(
        trains(&kea, "Kea and birds", "kea-and-birds-1.0.safetensors", 0),
        trains(&tui, "Tui and birds", "tui-and-birds-1.0.safetensors", 20),
        trains(&moa, "Garden birds", "garden-birds-1.0.safetensors", 40),
    )?;
    Ok(())
}

async fn trains(chat: &Chat, name: &str, file: &str, seed: u64) -> Result<()> {
    chat.names(name).await?;
    chat.sees("0 of 20").await?;
    chat.brings(seed..seed + 4, "").await?;
    chat.sees("4 of 20").await?;
    chat.goes("Continue", "What does it show?").await?;
    chat.reviews().await?;
    chat.trains(file).await
}

/// Interactions that got no answer in time.
fn failed(discord: &FakeDiscord) -> Vec<String> {
    let calls = discord.calls().into_iter();
    let failed = calls.filter(|call| call.method == "INTERACTION");
    failed.map(|call| call.path).collect()
}

/// Three processes that Discord brings interactions to by turns.
struct Fleet {
    ground: Ground,
    bots: Vec<Bot>,
    forwarder: Forwarder,
}

impl Fleet {
    async fn start(name: &str, discord: &FakeDiscord) -> Result<Self> {
        let ground = Ground::lay(name).await?;
        let ports = [free_port()?, free_port()?, free_port()?];
        let forwarder = Forwarder::start(&ports).await?;
        let mut bots = Vec::new();
        for (number, port) in ports.into_iter().enumerate() {
            bots.push(ground.start(number, by_http(discord, port))?);
            logged(&ground.own(number), "interactions are listened for").await?;
        }
        let endpoint = format!("http://127.0.0.1:{}/", forwarder.port);
        discord.saves_endpoint(&endpoint).await?;
        Ok(Self {
            ground,
            bots,
            forwarder,
        })
    }
}

#[tokio::test]
async fn members_train_on_any_of_three_processes() -> Result<()> {
    let discord = discord().await?;
    let fleet = Fleet::start("discord_rooms", &discord).await?;
    train(&discord).await?;
    let states = fleet.ground.runs()?;
    ensure!(states == vec!["done"; 3], "{states:?}");
    let answered = fleet.forwarder.answered();
    ensure!(answered.iter().all(|count| *count > 5), "{answered:?}");
    ensure!(failed(&discord).is_empty(), "{:?}", failed(&discord));
    Ok(())
}

#[tokio::test]
async fn processes_die_between_a_press_and_its_answer() -> Result<()> {
    let discord = discord().await?;
    let mut fleet = Fleet::start("discord_fleet", &discord).await?;
    let kea = Chat::private(&discord, "Kea", "en-US");
    kea.names("Garden birds").await?;
    kea.sees("0 of 20").await?;
    for number in 0..fleet.bots.len() {
        let seed = number as u64;
        // Whoever was asked may die before the event is kept, or behind it; the person knows by what they see.
        let bird = crate::stage::picture(seed);
        let given = [("image1", Given::File("bird.png", &bird[..]))];
        let token = kea.person.uses(&kea.room, "train add", &given)?;
        fleet.bots[number].kill_and_restart()?;
        logged(&fleet.ground.own(number), "interactions are listened for").await?;
        if discord.shown(&token, Chat::PATIENCE).await? == Shown::Failed {
            kea.brings(seed..seed + 1, "").await?;
        }
        let has = |seen: &lorikeet_fake_discord::Seen| {
            // The one that failed may have been kept all the same: then it is the same picture twice, which is said.
            seen.text.contains(&format!("{} of 20", number + 1))
        };
        kea.room
            .wait_for(&kea.person, "the pictures", Chat::PATIENCE, has)
            .await?;
    }
    // One stays dead: what is brought to it fails, and the others go on.
    drop(fleet.bots.remove(0));
    let mut seen = 0;
    for _ in 0..6 {
        match kea.uses("loras", &[]).await? {
            Shown::Failed => {}
            _ => seen += 1,
        }
    }
    ensure!(seen >= 4, "{seen} of 6");
    kea.sees("Garden birds").await?;
    Ok(())
}

#[tokio::test]
async fn members_train_while_one_of_two_processes_asks() -> Result<()> {
    let discord = discord().await?;
    let ground = Ground::lay("discord_asked").await?;
    let _bots = [
        ground.start(0, by_gateway(&discord))?,
        ground.start(1, by_gateway(&discord))?,
    ];
    connected(&discord).await?;
    train(&discord).await?;
    let states = ground.runs()?;
    ensure!(states == vec!["done"; 3], "{states:?}");
    ensure!(failed(&discord).is_empty(), "{:?}", failed(&discord));
    ensure!(discord.connected() == 1, "one of them leads");
    Ok(())
}

#[tokio::test]
async fn who_asks_dies_and_another_goes_on_with_the_session() -> Result<()> {
    let discord = discord().await?;
    let ground = Ground::lay("discord_led").await?;
    let mut bots = Vec::new();
    for number in 0..2 {
        bots.push(Some(ground.start(number, by_gateway(&discord))?));
    }
    connected(&discord).await?;
    let kea = Chat::private(&discord, "Kea", "en-US");
    kea.names("Garden birds").await?;
    kea.sees("0 of 20").await?;
    for round in 1..=2_u64 {
        let leader = ground.leader(&bots).await?;
        kea.writes("", 10 * round..10 * round + 1);
        bots[leader] = None;
        kea.writes("", 10 * round + 1..10 * round + 2);
        kea.sees(&format!("{} of 20", 2 * round)).await?;
        // It stands by again, as the other one.
        std::fs::remove_file(ground.own(leader).join("bot.log"))?;
        bots[leader] = Some(ground.start(leader, by_gateway(&discord))?);
    }
    kea.goes("Main menu", "Train an image LoRA").await?;
    let calls = discord.calls();
    let said = |what: &str| calls.iter().filter(|call| call.path == what).count();
    ensure!(said("identify") == 1, "one session for all of them");
    ensure!(said("resume") >= 2);
    let loras = ground.database.rows("SELECT count(*) FROM loras")?;
    ensure!(loras == ["1"], "{loras:?}");
    Ok(())
}

#[tokio::test]
async fn parts_of_the_gateway_are_led_by_processes_of_their_own() -> Result<()> {
    let discord = FakeDiscord::start(Options {
        shards: 2,
        identify_every: std::time::Duration::from_millis(500),
        ..Options::default()
    })
    .await?;
    let ground = Ground::lay("discord_parts").await?;
    let part = |shards: &str| {
        let mut settings = by_gateway(&discord);
        settings.push(("DISCORD__SHARDS", shards.to_owned()));
        settings
    };
    let mut bots = Vec::new();
    for (number, shards) in ["0 of 2", "1 of 2", "1 of 2"].into_iter().enumerate() {
        bots.push(Some(ground.start(number, part(shards))?));
    }
    connected(&discord).await?;
    let tui = discord.person("Tui", "en-US");
    let room = loop {
        let room = discord.channel("birds", &[&tui]);
        if room.guild().is_some_and(|guild| (guild >> 22) % 2 == 1) {
            break room;
        }
    };
    let tui = Chat::of(&discord, &tui, &room);
    let kea = Chat::private(&discord, "Kea", "en-US");
    kea.names("Garden birds").await?;
    kea.sees("0 of 20").await?;
    tui.names("Sea birds").await?;
    tui.sees("0 of 20").await?;
    let leads = |number: usize| {
        let log = std::fs::read_to_string(ground.own(number).join("bot.log"))?;
        anyhow::Ok(log.contains(" leading"))
    };
    ensure!(leads(0)?, "one for private chats");
    ensure!(leads(1)? != leads(2)?, "one for the server");
    // Who stands by for a part goes on with it, and with no other.
    let dies = if leads(1)? { 1 } else { 2 };
    bots[dies] = None;
    kea.writes("", 0..1);
    kea.sees("1 of 20").await?;
    let bot = format!("<@{}>", discord.application());
    tui.writes(&format!("{bot} here"), 1..3);
    tui.sees("2 of 20").await?;
    ensure!(leads(3 - dies)?);
    let calls = discord.calls();
    let resumed = calls.iter().filter(|call| call.path == "resume").count();
    ensure!(resumed >= 1, "with the same session");
    Ok(())
}

#[tokio::test]
async fn a_file_too_large_for_discord_comes_as_a_link_that_opens() -> Result<()> {
    let discord = discord().await?;
    let ground = Ground::lay("discord_large").await?;
    let port = free_port()?;
    let site = format!("http://127.0.0.1:{port}");
    let mut settings = by_gateway(&discord);
    settings.extend([
        ("WEB__LISTEN", format!("127.0.0.1:{port}")),
        ("WEB__PUBLIC_URL", site.clone()),
    ]);
    let _bot = ground.start(0, settings)?;
    connected(&discord).await?;
    let kea = Chat::private(&discord, "Kea", "en-US");
    trains(&kea, "Garden birds", "garden-birds-1.0.safetensors", 0).await?;
    // The built-in engine's files are small: what is kept of this one says that it has 60 MB.
    ground.claims_large_files()?;
    kea.uses("loras", &[("name", Given::Text("Garden birds"))])
        .await?;
    kea.sees("Version 1.0").await?;
    kea.press("garden-birds-1.0.safetensors").await?;
    let said = kea.sees(&site).await?;
    ensure!(
        said.text.contains("60 MB") && said.text.contains("10 MB"),
        "{}",
        said.text
    );
    let from = said.text.find(&site).context("a link")? + site.len();
    let path = said.text[from..]
        .split_whitespace()
        .next()
        .context("a path")?;
    let path = path.trim_end_matches([')', '>']);
    let opened = ask(port, &format!("GET {path}"), "", b"").await?;
    ensure!(opened.status == 200, "{path}: {}", opened.status);
    ensure!(opened.body.contains("\"dtype\""), "no LoRA");
    Ok(())
}

#[tokio::test]
async fn what_comes_after_a_token_is_over_comes_as_a_message() -> Result<()> {
    let discord = FakeDiscord::start(Options {
        answers_for: std::time::Duration::from_secs(2),
        ..Options::default()
    })
    .await?;
    let fleet = Fleet::start("discord_late", &discord).await?;
    let kea = Chat::private(&discord, "Kea", "en-US");
    kea.names("Garden birds").await?;
    kea.sees("0 of 20").await?;
    fleet
        .ground
        .redis
        .admin(&["CLIENT", "PAUSE", "2800", "ALL"])?;
    let shown = kea.brings(0..1, "").await?;
    ensure!(shown == Shown::Later, "{shown:?}");
    let seen = kea.sees("1 of 20").await?;
    let promised = kea.room.seen_by(&kea.person);
    let promised = promised.iter().find(|seen| seen.loading);
    ensure!(
        promised.is_some_and(|promised| promised.id != seen.id),
        "a message of its own: {seen:?}"
    );
    kea.goes("Main menu", "Train an image LoRA").await?;
    Ok(())
}

#[tokio::test]
async fn a_store_that_hangs_leaves_nobody_without_an_answer() -> Result<()> {
    let discord = discord().await?;
    let fleet = Fleet::start("discord_slow", &discord).await?;
    let kea = Chat::private(&discord, "Kea", "en-US");
    kea.names("Garden birds").await?;
    kea.sees("0 of 20").await?;
    let hangs = || {
        fleet
            .ground
            .redis
            .admin(&["CLIENT", "PAUSE", "2500", "ALL"])
    };
    hangs()?;
    // Longer than an answer waits: it is told that something is coming, and then it comes there.
    let shown = kea.brings(0..1, "").await?;
    ensure!(shown == Shown::Later, "{shown:?}");
    let seen = kea.sees("1 of 20").await?;
    ensure!(!seen.loading, "{seen:?}");
    hangs()?;
    let token = kea.press("Main menu").await?;
    let shown = discord.shown(&token, Chat::PATIENCE).await?;
    ensure!(shown == Shown::Kept, "{shown:?}");
    kea.sees("Train an image LoRA").await?;
    let rest = || {
        let seen = kea.room.seen_by(&kea.person);
        (!seen.iter().any(|seen| seen.loading)).then_some(())
    };
    // Where another process answered, the words that something is coming are taken back after a minute.
    let long = std::time::Duration::from_secs(90);
    discord
        .wait_until("nothing to be promised any more", long, rest)
        .await?;
    ensure!(failed(&discord).is_empty(), "{:?}", failed(&discord));
    Ok(())
}
