//! One thing on a ground, or a landscape.

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use super::canvas::{Canvas, at};
use super::creatures::{bird, butterfly, cat, face, fish, robot};
use super::frame::Frame;
use super::landscape::landscape;
use super::palette::other;
use super::shapes::ground;
use super::things::{balloon, boat, car, cup, flower, house, mushroom, tree};

/// A scene, and its caption.
pub(super) fn scene(random: &mut ChaCha8Rng) -> (Canvas, String) {
    if random.random_bool(0.2) {
        return landscape(random);
    }
    let (mut canvas, words, behind) = ground(random);
    let main = other(random, &[behind]);
    let second = other(random, &[behind, main]);
    let frame = Frame {
        centre: at(
            random.random_range(0.42..0.58),
            random.random_range(0.42..0.58),
        ),
        size: random.random_range(0.6..0.95),
        mirrored: random.random_bool(0.5),
    };
    let (m, s) = (main, second);
    let thing = match random.random_range(0..17) {
        0 | 1 => face(random, &mut canvas, frame, m, s),
        2 => house(random, &mut canvas, frame, m, s),
        3 => flower(random, &mut canvas, frame, m, s),
        4 | 5 => bird(random, &mut canvas, frame, m, s),
        6 => fish(random, &mut canvas, frame, m, s),
        7 | 8 => cat(random, &mut canvas, frame, m, s),
        9 => tree(random, &mut canvas, frame, m),
        10 => car(&mut canvas, frame, m, s),
        11 => boat(&mut canvas, frame, m, s),
        12 => butterfly(random, &mut canvas, frame, m, s),
        13 => mushroom(random, &mut canvas, frame, m),
        14 => cup(&mut canvas, frame, m, s),
        15 => balloon(random, &mut canvas, frame, m, s),
        _ => robot(&mut canvas, frame, m, s),
    };
    (canvas, format!("{thing}, {words}"))
}
