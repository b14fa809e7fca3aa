//! The gateway: <https://discord.com/developers/docs/events/gateway>.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message as Frame, WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequest as _, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep_until};

use crate::world::{Call, State, World};

/// Whom events of private channels go to.
pub(crate) const DIRECT_MESSAGES: u64 = 1 << 12;
/// Whom events of messages on servers go to.
pub(crate) const GUILD_MESSAGES: u64 = 1 << 9;
/// With this, all messages have their content.
pub(crate) const MESSAGE_CONTENT: u64 = 1 << 15;
/// What has to be asked for in the portal: members, presences, contents.
const PRIVILEGED: u64 = (1 << 1) | (1 << 8) | MESSAGE_CONTENT;
/// Every intent there is: <https://discord.com/developers/docs/events/gateway#list-of-intents>.
const INTENTS: u64 = 0x0331_ffff;
/// Bytes of what a client says at once.
const SAID: usize = 4_096;
/// What a client says in a minute, at most.
const SAYINGS: usize = 120;
const MINUTE: Duration = Duration::from_secs(60);

/// Codes that a connection is closed with: <https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway>.
mod close {
    pub(super) const OPCODE: u16 = 4001;
    pub(super) const DECODING: u16 = 4002;
    pub(super) const STRANGER: u16 = 4003;
    pub(super) const TOKEN: u16 = 4004;
    pub(super) const AGAIN: u16 = 4005;
    pub(super) const SEQUENCE: u16 = 4007;
    pub(super) const FLOOD: u16 = 4008;
    pub(super) const TIME: u16 = 4009;
    pub(super) const SHARD: u16 = 4010;
    pub(super) const VERSION: u16 = 4012;
    pub(super) const INTENTS: u16 = 4013;
    pub(super) const DISALLOWED: u16 = 4014;
}

/// What a client hears of: it outlives its connection for a while.
#[derive(Debug)]
pub(crate) struct Session {
    shard: (u64, u64),
    intents: u64,
    sequence: u64,
    /// Everything it was told, by sequence.
    told: Vec<(u64, Value)>,
    line: Option<UnboundedSender<Order>>,
    gone_at: Option<Instant>,
}

/// What a connection is to do.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    Say(Value),
    /// Ends in good order.
    Close(u16),
    /// Breaks off without a word.
    Cut,
    /// Stays, and neither says nor hears anything more.
    Freeze,
}

/// What the next who ask are told of their session, for tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// "Reconnect": the session goes on elsewhere.
    Reconnect,
    /// "Invalid session"; whether it may be resumed.
    Invalid(bool),
    /// The connection breaks off.
    Cut,
    /// The connection stays, but nobody is there any more.
    Freeze,
    /// All is forgotten and the connections break off: who comes back has to begin anew.
    Forget,
    /// Closed with a code.
    Close(u16),
}

/// Does something to all connections there are.
pub(crate) fn trouble(world: &World, trouble: Trouble) {
    let mut state = world.state();
    let order = |state: &State, order: Order| {
        for line in state.sessions.values().filter_map(|s| s.line.as_ref()) {
            // It may have gone by itself.
            let _ = line.send(order.clone());
        }
    };
    match trouble {
        Trouble::Reconnect => order(&state, Order::Say(json!({ "op": 7, "d": null }))),
        Trouble::Invalid(resumable) => {
            order(&state, Order::Say(json!({ "op": 9, "d": resumable })));
            if !resumable {
                state.sessions.clear();
            }
        }
        Trouble::Cut => order(&state, Order::Cut),
        Trouble::Freeze => order(&state, Order::Freeze),
        Trouble::Close(code) => order(&state, Order::Close(code)),
        Trouble::Forget => {
            order(&state, Order::Cut);
            state.sessions.clear();
        }
    }
}

/// Tells whoever hears of a server, or of private channels, about something; `intent` is what has to be asked for it, 0 for
/// nothing.
pub(crate) fn dispatch(
    state: &mut State,
    guild: Option<u64>,
    intent: u64,
    kind: &str,
    data: impl Fn(u64) -> Value,
) {
    for session in state.sessions.values_mut() {
        let (shard, of) = session.shard;
        // <https://discord.com/developers/docs/events/gateway#sharding-sharding-formula>
        let is_its = guild.map_or(0, |guild| (guild >> 22) % of) == shard;
        if is_its && (intent == 0 || session.intents & intent != 0) {
            session.tell(kind, data(session.intents));
        }
    }
}

