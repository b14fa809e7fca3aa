//! Pages as markup: the chat with its composer, the login, and small ones for what went wrong.

use axum::response::Html;
use lorikeet_chat::{PlatformId, Prompt};
use lorikeet_platform::CommandHelp;
use lorikeet_renderer_web::{FILL_FORM, PRESS_FORM};
use maud::{DOCTYPE, Markup, html};

use crate::assets::{ICON, SCRIPTS, STYLE};
use crate::post::{CSRF, NONCE};
use crate::room::address;
use crate::upload::{Refused, too_large, too_many};
use crate::visitor::MAIN;
use crate::words::{self, Words};
use crate::{MAX_FILES, MAX_TEXT};

/// Query of an address that a browser was sent to with a cookie.
pub(crate) const BOUNCED: &str = "c=1";
/// What the bot is called.
const NAME: &str = "Lorikeet";

/// A room, ready to be shown.
pub(crate) struct Chat<'a> {
    pub(crate) words: Words,
    /// The language of the newest screen, where it says so; the page may not have it.
    pub(crate) language: Option<&'a str>,
    pub(crate) slug: &'a str,
    /// The person's rooms, oldest first.
    pub(crate) chats: &'a [String],
    pub(crate) title: Option<&'a str>,
    pub(crate) log: &'a [Markup],
    /// The transcript's sequence number that the log shows.
    pub(crate) since: u64,
    pub(crate) flash: Option<Flash<'a>>,
    /// What the live screen waits for.
    pub(crate) prompt: Option<&'a Prompt>,
    pub(crate) commands: &'a [CommandHelp],
    pub(crate) csrf: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) max_upload_bytes: u64,
    /// A platform as which the current screen can be looked at; absent where nobody develops.
    pub(crate) preview: Option<PlatformId>,
}

/// A sentence shown once.
pub(crate) struct Flash<'a> {
    pub(crate) text: &'a str,
}

/// The chat.
pub(crate) fn chat(chat: &Chat<'_>) -> Html<String> {
    let base = format!("/chat/{}", chat.slug);
    let words = chat.words;
    let secrets = html! {
        input type="hidden" name=(CSRF) value=(chat.csrf);
        input type="hidden" name=(NONCE) value=(chat.nonce);
    };
    let title = match chat.title {
        Some(title) => format!("{title} · {NAME}"),
        None => NAME.to_owned(),
    };
    let head = html! { @for script in SCRIPTS.iter() { script src=(script.address()) defer {} } };
    let body = html! {
        a.skip href="#text" { (words.say("page-skip")) }
        header.bar {
            a.brand href="/" { img src=(ICON.address()) alt="" width="30" height="30"; span { (NAME) } }
            span #connection role="status" data-lost=(words.say("page-reconnecting")) {}
            nav aria-label=(words.say("page-chats")) {
                (chats(chat))
                @if let Some(platform) = &chat.preview {
                    a.quiet href=(format!("/chat/{}/preview/{platform}", chat.slug)) { (words.say("page-preview")) }
                }
                a.quiet href="/new" { (words.say("page-new-chat")) }
            }
        }
        main {
            div #log role="log" aria-live="polite" aria-relevant="additions" aria-label=(words.say("page-conversation")) tabindex="-1" {
                @for message in chat.log { (message) }
            }
            @if chat.log.is_empty() { (hush(words)) }
            ul #outbox aria-label=(words.say("page-outbox")) {}
            div #waiting hidden {
                span.dots aria-hidden="true" { span {} span {} span {} }
                span.words {}
            }
            @if let Some(flash) = &chat.flash {
                noscript { p.flash role="status" dir="auto" { (flash.text) } }
            }
        }
        form id=(PRESS_FORM) method="post" action=(format!("{base}/press")) hidden { (secrets) }
        form id=(FILL_FORM) method="post" action=(format!("{base}/form")) hidden { (secrets) }
        (composer(chat, &base, &secrets))
        div #toasts role="status" aria-live="polite" {}
        p #spoken role="status" {}
        div #drop hidden { p { (words.say("page-drop")) } }
    };
    document(
        words,
        &title,
        head,
        html! {
            body.chat data-room=(chat.slug) data-events=(format!("{base}/events")) data-since=(chat.since)
                data-name=(NAME) data-max-bytes=(chat.max_upload_bytes) data-max-files=(MAX_FILES)
                data-language=[chat.language] data-words=(script(words, chat.max_upload_bytes)) { (body) }
        },
    )
}

