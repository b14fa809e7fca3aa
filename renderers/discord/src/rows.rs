//! Controls in rows, and rows on pages.

use lorikeet_chat::{Page, PageToken, Stamp};

use crate::text::cells;
use crate::{Button, Does, Row, Style, limits};

/// Letters that fit a row on a desktop; a phone breaks the row.
const WIDTH: usize = 64;
/// What stands between two labels, in letters.
const GAP: usize = 5;

/// As few rows as can be read, about as long as one another; the order stays.
pub(crate) fn spread(buttons: Vec<Button>, per_row: usize) -> Vec<Row> {
    let widths: Vec<usize> = buttons.iter().map(|button| cells(&button.label)).collect();
    let legible = |size: &usize| {
        *size == 1
            || widths
                .chunks(*size)
                .all(|row| row.iter().sum::<usize>() + (row.len() - 1) * GAP <= WIDTH)
    };
    let even = |rows: usize| buttons.len().div_ceil(rows);
    let sizes = (1..=buttons.len())
        .map(even)
        .filter(|size| *size <= per_row.max(1));
    let size = sizes.into_iter().find(legible).unwrap_or(1);
    chunks(buttons, size)
}

/// Rows of so many.
pub(crate) fn chunks(buttons: Vec<Button>, size: usize) -> Vec<Row> {
    let mut rows: Vec<Vec<Button>> = Vec::new();
    for button in buttons {
        match rows.last_mut() {
            Some(row) if row.len() < size.max(1) => row.push(button),
            _ => rows.push(vec![button]),
        }
    }
    rows.into_iter().map(Row::Buttons).collect()
}

impl Row {
    /// Its buttons; a choice has none.
    pub(crate) fn buttons(&self) -> &[Button] {
        match self {
            Self::Buttons(buttons) => buttons,
            Self::Select(_) => &[],
        }
    }
}

/// What of the controls a room takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) per_row: usize,
    pub(crate) total: usize,
}

/// How much something takes of the room for controls.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    rows: usize,
    controls: usize,
}

impl Size {
    fn of(rows: &[Row]) -> Self {
        Self {
            rows: rows.len(),
            controls: rows.iter().map(|row| row.buttons().len().max(1)).sum(),
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            rows: self.rows + other.rows,
            controls: self.controls + other.controls,
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            rows: self.rows.saturating_sub(other.rows),
            controls: self.controls.saturating_sub(other.controls),
        }
    }

    fn fits(self, room: Self) -> bool {
        self.rows <= room.rows && self.controls <= room.controls
    }
}

/// The rows as pages, in their order; one page where all of them fit, if need be closer together than they would best lie.
/// Navigation is on every page unless it would take most of it.
pub(crate) fn pages(
    mut rows: Vec<Row>,
    mut navigation: Vec<Row>,
    frame: Frame,
    stamp: Stamp,
) -> Vec<Vec<Row>> {
    let most = Size {
        rows: limits::ROWS,
        controls: frame.total,
    };
    for closer in [|rows, _| rows, merged, filled] {
        rows = closer(rows, frame.per_row);
        if Size::of(&rows).plus(Size::of(&navigation)).fits(most) {
            rows.append(&mut navigation);
            return vec![rows];
        }
    }
    let turning = Size::of(&turns(u32::MAX / 2, u32::MAX, frame, stamp));
    let half = Size {
        rows: most.rows / 2,
        controls: most.controls / 2,
    };
    if !Size::of(&navigation).plus(turning).fits(half) {
        rows.append(&mut navigation);
    }
    let room = most.minus(turning).minus(Size::of(&navigation));
    let mut pages: Vec<Vec<Row>> = vec![Vec::new()];
    let mut used = Size::default();
    let parts = rows.into_iter().flat_map(|row| match row {
        Row::Buttons(buttons) => chunks(buttons, room.controls),
        Row::Select(_) => vec![row],
    });
    for part in parts {
        let part = [part];
        let size = Size::of(&part);
        if used.plus(size).fits(room) || used.rows == 0 {
            used = used.plus(size);
        } else {
            pages.push(Vec::new());
            used = size;
        }
        if let Some(page) = pages.last_mut() {
            page.extend(part);
        }
    }
    let count = pages.len() as u32;
    if count > 1 {
        for (number, page) in (0..).zip(&mut pages) {
            page.extend(turns(number, count, frame, stamp));
        }
    }
    for page in &mut pages {
        page.extend(navigation.iter().cloned());
    }
    pages
}

/// Neighbours in one row, where both of them fit.
fn merged(rows: Vec<Row>, per_row: usize) -> Vec<Row> {
    let mut closer: Vec<Row> = Vec::new();
    for row in rows {
        match (closer.last_mut(), row) {
            (Some(Row::Buttons(last)), Row::Buttons(more))
                if last.len() + more.len() <= per_row =>
            {
                last.extend(more);
            }
            (_, row) => closer.push(row),
        }
    }
    closer
}

/// Every row as full as it can be.
fn filled(rows: Vec<Row>, per_row: usize) -> Vec<Row> {
    let mut closer = Vec::new();
    let mut waiting = Vec::new();
    for row in rows {
        match row {
            Row::Buttons(buttons) => waiting.extend(buttons),
            Row::Select(_) => {
                closer.extend(chunks(std::mem::take(&mut waiting), per_row));
                closer.push(row);
            }
        }
    }
    closer.extend(chunks(waiting, per_row));
    closer
}

