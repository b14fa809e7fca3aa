//! What a store far away may have against us, told from its words.

use std::error::Error as StdError;

use object_store::client::{HttpError, HttpErrorKind};

/// What a store far away may have against us, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("there is no such bucket; make it, or correct its name")]
    NoBucket,
    #[error(
        "there are no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment of the bot"
    )]
    NoCredentials,
    #[error("the bucket is in another region; name it: …&region=…")]
    OtherRegion,
    #[error(
        "the store refuses the credentials ({code}); check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and that they \
         may read, write, delete and list the bucket"
    )]
    Credentials { code: String },
    #[error("the store does not answer ({detail}); check the endpoint, and that the store runs")]
    Unreachable { detail: String },
}

impl Refusal {
    /// From the store's words, because its types say no more than the number of the answer. What it says is not passed
    /// on as a whole: it is a page long and repeats the request.
    pub(super) fn of(error: &object_store::Error) -> Option<Self> {
        let text = error.to_string();
        if text.contains(NO_CREDENTIALS) {
            return Some(Self::NoCredentials);
        }
        if lacks_bucket(error) {
            return Some(Self::NoBucket);
        }
        let code = code(&text);
        if let Some("AuthorizationHeaderMalformed" | "PermanentRedirect") = code {
            return Some(Self::OtherRegion);
        }
        let refused = matches!(
            error,
            object_store::Error::PermissionDenied { .. }
                | object_store::Error::Unauthenticated { .. }
        );
        if refused || STATUS_REFUSED.iter().any(|status| text.contains(status)) {
            let code = code.unwrap_or("it does not say why").to_owned();
            return Some(Self::Credentials { code });
        }
        unreachable(error)
    }
}

/// As the client words the answers that are about credentials, where it makes no difference in its types.
const STATUS_REFUSED: [&str; 2] = ["status code: 401 ", "status code: 403 "];

/// Where credentials are looked for last: the machine's own, which only machines of Amazon have.
const NO_CREDENTIALS: &str = "http://169.254.169.254/";

/// Whether a store says that all of it is missing, not one blob.
pub(super) fn lacks_bucket(error: &object_store::Error) -> bool {
    code(&error.to_string()) == Some("NoSuchBucket")
}

/// The code in an answer of S3.
fn code(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    Some(code)
}

/// The innermost cause, when no answer came: a refused connection, an unknown host, silence.
fn unreachable(error: &object_store::Error) -> Option<Refusal> {
    let mut next: Option<&(dyn StdError + 'static)> = Some(error);
    let mut silent = false;
    while let Some(error) = next {
        if let Some(http) = error.downcast_ref::<HttpError>() {
            silent = matches!(
                http.kind(),
                HttpErrorKind::Connect
                    | HttpErrorKind::Request
                    | HttpErrorKind::Timeout
                    | HttpErrorKind::Interrupted
            );
        }
        match error.source() {
            None if silent => {
                let detail = error.to_string();
                return Some(Refusal::Unreachable { detail });
            }
            source => next = source,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::BlobError;

    #[test]
    fn what_a_store_says_becomes_what_to_do() {
        let say = |words: &str| {
            let error = object_store::Error::Generic {
                store: "S3",
                source: words.into(),
            };
            BlobError::from(error).into_source().to_string()
        };
        let region = say("status code: 400 Bad Request: <Code>AuthorizationHeaderMalformed</Code>");
        let machine =
            say("performing PUT http://169.254.169.254/latest/api/token in 5s - timed out");
        let refused = say("status code: 403 Forbidden: <Code>AccessDenied</Code>");

        assert!(region.contains("another region"), "{region}");
        assert!(machine.contains("there are no credentials"), "{machine}");
        assert!(refused.contains("(AccessDenied)"), "{refused}");
        assert_eq!(say("as it is"), "Generic S3 error: as it is");
    }
}
