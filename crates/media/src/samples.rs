//! Pictures drawn from a seed, and files that are wrong on purpose: what tests feed to pictures' intake.
//!
//! The same arguments give the same bytes on every machine. Different seeds give pictures that no near-duplicate
//! check confuses.
#![expect(
    clippy::expect_used,
    reason = "encoding a picture of our own into memory cannot fail, and this is never in a shipped binary"
)]

mod broken;
mod draw;
mod special;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageFormat, RgbImage};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

pub use broken::{
    png_bomb, png_flat_bomb, renamed_text, tiny, truncated_jpeg, truncated_png, truncated_webp,
};
pub use draw::{blurred, letterboxed, near_duplicate, picture};
pub use special::{
    animated_gif, animated_png, animated_webp, display_p3_png, jpeg_rotated_with_gps,
    sixteen_bit_png, still_gif, transparent_png,
};

/// The picture as PNG.
pub fn png(picture: &RgbImage) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture
        .write_to(&mut out, ImageFormat::Png)
        .expect("RGB can be written as PNG");
    out.into_inner()
}

/// The picture as JPEG, quality 1 to 100.
pub fn jpeg(picture: &RgbImage, quality: u8) -> Vec<u8> {
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, quality)
        .encode_image(picture)
        .expect("RGB can be written as JPEG");
    out
}

/// The picture as lossless WebP.
pub fn webp(picture: &RgbImage) -> Vec<u8> {
    let mut out = Vec::new();
    WebPEncoder::new_lossless(&mut out)
        .write_image(
            picture,
            picture.width(),
            picture.height(),
            ExtendedColorType::Rgb8,
        )
        .expect("RGB can be written as WebP");
    out
}

/// A zip archive of files by name, deflated.
pub fn zip<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive
            .start_file(name, SimpleFileOptions::default())
            .and_then(|()| Ok(archive.write_all(bytes)?))
            .expect("a zip can be written to memory");
    }
    archive
        .finish()
        .expect("a zip can be written to memory")
        .into_inner()
}
