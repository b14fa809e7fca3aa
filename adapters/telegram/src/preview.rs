//! Screens as Telegram would show them, for galleries.

use lorikeet_chat::{
    Art, BlobId, Conversation, Page, PlatformId, Present, Rendered, Tile, TileState,
};
use lorikeet_platform::{Call, Preview, Previewer};
use lorikeet_renderer_telegram::{Button, Does, Payload, Style};

use crate::outgoing::{calls, escaped, rendered};
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
            unreachable: unreachable(present, &chat),
        }
    }
}

/// The actions that no page of a screen offers.
fn unreachable(present: &Present, chat: &Conversation) -> Vec<usize> {
    let mut seen = vec![false; present.screen.actions().len()];
    let mut pages = vec![Page::First];
    let mut at = 0;
    while let Some(page) = pages.get(at).copied() {
        at += 1;
        let present = Present {
            page,
            ..present.clone()
        };
        let messages = rendered(&present, chat).messages;
        for button in messages
            .iter()
            .flat_map(|payload| payload.keyboard.iter().flatten())
        {
            match &button.does {
                Does::Press(token) => {
                    let index = usize::try_from(token.index).unwrap_or(usize::MAX);
                    if let Some(seen) = seen.get_mut(index) {
                        *seen = true;
                    }
                }
                Does::Turn(turn) if !pages.contains(&turn.page) => pages.push(turn.page),
                Does::Turn(_) | Does::Open(_) => {}
            }
        }
    }
    // What is done in place can be done from an opened place, too.
    let in_place = edits(present);
    (0..seen.len())
        .filter(|index| !seen[*index] && !in_place.contains(index))
        .collect()
}

/// The actions of a screen that take changes made in place.
fn edits(present: &Present) -> Vec<usize> {
    use lorikeet_chat::Control;

    let mut edits = Vec::new();
    let mut index = 0;
    for control in present.screen.menu.iter().flat_map(|group| &group.controls) {
        index += control.actions().len();
        if let Control::Board(board) = control
            && board.edit.is_some()
        {
            edits.push(index - 1);
        }
    }
    edits
}

fn bubble(payload: &Payload, picture: &dyn Fn(&BlobId) -> String) -> String {
    let art: String = payload.art.iter().map(|art| shown(art, picture)).collect();
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

/// What the photo would show, in markup: it is drawn only when it is sent.
fn shown(art: &Art, picture: &dyn Fn(&BlobId) -> String) -> String {
    match art {
        Art::Picture { blob, alt } => {
            let (source, alt) = (escaped(&picture(blob)), escaped(alt));
            format!("<img class=\"art\" src=\"{source}\" alt=\"{alt}\">")
        }
        Art::Sheet(tiles) => {
            let tiles: String = tiles.iter().map(|tile| self::tile(tile, picture)).collect();
            format!("<div class=\"art sheet\">{tiles}</div>")
        }
        Art::Chart(chart) => {
            format!("<div class=\"art chart\">{}</div>", escaped(&chart.title))
        }
    }
}

fn tile(tile: &Tile, picture: &dyn Fn(&BlobId) -> String) -> String {
    let class = match tile.state {
        TileState::Empty => "empty",
        TileState::Arriving => "arriving",
        TileState::Filled => "filled",
        TileState::Complete => "complete",
        TileState::Problem => "problem",
    };
    let image = tile.image.as_ref().map_or_else(String::new, |blob| {
        format!("<img src=\"{}\" alt=\"\">", escaped(&picture(blob)))
    });
    let label = escaped(&tile.label);
    format!("<span class=\"{class}\">{image}<b>{label}</b></span>")
}
