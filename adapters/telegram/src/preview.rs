//! Screens as Telegram would show them, for galleries.

use lorikeet_chat::{BlobId, Conversation, PlatformId, Present, Rendered};
use lorikeet_platform::preview::{Offered, escaped, markup, unreachable};
use lorikeet_platform::{Call, Preview, Previewer};
use lorikeet_renderer_telegram::{Button, Does, Payload, Style};

use crate::outgoing::{calls, rendered};
use crate::{PLATFORM, platform};

/// Shows screens as a private chat of Telegram does.
#[derive(Clone, Copy, Debug, Default)]
pub struct TelegramPreviewer;

const STYLE: &str = include_str!("preview.css");

impl Previewer for TelegramPreviewer {
    fn platform(&self) -> PlatformId {
        platform()
    }

    fn title(&self) -> &'static str {
        "Telegram"
    }

    fn style(&self) -> &'static str {
        STYLE
    }

    fn preview(&self, present: &Present, picture: &dyn Fn(&BlobId) -> String) -> Preview {
        // Anybody's private chat.
        let Ok(chat) = Conversation::from_key(&format!("{PLATFORM}/1//1")) else {
            return Preview {
                calls: Vec::new(),
                html: String::new(),
                degradations: Vec::new(),
                unreachable: Vec::new(),
            };
        };
        let Rendered {
            messages,
            degradations,
        } = rendered(present, &chat);
        let calls = calls(&messages, &chat)
            .into_iter()
            .map(|(method, body)| Call {
                method: method.to_owned(),
                path: format!("/bot{{token}}/{method}"),
                body,
            });
        let html: String = messages
            .iter()
            .map(|payload| bubble(payload, picture))
            .collect();
        Preview {
            calls: calls.collect(),
            html: format!("<div class=\"telegram\">{html}</div>"),
            degradations,
            unreachable: unreachable(present, |page| offered(page, &chat)),
        }
    }
}

/// What a page of a screen offers.
fn offered(present: &Present, chat: &Conversation) -> Offered {
    let mut offered = Offered::default();
    for payload in rendered(present, chat).messages {
        for button in payload.keyboard.iter().flatten() {
            match &button.does {
                Does::Press(token) => offered.actions.push(token.index as usize),
                Does::Turn(turn) => offered.pages.push(turn.page),
                Does::Open(_) => {}
            }
        }
    }
    offered
}

fn bubble(payload: &Payload, picture: &dyn Fn(&BlobId) -> String) -> String {
    let art: String = payload.art.iter().map(|art| markup(art, picture)).collect();
    let file = payload.document.as_ref().map_or_else(String::new, |file| {
        format!("<p class=\"file\">{}</p>", escaped(&file.name))
    });
    // The payload's text is HTML of a safe subset, made by the renderer.
    let text = if payload.text.is_empty() {
        String::new()
    } else {
        format!("<div class=\"text\">{}</div>", payload.text)
    };
    let rows: String = payload.keyboard.iter().map(|row| keys(row)).collect();
    let keyboard = if rows.is_empty() {
        rows
    } else {
        format!("<div class=\"keyboard\">{rows}</div>")
    };
    format!("<article><div class=\"bubble\">{art}{file}{text}</div>{keyboard}</article>")
}

fn keys(row: &[Button]) -> String {
    let key = |button: &Button| {
        let class = match button.style {
            Some(Style::Primary) => "primary",
            Some(Style::Success) => "success",
            Some(Style::Danger) => "danger",
            None => "plain",
        };
        let label = escaped(&button.label);
        format!("<span class=\"{class}\">{label}</span>")
    };
    let keys: String = row.iter().map(key).collect();
    format!("<div class=\"row\">{keys}</div>")
}
