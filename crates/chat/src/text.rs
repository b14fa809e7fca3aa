//! Text as it can stand in a chat of any platform: cleaned, kept apart from its surroundings, shortened, and how wide it is.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use crate::TextUnit;
use crate::split::{ELLIPSIS, Splitter};

/// Opens a stretch that has a direction of its own, and [`ISOLATED`] closes it.
const ISOLATE: char = '\u{2068}';
const ISOLATED: char = '\u{2069}';

/// Text without what platforms drop or what would turn around its surroundings: control characters, overrides of the
/// direction, and isolates that are not closed.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| matches!(b, b' '..=b'~' | b'\n')) {
        return Cow::Borrowed(text);
    }
    let harmless = |c: char| c == '\n' || !(c.is_control() || directs(c) || breaks(c));
    if text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n");
    let closed = text.lines().all(closed);
    let kept = |c: char| match c {
        '\r' | '\n' | '\u{2028}' | '\u{2029}' => Some('\n'),
        '\u{202a}'..='\u{202e}' => None,
        '\u{2066}'..='\u{2069}' => closed.then_some(c),
        c if c.is_control() => c.is_whitespace().then_some(' '),
        c => Some(c),
    };
    Cow::Owned(text.chars().filter_map(kept).collect())
}

/// The same on one line.
pub fn line(text: &str) -> Cow<'_, str> {
    let text = clean(text);
    let mut before = ' ';
    let single = |c: char| {
        let single = !c.is_whitespace() || (c == ' ' && before != ' ');
        before = c;
        single
    };
    if text.chars().all(single) && !text.ends_with(' ') {
        return text;
    }
    Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A beginning of at most so many units.
pub fn short(text: &str, most: usize, unit: TextUnit) -> Cow<'_, str> {
    // A character is one unit at least, and one byte.
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    if unit == TextUnit::Chars && text.chars().nth(most).is_none() {
        return Cow::Borrowed(text);
    }
    Splitter::new(most, unit).shorten(text)
}

/// A line's beginning of at most so many units; never nothing, because something has to be pressed.
pub fn label(text: &str, most: usize, unit: TextUnit) -> Cow<'_, str> {
    let line = line(text);
    if is_blank(&line) {
        return Cow::Borrowed(ELLIPSIS);
    }
    match line {
        Cow::Borrowed(line) => short(line, most.max(1), unit),
        Cow::Owned(line) => Cow::Owned(short(&line, most.max(1), unit).into_owned()),
    }
}

/// A text beside others on a line: one from right to left, or beside one, must not draw their punctuation to its side.
pub fn beside<'t>(text: &'t str, other: &str) -> Cow<'t, str> {
    if from_right(text) || from_right(other) {
        Cow::Owned(format!("{ISOLATE}{text}{ISOLATED}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Whether nothing of a text is seen. Platforms refuse a message of nothing else.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffc}'
                | '\u{e0000}'..='\u{e0fff}')
    })
}

/// A number in as few letters and digits as can be, `u64::from_str_radix(…, 36)` reads it: platforms give buttons few bytes.
pub fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(number % 36).unwrap_or_default();
        digits.push(char::from_digit(digit, 36).unwrap_or('0'));
        number /= 36;
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

/// How wide a text is in letters: East Asian characters and emoji take the place of two.
pub fn cells(text: &str) -> usize {
    text.width()
}

fn directs(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Ends of lines and paragraphs that are not the usual one.
fn breaks(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// Whether every isolate of a line is closed, and none that was not opened.
fn closed(line: &str) -> bool {
    let mut open = 0_usize;
    for c in line.chars() {
        match c {
            '\u{2066}'..='\u{2068}' => open += 1,
            ISOLATED if open == 0 => return false,
            ISOLATED => open -= 1,
            _ => {}
        }
    }
    open == 0
}

/// Whether something of a text runs from right to left: the blocks of Unicode that are set aside for it, and its marks.
fn from_right(text: &str) -> bool {
    text.chars().any(|c| {
        matches!(c, '\u{590}'..='\u{8ff}' | '\u{200f}' | '\u{2067}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}'
            | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_platforms_drop_is_not_there() {
        assert_eq!(clean("a\r\nb\tc\u{1b}[31m\0\rd"), "a\nb c[31m\nd");
        assert_eq!(clean("one\u{2028}two"), "one\ntwo");
        assert!(matches!(clean("nothing\nto do"), Cow::Borrowed(_)));
    }

    #[test]
    fn directions_end_where_their_text_does() {
        assert_eq!(clean("\u{202e}olleh\u{202c}"), "olleh");
        assert_eq!(clean("\u{2067}open"), "open");
        assert_eq!(clean("open\u{2068}\nand\u{2069}"), "open\nand");
        assert_eq!(clean("\u{2068}closed\u{2069}"), "\u{2068}closed\u{2069}");
        assert_eq!(beside("maya", "name"), "maya");
        assert_eq!(beside("שלום!", "name"), "\u{2068}שלום!\u{2069}");
        assert_eq!(beside("maya (1)", "שם"), "\u{2068}maya (1)\u{2069}");
    }

    #[test]
    fn labels_are_one_line_and_never_nothing() {
        let utf16 = |text: &'static str, most| label(text, most, TextUnit::Utf16);
        assert_eq!(utf16(" two\n lines ", 64), "two lines");
        assert_eq!(utf16("\u{200b}\n", 64), "…");
        assert_eq!(utf16("Training", 5), "Trai…");
        assert_eq!(utf16("🇩🇪🇫🇷🇮🇹", 9), "🇩🇪🇫🇷…");
        assert_eq!(utf16("🇩🇪🇫🇷🇮🇹", 12), "🇩🇪🇫🇷🇮🇹");
        assert_eq!(utf16("Training", 0), "…");
        assert_eq!(label("🇩🇪🇫🇷🇮🇹", 5, TextUnit::Chars), "🇩🇪🇫🇷…");
        assert_eq!(label("🇩🇪🇫🇷🇮🇹", 6, TextUnit::Chars), "🇩🇪🇫🇷🇮🇹");
    }

    #[test]
    fn wide_characters_are_two_letters_wide() {
        assert_eq!(cells("Train"), 5);
        assert_eq!(cells("画像"), 4);
        assert_eq!(cells("🦜"), 2);
        assert_eq!(cells("👨‍👩‍👧‍👦"), 2);
        assert_eq!(cells("e\u{301}"), 1);
        assert_eq!(cells("☑ on"), 4);
    }

    #[test]
    fn signs_are_told_from_nothing() {
        assert!(is_blank("") && is_blank(" \n\u{200b}\u{2067}") && is_blank("\u{feff}\u{ad}"));
        assert!(!is_blank("\u{202e}x") && !is_blank("…") && !is_blank("•"));
    }
}
