//! The processes of the bot, each with a line of its own to Redis.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;

use lorikeet_fake_discord::FakeDiscord;
use lorikeet_fake_telegram::FakeTelegram;
use lorikeet_tests::forward::Forwarder;
use lorikeet_tests::matrix::PASSWORD;
use lorikeet_tests::peers::{Database, Redis, free_port};
use lorikeet_tests::proxy::Proxy;

/// Processes.
pub(crate) const SIZE: usize = 3;

/// A process that was asked to end has, after so long: the runtime's grace, and some.
const STOP: Duration = Duration::from_secs(30);
/// Seconds that their clocks are off.
const SKEWS: [i32; SIZE] = [-30, 0, 30];

/// Where people are.
#[derive(Clone)]
pub(crate) struct Platforms {
    pub(crate) telegram: FakeTelegram,
    pub(crate) discord: FakeDiscord,
    /// Where the homeserver is, and the bot's account on it.
    pub(crate) matrix: (String, String),
}

pub(crate) struct Fleet {
    pub(crate) processes: Vec<Process>,
    /// How many of them, from the first on, talk to people.
    pub(crate) talking: usize,
    /// What Telegram knows them by.
    pub(crate) forwarder: Forwarder,
    directory: TempDir,
}

pub(crate) struct Process {
    pub(crate) port: u16,
    pub(crate) line: Proxy,
    directory: PathBuf,
    role: &'static str,
    skew: i32,
    settings: Vec<(&'static str, String)>,
    child: Mutex<Option<Child>>,
}

impl Fleet {
    /// By turns of the seed three that do everything, or two that talk and one that trains.
    pub(crate) async fn start(
        seed: u64,
        redis: &Redis,
        database: &Database,
        platforms: &Platforms,
    ) -> Result<Self> {
        let Platforms {
            telegram,
            discord,
            matrix,
        } = platforms;
        let (roles, talking) = if seed.is_multiple_of(2) {
            (["bot", "bot", "worker"], 2)
        } else {
            (["all", "all", "all"], 3)
        };
        let directory = tempfile::tempdir()?;
        let blobs = directory.path().join("blobs");
        let keys = directory.path().join("keys");
        let listens = [free_port()?, free_port()?, free_port()?];
        let forwarder = Forwarder::start(&listens[..talking]).await?;
        let public_url = format!("http://127.0.0.1:{}/telegram", forwarder.port);
        let mut processes = Vec::new();
        for (number, (role, skew)) in roles.into_iter().zip(SKEWS).enumerate() {
            let own = directory.path().join(format!("process{number}"));
            std::fs::create_dir(&own)?;
            let line = Proxy::start(([127, 0, 0, 1], redis.port).into()).await?;
            let port = free_port()?;
            let settings = vec![
                ("WEB__LISTEN", format!("127.0.0.1:{port}")),
                ("STORE__URL", format!("redis://127.0.0.1:{}", line.port)),
                ("DATABASE__URL", database.url.clone()),
                ("BLOBS__URL", blobs.display().to_string()),
                ("DISCORD__TOKEN", discord.token().to_owned()),
                ("DISCORD__API_URL", discord.url()),
                ("MATRIX__HOMESERVER", matrix.0.clone()),
                ("MATRIX__USER", matrix.1.clone()),
                ("MATRIX__PASSWORD", PASSWORD.to_owned()),
                // On one machine they have the keys in common.
                ("MATRIX__DIRECTORY", keys.display().to_string()),
                ("TELEGRAM__TOKEN", telegram.token().to_owned()),
                ("TELEGRAM__API_URL", telegram.url()),
                ("TELEGRAM__MODE", "webhook".to_owned()),
                (
                    "TELEGRAM__WEBHOOK__LISTEN",
                    format!("127.0.0.1:{}", listens[number]),
                ),
                ("TELEGRAM__WEBHOOK__PUBLIC_URL", public_url.clone()),
                (
                    "TELEGRAM__WEBHOOK__SECRET",
                    "a-secret-of-the-tests".to_owned(),
                ),
            ];
            let process = Process {
                port,
                line,
                directory: own,
                role,
                skew,
                settings,
                child: Mutex::default(),
            };
            process.launch()?;
            processes.push(process);
        }
        Ok(Self {
            processes,
            talking,
            forwarder,
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
        // The clock of the day is off; how time passes is not.
        let mut command = Command::new(program);
        command
            .args(["run", "--role", self.role])
            .env("LD_PRELOAD", wrong_clock()?)
            .env("FAKETIME", format!("{:+}s", self.skew))
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
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

    /// Asks it to end, and waits for that: whether it did in good order.
    pub(crate) async fn stop(&self) -> Result<bool> {
        self.signal("TERM")?;
        let mut child = self.slot().take();
        let Some(child) = &mut child else {
            return Ok(true);
        };
        let deadline = Instant::now() + STOP;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status.success());
            }
            if Instant::now() > deadline {
                child.kill()?;
                child.wait()?;
                return Ok(false);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
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

/// The library that shifts a program's clock.
fn wrong_clock() -> Result<PathBuf> {
    for architecture in std::fs::read_dir("/usr/lib")? {
        let library = architecture?.path().join("faketime/libfaketimeMT.so.1");
        if library.is_file() {
            return Ok(library);
        }
    }
    bail!("libfaketime is not there: use tests/run, which installs it")
}
