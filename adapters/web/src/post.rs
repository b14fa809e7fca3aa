//! What a person sends, as events: text and files, presses, forms.
//!
//! A request carries a number used once. Sent again with the same number it is the same event, so a lost answer, a
//! second click and a script's retry change nothing.

use std::collections::BTreeMap;

use axum::Extension;
use axum::extract::{Form, Multipart, Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Json, Redirect, Response};
use lorikeet_chat::{Event, EventBody, EventId, Invocation, Origin, Token};
use lorikeet_platform::Accepted;
use lorikeet_renderer_web::{FIELD_PREFIX, TOKEN};
use lorikeet_store::{Clock as _, SystemClock};
use serde::Serialize;

use crate::guard::wants_json;
use crate::message::Message;
use crate::problem::{Problem, not_found};
use crate::room::{self, address};
use crate::router::App;
use crate::upload::{self, Refused};
use crate::visitor::{Visitor, is_slug};
use crate::words::Words;
use crate::{MAX_TEXT, page};

/// Name of the value that proves that a form is ours.
pub(crate) const CSRF: &str = "csrf";
/// Name of the number used once.
pub(crate) const NONCE: &str = "nonce";

/// What became of a request, for the page's script.
#[derive(Serialize)]
struct Done<'a> {
    /// Files that were not taken, and why.
    refused: &'a [Refused],
}

/// Text, files or both.
pub(crate) async fn send(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Extension(words): Extension<Words>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    form: Multipart,
) -> Response {
    let json = wants_json(&headers);
    let sending = async {
        let message = upload::receive(&app, &visitor, words, form).await?;
        let text = message.text.trim();
        if text.chars().count() > MAX_TEXT {
            return Err(Problem::too_long(MAX_TEXT));
        }
        let body = if !message.attachments.is_empty() {
            EventBody::Media {
                items: message.attachments,
                text: text.to_owned(),
                place: message.place,
            }
        } else if let Some(command) = command(text) {
            EventBody::Command(command)
        } else if !text.is_empty() {
            EventBody::Text(text.to_owned())
        } else if message.refused.is_empty() {
            return Err(Problem::bad_request("problem-nothing"));
        } else {
            return Ok(message.refused);
        };
        let echo = Message::Said {
            at: SystemClock.now(),
            text: text.to_owned(),
            files: message.files,
        };
        let posted = Posted {
            slug: &slug,
            nonce: &message.nonce,
            body,
            echo: Some(echo),
            wait: !json,
        };
        post(&app, &visitor, posted).await?;
        Ok(message.refused)
    };
    match sending.await {
        Ok(refused) if json => Json(Done { refused: &refused }).into_response(),
        Ok(refused) if refused.is_empty() => Redirect::to(&address(&slug)).into_response(),
        Ok(refused) => page::refused(words, &address(&slug), &refused).into_response(),
        Err(problem) => problem.told(json).into_response(),
    }
}

/// A control.
pub(crate) async fn press(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<BTreeMap<String, String>>,
) -> Response {
    submit(&app, &visitor, &slug, &headers, fields, false).await
}

/// A form that was filled in.
pub(crate) async fn form(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<BTreeMap<String, String>>,
) -> Response {
    submit(&app, &visitor, &slug, &headers, fields, true).await
}

async fn submit(
    app: &App,
    visitor: &Visitor,
    slug: &str,
    headers: &HeaderMap,
    mut fields: BTreeMap<String, String>,
    filled: bool,
) -> Response {
    let json = wants_json(headers);
    let submitting = async {
        let mut take = |name: &str| fields.remove(name).unwrap_or_default();
        let (csrf, nonce, token) = (take(CSRF), take(NONCE), take(TOKEN));
        if !visitor.owns(&csrf) {
            return Err(Problem::forbidden());
        }
        let token: Token = token
            .parse()
            .map_err(|_| Problem::bad_request("problem-button"))?;
        let body = if filled {
            EventBody::Form {
                token,
                fields: typed(fields),
            }
        } else {
            EventBody::Press(token)
        };
        let posted = Posted {
            slug,
            // Without a script every button of a page shares the page's number; the token tells them apart.
            nonce: &format!("{}:{token}", checked(&nonce)?),
            body,
            echo: None,
            wait: !json,
        };
        post(app, visitor, posted).await
    };
    match submitting.await {
        Ok(()) if json => Json(Done { refused: &[] }).into_response(),
        Ok(()) => Redirect::to(&address(slug)).into_response(),
        Err(problem) => problem.told(json).into_response(),
    }
}

