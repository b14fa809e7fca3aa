//! Which part of a screen is looked at, where a room cannot show all of it at once.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::action::{read_base36, write_base36};
use crate::{Stamp, Token, TokenError};

/// A part of a screen. Which parts there are is the renderer's affair; one that is not there shows the first.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Page {
    /// What is seen first.
    #[default]
    First,
    /// Further controls: pages are counted from 0, the first is [`Page::First`].
    More(u32),
    /// The question before a button acts, by the index of its action.
    Question(u32),
    /// One field of the form, by its place from 0: the next text is its value.
    Field(u32),
    /// One file of the screen, by its place among them from 0: sent, and the page stays what it was.
    File(u32),
}

impl Page {
    /// Whether it is what is seen first.
    pub const fn is_first(&self) -> bool {
        matches!(self, Self::First)
    }
}

/// What a platform's button carries that turns to a page of a screen.
///
/// As text it is the screen's part of a [`Token`], a dot, a letter and a number: never a token's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageToken {
    /// The screen.
    pub stamp: Stamp,
    /// Where to.
    pub page: Page,
}

impl fmt::Display for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let token = self.stamp.token(0).to_string();
        let screen = token.rsplit_once('-').map_or("", |(screen, _)| screen);
        let (letter, number) = match self.page {
            Page::First => ('p', 0),
            Page::More(number) => ('p', number),
            Page::Question(number) => ('q', number),
            Page::Field(number) => ('f', number),
            Page::File(number) => ('d', number),
        };
        write!(f, "{screen}.{letter}")?;
        write_base36(f, u64::from(number))
    }
}

impl FromStr for PageToken {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let (screen, page) = text.split_once('.').ok_or(TokenError)?;
        let Token { stamp, .. } = format!("{screen}-0").parse()?;
        let mut letters = page.chars();
        let letter = letters.next();
        let number = u32::try_from(read_base36(letters.as_str())?).map_err(|_| TokenError)?;
        let page = match (letter, number) {
            (Some('p'), 0) => Page::First,
            (Some('p'), number) => Page::More(number),
            (Some('q'), number) => Page::Question(number),
            (Some('f'), number) => Page::Field(number),
            (Some('d'), number) => Page::File(number),
            _ => return Err(TokenError),
        };
        Ok(Self { stamp, page })
    }
}

impl Serialize for PageToken {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PageToken {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SessionTag;

    #[test]
    fn pages_are_read_back_and_are_no_tokens() {
        let stamp = Stamp {
            tag: SessionTag::from_generation(u64::MAX),
            revision: u64::MAX,
        };
        for page in [
            Page::First,
            Page::More(1),
            Page::Question(u32::MAX),
            Page::Field(35),
            Page::File(0),
        ] {
            let token = PageToken { stamp, page };
            let text = token.to_string();
            assert_eq!(text.parse(), Ok(token), "{text}");
            assert!(text.parse::<Token>().is_err(), "{text}");
            assert!(text.len() <= 29, "{text}");
        }
        for odd in [
            "",
            ".",
            "0-0.",
            "0-0.p",
            "0-0.x1",
            "0-0.p-1",
            "0-0-0",
            "0-0.p0.p0",
            "0.p1",
        ] {
            assert!(odd.parse::<PageToken>().is_err(), "{odd}");
        }
    }
}
