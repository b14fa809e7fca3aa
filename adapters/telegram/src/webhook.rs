//! Webhooks: Telegram brings the updates to any process, and hears that one arrived when it is in the store.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::handler::Handler as _;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use lorikeet_platform::{DeliveryError, Inbox, Secret, Stop};
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;
use tokio::net::TcpListener;
use url::Url;

use crate::Shared;
use crate::api::{SetWebhook, call};
use crate::intake::parse;
use crate::update::{KINDS, Update};

/// What Telegram says to be known by: <https://core.telegram.org/bots/api#setwebhook>.
const SECRET: &str = "x-telegram-bot-api-secret-token";
/// Updates that Telegram brings at once, at most: as many as it may.
const CONNECTIONS: u8 = 100;
/// Bytes of an update, at most: the largest has well below 100 kB.
const UPDATE: usize = 1_000_000;

/// Listens, tells Telegram where, and takes updates until `stop` is done.
///
/// # Errors
/// When the port is in use or Telegram refuses the address.
pub(crate) async fn run(
    shared: &Arc<Shared>,
    inbox: Arc<dyn Inbox>,
    stop: Stop,
    (listen, public_url, secret): (SocketAddr, &str, &Secret),
) -> Result<(), DeliveryError> {
    let listener = TcpListener::bind(listen).await.map_err(|error| {
        DeliveryError::permanent(format!(
            "telegram.webhook.listen: {listen} cannot be listened on: {error}. Set another address, or stop what uses this one"
        ))
    })?;
    let app = Arc::new(App {
        path: Url::parse(public_url).map_or_else(|_| "/".to_owned(), |url| url.path().to_owned()),
        shared: Arc::clone(shared),
        inbox,
        secret: secret.clone(),
    });
    let handler = update.with_state(app).into_make_service();
    let address = listener.local_addr().unwrap_or(listen);
    shared.listening.send_replace(Some(address));
    let set = SetWebhook {
        url: public_url.to_owned(),
        secret_token: secret.reveal().to_owned(),
        max_connections: CONNECTIONS,
        allowed_updates: &KINDS,
    };
    call(&shared.bot, set)
        .await
        .map_err(|refusal| shared.explained(refusal))?;
    tracing::info!(%address, "updates are listened for");
    let serving = axum::serve(listener, handler).with_graceful_shutdown(stop);
    serving
        .await
        .map_err(|error| DeliveryError::retry("the webhook's server ended").because(error))
}

struct App {
    /// Where updates are brought.
    path: String,
    shared: Arc<Shared>,
    inbox: Arc<dyn Inbox>,
    secret: Secret,
}

async fn update(State(app): State<Arc<App>>, request: Request) -> Response {
    // One place and one method need no router.
    if request.uri().path() != app.path {
        return StatusCode::NOT_FOUND.into_response();
    }
    if request.method() != Method::POST {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let given = request
        .headers()
        .get(SECRET)
        .map_or(&[][..], |value| value.as_bytes());
    if !bool::from(given.ct_eq(app.secret.reveal().as_bytes())) {
        tracing::warn!("somebody without the secret brought an update");
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Ok(body) = to_bytes(request.into_body(), UPDATE).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let Some(update) = received(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match app.shared.take(&*app.inbox, update).await {
        Ok(None) => StatusCode::OK.into_response(),
        Ok(Some(reply)) => {
            let query = reply.query.clone();
            let text = reply.text(&app.shared.queries).await;
            answer(&query, &text)
        }
        Err(error) => {
            tracing::warn!(%error, "an update has to come again");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// The update of a body; what is none is logged.
fn received(body: &[u8]) -> Option<Update> {
    // Nearly always it is as it was promised, and read once.
    if let Ok(update) = serde_json::from_slice(body) {
        return Some(update);
    }
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        tracing::warn!("an update is not JSON");
        return None;
    };
    let update = parse(value);
    if update.is_none() {
        tracing::warn!("an update has no number");
    }
    update
}

/// The answer to a press as the webhook's own reply, which costs no call. What becomes of it nobody learns, and nothing depends
/// on it.
fn answer(query: &str, text: &str) -> Response {
    let mut body = json!({ "method": "answerCallbackQuery", "callback_query_id": query });
    if !text.is_empty() {
        body["text"] = json!(text);
    }
    let json = (header::CONTENT_TYPE, "application/json");
    ([json], body.to_string()).into_response()
}
