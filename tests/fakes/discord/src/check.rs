//! What Discord refuses in messages, forms and commands, by its documentation: <https://discord.com/developers/docs>.

use std::collections::HashSet;

use serde_json::Value;

/// What is wrong, and where.
pub(crate) type Checked = Result<(), String>;

const CONTENT: usize = 2_000;
const EMBEDS: usize = 10;
const EMBEDS_TOGETHER: usize = 6_000;
const FIELDS: usize = 25;
const ROWS: usize = 5;
const BUTTONS: usize = 5;
const OPTIONS: usize = 25;
const FILES: usize = 10;
const NONCE: usize = 25;

/// Lengths count code points, as the independent crate twilight-validate has it.
fn length(text: &str) -> usize {
    text.chars().count()
}

fn text(value: &Value, least: usize, most: usize, what: &str) -> Checked {
    let Some(text) = value.as_str() else {
        return Err(format!("{what}: This field is required"));
    };
    let length = length(text);
    if (least..=most).contains(&length) {
        Ok(())
    } else {
        Err(format!(
            "{what}: Must be between {least} and {most} in length, is {length}"
        ))
    }
}

fn optional(value: &Value, most: usize, what: &str) -> Checked {
    if value.is_null() {
        return Ok(());
    }
    text(value, 0, most, what)
}

fn list<'a>(value: &'a Value, most: usize, what: &str) -> Result<&'a [Value], String> {
    match value {
        Value::Null => Ok(&[]),
        Value::Array(all) if all.len() <= most => Ok(all),
        Value::Array(all) => Err(format!("{what}: at most {most}, there are {}", all.len())),
        _ => Err(format!("{what}: not a list")),
    }
}

/// A message that is sent or changed, with the names of the files that it has then.
pub(crate) fn message(body: &Value, files: &[String], is_new: bool) -> Checked {
    optional(&body["content"], CONTENT, "content")?;
    if !body["nonce"].is_null() {
        text(&body["nonce"], 1, NONCE, "nonce")?;
    }
    let embeds = list(&body["embeds"], EMBEDS, "embeds")?;
    let mut together = 0;
    for (number, embed) in embeds.iter().enumerate() {
        together += self::embed(embed, &format!("embeds.{number}"), files)?;
    }
    if together > EMBEDS_TOGETHER {
        return Err(format!(
            "embeds: {together} characters together, at most {EMBEDS_TOGETHER}"
        ));
    }
    if files.len() > FILES {
        return Err(format!("attachments: at most {FILES}"));
    }
    components(&body["components"])?;
    let says_nothing = body["content"]
        .as_str()
        .unwrap_or_default()
        .trim()
        .is_empty();
    if is_new && says_nothing && embeds.is_empty() && files.is_empty() {
        return Err("Cannot send an empty message".to_owned());
    }
    Ok(())
}

/// How many characters an embed counts.
fn embed(embed: &Value, at: &str, files: &[String]) -> Result<usize, String> {
    let parts = [
        (&embed["title"], 256, "title"),
        (&embed["description"], 4_096, "description"),
        (&embed["footer"]["text"], 2_048, "footer"),
        (&embed["author"]["name"], 256, "author"),
    ];
    let mut count = 0;
    for (value, most, what) in parts {
        optional(value, most, &format!("{at}.{what}"))?;
        count += length(value.as_str().unwrap_or_default());
    }
    for (number, field) in list(&embed["fields"], FIELDS, &format!("{at}.fields"))?
        .iter()
        .enumerate()
    {
        let at = format!("{at}.fields.{number}");
        for (value, most) in [(&field["name"], 256), (&field["value"], 1_024)] {
            text(value, 1, most, &at)?;
            if value.as_str().unwrap_or_default().trim().is_empty() {
                return Err(format!("{at}: This field is required"));
            }
            count += length(value.as_str().unwrap_or_default());
        }
    }
    if let Some(url) = embed["image"]["url"].as_str() {
        match url.strip_prefix("attachment://") {
            Some(name) if files.iter().any(|file| file == name) => {}
            Some(name) => return Err(format!("{at}.image: no file is called {name}")),
            None if url.starts_with("https://") || url.starts_with("http://") => {}
            None => return Err(format!("{at}.image: Scheme must be one of http, https")),
        }
    }
    let is_empty = count == 0 && embed["image"].is_null();
    if is_empty {
        return Err(format!("{at}: This field is required"));
    }
    Ok(count)
}

