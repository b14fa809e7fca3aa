//! One new message.

use std::sync::Arc;

use serde_json::Value;

use super::{media, target};
use crate::answer::{Answer, Refusal};
use crate::chat::{Chat, Standing};
use crate::entities::{self, caption_text, formatted, message_text};
use crate::files::Kind;
use crate::keyboard::{self, Markup};
use crate::message::{Content, Message, Sender};
use crate::params::Params;
use crate::world::World;

pub(super) fn message(world: &Arc<World>, params: &Params) -> Answer {
    let text = formatted(params, "text", "entities")?;
    message_text(&text)?;
    let markup = keyboard::markup(params)?;
    let view = post(world, params, vec![Content::Text(text)], &markup, None)?;
    Ok(only(view).into())
}

pub(super) fn media(world: &Arc<World>, params: &Params, kind: Kind) -> Answer {
    let caption = formatted(params, "caption", "caption_entities")?;
    caption_text(&caption)?;
    let markup = keyboard::markup(params)?;
    let given = params.text(kind.field());
    let mut media = media::media(world, params, kind, kind.field(), given.as_deref())?;
    media.spoiler = params.flag("has_spoiler");
    let content = Content::Media { media, caption };
    let view = post(world, params, vec![content], &markup, None)?;
    Ok(only(view).into())
}

fn only(views: Vec<Value>) -> Value {
    views.into_iter().next().unwrap_or_default()
}

/// Puts messages into a chat as the bot, all or none.
pub(super) fn post(
    world: &Arc<World>,
    params: &Params,
    contents: Vec<Content>,
    markup: &Markup,
    album: Option<&str>,
) -> Result<Vec<Value>, Refusal> {
    let chat = target::find(world, params)?;
    let mut chat = target::enter(world, &chat)?;
    if chat.bot == Standing::Restricted {
        let what = match contents.first().and_then(Content::media) {
            None => "text messages".to_owned(),
            Some(media) => format!("{}s", media.kind().field()),
        };
        return Err(Refusal::bad(format!(
            "not enough rights to send {what} to the chat"
        )));
    }
    let thread = target::thread(&chat, params)?;
    let reply_to = target::reply(&chat, params)?;
    if chat.is_channel() && !matches!(markup, Markup::None | Markup::Inline(_)) {
        return Err(Refusal::bad("inline keyboard expected"));
    }
    let messages = u32::try_from(contents.len()).unwrap_or(1);
    let group = chat.is_group();
    world
        .limits
        .take(chat.id, group, messages, world.clock.now())?;
    let mut views = Vec::with_capacity(contents.len());
    for content in contents {
        let message = Message {
            thread,
            reply_to,
            markup: markup.clone(),
            album: album.map(str::to_owned),
            ..world.message(&mut chat, Sender::Bot, content)
        };
        views.push(store(world, &mut chat, message));
    }
    drop(chat);
    world.changed.notify_waiters();
    Ok(views)
}

fn store(world: &World, chat: &mut Chat, message: Message) -> Value {
    chat.put(message).view(chat, world)
}

/// A caption on its own, for edits.
pub(super) fn caption(params: &Params) -> Result<entities::Text, Refusal> {
    let caption = formatted(params, "caption", "caption_entities")?;
    caption_text(&caption)?;
    Ok(caption)
}
