//! How many whole turns a second the file takes: enter, commit with one screen, settle; three transactions each.
//!
//! `cargo bench -p lorikeet-store-sql` prints a table: one conversation after the other and 64 at once, with few
//! and with many conversations stored. Sessions have 2 kB, the screen half a kilobyte.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]
#![expect(clippy::panic, reason = "a benchmark ends when something is wrong")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lorikeet_chat::{Conversation, PlatformId, RoomId, UserId};
use lorikeet_store::conformance::{show, text};
use lorikeet_store::{
    Commit, CommitOutcome, Done, Enter, Entered, Limits, Owner, SessionStore, Settle,
    SettleOutcome, SystemClock,
};
use lorikeet_store_sql::SqlStore;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

const OWNER: Owner = Owner::new([7; 16]);
const STORED: [usize; 3] = [10, 10_000, 1_000_000];
const AT_ONCE: [usize; 2] = [1, 64];
const TURNS: usize = 12_800;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = Runtime::new()?;
    println!("stored   at once   turns/s   p50       p99");
    for stored in STORED {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("bench.db");
        let store = SqlStore::open(&path, Arc::new(SystemClock), Limits::default())?;
        runtime.block_on(fill(&store, stored));
        for at_once in AT_ONCE {
            let (elapsed, times) = runtime.block_on(measure(&store, at_once));
            report(stored, at_once, elapsed, times);
        }
        drop(store);
        reopen(&path)?;
    }
    Ok(())
}

/// One turn in each of so many conversations.
async fn fill(store: &SqlStore, count: usize) {
    let mut workers = JoinSet::new();
    for worker in 0..64 {
        let store = store.clone();
        workers.spawn(async move {
            for number in (worker..count).step_by(64) {
                turn(&store, &conversation("stored", number), 0).await;
            }
        });
    }
    workers.join_all().await;
}

async fn measure(store: &SqlStore, at_once: usize) -> (Duration, Vec<Duration>) {
    let begun = Instant::now();
    let mut workers = JoinSet::new();
    for worker in 0..at_once {
        let store = store.clone();
        workers.spawn(async move {
            let conversation = conversation(&format!("{at_once} at once"), worker);
            let mut times = Vec::with_capacity(TURNS / at_once);
            for number in 0..TURNS / at_once {
                let begun = Instant::now();
                turn(&store, &conversation, number).await;
                times.push(begun.elapsed());
            }
            times
        });
    }
    let times = workers.join_all().await.concat();
    (begun.elapsed(), times)
}

async fn turn(store: &SqlStore, conversation: &Conversation, number: usize) {
    let mut event = text(&format!("event {number}"));
    event.order = u64::try_from(number).ok();
    let enter = Enter {
        conversation: conversation.clone(),
        event,
        owner: OWNER,
        token: 1,
        take: true,
    };
    let Ok(Entered::Turn(grant)) = store.enter(&enter).await else {
        panic!("no turn");
    };
    let mut screen = show(&format!("effect {number}"), 1);
    if let lorikeet_chat::EffectBody::Show(present) = &mut screen.body {
        present.screen = std::mem::take(&mut present.screen).text("word ".repeat(90));
    }
    let commit = Commit {
        conversation: conversation.clone(),
        owner: OWNER,
        generation: grant.generation,
        version: grant.version,
        session: "s".repeat(2_000),
        effects: vec![screen],
        consumed: grant.mailbox.iter().map(|w| w.sequence).collect(),
        may_deliver: true,
    };
    let Ok(committed) = store.commit(&commit).await else {
        panic!("no commit");
    };
    assert_eq!(committed.outcome, CommitOutcome::Released);
    for lane in committed.lanes {
        let done = lane.effects.iter().map(|effect| Done {
            sequence: effect.sequence,
            result: None,
            handle: None,
        });
        let settle = Settle {
            conversation: conversation.clone(),
            lane: lane.lane,
            owner: OWNER,
            generation: lane.generation,
            done: done.collect(),
        };
        let settled = store.settle(&settle).await;
        assert!(settled.is_ok_and(|settled| settled.outcome == SettleOutcome::Released));
    }
}

fn conversation(room: &str, user: usize) -> Conversation {
    let ids = (
        PlatformId::new("bench"),
        RoomId::new(room),
        UserId::new(user.to_string()),
    );
    let (Ok(platform), Ok(room), Ok(user)) = ids else {
        panic!("no identifier");
    };
    Conversation {
        platform,
        room,
        thread: None,
        user,
    }
}

fn report(stored: usize, at_once: usize, elapsed: Duration, mut times: Vec<Duration>) {
    times.sort_unstable();
    let rank = |percent: usize| times.get(times.len() * percent / 100).copied();
    let rate = times.len() as f64 / elapsed.as_secs_f64();
    println!(
        "{stored:<8} {at_once:<9} {rate:<9.0} {:<9.2?} {:.2?}",
        rank(50).unwrap_or_default(),
        rank(99).unwrap_or_default(),
    );
}

fn reopen(path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let megabytes = std::fs::metadata(path)?.len() / 1_000_000;
    let begun = Instant::now();
    SqlStore::open(path, Arc::new(SystemClock), Limits::default())?;
    println!(
        "         opening {megabytes} MB takes {:.2?}",
        begun.elapsed()
    );
    Ok(())
}