fn components(rows: &Value) -> Checked {
    let mut seen = HashSet::new();
    for (number, row) in list(rows, ROWS, "components")?.iter().enumerate() {
        let at = format!("components.{number}");
        if row["type"] != 1 {
            return Err(format!("{at}: only rows stand here"));
        }
        let inside = list(&row["components"], BUTTONS, &at)?;
        if inside.is_empty() {
            return Err(format!("{at}: between 1 and 5"));
        }
        for component in inside {
            match component["type"].as_u64() {
                Some(2) => button(component, &at, &mut seen)?,
                Some(3) if inside.len() == 1 => select(component, &at, &mut seen)?,
                Some(3) => return Err(format!("{at}: a select stands alone")),
                _ => return Err(format!("{at}: no such type here")),
            }
        }
    }
    Ok(())
}

fn known_by(component: &Value, at: &str, seen: &mut HashSet<String>) -> Checked {
    text(&component["custom_id"], 1, 100, &format!("{at}.custom_id"))?;
    let id = component["custom_id"].as_str().unwrap_or_default();
    if seen.insert(id.to_owned()) {
        Ok(())
    } else {
        Err(format!("{at}: Component custom id cannot be duplicated"))
    }
}

fn button(button: &Value, at: &str, seen: &mut HashSet<String>) -> Checked {
    let label = button["label"].as_str().unwrap_or_default();
    text(&button["label"], 1, 80, &format!("{at}.label"))?;
    if label.trim().is_empty() {
        return Err(format!("{at}.label: This field is required"));
    }
    match button["style"].as_u64() {
        Some(1..=4) => {
            if !button["url"].is_null() {
                return Err(format!("{at}: a button cannot have both"));
            }
            known_by(button, at, seen)
        }
        Some(5) => {
            if !button["custom_id"].is_null() {
                return Err(format!("{at}: a link has no custom_id"));
            }
            text(&button["url"], 1, 512, &format!("{at}.url"))?;
            let url = button["url"].as_str().unwrap_or_default();
            match url::Url::parse(url) {
                Ok(url) if ["http", "https", "discord"].contains(&url.scheme()) => Ok(()),
                _ => Err(format!("{at}.url: Not a well formed URL")),
            }
        }
        _ => Err(format!("{at}.style: Value must be one of 1 to 5")),
    }
}

fn select(select: &Value, at: &str, seen: &mut HashSet<String>) -> Checked {
    known_by(select, at, seen)?;
    optional(&select["placeholder"], 150, &format!("{at}.placeholder"))?;
    let options = list(&select["options"], OPTIONS, &format!("{at}.options"))?;
    if options.is_empty() {
        return Err(format!("{at}.options: between 1 and 25"));
    }
    let most = select["max_values"].as_u64().unwrap_or(1);
    let least = select["min_values"].as_u64().unwrap_or(1);
    if least > most || most > options.len() as u64 || most == 0 {
        return Err(format!("{at}: min_values and max_values"));
    }
    let mut values = HashSet::new();
    let mut chosen = 0;
    for option in options {
        text(&option["label"], 1, 100, &format!("{at}.label"))?;
        text(&option["value"], 1, 100, &format!("{at}.value"))?;
        optional(&option["description"], 100, &format!("{at}.description"))?;
        if !values.insert(option["value"].as_str()) {
            return Err(format!("{at}: The specified option value is already used"));
        }
        chosen += u64::from(option["default"] == true);
    }
    if chosen > most {
        return Err(format!("{at}: more are chosen than max_values"));
    }
    Ok(())
}

/// A form.
pub(crate) fn modal(modal: &Value) -> Checked {
    text(&modal["title"], 1, 45, "title")?;
    let mut seen = HashSet::new();
    text(&modal["custom_id"], 1, 100, "custom_id")?;
    let rows = list(&modal["components"], 5, "components")?;
    if rows.is_empty() {
        return Err("components: between 1 and 5".to_owned());
    }
    for row in rows {
        let inside = list(&row["components"], 1, "components")?;
        let [input] = inside else {
            return Err("components: one input a row".to_owned());
        };
        if row["type"] != 1 || input["type"] != 4 {
            return Err("components: only text inputs stand here".to_owned());
        }
        known_by(input, "components", &mut seen)?;
        text(&input["label"], 1, 45, "label")?;
        optional(&input["placeholder"], 100, "placeholder")?;
        optional(&input["value"], 4_000, "value")?;
        if ![1, 2].contains(&input["style"].as_u64().unwrap_or(0)) {
            return Err("style: 1 or 2".to_owned());
        }
        let least = input["min_length"].as_u64().unwrap_or(0);
        let most = input["max_length"].as_u64().unwrap_or(4_000);
        if least > 4_000 || !(1..=4_000).contains(&most) || least > most {
            return Err("min_length and max_length".to_owned());
        }
        let value = length(input["value"].as_str().unwrap_or_default()) as u64;
        if value > most {
            return Err("value: longer than max_length".to_owned());
        }
    }
    Ok(())
}

