//! Everything there is behind the server: people, channels, messages, interactions, commands, files.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::buckets::Bucket;
use crate::gateway::Session;
use crate::{Fault, Options};

/// How long an interaction waits for its first answer:
/// <https://discord.com/developers/docs/interactions/receiving-and-responding#responding-to-an-interaction>.
pub(crate) const FIRST: Duration = Duration::from_secs(3);
/// A message that only one person sees.
pub(crate) const EPHEMERAL: u64 = 1 << 6;

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) options: Options,
    /// Where it is.
    pub(crate) url: String,
    pub(crate) bot: u64,
    pub(crate) key: Ed25519KeyPair,
    state: Mutex<State>,
    pub(crate) changed: Notify,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    /// Ids rise, as Discord's do.
    last_id: u64,
    pub(crate) users: HashMap<u64, User>,
    pub(crate) channels: HashMap<u64, Channel>,
    pub(crate) messages: Vec<Message>,
    /// By token.
    pub(crate) interactions: HashMap<String, Interaction>,
    /// By server; 0 for everywhere.
    pub(crate) commands: HashMap<u64, Value>,
    /// How often commands were set.
    pub(crate) commands_set: u64,
    /// By path.
    pub(crate) files: HashMap<String, Bytes>,
    pub(crate) endpoint: Option<String>,
    pub(crate) log: Vec<Call>,
    pub(crate) faults: VecDeque<(&'static str, Fault)>,
    /// What the bot may do on servers where that is not everything.
    pub(crate) permissions: HashMap<u64, u64>,
    /// Rates, by kind of call, and channel or token.
    pub(crate) buckets: HashMap<(&'static str, String), Bucket>,
    /// Of the gateway, by id.
    pub(crate) sessions: HashMap<String, Session>,
    pub(crate) identified_at: Option<Instant>,
}

#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) locale: String,
    /// Takes no private messages from the bot.
    pub(crate) closed: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pub(crate) name: String,
    /// The server, or none in private.
    pub(crate) guild: Option<u64>,
    pub(crate) members: Vec<u64>,
    /// Whether the bot may see it and speak there.
    pub(crate) is_open: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: u64,
    pub(crate) channel: u64,
    /// Who wrote it; none for the bot.
    pub(crate) by: Option<u64>,
    /// As it was sent and changed.
    pub(crate) body: Value,
    pub(crate) files: Vec<(String, Bytes)>,
    /// Who alone sees it.
    pub(crate) only: Option<u64>,
    pub(crate) nonce: Option<String>,
    /// It says that something is coming.
    pub(crate) loading: bool,
    pub(crate) edits: u32,
}

/// Something a person did, and what came of it.
#[derive(Clone, Debug)]
pub(crate) struct Interaction {
    pub(crate) by: u64,
    pub(crate) channel: u64,
    /// 2 to 5.
    pub(crate) kind: u64,
    pub(crate) on: Option<u64>,
    pub(crate) at: Instant,
    pub(crate) first: Option<u64>,
    /// The message that its first answer made or is about.
    pub(crate) original: Option<u64>,
    pub(crate) form: Option<Value>,
    pub(crate) failed: bool,
}

/// A call of the bot.
#[derive(Clone, Debug)]
pub struct Call {
    /// The verb.
    pub method: String,
    /// Behind `/api/v10`, with tokens of interactions as `{token}`.
    pub path: String,
    /// The JSON of its body.
    pub body: Value,
    /// How it was answered.
    pub status: u16,
}

/// Why a call is not done: <https://discord.com/developers/docs/topics/opcodes-and-status-codes>.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: u64,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: u64, message: &str) -> Self {
        Self {
            status,
            code,
            message: message.to_owned(),
        }
    }

    pub(crate) fn form(why: String) -> Self {
        Self {
            status: 400,
            code: 50035,
            message: format!("Invalid Form Body {why}"),
        }
    }
}

