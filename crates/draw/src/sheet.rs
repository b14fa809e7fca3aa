//! The contact sheet: numbered tiles in a grid, each with its picture and state.

use lorikeet_chat::{Tile, TileState};
use tiny_skia::PathBuilder;

use crate::canvas::{Align, Area, Canvas};
use crate::colour::{COMPLETE, Colours, PILL, WHITE};
use crate::lettering::Font;
use crate::{MAX_WIDTH, Picture, Scheme, marks};

/// The most places drawn with their own tile; of more, the last tile says how many are left out.
pub const MAX_SLOTS: usize = 100;

const MARGIN: f32 = 28.0;
const GAP: f32 = 18.0;
/// No tile is larger, because thumbnails are not (256 pixels) and would look soft.
const MAX_TILE: f32 = 320.0;
const MAX_COLUMNS: usize = 10;
/// Width over height that a chat shows largest.
const GOOD_ASPECT: f32 = 1.25;

/// The places of a dataset.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet<'a> {
    /// In the order of their numbers.
    pub slots: Vec<Slot<'a>>,
}

/// One place.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot<'a> {
    /// What it is called ("3"); shortened to the tile.
    pub label: String,
    /// What state it is in.
    pub state: TileState,
    /// Its picture, of any size: the middle is shown. 256 to 320 pixels a side are enough. Not shown while empty.
    pub picture: Option<Picture<'a>>,
}

impl<'a> Slot<'a> {
    /// The place that a screen's tile speaks of, with the pixels of its image. The tile's note is left to the text.
    pub fn new(tile: &Tile, picture: Option<Picture<'a>>) -> Self {
        Self {
            label: tile.label.clone(),
            state: tile.state,
            picture,
        }
    }
}

/// Draws a contact sheet: the bytes of a PNG, at most [`MAX_WIDTH`] pixels wide and 1280 high.
///
/// Empty places are dashed, with their number in the middle; arriving ones have an arrow, filled ones a dashed ring where complete
/// ones have a tick, problems an exclamation mark and a frame. Without any place, an empty one without a number is drawn.
pub fn contact_sheet(sheet: &Sheet<'_>, scheme: Scheme) -> Vec<u8> {
    let colours = scheme.colours();
    let shown = sheet.slots.len().clamp(1, MAX_SLOTS);
    let columns = columns(shown);
    let tile = tile_side(columns);
    let length = |tiles: usize| 2.0 * MARGIN + tiles as f32 * (tile + GAP) - GAP;
    let (width, height) = (length(columns), length(shown.div_ceil(columns)));
    let mut canvas = Canvas::new(width as u32, height as u32, colours.surface);
    let nothing = Slot {
        label: String::new(),
        state: TileState::Empty,
        picture: None,
    };
    let hidden = sheet.slots.len().saturating_sub(MAX_SLOTS);
    let more = Slot {
        // The last place gives up its tile for this.
        label: format!("+{}", hidden + 1),
        ..nothing.clone()
    };
    for number in 0..shown {
        let (row, column) = (number / columns, number % columns);
        let place = |count: usize| MARGIN + count as f32 * (tile + GAP);
        let area = Area::new(place(column), place(row), tile, tile);
        let slot = if hidden > 0 && number + 1 == shown {
            &more
        } else {
            sheet.slots.get(number).unwrap_or(&nothing)
        };
        draw(&mut canvas, slot, area, colours);
    }
    canvas.png()
}

/// As near to a good shape as goes with few places left over.
fn columns(tiles: usize) -> usize {
    if tiles <= 3 {
        return tiles;
    }
    let cost = |columns: usize| {
        let rows = tiles.div_ceil(columns);
        let aspect = columns as f32 / rows as f32 / GOOD_ASPECT;
        let left_over = (columns * rows - tiles) as f32 / (columns * rows) as f32;
        aspect.max(1.0 / aspect) + 4.0 * left_over
    };
    (2..=MAX_COLUMNS.min(tiles))
        .min_by(|a, b| cost(*a).total_cmp(&cost(*b)))
        .unwrap_or(1)
}

fn tile_side(columns: usize) -> f32 {
    let room = MAX_WIDTH as f32 - 2.0 * MARGIN + GAP;
    (room / columns as f32 - GAP).floor().min(MAX_TILE)
}

