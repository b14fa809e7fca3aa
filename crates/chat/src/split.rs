//! Splits and shortens text where a reader minds least, under a limit.
//!
//! Owns where text may be cut: between paragraphs, else between lines, sentences, words, and at the worst between
//! characters as a reader sees them (grapheme clusters). Does not own what is cut (a renderer's messages) nor
//! escaping: cut first and escape each part, with a [`Splitter::measured`] by the escaped length, and no cut can
//! fall inside an escape.
//!
//! ```
//! use lorikeet_chat::TextUnit;
//! use lorikeet_chat::split::Splitter;
//!
//! let splitter = Splitter::new(24, TextUnit::Chars);
//! let parts: Vec<&str> = splitter.parts("One picture is there. Three are missing.").collect();
//! assert_eq!(parts, ["One picture is there.", "Three are missing."]);
//! ```

use std::borrow::Cow;

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

use crate::TextUnit;

/// Stands for what was cut.
pub const ELLIPSIS: &str = "…";

/// Cuts text into parts of a length at most.
///
/// A paragraph, line, sentence, word or character that fits a part alone is never cut (but for text with marks set on
/// spaces or direction marks behind them, where a sentence's end may go unnoticed). That makes parts at least
/// half full on average: two neighbours are together longer than one part.
#[derive(Clone, Copy, Debug)]
pub struct Splitter<M> {
    limit: usize,
    measure: M,
}

/// What text is made of, from large to small. Each ends at a place where it may be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    /// Up to an empty line.
    Paragraph,
    Line,
    /// By UAX #29.
    Sentence,
    /// Up to white space that may break.
    Word,
    /// By UAX #29: for scripts without spaces, and for addresses.
    WordPart,
    /// A grapheme cluster by UAX #29.
    Grapheme,
}

const PIECES: [Piece; 6] = [
    Piece::Paragraph,
    Piece::Line,
    Piece::Sentence,
    Piece::Word,
    Piece::WordPart,
    Piece::Grapheme,
];

impl Splitter<fn(&str) -> usize> {
    /// Parts of at most `limit` of `unit`.
    pub fn new(limit: usize, unit: TextUnit) -> Self {
        let measure: fn(&str) -> usize = match unit {
            TextUnit::Chars => |text| TextUnit::Chars.measure(text),
            TextUnit::Utf16 => |text| TextUnit::Utf16.measure(text),
            TextUnit::Bytes => str::len,
        };
        Self::measured(limit, measure)
    }
}

impl<M: Fn(&str) -> usize> Splitter<M> {
    /// Parts of at most `limit` by a measure of the caller's own, such as the length after escaping.
    ///
    /// The measure has to add up: that of two texts one after the other is the sum of theirs.
    pub const fn measured(limit: usize, measure: M) -> Self {
        Self { limit, measure }
    }

    /// The parts of a text, in order, each at most the limit long. White space around a cut is left out (but for the
    /// indentation of a line), and so are parts of nothing else; everything else is in exactly one part.
    ///
    /// Grapheme clusters longer than the limit are cut between their characters, and a limit below the length of one
    /// character is passed: the parts come to an end, whatever the limit.
    pub fn parts<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        let mut rest = text;
        std::iter::from_fn(move || {
            loop {
                if rest.is_empty() {
                    return None;
                }
                let (mut head, mut tail) = self.cut(rest, self.limit);
                if head.is_empty() && tail.len() == rest.len() {
                    // Not even one character fits.
                    let end = rest.chars().next().map_or(0, char::len_utf8);
                    (head, tail) = rest.split_at(end);
                }
                rest = tail;
                if !head.trim().is_empty() {
                    return Some(head);
                }
            }
        })
    }

    /// The beginning of a text that fits into what room is left in a message, and the rest. The beginning is empty
    /// where the rest had better begin with a message of its own, or where nothing fits at all.
    pub fn cut<'t>(&self, text: &'t str, room: usize) -> (&'t str, &'t str) {
        let room = room.min(self.limit);
        // Nothing further away can matter: no piece that fits reaches past it.
        let window = self.window(text, room.saturating_add(self.limit));
        if window == text && self.fits(text, room) {
            let whole = (self.measure)(text) <= room;
            return (if whole { text } else { trim_end(text) }, "");
        }
        let mut at = 0;
        let mut used = 0;
        let mut end = window.len();
        for piece in PIECES {
            // Whole pieces, as many as fit.
            let start = at;
            for border in borders(&window[start..end], piece) {
                let next = start + border;
                if !self.fits(&window[at..next], room.saturating_sub(used)) {
                    end = next;
                    break;
                }
                used += (self.measure)(&window[at..next]);
                at = next;
            }
            // What did not fit is cut only if it would not fit a part of its own.
            if self.fits(&window[at..end], self.limit) {
                break;
            }
        }
        if at == 0 && room == self.limit {
            at = self.characters(window, room);
        }
        let head = trim_end(&text[..at]);
        (head, trim_start(&text[head.len()..]))
    }

    /// The text if it fits the limit; otherwise the longest beginning that fits with an ellipsis after it, which is
    /// empty where there is no room even for that. Never cuts inside a grapheme cluster.
    pub fn shorten<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let window = self.window(text, self.limit);
        if window.len() == text.len() && (self.measure)(text) <= self.limit {
            return Cow::Borrowed(text);
        }
        let Some(room) = self.limit.checked_sub((self.measure)(ELLIPSIS)) else {
            return Cow::Borrowed("");
        };
        let mut left = room;
        let mut at = 0;
        for grapheme in window.graphemes(true) {
            let size = (self.measure)(grapheme);
            if size > left {
                break;
            }
            left -= size;
            at += grapheme.len();
        }
        let mut short = trim_end(&text[..at]).to_owned();
        short.push_str(ELLIPSIS);
        Cow::Owned(short)
    }

    fn fits(&self, text: &str, room: usize) -> bool {
        (self.measure)(trim_end(text)) <= room
    }

    /// The beginning of a text that is just longer than `size`; it ends between grapheme clusters.
    fn window<'t>(&self, text: &'t str, size: usize) -> &'t str {
        let mut used = 0_usize;
        for (at, grapheme) in text.grapheme_indices(true) {
            if used > size {
                return &text[..at];
            }
            used = used.saturating_add((self.measure)(grapheme));
        }
        text
    }

    /// As many characters as fit, of a grapheme cluster that does not.
    fn characters(&self, text: &str, room: usize) -> usize {
        let mut left = room;
        for (at, c) in text.char_indices() {
            let size = (self.measure)(c.encode_utf8(&mut [0; 4]));
            if size > left {
                return at;
            }
            left -= size;
        }
        text.len()
    }
}

