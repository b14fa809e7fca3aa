//! Several pictures as one: a message has room for one.

use crate::canvas::{Area, Canvas};
use crate::{MAX_HEIGHT, MAX_WIDTH, Picture, Scheme};

/// Puts pictures below one another, each in the middle: the bytes of a PNG, at most [`MAX_WIDTH`] by [`MAX_HEIGHT`] pixels.
///
/// Wider ones, and all of them where they are too high together, are made smaller. Without any, a pixel of the ground.
pub fn stacked(pictures: &[Picture<'_>], scheme: Scheme) -> Vec<u8> {
    let fitting = |most: u32, scale: f64| -> Vec<(u32, u32)> {
        let sides = pictures.iter().map(|picture| {
            let (width, height) = picture.inside(most.min(picture.width()), MAX_HEIGHT);
            let smaller = |side: u32| ((f64::from(side) * scale).floor() as u32).max(1);
            (smaller(width), smaller(height))
        });
        sides.collect()
    };
    let whole: u64 = fitting(MAX_WIDTH, 1.0)
        .iter()
        .map(|(_, height)| u64::from(*height))
        .sum();
    let scale = (f64::from(MAX_HEIGHT) / (whole.max(1) as f64)).min(1.0);
    let sizes = fitting(MAX_WIDTH, scale);
    let width = sizes.iter().map(|(width, _)| *width).max().unwrap_or(1);
    let height: u32 = sizes.iter().map(|(_, height)| *height).sum();
    let mut canvas = Canvas::new(width, height, scheme.colours().surface);
    let mut top = 0;
    for (picture, (across, down)) in pictures.iter().zip(sizes) {
        let area = Area::new(
            ((width - across) / 2) as f32,
            top as f32,
            across as f32,
            down as f32,
        );
        canvas.picture(picture, area, 0.0);
        top += down;
    }
    canvas.png()
}
