//! Houses, plants, vehicles and other things.

use std::f32::consts::TAU;

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use super::canvas::{Canvas, DARK, WHITE, circle, ellipse, mix, shade};
use super::frame::Frame;
use super::palette::Named;
use super::shapes::{ball, heart};

pub(super) fn house(
    random: &mut ChaCha8Rng,
    canvas: &mut Canvas,
    f: Frame,
    wall: Named,
    roof: Named,
) -> String {
    let grass = f.at(0.0, 0.78).y;
    canvas.fill(|p| grass - p.y, [0.30, 0.58, 0.24]);
    canvas.fill(f.rectangle(0.0, 0.3, 0.68, 0.52), wall.colour);
    if random.random_bool(0.5) {
        canvas.fill(f.rectangle(0.42, -0.55, 0.1, 0.25), shade(roof.colour, 0.7));
    }
    canvas.fill(
        f.polygon(&[(-0.88, -0.2), (0.0, -0.9), (0.88, -0.2)]),
        roof.colour,
    );
    canvas.fill(f.rectangle(0.0, 0.54, 0.16, 0.28), shade(roof.colour, 0.6));
    for x in [-0.42, 0.42] {
        canvas.fill(f.rectangle(x, 0.2, 0.17, 0.17), WHITE);
        canvas.fill(f.rectangle(x, 0.2, 0.12, 0.12), [0.55, 0.75, 0.9]);
    }
    format!("a {} house with a {} roof", wall.name, roof.name)
}

pub(super) fn flower(
    random: &mut ChaCha8Rng,
    canvas: &mut Canvas,
    f: Frame,
    petal: Named,
    heart: Named,
) -> String {
    let stem = [0.18, 0.50, 0.20];
    canvas.fill(f.line((0.0, -0.2), (0.05, 1.0), 0.1), stem);
    canvas.fill(f.ellipse(0.25, 0.6, 0.26, 0.1, -0.6), stem);
    canvas.fill(f.ellipse(-0.2, 0.72, 0.26, 0.1, 0.6), stem);
    let count = random.random_range(5..9);
    let centre = f.at(0.0, -0.3);
    for index in 0..count {
        let angle = TAU * index as f32 / count as f32;
        let place = centre.to(f.length(0.36), angle);
        let colour = shade(petal.colour, 0.9 + 0.2 * (index % 2) as f32);
        canvas.fill(ellipse(place, f.length(0.3), f.length(0.18), angle), colour);
    }
    canvas.fill(circle(centre, f.length(0.2)), heart.colour);
    format!("a {} flower with a {} centre", petal.name, heart.name)
}

pub(super) fn tree(random: &mut ChaCha8Rng, canvas: &mut Canvas, f: Frame, crown: Named) -> String {
    canvas.fill(
        f.polygon(&[(-0.12, 0.1), (0.12, 0.1), (0.18, 1.0), (-0.18, 1.0)]),
        [0.42, 0.27, 0.15],
    );
    let fir = random.random_bool(0.4);
    if fir {
        for (top, low, half) in [(-0.2, 0.6, 0.7), (-0.6, 0.15, 0.55), (-1.0, -0.3, 0.4)] {
            canvas.fill(
                f.polygon(&[(0.0, top), (half, low), (-half, low)]),
                shade(crown.colour, 0.8 - top * 0.2),
            );
        }
        return format!("a {} fir tree", crown.name);
    }
    for (x, y) in [(-0.35, -0.1), (0.35, -0.1), (0.0, -0.45), (0.0, 0.0)] {
        canvas.fill(f.circle(x, y, 0.42), shade(crown.colour, 0.9 - y * 0.3));
    }
    if random.random_bool(0.4) {
        for (x, y) in [(-0.4, -0.15), (0.05, -0.5), (0.38, -0.2), (0.0, 0.05)] {
            canvas.fill(f.circle(x, y, 0.09), [0.85, 0.15, 0.15]);
        }
        return format!("a {} tree with red apples", crown.name);
    }
    format!("a round {} tree", crown.name)
}

pub(super) fn car(canvas: &mut Canvas, f: Frame, body: Named, wheel: Named) -> String {
    let road = f.at(0.0, 0.55).y;
    canvas.fill(|p| road - p.y, [0.35, 0.35, 0.37]);
    canvas.fill(
        f.polygon(&[(-0.55, 0.0), (-0.35, -0.45), (0.25, -0.45), (0.5, 0.0)]),
        body.colour,
    );
    canvas.fill(
        f.polygon(&[(-0.42, 0.0), (-0.28, -0.35), (-0.05, -0.35), (-0.05, 0.0)]),
        [0.75, 0.88, 0.95],
    );
    canvas.fill(
        f.polygon(&[(0.03, 0.0), (0.03, -0.35), (0.2, -0.35), (0.37, 0.0)]),
        [0.75, 0.88, 0.95],
    );
    canvas.fill(f.rectangle(0.0, 0.2, 0.9, 0.22), body.colour);
    for x in [-0.5, 0.5] {
        canvas.fill(f.circle(x, 0.42, 0.22), DARK);
        canvas.fill(f.circle(x, 0.42, 0.11), wheel.colour);
    }
    canvas.fill(f.circle(0.82, 0.15, 0.08), [1.0, 0.95, 0.6]);
    format!("a {} car with {} wheels", body.name, wheel.name)
}

