//! Stores of many processes: addresses that are wrong, TLS, and data that goes away under a running bot.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::ground::gives_up;
use lorikeet_tests::bot::{self, Bot};
use lorikeet_tests::peers::{Redis, free_port, until};
use lorikeet_tests::web::http::{Answer, ask};
use lorikeet_tests::web::page::Page;

const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn port(bot: &Bot) -> Result<u16> {
    let (_, port) = bot.url.rsplit_once(':').context("no port")?;
    Ok(port.trim_end_matches('/').parse()?)
}

async fn get(bot: &Bot, path: &str) -> Result<Answer> {
    let headers = format!("Cookie: lorikeet={SECRET}\r\nAccept: text/html\r\n");
    ask(port(bot)?, &format!("GET {path}"), &headers, &[]).await
}

/// Presses a button of a page that was read before.
async fn press(bot: &Bot, page: &Page, label: &str) -> Result<()> {
    let token = page.token(label).context("no such button")?;
    let body = format!("csrf={}&nonce={:032x}&token={token}", page.csrf, 7);
    let headers = format!(
        "Cookie: lorikeet={SECRET}\r\nContent-Type: application/x-www-form-urlencoded\r\nAccept: application/json\r\n"
    );
    let pressed = ask(
        port(bot)?,
        "POST /chat/main/press",
        &headers,
        body.as_bytes(),
    )
    .await?;
    ensure!(pressed.status == 200, "{}", pressed.body);
    Ok(())
}

async fn page(bot: &Bot) -> Result<Page> {
    Page::read(&get(bot, "/").await?.body)?.context("no screen on the page")
}

#[tokio::test]
async fn wrong_passwords_are_said_and_not_told() -> Result<()> {
    let redis = Redis::start(&["--requirepass", "right"]).await?;
    let url = format!("redis://:hunter2@127.0.0.1:{}", redis.port);
    let said = gives_up(&[("STORE__URL", &url)], |_| Ok(()))?;
    ensure!(
        said.contains("store.url") && said.contains("password"),
        "{said}"
    );
    ensure!(!said.contains("hunter2"), "{said}");

    let server = std::env::var("LORIKEET_TEST_POSTGRES").context("use tests/run")?;
    let (_, place) = server
        .rsplit_once('@')
        .context("an address without a user")?;
    let url = format!("postgres://postgres:hunter2@{place}");
    let said = gives_up(&[("DATABASE__URL", &url)], |_| Ok(()))?;
    ensure!(
        said.contains("database.url") && said.contains("password"),
        "{said}"
    );
    ensure!(!said.contains("hunter2"), "{said}");
    Ok(())
}

#[tokio::test]
async fn a_server_that_would_forget_is_refused() -> Result<()> {
    let redis = Redis::start(&["--maxmemory-policy", "allkeys-lru"]).await?;
    let url = format!("redis://127.0.0.1:{}", redis.port);
    let said = gives_up(&[("STORE__URL", &url)], |_| Ok(()))?;
    ensure!(said.contains("noeviction"), "{said}");
    Ok(())
}