/// An event on its way.
struct Posted<'a> {
    slug: &'a str,
    nonce: &'a str,
    body: EventBody,
    /// What of it stands in the transcript.
    echo: Option<Message>,
    /// Whether to wait for the bot's answer, because nothing will show it later.
    wait: bool,
}

/// Hands an event over, and puts the person's message into the transcript once it cannot be lost any more.
///
/// Deliveries to the room wait until it is there: the answer stands below what it answers.
async fn post(app: &App, visitor: &Visitor, posted: Posted<'_>) -> Result<(), Problem> {
    let Posted { slug, nonce, .. } = posted;
    if !is_slug(slug) {
        return Err(not_found());
    }
    let invalid = || Problem::bad_request("problem-malformed");
    let conversation = visitor.conversation(slug).ok_or_else(invalid)?;
    let event = Event {
        id: EventId::new(format!("web:{slug}:{nonce}")).map_err(|_| invalid())?,
        order: None,
        coalesce: None,
        batch: None,
        origin: Origin::Person,
        at: SystemClock.now(),
        sender: Some(visitor.sender()),
        body: posted.body,
    };
    let key = visitor.room(slug);
    let room = app.shared.hub.room(&key);
    let since = if posted.wait {
        room::newest(app, &key).await
    } else {
        0
    };

    let order = room.order.lock().await;
    match app.inbox.accept(&conversation, event).await {
        // A repeat too: the process that accepted it may have died before it wrote down what was said.
        Ok(accepted @ (Accepted::Accepted | Accepted::Duplicate)) => {
            if let Some(echo) = posted.echo {
                let body = echo.encode().map_err(|_| Problem::try_again())?;
                let id = format!("me:{nonce}");
                match app.shared.transcript.put(&key, &id, body).await {
                    Ok(_) => room.changed(),
                    // The bot has the message; only its echo is missing.
                    Err(error) => {
                        tracing::warn!(%error, "a person's message is not in the transcript")
                    }
                }
            }
            if accepted == Accepted::Duplicate {
                return Ok(());
            }
        }
        Ok(Accepted::Full) => {
            return Err(Problem::new(
                axum::http::StatusCode::SERVICE_UNAVAILABLE,
                "problem-busy",
            ));
        }
        Err(error) => {
            tracing::error!(%error, "an event could not be accepted");
            return Err(Problem::try_again());
        }
    }
    drop(order);
    if posted.wait {
        // Slower answers show at the next reload.
        room::answered(app, &key, since).await;
    }
    Ok(())
}

/// A number used once, as pages and scripts make it: 8 to 64 of `A-Z a-z 0-9 _ -`.
pub(crate) fn checked(nonce: &str) -> Result<&str, Problem> {
    let valid = (8..=64).contains(&nonce.len())
        && nonce
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    valid
        .then_some(nonce)
        .ok_or_else(|| Problem::bad_request("problem-malformed"))
}

/// The typed fields, without their prefix and with line ends as everywhere else.
fn typed(fields: BTreeMap<String, String>) -> BTreeMap<String, String> {
    fields
        .into_iter()
        .filter_map(|(name, value)| {
            let name = name.strip_prefix(FIELD_PREFIX)?.to_owned();
            Some((name, value.replace("\r\n", "\n")))
        })
        .collect()
}

/// A command is a slash and a name at the start; anything else is text, a path or `//` among it.
fn command(text: &str) -> Option<Invocation> {
    let line = text.strip_prefix('/')?;
    let end = line.find(char::is_whitespace).unwrap_or(line.len());
    let (name, arguments) = line.split_at(end);
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.len() <= 32
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    named.then(|| Invocation::new(name.to_ascii_lowercase()).with(arguments.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_after_the_slash_is_a_command() {
        let new = Invocation::new("new").with("my cat\nand dog");
        assert_eq!(command("/New  my cat\nand dog "), Some(new));
        assert_eq!(command("/help"), Some(Invocation::new("help")));
        for text in ["help", "/", "//x", "/1", "/etc/passwd", "/ help", "/café"] {
            assert_eq!(command(text), None, "{text}");
        }
    }
}
