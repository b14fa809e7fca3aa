//! What a file is, by its bytes. Names and declared media types are never asked.

use super::{ForeignFormat, Format};

/// A file's kind.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One of the formats taken.
    Picture(Format),
    /// A format worth naming in the refusal.
    Foreign(ForeignFormat),
    /// Anything else.
    Unknown,
}

pub(super) fn sniff(bytes: &[u8]) -> Kind {
    use ForeignFormat::{Bmp, Gif, Ico, JpegXl, Pdf, Psd, Tiff, Zip};

    let foreign = match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => {
            return Kind::Picture(Format::Png);
        }
        [0xFF, 0xD8, 0xFF, ..] => return Kind::Picture(Format::Jpeg),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => {
            return Kind::Picture(Format::WebP);
        }
        [b'G', b'I', b'F', b'8', ..] => Gif,
        [b'I', b'I', b'*' | b'+', 0, ..] | [b'M', b'M', 0, b'*' | b'+', ..] => Tiff,
        [0xFF, 0x0A, ..] | [0, 0, 0, 12, b'J', b'X', b'L', b' ', ..] => JpegXl,
        [b'%', b'P', b'D', b'F', b'-', ..] => Pdf,
        [b'8', b'B', b'P', b'S', ..] => Psd,
        [0, 0, 1, 0, ..] => Ico,
        [b'P', b'K', 3, 4, ..] => Zip,
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => iso_media(brand),
        // "BM" alone also opens a sentence about cars: the size of the second header must be one that exists.
        [b'B', b'M', ..]
            if matches!(
                bytes.get(14..18),
                Some([12 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0])
            ) =>
        {
            Bmp
        }
        _ if is_svg(bytes) => ForeignFormat::Svg,
        _ => return Kind::Unknown,
    };
    Kind::Foreign(foreign)
}

/// The ISO base media family by its major brand (<https://mp4ra.org/registered-types/brands>).
fn iso_media(brand: &[u8]) -> ForeignFormat {
    match brand.get(..4) {
        Some(b"avif" | b"avis") => ForeignFormat::Avif,
        Some(b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1") => {
            ForeignFormat::Heic
        }
        _ => ForeignFormat::Video,
    }
}

fn is_svg(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(1024)];
    let head = head
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(head)
        .trim_ascii_start();
    head.starts_with(b"<svg")
        || (head.starts_with(b"<?xml") && head.windows(4).any(|word| word == b"<svg"))
}

/// Whether a GIF has more than one frame (GIF89a, appendix A: blocks after the header).
pub(super) fn is_animated_gif(bytes: &[u8]) -> bool {
    fn count_frames(bytes: &[u8]) -> Option<usize> {
        let table = |flags: u8| {
            if flags & 0x80 == 0 {
                0
            } else {
                3 << ((flags & 7) + 1)
            }
        };
        let mut frames = 0;
        let mut at = 13 + table(*bytes.get(10)?);
        loop {
            match bytes.get(at)? {
                0x2C => {
                    frames += 1;
                    if frames > 1 {
                        return Some(frames);
                    }
                    // Descriptor, colour table and the code size come before the data.
                    at += 10 + table(*bytes.get(at + 9)?) + 1;
                }
                0x21 => at += 2,
                _ => return Some(frames),
            }
            // Data comes in counted pieces; an empty one ends it.
            loop {
                let length = usize::from(*bytes.get(at)?);
                at += 1 + length;
                if length == 0 {
                    break;
                }
            }
        }
    }
    count_frames(bytes).is_some_and(|frames| frames > 1)
}

/// Whether the file goes on to where its own structure says it ends. Decoders differ in how they take a missing end,
/// and JPEG's paints it grey.
pub(super) fn is_complete(bytes: &[u8], format: Format) -> bool {
    match format {
        Format::Png => png_ends(bytes).is_some(),
        Format::Jpeg => jpeg_frame(bytes).is_some(),
        Format::WebP => webp_ends(bytes).is_some(),
    }
}

/// Walks a PNG's chunks (length, name, payload, checksum) to the last.
fn png_ends(bytes: &[u8]) -> Option<()> {
    let mut at = 8_usize;
    loop {
        let head: &[u8; 8] = bytes.get(at..at.checked_add(8)?)?.try_into().ok()?;
        let [l0, l1, l2, l3, name @ ..] = *head;
        if name == *b"IEND" {
            return Some(());
        }
        at = at
            .checked_add(u32::from_be_bytes([l0, l1, l2, l3]) as usize)?
            .checked_add(12)?;
    }
}

/// Compares a WebP's declared length with its own. One byte of padding may be missing.
fn webp_ends(bytes: &[u8]) -> Option<()> {
    let declared = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?) as usize;
    (bytes.len() + 1 >= declared.checked_add(8)?).then_some(())
}

/// Walks a JPEG to its end-of-image marker and says of which kind its (last) frame is, by its marker; `None` when the
/// marker never comes. What follows it (phones append whole videos) is nobody's business here. Thumbnails inside
/// segments have an end of their own, so segments are skipped by their length.
pub(super) fn jpeg_frame(bytes: &[u8]) -> Option<u8> {
    const END_OF_IMAGE: u8 = 0xD9;
    const START_OF_SCAN: u8 = 0xDA;
    let mut frame = 0;
    let mut at = 2;
    loop {
        // Fill bytes may come before a marker.
        while *bytes.get(at)? != 0xFF || matches!(*bytes.get(at + 1)?, 0x00 | 0xFF) {
            at += 1;
        }
        let marker = *bytes.get(at + 1)?;
        at += 2;
        match marker {
            END_OF_IMAGE => return Some(frame),
            // These stand alone.
            0x01 | 0xD0..=0xD8 => continue,
            // Between the frames' markers lie three that are something else (ITU T.81, table B.1).
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => frame = marker,
            _ => {}
        }
        at += usize::from(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]));
        if marker == START_OF_SCAN {
            // Inside coded data 0xFF is followed by 0, except in restart markers.
            while *bytes.get(at)? != 0xFF || matches!(*bytes.get(at + 1)?, 0x00 | 0xD0..=0xD7) {
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_formats_are_named() {
        let cases: [(&[u8], ForeignFormat); 12] = [
            (b"GIF89a\x01\0\x01\0", ForeignFormat::Gif),
            (
                b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0",
                ForeignFormat::Bmp,
            ),
            (b"II*\0\x08\0\0\0", ForeignFormat::Tiff),
            (b"MM\0*\0\0\0\x08", ForeignFormat::Tiff),
            (b"\0\0\0\x18ftypheic\0\0\0\0", ForeignFormat::Heic),
            (b"\0\0\0\x1cftypavif\0\0\0\0", ForeignFormat::Avif),
            (b"\0\0\0\x20ftypisom\0\0\x02\0", ForeignFormat::Video),
            (b"%PDF-1.7\n", ForeignFormat::Pdf),
            (b"8BPS\0\x01", ForeignFormat::Psd),
            (b"PK\x03\x04\x14\0", ForeignFormat::Zip),
            (b"\xFF\x0A\x7A", ForeignFormat::JpegXl),
            (
                b"<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
                ForeignFormat::Svg,
            ),
        ];
        for (bytes, format) in cases {
            assert_eq!(sniff(bytes), Kind::Foreign(format));
        }
    }

    #[test]
    fn text_is_nothing_at_all() {
        for text in [
            "",
            "B",
            "BMW makes cars, and this is text",
            "hello",
            "<html></html>",
        ] {
            assert_eq!(sniff(text.as_bytes()), Kind::Unknown, "{text:?}");
        }
    }
}
