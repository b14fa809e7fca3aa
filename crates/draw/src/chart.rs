//! The chart: lines over a grid, with a legend that tells them apart by colour, end mark and last value.

mod axis;
mod line;

use lorikeet_chat::{Chart, Point};

use crate::canvas::{Align, Area, Canvas, line as path};
use crate::colour::{Colours, SERIES};
use crate::lettering::Font;
use crate::{Scheme, marks};
use axis::{Scale, short};

/// Pixels; the proportions of a photo, and the text is large enough for a phone.
const WIDTH: f32 = 1280.0;
const HEIGHT: f32 = 800.0;
const MARGIN: f32 = 44.0;
/// Thickness of the lines.
const LINE: f32 = 6.0;
/// Radius of the marks at their ends.
const MARK: f32 = 10.0;
/// The most lines drawn; a chart with more could not be read, and the legend says how many are left out.
const MAX_LINES: usize = 8;
/// Size of the numbers beside the axes.
const TEXT: f32 = 31.0;

/// Values of more than this are drawn as this: half the numbers' range would otherwise overflow in the arithmetic.
const HUGE: f64 = 1e300;

/// A line to be drawn.
struct Line<'a> {
    name: &'a str,
    /// Finite, x rising, never empty.
    points: Vec<Point>,
    /// The points' shares of the plot's height.
    raw: Vec<f64>,
    /// The same smoothed, when there are many.
    smooth: Option<Vec<f64>>,
}

impl<'a> Line<'a> {
    fn new(name: &'a str, points: Vec<Point>, up: &Scale) -> Self {
        let raw: Vec<f64> = points.iter().map(|point| up.share(point.y)).collect();
        let smooth = line::smooth(&raw);
        Self {
            name,
            points,
            raw,
            smooth,
        }
    }

    /// The shares that are drawn strongly.
    fn course(&self) -> &[f64] {
        self.smooth.as_deref().unwrap_or(&self.raw)
    }

    /// The number that it ends in.
    fn last(&self, up: &Scale) -> String {
        match &self.smooth {
            Some(smooth) => format!(
                "≈ {}",
                short(up.value(smooth.last().copied().unwrap_or(0.0)))
            ),
            None => short(self.points.last().map_or(0.0, |point| point.y)),
        }
    }
}

/// Where values lie.
struct Frame {
    plot: Area,
    up: Scale,
    across: Scale,
}

/// Draws a chart: the bytes of a PNG of 1280 × 800 pixels.
///
/// Points that are not finite are left out; those out of order are put in order. Of a line with two dozen points or more a
/// smoothed course is drawn over the faint points themselves; the mark and the number in the legend are where that course
/// ends, and the number says so by "≈". The first eight lines with points are drawn, and "+2" in the legend says how many are
/// not. A chart without points has lines and a dash.
pub fn loss_chart(chart: &Chart, scheme: Scheme) -> Vec<u8> {
    let colours = scheme.colours();
    let mut canvas = Canvas::new(WIDTH as u32, HEIGHT as u32, colours.surface);
    let mut all: Vec<(&str, Vec<Point>)> = chart
        .series
        .iter()
        .map(|series| (series.name.as_str(), in_order(&series.points)))
        .filter(|(_, points)| !points.is_empty())
        .collect();
    let more = all.len().saturating_sub(MAX_LINES);
    all.truncate(MAX_LINES);
    if let [(name, _)] = all.as_mut_slice()
        && *name == chart.title
    {
        // Said already.
        *name = "";
    }

    let top = title(&mut canvas, &chart.title, colours);
    let font = Font::regular(TEXT);
    let x_label = font.shorten(&chart.x_label, WIDTH - 2.0 * MARGIN);
    let label_room = if x_label.is_empty() {
        0.0
    } else {
        font.leading() + 10.0
    };
    let bottom = HEIGHT - MARGIN - label_room - font.capitals() - 20.0;
    let points = || all.iter().flat_map(|(_, points)| points);
    let Some(up) = Scale::around(points().map(|point| point.y)) else {
        let plot = Area::new(
            MARGIN,
            top + 22.0,
            WIDTH - 2.0 * MARGIN,
            bottom - top - 22.0,
        );
        nothing(&mut canvas, plot, colours);
        below(&mut canvas, &x_label, plot, font, colours);
        return canvas.png();
    };
    let xs: Vec<f64> = points().map(|point| point.x).collect();
    let lines: Vec<Line<'_>> = all
        .into_iter()
        .map(|(name, points)| Line::new(name, points, &up))
        .collect();
    let top = (legend(&mut canvas, &lines, more, top, &up, colours) + 22.0).round();

    let widest = |labels: &[(f64, String)]| {
        labels
            .iter()
            .map(|(_, text)| font.width(text))
            .fold(0.0, f32::max)
    };
    let left = (MARGIN + widest(&up.labels()) + 18.0).round();
    let plot = Area::new(
        left,
        top,
        (WIDTH - MARGIN - MARK - left).round(),
        (bottom - top).round(),
    );
    let room = |labels: &[(f64, String)]| {
        let widest = widest(labels);
        (widest + 48.0) * labels.len() as f32 <= plot.width + widest
    };
    if let Some(across) = Scale::within(xs.into_iter(), room) {
        let frame = Frame { plot, up, across };
        axes(&mut canvas, &frame, font, colours);
        below(&mut canvas, &x_label, plot, font, colours);
        for (number, line) in lines.iter().enumerate() {
            draw(&mut canvas, line, number, lines.len() == 1, &frame, colours);
        }
    }
    canvas.png()
}

