//! One normalised thing that happened.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{EventId, Invocation, MediaSource, PageToken, Timestamp, Token};

/// Something that happened to a conversation and waits in its mailbox for a turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Stable over redeliveries: the same occurrence always carries the same id.
    pub id: EventId,
    /// The id as a rising number, where the platform's ids are ordered; lets a store refuse a late duplicate for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<u64>,
    /// Set when a newer event of the same key may take this one's place while it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coalesce: Option<Coalesce>,
    /// What was sent in one go but comes as several events shares this: one answer is enough for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
    /// Who made it: the mailbox bound counts only what comes from outside.
    pub origin: Origin,
    /// When the adapter received it.
    pub at: Timestamp,
    /// Who sent it, as far as the platform says; absent on internal events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<Sender>,
    /// What happened.
    pub body: EventBody,
}

/// Where an event comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A person, through a platform. Counts towards the mailbox bound.
    Person,
    /// Lorikeet itself: results, progress, redraws. Exempt from the bound.
    Internal,
}

/// How events replace one another while they wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coalesce {
    /// Events of one key replace one another.
    pub key: String,
    /// Rises with every event of the key; an event at or below the highest seen is stale.
    pub sequence: u64,
    /// Whether a newer event may take this one's place. A terminal event (run finished) carries the key's
    /// highest sequence, so that late progress is stale, and is itself not replaceable.
    pub replaceable: bool,
}

/// The person behind an event, in words for other people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// A name to show; empty when the platform gives none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The room's name to show ("web", "#art"); empty when there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub room: String,
    /// Preferred language as a BCP 47 tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Whether nobody else reads along.
    #[serde(default, skip_serializing_if = "is_false")]
    pub private: bool,
    /// What stands before a command where they write; `/` when nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventBody {
    /// A command was typed or chosen.
    Command(Invocation),
    /// A control was used.
    Press(Token),
    /// Plain text was sent.
    Text(String),
    /// One or more files were sent in one message.
    Media {
        /// The files, in the order sent.
        items: Vec<Attachment>,
        /// Text that came with them; empty when none.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        text: String,
        /// Label of the [`Board`](crate::Board)'s place they were dropped on; empty when none.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        place: String,
    },
    /// A form was filled in: field name → what was typed.
    Form {
        /// The token of the prompt's submit action.
        token: Token,
        /// Values by [`FormField::name`](crate::FormField).
        fields: BTreeMap<String, String>,
    },
    /// What the screen asks for was typed into a window of its own, from the field that the page names on: values by
    /// their fields' places from 0. A prompt for one text or number has one field. With all fields of a form there it is
    /// sent, else what is there is kept for it.
    Filled {
        /// The screen, and the first field in the window.
        page: PageToken,
        /// What was typed.
        values: BTreeMap<u32, String>,
    },
    /// Another page of the screen is to be looked at.
    Page(PageToken),
    /// Something asked for in the background came back, or made progress.
    Background(Background),
    /// The current screen should be shown again: a delivery was lost or overtaken.
    Redraw,
}

/// A result or progress report for the flow that waits for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Background {
    /// What kind of result; the feature that asked knows the payload's type by it.
    pub topic: String,
    /// The result itself, in the feature's own type.
    pub payload: Value,
}

/// A file that came with a message; its bytes are still with the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Where the adapter finds the bytes.
    pub source: MediaSource,
    /// The name the sender's device gave it; hostile input, never a path.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Bytes, as far as the platform says before the download.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
}
