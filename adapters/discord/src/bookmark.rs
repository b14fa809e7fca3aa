//! How far the gateway was read: kept in the store, so that who leads next goes on where this process stopped.
//!
//! Pure. An older bookmark than the truth costs events that come twice, which mailboxes know, and never one that is lost.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Channels whose messages are looked for after a lost session, those with the newest events.
const ROOMS: usize = 500;

/// Of one shard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bookmark {
    /// The session that can be gone on with; none before the first.
    pub(crate) session: Option<Resumable>,
    /// By channel.
    pub(crate) rooms: BTreeMap<String, Seen>,
}

/// A session of the gateway: <https://discord.com/developers/docs/events/gateway#resuming>.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Resumable {
    pub(crate) id: String,
    /// Where it goes on.
    pub(crate) url: String,
    /// The last event that is in the store.
    pub(crate) sequence: u64,
}

/// A channel that the bot was spoken to in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    /// The id of the last message or interaction.
    pub(crate) last: u64,
    /// The server; none in private.
    pub(crate) guild: Option<String>,
}

impl Bookmark {
    /// What was kept; one that cannot be read is none.
    pub(crate) fn read(body: &str) -> Self {
        serde_json::from_str(body).unwrap_or_default()
    }

    /// Notes the last thing of a channel. True where the channel was not known.
    pub(crate) fn saw(&mut self, channel: &str, guild: Option<&str>, id: u64) -> bool {
        if let Some(seen) = self.rooms.get_mut(channel) {
            seen.last = seen.last.max(id);
            return false;
        }
        let seen = Seen {
            last: id,
            guild: guild.map(str::to_owned),
        };
        self.rooms.insert(channel.to_owned(), seen);
        if self.rooms.len() > ROOMS
            && let Some(oldest) = self.rooms.iter().min_by_key(|(_, seen)| seen.last)
        {
            let oldest = oldest.0.clone();
            self.rooms.remove(&oldest);
        }
        true
    }

    /// Notes what was said in a channel that is known.
    pub(crate) fn passed(&mut self, channel: &str, id: u64) {
        if let Some(seen) = self.rooms.get_mut(channel) {
            seen.last = seen.last.max(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_channels_with_the_newest_events_are_known() {
        let mut bookmark = Bookmark::default();
        assert!(bookmark.saw("first", Some("9"), 1));
        for number in 0..ROOMS as u64 {
            bookmark.saw(&format!("c{number}"), None, 10 + number);
            // Whoever speaks again is not the oldest.
            assert!(!bookmark.saw("first", Some("9"), 11 + number));
        }
        assert_eq!(bookmark.rooms.len(), ROOMS);
        assert!(bookmark.rooms.contains_key("first"));
        assert!(!bookmark.rooms.contains_key("c0"));
        let newest = Seen {
            last: 10 + ROOMS as u64,
            guild: Some("9".to_owned()),
        };
        assert_eq!(bookmark.rooms["first"], newest);
    }

    #[test]
    fn what_was_seen_later_stays() {
        let mut bookmark = Bookmark::default();
        bookmark.passed("a", 7);
        assert!(bookmark.rooms.is_empty(), "nobody spoke to the bot there");
        bookmark.saw("a", None, 7);
        bookmark.passed("a", 9);
        bookmark.passed("a", 8);
        bookmark.saw("a", None, 6);
        assert_eq!(bookmark.rooms["a"].last, 9);
    }

    #[test]
    fn it_is_kept_whole_and_a_damaged_one_is_none() {
        let mut bookmark = Bookmark {
            session: Some(Resumable {
                id: "s".to_owned(),
                url: "wss://gateway.example".to_owned(),
                sequence: 4,
            }),
            ..Bookmark::default()
        };
        bookmark.saw("a", None, 7);
        let kept = serde_json::to_string(&bookmark).unwrap();
        assert_eq!(Bookmark::read(&kept), bookmark);
        assert_eq!(Bookmark::read("{"), Bookmark::default());
    }
}
