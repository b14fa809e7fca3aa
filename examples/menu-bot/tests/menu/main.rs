//! Every screen of the menu, through a Telegram of the tests' own.

mod program;

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use lorikeet_fake_telegram::{FakeTelegram, Options, Person, Room};
use lorikeet_tests::peers::{Redis, until};

use program::{PATIENCE, Program};

/// A person in front of the menu.
struct Visitor {
    telegram: FakeTelegram,
    person: Person,
    room: Room,
}

impl Visitor {
    fn new(telegram: &FakeTelegram, name: &str) -> Self {
        let person = telegram.person(name, "de");
        Self {
            telegram: telegram.clone(),
            room: person.private(),
            person,
        }
    }

    /// Types a message, and waits for a new one of the bot that says this and has these buttons.
    async fn says(&self, text: &str, said: &str, buttons: &[&str]) -> Result<()> {
        let before = self.room.last().map_or(0, |seen| seen.id);
        self.person.to(&self.room).says(text);
        self.sees(said, buttons, before).await
    }

    /// Presses a button of the newest message, and waits for what it becomes.
    async fn presses(&self, label: &str, said: &str, buttons: &[&str]) -> Result<()> {
        let newest = self.room.find(|seen| seen.from_bot).context("a message")?;
        self.person.presses(&self.room, newest.id, label)?;
        self.sees(said, buttons, newest.id - 1).await
    }

    /// Presses a button that leads to where one is, and waits until the same screen was shown once more.
    async fn presses_again(&self, label: &str) -> Result<()> {
        let before = self.room.find(|seen| seen.from_bot).context("a message")?;
        self.person.presses(&self.room, before.id, label)?;
        let again = |seen: &lorikeet_fake_telegram::Seen| {
            seen.id == before.id && seen.edits > before.edits && seen.text == before.text
        };
        self.room.wait_for(&before.text, PATIENCE, again).await?;
        Ok(())
    }

    async fn sees(&self, said: &str, buttons: &[&str], after: i64) -> Result<()> {
        let what = format!("{said} {buttons:?}");
        let wanted = |seen: &lorikeet_fake_telegram::Seen| {
            seen.from_bot && seen.id > after && seen.text.contains(said) && seen.labels() == buttons
        };
        let outcome = self.room.wait_for(&what, PATIENCE, wanted).await;
        outcome.with_context(|| format!("{:?}", self.room.find(|seen| seen.from_bot)))?;
        Ok(())
    }
}

const MAIN: [&str; 6] = ["Counter", "List", "Name", "Settings", "About", "Close"];
const COUNTER: [&str; 4] = ["-1", "+1", "Reset", "Back"];
const LIKE: [&str; 2] = ["Like", "Back"];

fn page(first: u8) -> Vec<String> {
    let items = (first..first + 5).map(|item| format!("Item {item}"));
    items.chain(["<", ">", "Back"].map(str::to_owned)).collect()
}

