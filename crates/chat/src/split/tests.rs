use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

fn parts(text: &str, limit: usize) -> Vec<&str> {
    Splitter::new(limit, TextUnit::Chars).parts(text).collect()
}

fn shorten(text: &str, limit: usize, unit: TextUnit) -> String {
    Splitter::new(limit, unit).shorten(text).into_owned()
}

#[test]
fn what_fits_is_one_part() {
    assert_eq!(parts("  a\n\n b ", 20), ["  a\n\n b "]);
    assert_eq!(parts("", 20), [""; 0]);
    assert_eq!(parts(" \n ", 1), [""; 0]);
}

#[test]
fn paragraphs_before_lines_before_sentences_before_words() {
    let text = "Ein Satz. Noch einer.\nEine Zeile.\n\nEin Absatz.";
    assert_eq!(
        parts(text, 40),
        ["Ein Satz. Noch einer.\nEine Zeile.", "Ein Absatz."]
    );
    assert_eq!(
        parts(text, 23),
        ["Ein Satz. Noch einer.", "Eine Zeile.", "Ein Absatz."]
    );
    assert_eq!(
        parts(text, 12),
        ["Ein Satz.", "Noch einer.", "Eine Zeile.", "Ein Absatz."]
    );
    assert_eq!(
        parts(text, 7),
        [
            "Ein", "Satz.", "Noch", "einer.", "Eine", "Zeile.", "Ein", "Absatz."
        ]
    );
}

#[test]
fn a_word_that_fits_a_part_is_not_cut_to_fill_one() {
    assert_eq!(parts("a bcdefghij", 9), ["a", "bcdefghij"]);
    // One that does not fit is: the room before it is not wasted.
    assert_eq!(parts("a bcdefghijk", 9), ["a bcdefgh", "ijk"]);
}

#[test]
fn addresses_are_cut_between_their_words() {
    assert_eq!(
        parts("https://example.org/pictures/maya", 22),
        ["https://example.org/", "pictures/maya"]
    );
}

#[test]
fn scripts_without_spaces_are_cut_between_sentences() {
    assert_eq!(
        parts("画像は四枚です。足りません。", 9),
        ["画像は四枚です。", "足りません。"]
    );
}

#[test]
fn the_indentation_of_a_line_stays() {
    assert_eq!(
        parts("{\n\n  \"a\": 1,\n  \"b\": 2\n}", 10),
        ["{", "  \"a\": 1,", "  \"b\": 2\n}"]
    );
}

#[test]
fn spaces_that_hold_words_together_are_no_borders() {
    assert_eq!(parts("some 20\u{a0}GB", 8), ["some", "20\u{a0}GB"]);
}

#[test]
fn a_beginning_leaves_what_had_better_begin_a_message() {
    let splitter = Splitter::new(20, TextUnit::Chars);
    assert_eq!(
        splitter.cut("Three are missing.", 9),
        ("", "Three are missing.")
    );
    assert_eq!(
        splitter.cut("One. Three are missing.", 9),
        ("One.", "Three are missing.")
    );
    // No message could hold the sentence: it is begun here.
    assert_eq!(
        splitter.cut("Three of the pictures are missing.", 9),
        ("Three of", "the pictures are missing.")
    );
}

#[test]
fn clusters_longer_than_a_part_are_cut_between_characters() {
    assert_eq!(
        parts("e\u{301}\u{302}\u{303}", 2),
        ["e\u{301}", "\u{302}\u{303}"]
    );
    let bytes = Splitter::new(2, TextUnit::Bytes);
    assert_eq!(bytes.parts("🦜🦜").collect::<Vec<_>>(), ["🦜", "🦜"]);
    assert_eq!(parts("ab", 0), ["a", "b"]);
}

#[test]
fn a_measure_of_escaped_text_keeps_escapes_whole() {
    let escaped = |text: &str| text.chars().map(|c| if c == '&' { 5 } else { 1 }).sum();
    let splitter = Splitter::measured(12, escaped);
    assert_eq!(splitter.parts("a&&&&b").collect::<Vec<_>>(), ["a&&", "&&b"]);
}

#[test]
fn shortened_text_keeps_whole_characters_within_the_limit() {
    assert_eq!(shorten("colibri", 7, TextUnit::Chars), "colibri");
    assert_eq!(shorten("colibri", 5, TextUnit::Chars), "coli…");
    assert_eq!(shorten("co libri", 4, TextUnit::Chars), "co…");
    // The parrot takes four bytes and two UTF-16 units, the ellipsis three and one.
    assert_eq!(shorten("🦜🦜🦜", 7, TextUnit::Bytes), "🦜…");
    assert_eq!(shorten("🦜🦜🦜", 4, TextUnit::Utf16), "🦜…");
    assert_eq!(shorten("🦜", 2, TextUnit::Bytes), "");
    // A family is one character to who sees it.
    assert_eq!(shorten("a👨‍👩‍👧‍👦b", 6, TextUnit::Chars), "a…");
}

