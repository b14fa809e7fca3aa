//! Text as people and attackers write it.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// What no text goes past, in characters.
pub const LONGEST: usize = 10_000;

const WORDS: &[&str] = &[
    "a", "LoRA", "pictures", "20", "slots", "train", "caption", "für", "Größe", "что", "画像",
    "naïve", "3.5", "can't",
];

/// Pieces that mean something to a markup language, a terminal, a bidirectional layout or a segmenter.
const HOSTILE: &[&str] = &[
    "",
    " ",
    "\n",
    "\nleading newline",
    "trailing \n\n",
    "\r\n",
    "\0",
    "\u{1}\u{7f}\u{1b}[31m",
    "\u{feff}",
    "<b>&\"'",
    "<script>alert(1)</script>",
    "\" onmouseover=\"alert(1)\" x=\"",
    "' autofocus onfocus='x",
    "</textarea></button></form><img src=x onerror=alert(1)>",
    "<!-- ",
    "]]> &lt; &#x3c; &amp;amp;",
    "javascript:alert(1)",
    "*bold* _it_ __u__ ~~s~~ ||spoiler||",
    "`code` ```\nfence",
    "[text](https://evil.example) ![x](y)",
    "# heading",
    "> quote",
    "- item\n1. item",
    "\\* \\",
    "@everyone <@1> <#2> <:a:3> @room",
    "!{}().=|+-#",
    "\u{202e}right to left\u{202c}",
    "שלום עולם",
    "مرحبا بالعالم",
    "\u{2067}abc",
    "Z\u{351}\u{36b}\u{343}\u{36a}\u{302}\u{36b}\u{33d}a\u{334}\u{335}l\u{320}g\u{33b}o",
    "e\u{301}\u{323}",
    "🦜🦜🦜 lorikeet",
    "👨‍👩‍👧‍👦👩🏽‍🚀🏳️‍🌈",
    "🇩🇪🇫🇷",
    "क्षि",
    "\u{1112}\u{1161}\u{11ab}",
    "\u{200d}\u{301}",
    "\u{fffe}\u{10ffff}",
];

/// Short plain text: a few words.
pub fn plain() -> impl Strategy<Value = String> {
    vec(select(WORDS), 1..4).prop_map(|words| words.join(" "))
}

/// Any text: mostly short, seldom as long as [`LONGEST`] characters, with or without a place to break it.
pub fn text() -> impl Strategy<Value = String> {
    let scalars = vec(any::<char>(), 0..12);
    let lines = vec(select(WORDS), 2..20).prop_map(|words| words.join(" ").replace("a ", "a\n"));
    prop_oneof![
        24 => plain(),
        16 => select(HOSTILE).prop_map(str::to_owned),
        4 => (select(WORDS), select(HOSTILE)).prop_map(|(word, hostile)| format!("{word}{hostile}{word}")),
        4 => scalars.prop_map(|scalars| scalars.into_iter().collect()),
        2 => lines,
        1 => long(300),
    ]
}

/// One piece over and over, up to so many characters.
pub fn long(most: usize) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        select(WORDS),
        select(HOSTILE),
        select(&["word ", "One. ", "line\n"][..])
    ];
    (piece, 0..=most).prop_map(|(piece, length)| piece.chars().cycle().take(length).collect())
}
