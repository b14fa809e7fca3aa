//! Why the homeserver did not do something.

use std::time::Duration;

use lorikeet_platform::{DeliveryError, Failure};
use matrix_sdk::HttpError;
use matrix_sdk::reqwest::StatusCode;
use matrix_sdk::ruma::api::error::{ErrorKind, RetryAfter};

/// Why the homeserver did not do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It wants a pause.
    Pause(Option<Duration>),
    /// It does not know who asks any more.
    LoggedOut,
    /// It may not be, here.
    Forbidden(String),
    /// It makes no sense to the server, or is not there.
    Wrong(String),
    /// It may work later.
    Later(String),
}

impl Refusal {
    pub(crate) fn of(error: &matrix_sdk::Error) -> Self {
        match error {
            matrix_sdk::Error::Http(error) => Self::of_call(error),
            matrix_sdk::Error::WrongRoomState(_) => {
                Self::Forbidden("the bot is not in the room".to_owned())
            }
            other => Self::Later(other.to_string()),
        }
    }

    pub(crate) fn of_call(error: &HttpError) -> Self {
        let said = |error: &HttpError| match error.as_client_api_error() {
            // The server's own words about what was asked, without what was said.
            Some(error) => error.status_code.to_string(),
            None => "the homeserver cannot be reached".to_owned(),
        };
        match error.client_api_error_kind() {
            Some(ErrorKind::LimitExceeded(limit)) => {
                let after = match &limit.retry_after {
                    Some(RetryAfter::Delay(after)) => Some(*after),
                    Some(RetryAfter::DateTime(at)) => {
                        at.elapsed().err().map(|error| error.duration())
                    }
                    None => None,
                };
                Self::Pause(after)
            }
            Some(ErrorKind::UnknownToken(_) | ErrorKind::MissingToken) => Self::LoggedOut,
            Some(ErrorKind::Forbidden | ErrorKind::GuestAccessForbidden) => {
                Self::Forbidden(said(error))
            }
            Some(kind) => match error.as_client_api_error() {
                Some(api) if api.status_code.is_client_error() => {
                    Self::Wrong(kind.errcode().to_string())
                }
                _ => Self::Later(said(error)),
            },
            // Of what stands before a homeserver, as a rule, which answers in its own words.
            None => match error.as_client_api_error().map(|api| api.status_code) {
                Some(StatusCode::TOO_MANY_REQUESTS) => Self::Pause(None),
                Some(StatusCode::REQUEST_TIMEOUT) => Self::Later(said(error)),
                Some(status) if status.is_client_error() => Self::Wrong(said(error)),
                _ => Self::Later(said(error)),
            },
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pause(_) => f.write_str("the homeserver wants a pause"),
            Self::LoggedOut => f.write_str("the homeserver has logged the bot out"),
            Self::Forbidden(why) => write!(f, "it is not allowed: {why}"),
            Self::Wrong(why) => write!(f, "the homeserver does not take it: {why}"),
            Self::Later(why) => f.write_str(why),
        }
    }
}

impl From<Refusal> for DeliveryError {
    fn from(refusal: Refusal) -> Self {
        let message = refusal.to_string();
        match refusal {
            Refusal::Pause(after) => Self {
                failure: Failure::Retry { after },
                message,
                source: None,
            },
            Refusal::LoggedOut | Refusal::Later(_) => Self::retry(message),
            Refusal::Forbidden(_) | Refusal::Wrong(_) => Self::permanent(message),
        }
    }
}
