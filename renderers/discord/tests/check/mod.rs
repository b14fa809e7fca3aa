//! Whether the platform takes a message: by its documentation, and by a library of somebody else's.

use std::collections::BTreeSet;

use lorikeet_chat::{Capabilities, Support};
use lorikeet_renderer_discord::Payload;
use serde_json::{Value, json};
use twilight_model::channel::message::{Component, Embed};

use crate::reading::{components, list, markdown, modals, parse, text};

/// What the platform would refuse, in a sentence.
pub(crate) fn message(payload: &Payload, json: &Value, room: &Capabilities) -> Result<(), String> {
    for markdown in markdown(json) {
        parse(markdown)?;
        let control = |c: char| c.is_control() && c != '\n';
        if markdown.contains(control) {
            return Err(format!("control characters in {markdown:?}"));
        }
    }
    let attached = !payload.art.is_empty() || payload.document.is_some();
    embeds(json, attached)?;
    if !payload.art.is_empty() && room.images < Support::Partial {
        return Err("a picture where there are none".to_owned());
    }
    let pictures = list(json, "embeds").iter();
    let pictures = pictures.filter(|embed| embed["image"]["url"] == "attachment://screen.png");
    let wanted = usize::from(!payload.art.is_empty() && !list(json, "embeds").is_empty());
    if pictures.count() != wanted {
        return Err("a picture that is not shown, or shown twice".to_owned());
    }
    let all: usize = words(json).map(|text| room.text.unit.measure(text)).sum();
    most("units of text", all, room.text.message as usize)?;
    controls(json, room)?;
    let ids: Vec<&str> = components(json).map(|c| text(c, "custom_id")).collect();
    for form in modals(payload) {
        if !ids.contains(&text(&form, "custom_id")) {
            return Err("a form that no button opens".to_owned());
        }
        self::form(&form)?;
        strangers(&form)?;
    }
    strangers(json)
}

/// The length of a text by the platform's widest measure.
fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn most(what: &str, is: usize, most: usize) -> Result<(), String> {
    if is <= most {
        Ok(())
    } else {
        Err(format!("{is} {what} where {most} are allowed"))
    }
}

/// A text that has to be there, and has a longest length.
fn bounded(value: &Value, key: &str, limit: usize) -> Result<(), String> {
    let text = value[key].as_str().ok_or_else(|| format!("no {key}"))?;
    most(key, units(text), limit)?;
    if text.trim().is_empty() || text.contains(|c: char| c.is_control() && c != '\n') {
        return Err(format!("the {key} is {text:?}"));
    }
    Ok(())
}

fn optional(value: &Value, key: &str, limit: usize) -> Result<(), String> {
    match &value[key] {
        Value::Null => Ok(()),
        _ => bounded(value, key, limit),
    }
}

/// Everything that counts as a message's text.
fn words(json: &Value) -> impl Iterator<Item = &str> {
    let footers = list(json, "embeds").iter();
    let footers = footers.map(|embed| text(&embed["footer"], "text"));
    markdown(json).into_iter().chain(footers)
}

fn embeds(json: &Value, attached: bool) -> Result<(), String> {
    most("units of content", units(text(json, "content")), 2_000)?;
    let embeds = list(json, "embeds");
    most("embeds", embeds.len(), 10)?;
    if embeds.is_empty() && !attached && text(json, "content").trim().is_empty() {
        return Err("nothing to be seen".to_owned());
    }
    for embed in embeds {
        optional(embed, "title", 256)?;
        optional(embed, "description", 4_096)?;
        let fields = list(embed, "fields");
        most("fields", fields.len(), 25)?;
        for field in fields {
            bounded(field, "name", 256)?;
            bounded(field, "value", 1_024)?;
        }
        if !embed["footer"].is_null() {
            bounded(&embed["footer"], "text", 2_048)?;
        }
        let shown = ["title", "description", "fields", "image", "footer"];
        if shown.iter().all(|part| embed[part].is_null()) {
            return Err("an embed of nothing".to_owned());
        }
    }
    let all: usize = words(json).map(units).sum();
    most("units in embeds", all, 6_000)
}

