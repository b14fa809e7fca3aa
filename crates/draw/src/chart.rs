//! The chart: lines over a grid, with a legend that tells them apart by colour, end mark and last value.

mod axis;
mod line;

use lorikeet_chat::{Chart, Point};

use crate::canvas::{Align, Area, Canvas, line as path};
use crate::colour::{Colour, Colours, SERIES};
use crate::lettering::Font;
use crate::{Scheme, marks};
use axis::{Scale, short};

/// Pixels; the proportions of a photo, and the text is large enough for a phone.
const WIDTH: f32 = 1280.0;
const HEIGHT: f32 = 800.0;
const MARGIN: f32 = 44.0;
/// Thickness of the lines.
const LINE: f32 = 6.0;
const MARK: f32 = 10.0;
/// The most lines drawn; a chart with more could not be read, and the legend says how many are left out.
const MAX_LINES: usize = 8;
const LEGEND_ROWS: usize = 2;

/// Values of more than this are drawn as this: half the numbers' range would otherwise overflow in the arithmetic.
const HUGE: f64 = 1e300;

/// A line to be drawn.
struct Line<'a> {
    name: &'a str,
    /// Finite, x rising, never empty.
    points: Vec<Point>,
}

/// Draws a chart: the bytes of a PNG of 1280 × 800 pixels.
///
/// Points that are not finite are left out; those out of order are put in order. A line of many points is drawn faintly as it is
/// and strongly smoothed (see `line::smooth`); the mark at its end and the number in the legend are the last value as it is. The first eight lines with points
/// are drawn. A chart without points has axes and a dash.
pub fn loss_chart(chart: &Chart, scheme: Scheme) -> Vec<u8> {
    let colours = scheme.colours();
    let mut canvas = Canvas::new(WIDTH as u32, HEIGHT as u32, colours.surface);
    let all: Vec<Line<'_>> = chart
        .series
        .iter()
        .map(|series| Line {
            name: &series.name,
            points: in_order(&series.points),
        })
        .filter(|line| !line.points.is_empty())
        .collect();
    let lines = &all[..all.len().min(MAX_LINES)];

    let mut top = title(&mut canvas, &chart.title, colours);
    top = legend(&mut canvas, lines, all.len() - lines.len(), top, colours);

    let ticks = Font::regular(30.0);
    let axis = Font::regular(30.0);
    let x_label = axis.shorten(&chart.x_label, WIDTH - 2.0 * MARGIN);
    let below = MARGIN
        + ticks.capitals()
        + 18.0
        + if x_label.is_empty() {
            0.0
        } else {
            axis.leading() + 8.0
        };
    let points = || lines.iter().flat_map(|line| &line.points);
    let up = Scale::around(points().map(|point| point.y));
    let widest = up.as_ref().map_or(0.0, |up| {
        let labels = up.labels();
        labels
            .iter()
            .map(|(_, text)| ticks.width(text))
            .fold(0.0, f32::max)
    });
    let left = (MARGIN + widest + if widest > 0.0 { 18.0 } else { 0.0 }).round();
    let plot = Area::new(
        left,
        (top + 22.0).round(),
        (WIDTH - MARGIN - MARK - left).round(),
        (HEIGHT - below - top - 22.0).round(),
    );
    canvas.text(
        &x_label,
        (plot.x + plot.width / 2.0, HEIGHT - MARGIN),
        Align::Middle,
        axis,
        colours.soft,
    );

    if let Some(up) = &up {
        let room = |texts: &[(f64, String)]| {
            let widest = texts
                .iter()
                .map(|(_, text)| ticks.width(text))
                .fold(0.0, f32::max);
            (widest + 48.0) * texts.len() as f32 <= plot.width + widest
        };
        if let Some(across) = Scale::within(points().map(|point| point.x), room) {
            axes(&mut canvas, plot, up, &across, ticks, colours);
            for (number, line) in lines.iter().enumerate() {
                draw(
                    &mut canvas,
                    line,
                    number,
                    lines.len() == 1,
                    plot,
                    up,
                    &across,
                    colours,
                );
            }
        }
    } else {
        nothing(&mut canvas, plot, colours);
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
    let font = Font::bold(42.0);
    let text = font.shorten(text, WIDTH - 2.0 * MARGIN);
    if text.is_empty() {
        return MARGIN - 20.0;
    }
    let baseline = MARGIN + font.capitals();
    canvas.text(&text, (MARGIN, baseline), Align::Left, font, colours.ink);
    baseline + 10.0
}

/// Returns where it ends.
fn legend(
    canvas: &mut Canvas,
    lines: &[Line<'_>],
    more: usize,
    top: f32,
    colours: &Colours,
) -> f32 {
    if lines.is_empty() {
        return top;
    }
    let (names, values) = (Font::regular(32.0), Font::bold(32.0));
    let (key, gap, between) = (56.0, 14.0, 44.0);
    let row_height = 50.0;
    let (mut x, mut row, mut hidden) = (MARGIN, 0, more);
    let baseline = |row: usize| top + 40.0 + row as f32 * row_height;
    // "+12" in the last row.
    let note = 90.0;
    for (number, line) in lines.iter().enumerate() {
        let value = short(line.points.last().map_or(0.0, |point| point.y));
        let value_width = values.width(&value);
        let name = names.shorten(line.name, 560.0 - value_width);
        let name_width = names.width(&name);
        let width = key + gap + name_width + gap + value_width;
        let room = |row: usize| WIDTH - MARGIN - if row + 1 == LEGEND_ROWS { note } else { 0.0 };
        if x > MARGIN && x + width > room(row) {
            if row + 1 == LEGEND_ROWS {
                hidden += lines.len() - number;
                break;
            }
            (x, row) = (MARGIN, row + 1);
        }
        let colour = SERIES[number % SERIES.len()];
        let (y, middle) = (baseline(row), baseline(row) - values.capitals() / 2.0);
        let sample = path([(x + LINE / 2.0, middle), (x + key - LINE / 2.0, middle)]);
        canvas.dash(sample, colour, LINE, dashes(number));
        mark(canvas, number, (x + key / 2.0, middle), colours);
        canvas.text(&name, (x + key + gap, y), Align::Left, names, colours.soft);
        let at = x + key + gap + name_width + if name.is_empty() { 0.0 } else { gap };
        canvas.text(&value, (at, y), Align::Left, values, colours.ink);
        x += width + between;
    }
    if hidden > 0 {
        let at = (WIDTH - MARGIN, baseline(row));
        canvas.text(&format!("+{hidden}"), at, Align::Right, names, colours.soft);
    }
    baseline(row) + 14.0
}

/// Colours that come again come dashed.
fn dashes(number: usize) -> Option<(f32, f32)> {
    (number >= SERIES.len()).then_some((LINE * 2.0, LINE * 2.2))
}

fn mark(canvas: &mut Canvas, number: usize, (x, y): (f32, f32), colours: &Colours) {
    canvas.fill(marks::point(number, x, y, MARK + 4.0), colours.surface);
    canvas.fill(
        marks::point(number, x, y, MARK),
        SERIES[number % SERIES.len()],
    );
}

fn axes(
    canvas: &mut Canvas,
    plot: Area,
    up: &Scale,
    across: &Scale,
    font: Font,
    colours: &Colours,
) {
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
        let at = (x, plot.bottom() + 18.0 + font.capitals());
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

#[expect(
    clippy::too_many_arguments,
    reason = "the places of one line, all different"
)]
fn draw(
    canvas: &mut Canvas,
    line: &Line<'_>,
    number: usize,
    alone: bool,
    plot: Area,
    up: &Scale,
    across: &Scale,
    colours: &Colours,
) {
    let colour: Colour = SERIES[number % SERIES.len()];
    // From here on in shares of the plot's width and height, where no number is too large.
    let shares: Vec<(f64, f64)> = line
        .points
        .iter()
        .map(|point| (across.share(point.x), up.share(point.y)))
        .collect();
    let place = |(x, y): (f64, f64)| {
        let (x, y) = (x as f32, y as f32);
        (plot.x + x * plot.width, plot.bottom() - y * plot.height)
    };
    let placed = |shares: &[(f64, f64)]| -> Vec<(f32, f32)> {
        let thinned = line::thin(shares, plot.width as usize);
        thinned.into_iter().map(place).collect()
    };
    let smoothed = line::smooth(&shares);
    let strong = placed(smoothed.as_deref().unwrap_or(&shares));
    if alone && let (Some(first), Some(last)) = (strong.first(), strong.last()) {
        let ends = [(last.0, plot.bottom()), (first.0, plot.bottom())];
        let below = path(strong.iter().copied().chain(ends));
        canvas.fade(below, colour.at(0.16), plot.y, plot.bottom());
    }
    if smoothed.is_some() {
        canvas.stroke(path(placed(&shares)), colour.at(0.32), 2.0);
    }
    canvas.dash(path(strong), colour, LINE, dashes(number));
    if let Some(last) = shares.last() {
        mark(canvas, number, place(*last), colours);
    }
}
