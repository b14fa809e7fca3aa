//! A screen as a platform would show it, shown to nobody: for galleries and for who develops a feature.

use lorikeet_chat::{BlobId, Degradation, PlatformId, Present};
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

    /// The style sheet of its previews.
    fn style(&self) -> &'static str;

    /// A screen as it would look in a usual room. `picture` says where a picture's bytes are.
    fn preview(&self, present: &Present, picture: &dyn Fn(&BlobId) -> String) -> Preview;
}
