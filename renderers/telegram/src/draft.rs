//! A message in the making: what was said so far, what can be pressed, and what was lost.

use lorikeet_chat::split::ELLIPSIS;
use lorikeet_chat::{
    Art, Confirmation, Degradation, FileBlock, Numerals, Page, PageToken, Present, Rendered,
    Screen, Stamp, Support, TextUnit, Tile,
};

use crate::keyboard::{self, Frame, Row};
use crate::passage::{Paper, Passage};
use crate::{Button, Does, Payload, Room, Style, limits, notes, text};

/// A stretch of the text.
pub(crate) enum Part<'a> {
    Words(Passage),
    /// What there is to say of a contact sheet: as long as there is room below it.
    Notes(Vec<&'a Tile>),
}

/// A screen on its way to messages.
pub(crate) struct Draft<'a> {
    pub(crate) screen: &'a Screen,
    pub(crate) stamp: Stamp,
    pub(crate) room: &'a Room<'a>,
    pub(crate) numerals: Numerals,
    pub(crate) parts: Vec<Part<'a>>,
    pub(crate) art: Vec<Art>,
    pub(crate) rows: Vec<Row>,
    pub(crate) navigation: Vec<Row>,
    /// Questions before actions, by the actions' indices.
    pub(crate) questions: Vec<(u32, &'a Confirmation)>,
    /// What asks for a reply.
    pub(crate) reply: Option<Payload>,
    /// Whether the pictures are a message of their own, whatever the text.
    apart: bool,
    lost: Vec<Degradation>,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(present: &'a Present, room: &'a Room<'a>) -> Self {
        Self {
            screen: &present.screen,
            stamp: present.stamp,
            room,
            numerals: present.screen.numerals(),
            parts: Vec::new(),
            art: Vec::new(),
            rows: Vec::new(),
            navigation: Vec::new(),
            questions: Vec::new(),
            reply: None,
            apart: false,
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
        let room = self.label_room().saturating_sub(before.chars().count());
        let short = text::label(&line, room);
        if short != line && !line.is_empty() {
            self.shortened("label");
        }
        [before, &short].concat()
    }

    /// Characters of a label.
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
            style: None,
            does: Does::Turn(PageToken {
                stamp: self.stamp,
                page,
            }),
        }
    }

    pub(crate) fn press(&self, label: String, index: u32) -> Button {
        Button {
            label,
            style: None,
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

    /// The screen, with the keyboard's page of this number.
    pub(crate) fn whole(mut self, number: u32) -> Rendered<Payload> {
        let mut pages = self.pages();
        let number = number as usize;
        let number = if number < pages.len() { number } else { 0 };
        let keyboard = pages.swap_remove(number);
        self.finish(keyboard)
    }

    /// The question before an action; the whole screen where there is none.
    pub(crate) fn question(mut self, action: u32) -> Rendered<Payload> {
        let asked = self.questions.iter().find(|(index, _)| *index == action);
        let Some((_, confirm)) = asked.copied() else {
            return self.whole(0);
        };
        let back = self.page_of(Page::Question(action));
        self.clear();
        self.say(Passage::new().plain(&confirm.question));
        let label = self.label("", &confirm.proceed);
        let mut proceed = self.press(label, action);
        proceed.style = Some(Style::Danger);
        let label = self.label("", &confirm.keep);
        let keep = self.turn(label, back);
        let keyboard = keyboard::spread(vec![proceed, keep], self.per_row());
        self.finish(keyboard)
    }

    /// Makes room for another text below the same pictures, which stay where they are.
    pub(crate) fn clear(&mut self) {
        self.apart = !self.arranged().together;
        self.parts.clear();
        self.reply = None;
    }

    /// The page of the keyboard from which one turns to this one.
    pub(crate) fn page_of(&mut self, page: Page) -> Page {
        let leads =
            |button: &Button| matches!(&button.does, Does::Turn(token) if token.page == page);
        let pages = self.pages();
        let number = pages
            .iter()
            .position(|page| page.iter().flatten().any(leads));
        keyboard::numbered(number.and_then(|n| u32::try_from(n).ok()).unwrap_or(0))
    }

    fn pages(&mut self) -> Vec<Vec<Row>> {
        let frame = Frame {
            per_row: self.per_row(),
            total: self.room.capabilities.menu.total.min(limits::BUTTONS) as usize,
        };
        keyboard::pages(
            std::mem::take(&mut self.rows),
            std::mem::take(&mut self.navigation),
            frame,
            self.stamp,
        )
    }

    /// A file, as a message of its own.
    pub(crate) fn file(mut self, file: &FileBlock) -> Rendered<Payload> {
        let paper = self.paper();
        let paper = Paper {
            limit: paper.limit.min(limits::CAPTION as usize),
            ..paper
        };
        let name = text::label(&file.name, usize::MAX);
        let mut messages = paper.messages(&[Passage::new().plain(&name)]);
        if messages.len() > 1 {
            self.shortened("file");
        }
        messages.truncate(1);
        let payload = Payload {
            document: Some(file.clone()),
            ..bare(messages.pop().unwrap_or_default())
        };
        self.rendered(vec![payload])
    }

    /// How messages are written here. The platform's own limit counts UTF-16 units, which are at least as many as
    /// characters and at most as many as bytes: counting no fewer keeps both limits.
    pub(crate) fn paper(&self) -> Paper {
        let limits = &self.room.capabilities.text;
        Paper {
            limit: limits.message.min(crate::limits::MESSAGE) as usize,
            unit: match limits.unit {
                TextUnit::Bytes => TextUnit::Bytes,
                TextUnit::Chars | TextUnit::Utf16 => TextUnit::Utf16,
            },
            rich: limits.rich >= Support::Partial,
        }
    }

    /// The text as it fits below the pictures; as it is best where nothing does.
    fn arranged(&self) -> Arranged {
        let paper = self.paper();
        let mut best = self.passages(notes::LENGTHS[0]);
        if self.art.is_empty() {
            return best;
        }
        for length in notes::LENGTHS {
            let tried = self.passages(length);
            if paper.fits(&tried.passages, limits::CAPTION as usize) {
                best = tried;
                best.together = true;
                break;
            }
        }
        best
    }

    /// The text's passages with notes of a length.
    fn passages(&self, length: usize) -> Arranged {
        let mut arranged = Arranged::default();
        for part in &self.parts {
            match part {
                Part::Words(passage) => arranged.passages.push(passage.clone()),
                Part::Notes(tiles) => {
                    let (passage, shortened) = notes::drawn(tiles, length);
                    arranged.shortened |= shortened;
                    if !passage.is_empty() {
                        arranged.passages.push(passage);
                    }
                }
            }
        }
        arranged
    }

    /// The messages: pictures, text, keyboard, and what is asked to be replied to.
    pub(crate) fn finish(mut self, keyboard: Vec<Row>) -> Rendered<Payload> {
        let paper = self.paper();
        let arranged = self.arranged();
        if arranged.shortened {
            self.shortened("gallery");
        }
        if !paper.rich && arranged.passages.iter().any(Passage::is_marked) {
            self.replaced("rich text", "plain text");
        }
        let texts = paper.messages(&arranged.passages);
        let mut messages: Vec<Payload> = texts.into_iter().map(bare).collect();
        let art = std::mem::take(&mut self.art);
        if art.is_empty() {
            if messages.is_empty() {
                messages.push(bare(String::new()));
            }
        } else if arranged.together && messages.len() <= 1 && !self.apart {
            let text = messages.pop().map(|message| message.text);
            messages.push(Payload {
                art,
                ..bare(text.unwrap_or_default())
            });
        } else {
            let picture = Payload {
                art,
                ..bare(String::new())
            };
            messages.insert(0, picture);
        }
        for message in &mut messages {
            // A message with nothing to be seen would be refused.
            if message.art.is_empty() && text::is_blank(&message.text) {
                if paper.unit.measure(&message.text) >= paper.limit.saturating_sub(ELLIPSIS.len()) {
                    message.text.clear();
                }
                message.text.push_str(ELLIPSIS);
            }
        }
        if let Some(last) = messages.last_mut() {
            last.keyboard = keyboard;
        }
        messages.extend(self.reply.take());
        self.rendered(messages)
    }

    fn rendered(self, messages: Vec<Payload>) -> Rendered<Payload> {
        Rendered {
            messages,
            degradations: self.lost,
        }
    }
}

/// A text, and how it came to be.
#[derive(Default)]
struct Arranged {
    passages: Vec<Passage>,
    /// Whether a note was shortened.
    shortened: bool,
    /// Whether it fits below the pictures there are.
    together: bool,
}

/// A message of text alone.
pub(crate) fn bare(text: String) -> Payload {
    Payload {
        text,
        art: Vec::new(),
        keyboard: Vec::new(),
        reply: None,
        document: None,
    }
}
