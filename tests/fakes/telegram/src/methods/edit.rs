//! Changes of the bot's own messages. An edit without `reply_markup` takes the buttons away.

use std::sync::Arc;

use serde_json::Value;

use super::{media, send, target};
use crate::answer::{Answer, Refusal};
use crate::entities::{caption_text, formatted, formatted_object, message_text};
use crate::files::Kind;
use crate::keyboard::{self, Markup};
use crate::message::{Content, Sender};
use crate::params::Params;
use crate::world::World;

pub(super) fn text(world: &Arc<World>, params: &Params) -> Answer {
    let text = formatted(params, "text", "entities")?;
    message_text(&text)?;
    edit(world, params, |old| match old {
        Content::Text(_) => Ok(Content::Text(text)),
        _ => Err(Refusal::bad("there is no text in the message to edit")),
    })
}

pub(super) fn caption(world: &Arc<World>, params: &Params) -> Answer {
    let caption = send::caption(params)?;
    edit(world, params, |old| match old {
        Content::Media { media, .. } if media.kind() != Kind::Sticker => Ok(Content::Media {
            media: media.clone(),
            caption,
        }),
        _ => Err(Refusal::bad("there is no caption in the message to edit")),
    })
}

pub(super) fn media(world: &Arc<World>, params: &Params) -> Answer {
    let item = params.json("media")?;
    let Some(Value::Object(fields)) = item.as_deref() else {
        return Err(Refusal::bad("can't parse InputMedia: expected an Object"));
    };
    let caption = formatted_object(fields)?;
    caption_text(&caption)?;
    let media = media::item(world, params, fields)?;
    edit(world, params, |_| Ok(Content::Media { media, caption }))
}

pub(super) fn reply_markup(world: &Arc<World>, params: &Params) -> Answer {
    edit(world, params, |old| Ok(old.clone()))
}

fn edit(
    world: &Arc<World>,
    params: &Params,
    change: impl FnOnce(&Content) -> Result<Content, Refusal>,
) -> Answer {
    let markup = keyboard::inline_only(params)?;
    if params.text("inline_message_id").is_some() {
        return Err(Refusal::bad("MESSAGE_ID_INVALID"));
    }
    let chat = target::find(world, params)?;
    let mut chat = target::enter(world, &chat)?;
    let id = target::message_id(params)?;
    let Some(old) = chat.messages.get(&id) else {
        return Err(Refusal::bad("message to edit not found"));
    };
    // Forced replies and keyboards in the place of letters stay as they were sent.
    let fixed = matches!(old.markup, Markup::ForceReply { .. } | Markup::Reply);
    if old.from != Sender::Bot || fixed || matches!(old.content, Content::Service(_)) {
        return Err(Refusal::bad("message can't be edited"));
    }
    let content = change(&old.content)?;
    if old.album.is_some() {
        if markup != Markup::None {
            return Err(Refusal::bad("an album has no reply_markup"));
        }
        let kind = |content: &Content| content.media().map(|media| media.kind());
        let grouped = |kind: Option<Kind>| match kind {
            Some(Kind::Photo | Kind::Video) => 0,
            Some(Kind::Document) => 1,
            _ => 2,
        };
        if grouped(kind(&old.content)) != grouped(kind(&content)) {
            return Err(Refusal::bad(
                "can't use the media of the specified type in the album",
            ));
        }
    }
    if content.same(&old.content) && markup == old.markup {
        return Err(Refusal::bad(
            "message is not modified: specified new message content and reply markup are exactly the same as a \
             current content and reply markup of the message",
        ));
    }
    if world.limits.edits_count() {
        let group = chat.is_group();
        world.limits.take(chat.id, group, 1, world.clock.now())?;
    }
    let mut message = old.as_ref().clone();
    message.content = content;
    message.markup = markup;
    message.edits += 1;
    message.edited = Some(world.clock.seconds());
    let view = chat.put(message).view(&chat, world);
    drop(chat);
    world.changed.notify_waiters();
    Ok(view.into())
}
