//! Telegram's HTML. <https://core.telegram.org/bots/api#html-style>

use super::{Entity, Text};
use crate::answer::Refusal;

const TAGS: &[&str] = &[
    "a",
    "b",
    "strong",
    "i",
    "em",
    "s",
    "strike",
    "del",
    "u",
    "ins",
    "tg-spoiler",
    "tg-emoji",
    "tg-time",
    "span",
    "pre",
    "code",
    "blockquote",
];

struct Open {
    tag: String,
    argument: Option<String>,
    /// In UTF-16 units of the result.
    offset: usize,
    /// In bytes of the result.
    byte: usize,
}

struct Parser<'a> {
    source: &'a str,
    at: usize,
    text: String,
    /// UTF-16 units in `text`.
    units: usize,
    open: Vec<Open>,
    entities: Vec<Entity>,
}

fn wrong(what: impl AsRef<str>) -> Refusal {
    Refusal::bad(format!("can't parse entities: {}", what.as_ref()))
}

/// Text and entities of a text with tags.
pub(crate) fn parse(source: &str) -> Result<Text, Refusal> {
    let mut parser = Parser {
        source,
        at: 0,
        text: String::with_capacity(source.len()),
        units: 0,
        open: Vec::new(),
        entities: Vec::new(),
    };
    while let Some(character) = parser.source[parser.at..].chars().next() {
        match character {
            '<' if parser.source[parser.at + 1..].starts_with('/') => parser.close()?,
            '<' => parser.start()?,
            '&' => {
                let (decoded, length) = reference(&parser.source[parser.at..]).unwrap_or(('&', 1));
                parser.at += length;
                parser.push(decoded);
            }
            other => {
                parser.at += other.len_utf8();
                parser.push(other);
            }
        }
    }
    if let Some(open) = parser.open.last() {
        let tag = &open.tag;
        return Err(wrong(format!(
            "Can't find end tag corresponding to start tag \"{tag}\""
        )));
    }
    let mut entities = parser.entities;
    entities.retain(|entity| entity.length > 0);
    entities.sort_by_key(|entity| (entity.offset, std::cmp::Reverse(entity.length)));
    Ok(Text {
        text: parser.text,
        entities,
    })
}

/// A character reference at the start of a text: the character and how many bytes it took.
fn reference(text: &str) -> Option<(char, usize)> {
    let end = text.find(';').filter(|&end| end <= 10)?;
    let name = text.get(1..end)?;
    let character = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        _ => {
            let digits = name.strip_prefix('#')?;
            let number = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(number).filter(|&character| character != '\0')?
        }
    };
    Some((character, end + 1))
}

