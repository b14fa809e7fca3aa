//! Sky, something far, something near.

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use super::canvas::{Canvas, WHITE, at, circle, mix, polygon, rectangle, shade, star};
use super::pattern::{Noise, clouds};

pub(super) fn landscape(random: &mut ChaCha8Rng) -> (Canvas, String) {
    let (sky, low, time) = [
        ([0.30, 0.58, 0.92], [0.80, 0.90, 0.97], "day"),
        ([0.95, 0.45, 0.25], [0.98, 0.80, 0.45], "sunset"),
        ([0.03, 0.05, 0.16], [0.15, 0.18, 0.38], "night"),
        ([0.62, 0.66, 0.70], [0.82, 0.84, 0.85], "fog"),
    ][random.random_range(0..4)];
    let horizon = random.random_range(0.45..0.75);
    let mut canvas = Canvas::new(|p| mix(sky, low, p.y / horizon));
    let lamp = at(
        random.random_range(0.15..0.85),
        random.random_range(0.12..0.35),
    );
    let size = random.random_range(0.06..0.13);
    match time {
        "night" => {
            for _ in 0..12 {
                let spot = at(
                    random.random_range(0.0..1.0),
                    random.random_range(0.0..horizon),
                );
                canvas.fill(circle(spot, 0.009), WHITE);
            }
            canvas.fill(circle(lamp, size), [0.95, 0.93, 0.80]);
        }
        "fog" => {}
        _ => canvas.fill(circle(lamp, size), [1.0, 0.90, 0.45]),
    }
    let (word, near) = match random.random_range(0..5) {
        0 => {
            let count = random.random_range(2..5);
            for index in 0..count {
                let x = random.random_range(0.0..1.0);
                let top = random.random_range(0.15..horizon - 0.15);
                let half = random.random_range(0.25..0.5);
                let rock = shade([0.40, 0.42, 0.50], 0.7 + 0.15 * index as f32);
                let peak = at(x, top);
                canvas.fill(
                    polygon(vec![peak, at(x + half, 1.0), at(x - half, 1.0)]),
                    rock,
                );
                let snow = polygon(vec![
                    peak,
                    at(x + half * 0.2, top + 0.16),
                    at(x - half * 0.2, top + 0.16),
                ]);
                canvas.fill(snow, WHITE);
            }
            ("snowy mountains", [0.25, 0.42, 0.22])
        }
        1 => {
            canvas.paint(
                |p| horizon - p.y,
                |p| {
                    shade(
                        [0.10, 0.36, 0.60],
                        1.0 + 0.15 * (p.y * 90.0 + (p.x * 14.0).sin() * 2.0).sin(),
                    )
                },
            );
            ("the sea", [0.87, 0.78, 0.55])
        }
        2 => {
            for _ in 0..random.random_range(4..9) {
                let x = random.random_range(0.0..1.0);
                let size = random.random_range(0.08..0.18);
                let foot = at(x, horizon + size * 0.3);
                canvas.fill(
                    star(at(foot.x, foot.y - size), size * 1.6, 3, 0.5, 0.0),
                    [0.10, 0.32, 0.18],
                );
            }
            ("a forest", [0.22, 0.40, 0.18])
        }
        3 => {
            for index in 0..6 {
                let top = random.random_range(0.2..horizon);
                let x = 0.08 + index as f32 * 0.17;
                let tone = random.random_range(0.25..0.6);
                canvas.fill(
                    rectangle(at(x, (top + 1.0) / 2.0), at(0.08, (1.0 - top) / 2.0), 0.0),
                    [tone, tone, tone * 1.1],
                );
                for row in 0..6 {
                    let window = at(x, top + 0.06 + row as f32 * 0.1);
                    canvas.fill(rectangle(window, at(0.045, 0.02), 0.0), [0.95, 0.88, 0.55]);
                }
            }
            ("a city", [0.30, 0.30, 0.32])
        }
        _ => ("hills", [0.35, 0.60, 0.25]),
    };
    let hills = Noise::new(random, 3);
    let texture = clouds(random);
    let dim = if time == "night" { 0.4 } else { 1.0 };
    let start = if word == "the sea" {
        horizon + (1.0 - horizon) * 0.6
    } else {
        horizon
    };
    canvas.paint(
        |p| start + 0.12 * (hills.value(at(p.x, 0.5)) - 0.3) - p.y,
        |p| shade(near, dim * (0.8 + 0.4 * texture(p))),
    );
    (canvas, format!("a landscape with {word} at {time}"))
}
