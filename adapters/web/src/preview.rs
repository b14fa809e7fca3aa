//! Screens as this page would show them, for galleries.

use std::fmt;

use lorikeet_chat::{BlobId, FileBlock, PlatformId, Present};
use lorikeet_platform::{Call, Preview, Previewer};
use lorikeet_renderer_web::{Links, file_name, render_with};
use maud::{PreEscaped, html};
use serde_json::json;

use crate::assets::STYLE;
use crate::{capabilities, platform};

/// Bytes of a file that a usual room takes.
const USUAL_UPLOAD: u64 = 20_000_000;

/// Shows screens as the web page does.
#[derive(Clone, Copy, Debug, Default)]
pub struct WebPreviewer;

struct Pictures<'a>(&'a dyn Fn(&BlobId) -> String);

impl fmt::Debug for Pictures<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pictures")
    }
}

impl Links for Pictures<'_> {
    fn picture(&self, blob: &BlobId) -> String {
        (self.0)(blob)
    }

    fn file(&self, file: &FileBlock) -> String {
        format!("#{}", file_name(&file.name))
    }
}

impl Previewer for WebPreviewer {
    fn platform(&self) -> PlatformId {
        platform()
    }

    fn title(&self) -> &'static str {
        "Web page"
    }

    fn style(&self) -> &'static str {
        STYLE.body()
    }

    fn preview(&self, present: &Present, picture: &dyn Fn(&BlobId) -> String) -> Preview {
        let room = capabilities(USUAL_UPLOAD);
        let links = Pictures(picture);
        let rendered = render_with(&present.screen, present.stamp, &room, &links);
        let calls = rendered.messages.iter().map(|payload| Call {
            method: "message".to_owned(),
            path: "/chat/{room}/events".to_owned(),
            body: json!(payload),
        });
        let markup: String = rendered
            .messages
            .iter()
            .map(|payload| payload.html.as_str())
            .collect();
        let unreachable = (0..present.screen.actions().len())
            .filter(|&index| {
                let token = u32::try_from(index).map(|index| present.stamp.token(index));
                token.is_ok_and(|token| !markup.contains(&format!("\"{token}\"")))
            })
            .collect();
        let page = html! {
            article.message.bot.live { (PreEscaped(&markup)) }
        };
        Preview {
            calls: calls.collect(),
            html: page.into_string(),
            degradations: rendered.degradations,
            unreachable,
        }
    }
}
