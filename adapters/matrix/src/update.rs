//! Events of a room as they come, once they are decrypted: as much of them as the bot reads. Anything may be missing or of
//! another kind: nobody checks what people's clients send.

use serde::Deserialize;
use serde_json::Value;

/// An event of a room's timeline. <https://spec.matrix.org/v1.19/client-server-api/#room-event-format>
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct RoomEvent {
    pub(crate) event_id: String,
    pub(crate) sender: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) content: Value,
    /// Of whom a state event is.
    pub(crate) state_key: Option<String>,
    /// What a redaction takes away, in rooms before version 11.
    pub(crate) redacts: Option<String>,
    /// What the server knows beside it.
    #[serde(default)]
    unsigned: Value,
    /// Milliseconds since 1970, by the sender's server.
    #[serde(default)]
    pub(crate) origin_server_ts: u64,
}

impl RoomEvent {
    /// A text of the content, empty where there is none.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.content[key].as_str().unwrap_or_default()
    }

    /// What it says in the place of another, for an edit. <https://spec.matrix.org/v1.19/client-server-api/#event-replacements>
    pub(crate) fn replaces(&self) -> Option<&str> {
        let relation = &self.content["m.relates_to"];
        let edits = relation["rel_type"] == "m.replace";
        relation["event_id"].as_str().filter(|_| edits)
    }

    /// The event that the thread begins with which it is in.
    pub(crate) fn thread(&self) -> Option<&str> {
        let relation = &self.content["m.relates_to"];
        let within = relation["rel_type"] == "m.thread";
        relation["event_id"].as_str().filter(|_| within)
    }

    /// What it answers; not what clients without threads would show it below.
    pub(crate) fn answers(&self) -> Option<&str> {
        let relation = &self.content["m.relates_to"];
        let below = relation["is_falling_back"] == true && self.thread().is_some();
        relation["m.in_reply_to"]["event_id"]
            .as_str()
            .filter(|_| !below)
    }

    /// What it reacts to, and with what. <https://spec.matrix.org/v1.19/client-server-api/#event-annotations-and-reactions>
    pub(crate) fn reaction(&self) -> Option<(&str, &str)> {
        let relation = &self.content["m.relates_to"];
        let event = relation["event_id"].as_str()?;
        let key = relation["key"].as_str()?;
        (relation["rel_type"] == "m.annotation").then_some((event, key))
    }

    /// What it refers to, as a vote does. <https://spec.matrix.org/v1.19/client-server-api/#reference-relations>
    pub(crate) fn about(&self) -> Option<&str> {
        let relation = &self.content["m.relates_to"];
        let refers = relation["rel_type"] == "m.reference";
        relation["event_id"].as_str().filter(|_| refers)
    }

    /// What it takes away.
    pub(crate) fn redacted(&self) -> Option<&str> {
        self.content["redacts"].as_str().or(self.redacts.as_deref())
    }

    /// Whether somebody comes into the room who was not there; who changes their name has been.
    pub(crate) fn is_arrival(&self) -> bool {
        self.kind == "m.room.member"
            && self.text("membership") == "join"
            && self.unsigned["prev_content"]["membership"] != "join"
    }

    /// Whom it is about.
    pub(crate) fn mentions(&self, user: &str) -> bool {
        let mentioned = self.content["m.mentions"]["user_ids"].as_array();
        mentioned.is_some_and(|users| users.iter().any(|one| one == user))
    }
}
