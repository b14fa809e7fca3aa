//! A stretch of text with its marks, and how stretches become the HTML of messages.

use std::ops::Range;

use lorikeet_chat::TextUnit;
use lorikeet_chat::split::Splitter;

use crate::text::{self, is_blank};

/// How a run of text is marked. Marks do not lie in one another.
/// <https://core.telegram.org/bots/api#html-style>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Bold,
    Italic,
    /// Copied by a tap.
    Code,
}

impl Mark {
    const fn tag(self) -> &'static str {
        match self {
            Self::Bold => "b",
            Self::Italic => "i",
            Self::Code => "code",
        }
    }
}

/// A stretch of text that belongs together, a blank line apart from others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Passage {
    text: String,
    marks: Vec<(Range<usize>, Mark)>,
    /// On the line after the one before.
    tight: bool,
    /// Set off, and folded to three lines until it is tapped.
    quoted: bool,
}

impl Passage {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Without a blank line before it.
    #[must_use]
    pub(crate) fn tight(mut self) -> Self {
        self.tight = true;
        self
    }

    /// Folded away until it is tapped.
    #[must_use]
    pub(crate) fn quoted(mut self) -> Self {
        self.quoted = true;
        self
    }

    #[must_use]
    pub(crate) fn plain(mut self, text: &str) -> Self {
        self.text.push_str(&text::clean(text));
        self
    }

    #[must_use]
    pub(crate) fn marked(mut self, mark: Mark, text: &str) -> Self {
        let start = self.text.len();
        self = self.plain(text);
        if !is_blank(&self.text[start..]) {
            self.marks.push((start..self.text.len(), mark));
        }
        self
    }

    #[must_use]
    pub(crate) fn bold(self, text: &str) -> Self {
        self.marked(Mark::Bold, text)
    }

    /// Goes on in the next line, unless this is the first.
    #[must_use]
    pub(crate) fn next(mut self) -> Self {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self
    }

    /// Whether there is nothing to send, and nothing to lose.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }

    pub(crate) fn is_marked(&self) -> bool {
        self.quoted || !self.marks.is_empty()
    }

    /// The text in between these borders as HTML.
    fn html(&self, range: Range<usize>, rich: bool) -> String {
        let mut html = String::with_capacity(range.len() + 16);
        let quoted = rich && self.quoted;
        if quoted {
            html.push_str("<blockquote expandable>");
        }
        let mut at = range.start;
        for (marked, mark) in self.marks.iter().filter(|_| rich) {
            let (start, end) = (marked.start.max(at), marked.end.min(range.end));
            if start >= end {
                continue;
            }
            escape(&self.text[at..start], &mut html);
            html.push_str(&format!("<{}>", mark.tag()));
            escape(&self.text[start..end], &mut html);
            html.push_str(&format!("</{}>", mark.tag()));
            at = end;
        }
        escape(&self.text[at..range.end], &mut html);
        if quoted {
            html.push_str("</blockquote>");
        }
        html
    }
}

fn escape(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            c => html.push(c),
        }
    }
}

/// How messages are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paper {
    /// Length of a message, in `unit`s.
    pub(crate) limit: usize,
    /// What lengths count: bytes, or UTF-16 units where the platform's own limit is the narrower.
    pub(crate) unit: TextUnit,
    /// Whether there are marks.
    pub(crate) rich: bool,
}

impl Paper {
    /// Whether all of it fits one message of so many units.
    pub(crate) fn fits(&self, passages: &[Passage], limit: usize) -> bool {
        let mut left = limit.min(self.limit);
        let mut before: Option<&Passage> = None;
        for passage in passages {
            let gap = self.gap(before, passage).len();
            if !self.holds(&passage.text, left.saturating_sub(gap)) {
                return false;
            }
            left = left.saturating_sub(gap + self.length(&passage.text));
            before = Some(passage);
        }
        true
    }

