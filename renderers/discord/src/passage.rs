//! A stretch of text with its marks, and how stretches become the markdown of messages.

use std::ops::Range;

use lorikeet_chat::TextUnit;
use lorikeet_chat::split::Splitter;

use crate::markdown::{self, Start};
use crate::text::{self, is_blank};

/// How a run of text is marked. Marks do not lie in one another.
/// <https://support.discord.com/hc/en-us/articles/210298617-Markdown-Text-101>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Bold,
    Italic,
    /// To be copied to the letter.
    Code,
    /// A time, which the platform writes as the reader's clock says it.
    /// <https://discord.com/developers/docs/reference#message-formatting>
    Time,
}

/// A stretch of text that belongs together, a blank line apart from others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Passage {
    text: String,
    marks: Vec<(Range<usize>, Mark)>,
    /// Set off by a bar at its side.
    quoted: bool,
}

impl Passage {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Set off from the rest.
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
        let end = self.text.len();
        if !is_blank(&self.text[start..]) {
            match self.marks.last_mut() {
                // Two of a kind with nothing in between would not end where they should.
                Some((range, last)) if range.end == start && *last == mark => range.end = end,
                _ => self.marks.push((start..end, mark)),
            }
        }
        self
    }

    #[must_use]
    pub(crate) fn bold(self, text: &str) -> Self {
        self.marked(Mark::Bold, text)
    }

    /// A time in seconds since 1970.
    #[must_use]
    pub(crate) fn time(self, seconds: u64) -> Self {
        self.marked(Mark::Time, &format!("<t:{seconds}:t>"))
    }

    /// Goes on with another.
    #[must_use]
    pub(crate) fn then(mut self, other: &Self) -> Self {
        let start = self.text.len();
        self.text.push_str(&other.text);
        let marks = other.marks.iter();
        self.marks
            .extend(marks.map(|(range, mark)| (range.start + start..range.end + start, *mark)));
        self
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

    /// Letters of the longest line.
    pub(crate) fn width(&self) -> usize {
        self.text.lines().map(text::cells).max().unwrap_or(0)
    }

    pub(crate) fn is_marked(&self) -> bool {
        self.quoted || self.marks.iter().any(|(_, mark)| *mark != Mark::Time)
    }

    /// All of it as markdown.
    pub(crate) fn markdown(&self, rich: bool) -> String {
        self.part(0..self.text.len(), rich)
    }

    /// The text in between these borders as markdown at the beginning of a line. Marks end with their line, so that nothing
    /// depends on what they do beyond it.
    fn part(&self, range: Range<usize>, rich: bool) -> String {
        let mut markdown = String::with_capacity(range.len() + range.len() / 4);
        let mut at = range.start;
        for line in self.text[range].split('\n') {
            if !markdown.is_empty() {
                markdown.push('\n');
            }
            if rich && self.quoted {
                markdown.push_str("> ");
            }
            self.line(at..at + line.len(), rich, &mut markdown);
            at += line.len() + 1;
        }
        markdown
    }

    fn line(&self, line: Range<usize>, rich: bool, markdown: &mut String) {
        let mut start = Start::default();
        let mut at = line.start;
        for (marked, mark) in &self.marks {
            let (from, to) = (marked.start.max(at), marked.end.min(line.end));
            let torn = *mark == Mark::Time && marked.len() != to.saturating_sub(from);
            if from >= to || torn || !(rich || *mark == Mark::Time) {
                continue;
            }
            markdown::escape(&self.text[at..from], &mut start, markdown);
            mark_up(&self.text[from..to], *mark, &mut start, markdown);
            at = to;
        }
        markdown::escape(&self.text[at..line.end], &mut start, markdown);
    }
}

