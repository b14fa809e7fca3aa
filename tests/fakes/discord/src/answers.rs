//! What an interaction is answered: first, and later with its token.
//! <https://discord.com/developers/docs/interactions/receiving-and-responding>

use bytes::Bytes;
use serde_json::{Value, json};

use crate::check;
use crate::messages;
use crate::rest::sizes;
use crate::world::{
    EPHEMERAL, FIRST, Interaction, Message, Refusal, World, change, message, names_after,
};

/// Takes the first answer by a call of its own, which may bring files; what it made.
pub(crate) fn by_call(
    world: &World,
    id: &str,
    token: &str,
    answer: &Value,
    files: Vec<(String, Bytes)>,
) -> Result<Value, Refusal> {
    if token != format!("token-{id}") {
        return Err(Refusal::new(404, 10062, "Unknown interaction"));
    }
    sizes(world, &files)?;
    first(world, token, answer, files).map_err(|refusal| match refusal.code {
        // What is asked for with its token later is a webhook; here it is an interaction.
        10015 => Refusal::new(404, 10062, "Unknown interaction"),
        _ => refusal,
    })?;
    let original = known(world, token)?.original;
    let mut said = json!({ "interaction": { "id": id }, "resource": { "type": answer["type"] } });
    if let Some(original) = original.filter(|_| matches!(answer["type"].as_u64(), Some(4 | 5 | 7)))
    {
        let made = messages::of(world, &world.state(), original);
        said["interaction"]["response_message_id"] = made["id"].clone();
        said["resource"]["message"] = made;
    }
    Ok(said)
}

/// Takes the first answer.
pub(crate) fn first(
    world: &World,
    token: &str,
    answer: &Value,
    files: Vec<(String, Bytes)>,
) -> Result<(), Refusal> {
    let data = &answer["data"];
    let names: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
    let kind = answer["type"].as_u64().unwrap_or(0);
    let interaction = known(world, token)?;
    if interaction.first.is_some() {
        let said = "Interaction has already been acknowledged.";
        return Err(Refusal::new(400, 40060, said));
    }
    if interaction.at.elapsed() > FIRST {
        return Err(Refusal::new(404, 10062, "Unknown interaction"));
    }
    let only = (data["flags"].as_u64().unwrap_or(0) & EPHEMERAL != 0).then_some(interaction.by);
    let mut state = world.state();
    let mut original = interaction.original;
    let mut form = None;
    if (kind == 8) != (interaction.kind == 4) {
        return Err(Refusal::form(
            "type: only what is typed is answered with choices".to_owned(),
        ));
    }
    match kind {
        8 => {
            check::choices(data).map_err(Refusal::form)?;
            form = Some(data.clone());
        }
        4 => {
            check::message(data, &names, true).map_err(Refusal::form)?;
            let message = Message {
                only,
                ..message(interaction.channel, data.clone(), files)
            };
            original = Some(state.put(message));
        }
        5 => {
            let message = Message {
                only,
                loading: true,
                ..message(interaction.channel, json!({}), Vec::new())
            };
            original = Some(state.put(message));
        }
        6 | 7 if interaction.on.is_none() => {
            return Err(Refusal::form(
                "type: there is no message to change".to_owned(),
            ));
        }
        6 => original = interaction.on,
        7 => {
            original = interaction.on;
            let unknown = || Refusal::new(404, 10008, "Unknown Message");
            let found = interaction.on.and_then(|on| state.message(on));
            let found = found.ok_or_else(unknown)?;
            let names = names_after(found, data, &files);
            check::message(data, &names, false).map_err(Refusal::form)?;
            change(found, data.clone(), files);
        }
        9 if interaction.kind == 5 => {
            return Err(Refusal::form(
                "type: a form cannot answer a form".to_owned(),
            ));
        }
        9 => {
            check::modal(data).map_err(Refusal::form)?;
            form = Some(data.clone());
        }
        _ => return Err(Refusal::form(format!("type: {kind}"))),
    }
    if let Some(interaction) = state.interactions.get_mut(token) {
        interaction.first = Some(kind);
        interaction.original = original;
        interaction.form = form;
    }
    Ok(())
}

fn known(world: &World, token: &str) -> Result<Interaction, Refusal> {
    let state = world.state();
    let found = state.interactions.get(token);
    let found = found.ok_or_else(|| Refusal::new(404, 10015, "Unknown Webhook"))?;
    if found.at.elapsed() > world.options.answers_for {
        return Err(Refusal::new(401, 50027, "Invalid Webhook Token"));
    }
    Ok(found.clone())
}

/// Does something with an interaction's token after its first answer.
pub(crate) fn later(
    world: &World,
    method: &str,
    token: &str,
    rest: &[&str],
    body: &Value,
    files: Vec<(String, Bytes)>,
) -> Result<Value, Refusal> {
    let interaction = known(world, token)?;
    if interaction.first.is_none() {
        return Err(Refusal::new(404, 10015, "Unknown Webhook"));
    }
    sizes(world, &files)?;
    let mut state = world.state();
    let unknown = || Refusal::new(404, 10008, "Unknown Message");
    match (method, rest) {
        ("POST", []) => {
            let names: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
            check::message(body, &names, true).map_err(Refusal::form)?;
            let ephemeral = body["flags"].as_u64().unwrap_or(0) & EPHEMERAL != 0;
            let message = Message {
                only: ephemeral.then_some(interaction.by),
                ..message(interaction.channel, body.clone(), files)
            };
            let id = state.put(message);
            Ok(messages::of(world, &state, id))
        }
        (_, ["messages", which]) => {
            let id = match *which {
                "@original" => interaction.original,
                // Of its own messages alone.
                id => id
                    .parse()
                    .ok()
                    .filter(|id| interaction.original == Some(*id)),
            };
            let found = id.and_then(|id| state.message(id)).ok_or_else(unknown)?;
            let id = found.id;
            match method {
                "GET" => {}
                "DELETE" => {
                    state.messages.retain(|message| message.id != id);
                    return Ok(Value::Null);
                }
                _ => {
                    let names = names_after(found, body, &files);
                    check::message(body, &names, false).map_err(Refusal::form)?;
                    change(found, body.clone(), files);
                }
            }
            Ok(messages::of(world, &state, id))
        }
        _ => Err(Refusal::new(404, 0, "404: Not Found")),
    }
}
