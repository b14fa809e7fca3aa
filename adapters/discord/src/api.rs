//! The calls this adapter makes, and what became of them.
//!
//! By plain HTTP: what an answer says more than is known here must not look like a failure, and the pace is the adapter's
//! own ([`buckets`](crate::buckets)).

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use lorikeet_platform::{DeliveryError, Failure, Secret};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::buckets::{Buckets, Kind, Said};

/// The longest call there is: files on a slow line.
const CALL: Duration = Duration::from_secs(120);
/// The longest wait for a place in a bucket inside of one call; a longer one is waited for outside.
const PATIENCE: Duration = Duration::from_secs(2);
/// How the program calls itself: <https://discord.com/developers/docs/reference#user-agent>.
const AGENT: &str = concat!("DiscordBot (Lorikeet, ", env!("CARGO_PKG_VERSION"), ")");

/// A file that goes with a message.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) bytes: Bytes,
}

/// A call.
#[derive(Debug)]
pub(crate) struct Call {
    method: Method,
    path: String,
    /// None where the path carries a token of its own and no bucket is counted.
    kind: Option<Kind>,
    body: Option<Value>,
    files: Vec<File>,
}

impl Call {
    /// A call of the bot; `major` is the channel or server it is about, `path` what comes behind the API's address.
    pub(crate) fn of(
        method: Method,
        template: &'static str,
        major: &str,
        path: impl Into<String>,
    ) -> Self {
        Self {
            method,
            path: path.into(),
            kind: Some(Kind {
                template,
                major: major.to_owned(),
            }),
            body: None,
            files: Vec::new(),
        }
    }

    /// An answer to an interaction, whose token is in the path.
    pub(crate) fn answer(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            kind: None,
            body: None,
            files: Vec::new(),
        }
    }

    #[must_use]
    pub(crate) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    #[must_use]
    pub(crate) fn files(mut self, files: Vec<File>) -> Self {
        self.files = files;
        self
    }
}

/// What makes the calls. Without `Debug`: it would show the token.
pub(crate) struct Api {
    client: Client,
    base: String,
    token: HeaderValue,
    buckets: Mutex<Buckets>,
}

impl Api {
    /// # Errors
    /// What is missing for a connection.
    pub(crate) fn new(base: String, token: &Secret) -> Result<Self, &'static str> {
        let mut token = HeaderValue::from_str(&format!("Bot {}", token.reveal()))
            .map_err(|_| "discord.token: that is not a bot's token")?;
        token.set_sensitive(true);
        // The program may have chosen one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(AGENT)
            .timeout(CALL)
            .connect_timeout(Duration::from_secs(10))
            .build()
            .map_err(|_| "discord: no connection can be made with TLS; the system's certificates may be missing")?;
        Ok(Self {
            client,
            base,
            token,
            buckets: Mutex::default(),
        })
    }

    /// The client, for files at addresses that Discord gave.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Makes a call.
    ///
    /// # Errors
    /// [`Refusal`]: what to do about it.
    pub(crate) async fn call<T: DeserializeOwned>(&self, call: Call) -> Result<T, Refusal> {
        let answer = self.made(call).await?;
        serde_json::from_slice(&answer)
            .map_err(|_| Refusal::Network("an answer that is none".to_owned()))
    }

    /// Makes a call whose answer says nothing.
    ///
    /// # Errors
    /// [`Refusal`]: what to do about it.
    pub(crate) async fn tell(&self, call: Call) -> Result<(), Refusal> {
        self.made(call).await.map(drop)
    }

    async fn made(&self, call: Call) -> Result<Bytes, Refusal> {
        if let Some(kind) = &call.kind {
            self.turn_of(kind).await?;
        }
        let mut request = self
            .client
            .request(call.method, format!("{}{}", self.base, call.path));
        if call.kind.is_some() {
            request = request.header(AUTHORIZATION, self.token.clone());
        }
        let request = match (call.body, call.files) {
            (None, _) => request,
            (Some(body), files) if files.is_empty() => request
                .header("content-type", "application/json")
                .body(body.to_string()),
            (Some(body), files) => {
                let mut form = Form::new().part("payload_json", json_part(&body)?);
                for (number, file) in files.into_iter().enumerate() {
                    let part = Part::stream(file.bytes).file_name(file.name);
                    form = form.part(format!("files[{number}]"), part);
                }
                request.multipart(form)
            }
        };
        // Not the error's own words: they hold an address, and in it the token of an interaction.
        let answer = request
            .send()
            .await
            .map_err(|error| Refusal::Network(network(&error)))?;
        let status = answer.status();
        let said = read_headers(answer.headers());
        let body = answer
            .bytes()
            .await
            .map_err(|error| Refusal::Network(network(&error)))?;
        let outcome = if status.is_success() {
            Ok(body)
        } else {
            Err(Refusal::of(status, &body, &said))
        };
        if let Some(kind) = &call.kind {
            let said = match &outcome {
                Err(Refusal::Flood { after, global }) => Said {
                    retry_after: Some(*after),
                    global: *global,
                    ..said
                },
                _ => said,
            };
            let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
            buckets.hear(kind, &said, Instant::now());
        }
        outcome
    }

    /// Waits for a place in a bucket.
    async fn turn_of(&self, kind: &Kind) -> Result<(), Refusal> {
        let begun = Instant::now();
        loop {
            let now = Instant::now();
            let taken = {
                let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
                buckets.take(kind, now)
            };
            match taken {
                Ok(()) => return Ok(()),
                Err(wait) if now - begun + wait > PATIENCE => {
                    return Err(Refusal::Flood {
                        after: wait,
                        global: false,
                    });
                }
                Err(wait) => sleep(wait).await,
            }
        }
    }
}

