//! Pictures as pixels, and fitting them into places.

/// A picture to be drawn: pixels of 8-bit RGB, row by row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture<'a> {
    width: u32,
    height: u32,
    rgb: &'a [u8],
}

impl<'a> Picture<'a> {
    /// `width` × `height` pixels of three bytes each, from the upper left; `None` for anything else, and for no pixels.
    pub fn new(width: u32, height: u32, rgb: &'a [u8]) -> Option<Self> {
        let bytes = u64::from(width)
            .checked_mul(u64::from(height))?
            .checked_mul(3)?;
        (bytes != 0 && rgb.len() as u64 == bytes).then_some(Self { width, height, rgb })
    }

    /// Pixels across.
    pub(crate) const fn width(&self) -> u32 {
        self.width
    }

    /// Width over height.
    pub(crate) fn aspect(&self) -> f32 {
        self.width as f32 / self.height as f32
    }

    /// Fills `width` × `height` with the picture's middle; opaque RGBA.
    pub(crate) fn cover(&self, width: u32, height: u32) -> Vec<u8> {
        let (own_width, own_height) = (f64::from(self.width), f64::from(self.height));
        let scale = (own_width / f64::from(width)).min(own_height / f64::from(height));
        let (across, down) = (f64::from(width) * scale, f64::from(height) * scale);
        let columns = taps((own_width - across) / 2.0, across, self.width, width);
        let rows = taps((own_height - down) / 2.0, down, self.height, height);
        self.sample(&columns, &rows)
    }

    /// The size of the whole picture scaled to touch `width` × `height` from inside; at least a pixel.
    pub(crate) fn inside(&self, width: u32, height: u32) -> (u32, u32) {
        let scale = (f64::from(width) / f64::from(self.width))
            .min(f64::from(height) / f64::from(self.height));
        let side = |own: u32, most: u32| ((f64::from(own) * scale).round() as u32).clamp(1, most);
        (side(self.width, width), side(self.height, height))
    }

    /// Across first, and only the rows that are needed; whole numbers, so that every machine computes the same.
    fn sample(&self, columns: &[Taps], rows: &[Taps]) -> Vec<u8> {
        let first = rows.first().map_or(0, |taps| taps.from);
        let end = rows.last().map_or(0, |taps| taps.from + taps.weights.len());
        let stride = self.width as usize * 3;
        let mut narrow = Vec::with_capacity((end - first) * columns.len() * 3);
        for row in self.rgb.chunks_exact(stride).skip(first).take(end - first) {
            for taps in columns {
                let pixels = row[taps.from * 3..].chunks_exact(3);
                narrow.extend_from_slice(&weighed(taps, pixels));
            }
        }
        let stride = columns.len() * 3;
        let mut out = Vec::with_capacity(rows.len() * columns.len() * 4);
        for taps in rows {
            let above = (taps.from - first) * stride;
            for column in 0..columns.len() {
                let pixels = narrow[above + column * 3..]
                    .chunks(stride)
                    .map(|below| below.get(..3).unwrap_or(&[0; 3]));
                let [red, green, blue] = weighed(taps, pixels);
                out.extend_from_slice(&[red, green, blue, u8::MAX]);
            }
        }
        out
    }
}

/// One over the weights' unit.
const UNIT: f64 = 16_384.0;

/// What one pixel is made of: the first source pixel, and the weights of it and its followers, which add up to [`UNIT`].
struct Taps {
    from: usize,
    weights: Vec<i32>,
}

/// How `out` pixels are made of the stretch of `length` from `start` of `own` pixels.
fn taps(start: f64, length: f64, own: u32, out: u32) -> Vec<Taps> {
    let scale = length / f64::from(out);
    // Of several pixels to one all are seen, of one to several the neighbours.
    let reach = scale.max(1.0);
    (0..out)
        .map(|place| {
            let centre = start + (f64::from(place) + 0.5) * scale;
            let from = (centre - 2.0 * reach).floor().max(0.0) as usize;
            let to = ((centre + 2.0 * reach).ceil() as usize).min(own as usize);
            let from = from.min(to.saturating_sub(1));
            let raw: Vec<f64> = (from..to)
                .map(|pixel| kernel((pixel as f64 + 0.5 - centre) / reach))
                .collect();
            let sum: f64 = raw.iter().sum();
            let mut weights: Vec<i32> = raw
                .iter()
                .map(|weight| (weight / sum * UNIT).round() as i32)
                .collect();
            // What rounding lost goes to the heaviest, so that a plain colour stays itself.
            let lost = UNIT as i32 - weights.iter().sum::<i32>();
            if let Some(heaviest) = weights.iter_mut().max() {
                *heaviest += lost;
            }
            Taps { from, weights }
        })
        .collect()
}

/// Catmull and Rom's cubic, which keeps edges crisp.
fn kernel(at: f64) -> f64 {
    let at = at.abs();
    if at < 1.0 {
        (1.5 * at - 2.5) * at * at + 1.0
    } else if at < 2.0 {
        ((-0.5 * at + 2.5) * at - 4.0) * at + 2.0
    } else {
        0.0
    }
}

fn weighed<'p>(taps: &Taps, pixels: impl Iterator<Item = &'p [u8]>) -> [u8; 3] {
    let mut sum = [UNIT as i32 / 2; 3];
    for (weight, pixel) in taps.weights.iter().zip(pixels) {
        for (sum, value) in sum.iter_mut().zip(pixel) {
            *sum += weight * i32::from(*value);
        }
    }
    sum.map(|value| (value / UNIT as i32).clamp(0, 255) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_as_many_bytes_as_pixels_want() {
        assert!(Picture::new(2, 1, &[0; 6]).is_some());
        assert!(Picture::new(2, 1, &[0; 5]).is_none());
        assert!(Picture::new(0, 1, &[]).is_none());
        assert!(Picture::new(u32::MAX, u32::MAX, &[0; 3]).is_none());
    }

    #[test]
    fn a_plain_colour_stays_itself_at_any_size() {
        let rgb = [7, 130, 255].repeat(97 * 13);
        let picture = Picture::new(97, 13, &rgb).unwrap();
        for side in [1, 2, 13, 64, 300] {
            let out = picture.cover(side, side);
            assert_eq!(out, [7, 130, 255, 255].repeat((side * side) as usize));
        }
    }

    #[test]
    fn covering_takes_the_middle() {
        // Red, green, blue, each a square: the middle one fills a square place.
        let row: Vec<u8> = [[255, 0, 0], [0, 255, 0], [0, 0, 255]]
            .iter()
            .flat_map(|colour| colour.repeat(20))
            .collect();
        let rgb = row.repeat(20);
        let out = Picture::new(60, 20, &rgb).unwrap().cover(10, 10);
        let middle = &out[(5 * 10 + 5) * 4..][..4];
        assert_eq!(middle, [0, 255, 0, 255]);
    }

    #[test]
    fn inside_keeps_the_proportions() {
        let rgb = vec![0; 60 * 20 * 3];
        let picture = Picture::new(60, 20, &rgb).unwrap();
        assert_eq!(picture.inside(30, 30), (30, 10));
        assert_eq!(picture.inside(600, 600), (600, 200));
        assert_eq!(picture.inside(1, 1), (1, 1));
    }
}
