//! Many captions changed at once.

use super::caption::{Caption, CaptionProblem};
use super::dataset::{Dataset, SlotContent, SlotNumber};

/// A change of every caption: first words are replaced, then words put before and after.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BulkEdit {
    /// What is replaced, to the letter; nothing when empty.
    pub find: String,
    /// What stands there then.
    pub replace: String,
    /// Put before each caption.
    pub before: String,
    /// Put after each caption.
    pub after: String,
}

/// Why no caption was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BulkProblem {
    /// A caption would become too long.
    #[error("the caption of picture {slot} would have {length} characters")]
    TooLong {
        /// The picture's place.
        slot: SlotNumber,
        /// Characters it would have.
        length: usize,
    },
}

impl BulkEdit {
    /// Whether it would change nothing whatever the captions.
    pub fn is_empty(&self) -> bool {
        self.find.is_empty() && self.before.trim().is_empty() && self.after.trim().is_empty()
    }

    /// The captions that change, as they will be; one that loses all its words is none. Pictures without a caption get
    /// none, and those on their way keep what they have.
    ///
    /// # Errors
    /// When one would become too long; then none is to be changed.
    pub fn apply(
        &self,
        dataset: &Dataset,
    ) -> Result<Vec<(SlotNumber, Option<Caption>)>, BulkProblem> {
        let mut changed = Vec::new();
        for (slot, _, caption) in dataset.pictures() {
            let Some(caption) = caption else { continue };
            if !matches!(dataset.get(slot), Some(SlotContent::Filled { .. })) {
                continue;
            }
            let after = match Caption::parse(&self.line(caption.as_str())) {
                Ok(line) => Some(line),
                Err(CaptionProblem::Empty) => None,
                Err(CaptionProblem::TooLong(length)) => {
                    return Err(BulkProblem::TooLong { slot, length });
                }
            };
            if after.as_ref() != Some(caption) {
                changed.push((slot, after));
            }
        }
        Ok(changed)
    }

    fn line(&self, caption: &str) -> String {
        let replaced = if self.find.is_empty() {
            caption.to_owned()
        } else {
            caption.replace(&self.find, &self.replace)
        };
        let replaced = replaced.trim();
        // Nobody types the blank that belongs between; a comma stands at the word before it.
        let after = self.after.trim();
        let gap = if after.starts_with([',', '.', ';', ':', '!', '?']) {
            ""
        } else {
            " "
        };
        format!("{} {replaced}{gap}{after}", self.before.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::{BulkEdit, BulkProblem};
    use crate::{Added, Caption, Dataset, Picture, SlotNumber};
    use lorikeet_chat::BlobId;

    fn dataset(captions: &[&str]) -> Dataset {
        let mut seed = 0;
        captions.iter().fold(Dataset::default(), |dataset, line| {
            seed += 1;
            let picture = Picture {
                image: BlobId::from_digest([seed; 32]),
                thumbnail: BlobId::from_digest([seed; 32]),
                original: BlobId::from_digest([seed; 32]),
                dhash: 0,
                width: 512,
                height: 512,
                name: String::new(),
                warnings: Vec::new(),
            };
            let (dataset, added) = dataset.add(20, picture, Caption::parse(line).ok());
            assert_eq!(added, Added::At(SlotNumber(u16::from(seed))));
            dataset
        })
    }

    fn lines(edit: &BulkEdit, captions: &[&str]) -> Vec<(u16, Option<String>)> {
        let changed = edit.apply(&dataset(captions)).expect("fits");
        let lines = changed.into_iter();
        lines
            .map(|(slot, line)| (slot.0, line.map(String::from)))
            .collect()
    }

    #[test]
    fn words_are_replaced_and_put_before_and_after() {
        let edit = BulkEdit {
            find: "cat".to_owned(),
            replace: "tomcat".to_owned(),
            before: "photo of ".to_owned(),
            after: ", outdoors".to_owned(),
        };
        assert_eq!(
            lines(&edit, &["a cat", "", "the sea"]),
            [
                (1, Some("photo of a tomcat, outdoors".to_owned())),
                (3, Some("photo of the sea, outdoors".to_owned())),
            ]
        );
        let edit = BulkEdit {
            after: "at night".to_owned(),
            ..BulkEdit::default()
        };
        assert_eq!(
            lines(&edit, &["sea"]),
            [(1, Some("sea at night".to_owned()))]
        );
    }

    #[test]
    fn only_what_changes_is_changed() {
        let edit = BulkEdit {
            find: "cat".to_owned(),
            ..BulkEdit::default()
        };
        assert_eq!(lines(&edit, &["cat", "the sea"]), [(1, None)]);
        assert!(BulkEdit::default().is_empty());
        assert_eq!(lines(&BulkEdit::default(), &["cat"]), []);
    }

    #[test]
    fn one_that_would_be_too_long_stops_all() {
        let edit = BulkEdit {
            before: "x".repeat(200),
            ..BulkEdit::default()
        };
        let long = "y".repeat(900);
        assert_eq!(
            edit.apply(&dataset(&["short", &long])),
            Err(BulkProblem::TooLong {
                slot: SlotNumber(2),
                length: 1_101
            })
        );
    }
}