fn json_part(body: &Value) -> Result<Part, Refusal> {
    Part::text(body.to_string())
        .mime_str("application/json")
        .map_err(|_| Refusal::Refused("a call that cannot be written".to_owned()))
}

/// What a connection's failure was, without the address.
fn network(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        "no answer in time".to_owned()
    } else if error.is_connect() {
        "no connection".to_owned()
    } else {
        "the connection broke".to_owned()
    }
}

fn read_headers(headers: &HeaderMap) -> Said {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let number = |name: &str| text(name).and_then(|text| text.parse::<u32>().ok());
    Said {
        bucket: text("x-ratelimit-bucket").map(str::to_owned),
        remaining: number("x-ratelimit-remaining"),
        reset_after: text("x-ratelimit-reset-after").and_then(seconds),
        retry_after: None,
        global: text("x-ratelimit-scope") == Some("global") || text("x-ratelimit-global").is_some(),
    }
}

/// A time to wait, of a length that can be.
fn seconds(text: &str) -> Option<Duration> {
    let seconds = text.parse::<f64>().ok()?;
    Duration::try_from_secs_f64(seconds.clamp(0.0, 86_400.0)).ok()
}

/// Why a call was not done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Refusal {
    /// The token is wrong.
    Unauthorized,
    /// Too much at once.
    Flood {
        /// How long to wait.
        after: Duration,
        /// Whether that is for every call.
        global: bool,
    },
    /// The message is not there any more.
    NoSuchMessage,
    /// Nothing can be said here: no such channel, no permission, closed private messages. In Discord's words.
    Gone(String),
    /// The interaction is over, or is not known yet.
    NoSuchInteraction,
    /// The interaction has its first answer.
    Answered,
    /// More bytes than it takes.
    TooLarge,
    /// Something else that will not work.
    Refused(String),
    /// It may work later.
    Network(String),
}

impl Refusal {
    /// Whether the same call may work later.
    pub(crate) const fn may_pass(&self) -> bool {
        matches!(self, Self::Network(_) | Self::Flood { .. })
    }
}

/// What Discord says of a refusal: <https://discord.com/developers/docs/reference#error-messages>.
#[derive(Default, Deserialize)]
struct Problem {
    #[serde(default)]
    code: u64,
    #[serde(default)]
    message: String,
    #[serde(default)]
    retry_after: f64,
    #[serde(default)]
    global: bool,
    #[serde(default)]
    errors: Value,
}

