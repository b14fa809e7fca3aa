//! What is asked for and comes back when identities are joined.

use lorikeet_chat::{Background, PlatformId, Timestamp};
use lorikeet_flow::Wish;
use serde::{Deserialize, Serialize};

use super::{background, wish};
use crate::LinkCode;

/// The service that joins identities.
pub const ACCOUNTS: &str = "accounts";
/// Topic of [`LinkNews`].
pub const LINK_NEWS: &str = "account.link";
/// Topic of [`AccountNews`].
pub const ACCOUNT_NEWS: &str = "account.news";

/// A request to [`ACCOUNTS`], from a private conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountRequest {
    /// Make a code. Answered with [`LinkNews::Code`].
    Offer {
        /// The language spoken here.
        language: String,
    },
    /// Join whoever has this code. Answered with [`LinkNews`].
    Redeem {
        /// The code.
        code: LinkCode,
    },
    /// Forget a code that others may have seen; allowed anywhere.
    Spoil {
        /// The code.
        code: LinkCode,
    },
    /// Leave the account. Answered with [`LinkNews::Parted`].
    Part,
    /// A language was chosen: the account's other conversations follow.
    Speak {
        /// Its tag.
        language: String,
    },
}

/// What came of it, for who asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkNews {
    /// A code for the other platform.
    Code {
        /// The code.
        code: LinkCode,
        /// Until when it counts.
        until: Timestamp,
    },
    /// They are one account.
    Joined {
        /// The platform of who asked for the code.
        with: PlatformId,
        /// LoRAs that both have now.
        loras: usize,
    },
    /// No code that counts.
    Wrong {
        /// Tries left.
        left: u32,
    },
    /// Too many wrong codes.
    Wait {
        /// When it goes on.
        until: Timestamp,
    },
    /// Their own code.
    Own,
    /// One account already.
    Already,
    /// Too many identities.
    Full,
    /// It stands alone now.
    Parted,
}

/// What somebody else did, for the account's other conversations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountNews {
    /// An identity joined.
    Joined {
        /// On this platform.
        platform: PlatformId,
    },
    /// An identity left.
    Parted {
        /// On this platform.
        platform: PlatformId,
    },
    /// A language was chosen.
    Speaks {
        /// Its tag.
        language: String,
        /// Whether it takes the place of one that was chosen here.
        over: bool,
    },
}

impl From<AccountRequest> for Wish {
    fn from(request: AccountRequest) -> Self {
        wish(ACCOUNTS, &request)
    }
}

impl From<LinkNews> for Background {
    fn from(news: LinkNews) -> Self {
        background(LINK_NEWS, &news)
    }
}

impl From<AccountNews> for Background {
    fn from(news: AccountNews) -> Self {
        background(ACCOUNT_NEWS, &news)
    }
}
