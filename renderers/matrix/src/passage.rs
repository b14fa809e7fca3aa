//! A stretch of text with its marks, and how stretches become the text and the HTML of messages.

use std::ops::Range;

use lorikeet_chat::TextUnit;
use lorikeet_chat::split::Splitter;

use crate::Text;
use crate::text::{self, is_blank};

/// How a run of text is marked. Marks do not lie in one another.
/// <https://spec.matrix.org/v1.19/client-server-api/#mroommessage-msgtypes>
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Bold,
    Italic,
    /// To be copied to the letter.
    Code,
    /// Leads to an address that may be opened.
    Link(String),
}

/// What a stretch of text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Shape {
    #[default]
    Paragraph,
    Heading,
    Quote,
}

impl Shape {
    const fn tag(self) -> &'static str {
        match self {
            Self::Paragraph => "p",
            Self::Heading => "h4",
            Self::Quote => "blockquote",
        }
    }
}

/// A stretch of text that belongs together, a blank line apart from others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Passage {
    text: String,
    marks: Vec<(Range<usize>, Mark)>,
    shape: Shape,
}

impl Passage {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn heading(text: &str) -> Self {
        Self {
            shape: Shape::Heading,
            ..Self::new().plain(text)
        }
    }

    /// Set off from the rest.
    #[must_use]
    pub(crate) fn quoted(mut self) -> Self {
        self.shape = Shape::Quote;
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

    /// A value, or that there is none.
    #[must_use]
    pub(crate) fn value(self, value: &str) -> Self {
        if value.trim().is_empty() {
            self.plain("–")
        } else {
            self.bold(value)
        }
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
        self.shape != Shape::Paragraph || !self.marks.is_empty()
    }

    /// The text in between these borders as it stands. An address is said where its words do not say it.
    fn body(&self, range: Range<usize>) -> String {
        let mut body = String::with_capacity(range.len());
        let mut at = range.start;
        for (marked, mark) in &self.marks {
            let end = marked.end;
            if let Mark::Link(address) = mark
                && range.contains(&(end - 1))
            {
                body.push_str(&self.text[at..end]);
                body.push_str(&format!(" ({address})"));
                at = end;
            }
        }
        body.push_str(&self.text[at..range.end]);
        body
    }

    /// The text in between these borders as HTML.
    fn html(&self, range: Range<usize>) -> String {
        let mut html = String::with_capacity(range.len() + 16);
        let tag = self.shape.tag();
        html.push_str(&format!("<{tag}>"));
        let mut at = range.start;
        for (marked, mark) in &self.marks {
            let (start, end) = (marked.start.max(at), marked.end.min(range.end));
            if start >= end {
                continue;
            }
            escape(&self.text[at..start], &mut html);
            let (opened, closed) = match mark {
                Mark::Bold => ("<strong>", "</strong>"),
                Mark::Italic => ("<em>", "</em>"),
                Mark::Code => ("<code>", "</code>"),
                Mark::Link(address) => {
                    html.push_str("<a href=\"");
                    escape(address, &mut html);
                    ("\">", "</a>")
                }
            };
            html.push_str(opened);
            escape(&self.text[start..end], &mut html);
            html.push_str(closed);
            at = end;
        }
        escape(&self.text[at..range.end], &mut html);
        html.push_str(&format!("</{tag}>"));
        html
    }
}

fn escape(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\n' => html.push_str("<br>"),
            c => html.push(c),
        }
    }
}

/// How messages are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paper {
    /// Length of a message as HTML, or of its text where there is none, in `unit`s.
    pub(crate) limit: usize,
    pub(crate) unit: TextUnit,
    /// Whether there is HTML.
    pub(crate) rich: bool,
}

/// A message in the making.
#[derive(Default)]
struct Sheet {
    body: String,
    html: String,
    used: usize,
}

impl Paper {
    /// The passages as messages, each as full as it can be; none where there is nothing to say.
    pub(crate) fn messages(&self, passages: &[Passage]) -> Vec<Text> {
        let mut messages = Vec::new();
        let mut sheet: Option<Sheet> = None;
        for passage in passages {
            let mut start = 0;
            while !passage.text[start..].trim().is_empty() {
                // In plain text a blank line, in HTML nothing: paragraphs keep their distance.
                let gap = if sheet.is_some() && !self.rich { 2 } else { 0 };
                let used = sheet.as_ref().map_or(0, |sheet| sheet.used + gap);
                let room = self.limit.saturating_sub(used);
                let Cut { range, next } = self.cut(passage, start, room, sheet.is_none());
                if !range.is_empty() {
                    let sheet = sheet.get_or_insert_default();
                    if !sheet.body.is_empty() {
                        sheet.body.push_str("\n\n");
                    }
                    sheet.used += gap + self.length(passage, range.clone());
                    sheet.body.push_str(&passage.body(range.clone()));
                    if self.rich {
                        sheet.html.push_str(&passage.html(range));
                    }
                }
                start = next;
                if start < passage.text.len() {
                    // What is left begins a message of its own.
                    messages.extend(sheet.take());
                }
            }
        }
        messages.extend(sheet);
        let text = |sheet: Sheet| Text {
            body: sheet.body,
            html: self.rich.then_some(sheet.html),
        };
        messages.into_iter().map(text).collect()
    }

