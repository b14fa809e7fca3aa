//! Pictures and downloads, for whom they were shown to; and files for whoever has a link that lasts a while.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use lorikeet_chat::{BlobId, Timestamp};
use lorikeet_media::Content;
use lorikeet_renderer_web::file_name;
use lorikeet_store::{Clock as _, SystemClock};
use serde::Deserialize;

use crate::blob_id;
use crate::problem::{Problem, not_found};
use crate::router::App;
use crate::visitor::Visitor;

/// A blob opened by itself can do nothing at all.
const POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";
/// An address names its bytes for ever. Private: caches between us and the browser keep out of it.
const CACHE: &str = "private, max-age=31536000, immutable";
/// What is given out for a while is kept by nobody.
const NO_CACHE: &str = "no-store";

/// The signature of an address.
#[derive(Deserialize)]
pub(crate) struct Signed {
    #[serde(default)]
    s: String,
}

/// A picture, shown; whatever is none is not shown but downloaded.
pub(crate) async fn picture(
    app: State<App>,
    visitor: Extension<Visitor>,
    Path(id): Path<String>,
    signed: Query<Signed>,
) -> Response {
    serve(&app, &visitor, &id, &signed, None).await
}

/// A file, downloaded under its name.
pub(crate) async fn download(
    app: State<App>,
    visitor: Extension<Visitor>,
    Path((id, name)): Path<(String, String)>,
    signed: Query<Signed>,
) -> Response {
    serve(&app, &visitor, &id, &signed, Some(&name)).await
}

/// A file for whoever has its address, as long as that lasts.
pub(crate) async fn shared(
    app: State<App>,
    Path((id, until, name)): Path<(String, u64, String)>,
    signed: Query<Signed>,
) -> Response {
    let until = Timestamp::from_millis(until);
    let is_ours = |id: &BlobId| app.signer.shares(id, until, &name, &signed.s);
    let Some(id) = blob_id(&id).filter(is_ours) else {
        return not_found().into_response();
    };
    if SystemClock.now() >= until {
        return Problem::new(StatusCode::GONE, "problem-expired").into_response();
    }
    send(&app, &id, Some(&name), NO_CACHE).await
}

async fn serve(
    app: &App,
    visitor: &Visitor,
    id: &str,
    signed: &Signed,
    name: Option<&str>,
) -> Response {
    // A wrong signature and a blob that is gone look the same: nobody learns which blobs there are.
    match blob_id(id).filter(|id| app.signer.allows(visitor.user(), id, &signed.s)) {
        Some(id) => send(app, &id, name, CACHE).await,
        None => not_found().into_response(),
    }
}

async fn send(app: &App, id: &BlobId, name: Option<&str>, cache: &'static str) -> Response {
    let Content { size, mut stream } = match app.shared.blobs.stream(id).await {
        Ok(Some(content)) => content,
        Ok(None) => return not_found().into_response(),
        Err(error) => {
            tracing::error!(%error, "a blob cannot be read");
            return Problem::try_again().into_response();
        }
    };
    let first = stream.next().await;
    let head = match &first {
        Some(Ok(chunk)) => chunk.clone(),
        Some(Err(_)) => return Problem::try_again().into_response(),
        None => Bytes::new(),
    };
    let picture = picture_type(&head).filter(|_| name.is_none());
    let disposition = if picture.is_some() {
        "inline".to_owned()
    } else {
        // Only letters, digits, `_`, `.` and `-` are left in the name: nothing to quote.
        let name = file_name(name.unwrap_or("file"));
        format!("attachment; filename=\"{name}\"")
    };
    let headers = [
        (
            CONTENT_TYPE,
            picture.unwrap_or("application/octet-stream").to_owned(),
        ),
        (CONTENT_DISPOSITION, disposition),
        (CONTENT_LENGTH, size.to_string()),
        (CACHE_CONTROL, cache.to_owned()),
        (CONTENT_SECURITY_POLICY, POLICY.to_owned()),
    ];
    let body = Body::from_stream(stream::iter(first).chain(stream));
    (headers, body).into_response()
}

/// The type of a picture that every browser shows, by its first bytes; nothing for anything else.
///
/// The signatures are those of <https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern>.
fn picture_type(head: &[u8]) -> Option<&'static str> {
    if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if head.starts_with(b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else if head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a") {
        Some("image/gif")
    } else if head.starts_with(b"RIFF") && head.get(8..14) == Some(b"WEBPVP".as_slice()) {
        Some("image/webp")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pictures_are_pictures() {
        assert_eq!(picture_type(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        assert_eq!(picture_type(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        assert_eq!(picture_type(b"<svg onload=alert(1)>"), None);
        assert_eq!(picture_type(b"<html>"), None);
        assert_eq!(picture_type(b""), None);
    }
}
