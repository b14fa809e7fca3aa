//! Colours with names.

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use super::canvas::{Colour, shade};

const COLOURS: [(&str, Colour); 16] = [
    ("red", [0.86, 0.16, 0.16]),
    ("orange", [0.95, 0.55, 0.13]),
    ("yellow", [0.97, 0.86, 0.20]),
    ("green", [0.20, 0.62, 0.25]),
    ("blue", [0.16, 0.34, 0.84]),
    ("purple", [0.50, 0.22, 0.68]),
    ("pink", [0.96, 0.56, 0.72]),
    ("brown", [0.50, 0.31, 0.17]),
    ("black", [0.07, 0.07, 0.08]),
    ("white", [0.97, 0.97, 0.96]),
    ("grey", [0.52, 0.53, 0.55]),
    ("cyan", [0.24, 0.80, 0.86]),
    ("beige", [0.90, 0.82, 0.67]),
    ("teal", [0.08, 0.50, 0.50]),
    ("navy", [0.07, 0.12, 0.36]),
    ("gold", [0.82, 0.65, 0.22]),
];

/// A colour and its name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named {
    pub(super) name: &'static str,
    pub(super) colour: Colour,
}

/// A colour, a little off its name's.
pub(super) fn any(random: &mut ChaCha8Rng) -> Named {
    let (name, colour) = COLOURS[random.random_range(0..COLOURS.len())];
    let shift: f32 = random.random_range(0.85..1.15);
    let colour = shade(colour, shift).map(|c| c + random.random_range(-0.04..0.04_f32));
    Named { name, colour }
}

/// A colour whose name is none of the others'.
pub(super) fn other(random: &mut ChaCha8Rng, others: &[Named]) -> Named {
    loop {
        let named = any(random);
        let near = |other: &Named| {
            other.name == named.name
                || (0..3)
                    .map(|i| (other.colour[i] - named.colour[i]).abs())
                    .sum::<f32>()
                    < 0.35
        };
        if !others.iter().any(near) {
            return named;
        }
    }
}
