//! The processes of the bot, each with a line of its own to Redis.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::peers::{Database, Redis, free_port};
use crate::proxy::Proxy;

/// Processes.
pub(crate) const SIZE: usize = 3;

pub(crate) struct Fleet {
    pub(crate) processes: Vec<Process>,
    directory: TempDir,
}

pub(crate) struct Process {
    pub(crate) port: u16,
    pub(crate) line: Proxy,
    directory: PathBuf,
    settings: Vec<(&'static str, String)>,
    child: Mutex<Option<Child>>,
}

impl Fleet {
    pub(crate) async fn start(redis: &Redis, database: &Database) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let blobs = directory.path().join("blobs");
        let mut processes = Vec::new();
        for number in 0..SIZE {
            let own = directory.path().join(format!("process{number}"));
            std::fs::create_dir(&own)?;
            let line = Proxy::start(([127, 0, 0, 1], redis.port).into()).await?;
            let port = free_port()?;
            let settings = vec![
                ("WEB__LISTEN", format!("127.0.0.1:{port}")),
                ("STORE__URL", format!("redis://127.0.0.1:{}", line.port)),
                ("DATABASE__URL", database.url.clone()),
                ("BLOBS__URL", blobs.display().to_string()),
            ];
            let process = Process {
                port,
                line,
                directory: own,
                settings,
                child: Mutex::default(),
            };
            process.launch()?;
            processes.push(process);
        }
        Ok(Self {
            processes,
            directory,
        })
    }

    /// Copies the processes' logs to where they outlive the test.
    pub(crate) fn keep_logs(&self, seed: u64) -> Result<()> {
        let kept = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(".work");
        std::fs::create_dir_all(&kept)?;
        for number in 0..SIZE {
            let log = self.directory.path().join(format!("process{number}/log"));
            std::fs::copy(log, kept.join(format!("chaos-{seed}-{number}.log")))?;
        }
        Ok(())
    }
}

impl Process {
    pub(crate) fn launch(&self) -> Result<()> {
        let program =
            std::env::var_os("LORIKEET_BIN").context("LORIKEET_BIN is not set: use tests/run")?;
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.directory.join("log"))?;
        let mut command = Command::new(program);
        command
            .current_dir(&self.directory)
            .env("LORIKEET_LOG__FILTER", "info,lorikeet_runtime=debug")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        for (key, value) in &self.settings {
            command.env(format!("LORIKEET_{key}"), value);
        }
        let child = command.spawn()?;
        *self.slot() = Some(child);
        Ok(())
    }

    pub(crate) fn kill(&self) {
        if let Some(mut child) = self.slot().take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) -> Result<()> {
        if let Some(child) = &*self.slot() {
            let signal = format!("-{name}");
            Command::new("kill")
                .args([signal, child.id().to_string()])
                .status()?;
        }
        Ok(())
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Child>> {
        self.child
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
