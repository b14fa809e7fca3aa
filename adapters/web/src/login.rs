//! The access token: asked for once, and not to be guessed.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::{Extension, http::HeaderMap};
use serde::Deserialize;
use tokio::time::Instant;

use crate::problem::Problem;
use crate::router::App;
use crate::server::Peer;
use crate::visitor::Visitor;
use crate::words::Words;
use crate::{keyed, page};

/// Wrong tokens an address may enter within [`WINDOW`].
const TRIES: u32 = 10;
/// How long wrong tokens count.
const WINDOW: Duration = Duration::from_secs(60);
/// Addresses remembered, at most.
const REMEMBERED: usize = 4096;

/// What the login page sends.
#[derive(Deserialize)]
pub(crate) struct Entered {
    csrf: String,
    token: String,
}

/// The page that asks.
pub(crate) async fn ask(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Extension(words): Extension<Words>,
    headers: HeaderMap,
) -> Response {
    if visitor.may_enter(&headers, &app.shared.config) {
        return Redirect::to("/").into_response();
    }
    form(&visitor, words, false).into_response()
}

/// Compares what was entered.
pub(crate) async fn enter(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Extension(words): Extension<Words>,
    Extension(Peer(peer)): Extension<Peer>,
    Form(entered): Form<Entered>,
) -> Response {
    let config = &app.shared.config;
    let Some(token) = &config.token else {
        return Redirect::to("/").into_response();
    };
    if !visitor.owns(&entered.csrf) {
        return Problem::forbidden().into_response();
    }
    let now = Instant::now();
    if !app.throttle.allows(peer.ip(), now) {
        let wait = "problem-many-tokens";
        return Problem::new(StatusCode::TOO_MANY_REQUESTS, wait).into_response();
    }
    // Both under one key: hashes are compared in constant time, whatever the lengths of the tokens.
    let right = keyed::mac(&visitor.csrf(), &[token.reveal()]);
    if keyed::verify(&visitor.csrf(), &[entered.token.trim()], &right) {
        let cookie = visitor.login(config);
        return (
            cookie.map(|cookie| [(SET_COOKIE, cookie)]),
            Redirect::to("/"),
        )
            .into_response();
    }
    app.throttle.wrong(peer.ip(), now);
    tracing::warn!(peer = %peer.ip(), "a wrong access token was entered");
    let again = form(&visitor, words, true);
    (StatusCode::UNAUTHORIZED, again).into_response()
}

fn form(visitor: &Visitor, words: Words, wrong: bool) -> Html<String> {
    page::login(words, &visitor.csrf(), wrong)
}

/// Counts wrong tokens by address.
#[derive(Default)]
pub(crate) struct Throttle {
    wrong: Mutex<HashMap<IpAddr, (Instant, u32)>>,
}

impl Throttle {
    fn allows(&self, address: IpAddr, now: Instant) -> bool {
        let wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        // Full: a flood from many addresses. Nobody new gets a try until the window has passed.
        match wrong.get(&address) {
            Some((since, tries)) => now - *since >= WINDOW || *tries < TRIES,
            None => {
                wrong.len() < REMEMBERED || wrong.values().any(|(since, _)| now - *since >= WINDOW)
            }
        }
    }

    fn wrong(&self, address: IpAddr, now: Instant) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        wrong.retain(|_, (since, _)| now - *since < WINDOW);
        wrong.entry(address).or_insert((now, 0)).1 += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_ten_tries_a_minute() {
        let throttle = Throttle::default();
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let start = Instant::now();
        for _ in 0..TRIES {
            assert!(throttle.allows(one, start));
            throttle.wrong(one, start);
        }
        assert!(!throttle.allows(one, start));
        assert!(throttle.allows(other, start));
        assert!(throttle.allows(one, start + WINDOW));
    }
}