    /// What stands between two passages of a message. A quotation keeps its distance by itself.
    fn gap(&self, before: Option<&Passage>, after: &Passage) -> &'static str {
        match before {
            None => "",
            Some(_) if after.tight => "\n",
            Some(before) if self.rich && (before.quoted || after.quoted) => "\n",
            Some(_) => "\n\n",
        }
    }

    /// Whether a text is at most this long. A UTF-16 unit is one to three bytes: mostly there is no need to count.
    fn holds(&self, text: &str, room: usize) -> bool {
        text.len() <= room || (text.len() <= room.saturating_mul(3) && self.length(text) <= room)
    }

    fn length(&self, text: &str) -> usize {
        if text.is_ascii() {
            text.len()
        } else {
            self.unit.measure(text)
        }
    }

    /// The passages as the HTML of messages, each as full as it can be; none where there is nothing to say.
    pub(crate) fn messages(&self, passages: &[Passage]) -> Vec<String> {
        let splitter = Splitter::new(self.limit, self.unit);
        let mut messages = Vec::new();
        let mut html = String::new();
        let mut left = self.limit;
        let mut before: Option<&Passage> = None;
        for passage in passages {
            let mut rest = passage.text.as_str();
            while !rest.trim().is_empty() {
                let gap = self.gap(before, passage);
                let start = passage.text.len() - rest.len();
                let room = left.saturating_sub(gap.len());
                let (mut head, mut tail) = if self.holds(rest, room) {
                    (rest, "")
                } else {
                    splitter.cut(rest, room)
                };
                if head.is_empty() && before.is_none() && tail.len() == rest.len() {
                    // Not even one character fits.
                    (head, tail) = rest.split_at(rest.chars().next().map_or(0, char::len_utf8));
                }
                if !head.trim().is_empty() {
                    html.push_str(gap);
                    html.push_str(&passage.html(start..start + head.len(), self.rich));
                    left = left.saturating_sub(gap.len() + self.length(head));
                    before = Some(passage);
                }
                rest = tail;
                if !rest.is_empty() {
                    // What is left begins a message of its own.
                    messages.extend(before.take().map(|_| std::mem::take(&mut html)));
                    left = self.limit;
                }
            }
        }
        messages.extend(before.map(|_| html));
        messages
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper(limit: usize) -> Paper {
        Paper {
            limit,
            unit: TextUnit::Utf16,
            rich: true,
        }
    }

    #[test]
    fn marks_are_ours_and_everything_else_is_text() {
        let passage = Passage::new()
            .bold("<b>&amp;")
            .plain(" > ")
            .marked(Mark::Code, "a\"b'");
        assert_eq!(
            paper(100).messages(&[passage]),
            ["<b>&lt;b&gt;&amp;amp;</b> &gt; <code>a\"b'</code>"]
        );
    }

    #[test]
    fn marks_are_closed_where_a_message_ends_and_opened_again() {
        let passage = Passage::new()
            .plain("One ")
            .bold("two three")
            .plain(" four.");
        assert_eq!(
            paper(8).messages(&[passage]),
            ["One <b>two</b>", "<b>three</b>", "four."]
        );
    }

    #[test]
    fn lengths_are_counted_after_parsing() {
        let passage = |text: &str| Passage::new().plain(text);
        assert_eq!(paper(4).messages(&[passage("<&>a")]), ["&lt;&amp;&gt;a"]);
        assert_eq!(paper(4).messages(&[passage("🦜🦜")]), ["🦜🦜"]);
        assert_eq!(paper(3).messages(&[passage("🦜🦜")]), ["🦜", "🦜"]);
        assert!(paper(6).fits(&[passage("ab"), passage("cd")], 100));
        assert!(!paper(6).fits(&[passage("ab"), passage("cd")], 5));
    }

    #[test]
    fn passages_stay_whole_where_they_can() {
        let passage = |text: &str| Passage::new().plain(text);
        let all = [passage("one"), passage("two two"), passage("six").tight()];
        assert_eq!(paper(12).messages(&all), ["one\n\ntwo two", "six"]);
        assert_eq!(paper(100).messages(&all), ["one\n\ntwo two\nsix"]);
        assert_eq!(paper(8).messages(&all), ["one", "two two", "six"]);
    }

    #[test]
    fn there_is_an_end_to_the_narrowest_message() {
        let passage = Passage::new().plain("🦜a \n b").marked(Mark::Bold, "\n\n");
        assert_eq!(paper(0).messages(&[passage]), ["🦜", "a", "b"]);
        assert_eq!(paper(5).messages(&[Passage::new().plain(" \n ")]), [""; 0]);
    }
}