/// What can be drawn, from left to right.
fn in_order(points: &[Point]) -> Vec<Point> {
    let mut kept: Vec<Point> = points
        .iter()
        .filter(|point| point.x.is_finite() && point.y.is_finite())
        .map(|point| Point {
            x: point.x.clamp(-HUGE, HUGE),
            y: point.y.clamp(-HUGE, HUGE),
        })
        .collect();
    if !kept.is_sorted_by(|a, b| a.x <= b.x) {
        kept.sort_by(|a, b| a.x.total_cmp(&b.x));
    }
    kept
}

/// Returns where it ends.
fn title(canvas: &mut Canvas, text: &str, colours: &Colours) -> f32 {
    let font = Font::bold(44.0);
    let text = font.shorten(text, WIDTH - 2.0 * MARGIN);
    if text.is_empty() {
        return MARGIN - 14.0;
    }
    let baseline = MARGIN + font.capitals();
    canvas.text(&text, (MARGIN, baseline), Align::Left, font, colours.ink);
    baseline + 10.0
}

/// What the horizontal axis counts, under its middle.
fn below(canvas: &mut Canvas, text: &str, plot: Area, font: Font, colours: &Colours) {
    let at = (plot.x + plot.width / 2.0, HEIGHT - MARGIN);
    canvas.text(text, at, Align::Middle, font, colours.soft);
}

