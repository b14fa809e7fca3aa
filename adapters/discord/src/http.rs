//! Interactions over HTTP: Discord brings them to any process, with a signature.
//! <https://discord.com/developers/docs/interactions/overview#setting-up-an-endpoint>

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::handler::Handler as _;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use lorikeet_platform::{DeliveryError, Inbox, Stop};
use lorikeet_store::{Clock as _, SystemClock};
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::Shared;
use crate::intake::Sink;
use crate::interaction::Interaction;

/// Bytes of an interaction, at most: a form with five long texts has well below 100 kB.
const INTERACTION: usize = 1_000_000;
/// Seconds that a signature is old, at most. Discord names none; its own clock and ours are not minutes apart, and what is brought
/// again later is not from it.
const AGE: u64 = 300;

/// Listens and takes interactions until `stop` is done.
///
/// # Errors
/// When the port is in use.
pub(crate) async fn run(
    shared: &Arc<Shared>,
    inbox: Arc<dyn Inbox>,
    stop: Stop,
    listen: SocketAddr,
    key: [u8; 32],
) -> Result<(), DeliveryError> {
    let listener = TcpListener::bind(listen).await.map_err(|error| {
        DeliveryError::permanent(format!(
            "discord.listen: {listen} cannot be listened on: {error}. Set another address, or stop what uses this one"
        ))
    })?;
    let app = Arc::new(App {
        shared: Arc::clone(shared),
        inbox,
        key,
    });
    let handler = interaction.with_state(app).into_make_service();
    let address = listener.local_addr().unwrap_or(listen);
    shared.listening.send_replace(Some(address));
    tracing::info!(%address, "interactions are listened for");
    axum::serve(listener, handler)
        .with_graceful_shutdown(stop)
        .await
        .map_err(|error| DeliveryError::retry("the endpoint's server ended").because(error))
}

struct App {
    shared: Arc<Shared>,
    inbox: Arc<dyn Inbox>,
    key: [u8; 32],
}

async fn interaction(State(app): State<Arc<App>>, request: Request) -> Response {
    // One place and one method need no router.
    if request.method() != Method::POST {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, INTERACTION).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let now = SystemClock.now().millis() / 1_000;
    if let Err(why) = is_discords(&head.headers, &body, &app.key, now) {
        tracing::warn!(why, "somebody who is not Discord brought an interaction");
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let interaction: Interaction = match serde_json::from_slice(&body) {
        Ok(interaction) => interaction,
        Err(error) => {
            tracing::warn!(%error, "an interaction cannot be read");
            return StatusCode::BAD_REQUEST.into_response();
        }
    };
    let (answer, answered) = oneshot::channel();
    // A task of its own: what it does goes on when Discord hangs up.
    tokio::spawn(async move {
        let App { shared, inbox, .. } = &*app;
        // Nothing behind it waits.
        let (taken, _) = oneshot::channel();
        shared
            .attend(&**inbox, interaction, Sink::Body(answer), taken)
            .await;
    });
    match answered.await {
        Ok(answer) => json(&answer),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

fn json(answer: &Value) -> Response {
    let kind = (header::CONTENT_TYPE, "application/json");
    ([kind], answer.to_string()).into_response()
}

/// Whether Discord signed it, and lately.
fn is_discords(
    headers: &HeaderMap,
    body: &[u8],
    key: &[u8; 32],
    now: u64,
) -> Result<(), &'static str> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let signature = text("x-signature-ed25519").and_then(|hex| hex::decode(hex).ok());
    let (Some(signature), Some(timestamp)) = (signature, text("x-signature-timestamp")) else {
        return Err("no signature");
    };
    let signed = [timestamp.as_bytes(), body].concat();
    UnparsedPublicKey::new(&ED25519, key)
        .verify(&signed, &signature)
        .map_err(|_| "another's signature")?;
    let at: u64 = timestamp.parse().map_err(|_| "no time")?;
    if now.abs_diff(at) > AGE {
        return Err("an old signature");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use ring::signature::{Ed25519KeyPair, KeyPair as _};

    use super::*;

    #[test]
    fn only_what_discord_signed_lately_is_taken() {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let key: [u8; 32] = pair.public_key().as_ref().try_into().unwrap();
        let now = 1_700_000_000;
        let signed = |timestamp: &str, body: &str| {
            let signature = pair.sign(format!("{timestamp}{body}").as_bytes());
            let mut headers = HeaderMap::new();
            let hex = hex::encode(signature.as_ref());
            headers.insert("x-signature-ed25519", hex.parse().unwrap());
            headers.insert("x-signature-timestamp", timestamp.parse().unwrap());
            headers
        };
        let headers = signed("1700000000", "{}");
        assert_eq!(is_discords(&headers, b"{}", &key, now), Ok(()));
        assert!(
            is_discords(&headers, b"{} ", &key, now).is_err(),
            "another body"
        );
        assert!(
            is_discords(&headers, b"{}", &[0; 32], now).is_err(),
            "another key"
        );
        assert!(is_discords(&HeaderMap::new(), b"{}", &key, now).is_err());
        let later = now + AGE + 1;
        assert_eq!(
            is_discords(&headers, b"{}", &key, later),
            Err("an old signature")
        );
        assert_eq!(
            is_discords(&signed("soon", "{}"), b"{}", &key, now),
            Err("no time")
        );
        let mut odd = headers.clone();
        odd.insert("x-signature-ed25519", "zz".parse().unwrap());
        assert_eq!(is_discords(&odd, b"{}", &key, now), Err("no signature"));
        let mut another = headers;
        another.insert("x-signature-timestamp", "1700000001".parse().unwrap());
        assert!(
            is_discords(&another, b"{}", &key, now).is_err(),
            "another time"
        );
    }
}