#[tokio::test]
async fn every_screen_does_what_it_says() -> Result<()> {
    let redis = Redis::start(&[]).await?;
    let telegram = FakeTelegram::start(Options::default()).await?;
    let program = Program::start(&telegram, &redis).await?;
    let kea = Visitor::new(&telegram, "Kea");
    let list = |first| page(first);
    let labels = |all: &'static [String]| all.iter().map(String::as_str).collect::<Vec<_>>();
    let pages: &'static [Vec<String>] = Vec::leak(vec![list(1), list(6)]);

    kea.says("/start", "Main menu", &MAIN).await?;
    kea.presses("Counter", "Counter: 0", &COUNTER).await?;
    kea.presses("+1", "Counter: 1", &COUNTER).await?;
    kea.presses("+1", "Counter: 2", &COUNTER).await?;
    kea.presses("Reset", "Counter: 0", &COUNTER).await?;
    kea.presses("-1", "Counter: -1", &COUNTER).await?;
    kea.presses("Back", "Main menu", &MAIN).await?;

    kea.presses("List", "List page 1/10", &labels(&pages[0]))
        .await?;
    kea.presses(">", "List page 2/10", &labels(&pages[1]))
        .await?;
    kea.presses("Item 7", "Item 7: not liked", &LIKE).await?;
    kea.presses("Like", "Item 7: liked", &LIKE).await?;
    kea.presses("Like", "Item 7: not liked", &LIKE).await?;
    kea.presses("Like", "Item 7: liked", &LIKE).await?;
    kea.presses("Back", "List page 2/10", &labels(&pages[1]))
        .await?;
    kea.presses("<", "List page 1/10", &labels(&pages[0]))
        .await?;
    kea.presses("Back", "Main menu", &MAIN).await?;

    kea.presses("Settings", "Settings: sound on", &["Sound: on", "Back"])
        .await?;
    kea.presses("Sound: on", "Settings: sound off", &["Sound: off", "Back"])
        .await?;
    kea.presses("Back", "Main menu", &MAIN).await?;

    kea.presses("Name", "name?", &["Cancel"]).await?;
    kea.presses("Cancel", "Main menu", &MAIN).await?;
    kea.presses("Name", "name?", &["Cancel"]).await?;
    kea.says("Kea & <Co>", "Hello, Kea & <Co>!", &["Back"])
        .await?;
    kea.presses("Back", "Main menu", &MAIN).await?;
    // The menu drops the question.
    kea.presses("Name", "name?", &["Cancel"]).await?;
    kea.says("/menu", "Main menu", &MAIN).await?;
    kea.says("Nobody", "Main menu", &MAIN).await?;

    kea.presses("About", "About...", &["Back"]).await?;
    kea.presses("Back", "Main menu", &MAIN).await?;
    kea.presses("Close", "Closed", &[]).await?;

    // What a person counted, liked and switched outlives the menu, and the process.
    let ended = format!("/proc/{}/stat", program.id());
    Command::new("kill")
        .arg(program.id().to_string())
        .status()?;
    until("the end of the process", PATIENCE, || async {
        Ok(std::fs::read_to_string(&ended)?.contains(") Z "))
    })
    .await?;
    let _program = Program::start(&telegram, &redis).await?;
    kea.says("/menu", "Main menu", &MAIN).await?;
    kea.presses("Counter", "Counter: -1", &COUNTER).await?;
    kea.says("/menu", "Main menu", &MAIN).await?;
    kea.presses("Settings", "Settings: sound off", &["Sound: off", "Back"])
        .await?;
    kea.presses("Sound: off", "Settings: sound on", &["Sound: on", "Back"])
        .await?;
    kea.says("/menu", "Main menu", &MAIN).await?;
    kea.presses("List", "List page 1/10", &labels(&pages[0]))
        .await?;
    kea.presses(">", "List page 2/10", &labels(&pages[1]))
        .await?;
    kea.presses("Item 7", "Item 7: liked", &LIKE).await?;

    // Another person begins at the beginning.
    let tui = Visitor::new(&telegram, "Tui");
    tui.says("/menu", "Main menu", &MAIN).await?;
    tui.presses("Counter", "Counter: 0", &COUNTER).await?;
    ensure!(kea.telegram.unanswered().is_empty());
    Ok(())
}

#[tokio::test]
async fn the_list_has_two_ends_and_opens_at_its_first() -> Result<()> {
    let redis = Redis::start(&[]).await?;
    let telegram = FakeTelegram::start(Options::default()).await?;
    let _program = Program::start(&telegram, &redis).await?;
    let kea = Visitor::new(&telegram, "Kea");
    let shows = async |press: &str, number: u8| {
        let labels = page((number - 1) * 5 + 1);
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        kea.presses(press, &format!("List page {number}/10"), &labels)
            .await
    };
    kea.says("/menu", "Main menu", &MAIN).await?;
    shows("List", 1).await?;
    kea.presses_again("<").await?;
    for number in 2..=10 {
        shows(">", number).await?;
    }
    kea.presses_again(">").await?;
    shows("<", 9).await?;
    kea.presses("Item 45", "Item 45: not liked", &LIKE).await?;
    shows("Back", 9).await?;
    kea.presses("Back", "Main menu", &MAIN).await?;
    shows("List", 1).await?;
    shows(">", 2).await
}

#[tokio::test]
async fn two_people_do_not_mix() -> Result<()> {
    let redis = Redis::start(&[]).await?;
    let telegram = FakeTelegram::start(Options::default()).await?;
    let _program = Program::start(&telegram, &redis).await?;
    let (kea, tui) = (
        Visitor::new(&telegram, "Kea"),
        Visitor::new(&telegram, "Tui"),
    );
    for visitor in [&kea, &tui] {
        visitor.says("/menu", "Main menu", &MAIN).await?;
        visitor.presses("Counter", "Counter: 0", &COUNTER).await?;
    }
    for count in 1..=5 {
        kea.presses("+1", &format!("Counter: {count}"), &COUNTER)
            .await?;
        tui.presses("-1", &format!("Counter: -{count}"), &COUNTER)
            .await?;
    }
    for visitor in [&kea, &tui] {
        visitor.presses("Back", "Main menu", &MAIN).await?;
        visitor.presses("Name", "name?", &["Cancel"]).await?;
    }
    tui.says("Tui", "Hello, Tui!", &["Back"]).await?;
    kea.says("Kea", "Hello, Kea!", &["Back"]).await
}
