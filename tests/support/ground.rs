//! What many processes of the bot share: a Redis, a PostgreSQL, a directory of blobs.

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

use crate::bot::Bot;
use crate::peers::{Database, Redis, until};

/// The servers and the directory; they go with the value.
pub struct Ground {
    directory: TempDir,
    /// Conversations.
    pub redis: Redis,
    /// LoRAs and runs.
    pub database: Database,
}

impl Ground {
    /// Starts a Redis that loses nothing, and makes a database of this name.
    pub async fn lay(name: &str) -> Result<Self> {
        let disk = ["--appendonly", "yes", "--appendfsync", "always"];
        Ok(Self {
            directory: tempfile::tempdir()?,
            redis: Redis::start(&disk).await?,
            database: Database::create(name)?,
        })
    }

    /// Starts a process of a number, in a directory of its own; `settings` are overrides by their names in the environment.
    pub fn start(&self, number: usize, mut settings: Vec<(&'static str, String)>) -> Result<Bot> {
        let own = self.own(number);
        std::fs::create_dir_all(&own)?;
        let blobs = self.directory.path().join("blobs");
        settings.extend([
            (
                "STORE__URL",
                format!("redis://127.0.0.1:{}", self.redis.port),
            ),
            ("DATABASE__URL", self.database.url.clone()),
            ("BLOBS__URL", blobs.display().to_string()),
        ]);
        let settings: Vec<(&str, &str)> = settings
            .iter()
            .map(|(key, value)| (*key, value.as_str()))
            .collect();
        Bot::start(&own, &settings)
    }

    /// The directory of a process, with its `bot.log`.
    pub fn own(&self, number: usize) -> PathBuf {
        self.directory.path().join(format!("process{number}"))
    }

    /// What is kept of every run.
    pub fn runs(&self) -> Result<Vec<String>> {
        self.database.rows("SELECT state FROM runs")
    }

    /// Makes what is kept of every trained file say that it has 60 MB.
    pub fn claims_large_files(&self) -> Result<()> {
        let claimed = self.database.rows(
            r#"UPDATE runs SET body = regexp_replace(body, '("artifact":\{[^}]*"size":)\d+', '\160000000')
               RETURNING body LIKE '%"size":60000000%'"#,
        )?;
        ensure!(claimed.iter().any(|said| said == "t"), "{claimed:?}");
        Ok(())
    }

    /// Which of the processes leads a platform, by its log.
    pub async fn leader(&self, bots: &[Option<Bot>]) -> Result<usize> {
        let leads = |number: &usize| {
            let log = std::fs::read_to_string(self.own(*number).join("bot.log"));
            bots[*number].is_some() && log.is_ok_and(|log| log.contains(" leading"))
        };
        let find = || (0..bots.len()).find(leads);
        let patience = std::time::Duration::from_secs(60);
        until("a leader", patience, || async { Ok(find().is_some()) }).await?;
        find().context("a leader")
    }
}
