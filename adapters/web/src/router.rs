//! Which address does what, and what every request passes on the way.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use axum::{Router, middleware};
use lorikeet_platform::Inbox;
use tokio::sync::watch;

use crate::login::Throttle;
use crate::sign::Signer;
use crate::{
    MAX_FILES, MAX_TEXT, Shared, assets, elsewhere, files, guard, login, post, problem, room,
    stream,
};

/// Bytes of a form without files: a text in UTF-8, percent-encoded, and some room.
const FORM_BYTES: usize = MAX_TEXT * 12 + 16 * 1024;

/// What handlers share for one run of the adapter.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) shared: Arc<Shared>,
    pub(crate) inbox: Arc<dyn Inbox>,
    pub(crate) signer: Signer,
    pub(crate) throttle: Throttle,
    /// True once the process wants to end.
    pub(crate) stopped: watch::Receiver<bool>,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// Whether this process should be sent people: 503 while it cannot serve them, with the reason.
async fn ready(State(app): State<App>) -> (StatusCode, String) {
    match (app.shared.readiness)() {
        Ok(words) => (StatusCode::OK, format!("ready\n{words}")),
        Err(why) => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("not ready: {why}\n"),
        ),
    }
}

/// The whole site.
pub(crate) fn router(
    shared: Arc<Shared>,
    inbox: Arc<dyn Inbox>,
    signer: Signer,
    stopped: watch::Receiver<bool>,
) -> Router {
    let upload_bytes = usize::try_from(shared.config.max_upload_bytes)
        .unwrap_or(usize::MAX)
        .saturating_mul(MAX_FILES)
        .saturating_add(FORM_BYTES);
    let app = App(Arc::new(Parts {
        shared,
        inbox,
        signer,
        throttle: Throttle::default(),
        stopped,
    }));
    // Streams, up and down, take as long as they take; their chunks have limits of their own.
    let streams = Router::new()
        .route(
            "/chat/{room}/send",
            post(post::send).layer(DefaultBodyLimit::max(upload_bytes)),
        )
        .route("/chat/{room}/events", get(stream::events))
        .route("/blob/{id}", get(files::picture))
        .route("/file/{id}/{name}", get(files::download));
    let private = Router::new()
        .route("/", get(room::main))
        .route("/new", get(room::new))
        .route("/chat/{room}", get(room::chat))
        .route("/chat/{room}/preview/{platform}", get(elsewhere::show))
        .route("/preview/{style}", get(elsewhere::style))
        .route("/chat/{room}/press", post(post::press))
        .route("/chat/{room}/form", post(post::form))
        .layer(from_fn(guard::in_time))
        .merge(streams)
        .layer(from_fn_with_state(app.clone(), guard::logged_in));
    let known = Router::new()
        .route("/login", get(login::ask).post(login::enter))
        .layer(from_fn(guard::in_time))
        .merge(private)
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(from_fn_with_state(app.clone(), guard::recognised))
        .layer(middleware::from_fn(guard::same_origin))
        .layer(from_fn_with_state(app.clone(), guard::right_host));
    Router::new()
        .merge(known)
        .route("/shared/{id}/{until}/{name}", get(files::shared))
        .route("/assets/{name}", get(assets::serve))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .fallback(|| async { problem::not_found() })
        .layer(from_fn_with_state(app.clone(), guard::spoken))
        .layer(from_fn(guard::headers))
        .with_state(app)
}
