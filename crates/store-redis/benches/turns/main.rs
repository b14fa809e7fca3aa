//! What an event costs: enter, commit with one screen, settle; three scripts, on a real server by the real clock.
//!
//! `tests/bench redis` starts a server, pins it to one core and this to another, and prints what docs/performance.md
//! says; `cargo bench -p lorikeet-store-redis -- 10 10000` measures other numbers of stored sessions on the server of
//! `LORIKEET_TEST_REDIS`, which should be empty and have nothing else to do. Sessions have 2 kB, the screen half a kilobyte.
//! Every stored session is made by a turn, as in life.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]
#![expect(clippy::panic, reason = "a benchmark ends when something is wrong")]

mod limit;
mod server;
mod work;

use std::error::Error;
use std::time::{Duration, Instant};

use lorikeet_chat::Conversation;
use lorikeet_store_redis::{Options, RedisStore};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use server::{Server, Usage};
use work::{conversation, turn};

pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// How many sessions are stored, one measurement each.
const STORED: [usize; 3] = [10, 10_000, 1_000_000];
/// Events of one measurement, by how many conversations are at work at once.
const AT_ONCE: [(usize, usize); 2] = [(1, 6_400), (64, 25_600)];
/// Each is measured so often; the median is told.
const REPEATS: usize = 3;
/// Conversations at once while sessions are stored.
const FILLING: usize = 256;
/// How many event ids a conversation remembers at most.
const REMEMBERED: usize = 256;

/// Which conversations the events are for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    /// The same few, which remember as many event ids as they can.
    Busy,
    /// Any of those stored, none twice in a row.
    Any,
}

fn main() -> Result<()> {
    let url = std::env::var("LORIKEET_TEST_REDIS")
        .map_err(|_| "LORIKEET_TEST_REDIS names no server; run tests/bench redis")?;
    let numbers = std::env::args()
        .skip(1)
        .filter_map(|word| word.parse().ok());
    let mut stored: Vec<usize> = numbers.collect();
    if stored.is_empty() {
        stored.extend(STORED);
    }
    let runtime = Runtime::new()?;
    runtime.block_on(measure_all(&url, &stored))
}

async fn measure_all(url: &str, sizes: &[usize]) -> Result<()> {
    let server = Server::connect(url).await?;
    // Not the prefix of anybody's data; what is left of a run before would be counted as stored.
    let options = Options {
        prefix: format!("bench{}", std::process::id()),
        ..Options::default()
    };
    let store = RedisStore::open(url, options.clone()).await?;

    sizes_of_one(&server, &store, &options.prefix).await?;
    heading();
    let mut stored = 0;
    for &size in sizes {
        let before = server.usage().await?;
        let begun = Instant::now();
        fill(&store, stored, size).await;
        let after = server.usage().await?;
        if size > stored {
            println!(
                "filling {:.0?}: {:.0} bytes a session; server {} MB resident, client {} MB",
                begun.elapsed(),
                (after.memory - before.memory) / (size - stored) as f64,
                after.resident / 1_000_000,
                own_resident() / 1_000_000,
            );
        }
        stored = size;
        for (at_once, events) in AT_ONCE {
            warm(&store, size, at_once).await;
            for who in [Who::Busy, Who::Any] {
                if who == Who::Any && size < 1_000 {
                    continue;
                }
                let mut runs = Vec::new();
                for _ in 0..REPEATS {
                    runs.push(measure(&server, &store, who, size, at_once, events).await?);
                }
                runs.sort_by(|a, b| a.rate().total_cmp(&b.rate()));
                runs[REPEATS / 2].print(size, at_once, who);
            }
        }
    }
    by_script(&server, &store, stored).await?;
    limit::compare(url, &server, &store, &options, stored).await
}

/// One turn in each conversation of the range.
async fn fill(store: &RedisStore, from: usize, to: usize) {
    let mut workers = JoinSet::new();
    for worker in 0..FILLING {
        let store = store.clone();
        workers.spawn(async move {
            for number in (from + worker..to).step_by(FILLING) {
                turn(&store, &conversation("stored", number)).await;
            }
        });
    }
    workers.join_all().await;
}

/// The busy conversations, spread over all that are stored.
fn busy(stored: usize, worker: usize) -> Conversation {
    conversation("stored", (worker * stored.max(64) / 64) % stored.max(64))
}

/// Has the busy conversations remember as many ids as they can.
async fn warm(store: &RedisStore, stored: usize, at_once: usize) {
    let mut workers = JoinSet::new();
    for worker in 0..at_once {
        let store = store.clone();
        workers.spawn(async move {
            for _ in 0..REMEMBERED {
                turn(&store, &busy(stored, worker)).await;
            }
        });
    }
    workers.join_all().await;
}

/// What was seen of one measurement.
struct Run {
    elapsed: Duration,
    /// Of each event: until its turn was committed, and until its screen was settled.
    times: Vec<(Duration, Duration)>,
    used: Usage,
}

