//! What controls do, and the few bytes that stand for it on a platform's buttons.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a control does when used. Lives in the session's action table, never on the platform.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Offers a value to the step that showed the control.
    Input(Value),
    /// Goes to the step before, by history.
    Back,
    /// Leaves the step without an answer, where it allows that.
    Skip,
    /// Goes straight to a named step, where the current one allows that.
    Jump(String),
    /// Ends the flow on top of the stack.
    Cancel,
    /// Runs a command as if it had been typed.
    Command(Invocation),
}

/// A command and what was typed after it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Invocation {
    /// The command's name or an alias, without a prefix such as `/`.
    pub name: String,
    /// The rest of the line, trimmed; empty when there was none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub arguments: String,
}

impl Invocation {
    /// A command without arguments.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            arguments: String::new(),
        }
    }

    /// The same command with arguments.
    #[must_use]
    pub fn with(mut self, arguments: impl Into<String>) -> Self {
        self.arguments = arguments.into();
        self
    }
}

/// Which life of a session a screen belongs to, derived from the generation of the turn that made it:
/// a revision number from a lost future never matches a new one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionTag(u32);

impl SessionTag {
    /// Derives the tag from a turn lease's fencing generation.
    pub const fn from_generation(generation: u64) -> Self {
        // A fixed mixer (Fibonacci hashing, 2^64 / φ): neighbouring generations get unlike tags.
        let mixed = generation.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Self((mixed >> 32) as u32)
    }
}

/// Which screen: the session tag and the screen's revision within the session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// Which life of the session.
    pub tag: SessionTag,
    /// Counts the screens of the session, from 1; 0 before the first.
    pub revision: u64,
}

impl Stamp {
    /// The token of this screen's control number `index` (see [`Screen::actions`](crate::Screen::actions)).
    pub const fn token(self, index: u32) -> Token {
        Token { stamp: self, index }
    }
}

/// What a platform's button carries: session tag, screen revision and control index.
///
/// As text it is three numbers in base 36 joined with `-`: at most 28 bytes, mostly under 14.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// The screen.
    pub stamp: Stamp,
    /// The control's place in the screen's action table.
    pub index: u32,
}

/// Text that is not a control token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a control token")]
pub struct TokenError;

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stamp { tag, revision } = self.stamp;
        write_base36(f, u64::from(tag.0))?;
        f.write_str("-")?;
        write_base36(f, revision)?;
        f.write_str("-")?;
        write_base36(f, u64::from(self.index))
    }
}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let mut parts = text.split('-').map(read_base36);
        let (Some(tag), Some(revision), Some(index), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError);
        };
        let tag = SessionTag(u32::try_from(tag?).map_err(|_| TokenError)?);
        let index = u32::try_from(index?).map_err(|_| TokenError)?;
        Ok(Self {
            stamp: Stamp {
                tag,
                revision: revision?,
            },
            index,
        })
    }
}

impl Serialize for Token {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Token {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

pub(crate) fn write_base36(f: &mut fmt::Formatter<'_>, mut number: u64) -> fmt::Result {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    // 13 digits hold any u64.
    let mut digits = [b'0'; 13];
    let mut first = digits.len() - 1;
    loop {
        digits[first] = DIGITS[(number % 36) as usize];
        number /= 36;
        if number == 0 {
            break;
        }
        first -= 1;
    }
    f.write_str(std::str::from_utf8(&digits[first..]).map_err(|_| fmt::Error)?)
}

pub(crate) fn read_base36(text: &str) -> Result<u64, TokenError> {
    let valid = !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
    if !valid {
        return Err(TokenError);
    }
    u64::from_str_radix(text, 36).map_err(|_| TokenError)
}