/// Marks words of one line. White space at the borders is left out: some marks do not begin or end there.
fn mark_up(words: &str, mark: Mark, start: &mut Start, markdown: &mut String) {
    let inner = words.trim();
    if inner.is_empty() {
        markdown.push_str(words);
        return;
    }
    let (before, after) = words.split_at(words.len() - words.trim_start().len());
    markdown.push_str(before);
    let sign = match mark {
        Mark::Bold => "**",
        Mark::Italic => "*",
        Mark::Code => {
            markdown::code(inner, markdown);
            ""
        }
        Mark::Time => {
            markdown.push_str(inner);
            ""
        }
    };
    if !sign.is_empty() {
        markdown.push_str(sign);
        markdown::escape(inner, start, markdown);
        markdown.push_str(sign);
    }
    markdown.push_str(&after[inner.len()..]);
    *start = Start::Over;
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
    /// The length of a text as it is sent.
    pub(crate) fn length(&self, markdown: &str) -> usize {
        self.unit.measure(markdown)
    }

    /// What stands between two passages of a message. A quotation keeps its distance by itself.
    fn gap(&self, before: Option<&Passage>, after: &Passage) -> &'static str {
        match before {
            None => "",
            Some(before) if self.rich && (before.quoted || after.quoted) => "\n",
            Some(_) => "\n\n",
        }
    }

    /// All passages as one text, however long.
    pub(crate) fn joined(&self, passages: &[Passage]) -> String {
        let mut text = String::new();
        let mut before = None;
        for passage in passages {
            text.push_str(self.gap(before, passage));
            text.push_str(&passage.markdown(self.rich));
            before = Some(passage);
        }
        text
    }

    /// The passages as the markdown of messages, each as full as it can be; none where there is nothing to say. In the first,
    /// so much of the room is `taken`.
    pub(crate) fn messages(&self, passages: &[Passage], taken: usize) -> Vec<String> {
        let mut messages = Vec::new();
        let mut markdown = String::new();
        let mut left = self.limit.saturating_sub(taken);
        let mut before: Option<&Passage> = None;
        for passage in passages {
            let mut rest = passage.text.as_str();
            while !rest.trim().is_empty() {
                let gap = self.gap(before, passage);
                let room = left.saturating_sub(gap.len());
                let Cut { written, tail } = self.cut(passage, rest, room, before.is_none());
                if let Some(written) = written {
                    left = room.saturating_sub(self.length(&written));
                    markdown.push_str(gap);
                    markdown.push_str(&written);
                    before = Some(passage);
                }
                rest = tail;
                if !rest.is_empty() {
                    // What is left begins a message of its own.
                    messages.extend(before.take().map(|_| std::mem::take(&mut markdown)));
                    left = self.limit;
                }
            }
        }
        messages.extend(before.map(|_| markdown));
        messages
    }

    /// As much of a passage's rest as there is room for. At the beginning of a message that is something, in any case.
    fn cut<'p>(&self, passage: &'p Passage, rest: &'p str, room: usize, fresh: bool) -> Cut<'p> {
        let start = passage.text.len() - rest.len();
        let written = |text: &str| passage.part(start..start + text.len(), self.rich);
        // Nothing is shorter as markdown than as it stands.
        if rest.len() <= room.saturating_mul(3) {
            let all = written(rest);
            if self.length(&all) <= room {
                return Cut {
                    written: Some(all),
                    tail: "",
                };
            }
        }
        let mut tried = room;
        loop {
            let limit = if fresh { tried } else { self.limit };
            let splitter =
                Splitter::measured(limit, |text: &str| markdown::length(text, self.unit));
            let (mut head, mut tail) = splitter.cut(rest, tried);
            if fresh && head.is_empty() && tail.len() == rest.len() {
                // Not even one character fits.
                (head, tail) = rest.split_at(rest.chars().next().map_or(0, char::len_utf8));
                return Cut {
                    written: Some(written(head)).filter(|text| !text.trim().is_empty()),
                    tail,
                };
            }
            if head.trim().is_empty() {
                return Cut {
                    written: None,
                    tail,
                };
            }
            let text = written(head);
            // Marks take room, too.
            match self.length(&text).saturating_sub(room) {
                0 => {
                    return Cut {
                        written: Some(text),
                        tail,
                    };
                }
                excess => tried = tried.saturating_sub(excess),
            }
        }
    }
}

/// A beginning of a passage, and what comes after it.
struct Cut<'p> {
    /// As markdown; none where there was only white space or no room.
    written: Option<String>,
    tail: &'p str,
}

#[cfg(test)]
mod tests;
