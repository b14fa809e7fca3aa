//! A message with files, read as it comes: every byte is durable before the event that names it.

use std::time::Duration;

use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError};
use axum::http::StatusCode;
use bytes::Bytes;
use futures::Stream;
use futures::stream::try_unfold;
use lorikeet_chat::{Attachment, BlobId, MediaSource};
use lorikeet_media::{BlobError, Stored};
use serde::Serialize;

use crate::post::{CSRF, NONCE, checked};
use crate::problem::Problem;
use crate::router::App;
use crate::visitor::Visitor;
use crate::words::Words;
use crate::{MAX_FILES, MAX_TEXT, blob_id};

/// What a source of ours begins with; the blob's id follows.
const SOURCE: &str = "blob:";
/// Name of the text.
const TEXT: &str = "text";
/// Name of the files.
const FILES: &str = "files";
/// Name of the place of a board they were dropped on.
const PLACE: &str = "place";
/// How long a sender may pause.
const IDLE: Duration = Duration::from_secs(60);
/// Characters kept of a file's name.
const NAME: usize = 120;

/// A message as received.
pub(crate) struct Received {
    pub(crate) nonce: String,
    pub(crate) text: String,
    pub(crate) place: String,
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) files: Vec<String>,
    pub(crate) refused: Vec<Refused>,
}

/// A file that was not taken.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Refused {
    pub(crate) name: String,
    pub(crate) why: String,
    /// Whether the same file may be taken later: the page keeps it beside the message box.
    pub(crate) again: bool,
}

/// The blob an attachment of ours stands for.
pub(crate) fn blob_of(source: &MediaSource) -> Option<BlobId> {
    blob_id(source.as_str().strip_prefix(SOURCE)?)
}

/// Reads a message to its end. The form's secret comes before its files, or none is taken.
pub(crate) async fn receive(
    app: &App,
    visitor: &Visitor,
    words: Words,
    mut form: Multipart,
) -> Result<Received, Problem> {
    let mut nonce = None;
    let mut owned = false;
    let mut received = Received {
        nonce: String::new(),
        text: String::new(),
        place: String::new(),
        attachments: Vec::new(),
        files: Vec::new(),
        refused: Vec::new(),
    };
    while let Some(field) = in_time(form.next_field()).await? {
        match field.name().unwrap_or_default() {
            CSRF => owned = visitor.owns(&short(field, 128).await?),
            NONCE => nonce = Some(checked(&short(field, 64).await?)?.to_owned()),
            // Browsers write line ends as CR LF.
            TEXT => received.text = short(field, MAX_TEXT * 5).await?.replace("\r\n", "\n"),
            PLACE => received.place = short(field, 64).await?,
            FILES if owned => file(app, words, field, &mut received).await?,
            FILES => return Err(Problem::forbidden()),
            _ => {}
        }
    }
    if !owned {
        return Err(Problem::forbidden());
    }
    received.nonce = nonce.ok_or_else(|| checked("").err().unwrap_or_else(Problem::try_again))?;
    Ok(received)
}

async fn file(
    app: &App,
    words: Words,
    field: Field<'_>,
    received: &mut Received,
) -> Result<(), Problem> {
    let mut name: String = field
        .file_name()
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .take(NAME)
        .collect();
    let chosen = !name.is_empty();
    if !chosen {
        name = words.say("file-unnamed");
    }
    if received.attachments.len() >= MAX_FILES {
        let why = too_many(words);
        received.refuse(name, why, false);
        return Ok(());
    }
    let limit = app.shared.config.max_upload_bytes;
    let stored = app.shared.uploads.put_stream(chunks(field), limit).await;
    match stored {
        // What a browser sends where no file was chosen.
        Ok(Stored { size: 0, .. }) if !chosen => {}
        Ok(Stored { size: 0, .. }) => received.refuse(name, words.say("file-empty"), false),
        Ok(Stored { id, size }) => {
            let source = MediaSource::new(format!("{SOURCE}{id}"));
            received.attachments.push(Attachment {
                source: source.map_err(|_| Problem::try_again())?,
                name: name.clone(),
                size: Some(size),
            });
            received.files.push(name);
        }
        Err(BlobError::TooLarge { limit }) => {
            let why = too_large(words, limit);
            received.refuse(name, why, false);
        }
        Err(error @ BlobError::NoSpace { .. }) => {
            tracing::error!(%error, "an upload does not fit on the disk");
            received.refuse(name, words.say("file-no-space"), true);
        }
        // The connection is broken: nobody reads what we would say of the rest.
        Err(error @ BlobError::Incoming { .. }) => {
            tracing::debug!(%error, "an upload broke off");
            return Err(Problem::bad_request("problem-broke-off"));
        }
        Err(error) => {
            tracing::error!(%error, "an upload could not be stored");
            return Err(Problem::try_again());
        }
    }
    Ok(())
}

impl Received {
    fn refuse(&mut self, name: String, why: String, again: bool) {
        self.refused.push(Refused { name, why, again });
    }
}

/// A file's bytes; remembers the first, which tell what it is.
fn chunks(field: Field<'_>) -> impl Stream<Item = Result<Bytes, BoxError>> + Send {
    try_unfold(field, |mut field| async move {
        let chunk = tokio::time::timeout(IDLE, field.chunk()).await??;
        Ok(chunk.map(|chunk| (chunk, field)))
    })
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A field of text with at most this many bytes.
async fn short(mut field: Field<'_>, limit: usize) -> Result<String, Problem> {
    let mut text = Vec::new();
    while let Some(chunk) = in_time(field.chunk()).await? {
        if text.len() + chunk.len() > limit {
            return Err(Problem::too_long(MAX_TEXT));
        }
        text.extend_from_slice(&chunk);
    }
    String::from_utf8(text).map_err(|_| Problem::bad_request("problem-encoding"))
}

async fn in_time<T>(read: impl Future<Output = Result<T, MultipartError>>) -> Result<T, Problem> {
    match tokio::time::timeout(IDLE, read).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "problem-too-much",
        )),
        Ok(Err(_)) | Err(_) => Err(Problem::bad_request("problem-broke-off")),
    }
}

/// Why a file is one too many.
pub(crate) fn too_many(words: Words) -> String {
    words.with("file-too-many", [("max", words.number(MAX_FILES).as_str())])
}

/// Why a file of more than so many bytes is not taken.
pub(crate) fn too_large(words: Words, limit: u64) -> String {
    words.with("file-too-large", [("limit", megabytes(limit).as_str())])
}

/// Whole megabytes where they are, kilobytes below.
fn megabytes(bytes: u64) -> String {
    if bytes >= 1 << 20 {
        format!("{} MB", bytes >> 20)
    } else {
        format!("{} kB", bytes >> 10)
    }
}
