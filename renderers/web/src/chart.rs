//! Line charts as inline SVG, styled by the page's sheet alone.

use lorikeet_chat::{Chart, Numerals, Point, Series};
use maud::{Markup, html};

use crate::Place;
use crate::budget::Budget;

/// The drawing's own units; the page scales it.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 30.0;

/// Points drawn of one line at most: more would not be seen at this width.
const MAX_POINTS: usize = 320;
/// Colours the style sheet has for lines; more lines use them again.
const COLOURS: usize = 5;

/// The chart with its title, legend and a summary in words for who cannot see it.
pub(crate) fn chart(
    chart: &Chart,
    number: usize,
    place: &Place,
    budget: &mut Budget<'_>,
) -> Markup {
    let lines: Vec<(&Series, Vec<Point>)> = chart
        .series
        .iter()
        .map(|series| (series, finite(&series.points)))
        .collect();
    let all = || lines.iter().flat_map(|(_, points)| points);
    let across = Scale::over(all().map(|point| point.x), LEFT, WIDTH - RIGHT);
    let up = Scale::over(all().map(|point| point.y), HEIGHT - BOTTOM, TOP);
    let title_id = format!("chart-{}-{number}", place.screen);
    let summary_id = format!("{title_id}-summary");
    let summary = lines
        .iter()
        .filter_map(|(series, points)| summary(series, points, place.numerals))
        .collect::<Vec<_>>()
        .join("; ");
    html! {
        figure.chart {
            figcaption {
                span.title id=(title_id) dir="auto" { (budget.text("chart", &chart.title)) }
                ul.legend {
                    @for (colour, (series, points)) in lines.iter().enumerate() {
                        li {
                            span class=(format!("key colour-{}", colour % COLOURS)) {}
                            span dir="auto" { (budget.text("chart", &series.name)) }
                            b { (points.last().map_or_else(|| "–".to_owned(), |last| short(last.y, place.numerals))) }
                        }
                    }
                }
            }
            @if let (Some(across), Some(up)) = (across, up) {
                svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-labelledby=(title_id)
                    aria-describedby=(summary_id) {
                    desc id=(summary_id) { (summary) }
                    @for value in up.ticks() {
                        line.gridline x1=(LEFT) x2=(WIDTH - RIGHT) y1=(units(up.place(value))) y2=(units(up.place(value))) {}
                        text.tick x=(LEFT - 8.0) y=(units(up.place(value) + 4.0)) text-anchor="end" { (short(value, place.numerals)) }
                    }
                    @for value in across.ticks() {
                        text.tick x=(units(across.place(value))) y=(HEIGHT - 10.0) text-anchor="middle" { (short(value, place.numerals)) }
                    }
                    @for (colour, (_, points)) in lines.iter().enumerate() {
                        @if let Some(last) = points.last() {
                            polyline class=(format!("line colour-{}", colour % COLOURS)) fill="none"
                                points=(path(&thin(points), &across, &up)) {}
                            circle class=(format!("end colour-{}", colour % COLOURS)) r="4"
                                cx=(units(across.place(last.x))) cy=(units(up.place(last.y))) {}
                        }
                    }
                }
            } @else {
                p.axis { "–" }
            }
            p.axis dir="auto" { (budget.text("chart", &chart.x_label)) }
        }
    }
}

/// A linear scale from values to drawing units, over a range widened to hold at least something.
struct Scale {
    min: f64,
    max: f64,
    from: f64,
    to: f64,
}

