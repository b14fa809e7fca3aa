//! Messages in the making: what was said so far, what can be chosen, and what was lost.

use std::rc::Rc;

use lorikeet_chat::split::ELLIPSIS;
use lorikeet_chat::{
    Art, Confirmation, Degradation, FileBlock, Numerals, Page, PageToken, Present, Prompt,
    Rendered, Screen, Stamp, Support, TextUnit,
};

use crate::passage::{Mark, Paper, Passage};
use crate::poll;
use crate::rows::{self, Entry, Goes, Row};
use crate::{Awaits, Does, Key, Payload, Room, Shown, Text, has_reactions, limits, reaction, text};

/// What stands between two controls on one line: em spaces, which HTML keeps.
const BETWEEN: &str = "\u{2003}";

/// A screen on its way to messages.
pub(crate) struct Draft<'a> {
    pub(crate) screen: &'a Screen,
    pub(crate) stamp: Stamp,
    pub(crate) room: &'a Room<'a>,
    pub(crate) numerals: Numerals,
    pub(crate) passages: Vec<Passage>,
    pub(crate) art: Vec<Art>,
    pub(crate) rows: Vec<Row>,
    pub(crate) navigation: Vec<Row>,
    /// Questions before actions, by the actions' indices.
    pub(crate) questions: Vec<(u32, &'a Confirmation)>,
    pub(crate) awaits: Awaits,
    lost: Vec<Degradation>,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(present: &'a Present, room: &'a Room<'a>) -> Self {
        let awaits = match present.screen.prompt {
            Some(Prompt::Text { .. }) => Awaits::Words,
            Some(Prompt::Number { .. }) => Awaits::Number,
            Some(Prompt::Images { .. } | Prompt::Form { .. }) | None => Awaits::Choice,
        };
        Self {
            screen: &present.screen,
            stamp: present.stamp,
            room,
            numerals: present.screen.numerals(),
            passages: Vec::new(),
            art: Vec::new(),
            rows: Vec::new(),
            navigation: Vec::new(),
            questions: Vec::new(),
            awaits,
            lost: Vec::new(),
        }
    }

    pub(crate) fn say(&mut self, passage: Passage) {
        if !passage.is_empty() {
            self.passages.push(passage);
        }
    }

    /// A control's label: what stands before it, and as much as there is room for.
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

    /// Controls on one line.
    pub(crate) fn per_row(&self) -> usize {
        let most = self.room.capabilities.menu.per_row;
        most.clamp(1, limits::PER_ROW) as usize
    }

    pub(crate) fn turn(&self, label: String, page: Page) -> Entry {
        let stamp = self.stamp;
        Entry::new(label, Does::Turn(PageToken { stamp, page }))
    }

    pub(crate) fn press(&self, label: String, index: u32) -> Entry {
        Entry::new(label, Does::Press(self.stamp.token(index)))
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

    /// The screen, with the list's page of this number.
    pub(crate) fn whole(mut self, number: u32) -> Shown {
        let mut pages = self.pages();
        let number = number as usize;
        let number = if number < pages.len() { number } else { 0 };
        let rows = pages.swap_remove(number);
        self.finish(rows)
    }

    /// The question before an action; the whole screen where there is none.
    pub(crate) fn question(mut self, action: u32) -> Shown {
        let asked = self.questions.iter().find(|(index, _)| *index == action);
        let Some((_, confirm)) = asked.copied() else {
            return self.whole(0);
        };
        let back = self.page_of(Page::Question(action));
        self.clear();
        self.say(Passage::new().plain(&confirm.question));
        let label = self.label("", &confirm.proceed);
        let proceed = self.press(label, action);
        let label = self.label("", &confirm.keep);
        let keep = self.turn(label, back);
        self.finish(rows::chunks(vec![proceed, keep], 1))
    }

    /// Makes room for another text below the same pictures, which stay where they are.
    pub(crate) fn clear(&mut self) {
        self.passages.clear();
        self.awaits = Awaits::Choice;
    }

    /// The page of the list from which one turns to this one.
    pub(crate) fn page_of(&mut self, page: Page) -> Page {
        let leads = |entry: &Entry| matches!(&entry.does, Goes::By(Does::Turn(token)) if token.page == page);
        let pages = self.pages();
        let number = pages.iter().position(|page| {
            let mut entries = page.iter().flat_map(|row| &row.entries);
            entries.any(leads)
        });
        rows::numbered(number.and_then(|n| u32::try_from(n).ok()).unwrap_or(0))
    }

    fn pages(&mut self) -> Vec<Vec<Row>> {
        rows::pages(
            std::mem::take(&mut self.rows),
            std::mem::take(&mut self.navigation),
            self.room.capabilities.menu.total.min(limits::CONTROLS) as usize,
            self.stamp,
            self.room.words,
        )
    }

    /// A file, as a message of its own: its name stands at the file.
    pub(crate) fn file(self, file: &FileBlock) -> Shown {
        self.shown(vec![Payload::File(file.clone())], Vec::new())
    }

    /// How messages are written here.
    fn paper(&self) -> Paper {
        let limits = &self.room.capabilities.text;
        // Whatever a room counts, an event has so many bytes: four of them are a character, at most.
        let most = match limits.unit {
            TextUnit::Bytes => crate::limits::MESSAGE,
            TextUnit::Chars | TextUnit::Utf16 => crate::limits::MESSAGE / 4,
        };
        Paper {
            limit: limits.message.min(most) as usize,
            unit: limits.unit,
            rich: limits.rich >= Support::Partial,
        }
    }

    /// The messages: pictures, text, and the list of controls at its end.
    pub(crate) fn finish(mut self, rows: Vec<Row>) -> Shown {
        let (keys, options) = self.list(rows);
        let polls = if self.room.polls {
            poll::polls(&options)
        } else {
            Vec::new()
        };
        let paper = self.paper();
        if !paper.rich && self.passages.iter().any(Passage::is_marked) {
            self.replaced("rich text", "plain text");
        }
        let mut texts = paper.messages(&self.passages);
        if texts.is_empty() && self.art.is_empty() {
            texts.push(Text::default());
        }
        for text in &mut texts {
            // Nobody knows what to do with a message of nothing.
            if text::is_blank(&text.body) {
                text.body = ELLIPSIS.to_owned();
                text.html = text.html.take().map(|_| ELLIPSIS.to_owned());
            }
        }
        let art = std::mem::take(&mut self.art);
        let mut messages = Vec::new();
        if !art.is_empty() {
            let alt = alt(&art);
            messages.push(Payload::Picture { art, alt });
        }
        messages.extend(texts.into_iter().map(Payload::Text));
        Shown {
            polls,
            ..self.shown(messages, keys)
        }
    }

    /// Lists the controls at the text's end.
    fn list(&mut self, rows: Vec<Row>) -> (Vec<Key>, Vec<poll::Listed>) {
        let mut keys: Vec<Key> = Vec::new();
        let mut options = Vec::new();
        let mut passage = Passage::new();
        for row in rows {
            let named = !text::is_blank(&row.name);
            if row.apart || named {
                self.say(std::mem::take(&mut passage));
            }
            if named {
                passage = passage.bold(&row.name);
            }
            passage = passage.next();
            for (number, entry) in row.entries.into_iter().enumerate() {
                if number > 0 {
                    passage = passage.plain(BETWEEN);
                }
                if let Some(choice) = &entry.of {
                    options.push(poll::Listed {
                        choice: Rc::clone(choice),
                        place: keys.len(),
                    });
                }
                let (sign, mark) = match entry.does {
                    Goes::By(does) => {
                        keys.push(Key {
                            label: entry.label.clone(),
                            does,
                        });
                        (self.sign(keys.len()), None)
                    }
                    Goes::To(address) => ((None, "🔗".to_owned()), Some(Mark::Link(address))),
                };
                passage = match sign.0 {
                    Some(mark) => passage.marked(mark, &sign.1),
                    None => passage.plain(&sign.1),
                };
                passage = passage.plain(" ");
                passage = match mark {
                    Some(mark) => passage.marked(mark, &entry.label),
                    None if entry.strong => passage.bold(&entry.label),
                    None => passage.plain(&entry.label),
                };
                if !text::is_blank(&entry.note) {
                    let note = text::beside(&entry.note, &entry.label).into_owned();
                    passage = passage.plain(" – ").marked(Mark::Italic, &note);
                }
            }
        }
        self.say(passage);
        (keys, options)
    }

    /// How the control of this number from 1 is chosen: what its reaction is, or what is to be typed.
    fn sign(&self, number: usize) -> (Option<Mark>, String) {
        match reaction(number - 1) {
            Some(reaction) if has_reactions(self.room) => (None, reaction),
            _ if self.awaits == Awaits::Choice => (Some(Mark::Bold), format!("{number}.")),
            _ => (Some(Mark::Code), format!("{}{number}", self.room.prefix)),
        }
    }

    fn shown(self, messages: Vec<Payload>, keys: Vec<Key>) -> Shown {
        Shown {
            rendered: Rendered {
                messages,
                degradations: self.lost,
            },
            keys,
            awaits: self.awaits,
            polls: Vec::new(),
        }
    }
}

/// What pictures show, for who cannot see them.
fn alt(art: &[Art]) -> String {
    let mut words = Vec::new();
    for art in art {
        let told = match art {
            Art::Picture { alt, .. } => text::line(alt).into_owned(),
            Art::Sheet(tiles) => {
                let labels = tiles.iter().map(|tile| text::line(&tile.label));
                labels.collect::<Vec<_>>().join(" ")
            }
            Art::Chart(chart) => text::line(&chart.title).into_owned(),
        };
        words.push(told);
    }
    words.retain(|words| !text::is_blank(words));
    text::label(&words.join(" · "), limits::FALLBACK).into_owned()
}
