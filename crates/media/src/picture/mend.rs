//! Another picture made of a normalised one: turned, or with less of it.

use image::{RgbImage, imageops};
use lorikeet_chat::BlobId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Format, Limits, Original, Picture, Refusal, decode, finished, measure};

/// What is done to a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mend {
    /// A quarter turn clockwise.
    Turn,
    /// Its plain bars cut off.
    Trim,
    /// Its long side cut to 3:2 of the short one, keeping this part. A picture that is no longer than that stays.
    Crop(Part),
}

/// Which part of a long picture is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Left or top.
    Start,
    /// The middle.
    Middle,
    /// Right or bottom.
    End,
}

/// Makes the picture and judges it as if it had just come in. `bytes` are a normalised picture's.
///
/// As slow as [`inspect`](super::inspect): not for an async thread.
///
/// # Errors
/// When too little would be left, or the bytes are no picture.
pub fn mend(bytes: &[u8], how: Mend, limits: &Limits) -> Result<Picture, Refusal> {
    let format = Format::sniff(bytes).ok_or(Refusal::NotAPicture)?;
    let decoded = decode::decode(bytes, format, limits)?;
    let lossless = decoded.lossless;
    let rgb = decoded.pixels.into_rgb8();
    let mended = match how {
        Mend::Turn => imageops::rotate90(&rgb),
        Mend::Trim => {
            let (x, y, width, height) = measure::letterbox(&rgb).inside(rgb.dimensions());
            imageops::crop_imm(&rgb, x, y, width, height).to_image()
        }
        Mend::Crop(part) => crop(&rgb, part),
    };
    let (width, height) = mended.dimensions();
    let short_side = width.min(height);
    if short_side < limits.min_short_side {
        return Err(Refusal::TooSmall {
            short_side,
            min: limits.min_short_side,
        });
    }
    let original = Original {
        hash: BlobId::from_digest(Sha256::digest(bytes).into()),
        format,
        width,
        height,
    };
    finished(&mended, original, lossless, limits)
}

fn crop(rgb: &RgbImage, part: Part) -> RgbImage {
    let (width, height) = rgb.dimensions();
    let most = width.min(height).saturating_mul(3) / 2;
    let offset = |side: u32| match part {
        Part::Start => 0,
        Part::Middle => side.saturating_sub(most) / 2,
        Part::End => side.saturating_sub(most),
    };
    imageops::crop_imm(
        rgb,
        offset(width),
        offset(height),
        width.min(most),
        height.min(most),
    )
    .to_image()
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageEncoder as _, Rgb, codecs::png::PngEncoder};

    /// Noise with a mark in its left upper corner, in bars.
    fn png(width: u32, height: u32, bar: u32) -> Vec<u8> {
        let pixels = RgbImage::from_fn(width, height, |x, y| {
            if y < bar || y >= height - bar {
                Rgb([0, 0, 0])
            } else if x < 60 && y < bar + 60 {
                Rgb([255, 0, 0])
            } else {
                let noise = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)) >> 7;
                Rgb([
                    (noise % 251) as u8,
                    (noise % 241) as u8,
                    (noise % 239) as u8,
                ])
            }
        });
        let mut bytes = Vec::new();
        PngEncoder::new(&mut bytes)
            .write_image(&pixels, width, height, image::ExtendedColorType::Rgb8)
            .expect("encodes");
        bytes
    }

    fn pixels(picture: &Picture) -> RgbImage {
        image::load_from_memory(&picture.image)
            .expect("decodes")
            .into_rgb8()
    }

    const RED: Rgb<u8> = Rgb([255, 0, 0]);

    #[test]
    fn a_turn_is_clockwise_and_four_are_none() {
        let limits = Limits::default();
        let bytes = png(400, 300, 0);
        let once = mend(&bytes, Mend::Turn, &limits).expect("turns");
        assert_eq!((once.width, once.height), (300, 400));
        let turned = pixels(&once);
        assert_eq!(turned.get_pixel(299, 0), &RED);
        assert_ne!(turned.get_pixel(0, 0), &RED);
        let mut image = once.image.to_vec();
        for _ in 0..3 {
            image = mend(&image, Mend::Turn, &limits)
                .expect("turns")
                .image
                .to_vec();
        }
        let before = image::load_from_memory(&bytes)
            .expect("decodes")
            .into_rgb8();
        let after = image::load_from_memory(&image)
            .expect("decodes")
            .into_rgb8();
        assert!(before == after);
    }

    #[test]
    fn bars_go_and_nothing_else() {
        let picture = mend(&png(400, 400, 50), Mend::Trim, &Limits::default()).expect("trims");
        assert_eq!((picture.width, picture.height), (400, 300));
        assert!(picture.warnings.is_empty(), "{:?}", picture.warnings);
        assert_eq!(pixels(&picture).get_pixel(0, 0), &RED);
        let whole = mend(&png(400, 300, 0), Mend::Trim, &Limits::default()).expect("trims");
        assert_eq!((whole.width, whole.height), (400, 300));
    }

    #[test]
    fn a_long_picture_is_cut_to_the_part_asked_for() {
        let bytes = png(1_000, 300, 0);
        for (part, has_mark) in [
            (Part::Start, true),
            (Part::Middle, false),
            (Part::End, false),
        ] {
            let cut = mend(&bytes, Mend::Crop(part), &Limits::default()).expect("cuts");
            assert_eq!((cut.width, cut.height), (450, 300));
            assert_eq!(pixels(&cut).get_pixel(0, 0) == &RED, has_mark);
            assert!(cut.warnings.is_empty(), "{:?}", cut.warnings);
        }
        let tall = mend(&png(300, 700, 0), Mend::Crop(Part::End), &Limits::default());
        let tall = tall.expect("cuts");
        assert_eq!((tall.width, tall.height), (300, 450));
    }

    #[test]
    fn what_would_be_too_small_is_refused() {
        let refused = mend(&png(400, 300, 40), Mend::Trim, &Limits::default());
        assert_eq!(
            refused,
            Err(Refusal::TooSmall {
                short_side: 220,
                min: 256
            })
        );
        assert_eq!(
            mend(b"no picture", Mend::Turn, &Limits::default()),
            Err(Refusal::NotAPicture)
        );
    }
}
