//! What went wrong, in a sentence: as a small page, or as JSON for the page's script.

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::page;
use crate::words::Words;

/// A refused or failed request. Its answer is without a body until [`spoken`](Self::spoken) by
/// [`guard::spoken`](crate::guard::spoken), which knows the language.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    /// Which sentence.
    id: &'static str,
    /// The limit it names.
    max: usize,
    json: bool,
}

/// As the page's script reads it.
#[derive(Serialize)]
struct Told<'a> {
    error: &'a str,
    /// Whether the same request may work in a moment.
    retry: bool,
}

impl Problem {
    pub(crate) const fn new(status: StatusCode, id: &'static str) -> Self {
        Self {
            status,
            id,
            max: 0,
            json: false,
        }
    }

    /// The request makes no sense.
    pub(crate) const fn bad_request(id: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, id)
    }

    /// A text has more than so many characters.
    pub(crate) const fn too_long(max: usize) -> Self {
        Self {
            max,
            ..Self::bad_request("problem-too-long")
        }
    }

    /// The request did not come from a page of ours.
    pub(crate) const fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "problem-forbidden")
    }

    /// Something behind the page is not there just now.
    pub(crate) const fn try_again() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "problem-try-again")
    }

    /// The same for a script, where one asks.
    pub(crate) const fn told(mut self, json: bool) -> Self {
        self.json = json;
        self
    }

    /// The whole answer, in a language.
    pub(crate) fn spoken(&self, words: Words) -> Response {
        let sentence = words.with(self.id, [("max", words.number(self.max).as_str())]);
        let retry = self.status == StatusCode::SERVICE_UNAVAILABLE;
        let mut response = if self.json {
            let error = &sentence;
            (self.status, Json(Told { error, retry })).into_response()
        } else {
            (self.status, page::problem(words, &sentence)).into_response()
        };
        if retry {
            let soon = HeaderValue::from_static("2");
            response.headers_mut().insert(RETRY_AFTER, soon);
        }
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Nothing is at this address.
pub(crate) const fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "problem-not-found")
}
