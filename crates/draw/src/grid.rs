//! The grid of samples: what each checkpoint made of each prompt.

use crate::canvas::{Align, Area, Canvas};
use crate::colour::Colours;
use crate::lettering::Font;
use crate::{MAX_HEIGHT, MAX_WIDTH, Picture, Scheme, marks};

const MARGIN: f32 = 28.0;
const GAP: f32 = 14.0;
/// Cells are not larger, in pixels a side, however few there are.
const MAX_CELL: f32 = 400.0;
/// Nor smaller: what then does not fit is left out and counted.
const MIN_CELL: f32 = 56.0;
/// Room for the checkpoints' labels, beside their rows.
const LABEL_WIDTH: f32 = 215.0;
const HEADING_LINES: usize = 2;
/// What is higher does not fit on a screen; cells shrink down to [`GOOD_CELL`] to stay below.
const GOOD_HEIGHT: f32 = 1600.0;
const GOOD_CELL: f32 = 170.0;
/// Room for how many columns or rows are left out.
const NOTE_WIDTH: f32 = 110.0;
const NOTE_HEIGHT: f32 = 60.0;

/// Samples to be compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid<'a> {
    /// The prompts: on two lines, shortened to their column.
    pub columns: Vec<String>,
    /// The checkpoints, from the top.
    pub rows: Vec<Row<'a>>,
}

/// The samples of a checkpoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row<'a> {
    /// What it is called ("Step 250").
    pub label: String,
    /// A place for each prompt, in their order; missing ones are empty, and those without a prompt are not shown. Pictures are
    /// shown whole, in cells of the first one's shape.
    pub cells: Vec<Option<Picture<'a>>>,
}

/// Draws a grid of samples: the bytes of a PNG, at most [`MAX_WIDTH`] by [`MAX_HEIGHT`] pixels.
///
/// Cells shrink until all fit. Without a column or row there is one of empty places. When they would be narrower than 56 pixels, the last columns or rows are left out, and "+3" in their
/// place says how many.
pub fn sample_grid(grid: &Grid<'_>, scheme: Scheme) -> Vec<u8> {
    let colours = scheme.colours();
    let plan = Plan::of(grid);
    let mut canvas = Canvas::new(plan.width, plan.height, colours.surface);
    for (column, heading) in grid.columns.iter().take(plan.columns).enumerate() {
        let lines = plan.heading.wrap(heading, plan.cell.0, HEADING_LINES);
        let leading = plan.heading.leading();
        // On the last line there is room for, so that short headings stand on their column.
        let last = plan.top - GAP - 0.22 * leading;
        for (above, line) in lines.iter().rev().enumerate() {
            let at = (
                plan.left(column) + plan.cell.0 / 2.0,
                last - above as f32 * leading,
            );
            canvas.text(line, at, Align::Middle, plan.heading, colours.soft);
        }
    }
    let nothing = Row::default();
    for number in 0..plan.rows {
        let row = grid.rows.get(number).unwrap_or(&nothing);
        let y = plan.y(number);
        let lines = plan.label.wrap(&row.label, plan.labels, 3);
        let leading = plan.label.leading();
        let block = (lines.len().max(1) - 1) as f32 * leading + plan.label.capitals();
        let first = y + (plan.cell.1 - block) / 2.0 + plan.label.capitals();
        for (below, line) in lines.iter().enumerate() {
            let at = (MARGIN, first + below as f32 * leading);
            canvas.text(line, at, Align::Left, plan.label, colours.ink);
        }
        for column in 0..plan.columns {
            let area = Area::new(plan.left(column), y, plan.cell.0, plan.cell.1);
            let picture = row.cells.get(column).and_then(Option::as_ref);
            cell(&mut canvas, picture, area, colours);
        }
    }
    left_out(&mut canvas, grid, &plan, colours);
    canvas.png()
}

fn cell(canvas: &mut Canvas, picture: Option<&Picture<'_>>, area: Area, colours: &Colours) {
    let side = area.width.min(area.height);
    let radius = (side * 0.07).clamp(4.0, 18.0).round();
    let Some(picture) = picture else {
        canvas.fill(area.rounded(radius), colours.sunken);
        let middle = (area.x + area.width / 2.0, area.y + area.height / 2.0);
        marks::landscape(canvas, middle, side * 0.26, colours.line_strong);
        return;
    };
    let (width, height) = picture.inside(area.width as u32, area.height as u32);
    // A rounded pixel more or less is not worth a bar beside the picture.
    let near = |inner: u32, outer: f32| (outer - inner as f32).abs() <= 2.0;
    let inner = if near(width, area.width) && near(height, area.height) {
        area
    } else {
        canvas.fill(area.rounded(radius), colours.sunken);
        let (width, height) = (width as f32, height as f32);
        let x = (area.x + (area.width - width) / 2.0).round();
        let y = (area.y + (area.height - height) / 2.0).round();
        Area::new(x, y, width, height)
    };
    canvas.picture(picture, inner, radius);
    canvas.stroke(inner.inset(0.5).rounded(radius), colours.ink.at(0.14), 1.0);
}

