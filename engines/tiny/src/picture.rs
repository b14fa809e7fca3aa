//! A picture as the network sees it.

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

/// Width and height in pixels.
pub const SIDE: usize = 64;
/// Width and height of a patch in pixels.
pub(crate) const PATCH: usize = 8;
/// Patches in a picture.
pub(crate) const TOKENS: usize = (SIDE / PATCH) * (SIDE / PATCH);
/// Values in a patch.
pub(crate) const PATCH_VALUES: usize = PATCH * PATCH * 3;
/// Values in a picture.
pub(crate) const VALUES: usize = TOKENS * PATCH_VALUES;

/// 64 × 64 RGB, cut into patches of 8 × 8: patch by patch, row by row, `r g b`, each −1 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture(Vec<f32>);

impl Picture {
    /// The middle square of an image of any size, made smaller or larger to fit.
    #[must_use]
    pub fn from_image(image: &RgbImage) -> Self {
        let side = image.width().min(image.height());
        let (left, top) = ((image.width() - side) / 2, (image.height() - side) / 2);
        let square = imageops::crop_imm(image, left, top, side, side).to_image();
        let small = imageops::resize(&square, SIDE as u32, SIDE as u32, FilterType::CatmullRom);
        Self::from_pixels(|x, y| {
            let Rgb(channels) = *small.get_pixel(x as u32, y as u32);
            channels.map(|channel| f32::from(channel) / 255.0)
        })
    }

    /// From the colour, each channel 0 to 1, of every pixel.
    pub(crate) fn from_pixels(mut pixel: impl FnMut(usize, usize) -> [f32; 3]) -> Self {
        let mut values = vec![0.0; VALUES];
        for y in 0..SIDE {
            for x in 0..SIDE {
                let start = position(x, y);
                for (value, channel) in values[start..start + 3].iter_mut().zip(pixel(x, y)) {
                    *value = channel * 2.0 - 1.0;
                }
            }
        }
        Self(values)
    }

    /// From what the network made; values out of range are allowed.
    pub(crate) fn from_patches(patches: &[f32]) -> Self {
        let mut values = patches.to_vec();
        values.resize(VALUES, 0.0);
        Self(values)
    }

    /// Patch by patch.
    #[must_use]
    pub(crate) fn patches(&self) -> &[f32] {
        &self.0
    }

    /// As an image of 64 × 64.
    #[must_use]
    pub fn to_image(&self) -> RgbImage {
        RgbImage::from_fn(SIDE as u32, SIDE as u32, |x, y| {
            let start = position(x as usize, y as usize);
            let channel = |i: usize| {
                ((self.0[start + i] + 1.0) * 127.5)
                    .round()
                    .clamp(0.0, 255.0)
            };
            Rgb([0, 1, 2].map(|i| channel(i) as u8))
        })
    }

    /// As a square image, smoothly enlarged so that a person can see it.
    ///
    /// `side` in pixels, at least 1.
    #[must_use]
    pub fn to_image_of(&self, side: u32) -> RgbImage {
        imageops::resize(&self.to_image(), side, side, FilterType::CatmullRom)
    }

    /// Root of the mean squared difference; two pictures are at most 2 apart.
    #[must_use]
    pub fn distance(&self, other: &Self) -> f32 {
        let sum: f32 = self
            .0
            .iter()
            .zip(&other.0)
            .map(|(a, b)| (a.clamp(-1.0, 1.0) - b.clamp(-1.0, 1.0)).powi(2))
            .sum();
        (sum / VALUES as f32).sqrt()
    }
}

/// Where the three values of a pixel start.
fn position(x: usize, y: usize) -> usize {
    let patch = (y / PATCH) * (SIDE / PATCH) + x / PATCH;
    patch * PATCH_VALUES + ((y % PATCH) * PATCH + x % PATCH) * 3
}

/// How far pictures are from those they should be like: the mean, over `pictures`, of the
/// distance to the nearest of `dataset`. Both must not be empty; otherwise infinite or not a number.
#[must_use]
pub fn nearest_distance(pictures: &[Picture], dataset: &[Picture]) -> f32 {
    let sum: f32 = pictures
        .iter()
        .map(|picture| {
            dataset
                .iter()
                .map(|other| picture.distance(other))
                .fold(f32::INFINITY, f32::min)
        })
        .sum();
    sum / pictures.len() as f32
}

/// Pictures side by side, `columns` to a row, on white.
///
/// Each is `side` pixels wide with a gap of 4.
#[must_use]
pub fn grid(pictures: &[Picture], columns: usize, side: u32) -> RgbImage {
    const GAP: u32 = 4;
    let columns = columns.clamp(1, pictures.len().max(1)) as u32;
    let rows = (pictures.len() as u32).div_ceil(columns).max(1);
    let extent = |count: u32| count * (side + GAP) + GAP;
    let mut sheet = RgbImage::from_pixel(extent(columns), extent(rows), Rgb([255; 3]));
    for (index, picture) in (0_u32..).zip(pictures) {
        let (column, row) = (index % columns, index / columns);
        let (x, y) = (GAP + column * (side + GAP), GAP + row * (side + GAP));
        imageops::replace(&mut sheet, &picture.to_image_of(side), x.into(), y.into());
    }
    sheet
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spotted() -> RgbImage {
        RgbImage::from_fn(64, 64, |x, y| {
            Rgb([(x * 4) as u8, (y * 4) as u8, (x ^ y) as u8])
        })
    }

    #[test]
    fn an_image_of_the_right_size_survives() {
        assert_eq!(Picture::from_image(&spotted()).to_image(), spotted());
    }

    #[test]
    fn the_middle_of_a_wide_image_is_taken() {
        let wide = RgbImage::from_fn(300, 100, |x, _| {
            Rgb([if x.abs_diff(150) < 60 { 255 } else { 0 }; 3])
        });
        let picture = Picture::from_image(&wide).to_image();
        assert!(picture.pixels().all(|pixel| *pixel == Rgb([255; 3])));
    }

    #[test]
    fn distance_is_zero_to_itself_and_two_from_black_to_white() {
        let black = Picture::from_pixels(|_, _| [0.0; 3]);
        let white = Picture::from_pixels(|_, _| [1.0; 3]);
        assert_eq!(black.distance(&black), 0.0);
        assert_eq!(black.distance(&white), 2.0);
        let dataset = [black, white];
        assert_eq!(nearest_distance(&dataset[1..], &dataset), 0.0);
    }

    #[test]
    fn a_grid_has_room_for_all() {
        let picture = Picture::from_image(&spotted());
        assert_eq!(
            grid(&vec![picture; 5], 3, 64).dimensions(),
            (3 * 68 + 4, 2 * 68 + 4)
        );
    }
}
