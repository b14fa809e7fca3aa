//! Stored pictures as pixels, for who draws with them.

use std::io::Cursor;

use image::ImageReader;

use super::{Format, Limits, Refusal, decode};

/// A picture's pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    /// Pixels across, at least 1.
    pub width: u32,
    /// Pixels down, at least 1.
    pub height: u32,
    /// 8-bit RGB, row by row from the upper left: `width` × `height` × 3 bytes.
    pub rgb: Vec<u8>,
}

/// Decodes a picture that was taken in, its thumbnail, or one that was made here: as small as it may be, within the usual limits
/// otherwise. As slow as [`inspect`](super::inspect): not for an async thread.
///
/// # Errors
/// When it is no picture, or too large.
pub fn pixels(bytes: &[u8]) -> Result<Pixels, Refusal> {
    let limits = Limits {
        min_short_side: 1,
        ..Limits::default()
    };
    let format = Format::sniff(bytes).ok_or(Refusal::NotAPicture)?;
    let rgb = decode::decode(bytes, format, &limits)?.pixels.into_rgb8();
    Ok(Pixels {
        width: rgb.width(),
        height: rgb.height(),
        rgb: rgb.into_raw(),
    })
}

/// Width and height as a picture's header says, without decoding it: none where it is no picture.
pub fn size(bytes: &[u8]) -> Option<(u32, u32)> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    reader.ok()?.into_dimensions().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn pixels_are_those_of_the_picture() {
        let picture = samples::picture(1, 30, 20);
        let read = pixels(&samples::png(&picture)).unwrap();
        assert_eq!((read.width, read.height), (30, 20));
        assert_eq!(size(&samples::png(&picture)), Some((30, 20)));
        assert_eq!(read.rgb, picture.into_raw());
        let bomb = samples::png_bomb(10_000, 6_000);
        assert_eq!(size(&bomb), Some((10_000, 6_000)));
        assert_eq!(size(b"text"), None);
        assert!(pixels(&bomb).is_err());
        assert_eq!(pixels(b"text"), Err(Refusal::NotAPicture));
    }
}
