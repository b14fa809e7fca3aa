//! From an abstract screen to a fragment of HTML.
//!
//! Owns how blocks, controls and prompts look as markup, and what is lost where a room's limits are tight.
//! Does not own the page around the fragment, its style sheet and script (the adapter), who may see a
//! picture (the adapter signs addresses through [`Links`]) or what a control does (the session).
//!
//! The fragment stands alone: controls belong to forms of the page by the `form` attribute ([`PRESS_FORM`],
//! [`FILL_FORM`]), so it knows neither its room nor a request secret; it has no style attribute, no
//! script and no event handler, so it works under the strictest content policy. Every text in it is escaped by
//! `maud`; nothing is ever pre-escaped here but this crate's own markup.

mod blocks;
mod budget;
mod chart;
mod controls;
mod prompt;

use lorikeet_chat::{BlobId, Block, Capabilities, FileBlock, Numerals, Rendered, Screen, Stamp};
use maud::html;
use serde::{Deserialize, Serialize};

use budget::Budget;

/// `id` of the page's form that a pressed control submits: one value named [`TOKEN`].
pub const PRESS_FORM: &str = "press";
/// `id` of the page's form that a filled-in form submits: [`TOKEN`] and the fields, each named
/// [`FIELD_PREFIX`] and its own name.
pub const FILL_FORM: &str = "fill";
/// Name of the value that carries a control's token.
pub const TOKEN: &str = "token";
/// What the names of a form's fields begin with, so that none collides with the page's own.
pub const FIELD_PREFIX: &str = "field.";

/// One message of the web page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// The fragment: one `<div class="screen">`.
    pub html: String,
    /// The screen's first heading, for the window's title.
    pub title: Option<String>,
}

/// Where the fragment's pictures and files are fetched.
pub trait Links {
    /// Address of a picture.
    fn picture(&self, blob: &BlobId) -> String;
    /// Address of a download.
    fn file(&self, file: &FileBlock) -> String;
}

/// Plain addresses: `/blob/<id>` and `/file/<id>/<name>`.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainLinks;

impl Links for PlainLinks {
    fn picture(&self, blob: &BlobId) -> String {
        format!("/blob/{blob}")
    }

    fn file(&self, file: &FileBlock) -> String {
        format!("/file/{}/{}", file.blob, file_name(&file.name))
    }
}

/// A file's name as one path segment: every character outside `[A-Za-z0-9_.-]` becomes `_`, and a name of dots
/// alone, which a browser would resolve away, becomes `file`.
pub fn file_name(name: &str) -> String {
    let safe: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-') {
                c
            } else {
                '_'
            }
        })
        .collect();
    if safe.chars().all(|c| c == '.') {
        "file".to_owned()
    } else {
        safe
    }
}

/// Renders a screen, with [`PlainLinks`]. Total: any screen, any capabilities.
pub fn render(screen: &Screen, stamp: Stamp, capabilities: &Capabilities) -> Rendered<Payload> {
    render_with(screen, stamp, capabilities, &PlainLinks)
}

/// Renders a screen into exactly one message, with addresses from `links`.
///
/// Limits are those of `capabilities`: text past the message length is cut with an ellipsis, controls and options
/// past their number are folded away behind a disclosure, and each loss is listed. A control is never lost: HTML
/// has buttons, whatever a room says of its own.
pub fn render_with(
    screen: &Screen,
    stamp: Stamp,
    capabilities: &Capabilities,
    links: &dyn Links,
) -> Rendered<Payload> {
    let mut budget = Budget::new(capabilities);
    let place = Place::new(stamp, screen.numerals());
    let language = screen.language.as_ref().map(|language| &language.tag);
    let blocks = blocks::blocks(&screen.blocks, &place, &mut budget, links);
    let mut index = 0;
    let menu = controls::menu(&screen.menu, &place, &mut index, &mut budget, links);
    let hints = screen
        .prompt
        .as_ref()
        .map(prompt::hints)
        .unwrap_or_default();
    let form = prompt::form(screen.prompt.as_ref(), &place, &mut index, &mut budget);

    let html = html! {
        div.screen lang=[language] data-screen=(place.screen) data-revision=(stamp.revision)
            data-prompt=[hints.kind] data-hint=[hints.hint] data-value=[hints.value]
            data-max-chars=[hints.max_chars] data-multiline[hints.multiline]
            data-have=[hints.have] data-min=[hints.min] data-max=[hints.max] {
            (blocks)
            (menu.choices)
            (form)
            (menu.navigation)
        }
    };
    Rendered {
        messages: vec![Payload {
            html: html.into_string(),
            title: screen.blocks.iter().find_map(|block| match block {
                Block::Heading(text) if !text.trim().is_empty() => Some(text.clone()),
                _ => None,
            }),
        }],
        degradations: budget.into_degradations(),
    }
}

/// Which screen the markup belongs to: makes its `id`s unique on the page, and its tokens.
pub(crate) struct Place {
    /// The stamp.
    pub(crate) stamp: Stamp,
    /// The stamp as text, fit for an `id`.
    pub(crate) screen: String,
    /// How its language writes numbers.
    pub(crate) numerals: Numerals,
}

impl Place {
    fn new(stamp: Stamp, numerals: Numerals) -> Self {
        // A token is `tag-revision-index`; without its index it names the screen.
        let token = stamp.token(0).to_string();
        let screen = token.rsplit_once('-').map_or("", |(screen, _)| screen);
        Self {
            stamp,
            screen: screen.to_owned(),
            numerals,
        }
    }

    /// The next control's token.
    pub(crate) fn token(&self, index: &mut u32) -> String {
        let token = self.stamp.token(*index).to_string();
        *index = index.saturating_add(1);
        token
    }
}