impl Parser<'_> {
    fn push(&mut self, character: char) {
        self.text.push(character);
        self.units += character.len_utf16();
    }

    fn peek(&self) -> Option<u8> {
        self.source.as_bytes().get(self.at).copied()
    }

    fn skip_while(&mut self, test: impl Fn(u8) -> bool) -> &str {
        let from = self.at;
        while self.peek().is_some_and(&test) {
            self.at += 1;
        }
        &self.source[from..self.at]
    }

    fn start(&mut self) -> Result<(), Refusal> {
        let begin = self.at;
        let unclosed = |tag: &str| {
            wrong(format!(
                "Unclosed start tag \"{tag}\" at byte offset {begin}"
            ))
        };
        self.at += 1;
        let tag = self
            .skip_while(|byte| !byte.is_ascii_whitespace() && byte != b'>')
            .to_ascii_lowercase();
        if self.peek().is_none() {
            return Err(wrong(format!("Unclosed start tag at byte offset {begin}")));
        }
        if !TAGS.contains(&tag.as_str()) {
            return Err(wrong(format!(
                "Unsupported start tag \"{tag}\" at byte offset {begin}"
            )));
        }
        let mut argument = None;
        loop {
            self.skip_while(|byte| byte.is_ascii_whitespace());
            match self.peek() {
                None => return Err(unclosed(&tag)),
                Some(b'>') => break,
                Some(_) => {}
            }
            let name = self
                .skip_while(|byte| !byte.is_ascii_whitespace() && byte != b'=' && byte != b'>')
                .to_ascii_lowercase();
            if name.is_empty() {
                return Err(wrong(format!(
                    "Empty attribute name in the tag \"{tag}\" at byte offset {begin}"
                )));
            }
            self.skip_while(|byte| byte.is_ascii_whitespace());
            if self.peek() == Some(b'=') {
                self.at += 1;
                let value = self.value().ok_or_else(|| unclosed(&tag))?;
                meaning(&tag, &name, value, &mut argument);
            } else if tag == "blockquote" && name == "expandable" {
                argument = Some(String::new());
            } else if self.peek().is_none() {
                return Err(unclosed(&tag));
            }
        }
        self.at += 1;
        if tag == "span" && argument.as_deref() != Some("spoiler") {
            return Err(wrong(format!(
                "Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"
            )));
        }
        self.open.push(Open {
            tag,
            argument,
            offset: self.units,
            byte: self.text.len(),
        });
        Ok(())
    }

    /// An attribute's value; `None` where the text ends in it.
    fn value(&mut self) -> Option<String> {
        self.skip_while(|byte| byte.is_ascii_whitespace());
        let quote = match self.peek()? {
            quote @ (b'"' | b'\'') => quote,
            _ => {
                let bare = self.skip_while(|byte| !byte.is_ascii_whitespace() && byte != b'>');
                return Some(bare.to_owned());
            }
        };
        self.at += 1;
        let mut value = String::new();
        loop {
            let rest = &self.source[self.at..];
            let character = rest.chars().next()?;
            if character == char::from(quote) {
                self.at += 1;
                return Some(value);
            }
            let (character, length) = match character {
                '&' => reference(rest).unwrap_or(('&', 1)),
                other => (other, other.len_utf8()),
            };
            value.push(character);
            self.at += length;
        }
    }

    fn close(&mut self) -> Result<(), Refusal> {
        let begin = self.at;
        let Some(open) = self.open.pop() else {
            return Err(wrong(format!("Unexpected end tag at byte offset {begin}")));
        };
        self.at += 2;
        let name = self
            .skip_while(|byte| !byte.is_ascii_whitespace() && byte != b'>')
            .to_ascii_lowercase();
        self.skip_while(|byte| byte.is_ascii_whitespace());
        if self.peek() != Some(b'>') {
            return Err(wrong(format!("Unclosed end tag at byte offset {begin}")));
        }
        self.at += 1;
        let tag = &open.tag;
        if !name.is_empty() && name != *tag {
            return Err(wrong(format!(
                "Unmatched end tag at byte offset {begin}, expected \"</{tag}>\", found \"</{name}>\""
            )));
        }
        self.end(open);
        Ok(())
    }

    fn in_pre(&self) -> bool {
        self.open.last().is_some_and(|outer| outer.tag == "pre")
    }

    fn end(&mut self, open: Open) {
        let length = self.units - open.offset;
        let kind = match open.tag.as_str() {
            "b" | "strong" => "bold",
            "i" | "em" => "italic",
            "s" | "strike" | "del" => "strikethrough",
            "u" | "ins" => "underline",
            "tg-spoiler" | "span" => "spoiler",
            "tg-emoji" => "custom_emoji",
            "tg-time" => "date_time",
            "a" => "text_link",
            "blockquote" if open.argument.is_some() => "expandable_blockquote",
            "blockquote" => "blockquote",
            "pre" => "pre",
            _ => "code",
        };
        let mut entity = Entity::new(kind, open.offset, length);
        match (kind, open.argument) {
            ("text_link", argument) => {
                // Without an address, the text itself is it; what is no address at all is no link.
                let address = argument.unwrap_or_else(|| self.text[open.byte..].to_owned());
                if let Some(user) = address.strip_prefix("tg://user?id=") {
                    entity.kind = "text_mention".to_owned();
                    entity.argument = Some(("user_id".to_owned(), user.to_owned()));
                } else if let Some(address) = crate::keyboard::address(&address) {
                    entity.argument = Some(("url".to_owned(), address));
                } else {
                    return;
                }
            }
            ("custom_emoji", Some(id)) => {
                entity.argument = Some(("custom_emoji_id".to_owned(), id));
            }
            // `<pre><code class="language-…">` is one entity.
            ("code", Some(language)) if self.in_pre() => {
                if let Some(outer) = self.open.last_mut() {
                    outer.argument = Some(language);
                }
                return;
            }
            ("pre", Some(language)) => {
                entity.argument = Some(("language".to_owned(), language));
            }
            _ => {}
        }
        self.entities.push(entity);
    }
}

/// Keeps an attribute that means something.
fn meaning(tag: &str, name: &str, value: String, argument: &mut Option<String>) {
    let kept = match (tag, name) {
        ("a", "href") | ("tg-emoji", "emoji-id") => Some(value),
        ("code", "class") => value.strip_prefix("language-").map(str::to_owned),
        ("span", "class") => value.strip_prefix("tg-").map(str::to_owned),
        ("blockquote", "expandable") => Some(String::new()),
        _ => None,
    };
    if kept.is_some() {
        *argument = kept;
    }
}
