//! What a picture looks like, in numbers: how sharp it is, whether it has bars, and a hash that likens it to others.

use image::{GrayImage, RgbImage, imageops};
use serde::{Deserialize, Serialize};

use super::Warning;
use super::normalise::fit;

/// Below this a picture counts as blurred: the variance of the Laplacian in the sharpest of 16 tiles, with the picture
/// brought to 512 pixels.
///
/// Picked by looking at the photos that scikit-image and scikit-learn ship for their examples, 20 in focus and of at
/// least 256 pixels: as they are, the softest has 116 and half have more than 2,900; after a Gaussian blur of 0.4 % of
/// the long side all but two (silhouettes without a halftone) have less than 50; after one of 0.6 % all have at most
/// 10. Smooth gradients without a single edge count as blurred too: it is a warning, not a verdict.
pub const BLUR_THRESHOLD: u32 = 60;

/// Side in pixels that pictures are brought to before sharpness is measured: the variance depends on the size.
const SHARPNESS_SIDE: u32 = 512;

/// Tiles per side for sharpness.
const TILES: u32 = 4;

/// What a picture looks like: 64 bits, each telling whether a cell of a 9×8 grid is brighter than its right
/// neighbour ("difference hash"). Scaling, recompression and mild colour changes leave most bits alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DHash(pub u64);

impl DHash {
    pub(super) fn of(pixels: &RgbImage) -> Self {
        let cells = imageops::grayscale(&imageops::thumbnail(pixels, 9, 8));
        let mut bits = 0;
        for row in cells.rows() {
            let row: Vec<u8> = row.map(|cell| cell.0[0]).collect();
            for pair in row.windows(2) {
                bits = bits << 1 | u64::from(pair[0] > pair[1]);
            }
        }
        Self(bits)
    }

    /// In how many of 64 bits the two differ.
    pub fn hamming(self, other: Self) -> u32 {
        (self.0 ^ other.0).count_ones()
    }
}

/// Bars along the sides, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bars {
    left: u32,
    top: u32,
    right: u32,
    bottom: u32,
}

impl Bars {
    /// What is left without them: where it begins and how large it is, of a picture of this size.
    pub(super) fn inside(self, (width, height): (u32, u32)) -> (u32, u32, u32, u32) {
        let left_over = |side: u32, begin: u32, end: u32| side.saturating_sub(begin + end).max(1);
        (
            self.left,
            self.top,
            left_over(width, self.left, self.right),
            left_over(height, self.top, self.bottom),
        )
    }

    pub(super) fn warning(self) -> Option<Warning> {
        let Self {
            left,
            top,
            right,
            bottom,
        } = self;
        (self != Self::default()).then_some(Warning::Letterboxed {
            left,
            top,
            right,
            bottom,
        })
    }
}

/// Finds uniform bars: lines of one colour from the edge inwards that end at a hard border. A subject on a plain
/// background has uniform lines too, but where they end most of the line goes on being background.
pub(super) fn letterbox(pixels: &RgbImage) -> Bars {
    let (width, height) = pixels.dimensions();
    let row = |y: u32| (0..width).map(move |x| pixels.get_pixel(x, y).0);
    let top = bar(height, row);
    let bottom = bar(height, |y| row(height - 1 - y));
    let content = top..height - bottom;
    let column = |x: u32| content.clone().map(move |y| pixels.get_pixel(x, y).0);
    let left = bar(width, column);
    let right = bar(width, |x| column(width - 1 - x));
    Bars {
        left,
        top,
        right,
        bottom,
    }
}

/// Length of the bar that begins with line 0, or 0 when there is none. `line(i)` yields the i-th line's pixels.
fn bar<L: Iterator<Item = [u8; 3]>>(lines: u32, line: impl Fn(u32) -> L) -> u32 {
    /// Recompression makes a flat bar uneven by about this much a channel.
    const TOLERANCE: u8 = 12;
    /// A pixel this far from the bar's colour is not the bar's.
    const OTHER: u8 = 24;
    /// A border is smeared over no more lines than a JPEG block with halved colours has.
    const SMEAR: u32 = 16;
    /// Bars thinner than this share of the side are trimmed by any trainer's crop.
    const MIN_SHARE: u32 = 50;

    let Some(colour) = line(0).next() else {
        return 0;
    };
    let far = |pixel: [u8; 3], tolerance: u8| {
        pixel
            .iter()
            .zip(colour)
            .any(|(&a, b)| a.abs_diff(b) > tolerance)
    };
    // Half the side at most: a picture that is one flat colour has no bars.
    let uniform = (0..lines / 2)
        .take_while(|&i| !line(i).any(|pixel| far(pixel, TOLERANCE)))
        .count();
    let length = u32::try_from(uniform).unwrap_or(lines);
    if length < (lines / MIN_SHARE).max(4) || length >= lines / 2 {
        return 0;
    }
    let hard = (length..(length + SMEAR).min(lines)).any(|i| {
        let (mut other, mut all) = (0_u32, 0_u32);
        for pixel in line(i) {
            all += 1;
            other += u32::from(far(pixel, OTHER));
        }
        2 * other > all
    });
    if hard { length } else { 0 }
}

/// Variance of the Laplacian in the sharpest of 4×4 tiles, bars left out. The sharpest, because a portrait before a
/// blurred background is sharp where it matters.
pub(super) fn sharpness(pixels: &RgbImage, bars: &Bars) -> u32 {
    let (width, height) = (
        pixels.width() - bars.left - bars.right,
        pixels.height() - bars.top - bars.bottom,
    );
    let content = imageops::crop_imm(pixels, bars.left, bars.top, width, height);
    let (width, height) = fit(width, height, SHARPNESS_SIDE);
    let grey = imageops::grayscale(&imageops::thumbnail(&*content, width, height));
    let tiles = (0..TILES).flat_map(|row| (0..TILES).map(move |column| (row, column)));
    tiles
        .map(|(row, column)| {
            let span = |i: u32, length: u32| i * length / TILES..(i + 1) * length / TILES;
            laplacian_variance(&grey, span(column, width), span(row, height))
        })
        .max()
        .unwrap_or(0)
}

fn laplacian_variance(
    grey: &GrayImage,
    columns: std::ops::Range<u32>,
    rows: std::ops::Range<u32>,
) -> u32 {
    let at = |x: u32, y: u32| i64::from(grey.get_pixel(x, y).0[0]);
    let (mut sum, mut squares, mut count) = (0_i64, 0_i64, 0_i64);
    for y in rows.start.max(1)..rows.end.min(grey.height() - 1) {
        for x in columns.start.max(1)..columns.end.min(grey.width() - 1) {
            let value = at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4 * at(x, y);
            sum += value;
            squares += value * value;
            count += 1;
        }
    }
    if count == 0 {
        return 0;
    }
    let variance = (squares - sum * sum / count) / count;
    u32::try_from(variance).unwrap_or(u32::MAX)
}
