//! Buttons in rows, and rows on pages.

use std::cmp::Reverse;

use lorikeet_chat::{Page, PageToken, Stamp};

use crate::text::cells;
use crate::{Button, Does, Style, limits};

/// Letters that fit a row of a phone of 390 pixels, the gaps included.
const ROW: usize = 34;
/// What stands between two labels, in letters.
const GAP: usize = 2;
/// Bytes of what a button carries, at most.
const TOKEN: usize = 29;
/// Rows that can be overlooked on a phone; more are pages.
const ROWS: usize = 16;

pub(crate) type Row = Vec<Button>;

/// As many side by side as can be read, spread evenly; the order stays. What most people want has a row to itself where that
/// costs none.
pub(crate) fn spread(buttons: Vec<Button>, per_row: usize) -> Vec<Row> {
    let widths: Vec<usize> = buttons.iter().map(|button| cells(&button.label)).collect();
    let mut best = vec![Spread::default(); buttons.len() + 1];
    for start in (0..buttons.len()).rev() {
        let mut widest = 0;
        let mut least: Option<Spread> = None;
        for end in start + 1..=buttons.len().min(start + per_row.max(1)) {
            widest = widest.max(widths[end - 1]);
            if !legible(end - start, widest) {
                break;
            }
            let primary = |button: &Button| button.style == Some(Style::Primary);
            let crowded = end - start > 1 && buttons[start..end].iter().any(primary);
            let after = &best[end];
            let spread = Spread {
                rows: after.rows + 1,
                squares: after.squares + (end - start).pow(2),
                crowded: after.crowded + usize::from(crowded),
                size: Reverse(end - start),
            };
            if least.as_ref().is_none_or(|least| spread < *least) {
                least = Some(spread);
            }
        }
        best[start] = least.unwrap_or_default();
    }
    let mut rows = Vec::new();
    let mut at = 0;
    let mut rest = buttons.into_iter();
    while let Some(spread) = best.get(at).filter(|spread| spread.size.0 > 0) {
        rows.push(rest.by_ref().take(spread.size.0).collect());
        at += spread.size.0;
    }
    rows
}

/// How buttons are spread from one on: the less, the better.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Spread {
    rows: usize,
    /// The sum of the rows' squares: the least where they are even.
    squares: usize,
    /// Rows in which what most people want has neighbours.
    crowded: usize,
    /// Buttons of the first row: of two ways as good, the one that begins with the longer.
    size: Reverse<usize>,
}

/// Rows of so many columns, or fewer where they could not be read.
pub(crate) fn grid(buttons: Vec<Button>, columns: usize, per_row: usize) -> Vec<Row> {
    let widest = buttons.iter().map(|button| cells(&button.label)).max();
    let most = columns.min(per_row).max(1);
    let columns = (1..=most)
        .rev()
        .find(|columns| legible(*columns, widest.unwrap_or(0)));
    chunks(buttons, columns.unwrap_or(1))
}

/// Rows of so many.
pub(crate) fn chunks(buttons: Vec<Button>, size: usize) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for button in buttons {
        match rows.last_mut() {
            Some(row) if row.len() < size.max(1) => row.push(button),
            _ => rows.push(vec![button]),
        }
    }
    rows
}

fn legible(side_by_side: usize, widest: usize) -> bool {
    side_by_side == 1 || side_by_side * widest + (side_by_side - 1) * GAP <= ROW
}

/// What of a keyboard a room takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) per_row: usize,
    pub(crate) total: usize,
}

/// How much something takes of a keyboard.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    rows: usize,
    buttons: usize,
    bytes: usize,
}

impl Size {
    fn of(rows: &[Row]) -> Self {
        Self {
            rows: rows.len(),
            buttons: rows.iter().map(Vec::len).sum(),
            bytes: rows.iter().map(bytes).sum(),
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            rows: self.rows + other.rows,
            buttons: self.buttons + other.buttons,
            bytes: self.bytes + other.bytes,
        }
    }

    fn fits(self, most: Self) -> bool {
        self.rows <= most.rows && self.buttons <= most.buttons && self.bytes <= most.bytes
    }

    fn minus(self, other: Self) -> Self {
        Self {
            rows: self.rows.saturating_sub(other.rows),
            buttons: self.buttons.saturating_sub(other.buttons),
            bytes: self.bytes.saturating_sub(other.bytes),
        }
    }
}

