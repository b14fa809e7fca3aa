//! What there is to say of a contact sheet's places: in words, because the sheet shows labels and states alone.

use lorikeet_chat::{Tile, TileState};

use crate::passage::Passage;
use crate::text;

/// Length of a note, from what is best to the least that still says something: the first with which all of the text fits one
/// embed.
pub(crate) const LENGTHS: [usize; 3] = [60, 30, 16];
/// Characters of a label that can be read on its place in the sheet.
const DRAWN: usize = 12;

/// Places with the same to say of them.
struct Line {
    problem: bool,
    labels: Vec<String>,
    note: String,
}

/// Says what the sheet does not show; whether something was shortened.
pub(crate) fn drawn(tiles: &[&Tile], length: usize) -> (Passage, bool) {
    let mut lines: Vec<Line> = Vec::new();
    let mut shortened = false;
    for tile in tiles {
        let label = text::line(&tile.label).into_owned();
        let note = text::line(&tile.note);
        let problem = tile.state == TileState::Problem;
        if note.is_empty() && tile.label.chars().count() <= DRAWN {
            continue;
        }
        let short = text::short(&note, length);
        shortened |= short != note;
        let same = |line: &&mut Line| line.note == short && line.problem == problem;
        match lines.iter_mut().find(same) {
            Some(line) if line.labels.contains(&label) => {}
            Some(line) => line.labels.push(label),
            None => lines.push(Line {
                problem,
                labels: vec![label],
                note: short.into_owned(),
            }),
        }
    }
    // What is wrong is looked for first.
    lines.sort_by_key(|line| !line.problem);
    let mut passage = Passage::new();
    let everywhere = everywhere(&lines);
    if let Some(labels) = everywhere
        && labels.iter().any(|label| label.chars().count() > DRAWN)
    {
        passage = passage.plain(&labels.join(" · "));
    }
    for line in &lines {
        let labels: Vec<&str> = line
            .labels
            .iter()
            .map(String::as_str)
            .filter(|label| !label.is_empty() && everywhere.is_none())
            .collect();
        let labels = labels.join(", ");
        passage = passage.next().plain(if line.problem { "⚠️ " } else { "" });
        passage = match (labels.is_empty(), line.note.is_empty()) {
            (false, false) => passage
                .plain(&labels)
                .plain(": ")
                .plain(&text::beside(&line.note, &labels)),
            _ => passage.plain(&labels).plain(&line.note),
        };
    }
    (passage.quoted(), shortened)
}

/// The places, where every note is about the same of them: samples of the same prompts, step by step. Their labels stand
/// in the sheet, and said again for each prompt they would be most of the text.
fn everywhere(lines: &[Line]) -> Option<&[String]> {
    let first = lines.first()?;
    let same = lines
        .iter()
        .all(|line| line.labels == first.labels && !line.problem);
    let many = first.labels.len() > 1 && lines.len() > 1;
    (same && many && first.labels.iter().all(|label| !label.is_empty())).then_some(&first.labels)
}

/// The places themselves in words, for a room without pictures.
pub(crate) fn named(tiles: &[&Tile]) -> Passage {
    let mut passage = Passage::new();
    for (number, tile) in tiles.iter().enumerate() {
        let label = text::line(&tile.label);
        let between = if number == 0 { "" } else { "  " };
        passage = passage.plain(between).plain(sign(tile.state));
        if !label.is_empty() {
            passage = passage.plain(" ").plain(&label);
        }
    }
    passage
}

/// What stands for a state.
pub(crate) const fn sign(state: TileState) -> &'static str {
    match state {
        TileState::Empty => "▫️",
        TileState::Arriving => "⏳",
        TileState::Filled => "🖼️",
        TileState::Complete => "✅",
        TileState::Problem => "⚠️",
    }
}
