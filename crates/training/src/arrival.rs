//! Pictures that came in, put into their dataset.
//!
//! The same whether somebody watches (the flow, which says what became of them) or not (the service).

use crate::wire::{Arrived, Entry, Outcome};
use crate::{Added, Dataset, Placed, Problem, SlotNumber};

/// What there is to say of pictures that came in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum News {
    /// The same file is in this place already.
    Duplicate {
        /// Its name.
        name: String,
        /// The place.
        slot: SlotNumber,
    },
    /// It cannot be used.
    Refused {
        /// The place it was for.
        slot: SlotNumber,
        /// Why.
        problem: Problem,
    },
    /// An archive was unpacked.
    Unpacked {
        /// Pictures that were added.
        added: usize,
        /// How many of them brought a caption.
        captions: usize,
        /// What was left out, by name, and why.
        left_out: Vec<(String, Problem)>,
    },
}

/// Puts what came in into the places that wait for it, pictures of an archive into the next free ones of `capacity`.
pub(crate) fn arrive(dataset: Dataset, capacity: u16, arrived: Arrived) -> (Dataset, Option<News>) {
    let Arrived { ticket, outcome } = arrived;
    match outcome {
        Outcome::Taken { picture, caption } => {
            let name = picture.name.clone();
            let caption = caption.or(ticket.caption);
            let (dataset, placed) = dataset.fill(&ticket.intake, picture, caption);
            let news = match placed {
                Placed::Duplicate(slot) => Some(News::Duplicate { name, slot }),
                Placed::Filled(_) | Placed::Unexpected => None,
            };
            (dataset, news)
        }
        Outcome::Refused(problem) => {
            let (dataset, slot) = dataset.refuse(&ticket.intake, problem.clone());
            (dataset, slot.map(|slot| News::Refused { slot, problem }))
        }
        Outcome::Unpacked(entries) => {
            let (dataset, was_expected) = dataset.unreserve(&ticket.intake);
            if was_expected {
                unpack(dataset, capacity, entries)
            } else {
                (dataset, None)
            }
        }
    }
}

fn unpack(dataset: Dataset, capacity: u16, entries: Vec<Entry>) -> (Dataset, Option<News>) {
    let (mut added, mut captions, mut left_out) = (0, 0, Vec::new());
    let dataset = entries.into_iter().fold(dataset, |dataset, entry| {
        let Entry { name, outcome } = entry;
        match *outcome {
            Outcome::Taken { picture, caption } => {
                let is_captioned = caption.is_some();
                let (dataset, placed) = dataset.add(capacity, picture, caption);
                match placed {
                    Added::At(_) => {
                        added += 1;
                        captions += usize::from(is_captioned);
                    }
                    Added::Duplicate(slot) => {
                        left_out.push((name, Problem::new("duplicate").with("slot", slot)));
                    }
                    Added::NoRoom => left_out.push((name, Problem::new("too-many-pictures"))),
                }
                dataset
            }
            Outcome::Refused(problem) => {
                left_out.push((name, problem));
                dataset
            }
            // An archive inside an archive is refused when it is unpacked.
            Outcome::Unpacked(_) => dataset,
        }
    });
    let news = News::Unpacked {
        added,
        captions,
        left_out,
    };
    (dataset, Some(news))
}

#[cfg(test)]
mod tests {
    use super::{News, arrive};
    use crate::wire::{Arrived, Entry, Outcome, Ticket};
    use crate::{Caption, Dataset, Picture, Place, Problem, SlotNumber};
    use lorikeet_chat::BlobId;

    fn taken(seed: u8, caption: Option<&str>) -> Entry {
        let name = format!("{seed}.png");
        let picture = Picture {
            image: BlobId::from_digest([seed; 32]),
            thumbnail: BlobId::from_digest([seed + 100; 32]),
            original: BlobId::from_digest([seed + 200; 32]),
            dhash: u64::from(seed).wrapping_mul(0x1234_5678_9abc_def1),
            width: 512,
            height: 512,
            name: name.clone(),
            warnings: Vec::new(),
        };
        let caption = caption.map(|line| Caption::parse(line).expect("valid"));
        let outcome = Outcome::Taken { picture, caption };
        Entry {
            name,
            outcome: Box::new(outcome),
        }
    }

    fn archive(intake: &str, entries: Vec<Entry>) -> Arrived {
        let ticket = Ticket {
            lora: serde_json::from_value("0".repeat(32).into()).expect("an id"),
            slot: SlotNumber(1),
            intake: intake.to_owned(),
            caption: None,
        };
        Arrived {
            ticket,
            outcome: Outcome::Unpacked(entries),
        }
    }

    #[test]
    fn an_archive_takes_the_place_that_was_set_aside_and_the_next_ones() {
        let (dataset, _) = Dataset::default().reserve(Place::Next, 3, "zip", "cats.zip");
        let entries = vec![
            taken(1, Some("on a mat")),
            Entry {
                name: "notes.doc".to_owned(),
                outcome: Box::new(Outcome::Refused(Problem::new("not-a-picture"))),
            },
            taken(2, None),
            taken(1, None),
            taken(3, None),
            taken(4, None),
        ];
        let (dataset, news) = arrive(dataset, 3, archive("zip", entries.clone()));
        assert_eq!((dataset.picture_count(), dataset.caption_count()), (3, 1));
        assert!(dataset.get(SlotNumber(1)).is_some());
        let Some(News::Unpacked {
            added: 3,
            captions: 1,
            left_out,
        }) = news
        else {
            panic!("{news:?}");
        };
        let left_out: Vec<_> = left_out
            .iter()
            .map(|(name, problem)| (name.as_str(), problem.code.as_str()))
            .collect();
        assert_eq!(
            left_out,
            [
                ("notes.doc", "not-a-picture"),
                ("1.png", "duplicate"),
                ("4.png", "too-many-pictures")
            ]
        );
        // The same result again finds nobody waiting.
        let (again, news) = arrive(dataset.clone(), 3, archive("zip", entries));
        assert_eq!((again, news), (dataset, None));
    }
}