/// An empty log says what there is to do in it.
fn hush(words: Words) -> Markup {
    html! {
        div.hush {
            (bird())
            p { b { (words.say("page-say-hello")) } }
            p { (words.say("page-how-to-begin")) }
        }
    }
}

/// What the page's scripts say, by name. What they put in stands there in braces.
fn script(words: Words, max_upload_bytes: u64) -> String {
    let said = serde_json::json!({
        "newMessage": words.say("script-new-message"),
        "remove": words.with("script-remove", [("name", "{name}")]),
        "offline": words.say("script-offline"),
        "failed": words.say("script-failed"),
        "again": words.say("script-again"),
        "working": words.say("script-working"),
        "still": words.say("script-still-working"),
        "longer": words.say("script-takes-longer"),
        "unconnected": words.say("script-unconnected"),
        "waits": words.say("script-waits"),
        "stored": words.say("script-stored"),
        "retry": words.say("script-retry"),
        "retryFile": words.with("script-retry-file", [("name", "{name}")]),
        "filesSent": words.with("script-files-sent", [("count", "{count}"), ("total", "{total}"), ("percent", "{percent}")]),
        "sends": words.say("script-sends"),
        "queued": words.say("script-queued"),
        "boardHow": words.say("script-board-how"),
        "boardTouch": words.say("script-board-touch"),
        "tile": words.with("script-tile", [("place", "{place}")]),
        "captionOf": words.with("script-caption-of", [("place", "{place}")]),
        "captionHint": words.say("script-caption-hint"),
        "captionKeys": words.say("script-caption-keys"),
        "captionSaved": words.with("script-caption-saved", [("place", "{place}")]),
        "morePlaces": words.with("script-more-places", [("count", "{count}")]),
        "addTo": words.with("script-add-to", [("place", "{place}")]),
        "replaceAt": words.with("script-replace-at", [("place", "{place}")]),
        "sentTo": words.with("script-sent-to", [("place", "{place}")]),
        "moved": words.with("script-moved", [("from", "{from}"), ("to", "{to}")]),
        "tooLarge": too_large(words, max_upload_bytes),
        "empty": words.say("file-empty"),
        "tooMany": too_many(words),
    });
    said.to_string()
}

fn chats(chat: &Chat<'_>) -> Markup {
    let words = chat.words;
    html! {
        @if chat.chats.len() > 1 {
            button.quiet type="button" popovertarget="chats" { (words.say("page-chats")) }
            ul #chats popover {
                @for (number, slug) in chat.chats.iter().enumerate() {
                    li {
                        a href=(address(slug)) aria-current=[(slug == chat.slug).then_some("page")] {
                            @if slug == MAIN { (words.say("page-main-chat")) }
                            @else { (words.with("page-chat-number", [("number", words.number(number + 1).as_str())])) }
                        }
                    }
                }
            }
        }
    }
}

fn composer(chat: &Chat<'_>, base: &str, secrets: &Markup) -> Markup {
    let (hint, value) = match chat.prompt {
        Some(Prompt::Text { hint, value, .. }) => (hint.as_str(), value.as_str()),
        Some(Prompt::Number { hint, .. } | Prompt::Images { hint, .. }) => (hint.as_str(), ""),
        Some(Prompt::Form { .. }) | None => ("", ""),
    };
    let words = chat.words;
    let write = words.say("page-write");
    let hint = if hint.is_empty() {
        write.as_str()
    } else {
        hint
    };
    let language = chat.language.unwrap_or(words.tag());
    let add_files = words.say("page-add-files");
    let send = words.say("page-send");
    html! {
        form #composer method="post" action=(format!("{base}/send")) enctype="multipart/form-data"
            aria-label=(words.say("page-your-message")) {
            (secrets)
            ul #commands role="listbox" aria-label=(words.say("page-commands")) hidden {
                @for command in chat.commands {
                    li role="option" data-command=(command.name) {
                        b { "/" (command.name) } " " span dir="auto" { (command.summary.of(language)) }
                    }
                }
            }
            // Long lists scroll, also by keyboard; an empty one is not there.
            ul #queue tabindex="0" aria-label=(words.say("page-queue")) {}
            p #trouble role="alert" {}
            div.line {
                label.attach title=(add_files) {
                    input #files type="file" name="files" multiple aria-label=(add_files);
                    svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" {
                        path d="M4 16.5 9 11l4 4 3-3 4 4M4 5.5h16v13H4z M15.5 9.2h.01" {}
                    }
                    span #count {}
                }
                textarea #text name="text" rows="1" maxlength=(MAX_TEXT) placeholder=(hint) dir="auto"
                    data-placeholder=(write) aria-label=(words.say("page-message")) autocomplete="off"
                    enterkeyhint="send" { "\n" (value) }
                button #send type="submit" aria-label=(send) title=(send) {
                    svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" { path d="M12 19V5M5 12l7-7 7 7" {} }
                }
            }
            noscript {
                p.hint { (words.say("page-without-script")) " " a href=(address(chat.slug)) { (words.say("page-reload")) } }
            }
        }
    }
}