async fn measure(
    server: &Server,
    store: &RedisStore,
    who: Who,
    stored: usize,
    at_once: usize,
    events: usize,
) -> Result<Run> {
    let before = server.usage().await?;
    let begun = Instant::now();
    let mut workers = JoinSet::new();
    for worker in 0..at_once {
        let store = store.clone();
        workers.spawn(async move {
            let mut times = Vec::with_capacity(events / at_once);
            for round in 0..events / at_once {
                let conversation = match who {
                    Who::Busy => busy(stored, worker),
                    // A prime step, so that neighbours in time are not neighbours in memory; workers do not meet.
                    Who::Any => {
                        let share = stored / at_once;
                        conversation("stored", worker + at_once * (round * 7_919 % share))
                    }
                };
                times.push(turn(&store, &conversation).await);
            }
            times
        });
    }
    let times = workers.join_all().await.concat();
    let elapsed = begun.elapsed();
    let used = server.usage().await? - before;
    Ok(Run {
        elapsed,
        times,
        used,
    })
}

fn heading() {
    println!(
        "stored    at once  who    events/s  p50       p99       till commit: p50, p99   \
         CPU µs  script µs  calls  commands  bytes in, out   (each per event)"
    );
}

impl Run {
    fn rate(&self) -> f64 {
        self.times.len() as f64 / self.elapsed.as_secs_f64()
    }

    fn print(&self, stored: usize, at_once: usize, who: Who) {
        let mut whole: Vec<Duration> = self.times.iter().map(|(_, whole)| *whole).collect();
        let mut critical: Vec<Duration> =
            self.times.iter().map(|(critical, _)| *critical).collect();
        whole.sort_unstable();
        critical.sort_unstable();
        let rank = |times: &[Duration], percent: usize| times[times.len() * percent / 100];
        let each = self.times.len() as f64;
        let who = match who {
            Who::Busy => "busy",
            Who::Any => "any",
        };
        println!(
            "{stored:<9} {at_once:<8} {who:<6} {:<9.0} {:<9.2?} {:<9.2?} {:<9.2?} {:<13.2?} {:<7.1} {:<10.1} {:<6.2} {:<9.1} {:.0}, {:.0}",
            self.rate(),
            rank(&whole, 50),
            rank(&whole, 99),
            rank(&critical, 50),
            rank(&critical, 99),
            self.used.cpu * 1e6 / each,
            self.used.script_micros / each,
            self.used.calls() / each,
            self.used.inner() / each,
            self.used.bytes_in / each,
            self.used.bytes_out / each,
        );
    }
}

/// What each script takes of the server: all conversations enter, then all commit, then all settle.
async fn by_script(server: &Server, store: &RedisStore, stored: usize) -> Result<()> {
    let busy: Vec<_> = (0..64).map(|worker| busy(stored, worker)).collect();
    let count = stored.clamp(64, 6_400);
    let any = (0..count).map(|number| conversation("stored", number * (stored / count).max(1)));
    for (who, conversations, rounds) in [("busy", busy, 100), ("any", any.collect(), 1)] {
        let mut used: [Usage; 3] = Default::default();
        let mut seen = server.usage().await?;
        for _ in 0..rounds {
            let mut steps = work::enter_all(store, &conversations).await;
            for (place, used) in used.iter_mut().enumerate() {
                if place == 1 {
                    steps = work::commit_all(store, steps).await;
                } else if place == 2 {
                    steps = work::settle_all(store, steps).await;
                }
                let now = server.usage().await?;
                *used += now.clone() - std::mem::replace(&mut seen, now);
            }
            drop(steps);
        }
        for (name, used) in ["enter", "commit", "settle"].into_iter().zip(used) {
            let each = used.calls();
            println!(
                "{name}, {who}: {:.1} µs by commandstats, {:.1} commands: {}",
                used.script_micros / each,
                used.inner() / each,
                used.list(each),
            );
        }
    }
    Ok(())
}

/// Bytes of each key of one conversation as it remembers more events.
async fn sizes_of_one(server: &Server, store: &RedisStore, prefix: &str) -> Result<()> {
    let alone = conversation("alone", 100_000);
    let base = format!("{prefix}:{{{}}}", lorikeet_store::bucket(&alone.key()));
    for event in 1..=300 {
        turn(store, &alone).await;
        if [1, 50, 128, 256, 300].contains(&event) {
            let mut told = format!("a conversation after {event} events:");
            for part in ["head", "session", "ids"] {
                let bytes = server
                    .size(&format!("{base}:{}:{part}", alone.key()))
                    .await?;
                told += &format!(" {part} {bytes}");
            }
            println!("{told} bytes");
        }
    }
    let steps = work::enter_all(store, std::slice::from_ref(&alone)).await;
    println!(
        "an index entry: {} bytes with its key; a mailbox with one event: {}",
        server.size(&format!("{base}:due:turn")).await?,
        server
            .size(&format!("{base}:{}:mailbox", alone.key()))
            .await?,
    );
    work::settle_all(store, work::commit_all(store, steps).await).await;
    Ok(())
}

/// This process's memory in bytes.
fn own_resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1_024
}

/// Events a second of any of the stored sessions, 64 at once, and what one of them takes of the server.
pub(crate) async fn any(
    server: &Server,
    store: &RedisStore,
    stored: usize,
) -> Result<(f64, Usage)> {
    let (at_once, events) = AT_ONCE[1];
    let run = measure(server, store, Who::Any, stored, at_once, events).await?;
    let each = run.times.len() as f64;
    Ok((run.rate(), run.used / each))
}
