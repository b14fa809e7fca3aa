//! The program under test, as a process with a directory of its own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// How long a start may take before the test gives up.
const START: Duration = Duration::from_secs(60);

/// The program, from `LORIKEET_BIN`, which `tests/run` sets.
pub fn program() -> Result<PathBuf> {
    let path =
        std::env::var_os("LORIKEET_BIN").context("LORIKEET_BIN is not set: use tests/run")?;
    Ok(PathBuf::from(path))
}

/// The program in a directory, listening on a free port; `settings` are environment overrides.
fn command(directory: &Path, settings: &[(&str, &str)]) -> Result<Command> {
    let mut command = Command::new(program()?);
    command
        .current_dir(directory)
        .env("LORIKEET_WEB__LISTEN", "127.0.0.1:0")
        .stdin(Stdio::null());
    for (key, value) in settings {
        command.env(format!("LORIKEET_{key}"), value);
    }
    Ok(command)
}

/// The program with its blobs on a disk of their own of so many megabytes, which only it sees: a file system in memory,
/// mounted in a namespace of its own. Needs root or unprivileged user namespaces.
fn command_on_small_disk(
    directory: &Path,
    megabytes: u32,
    settings: &[(&str, &str)],
) -> Result<Command> {
    let blobs = directory.join("data/blobs");
    std::fs::create_dir_all(&blobs)?;
    let script = r#"
        unshare --mount true 2>/dev/null && as_user="" || as_user="--user --map-root-user"
        exec unshare --mount $as_user sh -c 'mount -t tmpfs -o size="$2"m tmpfs "$1" && exec "$0"' "$0" "$1" "$2"
    "#;
    let program = command(directory, settings)?;
    let mut wrapped = Command::new("sh");
    wrapped
        .args(["-c", script])
        .arg(program.get_program())
        .arg(&blobs)
        .arg(megabytes.to_string())
        .current_dir(directory)
        .stdin(Stdio::null());
    for (key, value) in program.get_envs() {
        wrapped.env(key, value.unwrap_or_default());
    }
    Ok(wrapped)
}

/// Runs the program to its end.
pub fn run(directory: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Result<Output> {
    Ok(command(directory, settings)?.args(arguments).output()?)
}

/// A running bot. Killed when dropped.
pub struct Bot {
    child: Child,
    /// Where its page is.
    pub url: String,
    directory: PathBuf,
    settings: Vec<(String, String)>,
}

impl Bot {
    /// Starts the bot in a directory and waits until it says where its page is.
    pub fn start(directory: &Path, settings: &[(&str, &str)]) -> Result<Self> {
        Self::launch(command(directory, settings)?, directory, settings)
    }

    /// Starts the bot where programs of the system take an authority's certificate from a file.
    pub fn start_trusting(
        directory: &Path,
        certificate: &str,
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        let mut command = command(directory, settings)?;
        command.env("SSL_CERT_FILE", certificate);
        Self::launch(command, directory, settings)
    }

    /// Starts the bot with its blobs on a disk of so many megabytes.
    pub fn start_on_small_disk(
        directory: &Path,
        megabytes: u32,
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        let command = command_on_small_disk(directory, megabytes, settings)?;
        Self::launch(command, directory, settings)
    }

    /// A file below the bot's directory as the bot sees it, its own disk included.
    pub fn sees_file(&self, path: &str) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.child.id()));
        let directory = self.directory.strip_prefix("/").unwrap_or(&self.directory);
        root.join(directory).join(path)
    }

    fn launch(mut command: Command, directory: &Path, settings: &[(&str, &str)]) -> Result<Self> {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(directory.join("bot.log"))?;
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn()?;
        let stdout = child.stdout.take().context("no standard output")?;
        let (told, tell) = mpsc::channel();
        std::thread::spawn(move || {
            let mut lines = BufReader::new(stdout);
            let mut line = String::new();
            while lines.read_line(&mut line).is_ok_and(|read| read > 0) {
                if let Some(at) = line.find("http://") {
                    let _ = told.send(line[at..].trim().to_owned());
                }
                line.clear();
            }
        });
        let Ok(url) = tell.recv_timeout(START) else {
            let _ = child.kill();
            let _ = child.wait();
            let mut log = String::new();
            std::fs::File::open(directory.join("bot.log"))?.read_to_string(&mut log)?;
            bail!("the bot did not start:\n{log}");
        };
        let settings = settings
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        Ok(Self {
            child,
            url,
            directory: directory.to_path_buf(),
            settings,
        })
    }

    /// Kills the process the hard way (SIGKILL) and starts it again at the same address.
    pub fn kill_and_restart(&mut self) -> Result<()> {
        self.kill()?;
        self.restart()
    }

    /// Kills the process the hard way (SIGKILL).
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Starts a killed process again at the same address.
    pub fn restart(&mut self) -> Result<()> {
        let listen = self
            .url
            .trim_start_matches("http://")
            .trim_end_matches('/')
            .to_owned();
        let mut settings: Vec<(&str, &str)> = self
            .settings
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        settings.push(("WEB__LISTEN", &listen));
        let again = Self::start(&self.directory, &settings)?;
        *self = again;
        Ok(())
    }

    /// Asks the process to end (SIGTERM) and waits until it has.
    pub fn terminate(mut self) -> Result<std::process::ExitStatus> {
        let asked = Command::new("kill")
            .arg(self.child.id().to_string())
            .status()?;
        anyhow::ensure!(asked.success(), "kill: {asked}");
        Ok(self.child.wait()?)
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
