//! What pictures look like afterwards.

use image::{Rgb, RgbImage};
use lorikeet_media::picture::{Format, Limits, MAX_SIDE, Picture, THUMBNAIL_SIDE, inspect};
use lorikeet_media::samples;

fn taken(file: &[u8]) -> Picture {
    inspect(file, &Limits::default()).unwrap()
}

fn pixels(picture: &Picture) -> RgbImage {
    let pixels = image::load_from_memory(&picture.image).unwrap().into_rgb8();
    assert_eq!(pixels.dimensions(), (picture.width, picture.height));
    pixels
}

/// Mean difference a channel, of 255.
fn difference(a: &RgbImage, b: &RgbImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let sum: u64 = a
        .iter()
        .zip(b.iter())
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    sum as f64 / a.len() as f64
}

#[test]
fn a_plain_png_keeps_every_pixel() {
    let original = samples::picture(1, 400, 300);
    let picture = taken(&samples::png(&original));

    assert_eq!(pixels(&picture), original);
    assert_eq!(picture.format, Format::Png);
    assert_eq!(picture.warnings, []);
}

#[test]
fn lossless_stays_lossless_and_lossy_stays_small() {
    let original = samples::picture(1, 400, 300);
    let webp = taken(&samples::webp(&original));
    let jpeg = taken(&samples::jpeg(&original, 90));

    assert_eq!(webp.original_format, Format::WebP);
    assert_eq!(webp.format, Format::Png);
    assert_eq!(pixels(&webp), original);
    assert_eq!(jpeg.format, Format::Jpeg);
    assert_eq!(Format::sniff(&jpeg.image), Some(Format::Jpeg));
    let decoded = image::load_from_memory(&samples::jpeg(&original, 90)).unwrap();
    assert!(difference(&pixels(&jpeg), &decoded.into_rgb8()) < 2.0);
}

#[test]
fn every_exif_orientation_is_baked_in() {
    let upright = samples::picture(5, 320, 260);
    for orientation in 1..=8 {
        let picture = taken(&samples::jpeg_rotated_with_gps(&upright, orientation));

        assert_eq!(
            (picture.original_width, picture.original_height),
            (320, 260),
            "orientation {orientation}"
        );
        let off = difference(&pixels(&picture), &upright);
        assert!(off < 8.0, "orientation {orientation}: off by {off}");
    }
}

#[test]
fn the_place_it_was_taken_at_is_gone() {
    let file = samples::jpeg_rotated_with_gps(&samples::picture(5, 320, 260), 6);
    let has_exif = |bytes: &[u8]| bytes.windows(6).any(|w| w == b"Exif\0\0");
    assert!(has_exif(&file));

    let picture = taken(&file);
    for bytes in [&picture.image, &picture.thumbnail] {
        assert!(!has_exif(bytes));
    }
}

#[test]
fn display_p3_becomes_srgb() {
    // A red within both spaces, worked out from the matrices of SMPTE EG 432-1 and IEC 61966-2-1:
    // P3 (200, 100, 50) has the look of sRGB (215, 93, 31).
    let flat = RgbImage::from_pixel(300, 300, Rgb([200, 100, 50]));
    let picture = taken(&samples::display_p3_png(&flat));

    let Rgb([red, green, blue]) = *pixels(&picture).get_pixel(150, 150);
    let off = red
        .abs_diff(215)
        .max(green.abs_diff(93))
        .max(blue.abs_diff(31));
    assert!(off <= 1, "({red}, {green}, {blue})");
    let has_profile = |bytes: &[u8]| bytes.windows(4).any(|w| w == b"iCCP");
    assert!(!has_profile(&picture.image));
}

#[test]
fn transparency_goes_on_white() {
    let original = RgbImage::from_pixel(300, 300, Rgb([100, 0, 200]));
    let result = pixels(&taken(&samples::transparent_png(&original)));

    assert_eq!(
        *result.get_pixel(150, 150),
        Rgb([255, 255, 255]),
        "the middle is wholly transparent"
    );
    assert_eq!(
        *result.get_pixel(290, 290),
        Rgb([100, 0, 200]),
        "the rest is opaque"
    );
    assert_eq!(
        *result.get_pixel(5, 5),
        Rgb([177, 127, 227]),
        "a corner is half transparent"
    );
}

#[test]
fn sixteen_bits_and_grey_become_eight_bit_rgb() {
    let original = samples::picture(7, 300, 280);
    assert_eq!(
        pixels(&taken(&samples::sixteen_bit_png(&original))),
        original
    );

    let grey = image::DynamicImage::from(original).into_luma8();
    let mut file = std::io::Cursor::new(Vec::new());
    grey.write_to(&mut file, image::ImageFormat::Png).unwrap();
    let result = pixels(&taken(file.get_ref()));
    for (grey, rgb) in grey.pixels().zip(result.pixels()) {
        assert_eq!(rgb.0, [grey.0[0]; 3]);
    }
}

#[test]
fn large_pictures_are_brought_down_and_keep_their_shape() {
    let picture = taken(&samples::jpeg(&samples::picture(2, 3000, 1600), 90));

    assert_eq!(
        (picture.original_width, picture.original_height),
        (3000, 1600)
    );
    assert_eq!((picture.width, picture.height), (MAX_SIDE, 1092));
    let thumbnail = image::load_from_memory(&picture.thumbnail).unwrap();
    assert_eq!(
        (thumbnail.width(), thumbnail.height()),
        (THUMBNAIL_SIDE, 137)
    );
}

#[test]
fn the_same_file_is_the_same_picture() {
    let file = samples::jpeg(&samples::picture(2, 320, 300), 90);

    assert_eq!(taken(&file), taken(&file));
    let other = taken(&samples::jpeg(&samples::picture(2, 320, 300), 91));
    assert_ne!(taken(&file).original_hash, other.original_hash);
}
