//! Where a call goes: the chat, the topic in it, the message it replies to.

use std::sync::{Arc, Mutex, MutexGuard};

use crate::answer::Refusal;
use crate::chat::Chat;
use crate::locks::{lock, read};
use crate::params::Params;
use crate::world::World;

/// The topic everything lies in that lies in no other; it is not named in calls.
const GENERAL: i64 = 1;

/// A chat by the call's `chat_id`.
pub(super) fn find(world: &World, params: &Params) -> Result<Arc<Mutex<Chat>>, Refusal> {
    let Some(given) = params.text("chat_id") else {
        return Err(Refusal::bad("chat_id is empty"));
    };
    let id = given.trim().parse().ok();
    id.and_then(|id| world.chat(id))
        .ok_or_else(|| Refusal::bad("chat not found"))
}

/// A chat the bot may do something in.
pub(super) fn enter<'a>(
    world: &World,
    chat: &'a Mutex<Chat>,
) -> Result<MutexGuard<'a, Chat>, Refusal> {
    let chat = lock(chat);
    let known = chat
        .person
        .as_ref()
        .is_some_and(|person| read(&world.met).contains(&person.id));
    chat.open_to_bot(known)?;
    Ok(chat)
}

/// The topic a call names.
pub(super) fn thread(chat: &Chat, params: &Params) -> Result<Option<i64>, Refusal> {
    let thread = params.integer("message_thread_id");
    if thread == 0 {
        return Ok(None);
    }
    match chat.topics.get(&thread) {
        Some(topic) if topic.closed && !chat.bot.administers() => Err(Refusal::bad("TOPIC_CLOSED")),
        Some(_) if thread != GENERAL => Ok(Some(thread)),
        _ => Err(Refusal::bad("message thread not found")),
    }
}

/// The message a call replies to.
pub(super) fn reply(chat: &Chat, params: &Params) -> Result<Option<i64>, Refusal> {
    let given = params.json("reply_parameters")?;
    let (id, lenient) = match &given {
        Some(given) => (
            given["message_id"].as_i64().unwrap_or(0),
            given["allow_sending_without_reply"]
                .as_bool()
                .unwrap_or(false),
        ),
        None => (
            params.integer("reply_to_message_id"),
            params.flag("allow_sending_without_reply"),
        ),
    };
    match id {
        0 => Ok(None),
        id if chat.messages.contains_key(&id) => Ok(Some(id)),
        _ if lenient => Ok(None),
        _ => Err(Refusal::bad("message to be replied not found")),
    }
}

/// The message a call is about.
pub(super) fn message_id(params: &Params) -> Result<i64, Refusal> {
    match params.integer("message_id") {
        id if id > 0 => Ok(id),
        _ => Err(Refusal::bad("message identifier is not specified")),
    }
}
