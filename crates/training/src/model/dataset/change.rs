//! What happens to the places of a dataset: pictures come, are put elsewhere, mended and taken out.

use lorikeet_chat::BlobId;

use super::{
    Dataset, NEAR_DUPLICATE_BITS, Picture, Place, Placed, Problem, SlotContent, SlotNumber,
};
use crate::Caption;

/// Code of the warning that another picture looks almost the same.
const NEAR_DUPLICATE: &str = "near-duplicate";

/// What became of a picture out of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is in this place.
    At(SlotNumber),
    /// The same file is in this place already.
    Duplicate(SlotNumber),
    /// All places are taken.
    NoRoom,
}

impl Dataset {
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

    /// The place that waits for an intake. It may have been moved since it was set aside.
    pub fn waiting_for(&self, intake: &str) -> Option<SlotNumber> {
        let mut slots = self.slots.iter();
        slots.find_map(|(&number, content)| match content {
            SlotContent::Arriving { intake: known, .. } if known == intake => Some(number),
            _ => None,
        })
    }

    /// Puts a picture into the place that waits for it, keeping the caption of the one it replaces unless it
    /// brings its own.
    #[must_use]
    pub fn fill(
        mut self,
        intake: &str,
        picture: Picture,
        caption: Option<Caption>,
    ) -> (Self, Placed) {
        let Some(number) = self.waiting_for(intake) else {
            return (self, Placed::Unexpected);
        };
        let before = match self.slots.get(&number) {
            Some(SlotContent::Arriving { before, .. }) => before.clone(),
            _ => None,
        };
        if let Some(twin) = self.twin(number, &picture) {
            let problem = Problem::new("duplicate").with("slot", twin);
            self.restore(number, picture.name, before, problem);
            return (self, Placed::Duplicate(twin));
        }
        let kept = match before.map(|content| *content) {
            Some(SlotContent::Filled { caption, .. }) => caption,
            _ => None,
        };
        self.put(number, picture, caption.or(kept));
        (self, Placed::Filled(number))
    }

    /// Puts a picture that waited nowhere into the next free place.
    #[must_use]
    pub fn add(
        mut self,
        capacity: u16,
        picture: Picture,
        caption: Option<Caption>,
    ) -> (Self, Added) {
        // No place has this number: the twin may be in any.
        if let Some(twin) = self.twin(SlotNumber(0), &picture) {
            return (self, Added::Duplicate(twin));
        }
        let Some(number) = self.next_free(capacity) else {
            return (self, Added::NoRoom);
        };
        self.put(number, picture, caption);
        (self, Added::At(number))
    }

    /// Another place with the same file.
    fn twin(&self, number: SlotNumber, picture: &Picture) -> Option<SlotNumber> {
        let mut others = self.pictures().filter(|&(other, _, _)| other != number);
        let twin = others.find(|(_, other, _)| other.original == picture.original);
        twin.map(|(other, _, _)| other)
    }

    fn put(&mut self, number: SlotNumber, mut picture: Picture, caption: Option<Caption>) {
        let alike = self
            .pictures()
            .filter(|&(other, _, _)| other != number)
            .find(|(_, other, _)| (other.dhash ^ picture.dhash).count_ones() <= NEAR_DUPLICATE_BITS)
            .map(|(other, _, _)| other);
        picture
            .warnings
            .retain(|warning| warning.code != NEAR_DUPLICATE);
        if let Some(other) = alike {
            picture
                .warnings
                .push(Problem::new(NEAR_DUPLICATE).with("slot", other));
        }
        self.slots
            .insert(number, SlotContent::Filled { picture, caption });
    }

    /// Notes that the file a place waited for was refused; says which place. `None` when no place waited for it.
    #[must_use]
    pub fn refuse(mut self, intake: &str, problem: Problem) -> (Self, Option<SlotNumber>) {
        let number = self.waiting_for(intake);
        if let Some(number) = number
            && let Some(SlotContent::Arriving { name, before, .. }) = self.slots.get(&number)
        {
            let (name, before) = (name.clone(), before.clone());
            self.restore(number, name, before, problem);
        }
        (self, number)
    }

    /// Gives the place back that waited for an intake: what was there before comes back. False when none waited.
    #[must_use]
    pub fn unreserve(mut self, intake: &str) -> (Self, bool) {
        let Some(number) = self.waiting_for(intake) else {
            return (self, false);
        };
        if let Some(SlotContent::Arriving {
            before: Some(before),
            ..
        }) = self.slots.remove(&number)
        {
            self.slots.insert(number, *before);
        }
        (self, true)
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

    /// Puts what is in one place into another; what was there comes here. Warnings that name a place follow.
    #[must_use]
    pub fn exchange(mut self, from: SlotNumber, to: SlotNumber) -> Self {
        let (here, there) = (self.slots.remove(&from), self.slots.remove(&to));
        self.slots.extend(here.map(|content| (to, content)));
        self.slots.extend(there.map(|content| (from, content)));
        for content in self.slots.values_mut() {
            for problem in problems(content) {
                if let Some(slot) = problem.details.get_mut("slot") {
                    if *slot == from.to_string() {
                        *slot = to.to_string();
                    } else if *slot == to.to_string() {
                        *slot = from.to_string();
                    }
                }
            }
        }
        self
    }

    /// Takes back a warning about a picture: whoever sent it means it so.
    #[must_use]
    pub fn dismiss(mut self, number: SlotNumber, code: &str) -> Self {
        if let Some(SlotContent::Filled { picture, .. }) = self.slots.get_mut(&number) {
            picture.warnings.retain(|warning| warning.code != code);
        }
        self
    }

    /// Puts a mended version in the place of the picture it was made of, wherever that is now; says where. The caption
    /// stays, and the file it once came from is still known. `None` when the picture is gone or was changed since.
    #[must_use]
    pub fn mend(mut self, image: &BlobId, mended: Picture) -> (Self, Option<SlotNumber>) {
        let mut slots = self.slots.iter();
        let found = slots.find_map(|(&number, content)| match content {
            SlotContent::Filled { picture, caption } if picture.image == *image => {
                Some((number, picture.clone(), caption.clone()))
            }
            _ => None,
        });
        let Some((number, before, caption)) = found else {
            return (self, None);
        };
        let mended = Picture {
            original: before.original,
            name: before.name,
            ..mended
        };
        self.put(number, mended, caption);
        (self, Some(number))
    }

    /// Empties a place. Warnings that named it as a likeness go with it.
    #[must_use]
    pub fn remove(mut self, number: SlotNumber) -> Self {
        self.slots.remove(&number);
        let gone = Problem::new(NEAR_DUPLICATE).with("slot", number);
        for content in self.slots.values_mut() {
            if let SlotContent::Filled { picture, .. } = content {
                picture.warnings.retain(|warning| *warning != gone);
            }
        }
        self
    }
}

/// Everything there is to say of a place.
fn problems(content: &mut SlotContent) -> Vec<&mut Problem> {
    match content {
        SlotContent::Filled { picture, .. } => picture.warnings.iter_mut().collect(),
        SlotContent::Refused { problem, .. } => vec![problem],
        SlotContent::Arriving { before, .. } => match before {
            Some(before) => problems(before),
            None => Vec::new(),
        },
    }
}
