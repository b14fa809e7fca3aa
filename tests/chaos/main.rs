//! Three processes over one Redis and one PostgreSQL, people who train LoRAs through whichever process answers, by its page,
//! by Telegram or by Discord, and somebody who breaks things: kills, stops, pauses longer than a lease, clocks half a minute apart, lines to Redis that are cut, slow or dead, and Redis
//! itself. Every message is delivered up to three times. Afterwards everything has happened once, and nothing is left. Only a new message may stand there twice, when who sent it
//! did not live to write that down; these are counted.
//!
//! `LORIKEET_CHAOS_SEEDS` seeds are run (one, if it is not set), from `LORIKEET_CHAOS_FIRST` on.

#![expect(
    clippy::print_stdout,
    reason = "the report is what the suite is run for"
)]

mod aftermath;
mod by_discord;
mod by_matrix;
mod by_telegram;
mod by_web;
mod faults;
mod fleet;
mod person;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use lorikeet_fake_discord::FakeDiscord;
use lorikeet_fake_telegram::{FakeTelegram, Options};
use tokio::task::JoinSet;

use crate::by_discord::ByDiscord;
use crate::by_matrix::ByMatrix;
use crate::by_telegram::ByTelegram;
use crate::by_web::ByWeb;
use crate::faults::Injected;
use crate::fleet::{Fleet, Platforms};
use crate::person::{Done, makes};
use lorikeet_tests::matrix::Homeserver;
use lorikeet_tests::peers::{Database, Redis};

/// People at the same time; by turns at the page, by Telegram, by Discord and by Matrix.
const PEOPLE: usize = 8;
/// LoRAs each of them makes.
const LORAS: usize = 3;
/// For so long things are broken; then all is well, and everybody gets to the end.
const BREAKING: Duration = Duration::from_secs(60);

/// What came of one seed.
struct Report {
    seed: u64,
    took: Duration,
    injected: Injected,
    sent: usize,
    redelivered: usize,
    repeated: usize,
    twice: usize,
    found: aftermath::Found,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_doubled_or_stuck() -> Result<()> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let first: u64 = number("LORIKEET_CHAOS_FIRST").unwrap_or(1);
    let seeds: u64 = number("LORIKEET_CHAOS_SEEDS").unwrap_or(1);
    let mut broken = 0;
    for seed in first..first + seeds {
        let report = run(seed).await.with_context(|| format!("seed {seed}"))?;
        report.print();
        broken += usize::from(!report.found.is_clean());
    }
    ensure!(broken == 0, "{broken} of {seeds} seeds broke a promise");
    Ok(())
}

async fn run(seed: u64) -> Result<Report> {
    let begun = Instant::now();
    let disk = ["--appendonly", "yes", "--appendfsync", "always"];
    let redis = Arc::new(Redis::start(&disk).await?);
    let database = Database::create(&format!("chaos_{seed}"))?;
    let telegram = FakeTelegram::start(Options::default()).await?;
    let discord = FakeDiscord::start(lorikeet_fake_discord::Options::default()).await?;
    let homeserver = Arc::new(Homeserver::shared()?);
    let bot = homeserver.register("lorikeet")?;
    let platforms = Platforms {
        telegram: telegram.clone(),
        discord: discord.clone(),
        matrix: (homeserver.url.clone(), bot.clone()),
    };
    let fleet = Arc::new(Fleet::start(seed, &redis, &database, &platforms).await?);

    let mut people = JoinSet::new();
    for number in 0..PEOPLE {
        match number % 4 {
            0 => {
                let person = ByWeb::new(number, seed, Arc::clone(&fleet))?;
                people.spawn(makes(person, LORAS));
            }
            1 => {
                let person = ByTelegram::new(number, seed, &telegram);
                people.spawn(makes(person, LORAS));
            }
            2 => {
                let person = ByDiscord::new(number, seed, &discord);
                people.spawn(makes(person, LORAS));
            }
            _ => {
                let person = ByMatrix::new(number, seed, &homeserver, &bot);
                people.spawn(makes(person, LORAS));
            }
        }
    }
    let breaking = tokio::spawn(faults::inject(
        seed,
        Arc::clone(&fleet),
        Arc::clone(&redis),
        platforms,
        BREAKING,
    ));
    let mut everybody: Vec<Done> = Vec::new();
    while let Some(done) = people.join_next().await {
        everybody.push(done?);
    }
    let injected = breaking.await??;

    let mut found = aftermath::look(&everybody, &redis, &database, &telegram, LORAS).await?;
    if injected.unruly > 0 {
        let stuck = format!("{} processes did not end when told", injected.unruly);
        found.stuck.push(stuck);
    }
    let twice = by_telegram::twice(&telegram);
    if twice > injected.breaks() {
        let doubled =
            format!("{twice} new messages stand there twice, more than there were breaks");
        found.doubled.push(doubled);
    }
    if !found.is_clean() {
        // The processes' logs are what an engineer wants then.
        fleet.keep_logs(seed)?;
    }
    let total = |count: fn(&Done) -> usize| everybody.iter().map(count).sum();
    Ok(Report {
        seed,
        took: begun.elapsed(),
        injected,
        sent: total(|done| done.sent),
        redelivered: total(|done| done.redelivered),
        repeated: total(|done| done.repeated) + fleet.forwarder.lost(),
        twice,
        found,
    })
}

impl Report {
    fn print(&self) {
        let Self {
            seed,
            took,
            injected,
            sent,
            redelivered,
            repeated,
            twice,
            found,
        } = self;
        println!(
            "seed {seed}: {sent} events sent, {redelivered} delivered again, {repeated} repeated after no answer; \
             {injected}; {twice} new messages twice; {} lost, {} doubled, {} stuck; {:.0} s",
            found.lost.len(),
            found.doubled.len(),
            found.stuck.len(),
            took.as_secs_f64(),
        );
        for (what, all) in [
            ("lost", &found.lost),
            ("doubled", &found.doubled),
            ("stuck", &found.stuck),
        ] {
            for one in all {
                println!("  {what}: {one}");
            }
        }
    }
}
