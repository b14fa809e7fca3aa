//! Delivery of updates to the bot's own server.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use axum::body::Body;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::locks::lock;
use crate::log::{Answered, Call, method};
use crate::methods;
use crate::params::Params;
use crate::queue::{Flight, Update};
use crate::world::World;

/// The longest answer that is read.
const ANSWER: usize = 1024 * 1024;

/// How a delivery is lost, so that the update comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// The bot answered, and its answer does not arrive.
    Answer,
    /// The connection ends so long after the update was sent.
    After(Duration),
}

#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    pub(crate) url: url::Url,
    /// The address as the bot wrote it.
    pub(crate) given: String,
    pub(crate) secret: Option<String>,
    pub(crate) connections: usize,
    /// When and how the last delivery failed.
    pub(crate) last_error: Option<(i64, String)>,
    /// Connections that wait for more.
    idle: Arc<Mutex<Vec<SendRequest<Body>>>>,
}

impl Webhook {
    pub(crate) fn new(
        url: url::Url,
        given: &str,
        secret: Option<String>,
        connections: usize,
    ) -> Self {
        Self {
            url,
            given: given.to_owned(),
            secret,
            connections,
            last_error: None,
            idle: Arc::default(),
        }
    }
}

/// Delivers until the server is stopped.
pub(crate) async fn deliver(world: Arc<World>, stopped: CancellationToken) {
    lock(&world.queue.state).land();
    loop {
        let arrived = world.queue.arrived.notified();
        tokio::pin!(arrived);
        arrived.as_mut().enable();
        let now = world.clock.now();
        let (due, wake) = {
            let mut state = lock(&world.queue.state);
            match state.webhook.clone() {
                None => (Vec::new(), None),
                Some(webhook) => {
                    let (due, wake) = state.due(webhook.connections, now);
                    let due = due.into_iter().map(|flight| (webhook.clone(), flight));
                    (due.collect(), wake)
                }
            }
        };
        for (webhook, flight) in due {
            let flown = fly(Arc::clone(&world), webhook, flight);
            let stopped = stopped.clone();
            tokio::spawn(async move { stopped.run_until_cancelled(flown).await });
        }
        let wait = wake.map_or(Duration::from_secs(3600), |at| at.saturating_sub(now));
        tokio::select! {
            () = &mut arrived => {}
            () = sleep(wait) => {}
            () = stopped.cancelled() => return,
        }
    }
}

/// One update, once.
async fn fly(world: Arc<World>, webhook: Webhook, flight: Flight) {
    let Flight {
        serial,
        update,
        lost,
    } = flight;
    let patience = world.options.webhook_patience;
    let outcome = match timeout(patience, post(&webhook, &update, lost)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(anyhow::anyhow!("Read timeout expired")),
    };
    let now = world.clock.now();
    {
        let mut state = lock(&world.queue.state);
        let (first, last) = (
            world.options.webhook_first_retry,
            world.options.webhook_last_retry,
        );
        state.settle(serial, outcome.is_err(), now, first, last);
        if let (Err(error), Some(webhook)) = (&outcome, &mut state.webhook) {
            webhook.last_error = Some((world.clock.seconds(), error.to_string()));
        }
    }
    world.queue.arrived.notify_waiters();
    world.changed.notify_waiters();
    if let Ok(Some(reply)) = outcome {
        obey(&world, reply);
    }
}

/// Posts an update; its reply, if it was JSON.
async fn post(webhook: &Webhook, update: &Update, lost: Option<Lost>) -> Result<Option<Value>> {
    let url = &webhook.url;
    if url.scheme() != "http" {
        bail!("SSL error: the fake speaks no TLS");
    }
    let host = url.host_str().context("no host")?;
    let port = url.port_or_known_default().context("no port")?;
    let request = || -> Result<Request<Body>> {
        let mut path = url.path().to_owned();
        if let Some(query) = url.query() {
            path = format!("{path}?{query}");
        }
        let mut request = Request::post(path)
            .header(header::HOST, format!("{host}:{port}"))
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(secret) = &webhook.secret {
            request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
        }
        Ok(request.body(Body::from(update.body.clone()))?)
    };
    let idle = lock(&webhook.idle).pop().filter(SendRequest::is_ready);
    let mut connection = match idle {
        Some(connection) => connection,
        None => connect(host, port).await?,
    };
    let exchange = connection.send_request(request()?);
    if let Some(Lost::After(patience)) = lost {
        // Dropping the exchange ends the connection.
        let _ = timeout(patience, exchange).await;
        bail!("Connection reset by peer");
    }
    let answer = exchange
        .await
        .map_err(|_| anyhow::anyhow!("Connection closed"))?;
    let status = answer.status();
    let body = axum::body::to_bytes(Body::new(answer.into_body()), ANSWER)
        .await
        .map_err(|_| anyhow::anyhow!("Connection closed"))?;
    if lost == Some(Lost::Answer) {
        bail!("Connection reset by peer");
    }
    lock(&webhook.idle).push(connection);
    if !status.is_success() {
        bail!("Wrong response from the webhook: {status}");
    }
    Ok(serde_json::from_slice(&body).ok())
}

async fn connect(host: &str, port: u16) -> Result<SendRequest<Body>> {
    let refused = |_| anyhow::anyhow!("Connection refused");
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port))
        .await
        .map_err(refused)?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    // It ends with its sender.
    tokio::spawn(connection);
    Ok(sender)
}

/// A webhook may answer with one call. Its outcome goes nowhere.
fn obey(world: &Arc<World>, reply: Value) {
    let Value::Object(mut fields) = reply else {
        return;
    };
    let Some(Value::String(name)) = fields.remove("method") else {
        return;
    };
    let Some(method) = method(&name).filter(|method| *method != "getUpdates") else {
        return;
    };
    world.log.count(method);
    let params = Params {
        fields,
        ..Params::default()
    };
    let answered = match methods::call(world, method, &params) {
        Ok(_) => Answered::Ok,
        Err(refusal) => Answered::Refused(refusal.code, refusal.description.into_owned()),
    };
    if world.log.kept() {
        world.log.write(Call {
            at: world.clock.now(),
            method,
            body: Value::Object(params.fields),
            files: Vec::new(),
            answered,
            in_webhook_reply: true,
        });
    }
    world.changed.notify_waiters();
}

/// Whether an address may be a webhook: HTTPS, or this machine, as a local Bot API server has it.
pub(crate) fn address(given: &str) -> Option<url::Url> {
    let whole = if given.contains("://") {
        given.to_owned()
    } else {
        format!("https://{given}")
    };
    let url = url::Url::parse(&whole).ok()?;
    let own = ["127.0.0.1", "localhost", "[::1]"].contains(&url.host_str()?);
    (url.scheme() == "https" || (url.scheme() == "http" && own)).then_some(url)
}
