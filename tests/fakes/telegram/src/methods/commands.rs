//! The bot's menu of commands, one for each scope and language. <https://core.telegram.org/bots/api#setmycommands>

use serde_json::{Value, json};

use super::target;
use crate::answer::{Answer, Done, Refusal};
use crate::locks::lock;
use crate::params::Params;
use crate::world::World;

/// Commands in one menu.
const COMMANDS: usize = 100;
/// Longest name.
const NAME: usize = 32;
/// Longest description, in characters.
const DESCRIPTION: usize = 256;

/// What a menu is kept under: scope and language.
fn key(world: &World, params: &Params) -> Result<(String, String), Refusal> {
    let language = params.text("language_code").unwrap_or_default();
    let two = language.len() == 2 && language.bytes().all(|byte| byte.is_ascii_lowercase());
    if !language.is_empty() && !two {
        return Err(Refusal::bad("invalid language code specified"));
    }
    let scope = params.json("scope")?;
    let Some(scope) = scope.as_deref() else {
        return Ok(("default".to_owned(), language.into_owned()));
    };
    let kind = scope["type"].as_str().unwrap_or_default();
    let chat = || {
        let id = &scope["chat_id"];
        let id = id.as_i64().or_else(|| id.as_str()?.parse().ok());
        let chat = id.and_then(|id| world.chat(id));
        let chat = chat.ok_or_else(|| Refusal::bad("chat not found"))?;
        let chat = target::enter(world, &chat)?;
        Ok::<i64, Refusal>(chat.id)
    };
    let scope = match kind {
        "default" | "all_private_chats" | "all_group_chats" | "all_chat_administrators" => {
            kind.to_owned()
        }
        "chat" | "chat_administrators" => format!("{kind} {}", chat()?),
        "chat_member" => {
            let user = scope["user_id"].as_i64();
            let user = user.ok_or_else(|| Refusal::bad("invalid user_id specified"))?;
            format!("{kind} {} {user}", chat()?)
        }
        _ => {
            return Err(Refusal::bad(
                "can't parse BotCommandScope: unsupported type specified",
            ));
        }
    };
    Ok((scope, language.into_owned()))
}

fn check(command: &Value) -> Result<Value, Refusal> {
    let wrong = |why: &str| Refusal::bad(format!("can't parse BotCommand: {why}"));
    let name = command["command"].as_str();
    let name = name.ok_or_else(|| wrong("Can't find field \"command\""))?;
    let description = command["description"].as_str();
    let description = description.ok_or_else(|| wrong("Can't find field \"description\""))?;
    let name = name.strip_prefix('/').unwrap_or(name);
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !(1..=NAME).contains(&name.len()) || !name.bytes().all(plain) {
        return Err(Refusal::bad("BOT_COMMAND_INVALID"));
    }
    if description.trim().is_empty() {
        return Err(Refusal::bad("command description must be non-empty"));
    }
    if description.chars().count() > DESCRIPTION {
        return Err(Refusal::bad("BOT_COMMAND_DESCRIPTION_INVALID"));
    }
    Ok(json!({ "command": name, "description": description }))
}

pub(super) fn set(world: &World, params: &Params) -> Answer {
    let commands = params.json("commands")?;
    let commands = match commands.as_deref() {
        Some(Value::Array(commands)) => commands.as_slice(),
        // A parameter under a wrong name empties the menu, and nobody is told.
        None => &[],
        Some(_) => {
            return Err(Refusal::bad(
                "can't parse commands JSON object: expected an Array",
            ));
        }
    };
    if commands.len() > COMMANDS {
        return Err(Refusal::bad("BOT_COMMANDS_TOO_MUCH"));
    }
    let commands: Vec<Value> = commands.iter().map(check).collect::<Result<_, _>>()?;
    let key = key(world, params)?;
    let mut menus = lock(&world.commands);
    if commands.is_empty() {
        menus.remove(&key);
    } else {
        menus.insert(key, Value::Array(commands));
    }
    drop(menus);
    world.changed.notify_waiters();
    Ok(Done::yes())
}

pub(super) fn list(world: &World, params: &Params) -> Answer {
    let key = key(world, params)?;
    let menus = lock(&world.commands);
    Ok(menus.get(&key).cloned().unwrap_or_else(|| json!([])).into())
}

pub(super) fn delete(world: &World, params: &Params) -> Answer {
    let key = key(world, params)?;
    lock(&world.commands).remove(&key);
    world.changed.notify_waiters();
    Ok(Done::yes())
}
