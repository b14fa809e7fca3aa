//! A chat as a page: the transcript, the live screen, the composer.

use std::time::Duration;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse as _, Redirect, Response};
use lorikeet_chat::{Event, EventBody, EventId, Invocation, Origin, Screen};
use lorikeet_platform::Accepted;
use lorikeet_store::{Clock as _, Entry, SystemClock};

use crate::message::{Message, View};
use crate::page::{Chat, Flash};
use crate::problem::{Problem, not_found};
use crate::router::App;
use crate::visitor::{MAIN, Visitor, is_slug};
use crate::words::{self, Words};
use crate::{keyed, page};

/// Messages on the page, at most; older ones stay in the transcript.
pub(crate) const SHOWN: usize = 200;
/// Chats in the list, at most.
const CHATS: usize = 100;
/// How long a page without a script waits for the bot's answer.
const ANSWER_WAIT: Duration = Duration::from_secs(2);
/// How long an answer to a press is news.
pub(crate) const FRESH: Duration = Duration::from_secs(30);

/// The room people arrive in.
pub(crate) async fn main(
    app: State<App>,
    visitor: Extension<Visitor>,
    words: Extension<Words>,
) -> Response {
    show(&app, &visitor, words.0, MAIN).await
}

/// Any room of theirs.
pub(crate) async fn chat(
    app: State<App>,
    visitor: Extension<Visitor>,
    words: Extension<Words>,
    Path(slug): Path<String>,
) -> Response {
    if slug == MAIN {
        return Redirect::to("/").into_response();
    }
    if !is_slug(&slug) {
        return not_found().into_response();
    }
    show(&app, &visitor, words.0, &slug).await
}

/// A room nobody has been in.
pub(crate) async fn new() -> Response {
    match keyed::random() {
        Ok(random) => Redirect::to(&format!("/chat/{}", &random[..8])).into_response(),
        Err(error) => {
            tracing::error!(%error, "no randomness for a room's name");
            Problem::try_again().into_response()
        }
    }
}

/// The address of a room's page.
pub(crate) fn address(slug: &str) -> String {
    if slug == MAIN {
        "/".to_owned()
    } else {
        format!("/chat/{slug}")
    }
}

async fn show(app: &App, visitor: &Visitor, words: Words, slug: &str) -> Response {
    match compose(app, visitor, words, slug).await {
        Ok(page) => page,
        Err(problem) => problem.into_response(),
    }
}

/// The page of a room, in the language of its newest screen; before there is one, in that of the request.
async fn compose(
    app: &App,
    visitor: &Visitor,
    asked: Words,
    slug: &str,
) -> Result<Response, Problem> {
    let unreadable = |error| {
        tracing::error!(%error, "a transcript cannot be read");
        Problem::try_again()
    };
    let key = visitor.room(slug);
    let transcript = &app.shared.transcript;
    let mut entries = transcript.latest(&key, SHOWN).await.map_err(unreadable)?;
    if entries.is_empty() {
        start(app, visitor, slug).await;
        entries = transcript.latest(&key, SHOWN).await.map_err(unreadable)?;
    }
    let chats = transcript
        .latest(visitor.user(), CHATS)
        .await
        .map_err(unreadable)?;
    let chats: Vec<String> = chats.into_iter().map(|entry| entry.id).collect();
    let nonce = keyed::random().map_err(|error| {
        tracing::error!(%error, "no randomness for a form");
        Problem::try_again()
    })?;

    let messages: Vec<(&Entry, Message)> = entries
        .iter()
        .filter_map(|entry| Some((entry, Message::decode(entry)?)))
        .collect();
    let live = messages
        .iter()
        .rposition(|(_, message)| matches!(message, Message::Screen { .. }));
    let newest = live.and_then(|live| screen(&messages.get(live)?.1));
    let language = newest.and_then(|screen| screen.language.as_ref());
    let words = language
        .and_then(|language| words::of(&language.tag))
        .unwrap_or(asked);
    let view = View {
        signer: &app.signer,
        visitor,
        words,
        max_upload_bytes: app.shared.config.max_upload_bytes,
    };
    let mut title = None;
    let mut log = Vec::new();
    for (place, (entry, message)) in messages.iter().enumerate() {
        if let Some(shown) = view.show(entry, message, live == Some(place)) {
            title = shown.title.or(title);
            log.push(shown.html);
        }
    }
    let commands = app
        .shared
        .commands
        .read()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .clone();
    let page = page::chat(&Chat {
        words,
        language: language.map(|language| language.tag.as_str()),
        slug,
        chats: &chats,
        title: title.as_deref(),
        log: &log,
        since: entries.iter().map(|entry| entry.changed).max().unwrap_or(0),
        flash: flash(&messages),
        prompt: newest.and_then(|screen| screen.prompt.as_ref()),
        commands: &commands,
        csrf: &visitor.csrf(),
        nonce: &nonce,
        max_upload_bytes: app.shared.config.max_upload_bytes,
        preview: app.shared.previewers.first().map(|first| first.platform()),
    });
    let chosen = language.filter(|language| language.chosen);
    let remembered = chosen
        .and_then(|language| visitor.remember_language(&language.tag, &app.shared.config))
        .map(|cookie| [(SET_COOKIE, cookie)]);
    Ok((remembered, page).into_response())
}

