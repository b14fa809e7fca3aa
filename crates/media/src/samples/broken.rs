//! Files that must be refused.

use std::io::Cursor;

use image::{GrayImage, ImageFormat};

use super::special::png_chunk;
use super::{jpeg, picture, png, webp};

/// The first two thirds of a JPEG, as a download that broke off leaves them.
pub fn truncated_jpeg(seed: u64) -> Vec<u8> {
    cut(jpeg(&picture(seed, 640, 480), 90))
}

/// The first two thirds of a PNG.
pub fn truncated_png(seed: u64) -> Vec<u8> {
    cut(png(&picture(seed, 640, 480)))
}

/// The first two thirds of a WebP.
pub fn truncated_webp(seed: u64) -> Vec<u8> {
    cut(webp(&picture(seed, 640, 480)))
}

fn cut(mut file: Vec<u8>) -> Vec<u8> {
    file.truncate(file.len() * 2 / 3);
    file
}

/// A PNG of a few bytes whose header declares `width` × `height` pixels that are not there.
pub fn png_bomb(width: u32, height: u32) -> Vec<u8> {
    let mut file = png(&picture(0, 8, 8));
    // IHDR's payload: width, height, depth, colour type and three more bytes, which stay.
    let header = [
        &width.to_be_bytes()[..],
        &height.to_be_bytes(),
        &file[24..29],
    ]
    .concat();
    file.splice(8..33, png_chunk(*b"IHDR", &header));
    file
}

/// A valid PNG of one flat grey, `side` × `side` pixels: a thousandth of its decoded size.
pub fn png_flat_bomb(side: u32) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    GrayImage::from_pixel(side, side, image::Luma([128]))
        .write_to(&mut out, ImageFormat::Png)
        .expect("grey can be written as PNG");
    out.into_inner()
}

/// A picture of 100×100 pixels: nothing to train on.
pub fn tiny() -> Vec<u8> {
    png(&picture(0, 100, 100))
}

/// Text that somebody called `cat.png`.
pub fn renamed_text() -> Vec<u8> {
    b"This is not a picture, whatever its name says.\n".to_vec()
}
