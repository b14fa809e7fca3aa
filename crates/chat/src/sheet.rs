//! What there is to say of a contact sheet's places: in words, because the sheet shows labels and states alone.

use crate::{TextUnit, Tile, TileState, text};

/// Characters of a label that can be read on its place in the sheet.
const DRAWN: usize = 12;

/// What the sheet does not show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// The places, where every note is about the same of them and their labels cannot all be read: samples of the same prompts,
    /// step by step. Said again for each note they would be most of the text.
    pub everywhere: Option<String>,
    /// Problems first.
    pub lines: Vec<Note>,
    /// Whether one of them was shortened.
    pub shortened: bool,
}

/// Places with the same to say of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Something is wrong with them.
    pub problem: bool,
    /// Which they are; empty where they have no names, or are those of [`Notes::everywhere`].
    pub labels: String,
    /// What there is to say; empty where it is only which they are.
    pub text: String,
}

/// Says what the sheet does not show; each note at most so long.
pub fn notes(tiles: &[&Tile], length: usize, unit: TextUnit) -> Notes {
    struct Line {
        problem: bool,
        labels: Vec<String>,
        text: String,
    }
    let mut lines: Vec<Line> = Vec::new();
    let mut shortened = false;
    for tile in tiles {
        let label = text::line(&tile.label).into_owned();
        let note = text::line(&tile.note);
        let problem = tile.state == TileState::Problem;
        if note.is_empty() && tile.label.chars().count() <= DRAWN {
            continue;
        }
        let short = text::short(&note, length, unit);
        shortened |= short != note;
        let same = |line: &&mut Line| line.text == short && line.problem == problem;
        match lines.iter_mut().find(same) {
            Some(line) if line.labels.contains(&label) => {}
            Some(line) => line.labels.push(label),
            None => lines.push(Line {
                problem,
                labels: vec![label],
                text: short.into_owned(),
            }),
        }
    }
    lines.sort_by_key(|line| !line.problem);
    let first = lines.first().map(|line| line.labels.clone());
    let shared = first.filter(|first| {
        first.len() > 1
            && lines.len() > 1
            && first.iter().all(|label| !label.is_empty())
            && lines
                .iter()
                .all(|line| line.labels == *first && !line.problem)
    });
    let labels = |line: &Line| match &shared {
        Some(_) => String::new(),
        None => {
            let named = line.labels.iter().filter(|label| !label.is_empty());
            named.cloned().collect::<Vec<_>>().join(", ")
        }
    };
    let lines = lines
        .iter()
        .map(|line| Note {
            problem: line.problem,
            labels: labels(line),
            text: line.text.clone(),
        })
        .collect();
    let unread = |labels: &Vec<String>| labels.iter().any(|label| label.chars().count() > DRAWN);
    Notes {
        everywhere: shared.filter(unread).map(|labels| labels.join(" · ")),
        lines,
        shortened,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tile(label: &str, note: &str, state: TileState) -> Tile {
        Tile {
            label: label.to_owned(),
            note: note.to_owned(),
            state,
            image: None,
        }
    }

    fn said(tiles: &[Tile], length: usize) -> (Option<String>, Vec<String>, bool) {
        let tiles: Vec<&Tile> = tiles.iter().collect();
        let notes = notes(&tiles, length, TextUnit::Chars);
        let lines = notes.lines.into_iter().map(|note| {
            let sign = if note.problem { "!" } else { "" };
            format!("{sign}{}: {}", note.labels, note.text)
        });
        (notes.everywhere, lines.collect(), notes.shortened)
    }

    #[test]
    fn the_same_is_said_once_and_what_is_wrong_first() {
        let tiles = [
            tile("1", "a bird", TileState::Complete),
            tile("2", "", TileState::Filled),
            tile("3", "a bird", TileState::Complete),
            tile("4", "too small", TileState::Problem),
            tile("a label too long for its place", "", TileState::Filled),
        ];
        let lines = [
            "!4: too small",
            "1, 3: a bird",
            "a label too long for its place: ",
        ];
        assert_eq!(
            said(&tiles, 60),
            (None, lines.map(str::to_owned).to_vec(), false)
        );
        let (_, lines, shortened) = said(&tiles, 6);
        assert!(shortened);
        assert_eq!(lines[1], "1, 3: a bird");
        assert!(lines[0].ends_with('…'), "{lines:?}");
    }

    #[test]
    fn places_that_every_note_is_about_are_named_once() {
        let step = |label: &str, prompt: &str| tile(label, prompt, TileState::Filled);
        let tiles = [
            step("step 1,000 of 2,000", "a bird"),
            step("step 2,000 of 2,000", "a bird"),
            step("step 1,000 of 2,000", "a tree"),
            step("step 2,000 of 2,000", "a tree"),
        ];
        let (everywhere, lines, _) = said(&tiles, 60);
        assert_eq!(
            everywhere.as_deref(),
            Some("step 1,000 of 2,000 · step 2,000 of 2,000")
        );
        assert_eq!(lines, [": a bird", ": a tree"]);
    }
}
