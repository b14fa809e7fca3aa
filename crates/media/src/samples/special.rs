//! Files with something about them: metadata, other depths and colours, movement.

use std::io::Cursor;

use image::codecs::gif::GifEncoder;
use image::codecs::png::PngEncoder;
use image::metadata::Orientation;
use image::{
    DynamicImage, ExtendedColorType, Frame, ImageBuffer, ImageEncoder, ImageFormat, Rgb, RgbImage,
    Rgba, RgbaImage,
};
use moxcms::ColorProfile;

use super::{jpeg, png, webp};

/// A JPEG whose pixels lie as a camera held in another way stores them, with the EXIF orientation (1 to 8) that brings
/// them back to `upright`, and the place where it was taken (52° 30′ N, 13° 24′ E).
pub fn jpeg_rotated_with_gps(upright: &RgbImage, orientation: u8) -> Vec<u8> {
    let mut lying = DynamicImage::from(upright.clone());
    // What undoes each orientation: they are their own inverses but for the two quarter turns.
    let undo = match Orientation::from_exif(orientation) {
        Some(Orientation::Rotate90) => Orientation::Rotate270,
        Some(Orientation::Rotate270) => Orientation::Rotate90,
        Some(other) => other,
        None => Orientation::NoTransforms,
    };
    lying.apply_orientation(undo);
    let mut file = jpeg(&lying.into_rgb8(), 92);
    // Right after the start-of-image marker, where cameras put it.
    file.splice(2..2, exif_segment(orientation));
    file
}

/// An APP1 segment with orientation and position (EXIF 2.3, sections 4.5 and 4.6), big-endian.
fn exif_segment(orientation: u8) -> Vec<u8> {
    fn entry(tag: u16, kind: u16, count: u32, value: [u8; 4]) -> Vec<u8> {
        [
            &tag.to_be_bytes()[..],
            &kind.to_be_bytes(),
            &count.to_be_bytes(),
            &value,
        ]
        .concat()
    }
    fn degrees(degrees: u32, minutes: u32) -> Vec<u8> {
        [degrees, 1, minutes, 1, 0, 1]
            .map(u32::to_be_bytes)
            .concat()
    }
    const ASCII: u16 = 2;
    const SHORT: u16 = 3;
    const LONG: u16 = 4;
    const RATIONAL: u16 = 5;
    // Offsets from the TIFF header: 8 + directory of 2 entries (30) = 38; + directory of 4 entries (54) = 92.
    let (gps, latitude, longitude) = (38_u32, 92_u32, 116_u32);
    let tiff = [
        b"MM\0*\0\0\0\x08".to_vec(),
        2_u16.to_be_bytes().to_vec(),
        entry(0x0112, SHORT, 1, [0, orientation, 0, 0]),
        entry(0x8825, LONG, 1, gps.to_be_bytes()),
        vec![0; 4],
        4_u16.to_be_bytes().to_vec(),
        entry(1, ASCII, 2, *b"N\0\0\0"),
        entry(2, RATIONAL, 3, latitude.to_be_bytes()),
        entry(3, ASCII, 2, *b"E\0\0\0"),
        entry(4, RATIONAL, 3, longitude.to_be_bytes()),
        vec![0; 4],
        degrees(52, 30),
        degrees(13, 24),
    ]
    .concat();
    let length = u16::try_from(tiff.len() + 8).expect("a few hundred bytes");
    [&[0xFF, 0xE1][..], &length.to_be_bytes(), b"Exif\0\0", &tiff].concat()
}

/// The picture as PNG, wholly transparent in a circle in the middle (where the hidden colour is black) and half
/// transparent in the top left quarter.
pub fn transparent_png(picture: &RgbImage) -> Vec<u8> {
    let (width, height) = picture.dimensions();
    let image = RgbaImage::from_fn(width, height, |x, y| {
        let [red, green, blue] = picture.get_pixel(x, y).0;
        let (dx, dy) = (x.abs_diff(width / 2), y.abs_diff(height / 2));
        if dx * dx + dy * dy < (width.min(height) / 4).pow(2) {
            Rgba([0, 0, 0, 0])
        } else if x < width / 2 && y < height / 2 {
            Rgba([red, green, blue, 128])
        } else {
            Rgba([red, green, blue, 255])
        }
    });
    encode(&image.into(), ImageFormat::Png)
}