/// A key and a certificate for this machine, signed by itself.
fn certificate(directory: &Path) -> Result<()> {
    let output = Command::new("openssl")
        .args(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(' '),
        )
        .args([
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
        ])
        .args(["-keyout", "key.pem", "-out", "certificate.pem"])
        .current_dir(directory)
        .output()?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

#[tokio::test]
async fn redis_is_spoken_to_over_tls() -> Result<()> {
    let files = tempfile::tempdir()?;
    certificate(files.path())?;
    let path = |name: &str| files.path().join(name).display().to_string();
    let (key, certificate, port) = (path("key.pem"), path("certificate.pem"), free_port()?);
    let redis = Redis::start(&[
        "--tls-port",
        &port.to_string(),
        "--tls-key-file",
        &key,
        "--tls-cert-file",
        &certificate,
        "--tls-ca-cert-file",
        &certificate,
        "--tls-auth-clients",
        "no",
    ])
    .await?;
    let url = format!("rediss://127.0.0.1:{port}");
    // The authority is found where programs of the system look for one.
    let directory = tempfile::tempdir()?;
    let bot = Bot::start_trusting(directory.path(), &certificate, &[("STORE__URL", &url)])?;
    ensure!(page(&bot).await?.screen.contains("Train a LoRA"));
    ensure!(
        redis.admin(&["DBSIZE"])?.trim() != "0",
        "nothing was stored"
    );

    let stranger = bot::run(directory.path(), &["run"], &[("STORE__URL", &url)]);
    drop(bot);
    let said = String::from_utf8(stranger?.stderr)?;
    ensure!(
        said.contains("store.url") && said.contains("SSL_CERT_FILE"),
        "{said}"
    );
    Ok(())
}

#[tokio::test]
async fn a_flushed_redis_is_told_to_operator_and_person() -> Result<()> {
    let redis = Redis::start(&[]).await?;
    let url = format!("redis://127.0.0.1:{}", redis.port);
    let directory = tempfile::tempdir()?;
    let bot = Bot::start(directory.path(), &[("STORE__URL", &url)])?;
    let before = page(&bot).await?;
    let ready = get(&bot, "/readyz").await?;
    ensure!(
        (ready.status, ready.body.trim()) == (200, "ready"),
        "{}",
        ready.body
    );

    redis.admin(&["FLUSHALL"])?;
    until("the note", Duration::from_secs(20), || async {
        let ready = get(&bot, "/readyz").await?;
        Ok(ready.status == 200 && ready.body.contains("flushed"))
    })
    .await?;
    press(&bot, &before, "Help").await?;
    until("the truth", Duration::from_secs(20), || async {
        // The answer comes a moment before the screen.
        let page = Page::read(&get(&bot, "/").await?.body)?;
        Ok(page.is_some_and(|page| {
            page.flash.contains("I no longer know where we were")
                && page.screen.contains("Train a LoRA")
        }))
    })
    .await
}

#[tokio::test]
async fn a_session_of_a_newer_version_is_said() -> Result<()> {
    let redis = Redis::start(&[]).await?;
    let url = format!("redis://127.0.0.1:{}", redis.port);
    let directory = tempfile::tempdir()?;
    let bot = Bot::start(directory.path(), &[("STORE__URL", &url)])?;
    let before = page(&bot).await?;
    let keys = redis.admin(&["KEYS", "*:session"])?;
    let key = keys.lines().next().context("no session")?;
    redis.admin(&["SET", key, "{\"format\":99}", "KEEPTTL"])?;
    // As a commit of another process: this one would not read its own again.
    let head = key.replace(":session", ":head");
    redis.admin(&["HSET", &head, "committed", "1:1"])?;
    press(&bot, &before, "Help").await?;
    until("the sentence", Duration::from_secs(20), || async {
        Ok(page(&bot).await?.screen.contains("This bot was updated"))
    })
    .await
}

#[tokio::test]
async fn readiness_follows_redis() -> Result<()> {
    let redis = Redis::start(&["--appendonly", "yes"]).await?;
    let url = format!("redis://127.0.0.1:{}", redis.port);
    let directory = tempfile::tempdir()?;
    let bot = Bot::start(directory.path(), &[("STORE__URL", &url)])?;
    page(&bot).await?;
    let pausing = redis.restart(Duration::from_secs(5));
    let watching = until("the reason", Duration::from_secs(15), || async {
        let ready = get(&bot, "/readyz").await?;
        Ok(ready.status == 503 && ready.body.contains("store: the Redis at"))
    });
    let (paused, watched) = tokio::join!(pausing, watching);
    paused?;
    watched?;
    until("readiness", Duration::from_secs(20), || async {
        Ok(get(&bot, "/readyz").await?.status == 200)
    })
    .await?;
    ensure!(page(&bot).await?.screen.contains("Train a LoRA"));
    Ok(())
}