/// Where the pieces of a text end, the text's own end included; always between grapheme clusters.
fn borders(text: &str, piece: Piece) -> Box<dyn Iterator<Item = usize> + '_> {
    let end = text.len();
    match piece {
        Piece::Paragraph => Box::new(lines(text).filter(move |at| {
            *at == end
                || (text[..*at].lines().next_back().is_some_and(blank)
                    && !text[*at..].lines().next().is_some_and(blank))
        })),
        Piece::Line => Box::new(lines(text)),
        Piece::Sentence => Box::new(
            whole(text, text.split_sentence_bound_indices())
                .filter(move |at| *at == end || ends_sentence(&text[..*at])),
        ),
        Piece::Word => {
            let mut graphemes = text.graphemes(true).peekable();
            let mut at = 0;
            Box::new(std::iter::from_fn(move || {
                loop {
                    let grapheme = graphemes.next()?;
                    at += grapheme.len();
                    if graphemes
                        .peek()
                        .is_none_or(|next| breaks(grapheme) && !breaks(next))
                    {
                        return Some(at);
                    }
                }
            }))
        }
        Piece::WordPart => Box::new(whole(text, text.split_word_bound_indices())),
        Piece::Grapheme => Box::new(
            text.grapheme_indices(true)
                .map(|(at, grapheme)| at + grapheme.len()),
        ),
    }
}

/// Where lines end.
fn lines(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.split_inclusive('\n').scan(0, |at, line| {
        *at += line.len();
        Some(*at)
    })
}

/// The ends of segments, but for those inside a grapheme cluster.
fn whole<'t>(
    text: &'t str,
    segments: impl Iterator<Item = (usize, &'t str)> + 't,
) -> impl Iterator<Item = usize> + 't {
    segments
        .map(|(at, segment)| at + segment.len())
        .filter(|at| {
            // With the whole text at hand the cursor asks for no more of it.
            GraphemeCursor::new(*at, text.len(), true).is_boundary(text, 0) == Ok(true)
        })
}

/// Whether a sentence that ends here by UAX #29 does: `a.b/c?d` is one word, while `。` needs no space after it.
fn ends_sentence(text: &str) -> bool {
    text.chars()
        .next_back()
        .is_some_and(|c| may_break(c) || !(c.is_ascii() || c.is_whitespace()))
}

fn blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// A cluster of white space where a line may break.
fn breaks(grapheme: &str) -> bool {
    grapheme.chars().all(may_break)
}

/// White space, but for the spaces that are there to keep words together.
fn may_break(c: char) -> bool {
    c.is_whitespace() && !matches!(c, '\u{a0}' | '\u{2007}' | '\u{202f}')
}

/// Without the white space at the end, as far as it is grapheme clusters of its own.
fn trim_end(text: &str) -> &str {
    let mut text = text;
    while text.ends_with(char::is_whitespace) {
        match text.grapheme_indices(true).next_back() {
            Some((at, space)) if blank(space) => text = &text[..at],
            _ => break,
        }
    }
    text
}

/// Without the white space at the beginning; the indentation of the first line with words stays.
fn trim_start(text: &str) -> &str {
    let blank = text
        .graphemes(true)
        .take_while(|grapheme| blank(grapheme))
        .map(str::len)
        .sum();
    let indented = text[..blank].rfind('\n').map(|at| at + 1);
    &text[indented.unwrap_or(blank)..]
}

#[cfg(test)]
mod tests;
