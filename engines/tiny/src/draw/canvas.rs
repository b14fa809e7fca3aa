//! A canvas of 64 × 64 and signed distances to draw on it with.
//!
//! Coordinates run from 0 to 1, y downwards. A signed distance is negative inside; edges are
//! smoothed over one pixel.

use crate::picture::{Picture, SIDE};

/// Red, green and blue, 0 to 1.
pub(super) type Colour = [f32; 3];

pub(super) const DARK: Colour = [0.10, 0.09, 0.10];
pub(super) const WHITE: Colour = [0.97, 0.97, 0.95];

/// Between two colours.
pub(super) fn mix(from: Colour, to: Colour, share: f32) -> Colour {
    [0, 1, 2].map(|i| from[i] + (to[i] - from[i]) * share)
}

/// Darker (below 1) or lighter (above 1).
pub(super) fn shade(colour: Colour, factor: f32) -> Colour {
    colour.map(|channel| (channel * factor).clamp(0.0, 1.0))
}

/// A place on the canvas.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) x: f32,
    pub(super) y: f32,
}

pub(super) fn at(x: f32, y: f32) -> Point {
    Point { x, y }
}

impl Point {
    pub(super) fn length(self) -> f32 {
        self.x.hypot(self.y)
    }

    pub(super) fn from(self, origin: Self) -> Self {
        at(self.x - origin.x, self.y - origin.y)
    }

    pub(super) fn to(self, distance: f32, angle: f32) -> Self {
        at(
            self.x + distance * angle.cos(),
            self.y + distance * angle.sin(),
        )
    }

    pub(super) fn turned(self, angle: f32) -> Self {
        let (sin, cos) = angle.sin_cos();
        at(self.x * cos + self.y * sin, self.y * cos - self.x * sin)
    }

    fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y
    }
}

/// What is painted on.
pub(super) struct Canvas(Vec<Colour>);

impl Canvas {
    /// Every pixel from the colour of its place.
    pub(super) fn new(colour: impl Fn(Point) -> Colour) -> Self {
        Self((0..SIDE * SIDE).map(|index| colour(place(index))).collect())
    }

    /// Lays colour where the distance is negative.
    pub(super) fn paint(
        &mut self,
        distance: impl Fn(Point) -> f32,
        colour: impl Fn(Point) -> Colour,
    ) {
        for (index, pixel) in self.0.iter_mut().enumerate() {
            let point = place(index);
            let cover = (0.5 - distance(point) * SIDE as f32).clamp(0.0, 1.0);
            if cover > 0.0 {
                *pixel = mix(*pixel, colour(point), cover);
            }
        }
    }

    /// Lays one colour where the distance is negative.
    pub(super) fn fill(&mut self, distance: impl Fn(Point) -> f32, colour: Colour) {
        self.paint(distance, |_| colour);
    }

    /// Changes every pixel.
    pub(super) fn adjust(&mut self, change: impl Fn(Point, Colour) -> Colour) {
        for (index, pixel) in self.0.iter_mut().enumerate() {
            *pixel = change(place(index), *pixel);
        }
    }

    pub(super) fn finish(&self) -> Picture {
        Picture::from_pixels(|x, y| self.0[y * SIDE + x].map(|channel| channel.clamp(0.0, 1.0)))
    }
}

fn place(index: usize) -> Point {
    let centre = |i: usize| (i as f32 + 0.5) / SIDE as f32;
    at(centre(index % SIDE), centre(index / SIDE))
}

pub(super) fn circle(centre: Point, radius: f32) -> impl Fn(Point) -> f32 + Copy {
    move |p| p.from(centre).length() - radius
}

/// Near enough to the distance for smooth edges.
pub(super) fn ellipse(
    centre: Point,
    width: f32,
    height: f32,
    angle: f32,
) -> impl Fn(Point) -> f32 + Copy {
    move |p| {
        let p = p.from(centre).turned(angle);
        let scaled = at(p.x / width, p.y / height);
        let length = scaled.length();
        let slope = at(p.x / (width * width), p.y / (height * height)).length();
        length * (length - 1.0) / slope.max(1e-6)
    }
}

/// `half` is half the width and half the height.
pub(super) fn rectangle(centre: Point, half: Point, angle: f32) -> impl Fn(Point) -> f32 + Copy {
    move |p| {
        let p = p.from(centre).turned(angle);
        let (x, y) = (p.x.abs() - half.x, p.y.abs() - half.y);
        at(x.max(0.0), y.max(0.0)).length() + x.max(y).min(0.0)
    }
}

/// A line with round ends.
pub(super) fn line(from: Point, to: Point, thickness: f32) -> impl Fn(Point) -> f32 + Copy {
    move |p| {
        let (along, p) = (to.from(from), p.from(from));
        let share = (p.dot(along) / along.dot(along).max(1e-9)).clamp(0.0, 1.0);
        p.from(at(along.x * share, along.y * share)).length() - thickness / 2.0
    }
}

/// Any simple polygon.
pub(super) fn polygon(corners: Vec<Point>) -> impl Fn(Point) -> f32 {
    move |p| {
        let mut nearest = f32::INFINITY;
        let mut inside = false;
        let previous = corners.iter().cycle().skip(corners.len().saturating_sub(1));
        for (&a, &b) in corners.iter().zip(previous) {
            nearest = nearest.min(line(a, b, 0.0)(p));
            if (a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x {
                inside = !inside;
            }
        }
        if inside { -nearest } else { nearest }
    }
}

/// A regular polygon; with `inner` below 1, a star.
pub(super) fn star(
    centre: Point,
    radius: f32,
    points: usize,
    inner: f32,
    angle: f32,
) -> impl Fn(Point) -> f32 {
    let corners = (0..points * 2).map(|index| {
        let turn = std::f32::consts::PI * index as f32 / points as f32;
        let radius = if index % 2 == 0 {
            radius
        } else {
            radius * inner
        };
        centre.to(radius, angle + turn - std::f32::consts::FRAC_PI_2)
    });
    polygon(corners.collect())
}
