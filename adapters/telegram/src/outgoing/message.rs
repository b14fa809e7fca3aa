//! A message as it goes out: its text, its keyboard, and what is remembered of it.

use lorikeet_chat::Conversation;
use lorikeet_renderer_telegram::{Button, Does, Payload};
use serde_json::{Value, json};

use super::{HTML, no_preview};
use crate::data;
use crate::handle::{self, Kind, Shape};

/// A message on its way.
pub(super) struct Outgoing {
    pub(super) payload: Payload,
    pub(super) markup: Option<Value>,
    pub(super) shape: Shape,
}

impl Outgoing {
    pub(super) fn new(mut payload: Payload, conversation: &Conversation) -> Self {
        let suffix = &data::suffix(conversation);
        if payload.reply.is_some() {
            payload.text = mentioning(&payload.text, conversation.user.as_str());
        }
        let markup = match &payload.reply {
            Some(reply) => Some(json!({
                "force_reply": true,
                "selective": true,
                "input_field_placeholder": reply.placeholder,
            })),
            None => (!payload.keyboard.is_empty()).then(|| keyboard(&payload.keyboard, suffix)),
        };
        let has_art = !payload.art.is_empty();
        let text = json!([payload.text, markup]).to_string();
        let art = if has_art {
            // 0 is for none.
            handle::hash(json!(payload.art).to_string().as_bytes()).max(1)
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
            body: handle::hash(text.as_bytes()),
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

/// Rows of buttons as the Bot API has them: <https://core.telegram.org/bots/api#inlinekeyboardbutton>.
pub(crate) fn keyboard(rows: &[Vec<Button>], suffix: &str) -> Value {
    let button = |button: &Button| {
        let mut out = match &button.does {
            Does::Press(token) => json!({ "callback_data": format!("{token}{suffix}") }),
            Does::Turn(page) => json!({ "callback_data": format!("{page}{suffix}") }),
            Does::Open(url) => json!({ "url": url }),
        };
        out["text"] = json!(button.label);
        if let Some(style) = button.style {
            out["style"] = json!(style);
        }
        out
    };
    let rows: Vec<Vec<Value>> = rows
        .iter()
        .map(|row| row.iter().map(button).collect())
        .collect();
    json!({ "inline_keyboard": rows })
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
                body["reply_markup"] = markup;
            }
            if let Some(file) = &payload.document {
                body["document"] = json!(format!("attach://{}", file.name));
                body["caption"] = json!(payload.text);
                ("sendDocument", body)
            } else if payload.art.is_empty() {
                body["text"] = json!(payload.text);
                body["link_preview_options"] = no_preview();
                ("sendMessage", body)
            } else {
                body["photo"] = json!("attach://screen.png");
                body["caption"] = json!(payload.text);
                ("sendPhoto", body)
            }
        })
        .collect()
}
