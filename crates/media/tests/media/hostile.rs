//! Files that must be refused, and bytes nobody made on purpose.

use lorikeet_media::picture::{ForeignFormat, Format, Limits, Refusal, inspect};
use lorikeet_media::samples;
use proptest::prelude::*;

fn refused(file: &[u8]) -> Refusal {
    inspect(file, &Limits::default()).unwrap_err()
}

#[test]
fn a_text_file_is_no_picture_whatever_its_name() {
    assert_eq!(refused(&samples::renamed_text()), Refusal::NotAPicture);
    assert_eq!(refused(b""), Refusal::NotAPicture);
}

#[test]
fn truncated_files_are_told_from_damaged_ones() {
    assert_eq!(refused(&samples::truncated_jpeg(1)), Refusal::Truncated);
    assert_eq!(refused(&samples::truncated_png(1)), Refusal::Truncated);
    assert_eq!(refused(&samples::truncated_webp(1)), Refusal::Truncated);
}

#[test]
fn a_jpeg_cut_anywhere_is_truncated() {
    let file = samples::jpeg(&samples::picture(1, 320, 256), 90);
    for tenths in 1..10 {
        let cut = &file[..file.len() * tenths / 10];
        assert_eq!(refused(cut), Refusal::Truncated, "{tenths} tenths");
    }
    // Also when all that is missing is the end marker.
    assert_eq!(refused(&file[..file.len() - 2]), Refusal::Truncated);
    assert_eq!(refused(&file[..3]), Refusal::Truncated);
}

#[test]
fn a_damaged_jpeg_is_corrupt_though_it_has_an_end() {
    let mut file = samples::jpeg(&samples::picture(1, 640, 480), 90);
    // Ones without end are no code of any table; 0xFF is written as 0xFF 0x00.
    let middle = file.len() / 2;
    for pair in file[middle..middle + 40].chunks_exact_mut(2) {
        pair.copy_from_slice(&[0xFF, 0]);
    }

    assert_eq!(refused(&file), Refusal::Corrupt);
}

#[test]
fn what_phones_append_to_a_jpeg_does_no_harm() {
    let mut file = samples::jpeg(&samples::picture(1, 320, 256), 90);
    file.extend_from_slice(b"\0\0\0\x18ftypmp42 and a whole video");

    assert!(inspect(&file, &Limits::default()).is_ok());
}

#[test]
fn moving_pictures_are_refused_in_every_format() {
    let (first, second) = (samples::picture(1, 320, 300), samples::picture(2, 320, 300));

    assert_eq!(
        refused(&samples::animated_gif(&first, &second)),
        Refusal::Animated
    );
    assert_eq!(refused(&samples::animated_png(&first)), Refusal::Animated);
    assert_eq!(refused(&samples::animated_webp(&first)), Refusal::Animated);
    assert_eq!(
        refused(&samples::still_gif(&first)),
        Refusal::UnsupportedFormat {
            format: ForeignFormat::Gif
        }
    );
}

#[test]
fn bombs_are_refused_by_their_header() {
    let huge = Refusal::TooManyPixels {
        width: 10_000,
        height: 6_000,
        limit: 50_000_000,
    };
    assert_eq!(refused(&samples::png_bomb(10_000, 6_000)), huge);
    assert_eq!(
        refused(&samples::png_bomb(u32::MAX / 2, u32::MAX / 2)).code(),
        "too-many-pixels"
    );

    let flat = samples::png_flat_bomb(7_746);
    assert!(flat.len() * 100 < 7_746 * 7_746, "{} bytes", flat.len());
    assert_eq!(refused(&flat).code(), "too-many-pixels");
}

#[test]
fn a_header_that_promises_pixels_within_limits_but_has_none_is_refused_too() {
    assert_eq!(refused(&samples::png_bomb(7_000, 7_000)), Refusal::Corrupt);
}

#[test]
fn size_limits_say_what_was_found_and_what_is_allowed() {
    assert_eq!(
        refused(&samples::tiny()),
        Refusal::TooSmall {
            short_side: 100,
            min: 256
        }
    );
    let file = samples::png(&samples::picture(1, 300, 300));
    let limits = Limits {
        max_bytes: 1000,
        ..Limits::default()
    };
    assert_eq!(
        inspect(&file, &limits),
        Err(Refusal::TooManyBytes {
            size: file.len() as u64,
            limit: 1000
        })
    );
}

#[test]
fn a_header_of_a_rare_kind_of_jpeg_is_named_as_such() {
    // SOF9: arithmetic coding.
    let mut file = samples::jpeg(&samples::picture(1, 320, 256), 90);
    let frame = file.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
    file[frame + 1] = 0xC9;

    assert_eq!(
        refused(&file),
        Refusal::UnsupportedVariant {
            format: Format::Jpeg
        }
    );
}

/// Small files of every kind, to be broken.
fn seeds() -> Vec<Vec<u8>> {
    let picture = samples::picture(3, 64, 48);
    vec![
        samples::png(&picture),
        samples::jpeg(&picture, 80),
        samples::webp(&picture),
        samples::animated_gif(&picture, &picture),
        samples::animated_webp(&picture),
        samples::jpeg_rotated_with_gps(&picture, 6),
        samples::display_p3_png(&picture),
        samples::transparent_png(&picture),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn arbitrary_bytes_get_a_verdict(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = inspect(&bytes, &Limits::default());
    }

    #[test]
    fn damaged_pictures_get_a_verdict(
        kind in 0..8_usize,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        keep in 0.0..1.3_f64,
    ) {
        let mut file = seeds().swap_remove(kind);
        for (at, byte) in damage {
            let at = at.index(file.len());
            file[at] = byte;
        }
        file.truncate((file.len() as f64 * keep) as usize);
        let limits = Limits {
            max_pixels: 1_000_000,
            min_short_side: 1,
            ..Limits::default()
        };

        if let Ok(picture) = inspect(&file, &limits) {
            prop_assert!(u64::from(picture.width) * u64::from(picture.height) <= 1_000_000);
            prop_assert!(inspect(&picture.image, &limits).is_ok());
        }
    }
}
