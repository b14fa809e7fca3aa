//! Words: all there, whole, and never markup.

use std::collections::BTreeSet;

use lorikeet_chat::{Block, Capabilities, Level, Screen, Span, Stamp};
use proptest::collection::vec;
use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

use super::{Case, cases, run};
use crate::told::{each, seen};
use crate::walk::Walk;
use crate::{Rendering, rooms, screens};

/// The longest word that must not be torn, in the room's unit: a quarter of a message, of no more than this.
const LONG_MESSAGE: u32 = 1_000;

/// Every word of the screen is on some page, or the part it belongs to is said to be shortened, replaced or dropped.
/// Short words are in one message as a whole. As they stand there, escaped text is unescaped: all of it is shown
/// literally.
pub fn every_word_is_shown_or_reported<R: Rendering>() -> Result<(), String> {
    let strategy = (cases::<R>(screens::screen()), any::<bool>());
    run(
        strategy,
        |(
            Case {
                mut screen,
                stamp,
                room,
            },
            marked,
        )| {
            if marked {
                mark(&mut screen);
            }
            let walk = Walk::<R>::new(&screen, stamp, &room)?;
            let messages = shown::<R>(&walk);
            let all = messages.concat();
            let unit = room.text.unit;
            let short = room.text.message.min(LONG_MESSAGE) as usize / 4;
            let glued = glued(&screen, &|run| unit.measure(run) > short);
            for (part, text) in seen(&screen, &room) {
                let whole = solid(&text);
                if whole.is_empty()
                    || walk.reports(part)
                    || messages.iter().any(|m| m.contains(&whole))
                {
                    continue;
                }
                for word in text.split_whitespace().map(solid) {
                    let there = messages.iter().any(|message| message.contains(&word))
                        || ((unit.measure(&word) > short || glued.contains(&word))
                            && follows(&word, &all));
                    if !there {
                        return Err(format!(
                            "{word:?} of a {part} is not shown, and nothing says so"
                        ));
                    }
                }
            }
            Ok(())
        },
    )
}

/// Gives every text a first and a last word that no other text has.
fn mark(screen: &mut Screen) {
    let mut next = 0;
    each(screen, &mut |_, _, text| {
        if !text.is_empty() {
            text.insert_str(0, &format!("q{next}q "));
            text.push_str(&format!(" z{next}z"));
        }
        next += 1;
    });
}

/// What is seen in each message, without what a platform may do as it likes.
fn shown<R: Rendering>(walk: &Walk<R>) -> Vec<String> {
    walk.messages()
        // A newline is in no solid text: no word is found across two runs.
        .map(|message| {
            R::texts(message)
                .iter()
                .map(|run| solid(run))
                .collect::<Vec<_>>()
                .join("\n")
        })
        .collect()
}

/// A text without white space, control characters and bidirectional controls: platforms collapse, drop or isolate them.
fn solid(text: &str) -> String {
    let invisible = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffd}')
    };
    text.chars().filter(|c| !invisible(*c)).collect()
}

/// The words of paragraphs that stand without a space beside others: what has to be kept whole is all of them together.
fn glued(screen: &Screen, is_long: &dyn Fn(&str) -> bool) -> BTreeSet<String> {
    let mut glued = BTreeSet::new();
    for block in &screen.blocks {
        let Block::Paragraph(spans) = block else {
            continue;
        };
        let text = |span: &Span| match span {
            Span::Plain(text) | Span::Strong(text) | Span::Code(text) => text.clone(),
        };
        let whole: String = spans.iter().map(text).collect();
        let runs: Vec<&str> = whole
            .split_whitespace()
            .filter(|run| is_long(run))
            .collect();
        for text in spans.iter().map(text) {
            let words = text.split_whitespace();
            let long = words.filter(|word| runs.iter().any(|run| run.contains(word)));
            glued.extend(long.map(solid));
        }
    }
    glued
}

/// Whether the characters of a word are there in their order: it may have been split over messages.
fn follows(word: &str, shown: &str) -> bool {
    let mut shown = shown.chars();
    word.chars().all(|c| shown.any(|other| other == c))
}

/// What fits a message easily is not torn: blocks are kept whole, else their lines, else their sentences.
pub fn blocks_lines_and_sentences_stay_whole<R: Rendering>() -> Result<(), String> {
    // Words of each sentence of each line of each block.
    let shape = vec(vec(vec(1..9_usize, 1..5), 1..7), 1..6);
    run(
        (shape, any::<bool>(), 200..700_u32, rooms::unit()),
        |(shape, notices, message, unit)| {
            let mut room = R::best_room();
            room.text.message = message.min(room.text.message);
            room.text.unit = unit;
            let room = R::room(room);
            let (screen, pieces) = written(&shape, notices);
            let walk = Walk::<R>::new(&screen, Stamp::default(), &room)?;
            let messages = shown::<R>(&walk);
            let part = if notices { "notice" } else { "paragraph" };
            for piece in pieces {
                let easily = unit.measure(&piece) <= room.text.message as usize / 2;
                let piece = solid(&piece);
                let there = messages
                    .iter()
                    .any(|message| message.replace('\n', "").contains(&piece));
                if easily && !there && !walk.reports(part) {
                    return Err(format!("{piece:?} is torn"));
                }
            }
            Ok(())
        },
    )
}

