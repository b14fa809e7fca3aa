//! What is kept, where, and for how long.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lorikeet_chat::Lane;
use lorikeet_store::conformance::show;
use lorikeet_store::{
    Claim, Claimed, CommitOutcome, Done, Entered, LEASE, ManualClock, Release, SessionStore as _,
    Settle, Transcript as _, simulation,
};
use lorikeet_store_redis::{Options, RedisStore};

use crate::server::Server;
use crate::troubles::{OWNER, committing, conversation, entering};

#[tokio::test]
async fn nothing_is_left_of_what_is_over() {
    let server = Server::start(&[]).await;
    let mut options = Options::default();
    options.limits.idle = Duration::from_millis(300);
    let store = RedisStore::new(&server.url(), options).unwrap();
    for number in 0..10 {
        let room = format!("room{number}");
        let Entered::Turn(turn) = store.enter(&entering(&room, "a")).await.unwrap() else {
            panic!("no turn");
        };
        store
            .commit(&committing(&room, &turn, "one"))
            .await
            .unwrap();
        store.put(&room, "entry", "words".to_owned()).await.unwrap();
    }
    assert_ne!(server.admin(&["DBSIZE"]), "0");
    let deadline = Instant::now() + Duration::from_secs(10);
    while server.admin(&["DBSIZE"]) != "0" {
        assert!(
            Instant::now() < deadline,
            "{}",
            server.admin(&["KEYS", "*"])
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(server.directory().exists());
}

#[tokio::test]
async fn a_session_this_process_wrote_is_not_sent_to_it_again() {
    let server = Server::start(&[]).await;
    let [here, there] =
        [(); 2].map(|()| RedisStore::new(&server.url(), Options::default()).unwrap());
    for (store, event, finds, writes) in [
        (&here, "a", None, "one"),
        (&there, "b", Some("one"), "two"),
        // What it wrote itself is older.
        (&here, "c", Some("two"), "three"),
    ] {
        let Entered::Turn(turn) = store.enter(&entering("room", event)).await.unwrap() else {
            panic!("no turn");
        };
        assert_eq!(turn.session.as_deref(), finds);
        store
            .commit(&committing("room", &turn, writes))
            .await
            .unwrap();
    }
    // Who looks into Redis sees what nobody committed.
    let key = server.admin(&["KEYS", "*:session"]);
    server.admin(&["SET", &key, "four"]);
    for (store, event, finds) in [(&here, "d", "three"), (&there, "e", "four")] {
        let Entered::Turn(turn) = store.enter(&entering("room", event)).await.unwrap() else {
            panic!("no turn");
        };
        assert_eq!(turn.session.as_deref(), Some(finds));
        let mut commit = committing("room", &turn, "not written");
        commit.version += 1;
        let fenced = store.commit(&commit).await.unwrap();
        assert_eq!(fenced.outcome, CommitOutcome::Fenced);
        let release = Release {
            conversation: conversation("room"),
            lane: Lane::Turn,
            owner: OWNER,
            generation: turn.generation,
        };
        store.release(release).await.unwrap();
    }
}

#[tokio::test]
async fn keys_expire_later_than_what_they_hold_and_not_while_something_waits() {
    let server = Server::start(&[]).await;
    let clock = Arc::new(ManualClock::new(simulation::START));
    let hour = Duration::from_secs(3_600);
    let mut options = Options {
        clock: Some(Arc::clone(&clock) as _),
        ..Options::default()
    };
    options.limits.idle = hour;
    let store = RedisStore::new(&server.url(), options).unwrap();
    // Minutes until a key is gone; none when it stays.
    let left = |part: &str| {
        let key = server.admin(&["KEYS", &format!("*:{part}")]);
        let left: i64 = server.admin(&["PTTL", &key]).parse().unwrap();
        (left >= 0).then_some((left + 59_999) / 60_000)
    };
    let all = || ["head", "session", "ids"].map(left);
    let expiries = || server.admin(&["INFO", "commandstats"]);
    let count = |stats: String| {
        let line = stats
            .lines()
            .find(|line| line.starts_with("cmdstat_pexpire:"))?;
        line.split(['=', ',']).nth(1)?.parse::<u32>().ok()
    };
    for event in ["a", "b", "c", "d"] {
        let Entered::Turn(turn) = store.enter(&entering("room", event)).await.unwrap() else {
            panic!("no turn");
        };
        let commit = committing("room", &turn, event);
        let committed = store.commit(&commit).await.unwrap();
        assert_eq!(committed.outcome, CommitOutcome::Released);
        assert_eq!(all(), [Some(75); 3]);
        clock.advance(Duration::from_secs(60));
    }
    // Once for the four events of as many minutes.
    assert_eq!(count(expiries()), Some(3));
    clock.advance(Duration::from_secs(360));
    let Entered::Turn(turn) = store.enter(&entering("room", "e")).await.unwrap() else {
        panic!("no turn");
    };
    assert_eq!(turn.session.as_deref(), Some("d"));
    store.commit(&committing("room", &turn, "e")).await.unwrap();
    assert_eq!(count(expiries()), Some(6));

    // Its process died: whoever finds it does not know for how long it will wait.
    assert!(matches!(
        store.enter(&entering("room", "f")).await.unwrap(),
        Entered::Turn(_)
    ));
    clock.advance(LEASE);
    let claim = Claim {
        conversation: conversation("room"),
        lane: Lane::Turn,
        owner: OWNER,
    };
    let Claimed::Turn(turn) = store.claim(claim).await.unwrap() else {
        panic!("no turn");
    };
    assert_eq!(all(), [None; 3]);
    clock.advance(hour * 2);
    let mut commit = committing("room", &turn, "f");
    commit.effects = vec![show("screen", 1)];
    // This process must not deliver, and nobody knows when another one will.
    commit.may_deliver = false;
    let committed = store.commit(&commit).await.unwrap();
    assert_eq!(committed.outcome, CommitOutcome::Released);
    assert_eq!(all(), [None; 3]);
    let claim = Claim {
        conversation: conversation("room"),
        lane: Lane::Deliver,
        owner: OWNER,
    };
    let Claimed::Effects(lane) = store.claim(claim).await.unwrap() else {
        panic!("no effects");
    };
    let settle = Settle {
        conversation: conversation("room"),
        lane: Lane::Deliver,
        owner: OWNER,
        generation: lane.generation,
        done: vec![Done {
            sequence: lane.effects[0].sequence,
            result: None,
            handle: None,
        }],
    };
    store.settle(&settle).await.unwrap();
    assert_eq!(all(), [Some(75); 3]);

    // What counts is the idle time, not the keys.
    clock.advance(hour);
    let Entered::Turn(turn) = store.enter(&entering("room", "g")).await.unwrap() else {
        panic!("no turn");
    };
    assert_eq!((turn.session, turn.version), (None, 0));
}
