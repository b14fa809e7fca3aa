//! A small data set of one subject that the base model does not know: a rainbow lorikeet.
//!
//! For tests, measurements and trying out: the way a person's own pictures would look, had the
//! person drawn them.

use rand::Rng as _;

use super::canvas::{Canvas, Colour, Point, at, mix, shade};
use super::frame::Frame;
use super::palette::any;
use super::pattern::clouds;
use super::{Drawing, Purpose, stream};

const HEAD: Colour = [0.15, 0.25, 0.75];
const BREAST: Colour = [0.95, 0.45, 0.10];
const WING: Colour = [0.20, 0.65, 0.22];
const COLLAR: Colour = [0.75, 0.88, 0.25];
const BEAK: Colour = [0.88, 0.12, 0.10];

/// So many pictures of one bird, in different places, before different grounds, with captions
/// that describe what differs.
#[must_use]
pub fn draw_lorikeets(seed: u64, count: usize) -> Vec<Drawing> {
    (0..count as u64)
        .map(|index| lorikeet(seed, index))
        .collect()
}

fn lorikeet(seed: u64, index: u64) -> Drawing {
    // A series apart from the base model's.
    let random = &mut stream(seed, Purpose::Drawing, (1 << 40) | index);
    let ground = any(random);
    let noise = clouds(random);
    let dark = shade(ground.colour, 0.75);
    let mut canvas = Canvas::new(|p| mix(ground.colour, dark, noise(p)));
    let mirrored = random.random_bool(0.5);
    let frame = Frame {
        centre: at(
            random.random_range(0.44..0.56),
            random.random_range(0.46..0.56),
        ),
        size: random.random_range(0.75..0.95),
        mirrored,
    };
    bird(&mut canvas, frame);
    let side = if mirrored { "left" } else { "right" };
    Drawing {
        picture: canvas.finish(),
        caption: format!(
            "a bird on a branch facing {side}, {} background",
            ground.name
        ),
    }
}

fn bird(canvas: &mut Canvas, f: Frame) {
    canvas.fill(f.line((-1.3, 0.74), (1.3, 0.66), 0.16), [0.36, 0.24, 0.15]);
    canvas.fill(
        f.polygon(&[(-0.3, 0.35), (-0.98, 0.9), (-0.8, 1.02), (-0.1, 0.6)]),
        shade(WING, 0.8),
    );
    let throat = f.at(0.25, 0.0);
    canvas.paint(f.ellipse(0.05, 0.18, 0.6, 0.46, -0.7), |p: Point| {
        mix(
            BREAST,
            [0.98, 0.80, 0.15],
            (p.from(throat).length() / f.size).min(1.0),
        )
    });
    canvas.fill(f.ellipse(-0.2, 0.2, 0.55, 0.27, -0.75), WING);
    canvas.fill(f.ellipse(0.3, -0.22, 0.3, 0.14, 0.3), COLLAR);
    canvas.fill(f.circle(0.38, -0.45, 0.34), HEAD);
    canvas.fill(
        f.polygon(&[(0.64, -0.62), (0.98, -0.42), (0.78, -0.2), (0.66, -0.3)]),
        BEAK,
    );
    canvas.fill(f.circle(0.46, -0.52, 0.09), [0.9, 0.3, 0.1]);
    canvas.fill(f.circle(0.46, -0.52, 0.05), [0.05; 3]);
    for x in [0.0, 0.2] {
        canvas.fill(f.line((x, 0.55), (x + 0.04, 0.72), 0.08), [0.3, 0.3, 0.32]);
    }
}
