//! The protocol's numbers, and which bucket a conversation is in.

use std::time::Duration;

/// How long a lease lasts from its grant or renewal.
pub const LEASE: Duration = Duration::from_secs(10);
/// How often a holder renews its lease.
pub const RENEW_EVERY: Duration = Duration::from_secs(3);
/// After this long on the caller's monotonic clock, taken *before* the granting or renewing call was sent, the
/// caller starts nothing more under the lease. Shorter than [`LEASE`], because a reply travels too.
pub const LOCAL_DEADLINE: Duration = Duration::from_secs(8);
/// How many events of people may wait in one mailbox.
pub const MAILBOX_BOUND: usize = 128;
/// How many event ids a conversation remembers, counted apart for ordered and unordered ones. At least twice
/// [`MAILBOX_BOUND`], so that nothing still waiting is ever forgotten.
pub const REMEMBERED_BOUND: usize = 256;
/// How long ordered ids and their floor are remembered without a new one. Telegram keeps updates for 24 hours and
/// may number them anew after a quiet week.
pub const ORDERED_MEMORY: Duration = Duration::from_secs(48 * 3600);
/// How long a conversation with nothing waiting is kept unless configured otherwise: its session and its remembered
/// ids.
pub const SESSION_IDLE: Duration = Duration::from_secs(30 * 24 * 3600);
/// At this many [`tries`](crate::TurnGrant::tries) a turn is not run again: the old session is committed with an
/// error screen, consuming the event.
pub const MAX_TRIES: u32 = 3;
/// How many entries a room's transcript keeps.
pub const TRANSCRIPT_BOUND: usize = 500;
/// Into how many buckets conversations are spread. Fixed for the life of a deployment.
pub const BUCKETS: u16 = 256;

/// Bounds of a store; the defaults are this module's constants. Tests make them small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Events of people that may wait in one mailbox.
    pub mailbox: usize,
    /// Event ids remembered per conversation, of each sort; at least twice `mailbox`.
    pub remembered: usize,
    /// Entries kept per room's transcript.
    pub transcript: usize,
    /// How long a conversation with nothing waiting is kept.
    pub idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            mailbox: MAILBOX_BOUND,
            remembered: REMEMBERED_BOUND,
            transcript: TRANSCRIPT_BOUND,
            idle: SESSION_IDLE,
        }
    }
}

/// The bucket of a conversation, by its [key](lorikeet_chat::Conversation::key): 64-bit FNV-1a, its bytes folded into one.
///
/// Stable for ever: entries of the recovery index are stored under it.
pub fn bucket(key: &str) -> u8 {
    // Offset basis and prime as published: http://www.isthe.com/chongo/tech/comp/fnv/
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    hash.to_le_bytes().iter().fold(0, |low, byte| low ^ byte)
}