/// Asks for the access token.
pub(crate) fn login(words: Words, csrf: &str, wrong: bool) -> Html<String> {
    let welcome = words.say("page-welcome");
    small(
        words,
        &welcome,
        html! {
            form.card method="post" action="/login" {
                (bird())
                h1 { (welcome) }
                p { (words.with("page-private", [("name", NAME)])) }
                input type="hidden" name=(CSRF) value=(csrf);
                div.field.wrong[wrong] {
                    label for="token" { (words.say("page-token")) }
                    input #token type="password" name="token" required autofocus autocomplete="current-password"
                        aria-invalid=[wrong.then_some("true")] aria-describedby=[wrong.then_some("wrong")];
                    @if wrong { p #wrong .problem role="alert" { (words.say("problem-wrong-token")) } }
                }
                button.button.primary type="submit" { (words.say("page-enter")) }
            }
        },
    )
}

/// One sentence about what went wrong.
pub(crate) fn problem(words: Words, sentence: &str) -> Html<String> {
    small(
        words,
        &words.say("page-sorry"),
        html! {
            div.card {
                (bird())
                p { (sentence) }
                a.button href="/" { (words.say("page-to-chat")) }
            }
        },
    )
}

/// Files that were not taken, for who has no script to be told by.
pub(crate) fn refused(words: Words, back: &str, refused: &[Refused]) -> Html<String> {
    let title = words.say("page-not-all-sent");
    small(
        words,
        &title,
        html! {
            div.card {
                h1 { (title) }
                ul { @for file in refused { li dir="auto" { b { (file.name) } ": " (file.why) "." } } }
                a.button.primary href=(back) { (words.say("page-to-chat")) }
            }
        },
    )
}

/// Reloads itself at `path`: the browser then asks from a page of ours, and sends its strict cookies along.
pub(crate) fn bounce(words: Words, path: &str, with_cookie: bool) -> Html<String> {
    let query = if with_cookie { BOUNCED } else { "" };
    let separator = if with_cookie { "?" } else { "" };
    let address = format!("{path}{separator}{query}");
    let head = html! { meta http-equiv="refresh" content=(format!("0;url={address}")); };
    let on = words.say("page-continue");
    let body =
        html! { body.small { main { div.card { (bird()) a.button href=(address) { (on) } } } } };
    document(words, NAME, head, body)
}

fn bird() -> Markup {
    html! { img.bird src=(ICON.address()) alt="" width="64" height="64"; }
}

fn small(words: Words, title: &str, content: Markup) -> Html<String> {
    let body = html! { body.small { main { (content) } } };
    document(words, &format!("{title} · {NAME}"), html! {}, body)
}

/// A whole page.
pub(crate) fn document(words: Words, title: &str, head: Markup, body: Markup) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang=(words.tag()) dir=(words::direction(words)) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content";
                meta name="color-scheme" content="light dark";
                meta name="theme-color" content="#f5f7f4" media="(prefers-color-scheme: light)";
                meta name="theme-color" content="#0f1416" media="(prefers-color-scheme: dark)";
                title { (title) }
                link rel="icon" href=(ICON.address()) type="image/svg+xml";
                link rel="stylesheet" href=(STYLE.address());
                (head)
            }
            (body)
        }
    };
    Html(page.into_string())
}
