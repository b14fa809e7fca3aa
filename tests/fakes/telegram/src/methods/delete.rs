//! Messages taken away. <https://core.telegram.org/bots/api#deletemessage>

use serde_json::Value;

use super::target;
use crate::answer::{Answer, Done, Refusal};
use crate::chat::{Chat, Sort};
use crate::message::{Message, Sender};
use crate::params::Params;
use crate::world::World;

/// From this age on a message stays, in seconds.
const DELETABLE: i64 = 48 * 3600;

/// Whether the bot may take a message away from everybody.
fn deletable(world: &World, chat: &Chat, message: &Message) -> Result<(), Refusal> {
    if chat.bot.administers() && chat.sort != Sort::Group {
        return Ok(());
    }
    if message.date + DELETABLE < world.clock.seconds() {
        return Err(Refusal::bad("message can't be deleted for everyone"));
    }
    let own = message.from == Sender::Bot;
    if own || chat.sort == Sort::Private || chat.bot.administers() {
        Ok(())
    } else {
        Err(Refusal::bad("message can't be deleted"))
    }
}

pub(super) fn one(world: &World, params: &Params) -> Answer {
    let chat = target::find(world, params)?;
    let mut chat = target::enter(world, &chat)?;
    let id = target::message_id(params)?;
    let Some(message) = chat.messages.get(&id) else {
        return Err(Refusal::bad("message to delete not found"));
    };
    deletable(world, &chat, message)?;
    chat.remove(id);
    drop(chat);
    world.changed.notify_waiters();
    Ok(Done::yes())
}

/// Those that are not there are skipped. <https://core.telegram.org/bots/api#deletemessages>
pub(super) fn many(world: &World, params: &Params) -> Answer {
    let ids = params.json("message_ids")?;
    let Some(Value::Array(ids)) = ids.as_deref() else {
        return Err(Refusal::bad("message identifiers are not specified"));
    };
    if ids.is_empty() {
        return Err(Refusal::bad("message identifiers are not specified"));
    }
    if ids.len() > 100 {
        return Err(Refusal::bad("too many message identifiers specified"));
    }
    let chat = target::find(world, params)?;
    let mut chat = target::enter(world, &chat)?;
    let ids: Vec<i64> = ids.iter().filter_map(Value::as_i64).collect();
    for id in &ids {
        if let Some(message) = chat.messages.get(id) {
            deletable(world, &chat, message)?;
        }
    }
    for id in ids {
        chat.remove(id);
    }
    drop(chat);
    world.changed.notify_waiters();
    Ok(Done::yes())
}