/// The picture as PNG with 16 bits a channel.
pub fn sixteen_bit_png(picture: &RgbImage) -> Vec<u8> {
    let (width, height) = picture.dimensions();
    let image = ImageBuffer::from_fn(width, height, |x, y| {
        Rgb(picture.get_pixel(x, y).0.map(|c| u16::from(c) * 257))
    });
    encode(&DynamicImage::ImageRgb16(image), ImageFormat::Png)
}

/// The picture as PNG with its values declared to be Display P3, as screenshots of phones are: the same numbers mean
/// more saturated colours than in sRGB.
pub fn display_p3_png(picture: &RgbImage) -> Vec<u8> {
    let profile = ColorProfile::new_display_p3()
        .encode()
        .expect("a built-in profile can be written");
    let mut out = Vec::new();
    let mut encoder = PngEncoder::new(&mut out);
    encoder
        .set_icc_profile(profile)
        .expect("PNG takes profiles");
    encoder
        .write_image(
            picture,
            picture.width(),
            picture.height(),
            ExtendedColorType::Rgb8,
        )
        .expect("RGB can be written as PNG");
    out
}

/// A GIF of one frame.
pub fn still_gif(picture: &RgbImage) -> Vec<u8> {
    gif([picture])
}

/// A GIF of two frames.
pub fn animated_gif(first: &RgbImage, second: &RgbImage) -> Vec<u8> {
    gif([first, second])
}

fn gif<'a>(frames: impl IntoIterator<Item = &'a RgbImage>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut out, 30);
    for frame in frames {
        let frame = Frame::new(DynamicImage::from(frame.clone()).into_rgba8());
        encoder
            .encode_frame(frame)
            .expect("frames can be written as GIF");
    }
    drop(encoder);
    out
}

/// An animated PNG: a still one that says, before its pixels, that frames follow.
pub fn animated_png(picture: &RgbImage) -> Vec<u8> {
    let (width, height) = picture.dimensions();
    // acTL: frames, loops. fcTL: sequence number, size, offset, delay, disposal, blending (APNG 1.0).
    let control = [1_u32, 0].map(u32::to_be_bytes).concat();
    let frame = [
        &[0, width, height, 0, 0].map(u32::to_be_bytes).concat()[..],
        &[0, 1, 0, 10, 0, 0],
    ]
    .concat();
    let mut file = png(picture);
    // After the signature and IHDR.
    file.splice(
        33..33,
        [png_chunk(*b"acTL", &control), png_chunk(*b"fcTL", &frame)].concat(),
    );
    file
}

/// An animated WebP of two frames (RFC 9649, section 2.7.1.1).
pub fn animated_webp(picture: &RgbImage) -> Vec<u8> {
    fn chunk(name: &[u8; 4], payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).expect("small");
        let mut chunk = [&name[..], &length.to_le_bytes(), payload].concat();
        chunk.resize(chunk.len().next_multiple_of(2), 0);
        chunk
    }
    fn u24(value: u32) -> Vec<u8> {
        value.to_le_bytes()[..3].to_vec()
    }
    const ANIMATION: u8 = 0x02;
    let size = [u24(picture.width() - 1), u24(picture.height() - 1)].concat();
    // Behind "RIFF", size and "WEBP" the still file is one chunk of pixels.
    let pixels = webp(picture)[12..].to_vec();
    let frame = chunk(
        b"ANMF",
        &[u24(0), u24(0), size.clone(), u24(100), vec![0], pixels].concat(),
    );
    let body = [
        b"WEBP".to_vec(),
        chunk(b"VP8X", &[vec![ANIMATION, 0, 0, 0], size].concat()),
        chunk(b"ANIM", &[0; 6]),
        frame.clone(),
        frame,
    ]
    .concat();
    chunk(b"RIFF", &body)
}

/// A PNG chunk with its checksum.
pub(super) fn png_chunk(name: [u8; 4], payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("small");
    let named = [&name[..], payload].concat();
    let sum = crc32(&named);
    [&length.to_be_bytes()[..], &named, &sum.to_be_bytes()].concat()
}

/// The checksum of PNG's chunks (PNG, annex D), bit by bit: chunks here are short.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| {
            if sum & 1 == 1 {
                sum >> 1 ^ 0xEDB8_8320
            } else {
                sum >> 1
            }
        })
    })
}

fn encode(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture
        .write_to(&mut out, format)
        .expect("pictures can be written to memory");
    out.into_inner()
}
