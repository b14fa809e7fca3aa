//! What went wrong, in a sentence: as a small page, or as JSON for the page's script.

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::page;

/// A refused or failed request.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    sentence: String,
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
    pub(crate) fn new(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self {
            status,
            sentence: sentence.into(),
            json: false,
        }
    }

    /// The request makes no sense.
    pub(crate) fn bad_request(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, sentence)
    }

    /// The request did not come from a page of ours.
    pub(crate) fn forbidden() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "This did not come from a page of this browser. Reload the page and try again.",
        )
    }

    /// Something behind the page is not there just now.
    pub(crate) fn try_again() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "The bot cannot take this just now. Try again in a moment.",
        )
    }

    /// The same for a script, where one asks.
    pub(crate) fn told(mut self, json: bool) -> Self {
        self.json = json;
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let retry = self.status == StatusCode::SERVICE_UNAVAILABLE;
        let mut response = if self.json {
            let error = &self.sentence;
            (self.status, Json(Told { error, retry })).into_response()
        } else {
            (self.status, page::problem(&self.sentence)).into_response()
        };
        if retry {
            let soon = HeaderValue::from_static("2");
            response.headers_mut().insert(RETRY_AFTER, soon);
        }
        response
    }
}

/// Nothing is at this address.
pub(crate) fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is nothing at this address.")
}
