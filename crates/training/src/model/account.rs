//! Who is the same person on several platforms, and the code that says so.

use std::fmt;

use lorikeet_chat::{Conversation, Timestamp};
use serde::{Deserialize, Serialize};

use super::id::Owner;

/// Identities that are joined: what one of them owns, all of them have. Of one alone where nothing is joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    members: Vec<Member>,
}

/// One identity of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub owner: Owner,
    /// The private conversation in which it joined; absent for one that stands alone.
    pub conversation: Option<Conversation>,
}

impl Account {
    /// The most identities of one account.
    pub const MEMBERS: usize = 8;

    /// The account of an identity that joined no other.
    pub fn alone(owner: Owner) -> Self {
        Self {
            members: vec![Member {
                owner,
                conversation: None,
            }],
        }
    }

    /// The account of these identities; that of `owner` alone where it is not among them.
    pub fn of(owner: &Owner, members: Vec<Member>) -> Self {
        if members.iter().any(|member| member.owner == *owner) {
            Self { members }
        } else {
            Self::alone(owner.clone())
        }
    }

    /// Its identities, at least one, in the order they joined.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Whether somebody is one of its identities.
    pub fn contains(&self, owner: &Owner) -> bool {
        self.members.iter().any(|member| member.owner == *owner)
    }

    /// Its identities but one.
    pub fn others(&self, owner: &Owner) -> impl Iterator<Item = &Member> {
        self.members
            .iter()
            .filter(move |member| member.owner != *owner)
    }
}

/// A one-time code that joins two identities: 40 random bits in Crockford's base 32, which has no letters that look alike.
/// <https://www.crockford.com/base32.html>
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LinkCode(String);

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl LinkCode {
    /// A code of five random bytes.
    pub fn from_random(random: [u8; 5]) -> Self {
        let bits = random
            .iter()
            .fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
        let letter = |place: u32| char::from(ALPHABET[(bits >> (5 * place)) as usize & 31]);
        Self((0..8).rev().map(letter).collect())
    }

    /// Reads a code as people type it: in any case, with or without dashes and spaces, O for 0, I and L for 1.
    pub fn parse(typed: &str) -> Option<Self> {
        let plain = typed.chars().filter(|c| !matches!(c, '-' | ' ' | '–'));
        let letters: String = plain
            .map(|c| match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            })
            .collect();
        let known = |c: char| u8::try_from(c).is_ok_and(|byte| ALPHABET.contains(&byte));
        (letters.chars().count() == 8 && letters.chars().all(known)).then_some(Self(letters))
    }

    /// Its eight letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// As it is shown: `ABCD-EFGH`.
impl fmt::Display for LinkCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = self.0.split_at(4);
        write!(f, "{first}-{second}")
    }
}

/// Whoever has it may join: no log shows it.
impl fmt::Debug for LinkCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkCode(…)")
    }
}

impl From<LinkCode> for String {
    fn from(code: LinkCode) -> Self {
        code.0
    }
}

impl TryFrom<String> for LinkCode {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("that is no code")
    }
}

/// A code that waits for whoever has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Who asked for it.
    pub by: Owner,
    /// Where: a private conversation, which is told when somebody joins.
    pub conversation: Conversation,
    /// The code.
    pub code: LinkCode,
    /// Idempotency key of the request that made it.
    pub key: String,
    /// Until when it counts.
    pub until: Timestamp,
    /// The language spoken there, for who joins and has chosen none.
    pub language: String,
    /// Idempotency key of the request that used it; absent while nobody did.
    pub used: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = LinkCode::from_random([0xff, 0, 0x12, 0x34, 0x56]);
        let shown = code.to_string();
        assert_eq!(shown.len(), 9);
        for typed in [
            shown.clone(),
            shown.to_lowercase(),
            shown.replace('-', ""),
            format!(" {} ", shown.replace('-', " ")),
        ] {
            assert_eq!(LinkCode::parse(&typed).as_ref(), Some(&code), "{typed}");
        }
        assert_eq!(LinkCode::parse("oil0-ILO1"), LinkCode::parse("0110-1101"));
        for odd in ["", "ABCD", "ABCD-EFGHJ", "ABCD-EFGU", "ÄBCD-EFGH", "link"] {
            assert_eq!(LinkCode::parse(odd), None, "{odd}");
        }
        assert!(!format!("{code:?}").contains(code.as_str()));
    }

    #[test]
    fn every_bit_counts() {
        let all: std::collections::BTreeSet<LinkCode> = (0..40)
            .map(|bit| {
                let mut random = [0; 5];
                random[bit / 8] = 1 << (bit % 8);
                LinkCode::from_random(random)
            })
            .collect();
        assert_eq!(all.len(), 40);
    }
}
