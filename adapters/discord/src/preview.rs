//! Screens as Discord would show them, for galleries.

mod markdown;

use lorikeet_chat::{BlobId, Conversation, PlatformId, Present, Prompt, Rendered};
use lorikeet_platform::preview::{Offered, escaped, markup, unreachable};
use lorikeet_platform::{Call, Preview, Previewer};
use lorikeet_renderer_discord::{Button, Does, Embed, Modal, Payload, Row, Select, Style};
use serde_json::json;

use crate::outgoing::{Outgoing, rendered};
use crate::{PLATFORM, platform};

use markdown::html;

/// Shows screens as a private conversation of Discord does.
#[derive(Clone, Copy, Debug, Default)]
pub struct DiscordPreviewer;

const STYLE: &str = include_str!("preview.css");

impl Previewer for DiscordPreviewer {
    fn platform(&self) -> PlatformId {
        platform()
    }

    fn title(&self) -> &'static str {
        "Discord"
    }

    fn style(&self) -> &'static str {
        STYLE
    }

    fn preview(&self, present: &Present, picture: &dyn Fn(&BlobId) -> String) -> Preview {
        let Rendered {
            messages,
            degradations,
        } = rendered(present);
        let html: String = messages
            .iter()
            .map(|payload| message(payload, picture))
            .collect();
        Preview {
            calls: calls(&messages),
            html: format!("<div class=\"discord\">{html}</div>"),
            degradations,
            unreachable: unreachable(present, offered),
        }
    }
}

/// The calls that would send a screen, and the forms that its buttons are answered with.
fn calls(messages: &[Payload]) -> Vec<Call> {
    // Anybody's private conversation.
    let Ok(conversation) = Conversation::from_key(&format!("{PLATFORM}/1//1")) else {
        return Vec::new();
    };
    let mut calls = Vec::new();
    for payload in messages {
        let body = match &payload.document {
            Some(file) => json!({ "attachments": [{ "id": 0, "filename": file.name }] }),
            None => Outgoing::new(payload.clone(), &conversation).changed(true),
        };
        calls.push(Call {
            method: "POST".to_owned(),
            path: "/channels/{channel}/messages".to_owned(),
            body,
        });
        let forms = payload.modals.iter().map(|modal| Call {
            method: "POST".to_owned(),
            path: "/interactions/{interaction}/{token}/callback".to_owned(),
            body: json!({ "type": 9, "data": modal }),
        });
        calls.extend(forms);
    }
    calls
}

/// What a page of a screen offers.
fn offered(present: &Present) -> Offered {
    let screen = &present.screen;
    let mut offered = Offered::default();
    for payload in rendered(present).messages {
        for row in &payload.rows {
            match row {
                Row::Select(select) => {
                    let options = select.options.iter();
                    let reached = options.map(|option| option.value.index as usize);
                    offered.actions.extend(reached);
                }
                Row::Buttons(buttons) => {
                    for button in buttons {
                        match button.does {
                            Does::Press(token) => offered.actions.push(token.index as usize),
                            Does::Turn(turn) => offered.pages.push(turn.page),
                            Does::Open(_) | Does::Nothing => {}
                        }
                    }
                }
            }
        }
        // A form whose fields are all there is sent with it.
        let whole = |modal: &Modal| matches!(&screen.prompt, Some(Prompt::Form { fields, .. }) if fields.len() == modal.inputs.len());
        if payload.modals.iter().any(whole) {
            offered
                .actions
                .extend(screen.actions().len().checked_sub(1));
        }
    }
    offered
}

fn message(payload: &Payload, picture: &dyn Fn(&BlobId) -> String) -> String {
    let art: String = payload.art.iter().map(|art| markup(art, picture)).collect();
    let file = payload.document.as_ref().map_or_else(String::new, |file| {
        format!("<p class=\"file\">{}</p>", escaped(&file.name))
    });
    let content = match payload.content.as_str() {
        "" => String::new(),
        content => format!("<div class=\"content\">{}</div>", html(content)),
    };
    let embeds: String = payload
        .embeds
        .iter()
        .map(|embed| self::embed(embed, &art))
        .collect();
    let rows: String = payload.rows.iter().map(row).collect();
    let forms: String = payload.modals.iter().map(form).collect();
    format!("<article>{content}{file}{embeds}{rows}{forms}</article>")
}

fn embed(embed: &Embed, art: &str) -> String {
    let part = |class: &str, text: &Option<String>| match text {
        Some(text) => format!("<div class=\"{class}\">{}</div>", html(text)),
        None => String::new(),
    };
    let facts = embed.fields.iter().map(|field| {
        let class = if field.inline { "fact inline" } else { "fact" };
        let (name, value) = (html(&field.name), html(&field.value));
        format!("<div class=\"{class}\"><b>{name}</b><span>{value}</span></div>")
    });
    let facts: String = facts.collect();
    let footer = embed.footer.as_ref().map_or_else(String::new, |footer| {
        format!("<footer>{}</footer>", escaped(&footer.text))
    });
    let art = if embed.image.is_some() { art } else { "" };
    format!(
        "<div class=\"embed\" style=\"border-color:#{:06x}\">{}{}<div class=\"facts\">{facts}</div>{art}{footer}</div>",
        embed.color & 0x00FF_FFFF,
        part("title", &embed.title),
        part("description", &embed.description),
    )
}

fn row(row: &Row) -> String {
    let inside: String = match row {
        Row::Buttons(buttons) => buttons.iter().map(button).collect(),
        Row::Select(select) => choice(select),
    };
    format!("<div class=\"row\">{inside}</div>")
}

fn button(button: &Button) -> String {
    let class = match (&button.does, button.style) {
        (Does::Open(_), _) => "link",
        (Does::Nothing, _) => "nothing",
        (_, Style::Primary) => "primary",
        (_, Style::Success) => "success",
        (_, Style::Danger) => "danger",
        (_, Style::Secondary) => "secondary",
    };
    format!("<span class=\"{class}\">{}</span>", escaped(&button.label))
}

/// A choice, opened.
fn choice(select: &Select) -> String {
    let chosen = select.options.iter().find(|option| option.default);
    let label = chosen.map(|option| option.label.as_str());
    let label = label
        .or(select.placeholder.as_deref())
        .unwrap_or("Make a selection");
    let options = select.options.iter().map(|option| {
        let hint = option.description.as_deref().unwrap_or_default();
        let (label, hint) = (escaped(&option.label), escaped(hint));
        format!("<li>{label}<small>{hint}</small></li>")
    });
    let options: String = options.collect();
    format!(
        "<details class=\"select\"><summary>{}</summary><ul>{options}</ul></details>",
        escaped(label)
    )
}

fn form(modal: &Modal) -> String {
    let fields = modal.inputs.iter().map(|input| {
        let empty = input.placeholder.as_deref().unwrap_or_default();
        let value = match &input.value {
            Some(value) => format!("<span class=\"input\">{}</span>", escaped(value)),
            None => format!("<span class=\"input empty\">{}</span>", escaped(empty)),
        };
        format!("<label>{}{value}</label>", escaped(&input.label))
    });
    let fields: String = fields.collect();
    format!(
        "<details class=\"form\"><summary>✏️ {}</summary>{fields}</details>",
        escaped(&modal.title)
    )
}
