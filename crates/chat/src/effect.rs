//! Something a turn wants done to the world after it is committed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{EffectId, Page, Screen, Stamp, Token};

/// One committed wish, kept in the outbox until it is settled. Executed at least once, under the same id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// Derived from conversation, event and ordinal: the idempotency key.
    pub id: EffectId,
    /// What to do.
    pub body: EffectBody,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectBody {
    /// Show a screen.
    Show(Present),
    /// Answer a press that changed nothing (stale, foreign, refused) in one short sentence.
    Answer {
        /// The control that was pressed.
        token: Option<Token>,
        /// The sentence, localised.
        text: String,
    },
    /// Have a service do something; its result comes back as a background event.
    Work {
        /// The service's name.
        service: String,
        /// The request, in the service's own type.
        request: Value,
    },
}

/// A screen on its way to a room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Present {
    /// What to show.
    pub screen: Screen,
    /// Which screen it is: its controls' tokens are made of it.
    pub stamp: Stamp,
    /// Whether to edit the message in place or to send a new one.
    pub surface: Surface,
    /// Which part of it is looked at; rooms that show all of it at once need not care.
    #[serde(default, skip_serializing_if = "Page::is_first")]
    pub page: Page,
}

/// Where a screen goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Surface {
    /// Edits the message the last screen is in; sends a new one when there is none.
    Edit,
    /// The same with news that nobody asked for just now: such edits are spaced
    /// ([`Capabilities::edits_per_minute`](crate::Capabilities)).
    Refresh,
    /// A new message at the bottom of the room, because the person wrote something; the old one loses its controls.
    Fresh,
}

impl Surface {
    /// Whether it goes into the message the last screen is in.
    pub const fn is_edit(self) -> bool {
        matches!(self, Self::Edit | Self::Refresh)
    }
}

/// The outbox lane an effect waits in, and the lane of the mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// The mailbox: turns.
    Turn,
    /// Screens and answers: strictly first in, first out, one call in flight.
    Deliver,
    /// Everything else, unordered.
    Work,
}

impl Effect {
    /// The outbox lane this effect waits in.
    pub const fn lane(&self) -> Lane {
        match self.body {
            EffectBody::Show(_) | EffectBody::Answer { .. } => Lane::Deliver,
            EffectBody::Work { .. } => Lane::Work,
        }
    }
}