/// Every command of an application, in one place.
pub(crate) fn commands(commands: &Value) -> Checked {
    let mut names = HashSet::new();
    for command in list(commands, 100, "commands")? {
        named(command)?;
        if !names.insert(command["name"].as_str()) {
            return Err("Application command names must be unique".to_owned());
        }
        options(&command["options"], 0)?;
    }
    Ok(())
}

fn plain(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '\'')
}

fn named(thing: &Value) -> Checked {
    text(&thing["name"], 1, 32, "name")?;
    let name = thing["name"].as_str().unwrap_or_default();
    if !name.chars().all(plain) || name.to_lowercase() != name {
        return Err(format!("name: {name} is invalid"));
    }
    text(&thing["description"], 1, 100, "description")?;
    for (localizations, most) in [
        ("description_localizations", 100),
        ("name_localizations", 32),
    ] {
        for (locale, said) in thing[localizations].as_object().into_iter().flatten() {
            if !LOCALES.contains(&locale.as_str()) {
                return Err(format!("{localizations}: {locale} is no locale"));
            }
            text(said, 1, most, localizations)?;
            let name = said.as_str().unwrap_or_default();
            let is_odd = !name.chars().all(plain) || name.to_lowercase() != name;
            if localizations == "name_localizations" && is_odd {
                return Err(format!("{localizations}: {name} is invalid"));
            }
        }
    }
    Ok(())
}

/// What is offered for what is typed: <https://discord.com/developers/docs/interactions/application-commands#autocomplete>.
pub(crate) fn choices(data: &Value) -> Checked {
    for choice in list(&data["choices"], OPTIONS, "choices")? {
        text(&choice["name"], 1, 100, "choices.name")?;
        text(&choice["value"], 1, 100, "choices.value")?;
    }
    Ok(())
}

fn options(all: &Value, depth: u8) -> Checked {
    let mut names = HashSet::new();
    let mut optional_before = false;
    for option in list(all, 25, "options")? {
        named(option)?;
        if !names.insert(option["name"].as_str()) {
            return Err("Option names must be unique".to_owned());
        }
        let kind = option["type"].as_u64().unwrap_or(0);
        match kind {
            1 | 2 if depth < 2 => options(&option["options"], depth + 1)?,
            3..=11 => {
                if option["autocomplete"] == true && !matches!(kind, 3 | 4 | 10) {
                    return Err(format!("autocomplete: not for type {kind}"));
                }
                let required = option["required"] == true;
                if required && optional_before {
                    return Err(
                        "Required options must be placed before non-required options".to_owned(),
                    );
                }
                optional_before |= !required;
            }
            _ => return Err(format!("type: {kind} does not stand here")),
        }
        let first = all[0]["type"].as_u64().unwrap_or(0);
        if (first <= 2) != (kind <= 2) {
            return Err(
                "Sub-command option types are mutually exclusive to all other types".to_owned(),
            );
        }
    }
    Ok(())
}

