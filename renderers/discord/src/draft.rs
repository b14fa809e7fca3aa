//! A message in the making: what was said so far, what can be pressed, and what was lost.

use lorikeet_chat::{
    Art, Confirmation, Degradation, FileBlock, Level, Numerals, Page, PageToken, Present, Rendered,
    Screen, Stamp, Support, Tile,
};

use crate::facts::Fact;
use crate::passage::Passage;
use crate::rows::{self, Frame};
use crate::{Button, Does, Modal, Payload, Room, Row, Style, limits, text};

/// A stretch of the text.
pub(crate) enum Part<'a> {
    Words(Passage),
    /// What there is to say of a contact sheet: as long as there is room for it.
    Notes(Vec<&'a Tile>),
    Facts(Vec<Fact>),
}

/// A screen on its way to messages.
pub(crate) struct Draft<'a> {
    pub(crate) screen: &'a Screen,
    pub(crate) stamp: Stamp,
    pub(crate) room: &'a Room<'a>,
    pub(crate) numerals: Numerals,
    pub(crate) title: Option<String>,
    pub(crate) parts: Vec<Part<'a>>,
    /// Where in a sequence of steps this is.
    pub(crate) place: Option<String>,
    pub(crate) colour: Option<Level>,
    pub(crate) art: Vec<Art>,
    pub(crate) rows: Vec<Row>,
    pub(crate) navigation: Vec<Row>,
    pub(crate) modals: Vec<Modal>,
    /// Questions before actions, by the actions' indices.
    pub(crate) questions: Vec<(u32, &'a Confirmation)>,
    /// Choices so far.
    pub(crate) selects: usize,
    lost: Vec<Degradation>,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(present: &'a Present, room: &'a Room<'a>) -> Self {
        Self {
            screen: &present.screen,
            stamp: present.stamp,
            room,
            numerals: present.screen.numerals(),
            title: None,
            parts: Vec::new(),
            place: None,
            colour: None,
            art: Vec::new(),
            rows: Vec::new(),
            navigation: Vec::new(),
            modals: Vec::new(),
            questions: Vec::new(),
            selects: 0,
            lost: Vec::new(),
        }
    }

    pub(crate) fn say(&mut self, passage: Passage) {
        if !passage.is_empty() {
            self.parts.push(Part::Words(passage));
        }
    }

    /// A button's label: what stands before it, and as much as there is room for.
    pub(crate) fn label(&mut self, before: &str, label: &str) -> String {
        let line = text::line(label);
        let room = self.label_room().saturating_sub(text::units(before));
        let short = text::label(&line, room);
        if short != line && !line.is_empty() {
            self.shortened("label");
        }
        [before, &short].concat()
    }

    /// UTF-16 units of a label.
    pub(crate) fn label_room(&self) -> usize {
        self.room.capabilities.menu.label.clamp(1, limits::LABEL) as usize
    }

    /// Buttons side by side.
    pub(crate) fn per_row(&self) -> usize {
        self.room
            .capabilities
            .menu
            .per_row
            .clamp(1, limits::PER_ROW) as usize
    }

    pub(crate) fn turn(&self, label: String, page: Page) -> Button {
        Button {
            label,
            style: Style::Secondary,
            does: Does::Turn(self.token(page)),
        }
    }

    pub(crate) fn token(&self, page: Page) -> PageToken {
        PageToken {
            stamp: self.stamp,
            page,
        }
    }

    pub(crate) fn press(&self, label: String, index: u32) -> Button {
        Button {
            label,
            style: Style::Secondary,
            does: Does::Press(self.stamp.token(index)),
        }
    }

    /// Whether pictures are shown.
    pub(crate) fn shows_images(&self) -> bool {
        self.room.capabilities.images >= Support::Partial
    }

    pub(crate) fn shortened(&mut self, what: &str) {
        self.lose(Degradation::Shortened {
            what: what.to_owned(),
        });
    }

    pub(crate) fn replaced(&mut self, what: &str, with: &str) {
        self.lose(Degradation::Replaced {
            what: what.to_owned(),
            with: with.to_owned(),
        });
    }

    /// Each kind of loss is listed once.
    fn lose(&mut self, loss: Degradation) {
        if !self.lost.contains(&loss) {
            self.lost.push(loss);
        }
    }

    /// The screen, with the controls' page of this number.
    pub(crate) fn whole(mut self, number: u32) -> Rendered<Payload> {
        let mut pages = self.pages();
        let number = number as usize;
        let number = if number < pages.len() { number } else { 0 };
        let rows = pages.swap_remove(number);
        self.finish(rows)
    }

    /// The question before an action; the whole screen where there is none.
    pub(crate) fn question(mut self, action: u32) -> Rendered<Payload> {
        let asked = self.questions.iter().find(|(index, _)| *index == action);
        let Some((_, confirm)) = asked.copied() else {
            return self.whole(0);
        };
        let back = self.page_of(Page::Question(action));
        self.clear();
        self.colour = Some(Level::Error);
        self.say(Passage::new().plain(&confirm.question));
        let label = self.label("", &confirm.proceed);
        let mut proceed = self.press(label, action);
        proceed.style = Style::Danger;
        let label = self.label("", &confirm.keep);
        let keep = self.turn(label, back);
        let rows = rows::spread(vec![proceed, keep], self.per_row());
        self.finish(rows)
    }

    /// Makes room for something else.
    pub(crate) fn clear(&mut self) {
        self.title = None;
        self.parts.clear();
        self.place = None;
        self.colour = None;
        self.art.clear();
    }

    /// The page of the controls from which one turns to this one.
    pub(crate) fn page_of(&mut self, page: Page) -> Page {
        let leads =
            |button: &Button| matches!(&button.does, Does::Turn(token) if token.page == page);
        let pages = self.pages();
        let number = pages
            .iter()
            .position(|page| page.iter().flat_map(Row::buttons).any(leads));
        rows::numbered(number.and_then(|n| u32::try_from(n).ok()).unwrap_or(0))
    }

    fn pages(&mut self) -> Vec<Vec<Row>> {
        let frame = Frame {
            per_row: self.per_row(),
            total: self.room.capabilities.menu.total.min(limits::BUTTONS) as usize,
        };
        rows::pages(
            std::mem::take(&mut self.rows),
            std::mem::take(&mut self.navigation),
            frame,
            self.stamp,
        )
    }

    /// A file, as a message of its own: its name stands at the file.
    pub(crate) fn file(self, file: &FileBlock) -> Rendered<Payload> {
        let payload = Payload {
            document: Some(file.clone()),
            ..Payload::default()
        };
        self.rendered(vec![payload])
    }

    pub(crate) fn rendered(self, messages: Vec<Payload>) -> Rendered<Payload> {
        Rendered {
            messages,
            degradations: self.lost,
        }
    }
}
