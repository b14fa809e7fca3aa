//! A dataset: numbered places for pictures with captions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use lorikeet_chat::BlobId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::caption::{self, Caption};
use super::name::Trigger;

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
    /// It is in its place.
    Filled,
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

    /// Sets a place aside for a picture on its way. `None` when there is no room.
    #[must_use]
    pub fn reserve(
        mut self,
        place: Place,
        capacity: u16,
        intake: &str,
        name: &str,
    ) -> (Self, Option<SlotNumber>) {
        let number = match place {
            Place::At(number) => (1..=capacity).contains(&number.0).then_some(number),
            Place::Next => self.next_free(capacity),
        };
        if let Some(number) = number {
            let before = match self.slots.remove(&number) {
                Some(SlotContent::Arriving { before, .. }) => before,
                Some(filled @ SlotContent::Filled { .. }) => Some(Box::new(filled)),
                Some(SlotContent::Refused { .. }) | None => None,
            };
            let arriving = SlotContent::Arriving {
                intake: intake.to_owned(),
                name: name.to_owned(),
                before,
            };
            self.slots.insert(number, arriving);
        }
        (self, number)
    }

    /// The next place to fill: an empty one, else one whose file was refused.
    fn next_free(&self, capacity: u16) -> Option<SlotNumber> {
        let numbers = || (1..=capacity).map(SlotNumber);
        numbers()
            .find(|number| !self.slots.contains_key(number))
            .or_else(|| {
                numbers().find(|n| matches!(self.slots.get(n), Some(SlotContent::Refused { .. })))
            })
    }

    /// Puts a picture into the place that waits for it, keeping the caption of the one it replaces unless it
    /// brings its own.
    #[must_use]
    pub fn fill(
        mut self,
        number: SlotNumber,
        intake: &str,
        mut picture: Picture,
        caption: Option<Caption>,
    ) -> (Self, Placed) {
        let before = match self.slots.get(&number) {
            Some(SlotContent::Arriving {
                intake: expected,
                before,
                ..
            }) if expected == intake => before.clone(),
            _ => return (self, Placed::Unexpected),
        };
        let others: Vec<(SlotNumber, BlobId, u64)> = self
            .pictures()
            .filter(|&(other, _, _)| other != number)
            .map(|(other, picture, _)| (other, picture.original.clone(), picture.dhash))
            .collect();
        let twin = others
            .iter()
            .find(|(_, original, _)| *original == picture.original);
        if let Some(&(twin, _, _)) = twin {
            let name = picture.name;
            let problem = Problem::new("duplicate").with("slot", twin);
            self.restore(number, name, before, problem);
            return (self, Placed::Duplicate(twin));
        }
        let alike = others
            .iter()
            .find(|(_, _, dhash)| (dhash ^ picture.dhash).count_ones() <= NEAR_DUPLICATE_BITS)
            .map(|&(other, _, _)| other);
        if let Some(other) = alike {
            picture
                .warnings
                .push(Problem::new("near-duplicate").with("slot", other));
        }
        let kept = match before.map(|content| *content) {
            Some(SlotContent::Filled { caption, .. }) => caption,
            _ => None,
        };
        self.slots.insert(
            number,
            SlotContent::Filled {
                picture,
                caption: caption.or(kept),
            },
        );
        (self, Placed::Filled)
    }

    /// Notes that the file a place waited for was refused. False when the place was not waiting for it.
    #[must_use]
    pub fn refuse(mut self, number: SlotNumber, intake: &str, problem: Problem) -> (Self, bool) {
        match self.slots.get(&number) {
            Some(SlotContent::Arriving {
                intake: expected,
                name,
                before,
            }) if expected == intake => {
                let (name, before) = (name.clone(), before.clone());
                self.restore(number, name, before, problem);
                (self, true)
            }
            _ => (self, false),
        }
    }

    /// What was in a place before comes back; where nothing was, the refusal stays to be seen.
    fn restore(
        &mut self,
        number: SlotNumber,
        name: String,
        before: Option<Box<SlotContent>>,
        problem: Problem,
    ) {
        let content = before.map_or(SlotContent::Refused { name, problem }, |content| *content);
        self.slots.insert(number, content);
    }

    /// Sets or clears a picture's caption. False when there is no picture in that place.
    #[must_use]
    pub fn caption(mut self, number: SlotNumber, line: Option<Caption>) -> (Self, bool) {
        match self.slots.get_mut(&number) {
            Some(SlotContent::Filled { caption, .. }) => {
                *caption = line;
                (self, true)
            }
            _ => (self, false),
        }
    }

    /// Empties a place.
    #[must_use]
    pub fn remove(mut self, number: SlotNumber) -> Self {
        self.slots.remove(&number);
        self
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
mod tests {
    use super::{Dataset, Picture, Place, Placed, Problem, SlotContent, SlotNumber};
    use crate::{Caption, Trigger};
    use lorikeet_chat::BlobId;

    fn picture(seed: u8) -> Picture {
        Picture {
            image: BlobId::from_digest([seed; 32]),
            thumbnail: BlobId::from_digest([seed.wrapping_add(100); 32]),
            original: BlobId::from_digest([seed.wrapping_add(200); 32]),
            dhash: u64::from(seed).wrapping_mul(0x0101_0101_0101_0101) ^ (u64::from(seed) << 32),
            width: 512,
            height: 512,
            name: format!("{seed}.png"),
            warnings: Vec::new(),
        }
    }

    fn filled(count: u8) -> Dataset {
        (1..=count).fold(Dataset::default(), |dataset, seed| {
            let (dataset, number) = dataset.reserve(Place::Next, 20, "i", "x.png");
            dataset
                .fill(
                    number.expect("room"),
                    "i",
                    picture(seed.wrapping_mul(37)),
                    None,
                )
                .0
        })
    }

    #[test]
    fn pictures_take_the_next_free_place_until_it_is_full() {
        let dataset = filled(20);
        assert_eq!(dataset.picture_count(), 20);
        assert_eq!(dataset.clone().reserve(Place::Next, 20, "i", "x").1, None);
        let dataset = dataset.remove(SlotNumber(7));
        assert_eq!(
            dataset.reserve(Place::Next, 20, "i", "x").1,
            Some(SlotNumber(7))
        );
    }

    #[test]
    fn the_same_file_twice_is_refused_and_names_the_first() {
        let (dataset, number) = filled(2).reserve(Place::Next, 20, "i", "again.png");
        let (dataset, placed) = dataset.fill(number.expect("room"), "i", picture(37), None);
        assert_eq!(placed, Placed::Duplicate(SlotNumber(1)));
        assert!(matches!(
            dataset.get(SlotNumber(3)),
            Some(SlotContent::Refused { .. })
        ));
        assert_eq!(dataset.picture_count(), 2);
    }

    #[test]
    fn a_refused_replacement_leaves_the_old_picture_and_caption() {
        let caption = Caption::parse("a cat").expect("valid");
        let (dataset, _) = filled(1).caption(SlotNumber(1), Some(caption));
        let before = dataset.clone();
        let (dataset, _) = dataset.reserve(Place::At(SlotNumber(1)), 20, "j", "new.png");
        assert_eq!(
            dataset.picture_count(),
            1,
            "it counts until the new one is there"
        );
        let (dataset, known) = dataset.refuse(SlotNumber(1), "j", Problem::new("animated"));
        assert!(known);
        assert_eq!(dataset, before);
    }

    #[test]
    fn a_result_for_a_place_that_moved_on_changes_nothing() {
        let (dataset, number) = Dataset::default().reserve(Place::Next, 20, "i", "x.png");
        let number = number.expect("room");
        let dataset = dataset.remove(number);
        let (after, placed) = dataset.clone().fill(number, "i", picture(1), None);
        assert_eq!((after, placed), (dataset, Placed::Unexpected));
    }

    #[test]
    fn near_duplicates_are_taken_with_a_warning() {
        let (dataset, number) = filled(1).reserve(Place::Next, 20, "i", "near.png");
        let near = Picture {
            original: BlobId::from_digest([9; 32]),
            dhash: picture(37).dhash ^ 0b11,
            ..picture(5)
        };
        let (dataset, placed) = dataset.fill(number.expect("room"), "i", near, None);
        assert_eq!(placed, Placed::Filled);
        let Some(SlotContent::Filled { picture, .. }) = dataset.get(SlotNumber(2)) else {
            panic!("not filled");
        };
        assert_eq!(
            picture.warnings,
            [Problem::new("near-duplicate").with("slot", 1)]
        );
    }

    #[test]
    fn the_hash_knows_contents_not_places() {
        let trigger = Trigger::parse("mycat").expect("valid");
        let dataset = filled(3);
        let moved = {
            let (moved, _) = dataset.clone().remove(SlotNumber(1)).reserve(
                Place::At(SlotNumber(9)),
                20,
                "i",
                "x",
            );
            moved.fill(SlotNumber(9), "i", picture(37), None).0
        };
        assert_eq!(dataset.hash(&trigger), moved.hash(&trigger));
        let (captioned, _) = dataset
            .clone()
            .caption(SlotNumber(1), Caption::parse("hat").ok());
        assert_ne!(dataset.hash(&trigger), captioned.hash(&trigger));
    }
}
