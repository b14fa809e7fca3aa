//! What every request passes: the host it asks, where it comes from, who sends it; and the headers of every answer.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, HeaderValue, ORIGIN,
    REFERRER_POLICY, SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::page;
use crate::problem::Problem;
use crate::router::App;
use crate::visitor::{Visitor, new_session};
use crate::words::{self, Words};

/// Time for one request that is not a stream.
const REQUEST_TIME: Duration = Duration::from_secs(30);

/// Nothing but our own files, no inline script or style, no frame around us.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Headers of every answer that does not bring its own.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut default = |name: HeaderName, value| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    default(CONTENT_SECURITY_POLICY, POLICY);
    default(X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(REFERRER_POLICY, "no-referrer");
    default(CACHE_CONTROL, "no-store");
    default(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    default(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    response
}

/// Finds out which language to speak, and says what went wrong in it.
pub(crate) async fn spoken(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let words = words::asked(request.headers(), &app.shared.config);
    request.extensions_mut().insert(words);
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem.spoken(words),
        None => response,
    }
}

/// Refuses names this page is not known by.
pub(crate) async fn right_host(State(app): State<App>, request: Request, next: Next) -> Response {
    let host = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    if app.shared.config.answers_to(host) {
        next.run(request).await
    } else {
        Problem::new(StatusCode::MISDIRECTED_REQUEST, "problem-host").into_response()
    }
}

/// Refuses what another site has a browser send. The secret in each form is checked besides, by its handler.
pub(crate) async fn same_origin(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let json = wants_json(request.headers());
    if reads || comes_from_here(request.headers()) {
        next.run(request).await
    } else {
        Problem::forbidden().told(json).into_response()
    }
}

fn comes_from_here(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get(SEC_FETCH_SITE) {
        return site == "same-origin";
    }
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    match text(ORIGIN) {
        // Our own referrer policy makes browsers say "null" for forms.
        None | Some("null") => true,
        Some(origin) => origin
            .split_once("://")
            .is_some_and(|(_, host)| Some(host) == text(HOST)),
    }
}

/// Gives a browser its cookie, or finds out who it is.
///
/// A strict cookie stays away from a navigation that another site started, so its absence does not mean that there
/// is none: overwriting it would cost a person their chats. Pages therefore answer an unknown browser with a page
/// that reloads itself from here, and give a cookie only to one that was not sent by another site. A client that
/// keeps no cookies never gets further, and leaves no trace in any store.
pub(crate) async fn recognised(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Response {
    let config = &app.shared.config;
    if let Some(visitor) = Visitor::recognise(request.headers(), config) {
        request.extensions_mut().insert(visitor);
        return next.run(request).await;
    }
    if request.method() != Method::GET || !wants_page(request.headers()) {
        return Problem::new(StatusCode::FORBIDDEN, "problem-unknown-browser")
            .told(wants_json(request.headers()))
            .into_response();
    }
    let query = request.uri().query().unwrap_or_default();
    if query.split('&').any(|pair| pair == page::BOUNCED) {
        return Problem::new(StatusCode::FORBIDDEN, "problem-no-cookie").into_response();
    }
    let words = request
        .extensions()
        .get::<Words>()
        .copied()
        .unwrap_or_else(words::usual);
    let elsewhere = request
        .headers()
        .get(SEC_FETCH_SITE)
        .is_some_and(|site| site == "cross-site" || site == "same-site");
    if elsewhere {
        return page::bounce(words, request.uri().path(), false).into_response();
    }
    match new_session(config) {
        Ok(cookie) => (
            [(SET_COOKIE, cookie)],
            page::bounce(words, request.uri().path(), true),
        )
            .into_response(),
        Err(error) => {
            tracing::error!(%error, "no randomness for a cookie");
            Problem::try_again().into_response()
        }
    }
}

/// Sends a browser that has not entered the access token to do so.
pub(crate) async fn logged_in(State(app): State<App>, request: Request, next: Next) -> Response {
    let entered = request
        .extensions()
        .get::<Visitor>()
        .is_some_and(|visitor| visitor.may_enter(request.headers(), &app.shared.config));
    if entered {
        next.run(request).await
    } else if request.method() == Method::GET && wants_page(request.headers()) {
        Redirect::to("/login").into_response()
    } else {
        Problem::new(StatusCode::UNAUTHORIZED, "problem-token-first")
            .told(wants_json(request.headers()))
            .into_response()
    }
}

/// Ends what takes too long.
pub(crate) async fn in_time(request: Request, next: Next) -> Response {
    let json = wants_json(request.headers());
    tokio::time::timeout(REQUEST_TIME, next.run(request))
        .await
        .unwrap_or_else(|_| Problem::try_again().told(json).into_response())
}

/// Whether a person is looking, rather than a script, a picture or a probe.
fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

/// Whether the page's script asks, which reads JSON and needs no page.
pub(crate) fn wants_json(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT)
        .is_some_and(|accept| accept == "application/json")
}