/// The page of further controls with this number from 0.
pub(crate) const fn numbered(number: u32) -> Page {
    if number == 0 {
        Page::First
    } else {
        Page::More(number)
    }
}

/// What turns the pages: back, where one is, on.
fn turns(number: u32, count: u32, frame: Frame, stamp: Stamp) -> Vec<Row> {
    let turn = |label: &str, does| Button {
        label: label.to_owned(),
        style: Style::Secondary,
        does,
    };
    let to = |number| {
        Does::Turn(PageToken {
            stamp,
            page: numbered(number),
        })
    };
    let mut row = Vec::new();
    if number > 0 {
        row.push(turn("◀", to(number - 1)));
    }
    let place = format!("{}/{count}", number.saturating_add(1));
    row.push(turn(&place, Does::Nothing));
    if number + 1 < count {
        row.push(turn("▶", to(number + 1)));
    }
    chunks(row, frame.per_row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Select;

    fn buttons(labels: &[&str]) -> Vec<Button> {
        let button = |(number, label): (u32, &&str)| Button {
            label: (*label).to_owned(),
            style: Style::Secondary,
            does: Does::Press(Stamp::default().token(number)),
        };
        (0..).zip(labels).map(button).collect()
    }

    fn select() -> Row {
        Row::Select(Select {
            custom_id: "select:0:x".to_owned(),
            placeholder: None,
            options: Vec::new(),
        })
    }

    fn sizes(rows: &[Row]) -> Vec<usize> {
        rows.iter().map(|row| row.buttons().len()).collect()
    }

    #[test]
    fn rows_are_even_and_can_be_read() {
        let rows = |labels: &[&str], per_row| sizes(&spread(buttons(labels), per_row));
        assert_eq!(rows(&["Overview", "Back", "Main menu"], 5), [3]);
        assert_eq!(rows(&["a"; 6], 5), [3, 3]);
        assert_eq!(rows(&["a"; 7], 3), [3, 3, 1]);
        let wide = "A label that takes a good half of a row";
        assert_eq!(rows(&[wide; 2], 5), [1, 1]);
        assert_eq!(rows(&["画像画像画像画像画像画像"; 3], 5), [2, 1]);
        assert_eq!(rows(&["a", "b"], 0), [1, 1]);
        assert_eq!(rows(&[], 5), [0; 0]);
    }

    const FRAME: Frame = Frame {
        per_row: 5,
        total: 25,
    };

    fn paged(rows: Vec<Row>, navigation: Vec<Row>) -> Vec<Vec<usize>> {
        let pages = pages(rows, navigation, FRAME, Stamp::default());
        pages.iter().map(|page| sizes(page)).collect()
    }

    #[test]
    fn rows_lie_closer_before_there_are_pages() {
        let back = || chunks(buttons(&["Back"]), 1);
        assert_eq!(
            paged(chunks(buttons(&["a"; 4]), 1), back()),
            [[1, 1, 1, 1, 1]]
        );
        assert_eq!(paged(chunks(buttons(&["a"; 6]), 2), back()), [[2, 2, 2, 1]]);
        assert_eq!(
            paged(chunks(buttons(&["a"; 10]), 2), back()),
            [[4, 4, 2, 1]]
        );
        assert_eq!(
            paged(chunks(buttons(&["a"; 20]), 3), back()),
            [[5, 5, 5, 5, 1]]
        );
        let mut mixed = chunks(buttons(&["a"; 6]), 1);
        mixed.insert(3, select());
        assert_eq!(paged(mixed, back()), [[3, 0, 3, 1]]);
    }

    #[test]
    fn navigation_is_on_every_page() {
        let rows = chunks(buttons(&["A LoRA"; 40]), 5);
        let pages = pages(rows, chunks(buttons(&["Back"]), 5), FRAME, Stamp::default());
        assert_eq!(pages.len(), 3);
        let labels = |row: &Row| {
            let labels = row.buttons().iter().map(|button| button.label.clone());
            labels.collect::<Vec<_>>().join(" ")
        };
        let turning: Vec<String> = pages.iter().map(|p| labels(&p[p.len() - 2])).collect();
        assert_eq!(turning, ["1/3 ▶", "◀ 2/3 ▶", "◀ 3/3"]);
        for page in &pages {
            assert!(page.len() <= limits::ROWS);
            assert_eq!(page.last().map(labels).as_deref(), Some("Back"));
        }
    }

    #[test]
    fn a_room_without_room_still_has_pages() {
        for total in 0..8 {
            let frame = Frame { per_row: 1, total };
            let mut rows = chunks(buttons(&["a"; 9]), 9);
            rows.push(select());
            let pages = pages(
                rows,
                chunks(buttons(&["Back", "Menu"]), 2),
                frame,
                Stamp::default(),
            );
            let all = || pages.iter().flatten();
            let there = all().flat_map(Row::buttons).filter(|b| b.label == "a");
            assert_eq!(there.count(), 9);
            assert_eq!(all().filter(|row| **row == select()).count(), 1);
        }
    }
}
