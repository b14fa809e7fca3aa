//! The menu bot under load: people who press a button as soon as the last press is answered on their screen, by webhooks, through a
//! Telegram of the tests' own; and beside it, in the same run, a handler that does only what no bot can do without. Prints the rows
//! of docs/performance.md.
#![expect(clippy::print_stdout, reason = "figures are what it is run for")]
// What a bench shares with the tests it does not use all of.
#[path = "../../tests/menu/program.rs"]
mod program;

mod bare;

use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context as _, Result};
use lorikeet_fake_telegram::{FakeTelegram, Options, Person, Room};
use lorikeet_tests::peers::Redis;
use tokio::runtime::Builder;
use tokio::task::JoinSet;

use program::{PATIENCE, Program};

/// How long each row is measured.
const LASTS: Duration = Duration::from_secs(10);
/// People the bot has met when its memory is read.
const MET: usize = 10_000;

/// Set for the copy of this program that is the bare handler.
const BARE: &str = "LORIKEET_BENCH_BARE";

/// As the menu bot has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<()> {
    if env::var_os(BARE).is_some() {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        return runtime.block_on(bare::serve());
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    runtime.block_on(compare())
}

async fn compare() -> Result<()> {
    println!(
        "| users | | updates/s | updates/s per core of the bot | median | 99 % | Redis commands an update | µs of Redis |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let (bare, ours) = (Peers::start(true).await?, Peers::start(false).await?);
    // Turn by turn, so that a machine that is slower for a while is so for both.
    for users in [1, 64, 512] {
        let mut per_core = Vec::new();
        for (name, peers) in [("bare handler", &bare), ("menu bot", &ours)] {
            per_core.push(row(name, peers, users).await?);
        }
        println!(
            "| {users} | ratio | | {:.2} | | | | |",
            per_core[1] / per_core[0]
        );
    }
    let Peers {
        telegram,
        redis: _redis,
        bot,
    } = ours;
    for batch in 0..MET / 100 {
        let mut met = JoinSet::new();
        for number in 0..100 {
            let visitor = Visitor::new(&telegram, batch * 100 + number);
            met.spawn(async move { visitor.begins().await });
        }
        while let Some(one) = met.join_next().await {
            one??;
        }
    }
    println!(
        "\n{} MB resident after {MET} users",
        resident(bot.id())? / 1_024
    );
    Ok(())
}

/// A bot with a Telegram and a Redis of its own.
struct Peers {
    telegram: FakeTelegram,
    redis: Redis,
    bot: Program,
}

impl Peers {
    async fn start(is_bare: bool) -> Result<Self> {
        let redis = Redis::start(&[]).await?;
        let telegram = FakeTelegram::start(Options::cheap()).await?;
        let bot = if is_bare {
            let mut program = Command::new(env::current_exe()?);
            program.env(BARE, "1");
            Program::run(program, &telegram, &redis).await?
        } else {
            Program::start(&telegram, &redis).await?
        };
        Ok(Self {
            telegram,
            redis,
            bot,
        })
    }
}

/// One row of the table; updates a second per core.
async fn row(name: &str, peers: &Peers, users: usize) -> Result<f64> {
    let Peers {
        telegram,
        redis,
        bot,
    } = peers;
    let bot = bot.id();
    let mut visitors = Vec::new();
    for number in 0..users {
        let visitor = Visitor::new(telegram, number);
        visitor.begins().await?;
        visitors.push(visitor);
    }
    let (calls, server, processor) = (commands(redis)?, redis_cpu(redis)?, cpu(bot)?);
    let begun = Instant::now();
    let mut pressing = JoinSet::new();
    for visitor in visitors {
        pressing.spawn(visitor.presses_until(begun + LASTS));
    }
    let mut took = Vec::new();
    while let Some(one) = pressing.join_next().await {
        took.extend(one??);
    }
    let wall = begun.elapsed().as_secs_f64();
    let updates = took.len() as f64;
    let used = cpu(bot)? - processor;
    took.sort_unstable();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1_000.0;
    println!(
        "| {users} | {name} | {:.0} | {:.0} | {:.1} ms | {:.1} ms | {:.1} | {:.0} |",
        updates / wall,
        updates / used,
        at(0.5),
        at(0.99),
        (commands(redis)? - calls) / updates,
        (redis_cpu(redis)? - server) * 1e6 / updates,
    );
    Ok(updates / used)
}

/// Somebody who counts up.
struct Visitor {
    person: Person,
    room: Room,
}

impl Visitor {
    fn new(telegram: &FakeTelegram, number: usize) -> Self {
        let person = telegram.person(&format!("Visitor {number}"), "en");
        Self {
            room: person.private(),
            person,
        }
    }

    async fn begins(&self) -> Result<()> {
        self.person.to(&self.room).says("/start");
        self.sees("Main menu").await
    }

    async fn presses_until(self, end: Instant) -> Result<Vec<Duration>> {
        let menu = self.room.last_from_bot().context("a menu")?.id;
        self.person.presses(&self.room, menu, "Counter")?;
        self.sees("Counter: 0").await?;
        let mut took = Vec::new();
        while Instant::now() < end {
            let pressed = Instant::now();
            self.person.presses(&self.room, menu, "+1")?;
            // Each answer follows from the true state, or it never comes.
            self.sees(&format!("Counter: {}", took.len() + 1)).await?;
            took.push(pressed.elapsed());
        }
        Ok(took)
    }

    async fn sees(&self, text: &str) -> Result<()> {
        let shown = self.room.wait_for(text, PATIENCE, |seen| {
            seen.from_bot
                && seen
                    .text
                    .split_once('\n')
                    .map_or(seen.text.as_str(), |(first, _)| first)
                    == text
        });
        shown.await.map(drop)
    }
}

/// Seconds of processor time a process has used; its clock has a hundred ticks a second (`getconf CLK_TCK`).
fn cpu(process: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let fields: Vec<&str> = stat
        .rsplit_once(')')
        .context("stat")?
        .1
        .split_whitespace()
        .collect();
    let ticks: f64 = fields[11].parse::<f64>()? + fields[12].parse::<f64>()?;
    Ok(ticks / 100.0)
}

/// Kilobytes a process has in memory.
fn resident(process: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    Ok(line
        .context("VmRSS")?
        .split_whitespace()
        .next()
        .context("VmRSS")?
        .parse()?)
}

/// Commands that clients sent; what scripts do inside is not among them.
fn commands(redis: &Redis) -> Result<f64> {
    let stats = info(redis, "commandstats")?;
    let calls = stats.lines().filter_map(|line| {
        let (name, rest) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
        let sent = ["evalsha", "eval", "publish", "fcall"].contains(&name);
        sent.then(|| rest.split(',').next()?.parse::<f64>().ok())
            .flatten()
    });
    Ok(calls.sum())
}

fn redis_cpu(redis: &Redis) -> Result<f64> {
    let cpu = info(redis, "cpu")?;
    let of = |name: &str| {
        let value = cpu.lines().find_map(|line| line.strip_prefix(name))?;
        value.trim().parse::<f64>().ok()
    };
    Ok(of("used_cpu_sys:").context("cpu")? + of("used_cpu_user:").context("cpu")?)
}

fn info(redis: &Redis, section: &str) -> Result<String> {
    let port = redis.port.to_string();
    let said = Command::new("redis-cli")
        .args(["-p", &port, "info", section])
        .output()?;
    Ok(String::from_utf8(said.stdout)?)
}
