//! Screens as a client of Matrix would show them, for galleries.

use lorikeet_chat::{BlobId, PlatformId, Present};
use lorikeet_platform::preview::{Offered, escaped, markup, unreachable};
use lorikeet_platform::{Call, Preview, Previewer};
use lorikeet_renderer_matrix::{
    Content, Does, Mentions, Payload, Room, Shown, Words, capabilities, render,
};
use serde_json::{Value, json};

use crate::{platform, words};

/// Shows screens as a private chat in a client of Matrix does.
#[derive(Clone, Copy, Debug, Default)]
pub struct MatrixPreviewer;

/// What stands before a command, where nobody said anything else.
const PREFIX: &str = "!";
const STYLE: &str = include_str!("preview.css");
/// Where a message goes.
const SEND: &str = "/_matrix/client/v3/rooms/{room}/send/m.room.message/{transaction}";
const REACT: &str = "/_matrix/client/v3/rooms/{room}/send/m.reaction/{transaction}";

impl Previewer for MatrixPreviewer {
    fn platform(&self) -> PlatformId {
        platform()
    }

    fn title(&self) -> &'static str {
        "Matrix"
    }

    fn sign(&self) -> &'static str {
        PREFIX
    }

    fn style(&self) -> &'static str {
        STYLE
    }

    fn preview(&self, present: &Present, picture: &dyn Fn(&BlobId) -> String) -> Preview {
        let (shown, reactions) = shown(present);
        let put = |path: &str, body: Value| Call {
            method: "PUT".to_owned(),
            path: path.to_owned(),
            body,
        };
        let messages = &shown.rendered.messages;
        let sent = messages.iter().map(|payload| put(SEND, content(payload)));
        let placed = reactions.iter().map(|key| {
            let relation = json!({ "rel_type": "m.annotation", "event_id": "{event}", "key": key });
            put(REACT, json!({ "m.relates_to": relation }))
        });
        let calls = sent.chain(placed).collect();
        let bubbles: String = messages.iter().map(|one| bubble(one, picture)).collect();
        let keys = reactions
            .iter()
            .map(|key| format!("<span>{}</span>", escaped(key)));
        let keys: String = keys.collect();
        Preview {
            calls,
            html: format!("<div class=\"matrix\">{bubbles}<div class=\"keys\">{keys}</div></div>"),
            degradations: shown.rendered.degradations,
            unreachable: unreachable(present, offered),
        }
    }
}

/// A screen, and the reactions below it, in a room that can show all there is.
fn shown(present: &Present) -> (Shown, Vec<String>) {
    let capabilities = capabilities();
    let words = words::of_screen(&present.screen);
    let (on, back) = (words.say("turn-on"), words.say("turn-back"));
    let room = Room {
        capabilities: &capabilities,
        prefix: "!",
        polls: false,
        words: Words {
            on: &on,
            back: &back,
        },
    };
    let shown = render(present, &room);
    let reactions = shown.reactions(&room);
    (shown, reactions)
}

/// What a page of a screen offers.
fn offered(present: &Present) -> Offered {
    let mut offered = Offered::default();
    for key in shown(present).0.keys {
        match key.does {
            Does::Press(token) => offered.actions.push(token.index as usize),
            Does::Turn(turn) => offered.pages.push(turn.page),
        }
    }
    offered
}

/// What is sent; where a file is, it says so once it was uploaded.
fn content(payload: &Payload) -> Value {
    match payload {
        Payload::Text(text) => json!(Content::new(text.clone(), Mentions::default())),
        Payload::Picture { alt, .. } => {
            json!({ "msgtype": "m.image", "body": alt, "url": "{mxc}", "m.mentions": {} })
        }
        Payload::File(file) => {
            json!({ "msgtype": "m.file", "body": file.name, "url": "{mxc}", "m.mentions": {} })
        }
    }
}

fn bubble(payload: &Payload, picture: &dyn Fn(&BlobId) -> String) -> String {
    let inside = match payload {
        Payload::Picture { art, .. } => art.iter().map(|art| markup(art, picture)).collect(),
        Payload::File(file) => format!("<p class=\"file\">{}</p>", escaped(&file.name)),
        // The HTML is of a safe subset, made by the renderer.
        Payload::Text(text) => match &text.html {
            Some(html) => format!("<div class=\"text\">{html}</div>"),
            None => format!("<div class=\"text\">{}</div>", escaped(&text.body)),
        },
    };
    format!("<article>{inside}</article>")
}
