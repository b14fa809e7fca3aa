//! Servers that refuse, hang, restart, run full or are not the ones they were: what the operator reads, and that
//! nothing is lost.

use std::time::{Duration, Instant};

use crate::server::{self, Server};
use lorikeet_chat::{Conversation, Lane, PlatformId, RoomId, UserId};
use lorikeet_store::conformance::text;
use lorikeet_store::{
    Claim, Claimed, Commit, CommitOutcome, Due, Enter, Entered, Index, Owner, SessionStore as _,
    Signals as _, StoreError, Transcript as _, TurnGrant,
};
use lorikeet_store_redis::{Options, RedisStore};

pub(crate) const OWNER: Owner = Owner::new([7; 16]);

pub(crate) fn conversation(room: &str) -> Conversation {
    Conversation {
        platform: PlatformId::new("web").unwrap(),
        room: RoomId::new(room).unwrap(),
        thread: None,
        user: UserId::new("person").unwrap(),
    }
}

pub(crate) fn entering(room: &str, event: &str) -> Enter {
    Enter {
        conversation: conversation(room),
        event: text(event),
        owner: OWNER,
        token: 1,
        take: true,
    }
}

pub(crate) fn committing(room: &str, turn: &TurnGrant, session: &str) -> Commit {
    Commit {
        conversation: conversation(room),
        owner: OWNER,
        generation: turn.generation,
        version: turn.version,
        session: session.to_owned(),
        effects: vec![],
        consumed: turn
            .mailbox
            .iter()
            .map(|waiting| waiting.sequence)
            .collect(),
        may_deliver: true,
    }
}

