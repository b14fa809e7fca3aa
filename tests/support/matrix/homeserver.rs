//! The homeserver: the one that tests share, or one of a test's own that can be stopped.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use crate::peers::{free_port, until};
use crate::web::http::ask;
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long a start may take.
const START: Duration = Duration::from_secs(60);

/// A homeserver with accounts of a test's own.
pub struct Homeserver {
    /// Where its client API is.
    pub url: String,
    own: Option<Own>,
}

struct Own {
    directory: TempDir,
    port: u16,
    upload: String,
    child: Mutex<Option<Child>>,
}

/// What Synapse and the people's client are installed in.
pub(super) fn venv() -> Result<PathBuf> {
    let path = std::env::var_os("LORIKEET_MATRIX_VENV");
    Ok(PathBuf::from(path.context(
        "LORIKEET_MATRIX_VENV is not set: use tests/run",
    )?))
}

/// A file of these tests.
pub(super) fn script(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("matrix")
        .join(name)
}

impl Homeserver {
    /// The one that tests share.
    pub fn shared() -> Result<Self> {
        let url = std::env::var("LORIKEET_MATRIX_URL");
        Ok(Self {
            url: url.context("LORIKEET_MATRIX_URL is not set: use tests/run")?,
            own: None,
        })
    }

    /// One of the test's own, which takes uploads of so many bytes, such as `50M`.
    pub async fn own(upload: &str) -> Result<Self> {
        let port = free_port()?;
        let homeserver = Self {
            url: format!("http://127.0.0.1:{port}"),
            own: Some(Own {
                directory: tempfile::tempdir()?,
                port,
                upload: upload.to_owned(),
                child: Mutex::default(),
            }),
        };
        homeserver.start().await?;
        Ok(homeserver)
    }

    /// Starts it, with what it had before.
    pub async fn start(&self) -> Result<()> {
        let own = self.own.as_ref().context("it is everybody's")?;
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(own.directory.path().join("log"))?;
        let child = Command::new(venv()?.join("bin/python"))
            .arg(script("homeserver.py"))
            .arg(own.directory.path())
            .arg(own.port.to_string())
            .arg(&own.upload)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        if let Ok(mut slot) = own.child.lock() {
            *slot = Some(child);
        }
        let port = own.port;
        until("a homeserver", START, || async move {
            let asked = ask(port, "GET /_matrix/client/versions", "", b"").await;
            Ok(asked.is_ok_and(|answer| answer.status == 200))
        })
        .await
    }

    /// Kills it the hard way.
    pub fn kill(&self) {
        let slot = self.own.as_ref().and_then(|own| own.child.lock().ok());
        if let Some(mut child) = slot.and_then(|mut slot| slot.take()) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Makes an account whose name begins like this; its whole id.
    pub fn register(&self, name: &str) -> Result<String> {
        self.made(name, "--no-admin")
    }

    /// Lets an account send so many events a second, and so many at once.
    pub async fn limits(&self, user: &str, per_second: u32, burst: u32) -> Result<()> {
        let admin = self.made("admin", "--admin")?;
        let token = self.login(&admin).await?;
        let call = format!("POST /_synapse/admin/v1/users/{user}/override_ratelimit");
        let limit = json!({ "messages_per_second": per_second, "burst_count": burst });
        self.call(&token, &call, &limit).await.map(drop)
    }

    fn made(&self, name: &str, admin: &str) -> Result<String> {
        let name = format!("{name}-{:08x}", rand::random::<u32>());
        let made = Command::new(venv()?.join("bin/register_new_matrix_user"))
            .args(["-u", &name, "-p", PASSWORD, admin, "-k", "tests", &self.url])
            .output()?;
        let said = String::from_utf8_lossy(&made.stdout);
        ensure!(made.status.success() && said.contains("Success"), "{said}");
        Ok(format!("@{name}:matrix.test"))
    }

    /// Logs in; the token.
    pub async fn login(&self, user: &str) -> Result<String> {
        let who = json!({ "type": "m.id.user", "user": user });
        let with = json!({ "type": "m.login.password", "identifier": who, "password": PASSWORD });
        let known = self
            .call("", "POST /_matrix/client/v3/login", &with)
            .await?;
        Ok(known["access_token"]
            .as_str()
            .context("a token")?
            .to_owned())
    }

    /// Where it listens.
    pub fn port(&self) -> Result<u16> {
        let (_, port) = self.url.rsplit_once(':').context("no port")?;
        Ok(port.parse()?)
    }

    /// Makes a call of the client API.
    pub async fn call(&self, token: &str, call: &str, body: &Value) -> Result<Value> {
        let headers =
            format!("Authorization: Bearer {token}\r\nContent-Type: application/json\r\n");
        let answer = ask(self.port()?, call, &headers, body.to_string().as_bytes()).await?;
        ensure!(
            answer.status == 200,
            "{call}: {} {}",
            answer.status,
            answer.body
        );
        Ok(serde_json::from_str(&answer.body)?)
    }
}

impl Drop for Homeserver {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Everybody's.
pub const PASSWORD: &str = "a-password-of-the-tests";
