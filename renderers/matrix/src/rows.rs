//! Controls in rows, and rows on pages.

use std::rc::Rc;

use lorikeet_chat::{Page, PageToken, Stamp};

use crate::{Does, Words};

/// A control in the list.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) label: String,
    /// Stands out.
    pub(crate) strong: bool,
    /// What there is to say of it.
    pub(crate) note: String,
    pub(crate) does: Goes,
    /// Of which choice of one it is an option.
    pub(crate) of: Option<Rc<Choice>>,
}

/// A choice of one.
#[derive(Debug)]
pub(crate) struct Choice {
    /// Which one of the screen's.
    pub(crate) number: usize,
    /// What is chosen.
    pub(crate) name: String,
    /// What the options say.
    pub(crate) options: Vec<String>,
}

/// Where a control leads.
#[derive(Clone, Debug)]
pub(crate) enum Goes {
    /// It is chosen by its number.
    By(Does),
    /// It is an address to be opened, and has no number.
    To(String),
}

impl Entry {
    pub(crate) fn new(label: String, does: Does) -> Self {
        Self {
            label,
            strong: false,
            note: String::new(),
            does: Goes::By(does),
            of: None,
        }
    }
}

/// Controls on one line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    pub(crate) entries: Vec<Entry>,
    /// What stands above it.
    pub(crate) name: String,
    /// Whether a blank line stands before it.
    pub(crate) apart: bool,
}

/// Rows of so many, the first of them apart.
pub(crate) fn chunks(entries: Vec<Entry>, size: usize) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for entry in entries {
        match rows.last_mut() {
            Some(row) if row.entries.len() < size.max(1) => row.entries.push(entry),
            _ => rows.push(Row {
                entries: vec![entry],
                name: String::new(),
                apart: rows.is_empty(),
            }),
        }
    }
    rows
}

/// The list's pages of at most so many controls, at least one page. Navigation is on each of them, unless it takes half of it.
pub(crate) fn pages(
    mut rows: Vec<Row>,
    mut navigation: Vec<Row>,
    total: usize,
    stamp: Stamp,
    words: Words<'_>,
) -> Vec<Vec<Row>> {
    let size = |rows: &[Row]| rows.iter().map(|row| row.entries.len()).sum::<usize>();
    if size(&rows) + size(&navigation) <= total {
        rows.extend(navigation);
        return vec![rows];
    }
    if (size(&navigation) + TURNS) * 2 > total {
        rows.append(&mut navigation);
    }
    let room = total.saturating_sub(TURNS + size(&navigation)).max(1);
    let mut pages: Vec<Vec<Row>> = vec![Vec::new()];
    let mut left = room;
    for row in rows {
        let mut name = row.name;
        for (number, entries) in row.entries.chunks(room).enumerate() {
            if entries.len() > left {
                pages.push(Vec::new());
                left = room;
            }
            left -= entries.len();
            let part = Row {
                entries: entries.to_vec(),
                name: std::mem::take(&mut name),
                apart: row.apart && number == 0,
            };
            if let Some(page) = pages.last_mut() {
                page.push(part);
            }
        }
    }
    let count = pages.len();
    for (number, page) in pages.iter_mut().enumerate() {
        if count > 1 {
            page.push(turns(number, count, stamp, words));
        }
        page.extend(navigation.iter().cloned());
    }
    pages
}

/// What turns pages takes so much room at most.
const TURNS: usize = 2;

/// What turns the pages: back where there is one, and on where there is another.
fn turns(number: usize, count: usize, stamp: Stamp, words: Words<'_>) -> Row {
    let turn = |sign: &str, word: &str, number: usize| {
        let page = numbered(u32::try_from(number).unwrap_or(u32::MAX));
        let token = PageToken { stamp, page };
        Entry::new(format!("{sign} {word}"), Does::Turn(token))
    };
    let mut entries = Vec::new();
    if number > 0 {
        entries.push(turn("‹", words.back, number - 1));
    }
    if number + 1 < count {
        entries.push(turn("›", words.on, number + 1));
    }
    Row {
        entries,
        name: format!("{}/{count}", number + 1),
        apart: true,
    }
}

/// The page of further controls with this number from 0.
pub(crate) const fn numbered(number: u32) -> Page {
    if number == 0 {
        Page::First
    } else {
        Page::More(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(labels: &[&str]) -> Vec<Entry> {
        let does = || Does::Press(Stamp::default().token(0));
        let entry = |label: &&str| Entry::new((*label).to_owned(), does());
        labels.iter().map(entry).collect()
    }

    fn labels(page: &[Row]) -> Vec<&str> {
        let entries = page.iter().flat_map(|row| &row.entries);
        entries.map(|entry| entry.label.as_str()).collect()
    }

    const WORDS: Words<'_> = Words {
        on: "More",
        back: "Previous",
    };

    #[test]
    fn navigation_is_on_every_page() {
        let rows = chunks(entries(&["a"; 20]), 1);
        let navigation = chunks(entries(&["Back"]), 4);
        let pages = pages(rows, navigation, 12, Stamp::default(), WORDS);
        assert_eq!(pages.len(), 3);
        assert_eq!(labels(&pages[0])[9..], ["› More", "Back"]);
        assert_eq!(labels(&pages[1])[9..], ["‹ Previous", "› More", "Back"]);
        assert_eq!(labels(&pages[2]), ["a", "a", "‹ Previous", "Back"]);
        assert_eq!(pages[1][9].name, "2/3");
    }

    #[test]
    fn a_list_without_room_still_has_pages() {
        for total in 0..8 {
            let rows = chunks(entries(&["a"; 9]), 9);
            let navigation = chunks(entries(&["Back", "Menu"]), 2);
            let pages = pages(rows, navigation, total, Stamp::default(), WORDS);
            let all: Vec<&str> = pages.iter().flat_map(|page| labels(page)).collect();
            assert_eq!(all.iter().filter(|label| **label == "a").count(), 9);
            assert!(all.contains(&"Back") && all.contains(&"Menu"));
        }
    }
}