/// A request, again and again, as the runtime repeats it.
async fn persist<T, F: Future<Output = Result<T, StoreError>>>(call: impl Fn() -> F) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        match call().await {
            Ok(answer) => return answer,
            Err(error) => {
                assert!(error.is_retryable(), "{error}");
                assert!(Instant::now() < deadline, "{error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn refused(url: &str) -> String {
    match RedisStore::new(url, Options::default())
        .unwrap()
        .check()
        .await
    {
        Ok(_) => panic!("{url} is taken"),
        Err(error) => error.message,
    }
}

#[tokio::test]
async fn a_password_is_asked_for_and_never_told() {
    let server = Server::start(&["--requirepass", "hunter2"]).await;
    let port = server.port;
    let without = refused(&server.url()).await;
    assert!(without.contains("wants a password"), "{without}");
    let wrong = refused(&format!("redis://:wr0ng@127.0.0.1:{port}")).await;
    assert!(wrong.contains("refuses the user or password"), "{wrong}");
    assert!(!wrong.contains("wr0ng"), "{wrong}");
    let url = format!("redis://:hunter2@127.0.0.1:{port}");
    let store = RedisStore::new(&url, Options::default()).unwrap();
    store.check().await.unwrap();
    assert!(!format!("{store:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_user_with_the_documented_rights_is_enough() {
    let document = include_str!("../../../../docs/redis-keys.md");
    let rule = document
        .lines()
        .find_map(|line| line.strip_prefix("ACL SETUSER "))
        .unwrap();
    let server = Server::start(&[]).await;
    let words: Vec<&str> = rule.split_whitespace().collect();
    let mut command = vec!["ACL", "SETUSER"];
    command.extend(&words);
    assert_eq!(server.admin(&command), "OK");
    let password = words
        .iter()
        .find_map(|word| word.strip_prefix('>'))
        .unwrap();
    let url = format!("redis://{}:{password}@127.0.0.1:{}", words[0], server.port);
    let store = RedisStore::new(&url, Options::default()).unwrap();
    store.check().await.unwrap();
    let Entered::Turn(turn) = store.enter(&entering("room", "a")).await.unwrap() else {
        panic!("no turn");
    };
    store
        .commit(&committing("room", &turn, "one"))
        .await
        .unwrap();
    store
        .put("room", "entry", "words".to_owned())
        .await
        .unwrap();
    assert_eq!(store.latest("room", 5).await.unwrap().len(), 1);
    let due = Due {
        conversation: conversation("room"),
        lane: Lane::Turn,
    };
    store.hint(&due).await.unwrap();
    assert_eq!(store.hints(&[Index::Turn]).await.unwrap(), [due]);
    let mut changes = store.changes().await.unwrap();
    store
        .put("room", "entry", "other".to_owned())
        .await
        .unwrap();
    assert_eq!(changes.next().await.unwrap(), "room");
}

#[tokio::test]
async fn a_database_that_is_not_there() {
    let server = Server::start(&[]).await;
    let told = refused(&format!("{}/99", server.url())).await;
    assert!(told.contains("no database of this number"), "{told}");
    RedisStore::new(&format!("{}/3", server.url()), Options::default())
        .unwrap()
        .check()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_replica_is_not_written_to() {
    let primary = Server::start(&[]).await;
    let replica = Server::start(&["--replicaof", "127.0.0.1", &primary.port.to_string()]).await;
    let told = refused(&replica.url()).await;
    assert!(told.contains("read-only replica"), "{told}");
    let store = RedisStore::new(&replica.url(), Options::default()).unwrap();
    let error = store.enter(&entering("room", "a")).await.unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
    assert!(error.to_string().contains("read-only replica"), "{error}");
}

#[tokio::test]
async fn a_server_that_forgets_is_not_used() {
    let server = Server::start(&["--maxmemory-policy", "allkeys-lru"]).await;
    let told = refused(&server.url()).await;
    assert!(told.contains("noeviction"), "{told}");
}

#[tokio::test]
async fn a_full_server_refuses_before_the_first_write() {
    let server = Server::start(&[]).await;
    let store = RedisStore::new(&server.url(), Options::default()).unwrap();
    let Entered::Turn(turn) = store.enter(&entering("room", "a")).await.unwrap() else {
        panic!("no turn");
    };
    assert_eq!(server.admin(&["CONFIG", "SET", "maxmemory", "1"]), "OK");
    let commit = committing("room", &turn, "one");
    let error = store.commit(&commit).await.unwrap_err();
    assert!(matches!(error, StoreError::OutOfSpace { .. }), "{error:?}");
    assert!(error.to_string().contains("maxmemory"), "{error}");
    let told = store.check().await.unwrap_err();
    assert!(told.message.contains("out of memory"), "{}", told.message);
    // Nothing was written, so that it can be repeated once there is room.
    assert_eq!(server.admin(&["CONFIG", "SET", "maxmemory", "0"]), "OK");
    let committed = store.commit(&commit).await.unwrap();
    assert_eq!(committed.outcome, CommitOutcome::Released);
    store.check().await.unwrap();
}

#[tokio::test]
async fn a_flushed_database_is_noticed() {
    let server = Server::start(&[]).await;
    let store = RedisStore::new(&server.url(), Options::default()).unwrap();
    let Entered::Turn(turn) = store.enter(&entering("room", "a")).await.unwrap() else {
        panic!("no turn");
    };
    assert_eq!(store.check().await.unwrap().replaced, 0);
    server.admin(&["FLUSHALL"]);
    assert_eq!(store.check().await.unwrap().replaced, 1);
    assert_eq!(store.check().await.unwrap().replaced, 1);
    // A turn from before is not committed onto nothing.
    let late = store
        .commit(&committing("room", &turn, "one"))
        .await
        .unwrap();
    assert_eq!(late.outcome, CommitOutcome::Fenced);
    // The event may be sent again, and begins anew.
    let Entered::Turn(anew) = store.enter(&entering("room", "a")).await.unwrap() else {
        panic!("no turn");
    };
    assert_eq!((anew.version, anew.session), (0, None));
    assert!(anew.generation > turn.generation);
}

#[tokio::test]
async fn a_restarted_server_goes_on() {
    let mut server = Server::start(&["--appendonly", "yes", "--appendfsync", "always"]).await;
    let store = RedisStore::new(&server.url(), Options::default()).unwrap();
    let Entered::Turn(turn) = store.enter(&entering("room", "a")).await.unwrap() else {
        panic!("no turn");
    };
    server.kill();
    let error = store
        .commit(&committing("room", &turn, "one"))
        .await
        .unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
    assert!(error.to_string().contains("cannot be reached"), "{error}");
    assert!(store.check().await.is_err());
    // It has the data, and does not know the scripts.
    server.restart().await;
    let committed = persist(async || store.commit(&committing("room", &turn, "one")).await).await;
    assert_eq!(committed.outcome, CommitOutcome::Released);
    let history = store.check().await.unwrap();
    assert_eq!(history.replaced, 0);
}

#[tokio::test]
async fn what_ran_after_its_time_is_answered_again() {
    let server = Server::start(&[]).await;
    let store = RedisStore::new(&server.url(), Options::default()).unwrap();
    store.check().await.unwrap();
    // Longer than the store waits: the calls are given up, and carried out all the same.
    server.admin(&["CLIENT", "PAUSE", "3500"]);
    let error = store.enter(&entering("room", "a")).await.unwrap_err();
    assert!(error.to_string().contains("no answer in time"), "{error}");
    let entered = persist(async || store.enter(&entering("room", "a")).await).await;
    let Entered::Turn(turn) = entered else {
        panic!("no turn: {entered:?}");
    };
    assert_eq!(turn.mailbox.len(), 1);
    server.admin(&["CLIENT", "PAUSE", "3500"]);
    let commit = committing("room", &turn, "one");
    assert!(store.commit(&commit).await.is_err());
    let committed = persist(|| store.commit(&commit)).await;
    assert_eq!(committed.outcome, CommitOutcome::Released);
    let claim = Claim {
        conversation: conversation("room"),
        lane: Lane::Turn,
        owner: OWNER,
    };
    assert_eq!(store.claim(claim).await.unwrap(), Claimed::Nothing);
}

#[tokio::test]
async fn a_fail_over_is_followed() {
    let primary = Server::start(&[]).await;
    let replica = Server::start(&["--replicaof", "127.0.0.1", &primary.port.to_string()]).await;
    let sentinel = Server::sentinel(&primary).await;
    let url = format!("redis+sentinel://127.0.0.1:{}/primary", sentinel.port);
    let mut primary = primary;
    let store = RedisStore::open(&url, Options::default()).await.unwrap();
    let mut turns = Vec::new();
    for number in 0..50 {
        let room = format!("room{number}");
        match store.enter(&entering(&room, "a")).await.unwrap() {
            Entered::Turn(turn) => turns.push((room, turn)),
            other => panic!("{other:?}"),
        }
    }
    // What the replica has is what a fail-over keeps; the Sentinel has to have found it.
    let deadline = Instant::now() + Duration::from_secs(20);
    while primary.admin(&["WAIT", "1", "100"]) != "1"
        || !sentinel
            .admin(&["SENTINEL", "REPLICAS", "primary"])
            .contains(&replica.port.to_string())
    {
        assert!(Instant::now() < deadline, "no replica");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let generation = turns[0].1.generation;
    primary.kill();
    for (room, turn) in &turns {
        let committed = persist(async || store.commit(&committing(room, turn, "one")).await).await;
        assert_eq!(committed.outcome, CommitOutcome::Released);
    }
    assert_eq!(store.check().await.unwrap().fail_overs, 1);
    assert!(
        replica
            .admin(&["INFO", "replication"])
            .contains("role:master")
    );
    let Entered::Turn(next) = persist(async || store.enter(&entering("room0", "b")).await).await
    else {
        panic!("no turn");
    };
    assert_eq!(next.session.as_deref(), Some("one"));
    assert!(next.generation > generation);
}

#[tokio::test]
async fn a_hint_goes_to_one_and_a_change_to_all() {
    let server = Server::start(&[]).await;
    let stores = [(); 2].map(|()| RedisStore::new(&server.url(), Options::default()).unwrap());
    let due = |room: &str, lane| Due {
        conversation: conversation(room),
        lane,
    };
    let platform = Index::Deliver(PlatformId::new("web").unwrap());
    for number in 0..20 {
        stores[0]
            .hint(&due(&format!("room{number}"), Lane::Turn))
            .await
            .unwrap();
    }
    let mut taken = Vec::new();
    while taken.len() < 20 {
        for store in &stores {
            if taken.len() < 20 {
                taken.extend(store.hints(&[Index::Work, Index::Turn]).await.unwrap());
            }
        }
    }
    let mut rooms: Vec<String> = taken
        .iter()
        .map(|due| due.conversation.room.to_string())
        .collect();
    rooms.sort();
    rooms.dedup();
    assert_eq!(rooms.len(), 20);
    // Only who asks for a lane is told of it; and a wait ends as soon as there is something.
    stores[0].hint(&due("work", Lane::Work)).await.unwrap();
    let (waited, ()) = tokio::join!(stores[1].hints(std::slice::from_ref(&platform)), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        stores[0].hint(&due("screen", Lane::Deliver)).await.unwrap();
    });
    assert_eq!(waited.unwrap(), [due("screen", Lane::Deliver)]);
    let work = stores[1].hints(&[Index::Work]).await.unwrap();
    assert_eq!(work, [due("work", Lane::Work)]);

    let mut followers = Vec::new();
    for store in &stores {
        followers.push(store.changes().await.unwrap());
    }
    for room in ["one", "two"] {
        stores[0]
            .put(room, "entry", "words".to_owned())
            .await
            .unwrap();
    }
    for follower in &mut followers {
        assert_eq!(follower.next().await.unwrap(), "one");
        assert_eq!(follower.next().await.unwrap(), "two");
    }
    // A broken subscription says so, so that its follower looks for itself.
    drop(server);
    assert!(followers[0].next().await.is_err());
}

#[tokio::test]
async fn hints_and_changes_cross_a_cluster() {
    let options = Options {
        prefix: server::fresh_prefix(),
        ..Options::default()
    };
    let url = server::shared("LORIKEET_TEST_REDIS_CLUSTER");
    let stores = [(); 2].map(|()| RedisStore::new(&url, options.clone()).unwrap());
    stores[0].check().await.unwrap();
    let due = Due {
        conversation: conversation("room"),
        lane: Lane::Turn,
    };
    // Longer than any other call may take.
    let (waited, ()) = tokio::join!(stores[1].hints(&[Index::Turn]), async {
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        stores[0].hint(&due).await.unwrap();
    });
    assert_eq!(waited.unwrap(), std::slice::from_ref(&due));
    // Whichever node a room is at, its changes are heard at every other.
    let mut changes = stores[1].changes().await.unwrap();
    for number in 0..8 {
        let room = format!("room{number}");
        stores[0]
            .put(&room, "entry", "words".to_owned())
            .await
            .unwrap();
        assert_eq!(changes.next().await.unwrap(), room);
    }
}
