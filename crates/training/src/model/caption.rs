//! Captions: one line a picture, the trigger word kept apart and prepended for training.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::name::Trigger;

/// The longest caption, in characters. Text encoders of the supported bases read 77 to 512 tokens; 1,000 characters
/// is more than any of them uses.
pub const MAX_CAPTION_CHARS: usize = 1_000;

/// A picture's caption: one line, 1 to 1,000 characters, without the trigger word.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Caption(String);

/// What is wrong with a caption.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaptionProblem {
    /// Nothing was typed.
    #[error("the caption is empty")]
    Empty,
    /// More than [`MAX_CAPTION_CHARS`].
    #[error("the caption has {0} characters")]
    TooLong(usize),
}

impl Caption {
    /// Makes a caption of typed text: line breaks and runs of white space become single spaces, control
    /// characters go.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(typed: &str) -> Result<Self, CaptionProblem> {
        let visible: String = typed
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
        match line.chars().count() {
            0 => Err(CaptionProblem::Empty),
            n if n > MAX_CAPTION_CHARS => Err(CaptionProblem::TooLong(n)),
            _ => Ok(Self(line)),
        }
    }

    /// The caption.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Caption {
    type Error = CaptionProblem;

    fn try_from(text: String) -> Result<Self, CaptionProblem> {
        Self::parse(&text)
    }
}

impl From<Caption> for String {
    fn from(caption: Caption) -> Self {
        caption.0
    }
}

impl fmt::Display for Caption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an engine reads for one picture: trigger word, then the caption; the trigger word alone where there is none.
pub(crate) fn for_training(trigger: &Trigger, caption: Option<&Caption>) -> String {
    match caption {
        Some(caption) => format!("{trigger}, {caption}"),
        None => trigger.to_string(),
    }
}

/// A word that stands in so many captions that it will mean the same as the trigger word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FusedWord {
    /// The word, lower case.
    pub word: String,
    /// In how many of a hundred captions it stands, 60 to 100.
    pub percent: u32,
    /// At 85 and above training will fuse it with the trigger word; below, it may.
    pub certain: bool,
}

/// Words in 60 % of the captions or more, most frequent first. Fewer than four captions say nothing.
pub fn audit<'a>(captions: impl IntoIterator<Item = &'a Caption>) -> Vec<FusedWord> {
    /// Words that carry no meaning of their own, in the languages the bot speaks.
    const FILLERS: [&str; 38] = [
        "a", "an", "and", "at", "by", "for", "in", "is", "it", "of", "on", "or", "the", "to",
        "with", "from", // German
        "am", "auf", "aus", "bei", "das", "dem", "den", "der", "die", "ein", "eine", "einem",
        "einen", "einer", "eines", "im", "ist", "mit", "oder", "und", "von", "vor",
    ];
    let mut total = 0_u32;
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for caption in captions {
        total += 1;
        let words: BTreeSet<String> = caption
            .as_str()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .filter(|word| !FILLERS.contains(&word.as_str()))
            .collect();
        for word in words {
            *seen.entry(word).or_default() += 1;
        }
    }
    if total < 4 {
        return Vec::new();
    }
    let mut fused: Vec<FusedWord> = seen
        .into_iter()
        .map(|(word, count)| {
            let percent = count * 100 / total;
            FusedWord {
                word,
                percent,
                certain: percent >= 85,
            }
        })
        .filter(|fused| fused.percent >= 60)
        .collect();
    fused.sort_by(|a, b| b.percent.cmp(&a.percent).then_with(|| a.word.cmp(&b.word)));
    fused
}

#[cfg(test)]
mod tests {
    use super::{Caption, CaptionProblem, audit, for_training};
    use crate::Trigger;

    fn captions(lines: &[&str]) -> Vec<Caption> {
        lines
            .iter()
            .map(|line| Caption::parse(line).expect("valid"))
            .collect()
    }

    #[test]
    fn captions_become_one_line() {
        let caption = Caption::parse(" a cat\r\n on\tthe <b>mat</b> ").expect("valid");
        assert_eq!(caption.as_str(), "a cat on the <b>mat</b>");
        assert_eq!(Caption::parse(" \n "), Err(CaptionProblem::Empty));
        assert_eq!(
            Caption::parse(&"a".repeat(10_000)),
            Err(CaptionProblem::TooLong(10_000))
        );
    }

    #[test]
    fn the_trigger_word_comes_first() {
        let trigger = Trigger::parse("mycat").expect("valid");
        let caption = Caption::parse("on a mat").expect("valid");
        assert_eq!(for_training(&trigger, Some(&caption)), "mycat, on a mat");
        assert_eq!(for_training(&trigger, None), "mycat");
    }

    #[test]
    fn words_in_most_captions_are_named() {
        let fused = audit(&captions(&[
            "red ball",
            "red cube on a mat",
            "Red star",
            "red, blue",
            "red mat mat",
        ]));
        assert_eq!(fused.len(), 1);
        assert_eq!(
            (fused[0].word.as_str(), fused[0].percent, fused[0].certain),
            ("red", 100, true)
        );
        let fused = audit(&captions(&["a mat", "the mat", "on mat", "sea"]));
        assert_eq!((fused[0].percent, fused[0].certain), (75, false));
        assert!(audit(&captions(&["x", "x", "x"])).is_empty());
        let fused = audit(&captions(&[
            "auf der Matte",
            "auf der See",
            "auf der Bank",
            "auf",
        ]));
        assert!(fused.is_empty(), "{fused:?}");
    }
}
