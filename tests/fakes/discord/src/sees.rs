//! What a person sees of a message.

use bytes::Bytes;
use serde_json::Value;

use crate::world::Message;

/// Something that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// What it says.
    pub label: String,
    /// What the component carries; empty for a link.
    pub custom_id: String,
    /// Of an option of a choice, what it stands for.
    pub value: Option<String>,
    /// Where a link leads.
    pub url: Option<String>,
}

/// A message of the bot.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its id.
    pub id: u64,
    /// All its text: content, then title, description, facts and small print of each embed, a line each; in markdown.
    pub text: String,
    /// What can be used, in reading order.
    pub controls: Vec<Control>,
    /// Names and bytes of its files.
    pub files: Vec<(String, Bytes)>,
    /// Whether only one person sees it.
    pub ephemeral: bool,
    /// Whether it says that something is coming.
    pub loading: bool,
    /// How often it was changed.
    pub edits: u32,
    /// As it was sent.
    pub body: Value,
}

impl Seen {
    pub(crate) fn of(message: &Message) -> Self {
        Self {
            id: message.id,
            text: text(&message.body),
            controls: controls(&message.body["components"]),
            files: message.files.clone(),
            ephemeral: message.only.is_some(),
            loading: message.loading,
            edits: message.edits,
            body: message.body.clone(),
        }
    }

    /// What its controls say.
    pub fn labels(&self) -> Vec<&str> {
        let labels = self.controls.iter();
        labels.map(|control| control.label.as_str()).collect()
    }

    pub(crate) fn shortly(&self) -> String {
        format!("{} {:?} {:?}", self.id, self.text, self.labels())
    }
}

fn text(body: &Value) -> String {
    let mut lines: Vec<&str> = vec![body["content"].as_str().unwrap_or_default()];
    for embed in body["embeds"].as_array().into_iter().flatten() {
        lines.extend(embed["title"].as_str());
        lines.extend(embed["description"].as_str());
        for field in embed["fields"].as_array().into_iter().flatten() {
            lines.extend(field["name"].as_str());
            lines.extend(field["value"].as_str());
        }
        lines.extend(embed["footer"]["text"].as_str());
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

fn controls(rows: &Value) -> Vec<Control> {
    let mut controls = Vec::new();
    let rows = rows.as_array().into_iter().flatten();
    for component in rows.flat_map(|row| row["components"].as_array().into_iter().flatten()) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        if component["disabled"] == true {
            continue;
        }
        let custom_id = text(&component["custom_id"]);
        if component["type"] == 2 {
            controls.push(Control {
                label: text(&component["label"]),
                custom_id,
                value: None,
                url: component["url"].as_str().map(str::to_owned),
            });
            continue;
        }
        for option in component["options"].as_array().into_iter().flatten() {
            controls.push(Control {
                label: text(&option["label"]),
                custom_id: custom_id.clone(),
                value: Some(text(&option["value"])),
                url: None,
            });
        }
    }
    controls
}
