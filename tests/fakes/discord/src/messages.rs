//! What people write, and the list of a channel's messages.

use serde_json::{Value, json};

use crate::gateway::{self, DIRECT_MESSAGES, GUILD_MESSAGES, MESSAGE_CONTENT};
use crate::world::{Message, Refusal, State, World, message};

/// Messages of a list, at most, and where nothing is said:
/// <https://discord.com/developers/docs/resources/message#get-channel-messages>.
const LISTED: usize = 100;
const USUAL: usize = 50;

/// A message as the API names it; without its content where the bot may not know it.
fn object(world: &World, state: &State, message: &Message, intents: u64) -> Value {
    let bot = world.bot.to_string();
    let id = message.by.unwrap_or(world.bot);
    let name = state.users.get(&id).map(|user| user.name.clone());
    let name = name.unwrap_or_else(|| "lorikeet".to_owned());
    let content = message.body["content"].as_str().unwrap_or_default();
    let private = guild(state, message.channel).is_none();
    let calls = [format!("<@{bot}>"), format!("<@!{bot}>")]
        .iter()
        .any(|call| content.contains(call));
    // <https://discord.com/developers/docs/events/gateway#message-content-intent>
    let known = private || calls || message.by.is_none() || intents & MESSAGE_CONTENT != 0;
    let mentions = if calls {
        json!([{ "id": bot, "username": "lorikeet", "bot": true }])
    } else {
        json!([])
    };
    let attachments = match message.by {
        Some(_) => json!(message.body["attachments"].as_array()),
        None => uploaded(world, message),
    };
    let part = |name: &str| match &message.body[name] {
        Value::Null => json!([]),
        there => there.clone(),
    };
    let flags = if message.only.is_some() { 64 } else { 0 };
    json!({
        "id": message.id.to_string(), "channel_id": message.channel.to_string(), "type": 0,
        "author": {
            "id": id.to_string(), "username": name.to_lowercase(), "global_name": name, "bot": message.by.is_none(),
        },
        "content": if known { content } else { "" },
        "attachments": if known { attachments } else { json!([]) },
        "mentions": mentions, "embeds": part("embeds"), "components": part("components"), "flags": flags,
        "timestamp": "2026-01-01T00:00:00.000000+00:00", "edited_timestamp": null, "mention_everyone": false,
        "mention_roles": [], "pinned": false, "tts": false,
    })
}

/// The files of the bot's message: those that an embed shows are not among them.
fn uploaded(world: &World, message: &Message) -> Value {
    let embeds = message.body["embeds"].to_string();
    let shown = |name: &str| embeds.contains(&format!("\"attachment://{name}\""));
    let files = message.files.iter().filter(|(name, _)| !shown(name));
    let files = (1_u64..).zip(files).map(|(number, (name, bytes))| {
        let url = format!("{}/attachments/{}/{name}", world.url, message.id);
        json!({
            "id": (message.id - number).to_string(), "filename": name, "size": bytes.len(), "url": url,
            "proxy_url": url,
        })
    });
    files.collect()
}

/// A message of the bot's as the API names it; null where it is not there any more.
pub(crate) fn of(world: &World, state: &State, id: u64) -> Value {
    let found = state.messages.iter().find(|message| message.id == id);
    found.map_or(Value::Null, |message| {
        object(world, state, message, MESSAGE_CONTENT)
    })
}

fn guild(state: &State, channel: u64) -> Option<u64> {
    state.channels.get(&channel).and_then(|room| room.guild)
}

/// Somebody writes a message; its id.
pub(crate) fn write(world: &World, channel: u64, by: u64, text: &str, files: &[Value]) -> u64 {
    let mut state = world.state();
    let body = json!({ "content": text, "attachments": files });
    let id = state.put(Message {
        by: Some(by),
        ..message(channel, body, Vec::new())
    });
    drop(state);
    tell(world, id);
    id
}

/// Tells whoever hears of it about a message.
pub(crate) fn tell(world: &World, id: u64) {
    let mut state = world.state();
    let Some(channel) = state.message(id).map(|message| message.channel) else {
        return;
    };
    let guild = guild(&state, channel);
    let is_member = match guild {
        // Who was thrown out hears nothing.
        Some(_) => state.channels.get(&channel).is_some_and(|it| it.is_open),
        None => true,
    };
    if let Some(written) = state.message(id).cloned().filter(|_| is_member) {
        let bare = |intents| object(world, &state, &written, intents);
        // Whatever is asked for, an event of a server says which, and who of it.
        let whole = |intents| {
            let mut event = bare(intents);
            // Not in the documentation, but there: what kind of channel it is.
            event["channel_type"] = json!(u8::from(guild.is_none()));
            if let Some(guild) = guild {
                event["guild_id"] = json!(guild.to_string());
                event["member"] = json!({ "nick": null });
            }
            event
        };
        let (with, without) = (whole(MESSAGE_CONTENT), whole(0));
        let intent = guild.map_or(DIRECT_MESSAGES, |_| GUILD_MESSAGES);
        gateway::dispatch(&mut state, guild, intent, "MESSAGE_CREATE", |intents| {
            if intents & MESSAGE_CONTENT == 0 {
                without.clone()
            } else {
                with.clone()
            }
        });
    }
    drop(state);
    world.changed.notify_waiters();
}

/// The messages behind one, of those the oldest, newest first.
pub(crate) fn list(world: &World, channel: u64, query: &str) -> Result<Value, Refusal> {
    let given = |name: &str| {
        let mut parts = url::form_urlencoded::parse(query.as_bytes());
        let found = parts.find(|(key, _)| key == name);
        found.map(|(_, value)| value.parse::<u64>())
    };
    let odd = |name: &str| Refusal::form(format!("{name}: Value is not a number"));
    let after = given("after").transpose().map_err(|_| odd("after"))?;
    let limit = given("limit").transpose().map_err(|_| odd("limit"))?;
    let limit = limit.map_or(USUAL, |limit| limit as usize);
    if !(1..=LISTED).contains(&limit) {
        return Err(Refusal::form("limit: 1 to 100".to_owned()));
    }
    world.open_channel(channel)?;
    let state = world.state();
    let here = |message: &&Message| message.channel == channel && message.only.is_none();
    let all: Vec<&Message> = state.messages.iter().filter(here).collect();
    let mut listed: Vec<&Message> = match after {
        Some(after) => {
            let behind = all.into_iter().filter(|message| message.id > after);
            behind.take(limit).collect()
        }
        None => {
            let first = all.len().saturating_sub(limit);
            all[first..].to_vec()
        }
    };
    listed.reverse();
    let listed: Vec<Value> = listed
        .into_iter()
        .map(|message| object(world, &state, message, 0))
        .collect();
    Ok(json!(listed))
}