fn draw(canvas: &mut Canvas, slot: &Slot<'_>, area: Area, colours: &Colours) {
    let side = area.width;
    let radius = (side * 0.1).round();
    let thin = (side / 90.0).max(2.0);
    let middle = (area.x + side / 2.0, area.y + side / 2.0);
    if slot.state == TileState::Empty {
        let outline = area.inset(thin / 2.0).rounded(radius - thin / 2.0);
        let dash = (side * 0.035, side * 0.045);
        canvas.dash(outline, colours.soft.at(0.6), thin, Some(dash));
        let font = Font::bold(side * 0.2);
        let label = font.shorten(&slot.label, side * 0.84);
        let baseline = middle.1 + font.capitals() / 2.0;
        canvas.text(
            &label,
            (middle.0, baseline),
            Align::Middle,
            font,
            colours.soft,
        );
        return;
    }

    let problem = slot.state == TileState::Problem;
    let ground = if problem {
        colours.red_wash
    } else {
        colours.sunken
    };
    canvas.fill(area.rounded(radius), ground);
    if let Some(picture) = &slot.picture {
        canvas.picture(picture, area, radius);
        // Where a picture is of the ground's colour, its edge still shows.
        let edge = area.inset(0.5).rounded(radius);
        canvas.stroke(edge, colours.ink.at(0.14), 1.0);
    } else if slot.state == TileState::Arriving {
        let at = (middle.0, middle.1 - side * 0.06);
        marks::incoming(canvas, at, side * 0.34, colours.blue);
    } else {
        let colour = if problem { colours.red } else { colours.soft };
        let at = (middle.0, middle.1 - side * 0.04);
        marks::landscape(canvas, at, side * 0.36, colour.at(0.55));
    }
    if problem {
        let frame = thin * 1.6;
        canvas.stroke(
            area.inset(frame / 2.0).rounded(radius - frame / 2.0),
            colours.red,
            frame,
        );
    }
    label(canvas, &slot.label, area);
    badge(canvas, slot, area, colours);
}

/// The number in the lower left, on a dark pill that any picture lets stand out.
fn label(canvas: &mut Canvas, text: &str, area: Area) {
    let side = area.width;
    let font = Font::bold((side * 0.145).max(24.0).min(side * 0.24));
    let (margin, height) = ((side * 0.045).round(), (font.capitals() * 1.75).round());
    let padding = (height * 0.36).round();
    let text = font.shorten(text, side - 2.0 * (margin + padding));
    if text.is_empty() {
        return;
    }
    let width = (font.width(&text) + 2.0 * padding).max(height).round();
    let pill = Area::new(
        area.x + margin,
        area.bottom() - margin - height,
        width,
        height,
    );
    canvas.fill(pill.rounded(height / 2.0), PILL.at(0.74));
    let baseline = pill.y + (height + font.capitals()) / 2.0;
    canvas.text(
        &text,
        (pill.x + width / 2.0, baseline),
        Align::Middle,
        font,
        WHITE,
    );
}

/// The state in the upper right.
fn badge(canvas: &mut Canvas, slot: &Slot<'_>, area: Area, colours: &Colours) {
    let side = area.width;
    let radius = (side * 0.1).max(14.0);
    let margin = side * 0.055 + radius;
    let at = (area.right() - margin, area.y + margin);
    let disc = |canvas: &mut Canvas, colour| {
        canvas.disc(at.0, at.1, radius * 1.16, colours.surface);
        canvas.disc(at.0, at.1, radius, colour);
    };
    match slot.state {
        TileState::Complete => {
            disc(canvas, COMPLETE);
            marks::tick(canvas, at, radius, WHITE);
        }
        TileState::Problem => {
            disc(canvas, colours.red);
            marks::alarm(canvas, at, radius, colours.surface);
        }
        // Without a picture the arrow in the middle has said it.
        TileState::Arriving if slot.picture.is_some() => {
            disc(canvas, colours.surface);
            marks::incoming(canvas, at, radius * 1.1, colours.blue);
        }
        // A tick's place, still to be ticked.
        TileState::Filled => {
            let ring = PathBuilder::from_circle(at.0, at.1, radius * 0.94);
            canvas.disc(at.0, at.1, radius * 1.16, PILL.at(0.5));
            // Eight dashes and gaps make the way around, 5.906 of the badge's radius.
            canvas.dash(
                ring,
                WHITE,
                radius * 0.16,
                Some((radius * 0.36, radius * 0.3783)),
            );
        }
        TileState::Arriving | TileState::Empty => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_suit_a_chat() {
        let chosen: Vec<(usize, usize)> = [1, 2, 3, 4, 6, 7, 9, 12, 15, 16, 20, 25, 30, 100]
            .map(|tiles| (columns(tiles), tiles.div_ceil(columns(tiles))))
            .to_vec();
        assert_eq!(
            chosen,
            [
                (1, 1),
                (2, 1),
                (3, 1),
                (2, 2),
                (3, 2),
                (4, 2),
                (3, 3),
                (4, 3),
                (5, 3),
                (4, 4),
                (5, 4),
                (5, 5),
                (6, 5),
                (10, 10)
            ]
        );
    }
}