/// <https://discord.com/developers/docs/reference#locales>
const LOCALES: [&str; 32] = [
    "id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl",
    "no", "pl", "pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th",
    "zh-CN", "ja", "zh-TW", "ko",
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(what: &str, checked: Checked) {
        assert!(checked.is_err(), "{what}");
    }

    fn embeds(embed: Value) -> Value {
        json!({ "embeds": [embed] })
    }

    fn row(components: Value) -> Value {
        json!({ "content": "x", "components": [{ "type": 1, "components": components }] })
    }

    #[test]
    fn messages_within_their_limits_are_taken_and_no_others() {
        let long = |length: usize| "é".repeat(length);
        assert_eq!(
            message(&json!({ "content": long(2_000) }), &[], true),
            Ok(())
        );
        refused(
            "content",
            message(&json!({ "content": long(2_001) }), &[], true),
        );
        refused("nothing", message(&json!({ "content": " " }), &[], true));
        assert_eq!(message(&json!({}), &[], false), Ok(()));
        assert_eq!(
            message(
                &embeds(json!({ "title": long(256), "description": long(4_096) })),
                &[],
                true
            ),
            Ok(())
        );
        refused(
            "title",
            message(&embeds(json!({ "title": long(257) })), &[], true),
        );
        refused(
            "description",
            message(&embeds(json!({ "description": long(4_097) })), &[], true),
        );
        refused("an empty embed", message(&embeds(json!({})), &[], true));
        let together =
            json!({ "embeds": [{ "description": long(3_001) }, { "description": long(3_000) }] });
        refused("all embeds together", message(&together, &[], true));
        let field = |name: &str| embeds(json!({ "fields": [{ "name": name, "value": "x" }] }));
        assert_eq!(message(&field("x"), &[], true), Ok(()));
        refused("an empty field", message(&field(" "), &[], true));
        let picture = embeds(json!({ "image": { "url": "attachment://a.png" } }));
        assert_eq!(message(&picture, &["a.png".to_owned()], true), Ok(()));
        refused("a picture that is not there", message(&picture, &[], true));
    }

    #[test]
    fn components_within_their_limits_are_taken_and_no_others() {
        let button = |id: &str| json!({ "type": 2, "style": 1, "label": "x", "custom_id": id });
        let all = |count: u32| Value::from_iter((0..count).map(|n| button(&n.to_string())));
        assert_eq!(message(&row(all(5)), &[], true), Ok(()));
        refused("six in a row", message(&row(all(6)), &[], true));
        refused("none in a row", message(&row(json!([])), &[], true));
        refused(
            "one name twice",
            message(&row(json!([button("a"), button("a")])), &[], true),
        );
        refused(
            "a long name",
            message(&row(json!([button(&"a".repeat(101))])), &[], true),
        );
        let link = json!({ "type": 2, "style": 5, "label": "x", "url": "ftp://x" });
        refused(
            "a link of another sort",
            message(&row(json!([link])), &[], true),
        );
        let option = |value: u32| json!({ "label": "x", "value": value.to_string() });
        let select = |options: Value| json!([{ "type": 3, "custom_id": "s", "options": options }]);
        let options = |count: u32| Value::from_iter((0..count).map(option));
        assert_eq!(message(&row(select(options(25))), &[], true), Ok(()));
        refused("26 options", message(&row(select(options(26))), &[], true));
        refused("no options", message(&row(select(options(0))), &[], true));
        refused(
            "one value twice",
            message(&row(select(json!([option(1), option(1)]))), &[], true),
        );
    }

    #[test]
    fn forms_and_commands_within_their_limits_are_taken_and_no_others() {
        let input = |more: Value| {
            let mut input = json!({ "type": 4, "custom_id": "0", "label": "x", "style": 1 });
            for (key, value) in more.as_object().into_iter().flatten() {
                input[key] = value.clone();
            }
            json!({ "custom_id": "f", "title": "x", "components": [{ "type": 1, "components": [input] }] })
        };
        assert_eq!(modal(&input(json!({}))), Ok(()));
        refused(
            "a long label",
            modal(&input(json!({ "label": "x".repeat(46) }))),
        );
        refused(
            "a value that is too long",
            modal(&input(json!({ "value": "xx", "max_length": 1 }))),
        );
        refused("no style", modal(&input(json!({ "style": 3 }))));

        let command = |more: Value| {
            let mut command = json!({ "name": "train", "description": "x" });
            for (key, value) in more.as_object().into_iter().flatten() {
                command[key] = value.clone();
            }
            json!([command])
        };
        assert_eq!(commands(&command(json!({}))), Ok(()));
        refused("capitals", commands(&command(json!({ "name": "Train" }))));
        refused(
            "no description",
            commands(&command(json!({ "description": "" }))),
        );
        refused(
            "no locale",
            commands(&command(
                json!({ "description_localizations": { "xx": "x" } }),
            )),
        );
        let option = |name: &str, kind: u64, required: bool| json!({ "name": name, "description": "x", "type": kind, "required": required });
        let options = |options: Value| command(json!({ "options": options }));
        assert_eq!(
            commands(&options(json!([
                option("a", 3, true),
                option("b", 11, false)
            ]))),
            Ok(())
        );
        refused(
            "required after optional",
            commands(&options(json!([
                option("a", 3, false),
                option("b", 3, true)
            ]))),
        );
        refused(
            "below and beside",
            commands(&options(json!([
                option("a", 1, false),
                option("b", 3, false)
            ]))),
        );
    }
}
