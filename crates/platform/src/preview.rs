//! A screen as a platform would show it, shown to nobody: for galleries and for who develops a feature.

use lorikeet_chat::{
    Art, BlobId, Control, Degradation, Page, PlatformId, Present, Tile, TileState,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One outgoing call, as the platform would receive it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The Bot API's method for Telegram, the HTTP verb for Discord and Matrix, the event's name for the web page.
    pub method: String,
    /// Where it goes, with `{…}` for what only a room has.
    pub path: String,
    /// What it carries.
    pub body: Value,
}

/// How a platform would show a screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// The calls, in order.
    pub calls: Vec<Call>,
    /// Markup that looks like it there, for [`Previewer::style`].
    pub html: String,
    /// What the platform cannot show as meant.
    pub degradations: Vec<Degradation>,
    /// Indices of [`Screen::actions`](lorikeet_chat::Screen::actions) that nobody could use: none, unless something is
    /// broken.
    pub unreachable: Vec<usize>,
}

/// Shows screens as one platform would. Pure.
pub trait Previewer: Send + Sync {
    /// The platform.
    fn platform(&self) -> PlatformId;

    /// Its name for people.
    fn title(&self) -> &'static str;

    /// What stands before a command there.
    fn sign(&self) -> &'static str {
        "/"
    }

    /// The style sheet of its previews.
    fn style(&self) -> &'static str;

    /// A screen as it would look in a usual room. `picture` says where a picture's bytes are.
    fn preview(&self, present: &Present, picture: &dyn Fn(&BlobId) -> String) -> Preview;
}

/// What a page of a screen offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offered {
    /// Indices of actions that can be done.
    pub actions: Vec<usize>,
    /// Pages that can be turned to.
    pub pages: Vec<Page>,
}

/// The actions that no page of a screen offers.
pub fn unreachable(present: &Present, offered: impl Fn(&Present) -> Offered) -> Vec<usize> {
    let mut seen = vec![false; present.screen.actions().len()];
    let mut pages = vec![Page::First];
    let mut at = 0;
    while let Some(page) = pages.get(at).copied() {
        at += 1;
        let here = offered(&Present {
            page,
            ..present.clone()
        });
        for index in here.actions {
            if let Some(seen) = seen.get_mut(index) {
                *seen = true;
            }
        }
        for page in here.pages {
            if !pages.contains(&page) {
                pages.push(page);
            }
        }
    }
    // What is done in place can be done from an opened place, too.
    let in_place = edits(present);
    (0..seen.len())
        .filter(|index| !seen[*index] && !in_place.contains(index))
        .collect()
}

/// The actions of a screen that take changes made in place.
fn edits(present: &Present) -> Vec<usize> {
    let mut edits = Vec::new();
    let mut index = 0;
    for control in present.screen.menu.iter().flat_map(|group| &group.controls) {
        index += control.actions().len();
        if let Control::Board(board) = control
            && board.edit.is_some()
        {
            edits.push(index - 1);
        }
    }
    edits
}

/// What a picture would show, in markup: it is drawn only when it is sent. Classes are `art`, `sheet` and `chart`, and of a
/// sheet's places their states.
pub fn markup(art: &Art, picture: &dyn Fn(&BlobId) -> String) -> String {
    match art {
        Art::Picture { blob, alt } => {
            let (source, alt) = (escaped(&picture(blob)), escaped(alt));
            format!("<img class=\"art\" src=\"{source}\" alt=\"{alt}\">")
        }
        Art::Sheet(tiles) => {
            let tiles: String = tiles.iter().map(|tile| self::tile(tile, picture)).collect();
            format!("<div class=\"art sheet\">{tiles}</div>")
        }
        Art::Chart(chart) => {
            format!("<div class=\"art chart\">{}</div>", escaped(&chart.title))
        }
    }
}

fn tile(tile: &Tile, picture: &dyn Fn(&BlobId) -> String) -> String {
    let class = match tile.state {
        TileState::Empty => "empty",
        TileState::Arriving => "arriving",
        TileState::Filled => "filled",
        TileState::Complete => "complete",
        TileState::Problem => "problem",
    };
    let image = tile.image.as_ref().map_or_else(String::new, |blob| {
        format!("<img src=\"{}\" alt=\"\">", escaped(&picture(blob)))
    });
    let label = escaped(&tile.label);
    format!("<span class=\"{class}\">{image}<b>{label}</b></span>")
}

/// Text for HTML, between tags and in attributes with double quotes.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
