//! Inputs of the tests: drawn pictures, noisy curves, and what a PNG says when it is read again.

use lorikeet_chat::{Chart, Point, Series, TileState};
use lorikeet_draw::{Grid, Picture, Row, Sheet, Slot};

/// Pixels that a picture borrows.
pub(crate) struct Pixels {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) rgb: Vec<u8>,
}

impl Pixels {
    pub(crate) fn picture(&self) -> Picture<'_> {
        Picture::new(self.width, self.height, &self.rgb).unwrap()
    }

    /// Of one colour.
    pub(crate) fn plain(width: u32, height: u32, colour: [u8; 3]) -> Self {
        let rgb = colour.repeat((width * height) as usize);
        Self { width, height, rgb }
    }

    /// A sun over a hill, in colours that the seed chooses.
    pub(crate) fn scene(width: u32, height: u32, seed: u32) -> Self {
        let pick = |salt: u32| (mixed(seed * 31 + salt) % 200) as f64 + 40.0;
        let sky = [pick(1), pick(2), pick(3)];
        let hill = [pick(4) * 0.6, pick(5) * 0.6, pick(6) * 0.6];
        let (sun_x, sun_y) = (pick(7) / 260.0, pick(8) / 500.0);
        let mut rgb = Vec::new();
        for down in 0..height {
            for across in 0..width {
                let (x, y) = (
                    f64::from(across) / f64::from(width),
                    f64::from(down) / f64::from(height),
                );
                let ridge = 0.62 + 0.5 * (x - 0.5) * (x - sun_x);
                let sun = (x - sun_x).powi(2) + (y - sun_y).powi(2) < 0.02;
                let colour = if y > ridge {
                    hill.map(|c| c * (1.3 - y * 0.6))
                } else if sun {
                    [250.0, 228.0, 150.0]
                } else {
                    sky.map(|c| c * (0.75 + y * 0.5))
                };
                rgb.extend(colour.map(|c| c.clamp(0.0, 255.0) as u8));
            }
        }
        Self { width, height, rgb }
    }
}

/// A hash of small numbers, the same everywhere.
pub(crate) fn mixed(seed: u32) -> u32 {
    let seed = (seed ^ (seed >> 16)).wrapping_mul(0x045d_9f3b);
    let seed = (seed ^ (seed >> 16)).wrapping_mul(0x045d_9f3b);
    seed ^ (seed >> 16)
}

/// -1 to 1.
pub(crate) fn noise(seed: u32) -> f64 {
    f64::from(mixed(seed.wrapping_add(17))) / f64::from(u32::MAX) * 2.0 - 1.0
}

pub(crate) const STATES: [TileState; 5] = [
    TileState::Empty,
    TileState::Arriving,
    TileState::Filled,
    TileState::Complete,
    TileState::Problem,
];

/// A dataset of so many places: most complete, then some of every other state.
pub(crate) fn sheet(pixels: &[Pixels], places: usize) -> Sheet<'_> {
    let slots = (0..places).map(|place| {
        let state = match place * 20 / places {
            0..=8 => TileState::Complete,
            9 | 13 => TileState::Problem,
            10..=12 => TileState::Filled,
            14 | 15 => TileState::Arriving,
            _ => TileState::Empty,
        };
        let shown =
            matches!(state, TileState::Complete | TileState::Filled) || place * 20 / places == 13;
        Slot {
            label: (place + 1).to_string(),
            state,
            picture: (shown && !pixels.is_empty()).then(|| pixels[place % pixels.len()].picture()),
        }
    });
    Sheet {
        slots: slots.collect(),
    }
}

/// A loss that falls, with noise.
pub(crate) fn loss(steps: u32, seed: u32) -> Vec<Point> {
    (1..=steps)
        .map(|step| {
            let share = f64::from(step) / f64::from(steps);
            let course = 0.11 + 0.19 / (1.0 + 9.0 * share);
            Point {
                x: f64::from(step),
                y: course + 0.035 * noise(seed * 100_003 + step),
            }
        })
        .collect()
}

pub(crate) fn chart(title: &str, lines: Vec<(&str, Vec<Point>)>) -> Chart {
    let series = lines.into_iter().map(|(name, points)| Series {
        name: name.to_owned(),
        points,
    });
    Chart {
        title: title.to_owned(),
        x_label: "Step".to_owned(),
        series: series.collect(),
    }
}

pub(crate) const PROMPTS: [&str; 6] = [
    "a red fox in the snow, morning light, detailed fur",
    "portrait of an old sailor",
    "Größe & Ähnlichkeit",
    "kitchen",
    "a city street at night in heavy rain with neon reflections, wide angle",
    "Кот на подоконнике",
];

/// Samples with a hole near the end.
pub(crate) fn grid(pixels: &[Pixels], columns: usize, rows: usize) -> Grid<'_> {
    let row = |row: usize| Row {
        label: format!("Step {}", (row + 1) * 250),
        cells: (0..columns)
            .map(|column| {
                let there = row + 1 < rows || column * 2 < columns;
                (there && !pixels.is_empty())
                    .then(|| pixels[(row + column) % pixels.len()].picture())
            })
            .collect(),
    };
    Grid {
        columns: (0..columns)
            .map(|column| PROMPTS[column % PROMPTS.len()].to_owned())
            .collect(),
        rows: (0..rows).map(row).collect(),
    }
}

/// What a PNG holds.
pub(crate) struct Decoded {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) rgb: Vec<u8>,
}

impl Decoded {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
            .read_info()
            .unwrap();
        let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut rgb).unwrap();
        assert_eq!(
            (info.color_type, info.bit_depth),
            (png::ColorType::Rgb, png::BitDepth::Eight)
        );
        Self {
            width: info.width,
            height: info.height,
            rgb,
        }
    }

    pub(crate) fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        let at = (y * self.width + x) as usize * 3;
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }

    /// The same pixels in as few bytes as go.
    pub(crate) fn small_png(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::High);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&self.rgb).unwrap();
        writer.finish().unwrap();
        out
    }

    /// Where a colour is, exactly.
    pub(crate) fn places(&self, colour: [u8; 3]) -> Vec<(u32, u32)> {
        (0..self.height)
            .flat_map(|y| (0..self.width).map(move |x| (x, y)))
            .filter(|(x, y)| self.pixel(*x, *y) == colour)
            .collect()
    }
}
