//! Surfaces: gradients, stripes, dots, clouds and other textures.

use std::f32::consts::{PI, TAU};

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use super::canvas::{Canvas, Colour, Point, at, circle, line, mix, rectangle};
use super::palette::{Named, any, other};

/// Smooth noise between 0 and 1, of so many waves across the canvas.
pub(super) struct Noise {
    grid: Vec<f32>,
    cells: usize,
}

impl Noise {
    pub(super) fn new(random: &mut ChaCha8Rng, cells: usize) -> Self {
        let grid = (0..(cells + 2) * (cells + 2)).map(|_| random.random_range(0.0..1.0));
        Self {
            grid: grid.collect(),
            cells,
        }
    }

    pub(super) fn value(&self, p: Point) -> f32 {
        let scaled = |x: f32| x.clamp(0.0, 1.0) * self.cells as f32;
        let (x, y) = (scaled(p.x), scaled(p.y));
        let (left, top) = (x as usize, y as usize);
        let smooth = |share: f32| share * share * (3.0 - 2.0 * share);
        let (across, down) = (smooth(x - left as f32), smooth(y - top as f32));
        let node = |dx, dy| self.grid[(top + dy) * (self.cells + 2) + left + dx];
        let row = |dy| node(0, dy) + (node(1, dy) - node(0, dy)) * across;
        row(0) + (row(1) - row(0)) * down
    }
}

/// Noise of several scales together.
pub(super) fn clouds(random: &mut ChaCha8Rng) -> impl Fn(Point) -> f32 + use<> {
    let first = random.random_range(2..5);
    let layers = [1, 2, 4].map(|factor| Noise::new(random, first * factor));
    move |p| {
        let [a, b, c] = [0, 1, 2].map(|i| layers[i].value(p));
        (a * 0.57 + b * 0.29 + c * 0.14 - 0.5) * 1.5 + 0.5
    }
}

/// From one colour to another, in some direction.
pub(super) fn gradient(
    random: &mut ChaCha8Rng,
    from: Colour,
    to: Colour,
) -> (impl Fn(Point) -> Colour + use<>, &'static str) {
    let kind = random.random_range(0..4);
    let centre = at(random.random_range(0.3..0.7), random.random_range(0.3..0.7));
    let reach = random.random_range(0.45..0.8);
    let word = ["vertical", "horizontal", "diagonal", "radial"][kind];
    let surface = move |p: Point| {
        let share = match kind {
            0 => p.y,
            1 => p.x,
            2 => (p.x + p.y) / 2.0,
            _ => p.from(centre).length() / reach,
        };
        mix(from, to, share.clamp(0.0, 1.0))
    };
    (surface, word)
}

/// A canvas covered in one of the surfaces, and its caption.
pub(super) fn surface(random: &mut ChaCha8Rng) -> (Canvas, String) {
    let first = any(random);
    let second = other(random, &[first]);
    match random.random_range(0..10) {
        0 => {
            let (colour, word) = gradient(random, first.colour, second.colour);
            let caption = format!("a {word} gradient from {} to {}", first.name, second.name);
            (Canvas::new(colour), caption)
        }
        1 | 2 => stripes(random, first, second),
        3 => checks(random, first, second),
        4 => dots(random, first, second),
        5 => rings(random, first, second),
        6 => {
            let noise = clouds(random);
            let canvas = Canvas::new(|p| mix(first.colour, second.colour, noise(p)));
            (canvas, format!("{} and {} clouds", first.name, second.name))
        }
        7 => wood(random, first, second),
        8 => mosaic(random),
        _ => cells(random, first, second),
    }
}

fn stripes(random: &mut ChaCha8Rng, first: Named, second: Named) -> (Canvas, String) {
    let kind = random.random_range(0..4);
    let (angle, word) = [
        (PI / 2.0, "horizontal stripes"),
        (0.0, "vertical stripes"),
        (PI / 4.0, "diagonal stripes"),
        (PI / 2.0, "waves"),
    ][kind];
    let count: f32 = random.random_range(2.0..8.0);
    let phase: f32 = random.random_range(0.0..1.0);
    let share = random.random_range(0.3..0.7);
    let sway = if kind == 3 {
        random.random_range(0.03..0.1)
    } else {
        0.0
    };
    let mut canvas = Canvas::new(|_| first.colour);
    canvas.fill(
        |p| {
            let bent = at(p.x, p.y + sway * (p.x * TAU * 2.0).sin());
            let across = bent.turned(angle).x * count + phase;
            ((across - across.floor() - 0.5).abs() - share / 2.0) / count
        },
        second.colour,
    );
    (canvas, format!("{} and {} {word}", first.name, second.name))
}

