//! People, animals, and a robot.

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use super::canvas::{Canvas, Colour, DARK, WHITE, mix, shade};
use super::frame::Frame;
use super::palette::Named;

pub(super) fn face(
    random: &mut ChaCha8Rng,
    canvas: &mut Canvas,
    f: Frame,
    main: Named,
    hair: Named,
) -> String {
    let skins = [
        [0.96, 0.80, 0.68],
        [0.87, 0.67, 0.50],
        [0.62, 0.42, 0.28],
        [0.38, 0.25, 0.17],
    ];
    let person = random.random_bool(0.6);
    let skin = if person {
        skins[random.random_range(0..skins.len())]
    } else {
        main.colour
    };
    if person {
        canvas.fill(f.circle(0.0, -0.12, 0.82), hair.colour);
        canvas.fill(f.rectangle(0.0, 0.9, 0.6, 0.25), main.colour);
        canvas.fill(f.rectangle(0.0, 0.65, 0.2, 0.2), shade(skin, 0.85));
    }
    let outline = f.ellipse(0.0, 0.05, 0.66, 0.76, 0.0);
    canvas.paint(outline, |p| {
        shade(skin, 1.08 - 0.25 * (p.x - f.centre.x).abs() / f.size)
    });
    let iris = if person {
        [0.25, 0.35, 0.45]
    } else {
        hair.colour
    };
    eyes(canvas, f, -0.08, 0.26, 0.14, iris);
    canvas.fill(f.line((0.0, 0.08), (0.04, 0.24), 0.06), shade(skin, 0.75));
    let smile = random.random_bool(0.5);
    let bend = if smile { 0.12 } else { -0.10 };
    let mouth = shade([0.75, 0.20, 0.22], 0.9);
    for side in [-1.0, 1.0] {
        let ends = ((0.0, 0.45 + bend), (side * 0.26, 0.45));
        canvas.fill(f.line(ends.0, ends.1, 0.09), mouth);
    }
    let mood = if smile { "smiling" } else { "sad" };
    if person {
        format!("a {mood} face of a person with {} hair", hair.name)
    } else {
        format!("a {mood} {} face with {} eyes", main.name, hair.name)
    }
}

pub(super) fn bird(
    random: &mut ChaCha8Rng,
    canvas: &mut Canvas,
    f: Frame,
    body: Named,
    wing: Named,
) -> String {
    let beak = [0.95, 0.60, 0.15];
    let branch = random.random_bool(0.6);
    if branch {
        canvas.fill(f.line((-1.2, 0.8), (1.2, 0.72), 0.13), [0.42, 0.27, 0.15]);
    }
    for x in [-0.05, 0.15] {
        canvas.fill(f.line((x, 0.5), (x, 0.78), 0.06), beak);
    }
    canvas.fill(
        f.polygon(&[(-0.45, 0.1), (-1.0, 0.55), (-0.8, 0.7), (-0.3, 0.42)]),
        wing.colour,
    );
    canvas.fill(f.ellipse(0.0, 0.15, 0.56, 0.42, -0.35), body.colour);
    canvas.fill(f.circle(0.42, -0.38, 0.32), body.colour);
    canvas.fill(
        f.ellipse(0.12, 0.32, 0.3, 0.2, -0.3),
        mix(body.colour, WHITE, 0.4),
    );
    canvas.fill(f.ellipse(-0.15, 0.1, 0.4, 0.22, 0.35), wing.colour);
    canvas.fill(
        f.polygon(&[(0.68, -0.5), (1.0, -0.32), (0.68, -0.22)]),
        beak,
    );
    canvas.fill(f.circle(0.5, -0.45, 0.09), WHITE);
    canvas.fill(f.circle(0.52, -0.45, 0.055), DARK);
    let place = if branch { " on a branch" } else { "" };
    format!("a {} bird with {} wings{place}", body.name, wing.name)
}

pub(super) fn fish(
    random: &mut ChaCha8Rng,
    canvas: &mut Canvas,
    f: Frame,
    body: Named,
    fin: Named,
) -> String {
    canvas.fill(
        f.polygon(&[(-0.45, 0.0), (-0.95, -0.4), (-0.8, 0.0), (-0.95, 0.4)]),
        fin.colour,
    );
    canvas.fill(
        f.polygon(&[(-0.25, -0.3), (0.05, -0.68), (0.3, -0.3)]),
        fin.colour,
    );
    canvas.fill(f.ellipse(0.12, 0.0, 0.68, 0.42, 0.0), body.colour);
    let striped = random.random_bool(0.5);
    if striped {
        for x in [-0.15, 0.15] {
            canvas.fill(f.line((x, -0.3), (x, 0.3), 0.12), fin.colour);
        }
    }
    canvas.fill(f.circle(0.48, -0.1, 0.1), WHITE);
    canvas.fill(f.circle(0.5, -0.1, 0.06), DARK);
    let kind = if striped { "striped fish" } else { "fish" };
    format!("a {} {kind} with {} fins", body.name, fin.name)
}

