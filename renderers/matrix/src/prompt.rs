//! What is asked for: one message in a line, a form field by field.

use lorikeet_chat::{Block, FormField, Page, Prompt};

use crate::draft::Draft;
use crate::passage::{Mark, Passage};
use crate::text::{self, beside, is_blank};
use crate::{Awaits, Shown, rows};

/// Something is to be typed.
const WRITE: &str = "✏️ ";
/// Pictures are to be sent.
const SEND: &str = "📷 ";
/// Something is wrong.
const WRONG: &str = "❌ ";

impl Draft<'_> {
    pub(crate) fn prompt(&mut self) {
        match &self.screen.prompt {
            None => {}
            Some(Prompt::Text { hint, value, .. }) => {
                let shown = self.screen.blocks.iter().any(|block| {
                    matches!(block, Block::Fields(fields) if fields.iter().any(|field| &field.value == value))
                });
                if !shown {
                    self.say(Passage::new().marked(Mark::Code, value));
                }
                self.ask(WRITE, hint, "");
            }
            Some(Prompt::Number { hint, .. }) => self.ask(WRITE, hint, ""),
            Some(Prompt::Images {
                hint, have, max, ..
            }) => self.ask(SEND, hint, &format!(" · {have}/{max}")),
            Some(Prompt::Form { .. }) => self.form(),
        }
    }

    /// Says what is awaited, in the text's last line.
    fn ask(&mut self, sign: &str, hint: &str, count: &str) {
        let hint = hint.trim();
        if !is_blank(hint) || !count.is_empty() {
            self.say(
                Passage::new()
                    .plain(sign)
                    .marked(Mark::Italic, hint)
                    .plain(count),
            );
        }
    }

    /// The fields, an entry for each, and the one that submits.
    fn form(&mut self) {
        let Some(Prompt::Form {
            title,
            fields,
            submit,
            action: _,
        }) = &self.screen.prompt
        else {
            return;
        };
        if !self.is_said(&text::line(title)) {
            self.say(Passage::new().bold(title));
        }
        let mut passage = Passage::new();
        for field in fields {
            passage = self.line(passage.next(), field);
        }
        self.say(passage);
        let mut entries = Vec::new();
        for (number, field) in (0..).zip(fields) {
            // Its full name stands in the text.
            let room = self.label_room().saturating_sub(WRITE.chars().count());
            let label = format!("{WRITE}{}", text::label(&field.label, room));
            entries.push(self.turn(label, Page::Field(number)));
        }
        let index = self.screen.actions().len().saturating_sub(1);
        let label = self.label("", submit);
        let mut submit = self.press(label, u32::try_from(index).unwrap_or(u32::MAX));
        submit.strong = true;
        entries.push(submit);
        self.rows.extend(rows::chunks(entries, 1));
    }

    /// `Label: value (hint)`, and below it what is wrong, unless a notice has said so.
    fn line(&self, passage: Passage, field: &FormField) -> Passage {
        let label = text::line(&field.label);
        let wrong = !field.problem.trim().is_empty();
        let hint = field.hint.trim();
        let mut passage = passage
            .plain(if wrong { WRONG } else { "" })
            .plain(&label)
            .plain(": ")
            .value(&beside(&field.value, &label));
        if !hint.is_empty() {
            passage = passage.plain(" (").plain(&beside(hint, &label)).plain(")");
        }
        if wrong && !self.is_said(&field.problem) {
            passage = passage.next().plain(&field.problem);
        }
        passage
    }

    /// One field, to be typed; the whole screen where it is not there.
    pub(crate) fn field(mut self, number: u32) -> Shown {
        let field = match &self.screen.prompt {
            Some(Prompt::Form { fields, .. }) => fields.get(number as usize),
            _ => None,
        };
        let Some(field) = field else {
            return self.whole(0);
        };
        let back = self.page_of(Page::Field(number));
        self.clear();
        self.say(Passage::new().bold(&field.label));
        if !field.problem.trim().is_empty() {
            self.say(Passage::new().plain(WRONG).plain(&field.problem));
        }
        self.say(Passage::new().marked(Mark::Code, &field.value));
        let hint = if is_blank(&field.hint) {
            &field.label
        } else {
            &field.hint
        };
        self.ask(WRITE, hint, "");
        self.awaits = Awaits::Words;
        let back = self.turn(format!("‹ {}", self.room.words.back), back);
        self.finish(rows::chunks(vec![back], 1))
    }

    /// Whether a title, a fact's label or a notice says the same.
    pub(crate) fn is_said(&self, words: &str) -> bool {
        self.screen.blocks.iter().any(|block| match block {
            Block::Heading(text) | Block::Notice { text, .. } => text == words,
            Block::Fields(fields) => fields.iter().any(|field| field.label == words),
            _ => false,
        })
    }
}
