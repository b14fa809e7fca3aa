//! The menu bot as a program beside a test: its Telegram, its Redis, and the end of it.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use lorikeet_fake_telegram::FakeTelegram;
use lorikeet_tests::peers::{Redis, free_port};

/// Longer than anything here takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A menu bot that runs; killed when it is dropped.
pub(crate) struct Program(Child);

impl Program {
    /// Starts one, and waits until it has told Telegram where it listens.
    pub(crate) async fn start(telegram: &FakeTelegram, redis: &Redis) -> Result<Self> {
        let program = Command::new(env!("CARGO_BIN_EXE_menu-bot"));
        Self::run(program, telegram, redis).await
    }

    /// Starts a program that takes the same environment.
    pub(crate) async fn run(
        mut program: Command,
        telegram: &FakeTelegram,
        redis: &Redis,
    ) -> Result<Self> {
        let port = free_port()?;
        let child = program
            .env("BOT_TOKEN", telegram.token())
            .env("BOT_API_URL", telegram.url())
            .env("WEBHOOK_PORT", port.to_string())
            .env("WEBHOOK_SECRET", "s3cret")
            .env("REDIS_URL", format!("redis://127.0.0.1:{}", redis.port))
            .stderr(Stdio::inherit())
            .spawn()
            .context("the menu bot")?;
        let program = Self(child);
        let port = port.to_string();
        telegram
            .wait_until("the webhook", PATIENCE, || {
                telegram.webhook().filter(|url| url.contains(&port))
            })
            .await?;
        Ok(program)
    }
}

impl Program {
    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