/// How many columns and rows are not shown, after the last that are.
fn left_out(canvas: &mut Canvas, grid: &Grid<'_>, plan: &Plan, colours: &Colours) {
    let columns = grid.columns.len().saturating_sub(plan.columns);
    let rows = grid.rows.len().saturating_sub(plan.rows);
    let font = plan.label;
    let half = font.capitals() / 2.0;
    if columns > 0 {
        let at = (
            plan.width as f32 - MARGIN,
            plan.top - GAP - font.leading() * 0.22,
        );
        canvas.text(&format!("+{columns}"), at, Align::Right, font, colours.soft);
    }
    if rows > 0 {
        let at = (
            MARGIN,
            plan.height as f32 - MARGIN - 0.5 * font.leading() + half,
        );
        canvas.text(&format!("+{rows}"), at, Align::Left, font, colours.soft);
    }
}

/// Where everything lies.
struct Plan {
    width: u32,
    height: u32,
    /// How many are shown, at least one.
    columns: usize,
    rows: usize,
    /// Width and height of a cell.
    cell: (f32, f32),
    /// Width of the rows' labels; 0 without any.
    labels: f32,
    /// Where the cells begin.
    start: f32,
    top: f32,
    heading: Font,
    label: Font,
}

impl Plan {
    fn of(grid: &Grid<'_>) -> Self {
        let label = Font::bold(33.0);
        let widest = grid
            .rows
            .iter()
            // What is beyond the maximum need not be measured.
            .take(MAX_HEIGHT as usize)
            .map(|row| label.width(&label.shorten(&row.label, LABEL_WIDTH)))
            .fold(0.0, f32::max);
        let labels = widest.ceil();
        let start = if labels > 0.0 {
            MARGIN + labels + 1.5 * GAP
        } else {
            MARGIN
        };
        let aspect = grid
            .rows
            .iter()
            .flat_map(|row| row.cells.iter().flatten())
            .next()
            .map_or(1.0, |picture| picture.aspect().clamp(0.5, 2.0));

        // Across: all columns if they can be wide enough, else as many as can, and room to say how many cannot.
        let across = MAX_WIDTH as f32 - MARGIN - start;
        let (columns, room) = fitting(grid.columns.len().max(1), across, MIN_CELL, NOTE_WIDTH);
        let mut wide = MAX_CELL * aspect.min(1.0);
        wide = wide.min((room + GAP) / columns as f32 - GAP);
        let heading = Font::regular((wide * 0.11).clamp(18.0, 33.0));
        let lines = grid
            .columns
            .iter()
            .take(columns)
            .map(|text| heading.wrap(text, wide.floor(), HEADING_LINES).len())
            .max()
            .unwrap_or(0);
        let top = match lines {
            0 if columns >= grid.columns.len() => MARGIN,
            lines => MARGIN + lines.max(1) as f32 * heading.leading() + GAP,
        };

        // Down: narrower cells are lower ones.
        let down = MAX_HEIGHT as f32 - MARGIN - top;
        let least = MIN_CELL / aspect.max(1.0);
        let (rows, room) = fitting(grid.rows.len().max(1), down, least, NOTE_HEIGHT);
        let mut high = wide / aspect;
        high = high.min((room + GAP) / rows as f32 - GAP);
        let good = (GOOD_HEIGHT - MARGIN - top + GAP) / rows as f32 - GAP;
        high = high.min(good.max(GOOD_CELL / aspect.max(1.0)));
        let cell = (
            (high * aspect).min(wide).floor().max(1.0),
            high.floor().max(1.0),
        );
        let end = |start: f32, count: usize, side: f32| {
            start + (count as f32 * (side + GAP) - GAP).max(0.0)
        };
        let more = |shown: usize, all: usize, room: f32| if shown < all { room } else { 0.0 };
        let width = end(start, columns, cell.0) + more(columns, grid.columns.len(), NOTE_WIDTH);
        let height = end(top, rows, cell.1) + more(rows, grid.rows.len(), NOTE_HEIGHT);
        Self {
            width: (width + MARGIN).min(MAX_WIDTH as f32) as u32,
            height: (height + MARGIN).min(MAX_HEIGHT as f32) as u32,
            columns,
            rows,
            cell,
            labels,
            start,
            top: top.round(),
            heading,
            label,
        }
    }

    fn left(&self, column: usize) -> f32 {
        (self.start + column as f32 * (self.cell.0 + GAP)).round()
    }

    fn y(&self, row: usize) -> f32 {
        (self.top + row as f32 * (self.cell.1 + GAP)).round()
    }
}

/// How many of `count` cells of at least `least` fit into `room`, and the room they have: when not all do, `note` less.
fn fitting(count: usize, room: f32, least: f32, note: f32) -> (usize, f32) {
    let most = |room: f32| ((room + GAP) / (least + GAP)).max(0.0) as usize;
    if count <= most(room) {
        (count, room)
    } else {
        (most(room - note), room - note)
    }
}
