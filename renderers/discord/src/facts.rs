//! Labelled values: fields of an embed where they are short, lines of text where they are sentences.

use crate::EmbedField;
use crate::passage::{Mark, Passage};
use crate::text::{self, beside, cells};

/// What stands for a value that is not there.
pub(crate) const NOTHING: &str = "–";
/// Letters of a fact that others may stand beside; where more than a few are longer, they are lines of text.
const FACT: usize = 28;

/// A labelled value, below the text where all of it fits one embed.
pub(crate) struct Fact {
    pub(crate) label: Passage,
    pub(crate) value: Passage,
}

/// A labelled value with what there is to say of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Said<'s> {
    pub(crate) label: &'s str,
    pub(crate) value: &'s str,
    /// Which values it takes.
    pub(crate) hint: &'s str,
    /// Whether the value is wrong, and why unless that was said before.
    pub(crate) wrong: Option<&'s str>,
}

impl Said<'_> {
    fn width(&self) -> usize {
        cells(self.value).max(cells(self.hint))
    }

    fn label(&self) -> Passage {
        let sign = if self.wrong.is_some() { "❌ " } else { "" };
        Passage::new().plain(sign).plain(&text::line(self.label))
    }

    fn value(&self, label: &str) -> Passage {
        if self.value.trim().is_empty() {
            Passage::new().plain(NOTHING)
        } else {
            Passage::new().plain(&beside(self.value, label))
        }
    }

    /// With a line each for the value, what it may be and what is wrong with it.
    pub(crate) fn fact(&self) -> Fact {
        let mut value = self.value("");
        for (mark, more) in [
            (Some(Mark::Italic), self.hint),
            (None, self.wrong.unwrap_or_default()),
        ] {
            value = match mark {
                _ if more.trim().is_empty() => value,
                Some(mark) => value.next().marked(mark, more.trim()),
                None => value.next().plain(more.trim()),
            };
        }
        Fact {
            label: self.label(),
            value,
        }
    }

    /// `Label: value (hint)`, and below it what is wrong.
    pub(crate) fn line(&self, lines: Passage) -> Passage {
        let sign = if self.wrong.is_some() { "❌ " } else { "" };
        let label = text::line(self.label);
        let mut lines = lines
            .plain(sign)
            .bold(&label)
            .plain(": ")
            .then(&self.value(&label));
        if !self.hint.trim().is_empty() {
            let hint = beside(self.hint.trim(), &label);
            lines = lines.plain(" (").plain(&hint).plain(")");
        }
        match self.wrong {
            Some(wrong) if !wrong.trim().is_empty() => lines.next().plain(wrong.trim()),
            _ => lines,
        }
    }
}

impl Fact {
    pub(crate) fn field(&self) -> EmbedField {
        // An invisible character where there is nothing: the platform refuses a name of nothing.
        let or = |text: String, nothing: &str| {
            if text.trim().is_empty() {
                nothing.to_owned()
            } else {
                text
            }
        };
        EmbedField {
            name: or(self.label.markdown(true), "\u{200b}"),
            value: or(self.value.markdown(true), NOTHING),
            inline: self.label.width() <= FACT && self.value.width() <= FACT,
        }
    }
}

/// Whether most of them are short.
pub(crate) fn are_short(all: &[Said<'_>]) -> bool {
    all.iter().filter(|said| said.width() > FACT).count() * 4 <= all.len()
}
