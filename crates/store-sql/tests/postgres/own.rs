//! A server of a test's own, which it may stop, freeze and start again.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

/// How long a server may take to start or stop.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Server {
    directory: TempDir,
    port: u16,
    settings: Vec<String>,
    process: Option<Child>,
}

/// Who runs the server: it refuses root.
fn user() -> Option<(u32, u32)> {
    let ask = |arguments: &[&str]| -> u32 {
        let output = Command::new("id").args(arguments).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.trim().parse().unwrap()
    };
    (ask(&["-u"]) == 0).then(|| (ask(&["-u", "postgres"]), ask(&["-g", "postgres"])))
}

/// A program of the server, run by whom it may be.
fn program(name: &str) -> Command {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let paths = versions.map(|version| version.unwrap().path().join("bin").join(name));
    let newest = paths.filter(|path| path.exists()).max();
    let mut command = Command::new(newest.unwrap_or_else(|| PathBuf::from(name)));
    if let Some((user, group)) = user() {
        command.uid(user).gid(group);
    }
    command
}

impl Server {
    /// Makes a cluster whose superuser is `postgres` with the password `secret`, and starts it.
    pub(crate) async fn start(settings: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let password = directory.path().join("password");
        fs::File::create(&password)
            .unwrap()
            .write_all(b"secret\n")
            .unwrap();
        give(directory.path());
        give(&password);
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let made = program("initdb")
            .arg(format!("--pwfile={}", password.display()))
            .args(["--username=postgres", "--auth=scram-sha-256"])
            .args(["--encoding=UTF8", "--no-locale", "--no-sync", "--pgdata"])
            .arg(directory.path().join("data"))
            .current_dir("/")
            .output()
            .unwrap();
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        let mut server = Self {
            directory,
            port: free.local_addr().unwrap().port(),
            settings: settings.iter().map(|setting| setting.to_string()).collect(),
            process: None,
        };
        drop(free);
        server.run().await;
        server
    }

    /// A file that the server may read, next to its data.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn url(&self) -> String {
        format!(
            "postgres://postgres:secret@127.0.0.1:{}/postgres",
            self.port
        )
    }

    /// Starts it and waits until it answers.
    pub(crate) async fn run(&mut self) {
        let log = fs::File::create(self.file("log")).unwrap();
        let mut command = program("postgres");
        command.arg("-D").arg(self.file("data"));
        let port = format!("port={}", self.port);
        let settings = [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=off",
        ];
        for setting in settings
            .into_iter()
            .chain([port.as_str()])
            .chain(self.settings.iter().map(String::as_str))
        {
            command.args(["-c", setting]);
        }
        let process = command
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.process = Some(process);
        let since = Instant::now();
        while PgConnection::connect(&self.url()).await.is_err() {
            assert!(since.elapsed() < PATIENCE, "{}", self.log());
            let ended = self.process.as_mut().unwrap().try_wait().unwrap();
            assert_eq!(ended, None, "{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.file("log")).unwrap()
    }

    /// Its process id.
    pub(crate) fn process(&self) -> String {
        self.process.as_ref().unwrap().id().to_string()
    }

    /// Ends it with a signal and waits until it has.
    pub(crate) fn stop(&mut self, how: &str) {
        signal(&self.process(), how);
        self.process.take().unwrap().wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.process.is_some() {
            signal(&self.process(), "CONT");
            self.stop("QUIT");
        }
    }
}

/// Sends a signal to a process, by its id.
pub(crate) fn signal(process: &str, signal: &str) {
    let sent = Command::new("kill").args(["-s", signal, process]).status();
    assert!(sent.unwrap().success());
}

/// Gives a file or directory to whom the server runs as.
pub(crate) fn give(path: &Path) {
    if let Some((user, group)) = user() {
        chown(path, Some(user), Some(group)).unwrap();
    }
    let mode = if path.is_dir() { 0o700 } else { 0o600 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
