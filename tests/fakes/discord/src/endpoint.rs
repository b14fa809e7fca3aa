//! Interactions on their way to the bot's endpoint: signed, and answered within three seconds or failed.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, bail};
use axum::body::Body;
use hyper::Request;
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use crate::answers;
use crate::gateway;
use crate::world::{FIRST, Interaction, World};

/// A signed request, as it can be brought again.
#[derive(Clone, Debug)]
pub struct Signed {
    /// Seconds since the Unix epoch, as the signature has them.
    pub timestamp: String,
    /// In hexadecimal digits.
    pub signature: String,
    /// JSON, unless something else was wanted.
    pub body: String,
}

pub(crate) fn sign(world: &World, body: String, age: Duration) -> Signed {
    let now = SystemTime::now() - age;
    let since = now.duration_since(SystemTime::UNIX_EPOCH);
    let timestamp = since.unwrap_or_default().as_secs().to_string();
    let signature = world.key.sign(format!("{timestamp}{body}").as_bytes());
    Signed {
        timestamp,
        signature: hex::encode(signature.as_ref()),
        body,
    }
}

/// Brings something to the endpoint; status and body of the answer.
pub(crate) async fn bring(world: &World, signed: &Signed) -> Result<(u16, Value)> {
    let endpoint = world.state().endpoint.clone().context("no endpoint")?;
    let url = url::Url::parse(&endpoint)?;
    let (host, port) = (
        url.host_str().context("no host")?,
        url.port().context("no port")?,
    );
    let stream = TcpStream::connect((host, port)).await?;
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = Request::post(url.path())
        .header("host", host)
        .header("content-type", "application/json")
        .header("x-signature-ed25519", &signed.signature)
        .header("x-signature-timestamp", &signed.timestamp)
        .body(Body::from(signed.body.clone()))?;
    let answer = sender.send_request(request).await?;
    let status = answer.status().as_u16();
    let body = axum::body::to_bytes(Body::new(answer.into_body()), 1_000_000).await?;
    Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
}

/// Registers what a person did, and brings it: to the endpoint, or by the gateway where there is none. The token is known at once.
pub(crate) fn interact(
    world: &Arc<World>,
    interaction: Interaction,
    payload: Value,
    token: String,
) {
    let has_endpoint = {
        let mut state = world.state();
        let channel = state.channels.get(&interaction.channel);
        let guild = channel.and_then(|channel| channel.guild);
        state.interactions.insert(token.clone(), interaction);
        let has_endpoint = state.endpoint.is_some();
        if !has_endpoint {
            gateway::dispatch(&mut state, guild, 0, "INTERACTION_CREATE", |_| {
                payload.clone()
            });
        }
        has_endpoint
    };
    let world = Arc::clone(world);
    if !has_endpoint {
        tokio::spawn(async move {
            sleep(FIRST).await;
            let late = |interaction: &Interaction| interaction.first.is_none();
            let is_late = world.state().interactions.get(&token).is_some_and(late);
            if is_late {
                fail(&world, &token, "no answer in time".to_owned());
            }
        });
        return;
    }
    tokio::spawn(async move {
        let signed = sign(&world, payload.to_string(), Duration::ZERO);
        let outcome = match timeout(FIRST, bring(&world, &signed)).await {
            Ok(Ok((200, answer))) => answers::first(&world, &token, &answer, Vec::new())
                .map_err(|refusal| format!("{} {}", refusal.code, refusal.message)),
            Ok(Ok((status, _))) => Err(format!("status {status}")),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("no answer in time".to_owned()),
        };
        if let Err(why) = outcome {
            fail(&world, &token, why);
        }
        world.changed.notify_waiters();
    });
}

/// "This interaction failed".
fn fail(world: &World, token: &str, why: String) {
    let mut state = world.state();
    state.log.push(crate::Call {
        method: "INTERACTION".to_owned(),
        path: why,
        body: Value::Null,
        status: 0,
    });
    if let Some(interaction) = state.interactions.get_mut(token) {
        interaction.failed = true;
    }
    drop(state);
    world.changed.notify_waiters();
}

/// What Discord does when the address of an endpoint is saved: a ping that has to be answered, and one with a wrong signature that
/// has to be refused.
pub(crate) async fn introduce(world: &World) -> Result<()> {
    let ping = sign(
        world,
        r#"{"id":"1","type":1,"token":"x","version":1}"#.to_owned(),
        Duration::ZERO,
    );
    let (status, answer) = bring(world, &ping).await?;
    if (status, &answer["type"]) != (200, &Value::from(1)) {
        bail!("the ping was answered {status} {answer}");
    }
    let forged = Signed {
        signature: "00".repeat(64),
        ..ping
    };
    let (status, _) = bring(world, &forged).await?;
    if status != 401 {
        bail!("a wrong signature was answered {status}");
    }
    Ok(())
}

pub(crate) fn now() -> Instant {
    Instant::now()
}