impl World {
    pub(crate) fn new(options: Options, url: String) -> Result<Self, ring::error::KeyRejected> {
        Ok(Self {
            options,
            url,
            bot: 7_000,
            key: Ed25519KeyPair::from_seed_unchecked(&[42; 32])?,
            state: Mutex::new(State {
                last_id: 1_000_000_000_000_000_000,
                ..State::default()
            }),
            changed: Notify::new(),
        })
    }

    /// The gateway's address.
    pub(crate) fn gateway(&self) -> String {
        self.url.replacen("http", "ws", 1) + "/gateway"
    }

    pub(crate) fn public_key(&self) -> String {
        hex::encode(self.key.public_key().as_ref())
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A failed test must not fail its neighbours.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The channel as the bot may use it.
    pub(crate) fn open_channel(&self, channel: u64) -> Result<Channel, Refusal> {
        let state = self.state();
        let found = state.channels.get(&channel);
        let found = found.ok_or_else(|| Refusal::new(404, 10003, "Unknown Channel"))?;
        if !found.is_open {
            return Err(Refusal::new(403, 50001, "Missing Access"));
        }
        let closed = |id: &u64| state.users.get(id).is_some_and(|user| user.closed);
        if found.guild.is_none() && found.members.iter().any(closed) {
            return Err(Refusal::new(
                403,
                50007,
                "Cannot send messages to this user",
            ));
        }
        Ok(found.clone())
    }
}

impl State {
    pub(crate) fn id(&mut self) -> u64 {
        // As real ones are, the time in their upper bits: servers fall to different shards.
        self.last_id += 1 << 22;
        self.last_id
    }

    /// The private channel of a person.
    pub(crate) fn private(&mut self, person: u64) -> u64 {
        let private = |channel: &Channel| channel.guild.is_none() && channel.members == [person];
        let known = self.channels.iter().find(|(_, channel)| private(channel));
        if let Some((id, _)) = known {
            return *id;
        }
        let id = self.id();
        let channel = Channel {
            name: String::new(),
            guild: None,
            members: vec![person],
            is_open: true,
        };
        self.channels.insert(id, channel);
        id
    }

    pub(crate) fn message(&mut self, id: u64) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| message.id == id)
    }

    /// Puts a message there; one with a nonce that it has already is that one.
    pub(crate) fn put(&mut self, mut message: Message) -> u64 {
        let known = |other: &&Message| message.nonce.is_some() && other.nonce == message.nonce;
        if let Some(known) = self.messages.iter().find(known) {
            return known.id;
        }
        message.id = self.id();
        let id = message.id;
        self.messages.push(message);
        id
    }
}

/// A message of a body and files, not put anywhere yet.
pub(crate) fn message(channel: u64, body: Value, files: Vec<(String, Bytes)>) -> Message {
    let enforced = body["enforce_nonce"] == true;
    Message {
        id: 0,
        channel,
        by: None,
        nonce: body["nonce"]
            .as_str()
            .filter(|_| enforced)
            .map(str::to_owned),
        body,
        files,
        only: None,
        loading: false,
        edits: 0,
    }
}

/// Changes a message as an edit does: what is not named stays.
pub(crate) fn change(message: &mut Message, body: Value, files: Vec<(String, Bytes)>) {
    if let Some(kept) = body.get("attachments").and_then(Value::as_array) {
        // What is listed and was there before stays; what is new comes with its bytes.
        let listed = |name: &str| kept.iter().any(|listed| listed["filename"] == name);
        message.files.retain(|(name, _)| listed(name));
    }
    for (name, bytes) in files {
        message.files.retain(|(other, _)| *other != name);
        message.files.push((name, bytes));
    }
    if let Value::Object(parts) = body {
        for (key, value) in parts {
            message.body[key] = value;
        }
    }
    message.loading = false;
    message.edits += 1;
}

/// The names of the files that a message has after an edit.
pub(crate) fn names_after(
    message: &Message,
    body: &Value,
    files: &[(String, Bytes)],
) -> Vec<String> {
    let mut changed = message.clone();
    change(
        &mut changed,
        json!({ "attachments": body["attachments"] }),
        files.to_vec(),
    );
    changed.files.into_iter().map(|(name, _)| name).collect()
}
