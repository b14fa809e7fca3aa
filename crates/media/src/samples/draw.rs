//! Pictures drawn from a seed.

use std::f32::consts::TAU;

use image::{Rgb, RgbImage, imageops};

/// A picture of `width` × `height` pixels: a sky and ground of two colours, a dozen shapes, and fine grain all over, so
/// that it is sharp and different from that of any other seed.
pub fn picture(seed: u64, width: u32, height: u32) -> RgbImage {
    let mut dice = Dice::new(seed);
    let (from, to) = (dice.colour(), dice.colour());
    let angle = dice.between(0.0, TAU);
    let shapes: Vec<Shape> = (0..12).map(|_| Shape::new(&mut dice)).collect();
    let grain = dice.next();
    let (w, h) = (width.max(1) as f32, height.max(1) as f32);

    RgbImage::from_fn(width, height, |x, y| {
        let (u, v) = (x as f32 / w, y as f32 / h);
        let slope = ((u - 0.5) * angle.cos() + (v - 0.5) * angle.sin() + 0.7) / 1.4;
        let mut colour = mix(from, to, slope);
        for shape in &shapes {
            colour = shape.paint(colour, u, v);
        }
        // One grain per pixel from its place: no state, so any size can be drawn.
        let noise = Dice::new(grain ^ u64::from(x) << 32 ^ u64::from(y)).between(-14.0, 14.0);
        Rgb(colour.map(|c| (c + noise).clamp(0.0, 255.0) as u8))
    })
}

/// The picture as it would come back from another chat: a little smaller, a little brighter. Its bytes have nothing in
/// common with the first one's.
pub fn near_duplicate(picture: &RgbImage) -> RgbImage {
    let (width, height) = (picture.width() * 9 / 10, picture.height() * 9 / 10);
    let smaller = imageops::thumbnail(picture, width.max(1), height.max(1));
    imageops::brighten(&smaller, 6)
}

/// The picture out of focus: `sigma` is the blur's standard deviation in pixels.
pub fn blurred(picture: &RgbImage, sigma: f32) -> RgbImage {
    imageops::fast_blur(picture, sigma)
}

/// The picture with black bars of `bar` pixels above and below, inside its own size.
pub fn letterboxed(picture: &RgbImage, bar: u32) -> RgbImage {
    let mut boxed = picture.clone();
    let height = picture.height();
    for (_, y, pixel) in boxed.enumerate_pixels_mut() {
        if y < bar || y + bar >= height {
            *pixel = Rgb([0, 0, 0]);
        }
    }
    boxed
}

type Colour = [f32; 3];

fn mix(from: Colour, to: Colour, share: f32) -> Colour {
    let share = share.clamp(0.0, 1.0);
    [0, 1, 2].map(|i| from[i] + (to[i] - from[i]) * share)
}

/// A turned ellipse, rectangle or set of stripes.
struct Shape {
    kind: u64,
    centre: (f32, f32),
    radius: (f32, f32),
    turn: (f32, f32),
    colour: Colour,
    other: Colour,
}

impl Shape {
    fn new(dice: &mut Dice) -> Self {
        let turn = dice.between(0.0, TAU);
        Self {
            kind: dice.next() % 3,
            centre: (dice.between(0.0, 1.0), dice.between(0.0, 1.0)),
            radius: (dice.between(0.05, 0.3), dice.between(0.05, 0.3)),
            turn: (turn.cos(), turn.sin()),
            colour: dice.colour(),
            other: dice.colour(),
        }
    }

    fn paint(&self, under: Colour, u: f32, v: f32) -> Colour {
        let (du, dv) = (u - self.centre.0, v - self.centre.1);
        let x = (du * self.turn.0 + dv * self.turn.1) / self.radius.0;
        let y = (dv * self.turn.0 - du * self.turn.1) / self.radius.1;
        let inside = match self.kind {
            0 => x * x + y * y < 1.0,
            _ => x.abs() < 1.0 && y.abs() < 1.0,
        };
        match (inside, self.kind) {
            (false, _) => under,
            (true, 2) if (x * 4.0).rem_euclid(2.0) < 1.0 => self.other,
            (true, _) => self.colour,
        }
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): a few lines, the same everywhere, good enough to draw with.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    fn between(&mut self, low: f32, high: f32) -> f32 {
        let unit = (self.next() >> 40) as f32 / (1_u32 << 24) as f32;
        low + (high - low) * unit
    }

    fn colour(&mut self) -> Colour {
        [0; 3].map(|_| self.between(0.0, 255.0))
    }
}
