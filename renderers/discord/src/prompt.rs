//! What is asked for: in a form that a button opens, five fields at once; pictures in a line.

use lorikeet_chat::{Block, Control, FormField, Level, Page, Prompt, Rendered, Role};

use crate::draft::Draft;
use crate::facts::Said;
use crate::passage::{Mark, Passage};
use crate::text::{self, cells, is_blank};
use crate::{Button, Does, Input, Modal, Payload, Row, Style, limits, rows};

/// Something is to be typed.
const WRITE: &str = "✏️ ";
/// Pictures are to be sent.
const SEND: &str = "📷 ";
/// Something is wrong.
const WRONG: &str = "❌ ";
/// Letters that a button with a sign should have at most.
/// <https://discord.com/developers/docs/components/reference#button-button-design-guidelines>
const HINT: usize = 34;
/// Characters of a number.
const NUMBER: u32 = 64;

impl Draft<'_> {
    pub(crate) fn prompt(&mut self) {
        match &self.screen.prompt {
            None => {}
            Some(Prompt::Text {
                hint,
                value,
                max_chars,
                multiline,
            }) => {
                let asked = Asked {
                    label: hint,
                    hint: "",
                    value,
                    max_chars: *max_chars,
                    multiline: *multiline,
                };
                let input = self.input(0, asked, "prompt");
                if input.value.is_none() && !self.is_shown(value) {
                    self.say(Passage::new().marked(Mark::Code, value));
                }
                self.ask(hint, input);
            }
            Some(Prompt::Number { hint, min, max }) => {
                let range = if min.is_finite() && max.is_finite() {
                    format!("{min} – {max}")
                } else {
                    String::new()
                };
                let asked = Asked {
                    label: hint,
                    hint: &range,
                    value: "",
                    max_chars: NUMBER,
                    multiline: false,
                };
                let input = self.input(0, asked, "prompt");
                self.ask(hint, input);
            }
            Some(Prompt::Images {
                hint, have, max, ..
            }) => {
                let count = format!(" · {have}/{max}");
                let passage = Passage::new().plain(SEND).marked(Mark::Italic, hint.trim());
                self.say(passage.plain(&count));
            }
            Some(Prompt::Form { .. }) => self.form(),
        }
    }

    /// A button that says what is awaited, and opens a form of one field. Where the button is too narrow for it, the text says it.
    fn ask(&mut self, hint: &str, input: Input) {
        let line = text::line(hint);
        let label = if cells(&line) <= HINT && text::units(&line) + 3 <= self.label_room() {
            format!("{WRITE}{line}").trim_end().to_owned()
        } else {
            self.say(
                Passage::new()
                    .plain(WRITE)
                    .marked(Mark::Italic, hint.trim()),
            );
            WRITE.trim_end().to_owned()
        };
        let title = self.title.clone();
        let title = title.as_deref().unwrap_or(hint);
        let button = self.opener(label, 0, title, vec![input]);
        self.first(vec![Row::Buttons(vec![button])]);
    }

    /// The fields as facts, and one button that opens a form of all of them; one for every five and one that submits where they
    /// are more.
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
        let said: Vec<Said<'_>> = fields.iter().map(|field| self.field_said(field)).collect();
        self.facts(&said);
        let heading = self.title.clone();
        let name = if is_blank(title) {
            heading.as_deref().unwrap_or(submit)
        } else {
            title
        };
        let mut openers = Vec::new();
        for (chunk, fields) in (0..).zip(fields.chunks(limits::INPUTS)) {
            let first = chunk * limits::INPUTS as u32;
            let mut inputs = Vec::new();
            for (place, field) in (first..).zip(fields) {
                inputs.push(self.input(place, Asked::of(field), "form"));
            }
            let label = self.opener_label(fields);
            openers.push(self.opener(label, first, name, inputs));
        }
        if let [opener] = openers.as_mut_slice() {
            // Sending the form is submitting it.
            opener.label = self.label(WRITE, submit);
            return self.first(vec![Row::Buttons(openers)]);
        }
        for opener in &mut openers {
            opener.style = Style::Secondary;
        }
        let index = self.screen.actions().len().saturating_sub(1);
        let label = self.label("", submit);
        let mut submit = self.press(label, u32::try_from(index).unwrap_or(u32::MAX));
        submit.style = self.wanted();
        let mut rows = rows::spread(openers, self.per_row());
        rows.push(Row::Buttons(vec![submit]));
        self.first(rows);
    }

    /// The first and the last of the fields that a button asks for; their full names stand in the text.
    fn opener_label(&self, fields: &[FormField]) -> String {
        let ends = match fields {
            [one] => vec![one],
            [first, .., last] => vec![first, last],
            [] => vec![],
        };
        let room = self.label_room().saturating_sub(text::units(WRITE) + 3);
        let room = room / ends.len().max(1);
        let ends: Vec<_> = ends
            .iter()
            .map(|field| text::label(&field.label, room))
            .collect();
        format!("{WRITE}{}", ends.join(" … "))
    }

    fn field_said<'f>(&self, field: &'f FormField) -> Said<'f> {
        let problem = field.problem.trim();
        let wrong = if self.is_said(&field.problem) {
            ""
        } else {
            problem
        };
        Said {
            label: &field.label,
            value: &field.value,
            hint: field.hint.trim(),
            wrong: (!problem.is_empty()).then_some(wrong),
        }
    }

    /// A field of a form. What is there now is put into it as a whole or not at all.
    fn input(&mut self, place: u32, asked: Asked<'_>, part: &str) -> Input {
        let most = asked.max_chars.clamp(1, limits::INPUT);
        let value = text::clean(asked.value);
        let fits = text::units(&value) <= most as usize;
        if !fits {
            self.replaced(part, "text");
        }
        let label = text::line(asked.label);
        let short = text::label(&label, limits::INPUT_LABEL);
        let more = match text::line(asked.hint) {
            hint if is_blank(&hint) && short != label => label.clone(),
            hint => hint,
        };
        Input {
            custom_id: place,
            label: short.into_owned(),
            paragraph: asked.multiline || value.contains('\n'),
            placeholder: (!is_blank(&more))
                .then(|| text::label(&more, limits::PLACEHOLDER).into_owned()),
            value: (fits && !value.is_empty()).then(|| value.into_owned()),
            max_length: most,
        }
    }

    /// A button that opens a form of these fields.
    fn opener(&mut self, label: String, first: u32, title: &str, inputs: Vec<Input>) -> Button {
        let page = Page::Field(first);
        self.modals.push(Modal {
            custom_id: self.token(page),
            title: text::label(title, limits::MODAL_TITLE).into_owned(),
            inputs,
        });
        Button {
            style: self.wanted(),
            ..self.turn(label, page)
        }
    }

    /// How a button looks that most people want here, unless another is it.
    fn wanted(&self) -> Style {
        let mut controls = self.screen.menu.iter().flat_map(|group| &group.controls);
        let taken = controls.any(
            |control| matches!(control, Control::Button(button) if button.role == Role::Primary),
        );
        if taken {
            Style::Secondary
        } else {
            Style::Primary
        }
    }

    /// What is awaited comes before everything else that can be done.
    fn first(&mut self, rows: Vec<Row>) {
        self.rows.splice(0..0, rows);
    }

    /// What a form asks for, where the form itself could not be opened: to be typed, or opened from here. The whole screen where
    /// there is nothing of the kind.
    pub(crate) fn field(mut self, number: u32) -> Rendered<Payload> {
        let first = number - number % limits::INPUTS as u32;
        let (label, hint, value, problem) = match &self.screen.prompt {
            Some(Prompt::Form { fields, .. }) => match fields.get(number as usize) {
                Some(field) => (&field.label, &field.hint, &field.value, &field.problem),
                None => return self.whole(0),
            },
            Some(Prompt::Text { hint, value, .. }) if number == 0 => {
                (hint, &String::new(), value, &String::new())
            }
            Some(Prompt::Number { hint, .. }) if number == 0 => {
                (hint, &String::new(), &String::new(), &String::new())
            }
            _ => return self.whole(0),
        };
        let page = Page::Field(first);
        let opens = |button: &&Button| matches!(&button.does, Does::Turn(to) if to.page == page);
        let mut buttons = self.rows.iter().flat_map(Row::buttons);
        let Some(opener) = buttons.find(opens).cloned() else {
            return self.whole(0);
        };
        let back = self.page_of(page);
        self.clear();
        self.title = Some(text::line(label).into_owned()).filter(|title| !is_blank(title));
        if !problem.trim().is_empty() {
            self.colour = Some(Level::Error);
            self.say(Passage::new().plain(WRONG).plain(problem.trim()));
        }
        self.say(Passage::new().marked(Mark::Code, value));
        if !is_blank(hint) {
            let passage = Passage::new()
                .plain(WRITE)
                .marked(Mark::Italic, hint.trim());
            self.say(passage);
        }
        let opener = Button {
            style: Style::Primary,
            ..opener
        };
        let back = self.turn("◀".to_owned(), back);
        let rows = rows::spread(vec![opener, back], self.per_row());
        self.finish(rows)
    }

    /// Whether a title, a fact's label or a notice says the same.
    pub(crate) fn is_said(&self, words: &str) -> bool {
        self.screen.blocks.iter().any(|block| match block {
            Block::Heading(text) | Block::Notice { text, .. } => text == words,
            Block::Fields(fields) => fields.iter().any(|field| field.label == words),
            _ => false,
        })
    }

    /// Whether a fact has this value.
    fn is_shown(&self, value: &str) -> bool {
        self.screen.blocks.iter().any(|block| {
            matches!(block, Block::Fields(fields) if fields.iter().any(|field| field.value == value))
        })
    }
}

/// What a field asks for.
struct Asked<'f> {
    label: &'f str,
    hint: &'f str,
    value: &'f str,
    max_chars: u32,
    multiline: bool,
}

impl<'f> Asked<'f> {
    fn of(field: &'f FormField) -> Self {
        Self {
            label: &field.label,
            hint: &field.hint,
            value: &field.value,
            max_chars: field.max_chars,
            multiline: field.multiline,
        }
    }
}
