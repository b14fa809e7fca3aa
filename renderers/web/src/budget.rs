//! A room's limits while they are used up, and the list of what was lost.

use std::borrow::Cow;

use lorikeet_chat::split::{ELLIPSIS, Splitter};
use lorikeet_chat::{Capabilities, Degradation, Support, TextUnit};

/// What is left of a room's limits.
pub(crate) struct Budget<'a> {
    capabilities: &'a Capabilities,
    /// Text left in the message, in the room's unit.
    text: usize,
    /// Controls left on the message.
    controls: u32,
    lost: Vec<Degradation>,
}

impl<'a> Budget<'a> {
    pub(crate) fn new(capabilities: &'a Capabilities) -> Self {
        Self {
            capabilities,
            text: capabilities.text.message as usize,
            controls: capabilities.menu.total,
            lost: Vec::new(),
        }
    }

    /// A text of the message's body, cut where the message is full.
    pub(crate) fn text<'t>(&mut self, what: &str, text: &'t str) -> Cow<'t, str> {
        let unit = self.capabilities.text.unit;
        let length = unit.measure(text);
        if length <= self.text {
            self.text -= length;
            return Cow::Borrowed(text);
        }
        let cut = Splitter::new(self.text, unit).shorten(text);
        self.text = 0;
        self.shortened(what);
        cut
    }

    /// A label, cut at the room's limit but never to nothing: a control must keep a name.
    pub(crate) fn label<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        if is_blank(text) {
            return Cow::Borrowed(ELLIPSIS);
        }
        let limit = self.capabilities.menu.label.max(1) as usize;
        if text.chars().count() <= limit {
            return Cow::Borrowed(text);
        }
        self.shortened("label");
        Splitter::new(limit, TextUnit::Chars).shorten(text)
    }

    /// Takes the place of one control; false when the message has none left.
    pub(crate) fn control(&mut self) -> bool {
        if self.controls == 0 {
            self.replaced("controls", "disclosure");
            return false;
        }
        self.controls -= 1;
        true
    }

    /// How many options of a choice are shown at once.
    pub(crate) fn options(&mut self, wanted: usize) -> usize {
        let limit = self.capabilities.menu.options as usize;
        if wanted > limit {
            self.replaced("options", "disclosure");
        }
        wanted.min(limit)
    }

    /// How many columns a grid gets; the style sheet knows up to 6.
    pub(crate) fn columns(&mut self, wanted: u8) -> u8 {
        let limit = u8::try_from(self.capabilities.menu.per_row).unwrap_or(u8::MAX);
        let columns = wanted.clamp(1, 6).min(limit.max(1));
        if columns < wanted.max(1) {
            self.replaced("grid", "narrower grid");
        }
        columns
    }

    /// Whether bold and code are shown as such.
    pub(crate) fn rich(&mut self) -> bool {
        self.allows(self.capabilities.text.rich, "rich text", "plain text")
    }

    /// Whether pictures are shown.
    pub(crate) fn images(&mut self) -> bool {
        self.allows(self.capabilities.images, "image", "description")
    }

    /// Whether forms can be filled in.
    pub(crate) fn forms(&mut self) -> bool {
        self.allows(self.capabilities.forms, "form", "fields and a button")
    }

    /// Whether a file of this many bytes is offered for download.
    pub(crate) fn file(&mut self, size: u64) -> bool {
        let fits = size <= self.capabilities.files.send;
        if !fits {
            self.replaced("file", "name and size");
        }
        fits
    }

    pub(crate) fn replaced(&mut self, what: &str, with: &str) {
        self.lose(Degradation::Replaced {
            what: what.to_owned(),
            with: with.to_owned(),
        });
    }

    pub(crate) fn into_degradations(self) -> Vec<Degradation> {
        self.lost
    }

    fn allows(&mut self, support: Support, what: &str, with: &str) -> bool {
        let allowed = support >= Support::Partial;
        if !allowed {
            self.replaced(what, with);
        }
        allowed
    }

    fn shortened(&mut self, what: &str) {
        self.lose(Degradation::Shortened {
            what: what.to_owned(),
        });
    }

    /// Each kind of loss is listed once: a screen of a hundred labels has one thing to say of them.
    fn lose(&mut self, loss: Degradation) {
        if !self.lost.contains(&loss) {
            self.lost.push(loss);
        }
    }
}

/// Whether nothing of a text is seen: white space, and what a browser drops or draws no sign for.
fn is_blank(text: &str) -> bool {
    text.chars().all(|c| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_a_sign_is_blank() {
        assert!(is_blank("") && is_blank(" \n") && is_blank("\0\u{202e}\u{feff}"));
        assert!(!is_blank("\u{202e}x") && !is_blank("…"));
    }
}