/// The keyboard's pages, at least one. Navigation is on each of them, unless it takes half of it.
pub(crate) fn pages(
    mut rows: Vec<Row>,
    mut navigation: Vec<Row>,
    frame: Frame,
    stamp: Stamp,
) -> Vec<Vec<Row>> {
    let most = Size {
        rows: ROWS,
        buttons: frame.total,
        bytes: limits::MARKUP - 2,
    };
    let all = Size::of(&rows).plus(Size::of(&navigation));
    if all.fits(most) {
        rows.extend(navigation);
        return vec![rows];
    }
    let turning = Size::of(&turns(u32::MAX / 2, u32::MAX, frame, stamp));
    let half = Size {
        rows: most.rows / 2,
        buttons: most.buttons / 2,
        bytes: most.bytes / 2,
    };
    if !Size::of(&navigation).plus(turning).fits(half) {
        rows.append(&mut navigation);
    }
    let room = most.minus(turning).minus(Size::of(&navigation));
    let mut pages: Vec<Vec<Row>> = vec![Vec::new()];
    let mut used = Size::default();
    for part in rows.into_iter().flat_map(|row| chunks(row, room.buttons)) {
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

/// The page of further controls with this number from 0.
pub(crate) const fn numbered(number: u32) -> Page {
    if number == 0 {
        Page::First
    } else {
        Page::More(number)
    }
}

/// What turns the pages: back, where one is (and to the first), on.
fn turns(number: u32, count: u32, frame: Frame, stamp: Stamp) -> Vec<Row> {
    let turn = |label: String, number| Button {
        label,
        style: None,
        does: Does::Turn(PageToken {
            stamp,
            page: numbered(number),
        }),
    };
    let mut row = Vec::new();
    if number > 0 {
        row.push(turn("‹".to_owned(), number - 1));
    }
    row.push(turn(format!("{}/{count}", number.saturating_add(1)), 0));
    if number + 1 < count {
        row.push(turn("›".to_owned(), number + 1));
    }
    chunks(row, frame.per_row)
}

/// Bytes of a row as JSON, with what the adapter appends and the commas.
fn bytes(row: &Row) -> usize {
    const AROUND: usize = r#"{"text":"","callback_data":"","style":"primary"},"#.len();
    let quoted =
        |text: &str| text.len() + text.bytes().filter(|b| matches!(b, b'"' | b'\\')).count();
    let button = |button: &Button| {
        let does = match &button.does {
            Does::Press(_) | Does::Turn(_) => TOKEN + limits::OWNER,
            Does::Open(address) => quoted(address),
        };
        AROUND + quoted(&button.label) + does
    };
    row.iter().map(button).sum::<usize>() + "[],".len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buttons(labels: &[&str]) -> Vec<Button> {
        let button = |(number, label): (u32, &&str)| Button {
            label: (*label).to_owned(),
            style: None,
            does: Does::Press(Stamp::default().token(number)),
        };
        (0..).zip(labels).map(button).collect()
    }

    fn labels(rows: &[Row]) -> Vec<Vec<&str>> {
        rows.iter()
            .map(|row| row.iter().map(|button| button.label.as_str()).collect())
            .collect()
    }

    #[test]
    fn as_many_side_by_side_as_can_be_read() {
        let rows = |labels: &[&str], per_row| spread(buttons(labels), per_row);
        assert_eq!(
            labels(&rows(&["Overview", "Back", "Main menu"], 8)),
            [["Overview", "Back", "Main menu"]]
        );
        assert_eq!(
            labels(&rows(&["a", "b", "c", "d"], 3)),
            [["a", "b"], ["c", "d"]]
        );
        let wide = "A label that takes a whole row";
        assert_eq!(
            labels(&rows(&["a", wide, "b"], 8)),
            [vec!["a"], vec![wide], vec!["b"]]
        );
        let wide = "画像画像画像画像";
        assert_eq!(
            labels(&rows(&[wide, wide, "b"], 8)),
            [vec![wide, wide], vec!["b"]]
        );
        assert_eq!(rows(&[], 8), Vec::<Row>::new());
        assert_eq!(rows(&["a", "b"], 0).len(), 2);
    }

    #[test]
    fn what_most_people_want_has_a_row_to_itself() {
        let mut three = buttons(&["Use it", "Another part", "Leave it alone"]);
        three[0].style = Some(Style::Primary);
        assert_eq!(
            labels(&spread(three, 8)),
            [vec!["Use it"], vec!["Another part", "Leave it alone"]]
        );
    }

    #[test]
    fn rows_are_even() {
        let labels = [
            "Review and train",
            "Pictures",
            "Captions",
            "Settings",
            "Trigger word",
            "Download the pictures",
        ];
        let mut six = buttons(&labels);
        six[0].style = Some(Style::Primary);
        let sizes: Vec<usize> = spread(six, 8).iter().map(Vec::len).collect();
        assert_eq!(sizes, [1, 2, 2, 1]);
    }

    #[test]
    fn a_grid_is_narrower_where_it_could_not_be_read() {
        let rows = |label: &str, columns, per_row| {
            grid(buttons(&[label; 6]), columns, per_row)
                .iter()
                .map(Vec::len)
                .collect::<Vec<_>>()
        };
        assert_eq!(rows("12", 5, 8), [5, 1]);
        assert_eq!(rows("12", 5, 3), [3, 3]);
        assert_eq!(rows("Step 1000", 5, 8), [3, 3]);
        assert_eq!(rows("12", 0, 0), [1; 6]);
    }

    #[test]
    fn navigation_is_on_every_page() {
        let many = ["A LoRA"; 40];
        let frame = Frame {
            per_row: 8,
            total: 100,
        };
        let pages = pages(
            chunks(buttons(&many), 1),
            vec![buttons(&["Back"])],
            frame,
            Stamp::default(),
        );
        assert_eq!(pages.len(), 3);
        for page in &pages {
            assert!(page.len() <= ROWS);
            assert_eq!(page.last().map(|row| row[0].label.as_str()), Some("Back"));
        }
        let turning: Vec<_> = pages
            .iter()
            .map(|page| &page[page.len() - 2])
            .cloned()
            .collect();
        assert_eq!(
            labels(&turning),
            [vec!["1/3", "›"], vec!["‹", "2/3", "›"], vec!["‹", "3/3"]]
        );
    }

    #[test]
    fn a_keyboard_without_room_still_has_pages() {
        for total in 0..8 {
            let frame = Frame { per_row: 1, total };
            let rows = chunks(buttons(&["a"; 9]), 9);
            let pages = pages(
                rows,
                vec![buttons(&["Back", "Menu"])],
                frame,
                Stamp::default(),
            );
            let there: usize = pages
                .iter()
                .flatten()
                .flatten()
                .filter(|b| b.label == "a")
                .count();
            assert_eq!(there, 9);
        }
    }
}