fn controls(json: &Value, room: &Capabilities) -> Result<(), String> {
    let rows = list(json, "components");
    most("rows", rows.len(), 5)?;
    let total = components(json).count();
    most("controls", total, room.menu.total.min(25) as usize)?;
    let mut carried = BTreeSet::new();
    let mut own = |value: &Value, key: &str| {
        bounded(value, key, 100)?;
        if carried.insert(text(value, key).to_owned()) {
            Ok(())
        } else {
            Err(format!("{} twice", value[key]))
        }
    };
    for row in rows {
        let row = list(row, "components");
        let buttons = row.iter().all(|control| control["type"] == 2);
        let side_by_side = if buttons { room.menu.per_row.min(5) } else { 1 };
        most("side by side", row.len(), side_by_side as usize)?;
        if row.is_empty() {
            return Err("an empty row".to_owned());
        }
        for control in row {
            if !control["url"].is_null() {
                bounded(control, "url", 512)?;
                let link = control["style"] == 5 && control["custom_id"].is_null();
                if !link || !text(control, "url").starts_with("http") {
                    return Err(format!("{control} is no link"));
                }
            } else {
                own(control, "custom_id")?;
            }
            if buttons {
                bounded(control, "label", room.menu.label.min(80) as usize)?;
                continue;
            }
            optional(control, "placeholder", 150)?;
            let options = list(control, "options");
            most("options", options.len(), room.menu.options.min(25) as usize)?;
            let chosen = options.iter().filter(|option| option["default"] == true);
            most("chosen options", chosen.count(), 1)?;
            if options.is_empty() || [&control["min_values"], &control["max_values"]] != [1, 1] {
                return Err(format!("{control} is no choice"));
            }
            for option in options {
                own(option, "value")?;
                bounded(option, "label", room.menu.label.min(100) as usize)?;
                optional(option, "description", 100)?;
            }
        }
    }
    Ok(())
}

fn form(form: &Value) -> Result<(), String> {
    bounded(form, "custom_id", 100)?;
    bounded(form, "title", 45)?;
    let inputs: Vec<&Value> = components(form).collect();
    most("fields of a form", inputs.len(), 5)?;
    if inputs.is_empty() || list(form, "components").len() != inputs.len() {
        return Err("a form's fields are one a row".to_owned());
    }
    let mut places = BTreeSet::new();
    for input in inputs {
        let place: u32 = text(input, "custom_id").parse().map_err(|_| "no place")?;
        if !places.insert(place) {
            return Err(format!("place {place} twice"));
        }
        bounded(input, "label", 45)?;
        optional(input, "placeholder", 100)?;
        let longest = input["max_length"].as_u64().unwrap_or_default();
        if !(1..=4_000).contains(&longest) || input["min_length"] != 0 {
            return Err(format!("{longest} characters can be typed"));
        }
        most(
            "units of a value",
            units(text(input, "value")),
            longest as usize,
        )?;
        if ![json!(1), json!(2)].contains(&input["style"]) || input["required"] != false {
            return Err(format!("{input} is no field"));
        }
    }
    Ok(())
}

/// The same by a library that bots are written with.
fn strangers(message: &Value) -> Result<(), String> {
    let said = |error: &dyn std::error::Error| format!("by the other library, {error}");
    let components = list(message, "components").iter().cloned();
    let components: Result<Vec<Component>, _> = components.map(serde_json::from_value).collect();
    let components = components.map_err(|error| said(&error))?;
    twilight_validate::message::components(&components, false).map_err(|error| said(&error))?;
    let embeds = list(message, "embeds").iter().cloned().map(|mut embed| {
        // What a bot leaves out and the platform fills in.
        embed["type"] = json!("rich");
        serde_json::from_value(embed)
    });
    let embeds: Result<Vec<Embed>, _> = embeds.collect();
    let embeds = embeds.map_err(|error| said(&error))?;
    twilight_validate::message::embeds(&embeds).map_err(|error| said(&error))?;
    twilight_validate::message::content(text(message, "content")).map_err(|error| said(&error))
}