impl Refusal {
    /// Codes: <https://discord.com/developers/docs/topics/opcodes-and-status-codes#json>.
    fn of(status: StatusCode, body: &[u8], said: &Said) -> Self {
        let problem: Problem = serde_json::from_slice(body).unwrap_or_default();
        let words = if problem.errors.is_null() {
            problem.message
        } else {
            format!("{} {}", problem.message, problem.errors)
        };
        match (status.as_u16(), problem.code) {
            (429, _) => Self::Flood {
                after: seconds(&problem.retry_after.to_string())
                    .filter(|after| !after.is_zero())
                    .or(said.reset_after)
                    .unwrap_or(Duration::from_secs(1)),
                global: problem.global || said.global,
            },
            (401, _) => Self::Unauthorized,
            (_, 10008) => Self::NoSuchMessage,
            (_, 10015 | 10062 | 50027) => Self::NoSuchInteraction,
            (_, 40060) => Self::Answered,
            (_, 40005) | (413, _) => Self::TooLarge,
            // Unknown channel, guild; missing access, closed private messages, missing permissions, an archived thread.
            (_, 10003 | 10004 | 50001 | 50007 | 50013 | 50083) => Self::Gone(words),
            (500.., _) => Self::Network(format!("an error of the server, {}", status.as_u16())),
            (403, _) => Self::Gone(words),
            _ => Self::Refused(words),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unauthorized => f.write_str("Discord does not know the token"),
            Self::Flood { after, .. } => write!(f, "a pause of {} ms", after.as_millis()),
            Self::NoSuchMessage => f.write_str("the message is not there any more"),
            Self::Gone(said) => write!(f, "nothing can be said here: {said}"),
            Self::NoSuchInteraction => f.write_str("the interaction is over"),
            Self::Answered => f.write_str("the interaction has its answer"),
            Self::TooLarge => f.write_str("it has too many bytes"),
            Self::Refused(said) => write!(f, "Discord refused it: {said}"),
            Self::Network(why) => write!(f, "Discord did not answer: {why}"),
        }
    }
}

impl From<Refusal> for DeliveryError {
    fn from(refusal: Refusal) -> Self {
        let mut error = if refusal.may_pass() {
            Self::retry(refusal.to_string())
        } else {
            Self::permanent(refusal.to_string())
        };
        if let Refusal::Flood { after, .. } = refusal {
            error.failure = Failure::Retry { after: Some(after) };
        }
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, body: &str) -> Refusal {
        let status = StatusCode::from_u16(status).unwrap();
        Refusal::of(status, body.as_bytes(), &Said::default())
    }

    #[test]
    fn refusals_say_what_to_do() {
        let gone = |said: &str| Refusal::Gone(said.to_owned());
        let cases = [
            (
                401,
                r#"{"message":"401: Unauthorized","code":0}"#,
                Refusal::Unauthorized,
            ),
            (
                404,
                r#"{"message":"Unknown Message","code":10008}"#,
                Refusal::NoSuchMessage,
            ),
            (
                404,
                r#"{"message":"Unknown interaction","code":10062}"#,
                Refusal::NoSuchInteraction,
            ),
            (
                404,
                r#"{"message":"Unknown Webhook","code":10015}"#,
                Refusal::NoSuchInteraction,
            ),
            (
                400,
                r#"{"message":"Interaction has already been acknowledged.","code":40060}"#,
                Refusal::Answered,
            ),
            (
                403,
                r#"{"message":"Missing Permissions","code":50013}"#,
                gone("Missing Permissions"),
            ),
            (
                403,
                r#"{"message":"Cannot send messages to this user","code":50007}"#,
                gone("Cannot send messages to this user"),
            ),
            (
                404,
                r#"{"message":"Unknown Channel","code":10003}"#,
                gone("Unknown Channel"),
            ),
            (413, "<html>", Refusal::TooLarge),
            (
                502,
                "<html>",
                Refusal::Network("an error of the server, 502".to_owned()),
            ),
            (
                429,
                r#"{"message":"You are being rate limited.","retry_after":0.25,"global":true}"#,
                Refusal::Flood {
                    after: Duration::from_millis(250),
                    global: true,
                },
            ),
            (
                429,
                "error code: 1015",
                Refusal::Flood {
                    after: Duration::from_secs(1),
                    global: false,
                },
            ),
            (
                429,
                r#"{"retry_after":1e300}"#,
                Refusal::Flood {
                    after: Duration::from_secs(86_400),
                    global: false,
                },
            ),
            (
                400,
                r#"{"message":"Invalid Form Body","code":50035,"errors":{"embeds":{}}}"#,
                Refusal::Refused(r#"Invalid Form Body {"embeds":{}}"#.to_owned()),
            ),
        ];
        for (status, body, expected) in cases {
            assert_eq!(refused(status, body), expected, "{status} {body}");
        }
    }

    #[test]
    fn only_what_passes_is_tried_again() {
        let failure = |refusal: Refusal| DeliveryError::from(refusal).failure;
        let after = Duration::from_secs(3);
        let flood = Refusal::Flood {
            after,
            global: false,
        };
        assert_eq!(failure(flood), Failure::Retry { after: Some(after) });
        let network = Refusal::Network("no connection".to_owned());
        assert_eq!(failure(network), Failure::Retry { after: None });
        for refusal in [
            Refusal::Unauthorized,
            Refusal::TooLarge,
            Refusal::Gone(String::new()),
        ] {
            assert_eq!(failure(refusal), Failure::Permanent);
        }
    }
}