fn screen(message: &Message) -> Option<&Screen> {
    match message {
        Message::Screen { screen, .. } => Some(screen),
        Message::Answer { .. } | Message::Said { .. } => None,
    }
}

/// The answer to the last press, for who has no script to show it in passing.
fn flash<'a>(messages: &'a [(&Entry, Message)]) -> Option<Flash<'a>> {
    // A screen may have come with it, below it.
    let since = messages
        .iter()
        .rev()
        .take_while(|(_, message)| !matches!(message, Message::Said { .. }));
    since
        .filter_map(|(_, message)| match message {
            Message::Answer { at, text } if SystemClock.now().since(*at) < FRESH => {
                Some(Flash { text })
            }
            _ => None,
        })
        .next()
}

/// Greets the bot on behalf of who opens a room for the first time, and waits a little for its welcome.
///
/// Two tabs that open a room together greet under one event id. Nothing here fails the page: whatever does not work,
/// the composer does once the store is back.
async fn start(app: &App, visitor: &Visitor, slug: &str) {
    let (Some(conversation), Ok(id)) = (
        visitor.conversation(slug),
        EventId::new(format!("web:{slug}:start")),
    ) else {
        return;
    };
    let event = Event {
        id,
        order: None,
        coalesce: None,
        batch: None,
        origin: Origin::Person,
        at: SystemClock.now(),
        sender: Some(visitor.sender()),
        body: EventBody::Command(Invocation::new("start")),
    };
    match app.inbox.accept(&conversation, event).await {
        Ok(Accepted::Accepted) => {
            let remembered = app
                .shared
                .transcript
                .put(visitor.user(), slug, String::new());
            if let Err(error) = remembered.await {
                tracing::warn!(%error, "a chat could not be added to its person's list");
            }
        }
        Ok(Accepted::Duplicate) => {}
        Ok(Accepted::Full) => return,
        Err(error) => {
            tracing::warn!(%error, "nobody greets a new chat");
            return;
        }
    }
    // Without an answer the page comes all the same, and the welcome later.
    answered(app, &visitor.room(slug), 0).await;
}

/// The number of a room's newest change; 0 when it cannot be read, which makes old answers look new.
pub(crate) async fn newest(app: &App, key: &str) -> u64 {
    let entries = app.shared.transcript.latest(key, SHOWN).await;
    let changes = entries.into_iter().flatten().map(|entry| entry.changed);
    changes.max().unwrap_or(0)
}

/// Waits a little until the bot, in whatever process, has said something after a change.
pub(crate) async fn answered(app: &App, key: &str, since: u64) {
    let room = app.shared.hub.room(key);
    let mut pulse = room.follow();
    let waiting = async {
        loop {
            pulse.borrow_and_update();
            let changes = app.shared.transcript.changes_since(key, since, SHOWN).await;
            let Ok(entries) = changes else { return };
            let mut messages = entries.iter().filter_map(Message::decode);
            if messages.any(|message| !matches!(message, Message::Said { .. })) {
                return;
            }
            if pulse.changed().await.is_err() {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(ANSWER_WAIT, waiting).await;
}
