//! A conversation's state, as it lies in the store.

use std::collections::BTreeMap;

use lorikeet_chat::{Action, Page, Stamp, Token};
use lorikeet_flow::{Notice, Stored};
use serde::{Deserialize, Serialize};

/// The layout [`Session::to_text`] writes.
const FORMAT: u32 = 1;

/// A conversation's state: the flows it is in, and what the controls of its current screen do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Layout of this text.
    pub(crate) format: u32,
    /// The flows, the one on the screen last. Empty before the first turn.
    pub(crate) stack: Vec<Stored>,
    /// Which screen is the current one.
    pub(crate) stamp: Stamp,
    /// What its controls do, by index.
    pub(crate) actions: Vec<Action>,
    /// What was said beside the current screen: news that arrives a moment later must not wipe it away unread.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) said: Vec<Notice>,
    /// Which part of the current screen is looked at.
    #[serde(default, skip_serializing_if = "Page::is_first")]
    pub(crate) page: Page,
    /// What was typed into the current screen's form so far, where a room has no forms; absent when the screen has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) form: Option<BTreeMap<String, String>>,
    /// The batch of the last event that a person sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) batch: Option<String>,
    /// The language the person's device asks for, as last heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) locale: Option<String>,
    /// What stands before a command where the person writes, as last heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sign: Option<String>,
    /// The language the person chose here, which goes before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) chosen: Option<String>,
    /// Takes the place of one that could not be read, which the next screen says.
    #[serde(skip)]
    pub(crate) replaces: bool,
}

/// A stored session that this program cannot read: newer than it, or damaged.
#[derive(Debug, thiserror::Error)]
#[error("the stored session cannot be read: {0}")]
pub struct SessionError(String);

impl Default for Session {
    fn default() -> Self {
        Self {
            format: FORMAT,
            stack: Vec::new(),
            stamp: Stamp::default(),
            actions: Vec::new(),
            said: Vec::new(),
            page: Page::First,
            form: None,
            batch: None,
            locale: None,
            sign: None,
            chosen: None,
            replaces: false,
        }
    }
}

impl Session {
    /// An empty session in the place of one that cannot be read: its first screen says so.
    pub fn anew() -> Self {
        Self {
            replaces: true,
            ..Self::default()
        }
    }

    /// Reads what [`Session::to_text`] wrote.
    ///
    /// # Errors
    /// When it is of a newer layout or no session at all.
    pub fn from_text(text: &str) -> Result<Self, SessionError> {
        let session: Self =
            serde_json::from_str(text).map_err(|error| SessionError(error.to_string()))?;
        if session.format == FORMAT {
            Ok(session)
        } else {
            Err(SessionError(format!(
                "layout {} instead of {FORMAT}",
                session.format
            )))
        }
    }

    /// The session as text for the store.
    ///
    /// # Errors
    /// Never for sessions made by turns.
    pub fn to_text(&self) -> Result<String, SessionError> {
        serde_json::to_string(self).map_err(|error| SessionError(error.to_string()))
    }

    /// Which screen is the current one.
    pub const fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// The language to speak: the one chosen, or else the one the person's device asks for.
    pub fn locale(&self) -> Option<&str> {
        self.chosen.as_deref().or(self.locale.as_deref())
    }

    /// What stands before a command, where that was said.
    pub fn sign(&self) -> Option<&str> {
        self.sign.as_deref()
    }

    /// Whether the person chose the language here.
    pub const fn has_chosen_language(&self) -> bool {
        self.chosen.is_some()
    }

    /// The flows, the one on the screen last.
    pub fn stack(&self) -> &[Stored] {
        &self.stack
    }

    /// What a control of the current screen does; `None` for a token of any other screen.
    pub(crate) fn action(&self, token: Token) -> Option<&Action> {
        if token.stamp != self.stamp {
            return None;
        }
        self.actions.get(usize::try_from(token.index).ok()?)
    }
}