    /// The length of a part of a passage as it is sent.
    fn length(&self, passage: &Passage, range: Range<usize>) -> usize {
        let sent = if self.rich {
            passage.html(range)
        } else {
            passage.body(range)
        };
        self.unit.measure(&sent)
    }

    /// As much of a passage's rest as there is room for. At the beginning of a message that is something, in any case.
    fn cut(&self, passage: &Passage, start: usize, room: usize, fresh: bool) -> Cut {
        let rest = &passage.text[start..];
        let whole = start..passage.text.len();
        if self.length(passage, whole.clone()) <= room {
            return Cut {
                next: whole.end,
                range: whole,
            };
        }
        let rich = self.rich;
        let unit = self.unit;
        let measure = |text: &str| unit.measure(text) + if rich { escapes(text) } else { 0 };
        let mut tried = room;
        loop {
            let splitter = Splitter::measured(if fresh { tried } else { self.limit }, measure);
            let (head, tail) = splitter.cut(rest, tried);
            let next = passage.text.len() - tail.len();
            if fresh && head.is_empty() && tail.len() == rest.len() {
                // Not even one character fits.
                let first = rest.chars().next().map_or(0, char::len_utf8);
                let range = start..start + first;
                let blank = rest[..first].trim().is_empty();
                return Cut {
                    next: range.end,
                    range: if blank { start..start } else { range },
                };
            }
            if head.trim().is_empty() {
                return Cut {
                    range: start..start,
                    next,
                };
            }
            let range = start..start + head.len();
            // Marks take room, too.
            match self.length(passage, range.clone()).saturating_sub(room) {
                0 => return Cut { range, next },
                // Some of them are on what is left out then.
                excess => tried -= excess.min(tried.div_ceil(2)),
            }
        }
    }
}

/// How much longer a text is at most once it is escaped, in any unit: escapes are ASCII.
fn escapes(text: &str) -> usize {
    let sign = |b: u8| match b {
        b'"' => 5,
        b'&' => 4,
        b'<' | b'>' | b'\n' => 3,
        _ => 0,
    };
    text.bytes().map(sign).sum()
}

/// A beginning of a passage's rest, nothing where there was only white space or no room, and where to go on.
struct Cut {
    range: Range<usize>,
    next: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(limit: usize, passages: &[Passage]) -> Vec<String> {
        let paper = Paper {
            limit,
            unit: TextUnit::Bytes,
            rich: true,
        };
        let messages = paper.messages(passages);
        messages.into_iter().filter_map(|text| text.html).collect()
    }

    fn bodies(limit: usize, passages: &[Passage]) -> Vec<String> {
        let paper = Paper {
            limit,
            unit: TextUnit::Chars,
            rich: false,
        };
        let messages = paper.messages(passages);
        messages.into_iter().map(|text| text.body).collect()
    }

    #[test]
    fn marks_are_ours_and_everything_else_is_text() {
        let passage = Passage::new()
            .bold("<b>&amp;")
            .plain("\n")
            .marked(Mark::Code, "a\"b'");
        assert_eq!(
            html(200, &[passage]),
            ["<p><strong>&lt;b&gt;&amp;amp;</strong><br><code>a&quot;b'</code></p>"]
        );
    }

    #[test]
    fn links_are_said_where_they_cannot_be_followed() {
        let link = Mark::Link("https://example.org/?a=1&b=2".to_owned());
        let passage = Passage::new().plain("See ").marked(link, "here").plain(".");
        assert_eq!(
            html(200, std::slice::from_ref(&passage)),
            ["<p>See <a href=\"https://example.org/?a=1&amp;b=2\">here</a>.</p>"]
        );
        assert_eq!(
            bodies(200, &[passage]),
            ["See here (https://example.org/?a=1&b=2)."]
        );
    }

    #[test]
    fn marks_are_closed_where_a_message_ends_and_opened_again() {
        let passage = Passage::new()
            .plain("One ")
            .bold("two three")
            .plain(" four.");
        assert_eq!(
            html(31, &[passage]),
            [
                "<p>One <strong>two</strong></p>",
                "<p><strong>three</strong></p>",
                "<p>four.</p>"
            ]
        );
    }

    #[test]
    fn passages_stay_whole_where_they_can() {
        let passage = |text: &str| Passage::new().plain(text);
        let all = [passage("one"), passage("two two"), passage("six").quoted()];
        assert_eq!(bodies(12, &all), ["one\n\ntwo two", "six"]);
        assert_eq!(bodies(100, &all), ["one\n\ntwo two\n\nsix"]);
        assert_eq!(bodies(8, &all), ["one", "two two", "six"]);
        assert_eq!(
            html(100, &all),
            ["<p>one</p><p>two two</p><blockquote>six</blockquote>"]
        );
    }

    #[test]
    fn there_is_an_end_to_the_narrowest_message() {
        let passage = Passage::new().plain("🦜a \n b").marked(Mark::Bold, "\n\n");
        assert_eq!(bodies(0, std::slice::from_ref(&passage)), ["🦜", "a", "b"]);
        assert_eq!(html(0, &[passage]), ["<p>🦜</p>", "<p>a</p>", "<p>b</p>"]);
        assert_eq!(bodies(5, &[Passage::new().plain(" \n ")]), [""; 0]);
    }
}
