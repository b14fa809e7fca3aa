//! Reply markups: inline keyboards and forced replies.

use serde_json::{Map, Value, json};

use crate::answer::Refusal;
use crate::entities::units;
use crate::params::Params;

/// Longest `callback_data`, in bytes. <https://core.telegram.org/bots/api#inlinekeyboardbutton>
pub const CALLBACK_DATA: usize = 64;
/// Buttons of one keyboard, as far as is known.
pub const BUTTONS: usize = 100;
/// Buttons in a row, as far as is known.
pub const ROW: usize = 8;
/// A markup's JSON, in bytes, as far as is known.
pub const MARKUP: usize = 10_000;
/// Longest placeholder of a forced reply. <https://core.telegram.org/bots/api#forcereply>
pub const PLACEHOLDER: usize = 64;

/// A button below a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// What is written on it.
    pub label: String,
    /// What the bot is told when it is pressed.
    pub data: Option<String>,
    /// What it opens.
    pub url: Option<String>,
    /// `primary`, `success` or `danger`.
    pub style: Option<String>,
    /// Any other action, by the name of its field.
    pub other: Option<String>,
    /// The fields as they were given.
    fields: Map<String, Value>,
}

/// Buttons in rows.
pub type Rows = Vec<Vec<Button>>;

/// What came as `reply_markup`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Markup {
    #[default]
    None,
    Inline(Rows),
    ForceReply {
        placeholder: Option<String>,
    },
    /// A keyboard in the place of the letters, or its removal.
    Reply,
}

impl Markup {
    pub(crate) fn rows(&self) -> &[Vec<Button>] {
        match self {
            Self::Inline(rows) => rows,
            _ => &[],
        }
    }

    /// As it comes with a message; only inline keyboards do.
    pub(crate) fn view(&self) -> Option<Value> {
        let Self::Inline(rows) = self else {
            return None;
        };
        let rows: Vec<Vec<&Map<String, Value>>> = rows
            .iter()
            .map(|row| row.iter().map(|button| &button.fields).collect())
            .collect();
        Some(json!({ "inline_keyboard": rows }))
    }
}

/// The markup of a call that sends a message.
pub(crate) fn markup(params: &Params) -> Result<Markup, Refusal> {
    let Some(value) = params.json("reply_markup")? else {
        return Ok(Markup::None);
    };
    let Value::Object(fields) = value.as_ref() else {
        return Err(Refusal::bad("object expected as reply markup"));
    };
    if let Some(rows) = fields.get("inline_keyboard") {
        return inline(rows, value.as_ref());
    }
    if fields.contains_key("keyboard") || fields.contains_key("remove_keyboard") {
        return Ok(Markup::Reply);
    }
    if fields.get("force_reply").and_then(Value::as_bool) == Some(true) {
        let placeholder = fields
            .get("input_field_placeholder")
            .and_then(Value::as_str)
            .map(str::to_owned);
        if let Some(text) = &placeholder
            && !(1..=PLACEHOLDER).contains(&units(text))
        {
            return Err(Refusal::bad("REPLY_MARKUP_PLACEHOLDER_INVALID"));
        }
        return Ok(Markup::ForceReply { placeholder });
    }
    if fields.is_empty() {
        return Ok(Markup::None);
    }
    Err(Refusal::bad(
        "can't parse reply keyboard markup JSON object",
    ))
}

/// The markup of an edit: an inline keyboard or none.
pub(crate) fn inline_only(params: &Params) -> Result<Markup, Refusal> {
    match markup(params)? {
        markup @ (Markup::None | Markup::Inline(_)) => Ok(markup),
        _ => Err(Refusal::bad("inline keyboard expected")),
    }
}

