//! One to several plain shapes on a ground.

use std::f32::consts::TAU;

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use super::canvas::{
    Canvas, Colour, Point, at, circle, ellipse, line, mix, polygon, rectangle, shade, star,
};
use super::palette::{Named, any, other};
use super::pattern::{clouds, gradient};

const SHAPES: [&str; 14] = [
    "circle", "square", "triangle", "star", "ring", "heart", "cross", "diamond", "moon", "hexagon",
    "ball", "oval", "bar", "drop",
];

/// A ground, and words for it.
pub(super) fn ground(random: &mut ChaCha8Rng) -> (Canvas, String, Named) {
    let first = any(random);
    match random.random_range(0..5) {
        0 => {
            let second = other(random, &[first]);
            let (colour, _) = gradient(random, first.colour, mix(first.colour, second.colour, 0.6));
            let words = format!("{} and {} background", first.name, second.name);
            (Canvas::new(colour), words, first)
        }
        1 => {
            let noise = clouds(random);
            let darker = shade(first.colour, 0.7);
            let canvas = Canvas::new(|p| mix(first.colour, darker, noise(p)));
            (canvas, format!("cloudy {} background", first.name), first)
        }
        _ => (
            Canvas::new(|_| first.colour),
            format!("{} background", first.name),
            first,
        ),
    }
}

/// Paints a shape by its place in [`SHAPES`].
fn paint(canvas: &mut Canvas, shape: usize, centre: Point, size: f32, angle: f32, colour: Colour) {
    match SHAPES[shape] {
        "circle" => canvas.fill(circle(centre, size), colour),
        "square" => canvas.fill(
            rectangle(centre, at(size * 0.85, size * 0.85), angle * 0.3),
            colour,
        ),
        "triangle" => canvas.fill(star(centre, size, 3, 0.5, angle * 0.5), colour),
        "star" => canvas.fill(star(centre, size * 1.1, 5, 0.42, angle), colour),
        "ring" => canvas.fill(|p| circle(centre, size * 0.8)(p).abs() - size * 0.2, colour),
        "heart" => heart(canvas, centre, size, colour),
        "cross" => {
            canvas.fill(rectangle(centre, at(size, size * 0.3), angle * 0.3), colour);
            canvas.fill(rectangle(centre, at(size * 0.3, size), angle * 0.3), colour);
        }
        "diamond" => canvas.fill(star(centre, size * 1.1, 2, 0.65, 0.0), colour),
        "moon" => {
            let bite = circle(centre.to(size * 0.55, angle), size * 0.85);
            canvas.fill(|p| circle(centre, size)(p).max(-bite(p)), colour);
        }
        "hexagon" => canvas.fill(star(centre, size, 6, 0.866, angle), colour),
        "ball" => ball(canvas, centre, size, colour),
        "oval" => canvas.fill(ellipse(centre, size * 1.2, size * 0.6, angle), colour),
        "bar" => {
            let (from, to) = (centre.to(size, angle), centre.to(-size, angle));
            canvas.fill(line(from, to, size * 0.5), colour);
        }
        _ => {
            let top = at(centre.x, centre.y - size * 1.1);
            let low = at(centre.x, centre.y + size * 0.3);
            let side = size * 0.55;
            canvas.fill(circle(low, size * 0.65), colour);
            canvas.fill(
                polygon(vec![
                    top,
                    at(low.x + side, low.y - size * 0.3),
                    at(low.x - side, low.y - size * 0.3),
                ]),
                colour,
            );
        }
    }
}

/// A heart.
pub(super) fn heart(canvas: &mut Canvas, centre: Point, size: f32, colour: Colour) {
    let lobe = size * 0.52;
    let y = centre.y - size * 0.25;
    for x in [centre.x - lobe * 0.85, centre.x + lobe * 0.85] {
        canvas.fill(circle(at(x, y), lobe), colour);
    }
    let wide = lobe * 1.72;
    canvas.fill(
        polygon(vec![
            at(centre.x - wide, y + lobe * 0.45),
            at(centre.x, y - lobe * 0.2),
            at(centre.x + wide, y + lobe * 0.45),
            at(centre.x, centre.y + size * 0.95),
        ]),
        colour,
    );
}

