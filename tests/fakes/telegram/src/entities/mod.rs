//! Text with entities, measured in UTF-16 units as Telegram does.

pub(crate) mod find;
pub(crate) mod html;

use serde_json::{Map, Value, json};

use crate::answer::Refusal;
use crate::params::Params;

/// Longest text of a message. <https://core.telegram.org/bots/api#sendmessage>
pub const TEXT: usize = 4096;
/// Longest caption. <https://core.telegram.org/bots/api#sendphoto>
pub const CAPTION: usize = 1024;

/// A stretch of a text with a meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// `bold`, `bot_command`, …
    pub kind: String,
    /// Where it begins, in UTF-16 units.
    pub offset: usize,
    /// How long it is, in UTF-16 units.
    pub length: usize,
    /// What it carries besides: `url`, `language`, `user_id`, `custom_emoji_id`.
    pub argument: Option<(String, String)>,
}

impl Entity {
    pub(crate) fn new(kind: &str, offset: usize, length: usize) -> Self {
        Self {
            kind: kind.to_owned(),
            offset,
            length,
            argument: None,
        }
    }

    fn end(&self) -> usize {
        self.offset + self.length
    }

    pub(crate) fn view(&self) -> Value {
        let mut view = json!({ "type": self.kind, "offset": self.offset, "length": self.length });
        match &self.argument {
            Some((name, user)) if name == "user_id" => {
                let id: i64 = user.parse().unwrap_or(0);
                view["user"] = json!({ "id": id, "is_bot": false, "first_name": "" });
            }
            Some((name, value)) => view[name] = json!(value),
            None => {}
        }
        view
    }
}

/// A text and its entities, as stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) entities: Vec<Entity>,
}

impl Text {
    /// What a person typed: commands, mentions and links are found in it.
    pub(crate) fn typed(text: &str) -> Self {
        let mut text = Self {
            text: text.to_owned(),
            entities: Vec::new(),
        };
        find::find(&mut text);
        text
    }

    pub(crate) fn views(&self) -> Value {
        self.entities.iter().map(Entity::view).collect()
    }
}

/// Length in UTF-16 units.
pub(crate) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The byte at a UTF-16 offset; `None` inside a character.
pub(crate) fn byte_at(text: &str, offset: usize) -> Option<usize> {
    let mut seen = 0;
    for (byte, character) in text.char_indices() {
        if seen == offset {
            return Some(byte);
        }
        seen += character.len_utf16();
    }
    (seen == offset).then_some(text.len())
}

/// The text of a call with its entities: parsed, trimmed and checked, but for its length.
pub(crate) fn formatted(params: &Params, text: &str, entities: &str) -> Result<Text, Refusal> {
    let raw = params.text(text).unwrap_or_default();
    let mode = params.text("parse_mode").unwrap_or_default();
    let given = params.json(entities)?;
    format(&raw, &mode, given.as_deref())
}

/// The same for an item of an album, whose fields lie in an object of its own.
pub(crate) fn formatted_object(fields: &Map<String, Value>) -> Result<Text, Refusal> {
    let raw = fields.get("caption").and_then(Value::as_str);
    let mode = fields.get("parse_mode").and_then(Value::as_str);
    format(
        raw.unwrap_or_default(),
        mode.unwrap_or_default(),
        fields.get("caption_entities"),
    )
}

fn format(raw: &str, mode: &str, entities: Option<&Value>) -> Result<Text, Refusal> {
    let clean: String = raw
        .chars()
        .filter(|&character| character != '\r')
        .map(|character| {
            if character < ' ' && character != '\n' {
                ' '
            } else {
                character
            }
        })
        .collect();
    let mut text = match mode.to_ascii_lowercase().as_str() {
        // With a parse mode, entities are not looked at.
        "html" => html::parse(&clean)?,
        "" | "none" => Text {
            entities: given(&clean, entities)?,
            text: clean,
        },
        "markdown" | "markdownv2" => {
            return Err(Refusal::bad(
                "this fake reads parse_mode HTML or entities; Markdown is not written yet",
            ));
        }
        _ => return Err(Refusal::bad("unsupported parse_mode")),
    };
    trim(&mut text);
    find::find(&mut text);
    Ok(text)
}

/// Kinds that a bot may set itself; others are accepted and recomputed.
const SETTABLE: &[&str] = &[
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "blockquote",
    "expandable_blockquote",
    "code",
    "pre",
    "text_link",
    "text_mention",
    "custom_emoji",
];
const FOUND: &[&str] = &[
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
    "date_time",
];

