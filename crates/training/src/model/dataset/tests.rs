//! What datasets keep to.

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
        let (dataset, _) = dataset.reserve(Place::Next, 20, &format!("i{seed}"), "x.png");
        dataset
            .fill(&format!("i{seed}"), picture(seed.wrapping_mul(37)), None)
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
    let (dataset, _) = filled(2).reserve(Place::Next, 20, "i", "again.png");
    let (dataset, placed) = dataset.fill("i", picture(37), None);
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
    let (dataset, place) = dataset.refuse("j", Problem::new("animated"));
    assert_eq!(place, Some(SlotNumber(1)));
    assert_eq!(dataset, before);
}

#[test]
fn a_result_for_a_place_that_moved_on_changes_nothing() {
    let (dataset, number) = Dataset::default().reserve(Place::Next, 20, "i", "x.png");
    let number = number.expect("room");
    let dataset = dataset.remove(number);
    let (after, placed) = dataset.clone().fill("i", picture(1), None);
    assert_eq!((after, placed), (dataset, Placed::Unexpected));
}

#[test]
fn near_duplicates_are_taken_with_a_warning() {
    let (dataset, _) = filled(1).reserve(Place::Next, 20, "i", "near.png");
    let near = Picture {
        original: BlobId::from_digest([9; 32]),
        dhash: picture(37).dhash ^ 0b11,
        ..picture(5)
    };
    let (dataset, placed) = dataset.fill("i", near, None);
    assert_eq!(placed, Placed::Filled(SlotNumber(2)));
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
        let (moved, _) =
            dataset
                .clone()
                .remove(SlotNumber(1))
                .reserve(Place::At(SlotNumber(9)), 20, "i", "x");
        moved.fill("i", picture(37), None).0
    };
    assert_eq!(dataset.hash(&trigger), moved.hash(&trigger));
    let (captioned, _) = dataset
        .clone()
        .caption(SlotNumber(1), Caption::parse("hat").ok());
    assert_ne!(dataset.hash(&trigger), captioned.hash(&trigger));
}

#[test]
fn what_changes_places_takes_everything_along() {
    let caption = Caption::parse("a cat").ok();
    let (dataset, _) = filled(2).caption(SlotNumber(1), caption.clone());
    let (dataset, _) = dataset.reserve(Place::At(SlotNumber(2)), 20, "j", "new.png");
    let first = dataset.get(SlotNumber(1)).cloned();
    let dataset = dataset
        .exchange(SlotNumber(1), SlotNumber(2))
        .exchange(SlotNumber(2), SlotNumber(9));
    assert_eq!(dataset.get(SlotNumber(9)).cloned(), first);
    assert_eq!(dataset.get(SlotNumber(2)), None);
    // What was on its way finds its place.
    let (dataset, placed) = dataset.fill("j", picture(200), None);
    assert_eq!(placed, Placed::Filled(SlotNumber(1)));
    assert_eq!(dataset.picture_count(), 2);
}

#[test]
fn a_likeness_is_known_wherever_the_two_are() {
    let near = Picture {
        original: BlobId::from_digest([9; 32]),
        dhash: picture(37).dhash ^ 0b11,
        ..picture(5)
    };
    let warning = |slot: u16| Problem::new("near-duplicate").with("slot", slot);
    let warnings = |dataset: &Dataset, slot: u16| match dataset.get(SlotNumber(slot)) {
        Some(SlotContent::Filled { picture, .. }) => picture.warnings.clone(),
        _ => Vec::new(),
    };
    let (dataset, _) = filled(1).add(20, near, None);
    let moved = dataset.clone().exchange(SlotNumber(1), SlotNumber(7));
    assert_eq!(warnings(&moved, 2), [warning(7)]);
    let moved = dataset.clone().exchange(SlotNumber(1), SlotNumber(2));
    assert_eq!(warnings(&moved, 1), [warning(2)]);
    let kept = dataset.clone().dismiss(SlotNumber(2), "near-duplicate");
    assert_eq!(warnings(&kept, 2), []);
    let alone = dataset.remove(SlotNumber(1));
    assert_eq!(warnings(&alone, 2), []);
}

#[test]
fn a_mended_picture_takes_the_place_of_the_one_it_was_made_of() {
    let caption = Caption::parse("a cat").ok();
    let (dataset, _) = filled(3).caption(SlotNumber(2), caption.clone());
    let image = picture(74).image;
    let mended = Picture {
        width: 300,
        ..picture(250)
    };
    let dataset = dataset.exchange(SlotNumber(2), SlotNumber(8));
    let (dataset, place) = dataset.mend(&image, mended.clone());
    assert_eq!(place, Some(SlotNumber(8)));
    let Some(SlotContent::Filled {
        picture: now,
        caption: kept,
    }) = dataset.get(SlotNumber(8))
    else {
        panic!("not filled");
    };
    assert_eq!((now.width, now.image.clone()), (300, mended.image.clone()));
    // The file it once came from is still known.
    assert_eq!((&now.original, kept), (&picture(74).original, &caption));
    assert_eq!(dataset.clone().mend(&image, mended), (dataset, None));
}
