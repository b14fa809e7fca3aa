//! A message as it goes out: its text, its keyboard, and what is remembered of it.

use std::fmt;

use lorikeet_chat::Conversation;
use lorikeet_renderer_telegram::{Button, Does, Payload, Style};
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use super::HTML;
use crate::api::NO_PREVIEW;
use crate::data;
use crate::handle::{self, Kind, Shape};

/// A message on its way.
pub(super) struct Outgoing {
    pub(super) payload: Payload,
    /// As JSON, made once: it is compared, sent, and after a failure sent again.
    pub(super) markup: Option<Box<RawValue>>,
    pub(super) shape: Shape,
}

impl Outgoing {
    pub(super) fn new(mut payload: Payload, conversation: &Conversation) -> Self {
        let suffix = &data::suffix(conversation);
        if payload.reply.is_some() {
            payload.text = mentioning(&payload.text, conversation.user.as_str());
        }
        let markup = Markup::of(&payload, suffix).and_then(|markup| to_raw_value(&markup).ok());
        let has_art = !payload.art.is_empty();
        let below = markup.as_deref().map_or("", RawValue::get);
        let art = if has_art {
            // 0 is for none.
            handle::hash([json!(payload.art).to_string().as_str()]).max(1)
        } else {
            0
        };
        let shape = Shape {
            kind: match (&payload.reply, has_art) {
                (Some(_), _) => Kind::Ask,
                (None, true) => Kind::Photo,
                (None, false) => Kind::Text,
            },
            has_keyboard: !payload.keyboard.is_empty(),
            art,
            body: handle::hash([payload.text.as_str(), "\0", below]),
        };
        Self {
            payload,
            markup,
            shape,
        }
    }
}

/// A question to one of several people: the field for the answer opens for who is mentioned
/// (<https://core.telegram.org/bots/api#forcereply>, `selective`). The first word, a sign, carries it.
fn mentioning(text: &str, user: &str) -> String {
    let (sign, rest) = text.split_once(' ').unwrap_or((text, ""));
    if sign.contains('<') {
        return format!("<a href=\"tg://user?id={user}\">➡️</a> {text}");
    }
    format!("<a href=\"tg://user?id={user}\">{sign}</a> {rest}")
}

/// What is below a message: <https://core.telegram.org/bots/api#inlinekeyboardmarkup>,
/// <https://core.telegram.org/bots/api#forcereply>.
#[derive(Serialize)]
#[serde(untagged)]
enum Markup<'a> {
    Keyboard {
        inline_keyboard: Vec<Vec<InlineButton<'a>>>,
    },
    Ask {
        force_reply: bool,
        selective: bool,
        input_field_placeholder: &'a str,
    },
}

#[derive(Serialize)]
struct InlineButton<'a> {
    #[serde(flatten)]
    does: Pressed<'a>,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    style: Option<Style>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Pressed<'a> {
    CallbackData(Control<'a>),
    Url(&'a str),
}

/// A control as a button carries it (see [`data`]).
struct Control<'a> {
    does: &'a dyn fmt::Display,
    suffix: &'a str,
}

impl Serialize for Control<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Control<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.does, self.suffix)
    }
}

impl<'a> Markup<'a> {
    fn of(payload: &'a Payload, suffix: &'a str) -> Option<Self> {
        if let Some(reply) = &payload.reply {
            return Some(Self::Ask {
                force_reply: true,
                selective: true,
                input_field_placeholder: &reply.placeholder,
            });
        }
        let button = |button: &'a Button| InlineButton {
            does: match &button.does {
                Does::Press(token) => Pressed::CallbackData(Control {
                    does: token,
                    suffix,
                }),
                Does::Turn(page) => Pressed::CallbackData(Control { does: page, suffix }),
                Does::Open(url) => Pressed::Url(url),
            },
            text: &button.label,
            style: button.style,
        };
        let rows = payload.keyboard.iter();
        let inline_keyboard: Vec<Vec<_>> =
            rows.map(|row| row.iter().map(button).collect()).collect();
        (!inline_keyboard.is_empty()).then_some(Self::Keyboard { inline_keyboard })
    }
}

/// The calls that would send a screen, as JSON: what a file is comes as its content's name.
pub(crate) fn calls(
    payloads: &[Payload],
    conversation: &Conversation,
) -> Vec<(&'static str, Value)> {
    payloads
        .iter()
        .map(|payload| {
            let message = Outgoing::new(payload.clone(), conversation);
            let mut body = json!({ "chat_id": "{chat}", "parse_mode": HTML });
            if let Some(markup) = message.markup {
                body["reply_markup"] = json!(markup);
            }
            if let Some(file) = &payload.document {
                body["document"] = json!(format!("attach://{}", file.name));
                body["caption"] = json!(payload.text);
                ("sendDocument", body)
            } else if payload.art.is_empty() {
                body["text"] = json!(payload.text);
                body["link_preview_options"] = json!(NO_PREVIEW);
                ("sendMessage", body)
            } else {
                body["photo"] = json!("attach://screen.png");
                body["caption"] = json!(payload.text);
                ("sendPhoto", body)
            }
        })
        .collect()
}
