//! What the address may name, and what is said of one that is not what it should be.

use std::time::Duration;

use lorikeet_store_sql::{PostgresOpenError, PostgresOptions, PostgresRecords};
use lorikeet_training::{Repository, Saved};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::kit::{
    Own, connect, lora, name, number, password, server, sql, with_database, with_user,
};

async fn refusal(url: &str) -> PostgresOpenError {
    let options = PostgresOptions {
        patience: Duration::from_secs(4),
        ..PostgresOptions::default()
    };
    match PostgresRecords::connect(url, options).await {
        Ok(_) => panic!("it was opened"),
        Err(error) => {
            let secret = password(&server()).to_owned();
            let told = format!("{error} {error:?}");
            assert!(!told.contains(&secret), "{told}");
            error
        }
    }
}

#[tokio::test]
async fn a_wrong_password_is_said() {
    let error = refusal(&with_user(&server(), "postgres", "open-sesame")).await;
    assert!(
        matches!(error, PostgresOpenError::Refused { .. }),
        "{error}"
    );
    let sentence = error.to_string();
    assert!(sentence.contains("refuses the user postgres"), "{sentence}");
    assert!(!sentence.contains("open-sesame"), "{sentence}");
}

#[tokio::test]
async fn an_unknown_role_is_said() {
    let error = refusal(&with_user(&server(), "nobody_here", "open-sesame")).await;
    assert!(
        matches!(error, PostgresOpenError::Refused { .. }),
        "{error}"
    );
    assert!(error.to_string().contains("nobody_here"), "{error}");
}

#[tokio::test]
async fn an_unknown_database_is_said() {
    let error = refusal(&with_database(&server(), "nowhere")).await;
    assert!(
        matches!(error, PostgresOpenError::NoDatabase { .. }),
        "{error}"
    );
    let sentence = error.to_string();
    assert!(
        sentence.contains("createdb --owner=postgres nowhere"),
        "{sentence}"
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let error = refusal(&format!(
        "postgres://postgres:secret@127.0.0.1:{port}/lorikeet"
    ))
    .await;
    assert!(
        matches!(error, PostgresOpenError::Unreachable { .. }),
        "{error}"
    );
    let place = format!("127.0.0.1:{port}/lorikeet");
    assert!(error.to_string().contains(&place), "{error}");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_not_waited_for_without_end() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let options = PostgresOptions {
        patience: Duration::from_millis(200),
        ..PostgresOptions::default()
    };
    let url = format!("postgres://postgres:secret@127.0.0.1:{port}/lorikeet");
    let error = PostgresRecords::connect(&url, options).await.unwrap_err();
    assert!(
        matches!(error, PostgresOpenError::Unreachable { .. }),
        "{error}"
    );
}

#[tokio::test]
async fn an_address_that_is_none_is_refused() {
    for (url, word) in [
        ("mysql://root:secret@host/database", "postgres://"),
        ("", "postgres://"),
        ("postgres://user:secret@host:many/database", "port"),
        (
            "postgres://user:secret@host/database?sslmod=require",
            "sslmod",
        ),
        ("postgres://user:who?secret@host/database", "question mark"),
        (
            "postgres://user:who/secret@host/database",
            "percent-encoded",
        ),
        (
            "postgres://user:who#secret@host/database",
            "percent-encoded",
        ),
        (
            "postgres://user:secret@host/database?sslmode=always",
            "always",
        ),
    ] {
        let error = refusal(url).await;
        assert!(
            matches!(error, PostgresOpenError::Address { .. }),
            "{error}"
        );
        let sentence = error.to_string();
        assert!(sentence.contains(word), "{sentence}");
        assert!(!sentence.contains("secret"), "{sentence}");
    }
}

#[tokio::test]
async fn a_user_without_rights_is_told_whose_the_database_should_be() {
    let database = Own::database("").await;
    let (_role, name) = Own::role().await;
    let url = with_user(&database.url, &name, &name);
    sql(&database.url, "REVOKE CREATE ON SCHEMA public FROM PUBLIC").await;
    let error = refusal(&url).await;
    assert!(
        matches!(error, PostgresOpenError::NoRights { .. }),
        "{error}"
    );
    assert!(error.to_string().contains("OWNER TO"), "{error}");

    // Once there are tables, it needs no right to make any.
    connect(&database.url).await;
    let grant =
        format!("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}");
    sql(&database.url, &grant).await;
    let records = connect(&url).await;
    assert_eq!(records.save(&lora(1), 1).await.unwrap(), Saved::Saved);
    drop((records, database));
}

#[tokio::test]
async fn a_schema_that_is_not_there_is_said() {
    let url = format!("{}?options=-csearch_path%3D{}", server(), name());
    let error = refusal(&url).await;
    assert!(
        matches!(error, PostgresOpenError::NoSchema { .. }),
        "{error}"
    );
}

#[tokio::test]
async fn the_database_of_another_program_is_left_alone() {
    let place = Own::schema().await;
    sql(&place.url, "CREATE TABLE runs (kilometres INT)").await;
    let error = refusal(&place.url).await;
    assert!(
        matches!(error, PostgresOpenError::Foreign { .. }),
        "{error}"
    );
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()";
    assert_eq!(number(&place.url, tables).await, 1);
}

#[tokio::test]
async fn a_newer_schema_is_refused_untouched() {
    let place = Own::schema().await;
    connect(&place.url).await;
    sql(&place.url, "UPDATE lorikeet_schema SET version = 999").await;
    let error = refusal(&place.url).await;
    assert!(
        matches!(error, PostgresOpenError::NewerSchema { found: 999, .. }),
        "{error}"
    );
    assert!(
        error.to_string().contains("use a newer Lorikeet"),
        "{error}"
    );
    let version = "SELECT version FROM lorikeet_schema";
    assert_eq!(number(&place.url, version).await, 999);
}

#[tokio::test]
async fn a_database_that_cannot_hold_every_text_is_refused() {
    let options = "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0";
    let place = Own::database(options).await;
    let error = refusal(&place.url).await;
    assert!(
        matches!(error, PostgresOpenError::Encoding { .. }),
        "{error}"
    );
    assert!(error.to_string().contains("--encoding=UTF8"), "{error}");
}

#[tokio::test]
async fn a_database_that_can_only_be_read_is_refused() {
    let place = Own::database("").await;
    let (_, database) = place.url.rsplit_once('/').unwrap();
    let set = format!("ALTER DATABASE {database} SET default_transaction_read_only = on");
    sql(&place.url, &set).await;
    let error = refusal(&place.url).await;
    assert!(
        matches!(error, PostgresOpenError::ReadOnly { .. }),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_start_at_once_migrate_once() {
    let place = Own::schema().await;
    let mut starts = JoinSet::new();
    for _ in 0..8 {
        let url = place.url.clone();
        starts.spawn(async move { connect(&url).await });
    }
    let processes = starts.join_all().await;
    assert_eq!(processes.len(), 8);
    let rows = "SELECT count(*) FROM lorikeet_schema";
    assert_eq!(number(&place.url, rows).await, 1);
}

#[tokio::test]
async fn no_password_is_in_what_is_printed() {
    let place = Own::schema().await;
    let records = connect(&place.url).await;
    let told = format!("{records:?}");
    assert!(told.contains("127.0.0.1"), "{told}");
    assert!(!told.contains(password(&server())), "{told}");
}
