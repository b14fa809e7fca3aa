//! The methods of the Bot API. Checks come in Telegram's order: content, then chat, then rates.

mod album;
mod callback;
mod chats;
mod commands;
mod delete;
mod edit;
mod media;
mod send;
mod target;
pub(crate) mod updates;

use std::sync::Arc;

use serde_json::json;

use crate::answer::{Answer, Refusal};
use crate::params::Params;
use crate::world::World;

/// Does a call, but `getUpdates`, which waits.
pub(crate) fn call(world: &Arc<World>, method: &str, params: &Params) -> Answer {
    match method {
        "getMe" => Ok(me(world).into()),
        "setWebhook" => updates::set_webhook(world, params),
        "deleteWebhook" => Ok(updates::delete_webhook(world, params)),
        "getWebhookInfo" => Ok(updates::webhook_info(world)),
        "sendMessage" => send::message(world, params),
        "sendPhoto" => send::media(world, params, crate::files::Kind::Photo),
        "sendDocument" => send::media(world, params, crate::files::Kind::Document),
        "sendMediaGroup" => album::send(world, params),
        "editMessageText" => edit::text(world, params),
        "editMessageCaption" => edit::caption(world, params),
        "editMessageMedia" => edit::media(world, params),
        "editMessageReplyMarkup" => edit::reply_markup(world, params),
        "deleteMessage" => delete::one(world, params),
        "deleteMessages" => delete::many(world, params),
        "answerCallbackQuery" => callback::answer(world, params),
        "sendChatAction" => chats::action(world, params),
        "getFile" => chats::file(world, params),
        "setMyCommands" => commands::set(world, params),
        "getMyCommands" => commands::list(world, params),
        "deleteMyCommands" => commands::delete(world, params),
        "getChat" => chats::chat(world, params),
        "getChatMember" => chats::member(world, params),
        "leaveChat" => chats::leave(world, params),
        _ => Err(Refusal::not_found()),
    }
}

fn me(world: &World) -> serde_json::Value {
    let mut view = world.bot.view();
    view["can_join_groups"] = json!(true);
    view["can_read_all_group_messages"] = json!(!world.options.privacy);
    view["supports_inline_queries"] = json!(false);
    view["can_connect_to_business"] = json!(false);
    view["has_main_web_app"] = json!(false);
    view
}
