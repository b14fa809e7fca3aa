//! Several pictures in one frame. <https://core.telegram.org/bots/api#sendmediagroup>

use std::sync::Arc;

use serde_json::Value;

use super::{media, send};
use crate::answer::{Answer, Refusal};
use crate::entities::{caption_text, formatted_object};
use crate::files::Kind;
use crate::keyboard::Markup;
use crate::message::Content;
use crate::params::Params;
use crate::world::World;

pub(super) fn send(world: &Arc<World>, params: &Params) -> Answer {
    let items = params.json("media")?;
    let Some(Value::Array(items)) = items.as_deref() else {
        return Err(Refusal::bad(
            "can't parse media JSON object: expected an Array",
        ));
    };
    match items.len() {
        0 => return Err(Refusal::bad("there are no messages to send")),
        1 => return Err(Refusal::bad("too few messages to send as an album")),
        2..=10 => {}
        _ => return Err(Refusal::bad("too many messages to send as an album")),
    }
    if params.json("reply_markup")?.is_some() {
        // Telegram drops it without a word, and the buttons are missing.
        return Err(Refusal::bad("an album has no reply_markup"));
    }
    let mut contents = Vec::with_capacity(items.len());
    for item in items {
        let Value::Object(fields) = item else {
            return Err(Refusal::bad("can't parse InputMedia: expected an Object"));
        };
        let caption = formatted_object(fields)?;
        caption_text(&caption)?;
        let media = media::item(world, params, fields)?;
        contents.push(Content::Media { media, caption });
    }
    let kinds: Vec<Kind> = contents
        .iter()
        .filter_map(|content| content.media().map(|media| media.kind()))
        .collect();
    if kinds.contains(&Kind::Animation) {
        return Err(Refusal::bad(
            "can't use the media of the specified type in the album",
        ));
    }
    for alone in [Kind::Document, Kind::Audio] {
        if kinds.contains(&alone) && kinds.iter().any(|kind| *kind != alone) {
            let name = alone.field();
            return Err(Refusal::bad(format!(
                "{name} can't be mixed with other media types"
            )));
        }
    }
    let album = format!("1{:016}", world.number());
    let views = send::post(world, params, contents, &Markup::None, Some(&album))?;
    Ok(Value::Array(views).into())
}
