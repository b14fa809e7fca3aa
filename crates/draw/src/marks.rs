//! Small signs: what a place's state is, to who cannot tell colours apart, and what a line of a chart ends in.

use tiny_skia::{Path, PathBuilder};

use crate::canvas::{Area, Canvas, line};
use crate::colour::Colour;

/// A tick in a circle of `radius` around the middle.
pub(crate) fn tick(canvas: &mut Canvas, (x, y): (f32, f32), radius: f32, colour: Colour) {
    let at = |right: f32, down: f32| (x + right * radius, y + down * radius);
    let path = line([at(-0.44, 0.04), at(-0.12, 0.36), at(0.44, -0.32)]);
    canvas.stroke(path, colour, radius * 0.24);
}

/// An exclamation mark in a circle of `radius` around the middle.
pub(crate) fn alarm(canvas: &mut Canvas, (x, y): (f32, f32), radius: f32, colour: Colour) {
    let stem = line([(x, y - radius * 0.52), (x, y + radius * 0.1)]);
    canvas.stroke(stem, colour, radius * 0.26);
    canvas.disc(x, y + radius * 0.52, radius * 0.16, colour);
}

/// An arrow down into a tray, `size` pixels wide and high around the middle: on its way.
pub(crate) fn incoming(canvas: &mut Canvas, (x, y): (f32, f32), size: f32, colour: Colour) {
    let at = |right: f32, down: f32| (x + right * size, y + down * size);
    let width = size * 0.1;
    canvas.stroke(line([at(0.0, -0.45), at(0.0, 0.12)]), colour, width);
    canvas.stroke(
        line([at(-0.22, -0.1), at(0.0, 0.12), at(0.22, -0.1)]),
        colour,
        width,
    );
    let tray = [
        at(-0.45, 0.14),
        at(-0.45, 0.42),
        at(0.45, 0.42),
        at(0.45, 0.14),
    ];
    canvas.stroke(line(tray), colour, width);
}

/// Hills under a sun in a frame, `size` pixels wide: a picture that is not shown.
pub(crate) fn landscape(canvas: &mut Canvas, (x, y): (f32, f32), size: f32, colour: Colour) {
    let at = |right: f32, down: f32| (x + right * size, y + down * size);
    let width = size * 0.08;
    let frame = Area::new(x - size * 0.5, y - size * 0.4, size, size * 0.8);
    canvas.stroke(frame.rounded(size * 0.12), colour, width);
    let hills = [
        at(-0.34, 0.22),
        at(-0.1, -0.06),
        at(0.06, 0.12),
        at(0.2, 0.0),
        at(0.36, 0.22),
    ];
    canvas.stroke(line(hills), colour, width);
    canvas.disc(x + size * 0.2, y - size * 0.18, size * 0.08, colour);
}

/// What a line of a chart ends in, so that lines can be told apart without colours: a disc, a square, a diamond, a triangle,
/// and again.
pub(crate) fn point(number: usize, x: f32, y: f32, radius: f32) -> Option<Path> {
    let corners: &[(f32, f32)] = match number % 4 {
        0 => return PathBuilder::from_circle(x, y, radius),
        1 => &[(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)],
        2 => &[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)],
        _ => &[(0.0, -1.2), (1.15, 0.85), (-1.15, 0.85)],
    };
    let mut path = PathBuilder::new();
    for (place, (right, down)) in corners.iter().enumerate() {
        let (x, y) = (x + right * radius, y + down * radius);
        if place == 0 {
            path.move_to(x, y);
        } else {
            path.line_to(x, y);
        }
    }
    path.close();
    path.finish()
}