/// A ball, lit from the upper left, with its shadow.
pub(super) fn ball(canvas: &mut Canvas, centre: Point, size: f32, colour: Colour) {
    let shadow = ellipse(
        at(centre.x + size * 0.2, centre.y + size * 0.95),
        size,
        size * 0.22,
        0.0,
    );
    canvas.fill(shadow, [0.12, 0.12, 0.14]);
    let lamp = centre.to(size * 0.5, 3.9);
    canvas.paint(circle(centre, size), |p| {
        let away = p.from(lamp).length() / size;
        let lit = mix(colour, [1.0; 3], (0.6 - away).clamp(0.0, 0.6));
        shade(lit, 1.15 - 0.45 * away)
    });
}

/// Shapes on a ground, and their caption.
pub(super) fn arrangement(random: &mut ChaCha8Rng) -> (Canvas, String) {
    let (mut canvas, words, ground) = ground(random);
    let shape = random.random_range(0..SHAPES.len());
    let angle = random.random_range(-0.5..0.5_f32)
        * if random.random_bool(0.5) {
            0.0
        } else {
            TAU / 4.0
        };
    let caption = match random.random_range(0..10) {
        // One, somewhere.
        0..5 => {
            let colour = other(random, &[ground]);
            let (size, size_word) = if random.random_bool(0.4) {
                (random.random_range(0.10..0.17), "small")
            } else {
                (random.random_range(0.22..0.4), "large")
            };
            let free = 0.5 - size;
            let centre = at(
                0.5 + random.random_range(-1.0..1.0_f32) * free * 0.9,
                0.5 + random.random_range(-1.0..1.0_f32) * free * 0.9,
            );
            paint(&mut canvas, shape, centre, size, angle, colour.colour);
            let place = place_word(centre);
            format!(
                "a {size_word} {} {} in the {place}, {words}",
                colour.name, SHAPES[shape]
            )
        }
        // Two unlike, side by side or one above the other.
        5..8 => {
            let next = (shape + random.random_range(1..SHAPES.len())) % SHAPES.len();
            let colour = other(random, &[ground]);
            let second = other(random, &[ground, colour]);
            let beside = random.random_bool(0.6);
            let size = random.random_range(0.14..0.22);
            let centres = if beside {
                [at(0.27, 0.5), at(0.73, 0.5)]
            } else {
                [at(0.5, 0.27), at(0.5, 0.73)]
            };
            paint(&mut canvas, shape, centres[0], size, angle, colour.colour);
            paint(&mut canvas, next, centres[1], size, angle, second.colour);
            let relation = if beside { "left of" } else { "above" };
            format!(
                "a {} {} {relation} a {} {}, {words}",
                colour.name, SHAPES[shape], second.name, SHAPES[next]
            )
        }
        // Many of a kind.
        _ => {
            let colour = other(random, &[ground]);
            let second = other(random, &[ground, colour]);
            let count = random.random_range(4..10);
            for index in 0..count {
                let centre = at(
                    random.random_range(0.08..0.92),
                    random.random_range(0.08..0.92),
                );
                let size = random.random_range(0.06..0.13);
                let turn = random.random_range(0.0..TAU);
                let chosen = if index % 2 == 0 { colour } else { second };
                paint(&mut canvas, shape, centre, size, turn, chosen.colour);
            }
            format!(
                "many {} and {} {}s, {words}",
                colour.name, second.name, SHAPES[shape]
            )
        }
    };
    (canvas, caption)
}

fn place_word(centre: Point) -> &'static str {
    let column = usize::from(centre.x > 0.42) + usize::from(centre.x > 0.58);
    let row = usize::from(centre.y > 0.42) + usize::from(centre.y > 0.58);
    [
        ["top left", "top", "top right"],
        ["left", "middle", "right"],
        ["bottom left", "bottom", "bottom right"],
    ][row][column]
}
