//! Identifiers. All are opaque strings: only the adapter that made one may look inside.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest identifier accepted, in bytes; longer ones are refused at the edge.
const MAX_ID_BYTES: usize = 512;

/// An identifier that is empty, too long or carries control characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an identifier needs 1 to {MAX_ID_BYTES} bytes without control characters")]
pub struct InvalidId;

macro_rules! opaque_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Wraps an identifier.
            ///
            /// # Errors
            /// When it is empty, longer than 512 bytes or carries control characters.
            pub fn new(id: impl Into<String>) -> Result<Self, InvalidId> {
                let id = id.into();
                if id.is_empty() || id.len() > MAX_ID_BYTES || id.chars().any(char::is_control) {
                    return Err(InvalidId);
                }
                Ok(Self(id))
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(id: String) -> Result<Self, InvalidId> {
                Self::new(id)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

opaque_id! {
    /// A chat platform, as named by its adapter.
    PlatformId
}
opaque_id! {
    /// A room of a platform.
    RoomId
}
opaque_id! {
    /// A thread inside a room.
    ThreadId
}
opaque_id! {
    /// A person (or account) on a platform.
    UserId
}
opaque_id! {
    /// An event, stable over redeliveries: the platform's own id wherever it has one.
    EventId
}
opaque_id! {
    /// An effect, derived from the event that caused it, so that a repeat has the same id.
    EffectId
}
opaque_id! {
    /// Where a sent message can be edited, in the adapter's own notation.
    MessageHandle
}
opaque_id! {
    /// Where an adapter finds an attachment's bytes, in its own notation.
    MediaSource
}

/// Content address of a blob: lower-case hex of the SHA-256 of its bytes (64 characters).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BlobId(String);

impl BlobId {
    /// From a digest.
    pub fn from_digest(digest: [u8; 32]) -> Self {
        use fmt::Write as _;
        let mut hex = String::with_capacity(64);
        for byte in digest {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        Self(hex)
    }

    /// The 64 hex characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for BlobId {
    type Error = InvalidId;

    fn try_from(hex: String) -> Result<Self, InvalidId> {
        let valid = hex.len() == 64
            && hex
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if valid { Ok(Self(hex)) } else { Err(InvalidId) }
    }
}

impl From<BlobId> for String {
    fn from(id: BlobId) -> Self {
        id.0
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whose turn it is: one person in one room (and thread) of one platform.
///
/// In a direct-message room, user and room coincide; in a group each member has a conversation of
/// their own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Conversation {
    /// The platform it happens on.
    pub platform: PlatformId,
    /// The room.
    pub room: RoomId,
    /// The thread inside the room, where the platform has threads and one is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<ThreadId>,
    /// The person.
    pub user: UserId,
}

impl Conversation {
    /// One line that names this conversation in stores: the four parts escaped and joined with `/`.
    ///
    /// The key is injective (two conversations never share one) and [`Conversation::from_key`] reads it back.
    pub fn key(&self) -> String {
        let thread = self.thread.as_ref().map_or("", ThreadId::as_str);
        let mut key = String::with_capacity(64);
        escape(&mut key, self.platform.as_str());
        for part in [self.room.as_str(), thread, self.user.as_str()] {
            key.push('/');
            escape(&mut key, part);
        }
        key
    }

    /// Reads what [`Conversation::key`] wrote.
    ///
    /// # Errors
    /// When the text is not such a key.
    pub fn from_key(key: &str) -> Result<Self, InvalidId> {
        let parts: Vec<String> = key.split('/').map(unescape).collect::<Result<_, _>>()?;
        let [platform, room, thread, user] = parts.try_into().map_err(|_| InvalidId)?;
        Ok(Self {
            platform: PlatformId::new(platform)?,
            room: RoomId::new(room)?,
            thread: if thread.is_empty() {
                None
            } else {
                Some(ThreadId::new(thread)?)
            },
            user: UserId::new(user)?,
        })
    }
}

impl fmt::Display for Conversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key())
    }
}

fn escape(key: &mut String, part: &str) {
    for letter in part.chars() {
        match letter {
            '%' => key.push_str("%25"),
            '/' => key.push_str("%2F"),
            _ => key.push(letter),
        }
    }
}

fn unescape(part: &str) -> Result<String, InvalidId> {
    let mut plain = String::with_capacity(part.len());
    let mut rest = part;
    while let Some(at) = rest.find('%') {
        plain.push_str(&rest[..at]);
        match rest.get(at..at + 3) {
            Some("%25") => plain.push('%'),
            Some("%2F") => plain.push('/'),
            _ => return Err(InvalidId),
        }
        rest = &rest[at + 3..];
    }
    plain.push_str(rest);
    Ok(plain)
}
