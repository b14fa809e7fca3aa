//! Joining identities to one account: the border to where that is kept, and the rules that every store asks.

use std::time::Duration;

use async_trait::async_trait;
use lorikeet_chat::{Conversation, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Account, LinkCode, Offer, Owner, RepositoryError};

/// How long a code counts.
pub const CODE_FOR: Duration = Duration::from_secs(10 * 60);
/// Wrong codes an identity may type before it has to wait.
pub const TRIES: u32 = 5;
/// How long they count: 2⁴⁰ codes, at most five tries each quarter of an hour.
pub const TRIES_WITHIN: Duration = Duration::from_secs(15 * 60);

/// Identities and their accounts.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// The account an identity is in.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn account(&self, of: &Owner) -> Result<Account, RepositoryError>;

    /// Whether what an owner made is also this identity's: its own, or of one it is joined with.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn has(&self, who: &Owner, owner: &Owner) -> Result<bool, RepositoryError> {
        Ok(who == owner || self.account(who).await?.contains(owner))
    }

    /// Keeps a code in place of an older one of the same identity. What is kept then: that of an earlier call with the same
    /// [`Offer::key`], if there was one.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn offer(&self, offer: &Offer) -> Result<Offer, RepositoryError>;

    /// Joins an identity to the account of whoever asked for a code, by [`judge`]; with it, all that it is joined with. The same
    /// attempt again has the same answer.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn redeem(&self, attempt: &Attempt) -> Result<Joined, RepositoryError>;

    /// Forgets a code that others may have seen. Nothing happens when there is none.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn spoil(&self, code: &LinkCode) -> Result<(), RepositoryError>;

    /// Takes an identity out of its account; what each made stays its own. The account as it was.
    ///
    /// # Errors
    /// When the store cannot be reached.
    async fn part(&self, who: &Owner) -> Result<Account, RepositoryError>;
}

/// Somebody types a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Who.
    pub by: Owner,
    /// In which private conversation.
    pub conversation: Conversation,
    /// Idempotency key of the request.
    pub key: String,
    /// What was typed.
    pub code: LinkCode,
    /// The time now.
    pub now: Timestamp,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Joined {
    /// They are one account now.
    Joined(Box<Offer>),
    /// No code that counts; so many tries are left.
    Wrong {
        /// Tries left before a wait.
        left: u32,
    },
    /// Too many wrong ones: until then not even a right one is taken.
    Wait {
        /// When it goes on.
        until: Timestamp,
    },
    /// Their own code.
    Own,
    /// They are one account already.
    Already,
    /// The account would have more than [`Account::MEMBERS`] identities.
    Full,
}

/// Wrong codes of one identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tries {
    /// How many.
    pub wrong: u32,
    /// When the first of them was.
    pub since: Timestamp,
    /// Idempotency key of the last of them.
    pub last: String,
}

/// What a store knows when somebody types a code.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The code's offer, counting or not.
    pub offer: Option<&'a Offer>,
    /// Earlier wrong codes of the same identity.
    pub tries: Option<&'a Tries>,
    /// The account of who types it.
    pub own: &'a Account,
    /// The account of who asked for the code; meaningless without an offer.
    pub theirs: &'a Account,
}

/// The rule of [`Accounts::redeem`]: what comes of it, and the wrong codes to be kept; with [`Joined::Joined`], both accounts become
/// one, the offer is used by this attempt, and wrong codes are forgotten.
pub fn judge(attempt: &Attempt, facts: Facts<'_>) -> (Joined, Option<Tries>) {
    let now = attempt.now;
    let kept = facts
        .tries
        .filter(|tries| now < tries.since.after(TRIES_WITHIN));
    let same = |joined| (joined, kept.cloned());
    if let Some(offer) = facts.offer
        && offer.used.as_ref() == Some(&attempt.key)
    {
        return same(Joined::Joined(Box::new(offer.clone())));
    }
    let wrong = kept.map_or(0, |tries| tries.wrong);
    if let Some(tries) = kept
        && tries.last == attempt.key
    {
        let left = TRIES.saturating_sub(wrong);
        return same(Joined::Wrong { left });
    }
    if let Some(tries) = kept
        && wrong >= TRIES
    {
        let until = tries.since.after(TRIES_WITHIN);
        return same(Joined::Wait { until });
    }
    let counting = facts
        .offer
        .filter(|offer| offer.used.is_none() && now < offer.until);
    let Some(offer) = counting else {
        let tries = Tries {
            wrong: wrong + 1,
            since: kept.map_or(now, |tries| tries.since),
            last: attempt.key.clone(),
        };
        let left = TRIES.saturating_sub(tries.wrong);
        return (Joined::Wrong { left }, Some(tries));
    };
    if offer.by == attempt.by {
        return same(Joined::Own);
    }
    if facts.own.contains(&offer.by) {
        return same(Joined::Already);
    }
    if facts.own.members().len() + facts.theirs.members().len() > Account::MEMBERS {
        return same(Joined::Full);
    }
    let used = Offer {
        used: Some(attempt.key.clone()),
        ..offer.clone()
    };
    (Joined::Joined(Box::new(used)), None)
}
