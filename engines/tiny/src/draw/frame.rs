//! The frame a thing is drawn in, so that it can be moved, scaled and mirrored.

use super::canvas::{Point, at, circle, ellipse, line, polygon, rectangle};

/// Where a thing stands and how large it is: 1 fills the canvas.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    pub(super) centre: Point,
    pub(super) size: f32,
    pub(super) mirrored: bool,
}

impl Frame {
    /// A place in the frame, −1 to 1 both ways.
    pub(super) fn at(self, x: f32, y: f32) -> Point {
        let x = if self.mirrored { -x } else { x };
        at(
            self.centre.x + x * self.size / 2.0,
            self.centre.y + y * self.size / 2.0,
        )
    }

    pub(super) fn length(self, length: f32) -> f32 {
        length * self.size / 2.0
    }

    pub(super) fn circle(self, x: f32, y: f32, radius: f32) -> impl Fn(Point) -> f32 + Copy {
        circle(self.at(x, y), self.length(radius))
    }

    pub(super) fn ellipse(
        self,
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        angle: f32,
    ) -> impl Fn(Point) -> f32 + Copy {
        let angle = if self.mirrored { -angle } else { angle };
        ellipse(
            self.at(x, y),
            self.length(width),
            self.length(height),
            angle,
        )
    }

    pub(super) fn rectangle(
        self,
        x: f32,
        y: f32,
        half_width: f32,
        half_height: f32,
    ) -> impl Fn(Point) -> f32 + Copy {
        let half = at(self.length(half_width), self.length(half_height));
        rectangle(self.at(x, y), half, 0.0)
    }

    pub(super) fn line(
        self,
        from: (f32, f32),
        to: (f32, f32),
        thickness: f32,
    ) -> impl Fn(Point) -> f32 + Copy {
        line(
            self.at(from.0, from.1),
            self.at(to.0, to.1),
            self.length(thickness),
        )
    }

    pub(super) fn polygon(self, corners: &[(f32, f32)]) -> impl Fn(Point) -> f32 + use<> {
        polygon(corners.iter().map(|&(x, y)| self.at(x, y)).collect())
    }
}
