//! Commands as clients complete them: a state event each, in rooms that let the bot send one.
//! <https://github.com/matrix-org/matrix-spec-proposals/pull/4391>, which is not part of the specification yet.

use std::sync::PoisonError;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lorikeet_chat::Invocation;
use lorikeet_platform::{CommandHelp, Told};
use matrix_sdk::Room;
use matrix_sdk::deserialized_responses::RawAnySyncOrStrippedState as Known;
use matrix_sdk::ruma::events::StateEventType;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::time::sleep;

use crate::Shared;
use crate::refusal::Refusal;

/// The proposal's names while it is one.
const DESCRIPTION: &str = "org.matrix.msc4391.command_description";
const COMMAND: [&str; 2] = ["m.bot.command", "org.matrix.msc4391.command"];
/// What comes first in a room is what somebody asked for.
const LATER: Duration = Duration::from_secs(3);

/// A command's state key and content.
fn description(command: &CommandHelp, bot: &str) -> (String, Value) {
    let parameters: Vec<Value> = command
        .argument
        .iter()
        .map(|argument| {
            let kind = if argument.is_number {
                "integer"
            } else {
                "string"
            };
            json!({
                "key": argument.name,
                "schema": { "schema_type": "primitive", "type": kind },
                "description": text(&argument.summary),
                "optional": !argument.required,
            })
        })
        .collect();
    let content = json!({
        "command": command.name,
        "parameters": parameters,
        "description": text(&command.summary),
    });
    // Two bots' commands of one name have different keys.
    let key = STANDARD.encode(Sha256::digest([command.name.as_str(), bot].concat()));
    (key, content)
}

fn text(told: &Told) -> Value {
    json!({ "m.text": [{ "body": told.usual }] })
}

/// The command that a client says a message is, beside what stands in it.
pub(crate) fn invoked(content: &Value) -> Option<Invocation> {
    let said = COMMAND
        .iter()
        .map(|key| &content[*key])
        .find(|said| said.is_object())?;
    let name = said["command"].as_str()?;
    let values = said["arguments"]
        .as_object()
        .into_iter()
        .flat_map(|all| all.values());
    // Each command has one argument at most.
    let argument = values.into_iter().find_map(|value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    Some(Invocation::new(name).with(argument.unwrap_or_default().trim()))
}

impl Shared {
    /// Tells a room which commands there are, as far as it does not know and may be told.
    pub(crate) async fn describe(&self, room: &Room) {
        sleep(LATER).await;
        let commands = self
            .commands
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let kind = StateEventType::from(DESCRIPTION);
        let levels = room.power_levels_or_default().await;
        if !levels.user_can_send_state(room.own_user_id(), kind.clone()) {
            return;
        }
        for command in &commands {
            let (key, content) = description(command, &self.config.user);
            let known = room
                .get_state_event(kind.clone(), &key)
                .await
                .ok()
                .flatten();
            let known = match known {
                Some(Known::Sync(event)) => event.get_field::<Value>("content").ok().flatten(),
                Some(Known::Stripped(_)) | None => None,
            };
            if known.as_ref() == Some(&content) {
                continue;
            }
            while let Err(error) = room
                .send_state_event_raw(DESCRIPTION, &key, content.clone())
                .await
            {
                match Refusal::of(&error) {
                    Refusal::Pause(after) => sleep(after.unwrap_or(LATER)).await,
                    refusal => {
                        tracing::debug!(room = %room.room_id(), %refusal, "a command was not described");
                        return;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_described_by_name_and_bot() {
        let told = Told {
            usual: "Train a new LoRA".to_owned(),
            ..Told::default()
        };
        let command = CommandHelp::new("train", told);
        let (key, content) = description(&command, "@lorikeet:example.org");
        assert_eq!(key.len(), 44);
        assert_ne!(key, description(&command, "@other:example.org").0);
        assert_eq!(
            content,
            json!({
                "command": "train", "parameters": [],
                "description": { "m.text": [{ "body": "Train a new LoRA" }] },
            })
        );
    }

    #[test]
    fn commands_are_read_as_clients_send_them() {
        for key in COMMAND {
            let content = json!({
                "body": "@lorikeet train", key: { "command": "train", "arguments": { "name": " My cat " } },
            });
            let expected = Invocation::new("train").with("My cat");
            assert_eq!(invoked(&content), Some(expected));
        }
        let number =
            json!({ "m.bot.command": { "command": "runs", "arguments": { "number": 3 } } });
        assert_eq!(invoked(&number), Some(Invocation::new("runs").with("3")));
        for odd in [
            json!({}),
            json!({ "m.bot.command": "train" }),
            json!({ "m.bot.command": {} }),
        ] {
            assert_eq!(invoked(&odd), None, "{odd}");
        }
    }
}
