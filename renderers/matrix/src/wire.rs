//! The content of events, as the platform reads it.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::{Text, limits};

/// The content of an `m.room.message` of text. <https://spec.matrix.org/v1.19/client-server-api/#mtext>
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Content {
    /// `m.text`: people are told of it as of what anybody says, which they are not of an `m.notice`.
    /// <https://spec.matrix.org/v1.19/client-server-api/#default-override-rules>
    msgtype: &'static str,
    body: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    formatted_body: Option<String>,
    #[serde(rename = "m.mentions")]
    mentions: Mentions,
    #[serde(rename = "m.new_content", skip_serializing_if = "Option::is_none")]
    new_content: Option<Box<Self>>,
    #[serde(rename = "m.relates_to", skip_serializing_if = "Option::is_none")]
    relates_to: Option<Relation>,
}

/// Whom a message is about. Never a whole room: its text may be anybody's.
/// <https://spec.matrix.org/v1.19/client-server-api/#definition-mmentions>
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Mentions {
    /// People, as `@name:server`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub user_ids: Vec<String>,
}

/// What a message has to do with others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relation {
    /// It stands in the place of this event, which is no edit itself.
    /// <https://spec.matrix.org/v1.19/client-server-api/#event-replacements>
    Replaces(String),
    /// It is in the thread that begins with `root`. <https://spec.matrix.org/v1.19/client-server-api/#threading>
    In {
        /// The event that the thread begins with.
        root: String,
        /// What it answers; for clients that know no threads, the thread's last event.
        reply: Reply,
    },
    /// It answers this event. <https://spec.matrix.org/v1.19/client-server-api/#rich-replies>
    Answers(String),
}

/// What a message in a thread answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// This event.
    To(String),
    /// Nothing: clients that know no threads show it below this event.
    Below(String),
}

impl Content {
    /// A message of its own.
    pub fn new(text: Text, mentions: Mentions) -> Self {
        Self {
            msgtype: "m.text",
            body: text.body,
            format: text.html.as_ref().map(|_| "org.matrix.custom.html"),
            formatted_body: text.html,
            mentions,
            new_content: None,
            relates_to: None,
        }
    }

    /// A message that has to do with others.
    #[must_use]
    pub fn relating(mut self, relation: Option<Relation>) -> Self {
        self.relates_to = relation;
        self
    }

    /// What stands in the place of `event` from now on. Clients that know no edits show the beginning. Who is mentioned was told
    /// so by the message that is replaced: nobody is told again.
    #[must_use]
    pub fn replacing(self, event: String) -> Self {
        let mut letters = self.body.chars();
        let mut body: String = "* ".to_owned();
        body.extend(letters.by_ref().take(limits::FALLBACK));
        if letters.next().is_some() {
            body.push('…');
        }
        Self {
            msgtype: self.msgtype,
            body,
            format: None,
            formatted_body: None,
            mentions: Mentions::default(),
            relates_to: Some(Relation::Replaces(event)),
            new_content: Some(Box::new(Self {
                relates_to: None,
                ..self
            })),
        }
    }
}

#[derive(Serialize)]
struct InReplyTo<'a> {
    event_id: &'a str,
}

impl Serialize for Relation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Replaces(event) => {
                map.serialize_entry("rel_type", "m.replace")?;
                map.serialize_entry("event_id", event)?;
            }
            Self::In { root, reply } => {
                let (event_id, below) = match reply {
                    Reply::To(event) => (event, false),
                    Reply::Below(event) => (event, true),
                };
                map.serialize_entry("rel_type", "m.thread")?;
                map.serialize_entry("event_id", root)?;
                map.serialize_entry("is_falling_back", &below)?;
                map.serialize_entry("m.in_reply_to", &InReplyTo { event_id })?;
            }
            Self::Answers(event_id) => {
                map.serialize_entry("m.in_reply_to", &InReplyTo { event_id })?;
            }
        }
        map.end()
    }
}
