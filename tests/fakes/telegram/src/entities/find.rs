//! What Telegram finds in a text by itself: commands, mentions, hashtags, links.

use super::{Entity, Text, units};

/// Adds what is found, outside of entities whose inside is left alone.
pub(crate) fn find(text: &mut Text) {
    // Most texts have nothing to find.
    if !text
        .text
        .bytes()
        .any(|byte| matches!(byte, b'/' | b'@' | b'#' | b'.'))
    {
        return;
    }
    let mut found = Vec::new();
    let mut offset = 0;
    for word in text.text.split_inclusive(|character: char| {
        character.is_whitespace() || matches!(character, ',' | ';' | '(' | ')' | '"' | '!')
    }) {
        let bare = word.trim_end_matches(|character: char| {
            character.is_whitespace() || matches!(character, ',' | ';' | '(' | ')' | '"' | '!')
        });
        if let Some((kind, length)) = meaning(bare) {
            found.push(Entity::new(kind, offset, length));
        }
        offset += units(word);
    }
    for entity in found {
        let covered = text.entities.iter().any(|other| {
            ["code", "pre", "text_link", "text_mention"].contains(&other.kind.as_str())
                && other.offset < entity.offset + entity.length
                && entity.offset < other.offset + other.length
        });
        if !covered {
            text.entities.push(entity);
        }
    }
    text.entities
        .sort_by_key(|entity| (entity.offset, std::cmp::Reverse(entity.length)));
}

/// What a word is, and how much of it, in UTF-16 units.
fn meaning(word: &str) -> Option<(&'static str, usize)> {
    let name = |text: &str| {
        text.chars()
            .take_while(|character| character.is_ascii_alphanumeric() || *character == '_')
            .count()
    };
    if let Some(rest) = word.strip_prefix('/') {
        let command = name(rest);
        if !(1..=64).contains(&command) || rest[command..].starts_with('/') {
            return None;
        }
        let to = rest[command..].strip_prefix('@').map_or(0, name);
        let to = if to >= 3 { to + 1 } else { 0 };
        return Some(("bot_command", 1 + command + to));
    }
    if let Some(rest) = word.strip_prefix('@') {
        let length = name(rest);
        return (3..=32)
            .contains(&length)
            .then_some(("mention", length + 1));
    }
    if let Some(rest) = word.strip_prefix('#') {
        let tag: String = rest
            .chars()
            .take_while(|character| character.is_alphanumeric() || *character == '_')
            .collect();
        let letters = tag.chars().any(char::is_alphabetic);
        return letters.then(|| ("hashtag", units(&tag) + 1));
    }
    if word.starts_with("http://") || word.starts_with("https://") || word.starts_with("www.") {
        let link = word.trim_end_matches(['.', ':', '?']);
        return link.contains('.').then(|| ("url", units(link)));
    }
    let (user, host) = word.split_once('@')?;
    let host = host.trim_end_matches('.');
    let plain = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte))
    };
    (plain(user) && plain(host) && host.contains('.'))
        .then(|| ("email", units(user) + 1 + units(host)))
}
