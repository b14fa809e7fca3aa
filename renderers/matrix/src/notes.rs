//! What there is to say of a contact sheet's places: in words, because the sheet shows labels and states alone.

use lorikeet_chat::sheet::notes;
use lorikeet_chat::{TextUnit, Tile, TileState};

use crate::passage::Passage;
use crate::text;

/// Characters of a note.
const LENGTH: usize = 60;

/// Says what the sheet does not show; whether something was shortened.
pub(crate) fn drawn(tiles: &[&Tile]) -> (Passage, bool) {
    let notes = notes(tiles, LENGTH, TextUnit::Chars);
    let mut passage = Passage::new();
    if let Some(labels) = &notes.everywhere {
        passage = passage.plain(labels);
    }
    for note in &notes.lines {
        passage = passage.next().plain(if note.problem { "⚠️ " } else { "" });
        passage = match (note.labels.is_empty(), note.text.is_empty()) {
            (false, false) => passage
                .plain(&note.labels)
                .plain(": ")
                .plain(&text::beside(&note.text, &note.labels)),
            _ => passage.plain(&note.labels).plain(&note.text),
        };
    }
    (passage.quoted(), notes.shortened)
}

/// The places themselves in words, for a room without pictures.
pub(crate) fn named(tiles: &[&Tile]) -> Passage {
    let mut passage = Passage::new();
    for (number, tile) in tiles.iter().enumerate() {
        let label = text::line(&tile.label);
        let sign = sign(tile.state);
        let between = if number == 0 { "" } else { "  " };
        let label = if label.is_empty() {
            sign.to_owned()
        } else {
            format!("{sign} {label}")
        };
        passage = passage.plain(between).plain(&label);
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
