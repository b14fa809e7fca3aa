//! What everything is called in Redis; docs/redis-keys.md is the list for people.
//!
//! The part in braces is what Redis Cluster places a key by: all keys of one script carry the same.

use lorikeet_chat::{Conversation, Lane};
use lorikeet_store::{Due, Index, bucket};

/// Names keys under one prefix, so that several bots can share a server.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    prefix: String,
}

/// The keys of one conversation.
pub(crate) struct ConversationKeys {
    base: String,
    /// The conversation's own key, also its member in the index.
    pub(crate) name: String,
    platform: String,
}

impl Keys {
    pub(crate) fn new(prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
        }
    }

    pub(crate) fn conversation(&self, conversation: &Conversation) -> ConversationKeys {
        ConversationKeys {
            base: format!("{}:{{{}}}", self.prefix, bucket(conversation)),
            name: conversation.key(),
            platform: conversation.platform.as_str().to_owned(),
        }
    }

    /// One bucket's part of the recovery index.
    pub(crate) fn due(&self, index: &Index, bucket: u8) -> String {
        let base = format!("{}:{{{bucket}}}", self.prefix);
        match index {
            Index::Turn => due(&base, Lane::Turn, ""),
            Index::Work => due(&base, Lane::Work, ""),
            Index::Deliver(platform) => due(&base, Lane::Deliver, platform.as_str()),
        }
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

impl ConversationKeys {
    /// Counters and leases.
    pub(crate) fn head(&self) -> String {
        self.part("head")
    }

    /// The session's text.
    pub(crate) fn session(&self) -> String {
        self.part("session")
    }

    /// Remembered event ids.
    pub(crate) fn ids(&self) -> String {
        self.part("ids")
    }

    /// What is in a lane.
    pub(crate) fn lane(&self, lane: Lane) -> String {
        self.part(match lane {
            Lane::Turn => "mailbox",
            Lane::Deliver => "deliver",
            Lane::Work => "work",
        })
    }

    /// The index that a lane's entry is in.
    pub(crate) fn due(&self, lane: Lane) -> String {
        due(&self.base, lane, &self.platform)
    }

    fn part(&self, part: &str) -> String {
        format!("{}:{}:{part}", self.base, self.name)
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

fn due(base: &str, lane: Lane, platform: &str) -> String {
    match lane {
        Lane::Turn | Lane::Work => format!("{base}:due:{}", lane_name(lane)),
        Lane::Deliver => format!("{base}:due:deliver:{platform}"),
    }
}

/// A due lane from its place in the index.
pub(crate) fn found(name: &str, lane: Lane) -> Option<Due> {
    let conversation = Conversation::from_key(name).ok()?;
    Some(Due { conversation, lane })
}