fn text() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "a",
        "word",
        "длинное",
        " ",
        " ",
        " ",
        "\n",
        "\n\n",
        "\r\n",
        "  indented",
        ". ",
        "! ",
        "e\u{301}",
        "👨‍👩‍👧‍👦",
        "🇩🇪",
        "क्षि",
        "\u{1112}\u{1161}\u{11ab}",
        "\u{301}",
        "\u{200d}",
        " \u{301}",
        "\u{600} ",
        "。",
        "画像",
        "\u{a0}",
        "https://a.b/c?d=e",
        "\u{202e}",
        "\0",
        "&",
        "3.5 mm",
        "can't",
    ]);
    prop_oneof![
        8 => vec(piece, 0..40).prop_map(|pieces| pieces.concat()),
        1 => vec(any::<char>(), 0..40).prop_map(|chars| chars.into_iter().collect()),
        1 => (select(vec!["ab", "e\u{301}", "x ", "A b. "]), 0..2_000_usize).prop_map(|(piece, times)| piece.repeat(times)),
    ]
}

fn unit() -> impl Strategy<Value = TextUnit> {
    select(vec![TextUnit::Chars, TextUnit::Utf16, TextUnit::Bytes])
}

fn solid(text: &str) -> String {
    text.split_whitespace().collect()
}

/// The byte range of a part in the text it was cut from.
fn place(text: &str, part: &str) -> std::ops::Range<usize> {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    start..start + part.len()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_and_every_part_fits(text in text(), limit in 0..60_usize, unit in unit()) {
        let splitter = Splitter::new(limit, unit);
        let parts: Vec<&str> = splitter.parts(&text).collect();
        for part in &parts {
            prop_assert!(!part.trim().is_empty());
            prop_assert!(unit.measure(part) <= limit || part.chars().count() == 1, "{part:?}");
        }
        prop_assert_eq!(solid(&parts.concat()), solid(&text));
    }

    #[test]
    fn nothing_that_fits_a_part_is_cut(text in text(), limit in 30..80_usize, unit in unit()) {
        // After a cut between a full stop and a space with a mark, nothing says any more that a sentence ended.
        let marked = |grapheme: &str| grapheme.contains(char::is_whitespace) && !blank(grapheme);
        prop_assume!(!text.graphemes(true).any(marked));
        // The same goes for a direction mark behind the space, which belongs to the sentence before.
        prop_assume!(!text.contains(" \u{202e}"));
        let splitter = Splitter::new(limit, unit);
        let parts: Vec<_> = splitter.parts(&text).map(|part| place(&text, part)).collect();
        let mut ends = BTreeSet::new();
        for piece in PIECES {
            // A smaller piece is one of a larger one.
            ends.extend(borders(&text, piece));
            let mut start = 0;
            for &end in &ends {
                let whole = trim_end(&text[start..end]);
                if unit.measure(whole) <= limit {
                    // The parts that touch its words: one at most.
                    let within = start..start + whole.len();
                    let parts = parts.iter().filter(|part| part.start < within.end && within.start < part.end);
                    prop_assert!(parts.count() <= 1, "{piece:?} {whole:?} is cut");
                }
                start = end;
            }
        }
    }

    #[test]
    fn two_neighbours_are_longer_than_one_part(text in text(), limit in 30..80_usize) {
        let splitter = Splitter::new(limit, TextUnit::Chars);
        let parts: Vec<_> = splitter.parts(&text).map(|part| place(&text, part)).collect();
        for pair in parts.windows(2) {
            prop_assert!(text[pair[0].start..pair[1].end].chars().count() > limit);
        }
    }

    #[test]
    fn the_beginning_fits_the_room(text in text(), room in 0..60_usize, limit in 0..60_usize, unit in unit()) {
        let splitter = Splitter::new(limit, unit);
        let (head, rest) = splitter.cut(&text, room);
        prop_assert!(unit.measure(head) <= room.min(limit));
        prop_assert_eq!(solid(head) + &solid(rest), solid(&text));
    }

    #[test]
    fn a_shortened_text_begins_as_the_whole_does(text in text(), limit in 0..60_usize, unit in unit()) {
        let short = shorten(&text, limit, unit);
        prop_assert!(unit.measure(&short) <= limit);
        if short != text {
            let kept = short.strip_suffix(ELLIPSIS).unwrap_or_default();
            prop_assert!(text.starts_with(kept));
            prop_assert!(GraphemeCursor::new(kept.len(), text.len(), true).is_boundary(&text, 0) == Ok(true));
        }
    }
}
