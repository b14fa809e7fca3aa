//! What the file may be, and what is said of one that is not what it should be.

#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(clippy::panic, reason = "tests")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lorikeet_chat::{Conversation, PlatformId, RoomId, Timestamp, UserId};
use lorikeet_store::conformance::{terminal, text};
use lorikeet_store::{
    Clock, Enter, Entered, Index, Limits, ManualClock, Owner, SessionStore, Sweep, Transcript,
};
use lorikeet_store_sql::{OpenError, SqlStore};
use rusqlite::Connection;
use tempfile::TempDir;

fn clock() -> Arc<dyn Clock> {
    Arc::new(ManualClock::new(Timestamp::from_millis(1_700_000_000_000)))
}

fn place() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lorikeet.db");
    (directory, path)
}

fn open(path: &Path) -> Result<SqlStore, OpenError> {
    SqlStore::open(path, clock(), Limits::default())
}

fn refusal(path: &Path) -> OpenError {
    match open(path) {
        Err(error) => error,
        Ok(_) => panic!("it was opened"),
    }
}

fn conversation() -> Conversation {
    Conversation {
        platform: PlatformId::new("web").unwrap(),
        room: RoomId::new("room").unwrap(),
        thread: None,
        user: UserId::new("person").unwrap(),
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_alone() {
    let (_directory, path) = place();
    let letter = "Dear diary, this is no database at all. ".repeat(100);
    std::fs::write(&path, &letter).unwrap();
    let error = refusal(&path);
    assert!(matches!(error, OpenError::NotADatabase { .. }), "{error}");
    let sentence = error.to_string();
    assert!(sentence.contains(path.to_str().unwrap()), "{sentence}");
    assert!(sentence.contains("move it aside"), "{sentence}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), letter);
}

#[tokio::test]
async fn a_damaged_file_is_refused_with_advice() {
    let (_directory, path) = place();
    let store = open(&path).unwrap();
    for number in 0..200 {
        let body = "text ".repeat(100);
        store.put("room", &number.to_string(), body).await.unwrap();
    }
    drop(store);
    let mut bytes = std::fs::read(&path).unwrap();
    assert!(bytes.len() > 100_000, "the log was not checkpointed");
    // The header stays; pages behind it are overwritten.
    let middle = bytes.len() / 2;
    for byte in bytes.iter_mut().skip(middle).take(20_000) {
        *byte = 0xab;
    }
    std::fs::write(&path, bytes).unwrap();
    let error = refusal(&path);
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("restore a backup"), "{error}");
}

#[tokio::test]
async fn a_newer_schema_is_refused_untouched() {
    let (_directory, path) = place();
    drop(open(&path).unwrap());
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 999).unwrap();
    drop(connection);
    let error = refusal(&path);
    assert!(
        matches!(error, OpenError::NewerSchema { found: 999, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("use a newer Lorikeet"));
}

#[tokio::test]
async fn the_database_of_another_program_is_refused() {
    let (_directory, path) = place();
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch("CREATE TABLE recipes (name TEXT)")
        .unwrap();
    drop(connection);
    let error = refusal(&path);
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
}

#[tokio::test]
async fn a_missing_directory_is_named() {
    let (directory, _) = place();
    let path = directory.path().join("nowhere").join("lorikeet.db");
    let error = refusal(&path);
    assert!(matches!(error, OpenError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("nowhere"));
}

#[tokio::test]
async fn an_empty_file_becomes_a_database() {
    let (_directory, path) = place();
    std::fs::write(&path, "").unwrap();
    drop(open(&path).unwrap());
    drop(open(&path).unwrap());
}

#[tokio::test]
async fn two_processes_share_a_file() {
    let (_directory, path) = place();
    let (one, other) = (open(&path).unwrap(), open(&path).unwrap());
    let enter = |owner: u8, take| Enter {
        conversation: conversation(),
        event: text(&owner.to_string()),
        owner: Owner::new([owner; 16]),
        token: 1,
        take,
    };
    assert_eq!(one.enter(&enter(1, false)).await.unwrap(), Entered::Queued);
    let Entered::Turn(grant) = other.enter(&enter(2, true)).await.unwrap() else {
        panic!("the other process does not see what the first one did");
    };
    assert_eq!(grant.mailbox.len(), 2);
    let due = one.due(Sweep::new(Index::Turn, 10)).await.unwrap();
    assert!(due.is_empty());
}

#[tokio::test]
async fn a_call_that_fails_takes_no_other_with_it() {
    let (_directory, path) = place();
    let store = open(&path).unwrap();
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..50_u64 {
        let store = store.clone();
        calls.spawn(async move {
            // Every fifth has a number that SQLite cannot hold.
            let sequence = if number % 5 == 0 { u64::MAX } else { number };
            let mut event = terminal("key", sequence);
            event.id = text(&number.to_string()).id;
            if let Some(coalesce) = &mut event.coalesce {
                coalesce.key = number.to_string();
            }
            store.post(conversation(), event, Owner::new([1; 16])).await
        });
    }
    let answers = calls.join_all().await;
    let accepted = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(accepted, 40);
    let taken = store
        .enter(&Enter {
            conversation: conversation(),
            event: text("last"),
            owner: Owner::new([1; 16]),
            token: 1,
            take: true,
        })
        .await
        .unwrap();
    let Entered::Turn(grant) = taken else {
        panic!("expected the turn");
    };
    assert_eq!(grant.mailbox.len(), 41);
}
