//! The page's own files, in the binary. Their addresses change with their content, so browsers may keep them.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};

use crate::problem::not_found;

/// One file.
pub(crate) struct Asset {
    name: String,
    kind: &'static str,
    body: &'static str,
}

impl Asset {
    fn new(stem: &str, extension: &str, kind: &'static str, body: &'static str) -> Self {
        let digest = hex::encode(Sha256::digest(body));
        Self {
            name: format!("{stem}-{}.{extension}", &digest[..12]),
            kind,
            body,
        }
    }

    /// Its text.
    pub(crate) const fn body(&self) -> &'static str {
        self.body
    }

    /// Its address.
    pub(crate) fn address(&self) -> String {
        format!("/assets/{}", self.name)
    }
}

/// The style sheet.
pub(crate) static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let body = include_str!("../assets/lorikeet.css");
    Asset::new("lorikeet", "css", "text/css; charset=utf-8", body)
});

/// The scripts, in the order they run in: what follows the room, what sends, what works on a board.
pub(crate) static SCRIPTS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    let kind = "text/javascript; charset=utf-8";
    [
        ("lorikeet", include_str!("../assets/lorikeet.js")),
        ("sending", include_str!("../assets/sending.js")),
        ("board", include_str!("../assets/board.js")),
    ]
    .map(|(stem, body)| Asset::new(stem, "js", kind, body))
});

/// The bird.
pub(crate) static ICON: LazyLock<Asset> = LazyLock::new(|| {
    let body = include_str!("../assets/lorikeet.svg");
    Asset::new("lorikeet", "svg", "image/svg+xml", body)
});

/// Serves one of them; an address of another version is not found, and the page that asks is reloaded anyway.
pub(crate) async fn serve(Path(name): Path<String>) -> Response {
    let mut assets = [&*STYLE, &*ICON].into_iter().chain(SCRIPTS.iter());
    match assets.find(|asset| asset.name == name) {
        Some(asset) => (
            [
                (CONTENT_TYPE, asset.kind),
                (CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            asset.body,
        )
            .into_response(),
        None => not_found().into_response(),
    }
}
