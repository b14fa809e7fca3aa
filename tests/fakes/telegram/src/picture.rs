//! Pictures, as far as a server must look at them: what they are, how large, and smaller ones of them.

use std::io::Cursor;

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::{ImageFormat, ImageReader};

/// Sides of the sizes Telegram makes of a photo.
const SIDES: [u32; 4] = [90, 320, 800, 1280];

/// What a file shows, by its first bytes and its head.
pub(crate) fn probe(bytes: &[u8]) -> Option<(ImageFormat, u32, u32)> {
    let reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .ok()?;
    let format = reader.format()?;
    let (width, height) = reader.into_dimensions().ok()?;
    Some((format, width, height))
}

/// Width and height within a side.
fn within(width: u32, height: u32, side: u32) -> (u32, u32) {
    let longest = width.max(height).max(1);
    if longest <= side {
        return (width, height);
    }
    let scale = |length: u32| {
        let scaled = u64::from(length) * u64::from(side) / u64::from(longest);
        u32::try_from(scaled).unwrap_or(side).max(1)
    };
    (scale(width), scale(height))
}

/// The sizes Telegram lists for a photo, the largest last.
pub(crate) fn sizes(width: u32, height: u32) -> Vec<(u32, u32)> {
    let longest = width.max(height);
    let smaller = SIDES.iter().filter(|side| **side < longest);
    let mut sizes: Vec<(u32, u32)> = smaller.map(|side| within(width, height, *side)).collect();
    sizes.push((width, height));
    sizes
}

/// A person's photo as Telegram's programs send it: JPEG, not larger than a side, in all sizes. The bytes stay as they
/// are where they are such already.
pub(crate) fn photo(bytes: &Bytes, side: u32) -> Option<Vec<(Bytes, u32, u32)>> {
    let (format, width, height) = probe(bytes)?;
    let whole = within(width, height, side);
    let as_it_is = format == ImageFormat::Jpeg && whole == (width, height);
    let picture = image::load_from_memory_with_format(bytes, format)
        .ok()?
        .to_rgb8();
    let mut made = Vec::new();
    for (wide, high) in sizes(whole.0, whole.1) {
        if as_it_is && (wide, high) == whole {
            made.push((bytes.clone(), wide, high));
            continue;
        }
        let small = image::imageops::thumbnail(&picture, wide, high);
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, 87)
            .encode_image(&small)
            .ok()?;
        made.push((Bytes::from(jpeg), wide, high));
    }
    Some(made)
}
