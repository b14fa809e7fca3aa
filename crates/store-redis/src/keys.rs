//! What everything is called in Redis; docs/redis-keys.md is the list for people.
//!
//! The part in braces is what Redis Cluster places a key by: all keys of one script carry the same.

use std::fmt;

use lorikeet_chat::{Conversation, Lane};
use lorikeet_store::{Index, bucket};

/// Names keys under one prefix, so that several bots can share a server.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    prefix: String,
}

/// The keys of one conversation.
pub(crate) struct ConversationKeys<'a> {
    prefix: &'a str,
    bucket: u8,
    /// The conversation's own key, also its member in the index.
    pub(crate) name: String,
    platform: &'a str,
}

/// One of a conversation's keys, written where it is sent.
#[derive(Clone, Copy)]
pub(crate) struct Key<'a> {
    of: &'a ConversationKeys<'a>,
    part: Part,
}

#[derive(Clone, Copy)]
enum Part {
    Own(&'static str),
    Due(Lane),
}

impl Keys {
    pub(crate) fn new(prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
        }
    }

    pub(crate) fn conversation<'a>(
        &'a self,
        conversation: &'a Conversation,
    ) -> ConversationKeys<'a> {
        let name = conversation.key();
        ConversationKeys {
            prefix: &self.prefix,
            bucket: bucket(&name),
            name,
            platform: conversation.platform.as_str(),
        }
    }

    /// One bucket's part of the recovery index.
    pub(crate) fn due(&self, index: &Index, bucket: u8) -> String {
        let platform = match index {
            Index::Turn | Index::Work => "",
            Index::Deliver(platform) => platform.as_str(),
        };
        let due = Due {
            prefix: &self.prefix,
            bucket,
            lane: index.lane(),
            platform,
        };
        due.to_string()
    }

    /// A named lock.
    pub(crate) fn lock(&self, name: &str) -> String {
        format!("{}:lock:{{{name}}}", self.prefix)
    }

    /// A room's transcript: bodies by id, ids by position, ids by last change.
    pub(crate) fn transcript(&self, room: &str) -> [String; 3] {
        ["bodies", "positions", "changes"]
            .map(|part| format!("{}:room:{{{room}}}:{part}", self.prefix))
    }

    /// The channel on which rooms say that they changed.
    pub(crate) fn changed(&self) -> String {
        format!("{}:changed", self.prefix)
    }

    /// The list of hints for whoever may work on a lane.
    pub(crate) fn hints(&self, index: &Index) -> String {
        let base = format!("{}:{{hints}}", self.prefix);
        match index {
            Index::Turn => format!("{base}:turn"),
            Index::Work => format!("{base}:work"),
            Index::Deliver(platform) => format!("{base}:deliver:{}", platform.as_str()),
        }
    }

    /// Names the data set: another value, or none, means that it was flushed or replaced.
    pub(crate) fn deployment(&self) -> String {
        format!("{}:deployment", self.prefix)
    }
}

impl ConversationKeys<'_> {
    /// Counters and leases.
    pub(crate) const fn head(&self) -> Key<'_> {
        self.own("head")
    }

    /// The session's text.
    pub(crate) const fn session(&self) -> Key<'_> {
        self.own("session")
    }

    /// Remembered event ids.
    pub(crate) const fn ids(&self) -> Key<'_> {
        self.own("ids")
    }

    /// What is in a lane.
    pub(crate) const fn lane(&self, lane: Lane) -> Key<'_> {
        self.own(match lane {
            Lane::Turn => "mailbox",
            Lane::Deliver => "deliver",
            Lane::Work => "work",
        })
    }

    /// The index that a lane's entry is in.
    pub(crate) const fn due(&self, lane: Lane) -> Key<'_> {
        Key {
            of: self,
            part: Part::Due(lane),
        }
    }

    const fn own(&self, part: &'static str) -> Key<'_> {
        Key {
            of: self,
            part: Part::Own(part),
        }
    }
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ConversationKeys {
            prefix,
            bucket,
            ref name,
            platform,
        } = *self.of;
        match self.part {
            Part::Own(part) => write!(f, "{prefix}:{{{bucket}}}:{name}:{part}"),
            Part::Due(lane) => Due {
                prefix,
                bucket,
                lane,
                platform,
            }
            .fmt(f),
        }
    }
}

/// The key of one bucket's part of an index.
struct Due<'a> {
    prefix: &'a str,
    bucket: u8,
    lane: Lane,
    platform: &'a str,
}

impl fmt::Display for Due<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            prefix,
            bucket,
            lane,
            platform,
        } = self;
        write!(f, "{prefix}:{{{bucket}}}:due:{}", lane_name(*lane))?;
        match lane {
            Lane::Turn | Lane::Work => Ok(()),
            Lane::Deliver => write!(f, ":{platform}"),
        }
    }
}

/// A lane's name in fields, keys and replies.
pub(crate) const fn lane_name(lane: Lane) -> &'static str {
    match lane {
        Lane::Turn => "turn",
        Lane::Deliver => "deliver",
        Lane::Work => "work",
    }
}

/// A due lane from its place in the index.
pub(crate) fn found(name: &str, lane: Lane) -> Option<lorikeet_store::Due> {
    let conversation = Conversation::from_key(name).ok()?;
    Some(lorikeet_store::Due { conversation, lane })
}
