//! Who owns what, and how LoRAs and runs are called.

use std::fmt;

use lorikeet_chat::{Conversation, EventId, InvalidId, PlatformId, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The account a LoRA belongs to: one person on one platform, in whatever room.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Owner {
    /// The platform.
    pub platform: PlatformId,
    /// The person.
    pub user: UserId,
}

impl Owner {
    /// The person behind a conversation.
    pub fn of(conversation: &Conversation) -> Self {
        Self {
            platform: conversation.platform.clone(),
            user: conversation.user.clone(),
        }
    }

    /// One line that names this owner in stores; two owners never share one.
    pub fn key(&self) -> String {
        let escape = |part: &str| part.replace('%', "%25").replace('/', "%2F");
        format!(
            "{}/{}",
            escape(self.platform.as_str()),
            escape(self.user.as_str())
        )
    }
}

macro_rules! derived_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        ///
        /// 32 lower-case hex digits: half a SHA-256 of conversation, event and ordinal, so that a repeated event
        /// makes the same id and nothing is ever created twice.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Derives the id from what caused it; `ordinal` counts the ids one event makes.
            pub fn derive(conversation: &Conversation, event: &EventId, ordinal: u32) -> Self {
                let mut hash = Sha256::new();
                for part in [$kind, &conversation.key(), event.as_str(), &ordinal.to_string()] {
                    hash.update((part.len() as u64).to_be_bytes());
                    hash.update(part.as_bytes());
                }
                Self(hex::encode(&hash.finalize()[..16]))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(hex: String) -> Result<Self, InvalidId> {
                let valid = hex.len() == 32
                    && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
                if valid { Ok(Self(hex)) } else { Err(InvalidId) }
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

derived_id! {
    /// A LoRA.
    LoraId, "lora"
}
derived_id! {
    /// A run.
    RunId, "run"
}

/// An engine, by the name of its plugin and configuration section.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EngineId(pub String);

impl fmt::Display for EngineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
