//! The developer's switch: a chat's current screen as other platforms would show it, with the calls behind it.
//!
//! Only where the operator turned it on. Buttons there do nothing: it is a picture of a screen, not one to use.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse as _, Response};
use lorikeet_chat::{BlobId, Degradation, Page, Present, Surface};
use lorikeet_platform::{Preview, Previewer};
use lorikeet_renderer_web::Links as _;
use maud::{Markup, PreEscaped, html};

use crate::message::Message;
use crate::page;
use crate::problem::{Problem, not_found};
use crate::room::{SHOWN, address};
use crate::router::App;
use crate::visitor::{Visitor, is_slug};
use crate::words::Words;

/// The current screen of a room, as one platform would show it.
pub(crate) async fn show(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Extension(words): Extension<Words>,
    Path((slug, platform)): Path<(String, String)>,
) -> Response {
    let Some(previewer) = previewer(&app, &platform).filter(|_| is_slug(&slug)) else {
        return not_found().into_response();
    };
    let transcript = &app.shared.transcript;
    let entries = match transcript.latest(&visitor.room(&slug), SHOWN).await {
        Ok(entries) => entries,
        Err(error) => {
            tracing::error!(%error, "a transcript cannot be read");
            return Problem::try_again().into_response();
        }
    };
    let newest = entries
        .iter()
        .rev()
        .find_map(|entry| match Message::decode(entry)? {
            Message::Screen { screen, stamp, .. } => Some(Present {
                screen,
                stamp,
                surface: Surface::Fresh,
                page: Page::First,
            }),
            Message::Answer { .. } | Message::Said { .. } => None,
        });
    let Some(present) = newest else {
        return not_found().into_response();
    };
    let links = app.signer.links(visitor.user());
    let preview = previewer.preview(&present, &|blob: &BlobId| links.picture(blob));
    let others: Vec<(String, &str)> = app
        .shared
        .previewers
        .iter()
        .map(|other| (other.platform().to_string(), other.title()))
        .collect();
    body(&slug, &platform, previewer, &preview, &others, words).into_response()
}

/// The style sheet of one platform's previews.
pub(crate) async fn style(State(app): State<App>, Path(name): Path<String>) -> Response {
    let platform = name.strip_suffix(".css").unwrap_or_default();
    match previewer(&app, platform) {
        Some(previewer) => (
            [(CONTENT_TYPE, "text/css; charset=utf-8")],
            previewer.style(),
        )
            .into_response(),
        None => not_found().into_response(),
    }
}

fn previewer<'a>(app: &'a App, platform: &str) -> Option<&'a dyn Previewer> {
    let mut all = app.shared.previewers.iter();
    let found = all.find(|previewer| previewer.platform().as_str() == platform);
    found.map(AsRef::as_ref)
}

fn body(
    slug: &str,
    platform: &str,
    previewer: &dyn Previewer,
    preview: &Preview,
    others: &[(String, &str)],
    words: Words,
) -> Html<String> {
    let calls = serde_json::to_string_pretty(&preview.calls).unwrap_or_default();
    let head = html! { link rel="stylesheet" href=(format!("/preview/{platform}.css")); };
    let content = html! {
        body.elsewhere {
            header.bar {
                a.brand href=(address(slug)) { (words.say("page-to-chat")) }
                nav aria-label=(words.say("page-preview-platforms")) {
                    @for (other, title) in others {
                        a.quiet href=(format!("/chat/{slug}/preview/{other}"))
                            aria-current=[(other == platform).then_some("page")] { (title) }
                    }
                }
            }
            main {
                // Its controls belong to no form of this page.
                div.preview { (PreEscaped(&preview.html)) }
                @if !preview.degradations.is_empty() {
                    h2 { (words.say("page-preview-lost")) }
                    ul { @for lost in &preview.degradations { (degradation(lost)) } }
                }
                h2 { (words.say("page-preview-payload")) }
                pre.payload tabindex="0" { (calls) }
            }
        }
    };
    page::document(words, previewer.title(), head, content)
}

fn degradation(lost: &Degradation) -> Markup {
    html! {
        li {
            @match lost {
                Degradation::Shortened { what } => { (what) " ✂" }
                Degradation::Replaced { what, with } => { (what) " → " (with) }
                Degradation::Dropped { what } => { (what) " ✗" }
            }
        }
    }
}
