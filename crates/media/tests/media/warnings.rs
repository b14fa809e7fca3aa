//! What is worth saying about a picture that is taken.

use image::{Rgb, RgbImage};
use lorikeet_media::picture::{DHash, Limits, Picture, Warning, inspect};
use lorikeet_media::samples;

fn taken(file: &[u8]) -> Picture {
    inspect(file, &Limits::default()).unwrap()
}

fn codes(picture: &RgbImage) -> Vec<&'static str> {
    let picture = taken(&samples::jpeg(picture, 92));
    picture.warnings.iter().map(Warning::code).collect()
}

#[test]
fn sharp_pictures_of_a_usual_shape_are_taken_without_a_word() {
    for seed in 0..10 {
        assert_eq!(
            codes(&samples::picture(seed, 1024, 768)),
            [""; 0],
            "seed {seed}"
        );
    }
}

#[test]
fn blur_is_noticed() {
    for seed in 0..5 {
        let sharp = samples::picture(seed, 1024, 768);
        assert_eq!(
            codes(&samples::blurred(&sharp, 12.0)),
            ["blurred"],
            "seed {seed}"
        );
    }
}

#[test]
fn a_sharp_subject_before_a_blurred_background_is_not_blurred() {
    let sharp = samples::picture(4, 1024, 768);
    let mut portrait = samples::blurred(&sharp, 12.0);
    let subject = image::imageops::crop_imm(&sharp, 384, 192, 256, 384).to_image();
    image::imageops::replace(&mut portrait, &subject, 384, 192);

    assert_eq!(codes(&portrait), [""; 0]);
}

#[test]
fn bars_are_found_and_measured() {
    let picture = samples::letterboxed(&samples::picture(3, 800, 600), 70);
    let taken = taken(&samples::png(&picture));

    assert_eq!(
        taken.warnings,
        [Warning::Letterboxed {
            left: 0,
            top: 70,
            right: 0,
            bottom: 70
        }]
    );
}

#[test]
fn bars_survive_recompression_and_stand_on_any_side() {
    let boxed = samples::letterboxed(&samples::picture(3, 800, 600), 70);
    let standing = image::imageops::rotate90(&boxed);

    assert_eq!(codes(&boxed), ["letterboxed"]);
    assert_eq!(codes(&standing), ["letterboxed"]);
}

#[test]
fn bars_do_not_pass_for_sharpness() {
    let blurred = samples::blurred(&samples::picture(3, 800, 600), 10.0);

    assert_eq!(
        codes(&samples::letterboxed(&blurred, 70)),
        ["blurred", "letterboxed"]
    );
}

#[test]
fn a_subject_on_a_plain_background_has_no_bars() {
    // A disc in the middle: the first lines are white all along, but nothing ends at a hard border.
    let drawing = RgbImage::from_fn(600, 600, |x, y| {
        let (dx, dy) = (x.abs_diff(300), y.abs_diff(300));
        if dx * dx + dy * dy < 200 * 200 {
            *samples::picture(1, 1, 1).get_pixel(0, 0)
        } else {
            Rgb([255, 255, 255])
        }
    });

    assert!(!codes(&drawing).contains(&"letterboxed"));
    let flat = RgbImage::from_pixel(400, 400, Rgb([9, 9, 9]));
    assert_eq!(codes(&flat), ["blurred"]);
}

#[test]
fn shape_and_resolution_are_warned_of() {
    let file = samples::png(&samples::picture(1, 900, 300));
    let limits = Limits {
        training_resolution: Some(1024),
        ..Limits::default()
    };

    assert_eq!(
        inspect(&file, &limits).unwrap().warnings,
        [
            Warning::Elongated {
                width: 900,
                height: 300
            },
            Warning::BelowResolution {
                width: 900,
                height: 300,
                resolution: 1024
            },
        ]
    );
}

/// What callers hold for alike.
const NEAR: u32 = 5;

#[test]
fn near_duplicates_are_near_and_other_pictures_are_far() {
    let originals: Vec<RgbImage> = (0..20)
        .map(|seed| samples::picture(seed, 640, 480))
        .collect();
    let hashes: Vec<DHash> = originals
        .iter()
        .map(|p| taken(&samples::png(p)).dhash)
        .collect();

    for (i, (original, hash)) in originals.iter().zip(&hashes).enumerate() {
        let near = taken(&samples::jpeg(&samples::near_duplicate(original), 70)).dhash;
        assert!(
            near.hamming(*hash) <= NEAR,
            "{i}: {} bits",
            near.hamming(*hash)
        );
        for other in &hashes[i + 1..] {
            let bits = hash.hamming(*other);
            assert!(bits > 2 * NEAR, "{i}: {bits} bits");
        }
    }
}
