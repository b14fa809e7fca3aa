//! A server that goes away and comes back under processes that run, and one that wants TLS.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use lorikeet_store_sql::{PostgresOpenError, PostgresOptions, PostgresRecords};
use lorikeet_training::{Claimable, Repository, Saved};

use crate::kit::{connect, engine, lora, number, queued, sql, with_user};
use crate::own::{Server, give, signal};

async fn impatient(url: &str, connections: u32) -> PostgresRecords {
    let options = PostgresOptions {
        connections,
        patience: Duration::from_secs(5),
        clock: None,
    };
    PostgresRecords::connect(url, options).await.unwrap()
}

#[tokio::test]
async fn a_restarted_server_is_used_again_without_reopening() {
    let mut server = Server::start(&[]).await;
    let records = impatient(&server.url(), 4).await;
    let run = queued(&records, 1).await;
    let engines = [engine()];
    let lease = Duration::from_secs(600);
    let claimed = records.claim_run(Claimable::Of(&engines), lease).await;
    let claimed = claimed.unwrap().unwrap();
    // In order, and in the middle of everything, as when the machine loses power.
    for signal in ["INT", "QUIT"] {
        server.stop(signal);
        let error = records.lora(&run.lora).await.unwrap_err();
        assert!(error.retryable && !error.no_space, "{error:?}");
        assert!(error.message.contains("127.0.0.1"), "{error}");
        assert!(!error.message.contains("secret"), "{error}");
        server.run().await;
        assert!(records.lora(&run.lora).await.unwrap().is_some());
        let beat = records.heartbeat(&run.id, claimed.generation, lease).await;
        assert_eq!(beat.unwrap(), Some(false), "the claim stands");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_under_many_calls_costs_only_calls_that_may_be_made_again() {
    let mut server = Server::start(&[]).await;
    let records = impatient(&server.url(), 4).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut writers = tokio::task::JoinSet::new();
    for n in 1..=8 {
        let (records, stopped) = (records.clone(), stopped.clone());
        writers.spawn(async move {
            let mut lora = lora(n);
            let mut answered = 0;
            while !*stopped.borrow() {
                match records.save(&lora, 1).await {
                    Ok(saved) => {
                        assert!(matches!(saved, Saved::Saved | Saved::Stale), "{saved:?}");
                        answered = lora.revision;
                        lora.revision += 1;
                    }
                    Err(error) => assert!(error.retryable, "{error:?}"),
                }
            }
            (lora.id, answered)
        });
    }
    server.stop("INT");
    server.run().await;
    // Everybody has written once more.
    let since = Instant::now();
    for n in 1..=8 {
        let id = lora(n).id;
        let before = records.lora(&id).await.unwrap().map(|lora| lora.revision);
        while records.lora(&id).await.unwrap().map(|lora| lora.revision) == before {
            assert!(
                since.elapsed() < Duration::from_secs(30),
                "{n} came to a halt"
            );
        }
    }
    stop.send(true).unwrap();
    for (id, answered) in writers.join_all().await {
        let stored = records.lora(&id).await.unwrap().unwrap();
        assert!(stored.revision >= answered, "what was answered is there");
    }
}

#[tokio::test]
async fn a_server_that_freezes_does_not_hold_a_call() {
    let server = Server::start(&[]).await;
    let records = impatient(&server.url(), 1).await;
    let run = queued(&records, 1).await;
    let backend = "SELECT pid::bigint FROM pg_stat_activity
                   WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
    let backend = number(&server.url(), backend).await.to_string();
    for frozen in [backend, server.process()] {
        signal(&frozen, "STOP");
        let error = records.lora(&run.lora).await.unwrap_err();
        assert!(error.retryable, "{error:?}");
        signal(&frozen, "CONT");
        assert!(records.lora(&run.lora).await.unwrap().is_some());
        // The next has to ask for a new one.
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'";
        sql(&server.url(), cut).await;
    }
}

#[tokio::test]
async fn too_many_connections_are_said_and_pass() {
    let server = Server::start(&["max_connections=4", "superuser_reserved_connections=0"]).await;
    let role = "CREATE ROLE bot LOGIN PASSWORD 'secret'; ALTER DATABASE postgres OWNER TO bot;
                ALTER SCHEMA public OWNER TO bot";
    sql(&server.url(), role).await;
    let url = with_user(&server.url(), "bot", "secret");
    let records = impatient(&url, 1).await;
    let first = records.save(&lora(1), 1).await;
    assert_eq!(first.unwrap(), Saved::Saved);
    let others = [
        impatient(&url, 1).await,
        impatient(&url, 1).await,
        impatient(&url, 1).await,
    ];
    for other in &others {
        assert!(other.lora(&lora(1).id).await.unwrap().is_some());
    }
    let options = PostgresOptions::default();
    let error = PostgresRecords::connect(&url, options).await.unwrap_err();
    assert!(matches!(error, PostgresOpenError::Busy { .. }), "{error}");
    drop(others);
    let since = Instant::now();
    while PostgresRecords::connect(&url, PostgresOptions::default())
        .await
        .is_err()
    {
        assert!(since.elapsed() < Duration::from_secs(10));
    }
}

/// Makes a certificate for `localhost` that signs itself.
fn certificate(directory: &Path) {
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
        ])
        .args(["-nodes", "-days", "2", "-subj", "/CN=lorikeet of the tests"])
        .args(["-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", "server.key", "-out", "server.crt"])
        .current_dir(directory)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "{said}");
    give(&directory.join("server.key"));
    give(&directory.join("server.crt"));
}

#[tokio::test]
async fn tls_is_spoken_and_a_certificate_is_checked_where_that_is_asked_for() {
    let mut server = Server::start(&[]).await;
    server.stop("INT");
    let data = server.file("data");
    certificate(&data);
    let settings = "ssl = on\nssl_cert_file = 'server.crt'\nssl_key_file = 'server.key'\n";
    std::fs::write(data.join("postgresql.auto.conf"), settings).unwrap();
    // Nobody is let in without TLS.
    let only_tls = "hostssl all all 127.0.0.1/32 scram-sha-256\n";
    std::fs::write(data.join("pg_hba.conf"), only_tls).unwrap();
    server.run().await;

    let url = server.url().replace("127.0.0.1", "localhost");
    let root = data.join("server.crt").display().to_string();
    for how in ["prefer", "require"] {
        let records = connect(&format!("{url}?sslmode={how}")).await;
        records.save(&lora(1), 1).await.unwrap();
    }
    connect(&format!("{url}?sslmode=verify-full&sslrootcert={root}")).await;

    let open = async |parameters: &str| {
        let url = format!("{url}?{parameters}");
        PostgresRecords::connect(&url, PostgresOptions::default()).await
    };
    let unknown = open("sslmode=verify-full").await.unwrap_err();
    assert!(
        matches!(unknown, PostgresOpenError::Tls { .. }),
        "{unknown}"
    );
    assert!(unknown.to_string().contains("sslrootcert"), "{unknown}");
    let plain = open("sslmode=disable").await.unwrap_err();
    assert!(
        matches!(plain, PostgresOpenError::Refused { .. }),
        "{plain}"
    );
}
