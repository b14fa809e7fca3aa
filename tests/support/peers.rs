//! Redis and PostgreSQL for programs under test.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;

/// A port that was free just now.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Waits until something is so.
pub async fn until<F: Future<Output = Result<bool>>>(
    what: &str,
    patience: Duration,
    mut check: impl FnMut() -> F,
) -> Result<()> {
    let deadline = Instant::now() + patience;
    while !check().await? {
        if Instant::now() > deadline {
            bail!("never came: {what}");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// A Redis of the test's own, killed with it.
pub struct Redis {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    directory: TempDir,
    arguments: Vec<String>,
    child: Mutex<Option<Child>>,
}

impl Redis {
    /// Starts a server with these settings, given as on its command line.
    pub async fn start(arguments: &[&str]) -> Result<Self> {
        let redis = Self {
            port: free_port()?,
            directory: tempfile::tempdir()?,
            arguments: arguments.iter().map(|&words| words.to_owned()).collect(),
            child: Mutex::default(),
        };
        redis.launch().await?;
        Ok(redis)
    }

    /// Kills it the hard way and starts it again.
    pub async fn restart(&self, after: Duration) -> Result<()> {
        self.kill();
        tokio::time::sleep(after).await;
        self.launch().await
    }

    async fn launch(&self) -> Result<()> {
        let child = Command::new("redis-server")
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--maxmemory-policy", "noeviction"])
            .arg("--dir")
            .arg(self.directory.path())
            .args(&self.arguments)
            .stdout(Stdio::null())
            .spawn()
            .context("redis-server: use tests/run, which installs it")?;
        if let Ok(mut slot) = self.child.lock() {
            *slot = Some(child);
        }
        // Whatever it answers, also that it wants a password: but not while it loads.
        until("Redis", Duration::from_secs(20), || async {
            let said = self.admin(&["PING"])?;
            Ok(!said.trim().is_empty() && !said.contains("LOADING"))
        })
        .await
    }

    /// What an administrator types.
    pub fn admin(&self, words: &[&str]) -> Result<String> {
        let mut command = Command::new("redis-cli");
        command.args(["-p", &self.port.to_string()]).args(words);
        let output = command.stderr(Stdio::null()).output()?;
        Ok(String::from_utf8(output.stdout)?)
    }

    fn kill(&self) {
        let child = self.child.lock().ok().and_then(|mut child| child.take());
        if let Some(mut child) = child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A database of the test's own on the server that `tests/run` starts.
pub struct Database {
    server: String,
    name: String,
    /// Its address, with user and password.
    pub url: String,
}

impl Database {
    /// Creates an empty database on the server that `tests/run` started.
    pub fn create(name: &str) -> Result<Self> {
        let server = std::env::var("LORIKEET_TEST_POSTGRES")
            .context("LORIKEET_TEST_POSTGRES is not set: use tests/run")?;
        let name = format!("{name}_{}", std::process::id());
        let (base, _) = server
            .rsplit_once('/')
            .context("an address without a database")?;
        let database = Self {
            url: format!("{base}/{name}"),
            server: server.clone(),
            name,
        };
        query(&server, &format!("CREATE DATABASE {}", database.name))?;
        Ok(database)
    }

    /// The first column of every row.
    pub fn rows(&self, sql: &str) -> Result<Vec<String>> {
        Ok(query(&self.url, sql)?.lines().map(str::to_owned).collect())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ = query(
            &self.server,
            &format!("DROP DATABASE {} WITH (FORCE)", self.name),
        );
    }
}

fn query(url: &str, sql: &str) -> Result<String> {
    let output = Command::new("psql")
        .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
        .args(["--command", sql, url])
        .output()
        .context("psql: use tests/run, which installs it")?;
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{error}");
    Ok(String::from_utf8(output.stdout)?)
}