pub(super) fn cat(
    random: &mut ChaCha8Rng,
    canvas: &mut Canvas,
    f: Frame,
    fur: Named,
    eye: Named,
) -> String {
    let dog = random.random_bool(0.4);
    let inner = mix(fur.colour, [0.95, 0.6, 0.6], 0.5);
    for side in [-1.0, 1.0] {
        if dog {
            canvas.fill(
                f.ellipse(side * 0.68, -0.05, 0.2, 0.5, side * 0.2),
                shade(fur.colour, 0.65),
            );
        } else {
            canvas.fill(
                f.polygon(&[(side * 0.7, -0.95), (side * 0.1, -0.5), (side * 0.72, -0.1)]),
                fur.colour,
            );
            canvas.fill(
                f.polygon(&[
                    (side * 0.62, -0.75),
                    (side * 0.3, -0.5),
                    (side * 0.62, -0.3),
                ]),
                inner,
            );
        }
    }
    canvas.fill(f.ellipse(0.0, 0.08, 0.74, 0.66, 0.0), fur.colour);
    canvas.fill(
        f.ellipse(0.0, 0.38, 0.36, 0.26, 0.0),
        mix(fur.colour, WHITE, 0.55),
    );
    eyes(canvas, f, -0.06, 0.3, 0.16, eye.colour);
    let nose = if dog { DARK } else { [0.85, 0.45, 0.5] };
    canvas.fill(f.polygon(&[(-0.12, 0.22), (0.12, 0.22), (0.0, 0.36)]), nose);
    for side in [-1.0, 1.0] {
        canvas.fill(f.line((0.0, 0.38), (side * 0.15, 0.5), 0.05), DARK);
        if !dog {
            canvas.fill(f.line((side * 0.35, 0.35), (side * 0.9, 0.28), 0.03), DARK);
            canvas.fill(f.line((side * 0.35, 0.42), (side * 0.9, 0.5), 0.03), DARK);
        }
    }
    let animal = if dog { "dog" } else { "cat" };
    format!("the head of a {} {animal} with {} eyes", fur.name, eye.name)
}

pub(super) fn butterfly(
    random: &mut ChaCha8Rng,
    canvas: &mut Canvas,
    f: Frame,
    wing: Named,
    spot: Named,
) -> String {
    let tilt = random.random_range(0.4..0.8);
    for side in [-1.0, 1.0] {
        canvas.fill(
            f.ellipse(side * 0.45, -0.3, 0.48, 0.34, -side * tilt),
            wing.colour,
        );
        canvas.fill(
            f.ellipse(side * 0.35, 0.35, 0.36, 0.26, side * tilt),
            shade(wing.colour, 0.8),
        );
        canvas.fill(f.circle(side * 0.52, -0.34, 0.14), spot.colour);
        canvas.fill(f.circle(side * 0.36, 0.36, 0.1), spot.colour);
        canvas.fill(f.line((0.0, -0.4), (side * 0.25, -0.85), 0.04), DARK);
    }
    canvas.fill(f.ellipse(0.0, 0.0, 0.08, 0.52, 0.0), DARK);
    format!("a {} butterfly with {} spots", wing.name, spot.name)
}

pub(super) fn robot(canvas: &mut Canvas, f: Frame, metal: Named, eye: Named) -> String {
    canvas.fill(f.line((0.0, -0.6), (0.0, -0.95), 0.06), DARK);
    canvas.fill(f.circle(0.0, -0.92, 0.09), eye.colour);
    canvas.fill(f.rectangle(0.0, 0.72, 0.45, 0.3), shade(metal.colour, 0.75));
    for side in [-1.0, 1.0] {
        canvas.fill(
            f.rectangle(side * 0.64, 0.0, 0.1, 0.2),
            shade(metal.colour, 0.65),
        );
        canvas.fill(
            f.line((side * 0.45, 0.6), (side * 0.8, 0.9), 0.14),
            shade(metal.colour, 0.65),
        );
    }
    canvas.fill(f.rectangle(0.0, -0.05, 0.58, 0.5), metal.colour);
    for x in [-0.26, 0.26] {
        canvas.fill(f.circle(x, -0.15, 0.17), DARK);
        canvas.fill(f.circle(x, -0.15, 0.11), eye.colour);
    }
    canvas.fill(f.rectangle(0.0, 0.25, 0.34, 0.08), DARK);
    format!("a {} robot with {} eyes", metal.name, eye.name)
}

fn eyes(canvas: &mut Canvas, f: Frame, y: f32, apart: f32, radius: f32, iris: Colour) {
    for x in [-apart, apart] {
        canvas.fill(f.circle(x, y, radius), WHITE);
        canvas.fill(f.circle(x, y, radius * 0.7), iris);
        canvas.fill(f.circle(x, y, radius * 0.4), DARK);
    }
}
