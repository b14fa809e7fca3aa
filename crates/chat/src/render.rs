//! What every renderer answers.

use serde::{Deserialize, Serialize};

use crate::{BlobId, Chart, Tile};

/// A screen as one platform's payloads, and what was lost on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered<M> {
    /// The payloads, in the order to send.
    pub messages: Vec<M>,
    /// What the room could not show as meant. A control is never lost.
    pub degradations: Vec<Degradation>,
}

/// Something a room could not show as meant.
///
/// `what` names the part: a block by its variant (`heading`, `paragraph`, `fields`, …), `label` for what a control says,
/// `option` for an option's hint, `confirmation`, `prompt`, `form`, `link`. Losses of layout have names of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Degradation {
    /// Text was cut, with an ellipsis.
    Shortened {
        /// Which part.
        what: String,
    },
    /// Said in another way.
    Replaced {
        /// Which part.
        what: String,
        /// What stands there now.
        with: String,
    },
    /// Not shown.
    Dropped {
        /// Which part.
        what: String,
    },
}

/// A part of a picture that has to be drawn, where a platform shows neither contact sheets nor charts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Art {
    /// One picture as it is.
    Picture {
        /// Its bytes.
        blob: BlobId,
        /// What it shows, for who cannot see it.
        alt: String,
    },
    /// A contact sheet.
    Sheet(Vec<Tile>),
    /// Numbers over numbers.
    Chart(Chart),
}
