//! How far the gateway was read: kept in the store, so that who leads next goes on where this process stopped.
//!
//! Pure. An older bookmark than the truth costs events that come twice, which mailboxes know, and never one that is lost.

use std::collections::BTreeMap;
use std::fmt;

use lorikeet_store::Entry;
use serde::{Deserialize, Serialize};

/// Where bookmarks are kept, one for each shard.
pub(crate) const BOOKMARKS: &str = "gateway/discord";

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

/// Which shard of how many: <https://discord.com/developers/docs/events/gateway#sharding>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// From 0.
    pub(crate) number: u32,
    pub(crate) of: u32,
}

impl Place {
    /// Whether a server's events come by this shard, or those in private.
    fn has(self, guild: Option<&str>) -> bool {
        let guild = guild.and_then(|id| id.parse::<u64>().ok()).unwrap_or(0);
        (guild >> 22) % u64::from(self.of.max(1)) == u64::from(self.number)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.number, self.of)
    }
}

impl Bookmark {
    /// The bookmark of a shard among those that were kept. Where there were another number of shards, its channels are in
    /// the bookmarks of those. One that cannot be read is none.
    pub(crate) fn find(kept: &[Entry], place: Place) -> Self {
        let own = place.to_string();
        let mut found = Self::default();
        for entry in kept {
            let Ok(bookmark) = serde_json::from_str::<Self>(&entry.body) else {
                tracing::warn!(shard = entry.id, "a bookmark cannot be read");
                continue;
            };
            if entry.id == own {
                found.session = bookmark.session;
            }
            for (channel, seen) in bookmark.rooms {
                if place.has(seen.guild.as_deref()) {
                    found.saw(&channel, seen.guild.as_deref(), seen.last);
                }
            }
        }
        found
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

    fn kept(id: &str, body: String) -> Entry {
        Entry {
            id: id.to_owned(),
            position: 1,
            changed: 1,
            body,
        }
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
        let place = Place { number: 0, of: 1 };
        let whole = kept("0 of 1", serde_json::to_string(&bookmark).unwrap());
        assert_eq!(Bookmark::find(&[whole], place), bookmark);
        let damaged = kept("0 of 1", "{".to_owned());
        assert_eq!(Bookmark::find(&[damaged], place), Bookmark::default());
    }

    #[test]
    fn with_other_shards_the_channels_are_still_known() {
        // Servers of the shards 1 and 0 of 2.
        let (odd, even) = ((3 << 22).to_string(), (4 << 22).to_string());
        let mut before = Bookmark {
            session: Some(Resumable {
                id: "s".to_owned(),
                url: "wss://gateway.example".to_owned(),
                sequence: 4,
            }),
            ..Bookmark::default()
        };
        before.saw("private", None, 7);
        before.saw("odd", Some(&odd), 8);
        before.saw("even", Some(&even), 9);
        let mut since = Bookmark::default();
        since.saw("odd", Some(&odd), 10);
        let entries = [
            kept("1 of 2", serde_json::to_string(&since).unwrap()),
            kept("0 of 1", serde_json::to_string(&before).unwrap()),
        ];
        let found = |number, of| {
            let found = Bookmark::find(&entries, Place { number, of });
            let rooms = found.rooms.iter();
            let rooms: Vec<_> = rooms
                .map(|(room, seen)| (room.as_str(), seen.last))
                .map(|(room, last)| format!("{room} {last}"))
                .collect();
            (rooms.join(", "), found.session.is_some())
        };
        assert_eq!(found(0, 2), ("even 9, private 7".to_owned(), false));
        assert_eq!(found(1, 2), ("odd 10".to_owned(), false));
        assert_eq!(found(0, 1), ("even 9, odd 10, private 7".to_owned(), true));
    }
}
