//! Where the tests' Redis is, and servers of their own.

use std::io::Read as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A server that `tests/run` starts, by the variable that names it.
pub(crate) fn shared(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} names no server; run `tests/run store`, which starts one")
    })
}

/// A prefix no other test uses.
pub(crate) fn fresh_prefix() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("test{}-{number}", std::process::id())
}

/// A port that was free just now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A server of the test's own, killed with it.
pub(crate) struct Server {
    child: Option<Child>,
    pub(crate) port: u16,
    directory: TempDir,
    arguments: Vec<String>,
}

impl Server {
    /// Starts a server with these settings, given as on its command line.
    pub(crate) async fn start(arguments: &[&str]) -> Self {
        let mut server = Self {
            child: None,
            port: free_port(),
            directory: tempfile::tempdir().unwrap(),
            arguments: arguments
                .iter()
                .map(|&argument| argument.to_owned())
                .collect(),
        };
        server.restart().await;
        server
    }

    /// A Sentinel that watches a primary under the name `primary`.
    pub(crate) async fn sentinel(primary: &Self) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let config = directory.path().join("sentinel.conf");
        let port = free_port();
        let text = format!(
            "port {port}\nbind 127.0.0.1\nsentinel monitor primary 127.0.0.1 {} 1\n\
             sentinel down-after-milliseconds primary 500\nsentinel failover-timeout primary 3000\n",
            primary.port
        );
        std::fs::write(&config, text).unwrap();
        let mut server = Self {
            child: None,
            port,
            arguments: vec![config.display().to_string(), "--sentinel".to_owned()],
            directory,
        };
        server.restart().await;
        server
    }

    /// Starts it again on the same port, with what it had on its disk.
    pub(crate) async fn restart(&mut self) {
        self.kill();
        let mut command = Command::new("redis-server");
        if !self
            .arguments
            .iter()
            .any(|argument| argument == "--sentinel")
        {
            command.args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"]);
            command.args(["--save", "", "--maxmemory-policy", "noeviction"]);
            command.arg("--dir").arg(self.directory.path());
        }
        command.args(&self.arguments).stdout(Stdio::piped());
        self.child = Some(command.spawn().unwrap());
        let deadline = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < deadline, "{}", self.last_words());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// What an administrator types.
    pub(crate) fn admin(&self, words: &[&str]) -> String {
        let mut command = Command::new("redis-cli");
        command.args(["-p", &self.port.to_string()]).args(words);
        let output = command.output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    fn last_words(&mut self) -> String {
        self.child.as_mut().unwrap().kill().unwrap();
        let mut words = String::new();
        let output = self.child.as_mut().unwrap().stdout.take();
        output.unwrap().read_to_string(&mut words).unwrap();
        words
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
