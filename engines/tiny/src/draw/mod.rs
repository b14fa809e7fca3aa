//! Pictures drawn by rule, with captions: what the base model is trained on.
//!
//! Drawing them needs no data set and no licence, and the same seed draws the same pictures
//! everywhere. Owns: what is drawn and what its caption says. Does not own: training.

mod canvas;
mod creatures;
mod frame;
mod landscape;
mod objects;
mod palette;
mod pattern;
mod shapes;
mod subject;
mod things;

use rand::Rng as _;

use crate::picture::Picture;
use crate::random::{Purpose, stream};

use canvas::Canvas;

pub use subject::draw_lorikeets;

/// A picture and what it shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// 64 × 64.
    pub picture: Picture,
    /// English, one line.
    pub caption: String,
}

/// Drawing number `index` of the endless series of a seed.
#[must_use]
pub fn draw(seed: u64, index: u64) -> Drawing {
    let random = &mut stream(seed, Purpose::Drawing, index);
    let (mut canvas, caption) = match random.random_range(0..10) {
        0..3 => pattern::surface(random),
        3..6 => shapes::arrangement(random),
        _ => objects::scene(random),
    };
    let caption = light(random, &mut canvas, caption);
    Drawing {
        picture: canvas.finish(),
        caption,
    }
}

/// Sometimes the unevenness of a photograph: light from a side, haze, dark corners.
fn light(random: &mut rand_chacha::ChaCha8Rng, canvas: &mut Canvas, caption: String) -> String {
    match random.random_range(0..8) {
        0 => {
            let (x, y) = (
                random.random_range(-0.4..0.4_f32),
                random.random_range(-0.4..0.4_f32),
            );
            canvas.adjust(|p, c| canvas::shade(c, 1.0 + x * (p.x - 0.5) + y * (p.y - 0.5)));
            caption
        }
        1 => {
            let strength = random.random_range(0.6..1.4_f32);
            let middle = canvas::at(0.5, 0.5);
            canvas
                .adjust(|p, c| canvas::shade(c, 1.0 - strength * p.from(middle).length().powi(2)));
            format!("{caption}, dark corners")
        }
        2 => {
            let noise = pattern::clouds(random);
            let strength = random.random_range(0.1..0.3);
            canvas.adjust(|p, c| canvas::shade(c, 1.0 + strength * (noise(p) - 0.5)));
            caption
        }
        3 => {
            let lightness = random.random_range(0.0..0.35);
            canvas.adjust(|_, c| canvas::mix(c, [1.0; 3], lightness));
            format!("{caption}, pale")
        }
        _ => caption,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_fixed_by_its_seed() {
        for index in 0..50 {
            assert_eq!(draw(1, index), draw(1, index));
        }
        assert_ne!(draw(1, 0), draw(1, 1));
        assert_ne!(draw(1, 0), draw(2, 0));
    }

    #[test]
    fn captions_are_one_line_of_several_words() {
        for index in 0..300 {
            let caption = draw(3, index).caption;
            assert!(caption.split_whitespace().count() >= 3, "{caption}");
            assert!(!caption.contains('\n'));
        }
    }

    #[test]
    fn pictures_differ() {
        let pictures: Vec<_> = (0..40).map(|index| draw(5, index).picture).collect();
        for (index, picture) in pictures.iter().enumerate() {
            for other in &pictures[..index] {
                assert!(picture.distance(other) > 0.05);
            }
        }
    }
}
