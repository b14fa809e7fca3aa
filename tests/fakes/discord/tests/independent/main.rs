//! A client that was written by others: discord.js, which talks to the real Discord every day, talks to the fake.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use lorikeet_fake_discord::{FakeDiscord, Given, Options, Person, Room, Seen, Shown, Trouble};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

/// The bot as a process. Killed when dropped.
struct Bot {
    _process: Child,
    said: Lines<BufReader<ChildStdout>>,
}

impl Bot {
    async fn start(discord: &FakeDiscord) -> Result<Self> {
        let modules = std::env::var_os("LORIKEET_DISCORD_JS")
            .context("LORIKEET_DISCORD_JS is not set: use tests/run")?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("independent/bot.js");
        let mut process = Command::new("node")
            .arg(script)
            .env("NODE_PATH", modules)
            .env("API_ROOT", discord.url())
            .env("TOKEN", discord.token())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("node does not start")?;
        let output = process.stdout.take().context("no standard output")?;
        let mut bot = Self {
            _process: process,
            said: BufReader::new(output).lines(),
        };
        bot.says("ready").await?;
        Ok(bot)
    }

    /// Waits for a line.
    async fn says(&mut self, wanted: &str) -> Result<()> {
        let waiting = async {
            loop {
                let line = self.said.next_line().await?;
                if line.context("the bot ended")? == wanted {
                    return anyhow::Ok(());
                }
            }
        };
        let waited = timeout(PATIENCE, waiting).await;
        waited.with_context(|| format!("the bot never said {wanted}"))?
    }
}

async fn sees(room: &Room, person: &Person, words: &str) -> Result<Seen> {
    let says = |seen: &Seen| seen.text.contains(words);
    room.wait_for(person, words, PATIENCE, says).await
}

#[tokio::test]
async fn a_bot_by_others_finds_everything_as_it_knows_it() -> Result<()> {
    let discord = FakeDiscord::start(Options::default()).await?;
    let _bot = Bot::start(&discord).await?;
    let kea = discord.person("Kea", "en-US");
    let room = kea.private();
    let shown = async |token: String| discord.shown(&token, PATIENCE).await;

    let offered = shown(kea.types(&room, "hello", "name", "Ka")?).await?;
    ensure!(
        offered == Shown::Choices(vec!["Kaka".to_owned()]),
        "{offered:?}"
    );
    let name = [("name", Given::Text("Kaka"))];
    let hello = shown(kea.uses(&room, "hello", &name)?).await?;
    let menu = sees(&room, &kea, "You are Kaka").await?;
    ensure!(hello == Shown::Message(menu.id), "{hello:?}");
    ensure!(
        menu.labels() == ["More", "Ask", "Quiet", "Kea", "Tui"],
        "{menu:?}"
    );

    let kept = shown(kea.presses(&room, menu.id, "More")?).await?;
    ensure!(kept == Shown::Kept, "{kept:?}");
    let more = sees(&room, &kea, "More of it").await?;
    ensure!(more.id == menu.id, "{more:?}");
    let changed = shown(kea.presses(&room, menu.id, "Tui")?).await?;
    ensure!(changed == Shown::Changed, "{changed:?}");
    sees(&room, &kea, "A tui").await?;
    let quiet = shown(kea.presses(&room, menu.id, "Quiet")?).await?;
    let shh = sees(&room, &kea, "Shh").await?;
    ensure!(quiet == Shown::Message(shh.id) && shh.ephemeral, "{shh:?}");
    let asked = kea.presses(&room, menu.id, "Ask")?;
    let form = shown(asked.clone()).await?;
    ensure!(matches!(form, Shown::Form(_)), "{form:?}");
    shown(kea.fills(&asked, &[("What", "hello there")])?).await?;
    sees(&room, &kea, "You said hello there").await?;

    let bytes = vec![7; 100_000];
    let file = [("file", Given::File("bird.bin", &bytes[..]))];
    let later = shown(kea.uses(&room, "echo", &file)?).await?;
    ensure!(later == Shown::Later, "{later:?}");
    let echo = sees(&room, &kea, "Here").await?;
    ensure!(
        echo.files.len() == 1 && echo.files[0].1 == bytes,
        "the file"
    );
    let counted = sees(&room, &kea, "1 file").await?;
    ensure!(counted.ephemeral, "{counted:?}");

    shown(kea.uses(&room, "wrong", &[])?).await?;
    sees(&room, &kea, "400 40060, 400 50035, 400 50035, 404 10003").await?;

    // A message, and the same after the connection broke: the session goes on, and nothing is said twice.
    kea.writes(&room, "look", &[("bird.png", &[1, 2, 3])]);
    sees(&room, &kea, "Kea: look bird.png 3").await?;
    Ok(())
}

#[tokio::test]
async fn its_session_goes_on_and_rates_are_kept() -> Result<()> {
    let discord = FakeDiscord::start(Options::default()).await?;
    let mut bot = Bot::start(&discord).await?;
    let kea = discord.person("Kea", "en-US");
    let room = kea.private();
    for (number, trouble) in [Trouble::Reconnect, Trouble::Cut].into_iter().enumerate() {
        discord.troubles(trouble);
        let words = format!("message {number}");
        kea.writes(&room, &words, &[]);
        bot.says("resumed")
            .await
            .with_context(|| format!("{trouble:?}"))?;
        if number == 0 {
            sees(&room, &kea, &words).await?;
        }
    }
    let told = discord.calls();
    let said = |what: &str| told.iter().filter(|call| call.path == what).count();
    ensure!((said("identify"), said("resume")) == (1, 2), "{told:?}");
    discord
        .shown(&kea.uses(&room, "flood", &[])?, PATIENCE)
        .await?;
    bot.says("limited").await?;
    sees(&room, &kea, "Message 7").await?;
    let refused = discord
        .calls()
        .into_iter()
        .filter(|call| call.status == 429);
    ensure!(refused.count() == 0, "it waits by what the answers say");
    Ok(())
}