fn inline(rows: &Value, whole: &Value) -> Result<Markup, Refusal> {
    let Value::Array(rows) = rows else {
        return Err(Refusal::bad(
            "field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array",
        ));
    };
    let mut keyboard = Rows::new();
    let mut buttons = 0;
    for row in rows {
        let Value::Array(row) = row else {
            return Err(Refusal::bad(
                "field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays",
            ));
        };
        let row: Vec<Button> = row.iter().map(button).collect::<Result<_, _>>()?;
        if row.len() > ROW {
            // Its real sentence is not known.
            return Err(Refusal::bad("BUTTON_ROW_INVALID"));
        }
        buttons += row.len();
        if !row.is_empty() {
            keyboard.push(row);
        }
    }
    if buttons > BUTTONS || whole.to_string().len() > MARKUP {
        return Err(Refusal::bad("reply markup is too long"));
    }
    Ok(if keyboard.is_empty() {
        Markup::None
    } else {
        Markup::Inline(keyboard)
    })
}

/// What a button may do; each has one of these.
const ACTIONS: &[&str] = &[
    "callback_data",
    "url",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
];

fn button(value: &Value) -> Result<Button, Refusal> {
    let wrong = |why: &str| Refusal::bad(format!("can't parse inline keyboard button: {why}"));
    let Value::Object(fields) = value else {
        return Err(wrong("InlineKeyboardButton must be an Object"));
    };
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let label = text("text").ok_or_else(|| wrong("Can't find field \"text\""))?;
    if label.trim().is_empty() {
        return Err(Refusal::bad(
            "inline keyboard button text must be non-empty",
        ));
    }
    let mut actions = ACTIONS.iter().filter(|name| fields.contains_key(**name));
    let action = *actions
        .next()
        .ok_or_else(|| wrong("Text buttons are unallowed in the inline keyboard"))?;
    if actions.next().is_some() {
        // Telegram takes the first it knows; its documentation says exactly one, and so do we.
        return Err(wrong("exactly one of the optional fields must be used"));
    }
    let data = text("callback_data");
    if action == "callback_data"
        && !data
            .as_ref()
            .is_some_and(|data| (1..=CALLBACK_DATA).contains(&data.len()))
    {
        return Err(Refusal::bad("BUTTON_DATA_INVALID"));
    }
    let mut fields = fields.clone();
    let mut url = text("url");
    if action == "url" {
        let given = url.unwrap_or_default();
        let whole = link(&given)?;
        fields.insert("url".to_owned(), json!(whole));
        url = Some(whole);
    }
    let style = text("style");
    let known = |style: &String| ["primary", "success", "danger"].contains(&style.as_str());
    if fields.contains_key("style") && !style.as_ref().is_some_and(known) {
        return Err(wrong("invalid button style specified"));
    }
    Ok(Button {
        label,
        data,
        url,
        style,
        other: (!["callback_data", "url"].contains(&action)).then(|| action.to_owned()),
        fields,
    })
}

/// The address of a button, made whole.
fn link(given: &str) -> Result<String, Refusal> {
    let wrong = |why: &str| {
        Refusal::bad(format!(
            "inline keyboard button URL '{given}' is invalid: {why}"
        ))
    };
    let lower = given.to_ascii_lowercase();
    if given.trim().is_empty() || given.chars().any(char::is_whitespace) {
        return Err(Refusal::bad("BUTTON_URL_INVALID"));
    }
    if let Some((scheme, _)) = lower.split_once("://")
        && !["http", "https", "tg", "ton", "tonsite"].contains(&scheme)
    {
        return Err(wrong("Unsupported URL protocol"));
    }
    address(given).ok_or_else(|| wrong("Wrong HTTP URL"))
}

/// An address that Telegram takes for one: with a scheme it knows and a host with a dot in it.
pub(crate) fn address(given: &str) -> Option<String> {
    if given.starts_with("tg://") || given.starts_with("ton://") {
        return Some(given.to_owned());
    }
    let whole = if given.contains("://") {
        given.to_owned()
    } else {
        format!("http://{given}")
    };
    let parsed = url::Url::parse(&whole).ok()?;
    let known = ["http", "https", "tonsite"].contains(&parsed.scheme());
    let host = parsed.host_str()?;
    (known && host.contains('.') && !host.starts_with('.') && !host.ends_with('.'))
        .then(|| parsed.to_string())
}
