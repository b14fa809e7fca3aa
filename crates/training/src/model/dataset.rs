//! A dataset: numbered places for pictures with captions.

mod change;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use lorikeet_chat::BlobId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::caption::{self, Caption};
use super::name::Trigger;

pub use change::Added;

/// A place in a dataset, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SlotNumber(pub u16);

impl fmt::Display for SlotNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The places that are in use; the others are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Dataset {
    slots: BTreeMap<SlotNumber, SlotContent>,
}

/// A place and what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot<'a> {
    /// Which place.
    pub number: SlotNumber,
    /// What is in it; `None` when empty.
    pub content: Option<&'a SlotContent>,
}

/// What is in a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotContent {
    /// A picture on its way in.
    Arriving {
        /// Which intake will fill it; a result of another intake is not for this place.
        intake: String,
        /// The file's name as sent.
        name: String,
        /// What was here before and stays if the new picture is refused.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Box<SlotContent>>,
    },
    /// A picture, perhaps with a caption.
    Filled {
        /// The picture.
        picture: Picture,
        /// Its caption.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<Caption>,
    },
    /// A file that was refused; the place can be used again.
    Refused {
        /// The file's name as sent.
        name: String,
        /// Why.
        problem: Problem,
    },
}

/// A picture that was taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// The normalised picture.
    pub image: BlobId,
    /// A small version for contact sheets.
    pub thumbnail: BlobId,
    /// SHA-256 of the file as it was sent; equal files are refused.
    pub original: BlobId,
    /// Perceptual hash (dHash); near ones are warned of.
    pub dhash: u64,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// The file's name as sent.
    pub name: String,
    /// What could be better about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Problem>,
}

/// Something to say of a picture: a message's code and its arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Last part of the message's id, `picture-…`.
    pub code: String,
    /// Arguments of the message.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, String>,
}

impl Problem {
    /// A problem without arguments.
    pub fn new(code: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            details: BTreeMap::new(),
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.details.insert(name.to_owned(), value.to_string());
        self
    }
}

/// What became of a picture that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placed {
    /// It is in this place.
    Filled(SlotNumber),
    /// The same file is in another place already; its own place is as it was before.
    Duplicate(SlotNumber),
    /// Its place is no longer waiting for it (removed, replaced, or a repeat of the result).
    Unexpected,
}

/// Where a new picture goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// This place, whatever is in it.
    At(SlotNumber),
    /// The next free one.
    Next,
}

/// Two pictures whose perceptual hashes differ in at most this many of 64 bits look alike.
pub(crate) const NEAR_DUPLICATE_BITS: u32 = 5;

impl Dataset {
    /// Every place up to `capacity`, empty ones too.
    pub fn slots(&self, capacity: u16) -> impl Iterator<Item = Slot<'_>> {
        (1..=capacity).map(SlotNumber).map(|number| Slot {
            number,
            content: self.slots.get(&number),
        })
    }

    /// What is in a place.
    pub fn get(&self, number: SlotNumber) -> Option<&SlotContent> {
        self.slots.get(&number)
    }

    /// The pictures, in order of their places.
    pub fn pictures(&self) -> impl Iterator<Item = (SlotNumber, &Picture, Option<&Caption>)> {
        self.slots
            .iter()
            .filter_map(|(&number, content)| match content {
                SlotContent::Filled { picture, caption } => {
                    Some((number, picture, caption.as_ref()))
                }
                // A picture that is being replaced still counts until the new one is taken.
                SlotContent::Arriving {
                    before: Some(before),
                    ..
                } => match before.as_ref() {
                    SlotContent::Filled { picture, caption } => {
                        Some((number, picture, caption.as_ref()))
                    }
                    _ => None,
                },
                _ => None,
            })
    }

    /// How many pictures there are.
    pub fn picture_count(&self) -> usize {
        self.pictures().count()
    }

    /// How many pictures have a caption.
    pub fn caption_count(&self) -> usize {
        self.pictures()
            .filter(|(_, _, caption)| caption.is_some())
            .count()
    }

    /// How many pictures are on their way.
    pub fn arriving_count(&self) -> usize {
        self.slots
            .values()
            .filter(|content| matches!(content, SlotContent::Arriving { .. }))
            .count()
    }

    /// The first picture without a caption.
    pub fn first_uncaptioned(&self) -> Option<SlotNumber> {
        self.pictures()
            .find(|(_, _, caption)| caption.is_none())
            .map(|(number, _, _)| number)
    }

    /// Every blob the pictures are made of.
    pub fn blobs(&self) -> BTreeSet<&BlobId> {
        self.pictures()
            .flat_map(|(_, picture, _)| [&picture.image, &picture.thumbnail])
            .collect()
    }

    /// What an engine will be given: picture and full caption.
    pub fn for_training(&self, trigger: &Trigger) -> Vec<(BlobId, String)> {
        self.pictures()
            .map(|(_, picture, line)| (picture.image.clone(), caption::for_training(trigger, line)))
            .collect()
    }

    /// Content hash of what an engine will be given: equal datasets, equal hashes, whatever their places.
    pub fn hash(&self, trigger: &Trigger) -> DatasetHash {
        let mut pairs = self.for_training(trigger);
        pairs.sort();
        let mut hash = Sha256::new();
        for (image, caption) in pairs {
            hash.update(image.as_str());
            hash.update((caption.len() as u64).to_be_bytes());
            hash.update(caption);
        }
        DatasetHash(hex::encode(&hash.finalize()[..16]))
    }
}

/// Content hash of a dataset: 32 hex digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DatasetHash(pub String);

#[cfg(test)]
mod tests;
