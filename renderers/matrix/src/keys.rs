//! Controls by number: how they are listed, and what an answer in words or a reaction chooses.

use lorikeet_chat::{PageToken, Token};
use serde::{Deserialize, Serialize};

use crate::limits;

/// A control that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// What it says.
    pub label: String,
    /// What choosing it does.
    pub does: Does,
}

/// What choosing a control does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Does {
    /// Presses a control.
    Press(Token),
    /// Turns to a page of the screen.
    Turn(PageToken),
}

/// What a person's next words are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Awaits {
    /// Nothing but a choice.
    #[default]
    Choice,
    /// A number: a control's has the prefix before it.
    Number,
    /// Words: a control's number or label has the prefix before it.
    Words,
}

/// What was meant by what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    /// The control at this place of the list, from 0.
    Key(usize),
    /// A number that no control has.
    OutOfRange,
    /// No control: it is for the conversation.
    Words,
}

/// The reaction of the control at this place, from 0: a digit on a keycap, or ten. None for those further down.
pub fn reaction(place: usize) -> Option<String> {
    match place {
        0..=8 => Some(format!("{}\u{fe0f}\u{20e3}", place + 1)),
        9 => Some("🔟".to_owned()),
        _ => None,
    }
}

/// The place from 0 that a reaction stands for. Some clients leave out the sign that asks for the coloured shape.
pub fn reacted(key: &str, keys: &[Key]) -> Option<usize> {
    let bare = |key: &str| key.replace('\u{fe0f}', "");
    let most = keys.len().min(limits::REACTIONS as usize);
    (0..most).find(|place| reaction(*place).is_some_and(|own| bare(&own) == bare(key)))
}

/// What was typed: a control's number, its label, or the only one's label with this word in it or at its beginning. Where
/// something else is awaited, a control has the `prefix` of commands before it.
pub fn typed(text: &str, keys: &[Key], awaits: Awaits, prefix: &str) -> Typed {
    let text = text.trim();
    let (words, asked) = match text.strip_prefix(prefix) {
        Some(words) if !prefix.is_empty() => (words.trim(), true),
        _ => (text, false),
    };
    let (numbers, labels) = match awaits {
        _ if asked => (true, true),
        Awaits::Choice => (true, true),
        Awaits::Number => (false, true),
        Awaits::Words => (false, false),
    };
    if let Some(number) = number(words).filter(|_| numbers) {
        let place = number.checked_sub(1).filter(|place| *place < keys.len());
        return place.map_or(Typed::OutOfRange, Typed::Key);
    }
    let found = if labels { labelled(words, keys) } else { None };
    found.map_or(Typed::Words, Typed::Key)
}

/// A number as people write one of a list: `3`, `3.`, `3)`, `#3`, or the keycap itself.
fn number(text: &str) -> Option<usize> {
    let text = text.strip_prefix('#').unwrap_or(text);
    if text == "🔟" {
        return Some(10);
    }
    let text = text.trim_end_matches(['.', ')', '\u{fe0f}', '\u{20e3}']);
    let digits = (1..=6).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// The control that words stand for: one that says just that, or the only one that has the word or begins with it.
fn labelled(text: &str, keys: &[Key]) -> Option<usize> {
    let wanted = folded(text);
    if !wanted.contains(char::is_alphabetic) {
        return None;
    }
    let labels: Vec<String> = keys.iter().map(|key| folded(&key.label)).collect();
    let only = |fits: &dyn Fn(&str) -> bool| {
        let mut all = labels.iter().enumerate().filter(|(_, label)| fits(label));
        all.next()
            .filter(|_| all.next().is_none())
            .map(|(place, _)| place)
    };
    only(&|label| label == wanted)
        .or_else(|| only(&|label| label.split(' ').any(|word| word == wanted)))
        .or_else(|| only(&|label| wanted.chars().count() > 2 && label.starts_with(&wanted)))
}

/// Words alone, in lower case and a space apart.
fn folded(text: &str) -> String {
    let signs = |c: char| if c.is_alphanumeric() { c } else { ' ' };
    let words: String = text
        .chars()
        .map(signs)
        .flat_map(char::to_lowercase)
        .collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use lorikeet_chat::Stamp;

    fn keys() -> Vec<Key> {
        let labels = [
            "Review and train",
            "Pictures",
            "● Captions",
            "☐ Flip pictures",
            "Back",
            "⬇ maya.safetensors (9.1 MB)",
            "Zurück",
            "›",
        ];
        let key = |(index, label): (u32, &&str)| Key {
            label: (*label).to_owned(),
            does: Does::Press(Stamp::default().token(index)),
        };
        (0..).zip(&labels).map(key).collect()
    }

    #[test]
    fn numbers_words_and_labels_choose() {
        let typed = |text: &str| typed(text, &keys(), Awaits::Choice, "!");
        for (text, place) in [
            ("1", 0),
            (" 2. ", 1),
            ("#3", 2),
            ("4)", 3),
            ("!5", 4),
            ("6\u{fe0f}\u{20e3}", 5),
            ("review AND train", 0),
            ("train", 0),
            ("Captions", 2),
            ("pictures", 1),
            ("flip", 3),
            ("rev", 0),
            ("!back", 4),
            ("maya.safetensors", 5),
            ("ZURÜCK", 6),
        ] {
            assert_eq!(typed(text), Typed::Key(place), "{text}");
        }
        for text in ["0", "9", "!12", "10.", "🔟"] {
            assert_eq!(typed(text), Typed::OutOfRange, "{text}");
        }
        for text in ["", "!", "›", "what is this?", "ba", "1234567", "1.5", "-1"] {
            assert_eq!(typed(text), Typed::Words, "{text}");
        }
    }

    #[test]
    fn what_is_awaited_is_not_a_choice() {
        let words = |text: &str| typed(text, &keys(), Awaits::Words, "!");
        assert_eq!([words("1"), words("Back")], [Typed::Words; 2]);
        assert_eq!(
            [words("!1"), words("!Back")],
            [Typed::Key(0), Typed::Key(4)]
        );
        let number = |text: &str| typed(text, &keys(), Awaits::Number, "!");
        assert_eq!([number("1"), number("99")], [Typed::Words; 2]);
        assert_eq!(
            [number("back"), number("! 1")],
            [Typed::Key(4), Typed::Key(0)]
        );
        assert_eq!(typed("1", &keys(), Awaits::Words, ""), Typed::Words);
    }

    #[test]
    fn reactions_are_read_as_every_client_sends_them() {
        for place in 0..8 {
            let own = reaction(place).unwrap_or_default();
            assert_eq!(reacted(&own, &keys()), Some(place));
            assert_eq!(reacted(&own.replace('\u{fe0f}', ""), &keys()), Some(place));
        }
        for other in [
            "👍",
            "",
            "9\u{fe0f}\u{20e3}",
            "🔟",
            "1",
            "0\u{fe0f}\u{20e3}",
        ] {
            assert_eq!(reacted(other, &keys()), None, "{other}");
        }
        assert_eq!((reaction(9).as_deref(), reaction(10)), (Some("🔟"), None));
    }
}
