//! The abstract view: what to show, never how.

use serde::{Deserialize, Serialize};

use crate::{Action, BlobId, Control, Group, Language, Numerals, Prompt, Timestamp};

/// Blocks of content, a menu of controls and perhaps a prompt for input.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Screen {
    /// Content, in reading order.
    pub blocks: Vec<Block>,
    /// Controls, in reading order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub menu: Vec<Group>,
    /// What input is awaited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Prompt>,
    /// The language of its texts, where somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

impl Screen {
    /// An empty screen.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a block.
    #[must_use]
    pub fn block(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// Adds the blocks there are.
    #[must_use]
    pub fn blocks(mut self, blocks: impl IntoIterator<Item = Block>) -> Self {
        self.blocks.extend(blocks);
        self
    }

    /// Adds a heading.
    #[must_use]
    pub fn heading(self, text: impl Into<String>) -> Self {
        self.block(Block::Heading(text.into()))
    }

    /// Adds a paragraph of plain text.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        self.block(Block::Paragraph(vec![Span::Plain(text.into())]))
    }

    /// Adds a notice.
    #[must_use]
    pub fn notice(self, level: Level, text: impl Into<String>) -> Self {
        self.block(Block::Notice {
            level,
            text: text.into(),
        })
    }

    /// Adds a group of controls.
    #[must_use]
    pub fn group(mut self, group: Group) -> Self {
        self.menu.push(group);
        self
    }

    /// Sets what input is awaited.
    #[must_use]
    pub fn prompt(mut self, prompt: Prompt) -> Self {
        self.prompt = Some(prompt);
        self
    }

    /// How numbers that are not part of its texts are to be written: a file's size, a chart's axis.
    pub fn numerals(&self) -> Numerals {
        self.language
            .as_ref()
            .map_or_else(Numerals::default, |language| Numerals::of(&language.tag))
    }

    /// Its files, in reading order: [`Page::File`](crate::Page) counts them.
    pub fn files(&self) -> impl Iterator<Item = &FileBlock> {
        self.blocks.iter().filter_map(|block| match block {
            Block::File(file) => Some(file),
            _ => None,
        })
    }

    /// Whether something is going on whose end is not known, or pictures are on their way.
    pub fn is_working(&self) -> bool {
        let waits = |block: &Block| matches!(block, Block::Progress { fraction: None, .. });
        let arrives = |tile: &Tile| tile.state == TileState::Arriving;
        let mut controls = self.menu.iter().flat_map(|group| &group.controls);
        self.blocks.iter().any(waits)
            || controls.any(|control| match control {
                Control::Board(board) => board.places.iter().any(|place| arrives(&place.tile)),
                _ => false,
            })
    }

    /// Every action on the screen in the order of its index: the groups' controls in reading order (a choice
    /// counts each option, a link none, a board each place that opens and then its edits), then the prompt's submit
    /// action. Renderers number controls the same way.
    pub fn actions(&self) -> Vec<&Action> {
        let controls = self
            .menu
            .iter()
            .flat_map(|group| &group.controls)
            .flat_map(Control::actions);
        let submit = match &self.prompt {
            Some(Prompt::Form { action, .. }) => Some(action),
            _ => None,
        };
        controls.chain(submit).collect()
    }
}

/// A piece of content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// The screen's title; plain text.
    Heading(String),
    /// Running text.
    Paragraph(Vec<Span>),
    /// Label and value, one pair a line.
    Fields(Vec<Field>),
    /// Short items.
    List(Vec<String>),
    /// One picture.
    Image {
        /// Its bytes.
        blob: BlobId,
        /// What it shows, for who cannot see it.
        alt: String,
    },
    /// A contact sheet.
    Gallery(Vec<Tile>),
    /// How far something is.
    Progress {
        /// 0 to 1; absent while unknown.
        fraction: Option<f64>,
        /// What is going on.
        label: String,
        /// When it should be done, as far as known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        eta: Option<Timestamp>,
    },
    /// Numbers over numbers.
    Chart(Chart),
    /// Something to download.
    File(FileBlock),
    /// Something to notice.
    Notice {
        /// How grave.
        level: Level,
        /// The sentence.
        text: String,
    },
    /// Where in a sequence of steps the person is.
    Steps {
        /// Names of the steps.
        labels: Vec<String>,
        /// The current one, from 0.
        current: u32,
    },
}

/// A run of text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// As it is.
    Plain(String),
    /// Stands out.
    Strong(String),
    /// To be copied to the letter.
    Code(String),
}

/// A labelled value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// What it is.
    pub label: String,
    /// What it is set to.
    pub value: String,
}

impl Field {
    /// A labelled value.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            value: value.into(),
        }
    }
}

/// One place of a contact sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tile {
    /// What it is called ("3").
    pub label: String,
    /// What there is to say of it; empty when nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// What state it is in.
    pub state: TileState,
    /// Its picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<BlobId>,
}

/// The state of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TileState {
    /// Nothing there.
    Empty,
    /// On its way.
    Arriving,
    /// A picture.
    Filled,
    /// A picture and all that belongs to it.
    Complete,
    /// Something is wrong with it.
    Problem,
}

/// Numbers over numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// What the horizontal axis counts.
    pub x_label: String,
    /// The lines.
    pub series: Vec<Series>,
}

/// One line of a chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// What it shows.
    pub name: String,
    /// Its points, x rising, all finite.
    pub points: Vec<Point>,
}

/// A point of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Horizontal.
    pub x: f64,
    /// Vertical.
    pub y: f64,
}

/// Something to download.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileBlock {
    /// Its bytes.
    pub blob: BlobId,
    /// The name to save it under: `[a-z0-9_.-]` only.
    pub name: String,
    /// Bytes.
    pub size: u64,
}

/// How grave a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Good to know.
    Info,
    /// It worked.
    Success,
    /// Worth a thought.
    Warning,
    /// It did not work.
    Error,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Board, BoardPlace};

    #[test]
    fn a_screen_works_while_something_has_no_end_or_arrives() {
        let progress = |fraction| Block::Progress {
            fraction,
            label: "Opening".to_owned(),
            eta: None,
        };
        let board = |state| {
            let tile = Tile {
                label: "1".to_owned(),
                note: String::new(),
                state,
                image: None,
            };
            let place = BoardPlace {
                tile,
                text: None,
                open: None,
            };
            let board = Board {
                label: String::new(),
                places: vec![place],
                edit: None,
                max_chars: 0,
            };
            Screen::new().group(Group::list([Control::Board(board)]))
        };
        assert!(Screen::new().block(progress(None)).is_working());
        assert!(board(TileState::Arriving).is_working());
        assert!(!Screen::new().block(progress(Some(0.5))).is_working());
        assert!(!board(TileState::Filled).is_working());
        assert!(!Screen::new().is_working());
    }
}