impl Session {
    fn tell(&mut self, kind: &str, data: Value) {
        self.sequence += 1;
        let said = json!({ "op": 0, "s": self.sequence, "t": kind, "d": data });
        self.told.push((self.sequence, said.clone()));
        if let Some(line) = &self.line {
            // What a broken line lost is told again.
            let _ = line.send(Order::Say(said));
        }
    }
}

/// Takes a connection.
pub(crate) async fn open(world: Arc<World>, request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default().to_owned();
    match WebSocketUpgrade::from_request(request, &()).await {
        Ok(upgrade) => upgrade.on_upgrade(async move |socket| talk(world, socket, &query).await),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// A connection, as long as it lasts.
struct Line<'a> {
    world: &'a World,
    orders: UnboundedSender<Order>,
    session: Option<String>,
    beat: Instant,
    said: VecDeque<Instant>,
}

async fn talk(world: Arc<World>, mut socket: WebSocket, query: &str) {
    let every = world.options.heartbeat;
    let hello = json!({ "op": 10, "d": { "heartbeat_interval": every.as_millis() as u64 } });
    let (orders, mut ordered) = unbounded_channel();
    let mut line = Line {
        world: &world,
        orders,
        session: None,
        beat: Instant::now(),
        said: VecDeque::new(),
    };
    let has = |part: &str| query.split('&').any(|given| given == part);
    let mut end = None;
    if !(has("v=10") && has("encoding=json")) {
        end = Some(close::VERSION);
    }
    if socket.send(text(&hello)).await.is_err() {
        return;
    }
    let mut frozen = false;
    while end.is_none() {
        let patience = line.beat + every * 2;
        tokio::select! {
            order = ordered.recv() => match order {
                Some(Order::Say(_)) if frozen => {}
                Some(Order::Say(said)) => if socket.send(text(&said)).await.is_err() { break },
                Some(Order::Close(code)) => end = Some(code),
                Some(Order::Freeze) => frozen = true,
                Some(Order::Cut) | None => break,
            },
            heard = socket.recv() => match heard {
                Some(Ok(Frame::Text(_))) if frozen => {}
                Some(Ok(Frame::Text(said))) => match line.hear(&said) {
                    Ok(Some(answer)) => if socket.send(text(&answer)).await.is_err() { break },
                    Ok(None) => {}
                    Err(code) => end = Some(code),
                },
                Some(Ok(Frame::Close(frame))) => {
                    // <https://discord.com/developers/docs/events/gateway#initiating-a-disconnect>
                    if frame.is_some_and(|frame| matches!(frame.code, 1000 | 1001)) {
                        line.forget();
                    }
                    break;
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break,
            },
            () = sleep_until(patience), if !frozen => {
                line.forget();
                end = Some(close::TIME);
            }
        }
    }
    if let Some(code) = end {
        line.note(&format!("closed {code}"), Value::Null);
        let frame = CloseFrame {
            code,
            reason: "".into(),
        };
        // Who is not there any more is not told.
        let _ = socket.send(Frame::Close(Some(frame))).await;
    }
    line.leave();
    world.changed.notify_waiters();
}

fn text(value: &Value) -> Frame {
    Frame::Text(value.to_string().into())
}

impl Line<'_> {
    /// Hears what a client says; the answer, or what the connection is closed with.
    fn hear(&mut self, said: &str) -> Result<Option<Value>, u16> {
        let now = Instant::now();
        self.said.push_back(now);
        self.said.retain(|at| now - *at < MINUTE);
        if self.said.len() > SAYINGS {
            return Err(close::FLOOD);
        }
        if said.len() > SAID {
            return Err(close::DECODING);
        }
        let said: Value = serde_json::from_str(said).map_err(|_| close::DECODING)?;
        let data = &said["d"];
        match said["op"].as_u64().ok_or(close::DECODING)? {
            1 => {
                self.beat = now;
                Ok(Some(json!({ "op": 11 })))
            }
            2 => self.identify(data),
            6 => self.resume(data),
            3 | 4 | 8 | 31 if self.session.is_none() => Err(close::STRANGER),
            3 | 4 | 8 | 31 => Ok(None),
            _ => Err(close::OPCODE),
        }
    }

    fn is_known(&self, data: &Value) -> Result<(), u16> {
        if self.session.is_some() {
            return Err(close::AGAIN);
        }
        let token = data["token"].as_str().ok_or(close::DECODING)?;
        let token = token.strip_prefix("Bot ").unwrap_or(token);
        if token == self.world.options.token {
            Ok(())
        } else {
            Err(close::TOKEN)
        }
    }

    fn identify(&mut self, data: &Value) -> Result<Option<Value>, u16> {
        self.is_known(data)?;
        let properties = &data["properties"];
        if !["os", "browser", "device"]
            .iter()
            .all(|name| properties[name].is_string())
        {
            return Err(close::DECODING);
        }
        let intents = data["intents"].as_u64().ok_or(close::DECODING)?;
        if intents & !INTENTS != 0 {
            return Err(close::INTENTS);
        }
        if intents & PRIVILEGED != 0 {
            return Err(close::DISALLOWED);
        }
        let number = |at: usize, usual: u64| data["shard"][at].as_u64().unwrap_or(usual);
        let shard = (number(0, 0), number(1, 1));
        if shard.0 >= shard.1 {
            return Err(close::SHARD);
        }
        self.note(
            "identify",
            json!({ "shard": [shard.0, shard.1], "intents": intents }),
        );
        let world = self.world;
        let mut state = world.state();
        let now = Instant::now();
        let too_early = state
            .identified_at
            .is_some_and(|at| now - at < world.options.identify_every);
        if too_early {
            return Ok(Some(json!({ "op": 9, "d": false })));
        }
        state.identified_at = Some(now);
        let id = format!("session-{}", state.id());
        let mut session = Session {
            shard,
            intents,
            sequence: 0,
            told: Vec::new(),
            line: Some(self.orders.clone()),
            gone_at: None,
        };
        let bot = world.bot.to_string();
        session.tell(
            "READY",
            json!({
                "v": 10, "session_id": id, "shard": [shard.0, shard.1], "guilds": [],
                "resume_gateway_url": world.gateway(),
                "user": { "id": bot, "username": "lorikeet", "bot": true },
                "application": { "id": bot, "flags": 0 },
            }),
        );
        state.sessions.insert(id.clone(), session);
        self.session = Some(id);
        drop(state);
        world.changed.notify_waiters();
        Ok(None)
    }

    fn resume(&mut self, data: &Value) -> Result<Option<Value>, u16> {
        self.is_known(data)?;
        let id = data["session_id"].as_str().ok_or(close::DECODING)?;
        let after = data["seq"].as_u64().ok_or(close::DECODING)?;
        self.note("resume", json!({ "seq": after }));
        let world = self.world;
        let mut state = world.state();
        let now = Instant::now();
        let keeps = world.options.resume_within;
        state
            .sessions
            .retain(|_, session| session.gone_at.is_none_or(|at| now - at < keeps));
        let Some(session) = state.sessions.get_mut(id) else {
            return Ok(Some(json!({ "op": 9, "d": false })));
        };
        if after > session.sequence {
            return Err(close::SEQUENCE);
        }
        if let Some(other) = session.line.replace(self.orders.clone()) {
            let _ = other.send(Order::Close(4000));
        }
        session.gone_at = None;
        for (_, missed) in session.told.iter().filter(|(at, _)| *at > after) {
            let _ = self.orders.send(Order::Say(missed.clone()));
        }
        session.tell("RESUMED", json!({}));
        self.session = Some(id.to_owned());
        drop(state);
        world.changed.notify_waiters();
        Ok(None)
    }

    /// The session ends with its connection.
    fn forget(&mut self) {
        if let Some(id) = self.session.take() {
            self.world.state().sessions.remove(&id);
        }
    }

    /// The connection ends; the session waits for another.
    fn leave(&mut self) {
        let Some(id) = self.session.take() else {
            return;
        };
        let mut state = self.world.state();
        if let Some(session) = state.sessions.get_mut(&id) {
            let is_ours = session
                .line
                .as_ref()
                .is_some_and(|line| line.same_channel(&self.orders));
            if is_ours {
                session.line = None;
                session.gone_at = Some(Instant::now());
            }
        }
    }

    fn note(&self, what: &str, body: Value) {
        self.world.state().log.push(Call {
            method: "GATEWAY".to_owned(),
            path: what.to_owned(),
            body,
            status: 0,
        });
    }
}

/// The last event of every session together.
pub(crate) fn sequence(state: &State) -> u64 {
    let sessions = state.sessions.values();
    sessions.map(|session| session.sequence).sum()
}

/// How many are connected.
pub(crate) fn connected(state: &State) -> usize {
    let sessions = state.sessions.values();
    sessions.filter(|session| session.line.is_some()).count()
}