impl Scale {
    /// Over the values' range; nothing for no values.
    fn over(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Option<Self> {
        let (min, max) = values
            .map(|value| (value, value))
            .reduce(|(min, max), (value, _)| (min.min(value), max.max(value)))?;
        let (min, max) = if min < max {
            (min, max)
        } else {
            let margin = (min.abs() * 0.1).clamp(0.5, f64::MAX / 4.0);
            ((min - margin).max(f64::MIN), (max + margin).min(f64::MAX))
        };
        Some(Self { min, max, from, to })
    }

    /// Halved first, so that the difference of two huge numbers stays finite.
    fn place(&self, value: f64) -> f64 {
        let range = self.max / 2.0 - self.min / 2.0;
        let share = (value / 2.0 - self.min / 2.0) / range;
        self.from + share.clamp(0.0, 1.0) * (self.to - self.from)
    }

    /// Three to six round values inside the range.
    fn ticks(&self) -> Vec<f64> {
        let range = self.max / 2.0 - self.min / 2.0;
        // The step is 1, 2 or 5 times a power of ten, nearest above a fifth of the range.
        let rough = range / 2.5;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .iter()
            .map(|times| times * power)
            .find(|step| *step >= rough)
            .filter(|step| step.is_normal());
        let Some(step) = step else {
            return vec![self.min, self.max];
        };
        let first = (self.min / step).ceil();
        (0..=6_u8)
            .map(|count| (first + f64::from(count)) * step)
            .filter(|value| *value <= self.max)
            .collect()
    }
}

fn finite(points: &[Point]) -> Vec<Point> {
    points
        .iter()
        .copied()
        .filter(|point| point.x.is_finite() && point.y.is_finite())
        .collect()
}

/// Fewer points with the same outline: of each stretch the lowest and the highest, in their order.
fn thin(points: &[Point]) -> Vec<Point> {
    if points.len() <= MAX_POINTS {
        return points.to_vec();
    }
    let stretch = points.len().div_ceil(MAX_POINTS / 2);
    points
        .chunks(stretch)
        .flat_map(|chunk| {
            let place = |best: fn(&f64, &f64) -> bool| {
                chunk
                    .iter()
                    .enumerate()
                    .reduce(|a, b| if best(&b.1.y, &a.1.y) { b } else { a })
            };
            let mut ends: Vec<(usize, &Point)> = [place(f64::lt), place(f64::gt)]
                .into_iter()
                .flatten()
                .collect();
            ends.sort_by_key(|(at, _)| *at);
            ends.dedup_by_key(|(at, _)| *at);
            ends.into_iter().map(|(_, point)| *point)
        })
        .collect()
}

fn path(points: &[Point], across: &Scale, up: &Scale) -> String {
    points
        .iter()
        .map(|point| {
            format!(
                "{},{}",
                units(across.place(point.x)),
                units(up.place(point.y))
            )
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// A tenth of a drawing unit is finer than a pixel.
fn units(place: f64) -> String {
    format!("{place:.1}")
}

/// `loss: 0.92 → 0.31 (0.30 … 0.95)`: first, last, and the range, readable in any language.
fn summary(series: &Series, points: &[Point], numerals: Numerals) -> Option<String> {
    let (first, last) = (points.first()?, points.last()?);
    let low = points.iter().map(|point| point.y).reduce(f64::min)?;
    let high = points.iter().map(|point| point.y).reduce(f64::max)?;
    Some(format!(
        "{}: {} → {} ({} … {})",
        series.name,
        short(first.y, numerals),
        short(last.y, numerals),
        short(low, numerals),
        short(high, numerals)
    ))
}

/// A number in about three significant digits.
fn short(value: f64, numerals: Numerals) -> String {
    let size = value.abs();
    let text = if size != 0.0 && !(1e-3..1e6).contains(&size) {
        format!("{value:.1e}")
    } else if size >= 100.0 {
        format!("{value:.0}")
    } else if size >= 1.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.3}")
    };
    let text = if text.contains('.') && !text.contains('e') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    numerals.written(text, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_the_highest_and_the_lowest() {
        let points: Vec<Point> = (0..10_000_u32)
            .map(|x| Point {
                x: f64::from(x),
                y: match x {
                    5_000 => 9.0,
                    7_001 => -9.0,
                    _ => 0.0,
                },
            })
            .collect();
        let thinned = thin(&points);
        assert!(thinned.len() <= MAX_POINTS, "{}", thinned.len());
        assert!(thinned.iter().any(|point| point.y == 9.0));
        assert!(thinned.iter().any(|point| point.y == -9.0));
        assert!(thinned.is_sorted_by(|a, b| a.x < b.x));
    }

    #[test]
    fn numbers_are_short() {
        let shown: Vec<String> = [0.0, 0.8731, 12.0, 1500.0, 2.5e7, 0.00012, -3.456]
            .map(|value| short(value, Numerals::Point))
            .to_vec();
        assert_eq!(short(0.8731, Numerals::Comma), "0,873");
        assert_eq!(
            shown,
            ["0", "0.873", "12", "1500", "2.5e7", "1.2e-4", "-3.46"]
        );
    }

    #[test]
    fn ticks_are_round_and_inside() {
        let scale = Scale::over([0.13, 0.97].into_iter(), 0.0, 1.0);
        let ticks: Vec<String> = scale
            .into_iter()
            .flat_map(|s| s.ticks())
            .map(|value| short(value, Numerals::Point))
            .collect();
        assert_eq!(ticks, ["0.2", "0.4", "0.6", "0.8"]);
    }
}