/// A screen of words that are all different, and its blocks, lines and sentences.
fn written(shape: &[Vec<Vec<usize>>], notices: bool) -> (Screen, Vec<String>) {
    let mut screen = Screen::new();
    let mut pieces = Vec::new();
    let mut word = 0;
    for lines in shape {
        let mut block = Vec::new();
        for sentences in lines {
            let mut line = Vec::new();
            for words in sentences {
                let numbers = word..word + words;
                word += words;
                let words: Vec<String> = numbers.map(|number| format!("word{number}")).collect();
                line.push(format!("The {}.", words.join(" ")));
            }
            pieces.extend(line.iter().cloned());
            block.push(line.join(" "));
        }
        pieces.extend(block.iter().cloned());
        let text = block.join("\n");
        pieces.push(text.clone());
        screen.blocks.push(if notices {
            Block::Notice {
                level: Level::Info,
                text,
            }
        } else {
            Block::Paragraph(vec![Span::Plain(text)])
        });
    }
    (screen, pieces)
}

/// Characters as a reader sees them, of several Unicode characters each.
const CLUSTERS: &[&str] = &[
    "👨‍👩‍👧‍👦",
    "я\u{301}",
    "🇩🇪",
    "👩🏽‍🚀",
    "ω\u{323}\u{302}",
    "क्षि",
    "\u{1112}\u{1161}\u{11ab}",
    "ש\u{5b8}",
];

/// No cut, between messages or before an ellipsis, falls inside a character as a reader sees it.
pub fn graphemes_stay_whole<R: Rendering>() -> Result<(), String> {
    let whole: BTreeSet<&str> = CLUSTERS.iter().copied().collect();
    let parts: BTreeSet<char> = CLUSTERS
        .iter()
        .flat_map(|cluster| cluster.chars())
        .collect();
    run(
        cases::<R>(screens::screen()),
        |Case {
             mut screen,
             stamp,
             room,
         }| {
            each(&mut screen, &mut clusters());
            let walk = Walk::<R>::new(&screen, stamp, &room)?;
            for run in walk.messages().flat_map(R::texts) {
                let torn = run.graphemes(true).find(|grapheme| {
                    !whole.contains(grapheme) && grapheme.chars().any(|c| parts.contains(&c))
                });
                if let Some(torn) = torn {
                    return Err(format!("{torn:?} is torn in {run:?}"));
                }
            }
            Ok(())
        },
    )
}

/// Writes every text anew, about as long as it was.
fn clusters() -> impl FnMut(&'static str, crate::told::Seen, &mut String) {
    let mut next = CLUSTERS.iter().cycle().enumerate();
    move |_, _, text| {
        let length = text.chars().take(1_000).count();
        text.clear();
        for (number, cluster) in next.by_ref().take(length) {
            text.push_str(cluster);
            if number % 11 == 0 {
                text.push(' ');
            }
        }
    }
}

/// The markup of a screen depends on its structure alone: with letters in place of everything that might mean
/// something to a markup language, it is the same. Each sign has a letter of its own, so that texts are as different as they
/// were: a renderer may leave out what it has just said.
pub fn text_never_becomes_markup<R: Rendering>() -> Result<(), String> {
    run(screens::small(), |screen| {
        let room = R::best_room();
        let mut tame = screen.clone();
        each(&mut tame, &mut |_, _, text| {
            *text = text
                .chars()
                .map(|c| {
                    if c.is_ascii_punctuation() {
                        letter(c)
                    } else {
                        c
                    }
                })
                .collect();
        });
        let (hostile, tame) = (skeleton::<R>(&screen, &room)?, skeleton::<R>(&tame, &room)?);
        if hostile == tame {
            Ok(())
        } else {
            Err(format!("the markup is {hostile:?}\ninstead of    {tame:?}"))
        }
    })
}

/// A letter that no text has, from left to right and as wide as the sign it stands for.
fn letter(sign: char) -> char {
    let code = u32::from(sign);
    // 32 signs, in four runs between digits and letters; the Armenian alphabet has 38 small letters.
    let place = match sign {
        '!'..='/' => code - 0x21,
        ':'..='@' => code - 0x3a + 15,
        '['..='`' => code - 0x5b + 22,
        _ => code.saturating_sub(0x7b) + 28,
    };
    char::from_u32(0x561 + place).unwrap_or('x')
}

fn skeleton<R: Rendering>(screen: &Screen, room: &Capabilities) -> Result<Vec<String>, String> {
    let walk = Walk::<R>::new(screen, Stamp::default(), room)?;
    Ok(walk.messages().map(R::skeleton).collect())
}