fn checks(random: &mut ChaCha8Rng, first: Named, second: Named) -> (Canvas, String) {
    let count = random.random_range(2..8) as f32;
    let mut canvas = Canvas::new(|_| first.colour);
    let wave = move |x: f32| {
        let x = x * count;
        let share = (x / 2.0).fract() * 2.0 - 1.0;
        (0.5 - share.abs()) / count
    };
    canvas.fill(
        |p| {
            let (x, y) = (wave(p.x + 0.5 / count), wave(p.y + 0.5 / count));
            let near = x.abs().min(y.abs());
            if x * y > 0.0 { -near } else { near }
        },
        second.colour,
    );
    (canvas, format!("{} and {} checks", first.name, second.name))
}

fn dots(random: &mut ChaCha8Rng, first: Named, second: Named) -> (Canvas, String) {
    let count = random.random_range(2..7) as f32;
    let radius = random.random_range(0.2..0.42) / count;
    let mut canvas = Canvas::new(|_| first.colour);
    canvas.fill(
        |p| {
            let middle = |x: f32| ((x * count).floor() + 0.5) / count;
            circle(at(middle(p.x), middle(p.y)), radius)(p)
        },
        second.colour,
    );
    (canvas, format!("{} dots on {}", second.name, first.name))
}

fn rings(random: &mut ChaCha8Rng, first: Named, second: Named) -> (Canvas, String) {
    let count: f32 = random.random_range(3.0..8.0);
    let centre = at(random.random_range(0.3..0.7), random.random_range(0.3..0.7));
    let rays = random.random_bool(0.4);
    let arms = random.random_range(4..10) as f32;
    let phase: f32 = random.random_range(0.0..TAU);
    let mut canvas = Canvas::new(|_| first.colour);
    canvas.fill(
        |p| {
            let from = p.from(centre);
            if rays {
                (from.y.atan2(from.x) * arms + phase).sin() * from.length() / arms
            } else {
                let along = from.length() * count;
                ((along - along.floor() - 0.5).abs() - 0.25) / count
            }
        },
        second.colour,
    );
    let word = if rays { "rays" } else { "rings" };
    (canvas, format!("{} and {} {word}", first.name, second.name))
}

fn wood(random: &mut ChaCha8Rng, first: Named, second: Named) -> (Canvas, String) {
    let noise = clouds(random);
    let count: f32 = random.random_range(2.0..6.0);
    let wooden = random.random_bool(0.5);
    let canvas = Canvas::new(|p| {
        let along = if wooden {
            p.x * count
        } else {
            (p.x + p.y) * count / 2.0
        };
        let share = ((along + noise(p) * 3.0) * PI).sin() * 0.5 + 0.5;
        mix(
            first.colour,
            second.colour,
            if wooden { share } else { share.powi(3) },
        )
    });
    let word = if wooden { "wood" } else { "marble" };
    (canvas, format!("{} and {} {word}", first.name, second.name))
}

fn mosaic(random: &mut ChaCha8Rng) -> (Canvas, String) {
    let mut canvas = Canvas::new(|_| [0.95; 3]);
    let mut colours = vec![any(random)];
    for _ in 0..2 {
        let next = other(random, &colours);
        colours.push(next);
    }
    let count = random.random_range(2..6);
    let gap = if random.random_bool(0.5) { 0.02 } else { 0.0 };
    let size = 1.0 / count as f32;
    for row in 0..count {
        for column in 0..count {
            let colour = colours[random.random_range(0..colours.len())].colour;
            let centre = at((column as f32 + 0.5) * size, (row as f32 + 0.5) * size);
            let half = at(size / 2.0 - gap, size / 2.0 - gap);
            canvas.fill(rectangle(centre, half, 0.0), colour);
        }
    }
    let [a, b, c] = [0, 1, 2].map(|i| colours[i].name);
    (canvas, format!("a mosaic of {a}, {b} and {c} squares"))
}

fn cells(random: &mut ChaCha8Rng, first: Named, second: Named) -> (Canvas, String) {
    let count = random.random_range(6..16);
    let mut point = || at(random.random_range(0.0..1.0), random.random_range(0.0..1.0));
    let centres: Vec<_> = (0..count).map(|_| point()).collect();
    let ends: Vec<_> = (0..count).map(|_| (point(), point())).collect();
    if random.random_bool(0.4) {
        let mut canvas = Canvas::new(|_| first.colour);
        for (from, to) in ends {
            canvas.fill(line(from, to, 0.03), second.colour);
        }
        return (canvas, format!("{} lines on {}", second.name, first.name));
    }
    let shades: Vec<f32> = (0..count).map(|_| random.random_range(0.0..1.0)).collect();
    let canvas = Canvas::new(|p| {
        let mut nearest = (f32::INFINITY, 0.0);
        for (centre, shade) in centres.iter().zip(&shades) {
            let distance = p.from(*centre).length();
            if distance < nearest.0 {
                nearest = (distance, *shade);
            }
        }
        mix(first.colour, second.colour, nearest.1)
    });
    (canvas, format!("{} and {} cells", first.name, second.name))
}
