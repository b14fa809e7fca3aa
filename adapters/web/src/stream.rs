//! A room as it changes: server-sent events for the page's script.
//!
//! Each event's id is the transcript's sequence number, so a browser that was away names the last one it saw and gets
//! what it missed. The signal between deliveries and streams says only *that* something changed; what, is read
//! from the transcript: nothing is lost when a stream is slow, and it does not matter which process delivered.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures::Stream;
use futures::stream::unfold;
use lorikeet_store::{Clock as _, Entry, SystemClock};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::hub::Room;
use crate::message::{Message, View};
use crate::problem::not_found;
use crate::room::FRESH;
use crate::router::App;
use crate::visitor::{Visitor, is_slug};
use crate::words::{self, Words};

/// Entries read at once.
const BATCH: usize = 50;
/// Silence after which a comment is sent, so that proxies and the page know that the line is up.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long to wait before a transcript that could not be read is read again.
const RETRY: Duration = Duration::from_secs(2);

/// Where a page stands when it connects for the first time.
#[derive(Deserialize)]
pub(crate) struct From {
    #[serde(default)]
    since: u64,
    /// The language it is in.
    #[serde(default)]
    language: String,
}

/// A message, for the page's script.
#[derive(Serialize)]
struct Told<'a> {
    html: String,
    title: Option<&'a str>,
}

/// The room's changes from where the page stands, until it closes or the process ends.
pub(crate) async fn events(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Extension(words): Extension<Words>,
    Path(slug): Path<String>,
    Query(from): Query<From>,
    headers: HeaderMap,
) -> Response {
    if !is_slug(&slug) {
        return not_found().into_response();
    }
    let resumed = headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok())
        .and_then(|id| id.parse().ok());
    let key = visitor.room(&slug);
    let room = app.shared.hub.room(&key);
    let follower = Follower {
        pulse: room.follow(),
        stopped: app.stopped.clone(),
        _room: room,
        cursor: resumed.unwrap_or(from.since),
        waiting: VecDeque::new(),
        app,
        visitor,
        words: words::of(&from.language).unwrap_or(words),
        key,
    };
    let unbuffered = [(HeaderName::from_static("x-accel-buffering"), "no")];
    let events = Sse::new(follower.events()).keep_alive(KeepAlive::new().interval(HEARTBEAT));
    (unbuffered, events).into_response()
}

/// One page that follows a room.
struct Follower {
    app: App,
    visitor: Visitor,
    words: Words,
    key: String,
    /// Keeps the room, and with it the signal, from being swept.
    _room: Arc<Room>,
    pulse: watch::Receiver<u64>,
    stopped: watch::Receiver<bool>,
    /// Sequence number of the last entry told.
    cursor: u64,
    waiting: VecDeque<Event>,
}

impl Follower {
    fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        unfold(self, |mut follower| async move {
            let event = follower.next().await?;
            Some((Ok(event), follower))
        })
    }

    /// The next event; nothing when the process ends.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if *self.stopped.borrow() {
                return None;
            }
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            // Marked as seen before reading: a change in between wakes us again.
            self.pulse.borrow_and_update();
            let read = self
                .app
                .shared
                .transcript
                .changes_since(&self.key, self.cursor, BATCH)
                .await;
            match read {
                Ok(entries) if entries.is_empty() => self.pause().await,
                Ok(entries) => self.tell(&entries),
                Err(error) => {
                    tracing::warn!(%error, "a transcript cannot be followed");
                    tokio::select! {
                        () = tokio::time::sleep(RETRY) => {}
                        _ = self.stopped.wait_for(|stopped| *stopped) => {}
                    }
                }
            }
        }
    }

    /// Until something changes or the process ends.
    async fn pause(&mut self) {
        tokio::select! {
            _ = self.pulse.changed() => {}
            _ = self.stopped.wait_for(|stopped| *stopped) => {}
        }
    }

    fn tell(&mut self, entries: &[Entry]) {
        let view = View {
            signer: &self.app.signer,
            visitor: &self.visitor,
            words: self.words,
            max_upload_bytes: self.app.shared.config.max_upload_bytes,
        };
        for entry in entries {
            self.cursor = entry.changed;
            let Some(message) = Message::decode(entry) else {
                continue;
            };
            let event = Event::default().id(entry.changed.to_string());
            if let Message::Answer { at, text } = &message {
                if SystemClock.now().since(*at) < FRESH {
                    self.waiting
                        .push_back(event.event("answer").data(flat(text)));
                }
                continue;
            }
            // Every screen is told with its controls; the page takes them from all but the last.
            let Some(shown) = view.show(entry, &message, true) else {
                continue;
            };
            let told = Told {
                html: shown.html.into_string(),
                title: shown.title.as_deref(),
            };
            match event.event("message").json_data(told) {
                Ok(event) => self.waiting.push_back(event),
                Err(error) => tracing::warn!(%error, "a message cannot be told"),
            }
        }
    }
}

/// Carriage returns would break an event apart.
fn flat(text: &str) -> String {
    text.replace('\r', " ")
}