pub(super) fn boat(canvas: &mut Canvas, f: Frame, hull: Named, sail: Named) -> String {
    let water = f.at(0.0, 0.55).y;
    canvas.paint(
        |p| water - p.y,
        |p| {
            shade(
                [0.15, 0.40, 0.65],
                1.1 + 0.2 * (p.x * 30.0 + p.y * 60.0).sin(),
            )
        },
    );
    canvas.fill(f.line((0.0, -0.9), (0.0, 0.4), 0.07), [0.35, 0.22, 0.12]);
    canvas.fill(
        f.polygon(&[(0.08, -0.85), (0.08, 0.25), (0.75, 0.25)]),
        sail.colour,
    );
    canvas.fill(
        f.polygon(&[(-0.08, -0.6), (-0.08, 0.25), (-0.5, 0.25)]),
        shade(sail.colour, 0.85),
    );
    canvas.fill(
        f.polygon(&[(-0.8, 0.35), (0.85, 0.35), (0.55, 0.75), (-0.5, 0.75)]),
        hull.colour,
    );
    format!("a {} boat with a {} sail on the sea", hull.name, sail.name)
}

pub(super) fn mushroom(
    random: &mut ChaCha8Rng,
    canvas: &mut Canvas,
    f: Frame,
    cap: Named,
) -> String {
    let grass = f.at(0.0, 0.82).y;
    canvas.fill(|p| grass - p.y, [0.26, 0.50, 0.22]);
    canvas.fill(f.ellipse(0.0, 0.5, 0.26, 0.5, 0.0), [0.93, 0.89, 0.80]);
    let rim = f.at(0.0, 0.15).y;
    let dome = f.ellipse(0.0, 0.15, 0.85, 0.85, 0.0);
    canvas.fill(|p| dome(p).max(p.y - rim), cap.colour);
    if random.random_bool(0.7) {
        for (x, y, radius) in [
            (-0.4, -0.1, 0.12),
            (0.05, -0.4, 0.14),
            (0.42, -0.05, 0.1),
            (-0.05, -0.02, 0.08),
        ] {
            canvas.fill(f.circle(x, y, radius), WHITE);
        }
        return format!("a {} mushroom with white dots", cap.name);
    }
    format!("a plain {} mushroom", cap.name)
}

pub(super) fn cup(canvas: &mut Canvas, f: Frame, cup: Named, stripe: Named) -> String {
    canvas.fill(
        f.ellipse(0.0, 0.75, 0.9, 0.16, 0.0),
        shade(cup.colour, 0.75),
    );
    let handle = f.circle(0.6, 0.1, 0.26);
    let wall = f.length(0.08);
    canvas.fill(|p| handle(p).abs() - wall, shade(cup.colour, 0.85));
    canvas.paint(
        f.polygon(&[(-0.6, -0.35), (0.6, -0.35), (0.42, 0.72), (-0.42, 0.72)]),
        |p| shade(cup.colour, 1.0 - 0.5 * (p.x - f.centre.x) / f.size),
    );
    canvas.fill(
        f.polygon(&[(-0.55, 0.0), (0.55, 0.0), (0.51, 0.22), (-0.51, 0.22)]),
        stripe.colour,
    );
    canvas.fill(
        f.ellipse(0.0, -0.35, 0.6, 0.16, 0.0),
        shade(cup.colour, 0.8),
    );
    canvas.fill(f.ellipse(0.0, -0.33, 0.5, 0.11, 0.0), [0.30, 0.17, 0.09]);
    format!("a {} cup of coffee with a {} stripe", cup.name, stripe.name)
}

pub(super) fn balloon(
    random: &mut ChaCha8Rng,
    canvas: &mut Canvas,
    f: Frame,
    main: Named,
    second: Named,
) -> String {
    match random.random_range(0..3) {
        0 => {
            canvas.fill(f.line((0.0, 0.3), (0.1, 1.1), 0.04), DARK);
            canvas.fill(
                f.polygon(&[(-0.08, 0.42), (0.08, 0.42), (0.0, 0.28)]),
                main.colour,
            );
            let lamp = f.at(-0.2, -0.5);
            canvas.paint(f.ellipse(0.0, -0.25, 0.52, 0.62, 0.0), |p| {
                let away = p.from(lamp).length() / f.size;
                shade(
                    mix(main.colour, WHITE, (0.35 - away).clamp(0.0, 0.35)),
                    1.1 - 0.4 * away,
                )
            });
            format!("a {} balloon on a string", main.name)
        }
        1 => {
            ball(canvas, f.at(-0.35, 0.25), f.length(0.5), main.colour);
            ball(canvas, f.at(0.45, 0.45), f.length(0.32), second.colour);
            format!(
                "a large {} ball and a small {} ball",
                main.name, second.name
            )
        }
        _ => {
            canvas.fill(f.rectangle(0.0, 0.3, 0.7, 0.5), main.colour);
            canvas.fill(f.rectangle(0.0, -0.2, 0.8, 0.16), shade(main.colour, 0.85));
            canvas.fill(f.rectangle(0.0, 0.2, 0.1, 0.6), second.colour);
            heart(canvas, f.at(0.0, -0.55), f.length(0.3), second.colour);
            format!("a {} gift box with a {} ribbon", main.name, second.name)
        }
    }
}
