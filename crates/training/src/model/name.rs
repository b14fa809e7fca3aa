//! Names people give: checked once, then carried as types that cannot be wrong.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A LoRA's name: 3 to 50 letters of any script, digits, spaces, `-` or `_`, with at least one letter or digit.
/// Inner runs of white space are one space. Never used as a path; see [`slug`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LoraName(String);

/// What is wrong with a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameProblem {
    /// Nothing was typed.
    #[error("the name is empty")]
    Empty,
    /// Fewer than [`LoraName::MIN_CHARS`].
    #[error("the name has {0} characters")]
    TooShort(usize),
    /// More than [`LoraName::MAX_CHARS`].
    #[error("the name has {0} characters")]
    TooLong(usize),
    /// A character outside the allowed ones.
    #[error("the name contains {0:?}")]
    Character(char),
    /// Only spaces, `-` and `_`.
    #[error("the name has no letter or digit")]
    NoLetter,
}

impl LoraName {
    /// Fewest characters.
    pub const MIN_CHARS: usize = 3;
    /// Most characters.
    pub const MAX_CHARS: usize = 50;

    /// Checks a typed name.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(typed: &str) -> Result<Self, NameProblem> {
        let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() {
            return Err(NameProblem::Empty);
        }
        // The wrong character is named first: it is what the person can act on.
        if let Some(wrong) = name.chars().find(|&c| !is_name_char(c)) {
            return Err(NameProblem::Character(wrong));
        }
        match name.chars().count() {
            n if n < Self::MIN_CHARS => Err(NameProblem::TooShort(n)),
            n if n > Self::MAX_CHARS => Err(NameProblem::TooLong(n)),
            _ if !name.chars().any(char::is_alphanumeric) => Err(NameProblem::NoLetter),
            _ => Ok(Self(name)),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether two names are the same to a person: letter case aside.
    pub fn same_as(&self, other: &Self) -> bool {
        self.0.to_lowercase() == other.0.to_lowercase()
    }
}

/// Letters with their combining marks (scripts such as Devanagari need them), digits, space, `-` and `_`.
fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, ' ' | '-' | '_') || is_combining_mark(c)
}

/// The general combining blocks and the two joiners that Indic and Arabic scripts write words with.
fn is_combining_mark(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{200C}' | '\u{200D}')
        || matches!(c, '\u{0900}'..='\u{0DFF}' | '\u{0E31}'..='\u{0E4E}')
}

impl TryFrom<String> for LoraName {
    type Error = NameProblem;

    fn try_from(name: String) -> Result<Self, NameProblem> {
        Self::parse(&name)
    }
}

impl From<LoraName> for String {
    fn from(name: LoraName) -> Self {
        name.0
    }
}

impl fmt::Display for LoraName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A trigger word: one token of 2 to 30 letters, digits, `-` or `_`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Trigger(String);

/// What is wrong with a trigger word.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenProblem {
    /// Fewer than [`Trigger::MIN_CHARS`] or more than [`Trigger::MAX_CHARS`].
    #[error("the trigger word has {0} characters")]
    Length(usize),
    /// A character outside the allowed ones, white space included.
    #[error("the trigger word contains {0:?}")]
    Character(char),
}

impl Trigger {
    /// Fewest characters.
    pub const MIN_CHARS: usize = 2;
    /// Most characters.
    pub const MAX_CHARS: usize = 30;

    /// Checks a typed trigger word.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(typed: &str) -> Result<Self, TokenProblem> {
        let word = typed.trim();
        if let Some(wrong) = word
            .chars()
            .find(|c| !c.is_alphanumeric() && !matches!(c, '-' | '_'))
        {
            return Err(TokenProblem::Character(wrong));
        }
        match word.chars().count() {
            n if (Self::MIN_CHARS..=Self::MAX_CHARS).contains(&n) => Ok(Self(word.to_owned())),
            n => Err(TokenProblem::Length(n)),
        }
    }

    /// A trigger word made from a name: its letters and digits run together, lower case.
    pub fn suggest(name: &LoraName) -> Self {
        let word: String = name
            .as_str()
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .take(Self::MAX_CHARS)
            .collect();
        // A name has at least one letter or digit; "--a" would still leave a word of one.
        if word.chars().count() < Self::MIN_CHARS {
            Self(format!("{word}lora"))
        } else {
            Self(word)
        }
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Trigger {
    type Error = TokenProblem;

    fn try_from(word: String) -> Result<Self, TokenProblem> {
        Self::parse(&word)
    }
}

impl From<Trigger> for String {
    fn from(word: Trigger) -> Self {
        word.0
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A file name's stem made from a LoRA's name: `[a-z0-9_-]`, 1 to 50 characters.
pub fn slug(name: &LoraName) -> String {
    let plain: String = name
        .as_str()
        .chars()
        .map(|c| match c {
            'A'..='Z' => c.to_ascii_lowercase(),
            'a'..='z' | '0'..='9' | '_' | '-' => c,
            ' ' => '-',
            _ => '_',
        })
        .collect();
    let trimmed = plain.trim_matches(['-', '_']);
    if trimmed.is_empty() {
        "lora".to_owned()
    } else {
        trimmed.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{LoraName, NameProblem, TokenProblem, Trigger, slug};

    #[test]
    fn names_of_any_script_are_taken() {
        for typed in [
            "cat",
            "My Cat-2_b",
            "Ærøskøbing",
            "小さな猫",
            "बिल्ली",
            "  two   words ",
        ] {
            assert!(LoraName::parse(typed).is_ok(), "{typed}");
        }
        assert_eq!(
            LoraName::parse("  two   words ").map(String::from),
            Ok("two words".to_owned())
        );
    }

    #[test]
    fn bad_names_say_what_is_wrong() {
        let cases = [
            ("", NameProblem::Empty),
            ("   ", NameProblem::Empty),
            ("ab", NameProblem::TooShort(2)),
            ("../x", NameProblem::Character('.')),
            ("cat 🐈", NameProblem::Character('🐈')),
            ("---", NameProblem::NoLetter),
        ];
        for (typed, problem) in cases {
            assert_eq!(LoraName::parse(typed), Err(problem), "{typed:?}");
        }
        assert_eq!(
            LoraName::parse(&"a".repeat(51)),
            Err(NameProblem::TooLong(51))
        );
        assert!(LoraName::parse(&"a".repeat(50)).is_ok());
    }

    #[test]
    fn trigger_words_are_one_token() {
        assert_eq!(
            Trigger::parse("two words"),
            Err(TokenProblem::Character(' '))
        );
        assert_eq!(Trigger::parse("x"), Err(TokenProblem::Length(1)));
        assert!(Trigger::parse("mycat").is_ok());
        let name = LoraName::parse("My Cat 2").expect("valid");
        assert_eq!(Trigger::suggest(&name).as_str(), "mycat2");
    }

    #[test]
    fn slugs_are_safe_file_names() {
        let of = |typed: &str| slug(&LoraName::parse(typed).expect("valid"));
        assert_eq!(of("My Cat-2"), "my-cat-2");
        assert_eq!(of("小さな猫"), "lora");
        assert_eq!(of("Café au lait"), "caf_-au-lait");
    }
}