/// In one row if all fit there, else in two columns. Returns where it ends.
fn legend(
    canvas: &mut Canvas,
    lines: &[Line<'_>],
    more: usize,
    top: f32,
    up: &Scale,
    colours: &Colours,
) -> f32 {
    let (names, values) = (Font::regular(33.0), Font::bold(33.0));
    let (key, gap, between) = (64.0, 14.0, 44.0);
    // In the last row, if it is needed: "+12".
    let note = if more > 0 { 90.0 } else { 0.0 };
    let room = WIDTH - 2.0 * MARGIN - note;
    let column = (room - between) / 2.0;
    let entries: Vec<(String, String, f32)> = lines
        .iter()
        .map(|line| {
            let value = line.last(up);
            let other = key + 2.0 * gap + values.width(&value);
            let name = names.shorten(line.name, column - other);
            let name_width = if name.is_empty() {
                -gap
            } else {
                names.width(&name)
            };
            (name, value, name_width)
        })
        .collect();
    let width =
        |(_, value, name): &(String, String, f32)| key + 2.0 * gap + name + values.width(value);
    let all = entries
        .iter()
        .map(|entry| width(entry) + between)
        .sum::<f32>()
        - between;
    let one_row = all <= room;
    let baseline = |row: usize| top + 42.0 + row as f32 * 50.0;
    let (mut x, mut row) = (MARGIN, 0);
    for (number, entry) in entries.iter().enumerate() {
        if !one_row {
            x = MARGIN + (number % 2) as f32 * (column + between);
            row = number / 2;
        }
        let (name, value, name_width) = entry;
        let (y, middle) = (baseline(row), baseline(row) - values.capitals() / 2.0);
        let centre = x + key / 2.0;
        // From its ends, so that dots lie evenly.
        for end in [x + LINE / 2.0, x + key - LINE / 2.0] {
            let sample = path([(end, middle), (centre, middle)]);
            canvas.dash(sample, SERIES[number % SERIES.len()], LINE, dashes(number));
        }
        mark(canvas, number, (centre, middle), colours);
        let at = x + key + gap;
        canvas.text(name, (at, y), Align::Left, names, colours.soft);
        let at = (at + name_width + gap, y);
        canvas.text(value, at, Align::Left, values, colours.ink);
        x += width(entry) + between;
    }
    if more > 0 {
        let at = (WIDTH - MARGIN, baseline(row));
        canvas.text(&format!("+{more}"), at, Align::Right, names, colours.soft);
    }
    baseline(row) + 14.0
}

/// Colours that come again come dotted.
fn dashes(number: usize) -> Option<(f32, f32)> {
    (number >= SERIES.len()).then_some((0.5, LINE * 1.9))
}

fn mark(canvas: &mut Canvas, number: usize, (x, y): (f32, f32), colours: &Colours) {
    canvas.fill(marks::point(number, x, y, MARK + 4.0), colours.surface);
    canvas.fill(
        marks::point(number, x, y, MARK),
        SERIES[number % SERIES.len()],
    );
}

fn axes(canvas: &mut Canvas, frame: &Frame, font: Font, colours: &Colours) {
    let Frame { plot, up, across } = frame;
    for (value, text) in up.labels() {
        let y = (plot.bottom() - up.share(value) as f32 * plot.height).round();
        canvas.rule(plot.x, y - 1.0, plot.width + MARK, 2.0, colours.line);
        let at = (plot.x - 18.0, y + font.capitals() / 2.0);
        canvas.text(&text, at, Align::Right, font, colours.soft);
    }
    canvas.rule(
        plot.x,
        plot.bottom() - 1.0,
        plot.width + MARK,
        3.0,
        colours.line_strong,
    );
    for (value, text) in across.labels() {
        let x = plot.x + across.share(value) as f32 * plot.width;
        canvas.rule(x - 1.0, plot.bottom(), 3.0, 10.0, colours.line_strong);
        let half = font.width(&text) / 2.0;
        let x = x.clamp(half + 8.0, WIDTH - 8.0 - half);
        let at = (x, plot.bottom() + 20.0 + font.capitals());
        canvas.text(&text, at, Align::Middle, font, colours.soft);
    }
}

/// Axes without numbers, and a dash.
fn nothing(canvas: &mut Canvas, plot: Area, colours: &Colours) {
    for step in 0..=4_u8 {
        let y = plot.y + f32::from(step) / 4.0 * plot.height;
        let (height, colour) = if step == 4 {
            (3.0, colours.line_strong)
        } else {
            (2.0, colours.line)
        };
        canvas.rule(plot.x, y - 1.0, plot.width + MARK, height, colour);
    }
    let middle = (plot.x + plot.width / 2.0, plot.y + plot.height * 0.5);
    let pad = Area::new(middle.0 - 60.0, middle.1 - 40.0, 120.0, 80.0);
    canvas.fill(pad.rounded(0.0), colours.surface);
    let font = Font::bold(64.0);
    let at = (middle.0, middle.1 + font.capitals() * 0.35);
    canvas.text("–", at, Align::Middle, font, colours.soft);
}

fn draw(
    canvas: &mut Canvas,
    line: &Line<'_>,
    number: usize,
    alone: bool,
    frame: &Frame,
    colours: &Colours,
) {
    let colour = SERIES[number % SERIES.len()];
    let plot = frame.plot;
    let place = |(x, y): (f64, f64)| {
        let (x, y) = (x as f32, y as f32);
        (plot.x + x * plot.width, plot.bottom() - y * plot.height)
    };
    let placed = |heights: &[f64]| -> Vec<(f32, f32)> {
        let across = line.points.iter().map(|point| frame.across.share(point.x));
        let shares: Vec<(f64, f64)> = across.zip(heights.iter().copied()).collect();
        let thinned = line::thin(&shares, plot.width as usize);
        thinned.into_iter().map(place).collect()
    };
    let course = placed(line.course());
    let (Some(first), Some(last)) = (course.first().copied(), course.last().copied()) else {
        return;
    };
    if alone {
        let ends = [(last.0, plot.bottom()), (first.0, plot.bottom())];
        let below = path(course.iter().copied().chain(ends));
        canvas.fade(below, colour.at(0.16), plot.y, plot.bottom());
    }
    if line.smooth.is_some() {
        canvas.stroke(path(placed(&line.raw)), colour.at(0.32), 2.0);
    }
    canvas.dash(path(course), colour, LINE, dashes(number));
    mark(canvas, number, last, colours);
}