fn given(text: &str, entities: Option<&Value>) -> Result<Vec<Entity>, Refusal> {
    let wrong = |why: &str| Refusal::bad(format!("can't parse MessageEntity: {why}"));
    let list = match entities {
        None => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => {
            return Err(Refusal::bad(
                "can't parse entities: expected an Array of MessageEntity",
            ));
        }
    };
    let all = units(text);
    let mut checked = Vec::new();
    for entity in list {
        let field = |name: &str| {
            let value = entity.get(name).and_then(Value::as_i64);
            value.ok_or_else(|| wrong(&format!("Can't find field \"{name}\"")))
        };
        let kind = entity.get("type").and_then(Value::as_str);
        let kind = kind.ok_or_else(|| wrong("Can't find field \"type\""))?;
        let (offset, length) = (field("offset")?, field("length")?);
        if FOUND.contains(&kind) {
            continue;
        }
        if !SETTABLE.contains(&kind) {
            return Err(wrong("Unsupported type specified"));
        }
        let (Ok(offset), Ok(length)) = (usize::try_from(offset), usize::try_from(length)) else {
            return Err(Refusal::bad("an entity has a negative offset or length"));
        };
        let end = offset.saturating_add(length);
        if end > all {
            return Err(Refusal::bad(format!(
                "entity beginning at UTF-16 offset {offset} ends after the end of the text at UTF-16 offset {all}"
            )));
        }
        if byte_at(text, offset).is_none() {
            return Err(Refusal::bad(format!(
                "entity begins in a middle of a UTF-16 symbol at UTF-16 offset {offset}"
            )));
        }
        if byte_at(text, end).is_none() {
            return Err(Refusal::bad(format!(
                "entity beginning at UTF-16 offset {offset} ends in a middle of a UTF-16 symbol at UTF-16 offset {end}"
            )));
        }
        let mut entity_read = Entity::new(kind, offset, length);
        entity_read.argument = argument(kind, entity)
            .map_err(|name| wrong(&format!("Can't find field \"{name}\"")))?;
        if length > 0 {
            checked.push(entity_read);
        }
    }
    checked.sort_by_key(|entity| (entity.offset, std::cmp::Reverse(entity.length)));
    Ok(checked)
}

/// What a kind carries; the error is the field that is missing.
fn argument(kind: &str, entity: &Value) -> Result<Option<(String, String)>, &'static str> {
    let text = |name: &'static str| {
        let value = entity.get(name).and_then(Value::as_str).ok_or(name)?;
        Ok(Some((name.to_owned(), value.to_owned())))
    };
    match kind {
        "text_link" => text("url"),
        "custom_emoji" => text("custom_emoji_id"),
        "pre" => Ok(text("language").ok().flatten()),
        "text_mention" => {
            let user = entity.get("user").ok_or("user")?;
            let id = user.get("id").and_then(Value::as_i64).ok_or("id")?;
            Ok(Some(("user_id".to_owned(), id.to_string())))
        }
        _ => Ok(None),
    }
}

/// Telegram cuts white space off both ends; at the front only as far as the first entity.
fn trim(text: &mut Text) {
    let blank = |character: char| character == ' ' || character == '\n';
    let first = text
        .entities
        .first()
        .map_or(usize::MAX, |entity| entity.offset);
    let lead = text
        .text
        .chars()
        .take_while(|&character| blank(character))
        .count()
        .min(first);
    if lead > 0 {
        text.text.drain(..lead);
        for entity in &mut text.entities {
            entity.offset -= lead;
        }
    }
    text.text.truncate(text.text.trim_end_matches(blank).len());
    let all = units(&text.text);
    for entity in &mut text.entities {
        entity.length = entity.end().min(all).saturating_sub(entity.offset);
    }
    text.entities.retain(|entity| entity.length > 0);
}

/// A message's text: not empty, not too long.
pub(crate) fn message_text(text: &Text) -> Result<(), Refusal> {
    if text.text.is_empty() {
        return Err(Refusal::bad("message text is empty"));
    }
    if units(&text.text) > TEXT {
        return Err(Refusal::bad("message is too long"));
    }
    Ok(())
}

/// A caption: not too long.
pub(crate) fn caption_text(text: &Text) -> Result<(), Refusal> {
    if units(&text.text) > CAPTION {
        return Err(Refusal::bad("message caption is too long"));
    }
    Ok(())
}
