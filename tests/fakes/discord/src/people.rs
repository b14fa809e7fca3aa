//! People, and what they do: with the checks that their client makes.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::FakeDiscord;
use crate::endpoint::{interact, now};
use crate::messages;
use crate::sees::Seen;
use crate::world::{Channel, Interaction, User, World};

/// Somebody with an account.
#[derive(Clone, Debug)]
pub struct Person {
    pub(crate) world: Arc<World>,
    pub(crate) id: u64,
}

/// A channel: one person's own with the bot, or one of a server.
#[derive(Clone, Debug)]
pub struct Room {
    pub(crate) world: Arc<World>,
    pub(crate) id: u64,
}

/// What a person saw an interaction answered with first.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// "This interaction failed".
    Failed,
    /// A new message.
    Message(u64),
    /// "… is thinking".
    Later,
    /// The message was acknowledged, and stays.
    Kept,
    /// The message changed.
    Changed,
    /// A form.
    Form(Value),
    /// What could be typed.
    Choices(Vec<String>),
}

/// Something given to a command.
#[derive(Clone, Debug)]
pub enum Given<'a> {
    /// Words.
    Text(&'a str),
    /// A file, by name.
    File(&'a str, &'a [u8]),
}

impl FakeDiscord {
    /// Somebody new. The language as Discord names it: `en-US`, `de`.
    pub fn person(&self, name: &str, locale: &str) -> Person {
        let mut state = self.world.state();
        let id = state.id();
        let user = User {
            name: name.to_owned(),
            locale: locale.to_owned(),
            closed: false,
        };
        state.users.insert(id, user);
        Person {
            world: Arc::clone(&self.world),
            id,
        }
    }

    /// A channel of a server, with these people.
    pub fn channel(&self, name: &str, people: &[&Person]) -> Room {
        let mut state = self.world.state();
        let (guild, id) = (state.id(), state.id());
        let channel = Channel {
            name: name.to_owned(),
            guild: Some(guild),
            members: people.iter().map(|person| person.id).collect(),
            is_open: true,
        };
        state.channels.insert(id, channel);
        Room {
            world: Arc::clone(&self.world),
            id,
        }
    }
}

impl Person {
    /// Their id.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Their own channel with the bot.
    pub fn private(&self) -> Room {
        let id = self.world.state().private(self.id);
        Room {
            world: Arc::clone(&self.world),
            id,
        }
    }

    /// Takes no private messages any more, or takes them again.
    pub fn closes_messages(&self, closed: bool) {
        if let Some(user) = self.world.state().users.get_mut(&self.id) {
            user.closed = closed;
        }
    }

    /// Uses a command, with the one below it where there is one: `train add`. The interaction's token.
    ///
    /// # Errors
    /// When no such command is published, or it does not take what was given.
    pub fn uses(&self, room: &Room, words: &str, given: &[(&str, Given<'_>)]) -> Result<String> {
        let (name, below) = words.split_once(' ').unwrap_or((words, ""));
        let defined = self.defined(room, name)?;
        let mut definition = &defined;
        if !below.is_empty() {
            definition = find(&defined["options"], below)
                .with_context(|| format!("/{name} has no {below}"))?;
        }
        let mut attachments = json!({});
        let mut options = Vec::new();
        for (key, value) in given {
            let option = find(&definition["options"], key)
                .with_context(|| format!("/{words} takes no {key}"))?;
            let kind = option["type"].as_u64().unwrap_or(0);
            let value = match value {
                Given::Text(text) => {
                    ensure!(kind == 3, "{key} is of type {kind}");
                    json!(text)
                }
                Given::File(file, bytes) => {
                    ensure!(kind == 11, "{key} is of type {kind}");
                    let id = self.world.state().id();
                    attachments[id.to_string()] = self.uploaded(id, file, bytes);
                    json!(id.to_string())
                }
            };
            options.push(json!({ "name": key, "type": kind, "value": value }));
        }
        let all = definition["options"].as_array();
        for option in all.into_iter().flatten() {
            let is_given = given.iter().any(|(key, _)| option["name"] == *key);
            ensure!(
                is_given || option["required"] != true,
                "{} is required",
                option["name"]
            );
        }
        if !below.is_empty() {
            options = vec![json!({ "name": below, "type": 1, "options": options })];
        }
        let data = json!({
            "id": "1", "name": name, "type": 1, "options": options,
            "resolved": { "attachments": attachments },
        });
        Ok(self.does(room, 2, data, None))
    }

    /// Types at an option of a command without using it yet. The interaction's token.
    ///
    /// # Errors
    /// When no such command is published, or nothing is offered for that option.
    pub fn types(&self, room: &Room, name: &str, option: &str, typed: &str) -> Result<String> {
        let defined = self.defined(room, name)?;
        let definition = find(&defined["options"], option)
            .with_context(|| format!("/{name} takes no {option}"))?;
        ensure!(definition["autocomplete"] == true, "nothing is offered");
        let given = json!({ "name": option, "type": 3, "value": typed, "focused": true });
        let data = json!({ "id": "1", "name": name, "type": 1, "options": [given] });
        Ok(self.does(room, 4, data, None))
    }

    /// Writes a message, with files of these names; its id.
    pub fn writes(&self, room: &Room, text: &str, files: &[(&str, &[u8])]) -> u64 {
        let mut uploaded = Vec::new();
        for (name, bytes) in files {
            let id = self.world.state().id();
            uploaded.push(self.uploaded(id, name, bytes));
        }
        messages::write(&self.world, room.id, self.id, text, &uploaded)
    }

    fn defined(&self, room: &Room, name: &str) -> Result<Value> {
        let state = self.world.state();
        let guild = state.channels.get(&room.id).and_then(|room| room.guild);
        let everywhere = state.commands.get(&0);
        let here = guild.and_then(|guild| state.commands.get(&guild));
        here.or(everywhere)
            .and_then(|commands| find(commands, name))
            .cloned()
            .with_context(|| format!("/{name} is not published"))
    }

    fn uploaded(&self, id: u64, name: &str, bytes: &[u8]) -> Value {
        let mut state = self.world.state();
        let path = format!("{id}/{name}");
        state
            .files
            .insert(path.clone(), Bytes::copy_from_slice(bytes));
        json!({
            "id": id.to_string(), "filename": name, "size": bytes.len(),
            "url": format!("{}/attachments/{path}?ex=1&is=1&hm=1", self.world.url),
            "proxy_url": format!("{}/attachments/{path}?ex=1&is=1&hm=1", self.world.url),
        })
    }

    /// Presses a button, or picks an option, of a message that they see. The interaction's token.
    ///
    /// # Errors
    /// When it is not there.
    pub fn presses(&self, room: &Room, message: u64, label: &str) -> Result<String> {
        let seen = room
            .seen_by(self)
            .into_iter()
            .find(|seen| seen.id == message);
        let seen = seen.context("no such message")?;
        let control = seen
            .controls
            .iter()
            .find(|control| control.label == label)
            .with_context(|| format!("no {label:?} among {:?}", seen.labels()))?;
        let kind = if control.value.is_some() { 3 } else { 2 };
        let values: Vec<&String> = control.value.iter().collect();
        let data = json!({
            "custom_id": control.custom_id, "component_type": kind, "values": values,
        });
        Ok(self.does(room, 3, data, Some(message)))
    }

    /// Uses a component that need not be there: of an older version, or made up. The interaction's token.
    pub fn sends_component(&self, room: &Room, message: u64, custom_id: &str) -> String {
        let data = json!({ "custom_id": custom_id, "component_type": 2, "values": [] });
        self.does(room, 3, data, Some(message))
    }

    /// Fills in the form that an interaction showed, by the labels of its fields; the others stay as they are. The token of the
    /// interaction that it makes.
    ///
    /// # Errors
    /// When there is no form, or no such field, or the client would not take it.
    pub fn fills(&self, token: &str, values: &[(&str, &str)]) -> Result<String> {
        self.filled(token, values, true)
    }

    /// The same by a client that does not look at lengths.
    ///
    /// # Errors
    /// When there is no form, or no such field.
    pub fn fills_unchecked(&self, token: &str, values: &[(&str, &str)]) -> Result<String> {
        self.filled(token, values, false)
    }

    fn filled(&self, token: &str, values: &[(&str, &str)], checked: bool) -> Result<String> {
        let (form, room, on) = {
            let state = self.world.state();
            let interaction = state.interactions.get(token).context("no interaction")?;
            let form = interaction.form.clone().context("no form")?;
            (form, interaction.channel, interaction.on)
        };
        let rows = form["components"].as_array().context("rows")?;
        let mut components = Vec::new();
        for (label, _) in values {
            let labelled = |row: &Value| row["components"][0]["label"] == *label;
            ensure!(rows.iter().any(labelled), "no field {label} in {form}");
        }
        for row in rows {
            let input = &row["components"][0];
            let typed = values.iter().find(|(label, _)| input["label"] == *label);
            let value = typed.map_or_else(
                || input["value"].as_str().unwrap_or_default(),
                |(_, value)| value,
            );
            let length = value.chars().count() as u64;
            let required = input["required"] != false;
            let too_long = length > input["max_length"].as_u64().unwrap_or(4_000);
            let too_short = required && length < input["min_length"].as_u64().unwrap_or(1);
            if checked && (too_long || too_short) {
                bail!("the client does not send {length} characters");
            }
            let typed = json!({ "type": 4, "custom_id": input["custom_id"], "value": value });
            components.push(json!({ "type": 1, "components": [typed] }));
        }
        let data = json!({ "custom_id": form["custom_id"], "components": components });
        let room = Room {
            world: Arc::clone(&self.world),
            id: room,
        };
        Ok(self.does(&room, 5, data, on))
    }

    /// The JSON of something this person does, and the interaction it is.
    fn does(&self, room: &Room, kind: u64, data: Value, on: Option<u64>) -> String {
        let (payload, interaction, token) = {
            let mut state = self.world.state();
            let id = state.id();
            let token = format!("token-{id}");
            let user = state.users.get(&self.id).cloned();
            let (name, locale) = user
                .map(|user| (user.name, user.locale))
                .unwrap_or_default();
            let channel = state.channels.get(&room.id).cloned();
            let guild = channel.as_ref().and_then(|channel| channel.guild);
            let user = json!({ "id": self.id.to_string(), "username": name.to_lowercase(), "global_name": name });
            let context = u64::from(guild.is_none());
            let mut payload = json!({
                "entitlements": [], "app_permissions": "2147483647", "context": context,
                "authorizing_integration_owners": { "0": guild.unwrap_or_default().to_string() },
                "id": id.to_string(), "application_id": self.world.bot.to_string(), "type": kind, "token": token, "version": 1,
                "channel_id": room.id.to_string(), "locale": locale, "data": data,
                "channel": { "id": room.id.to_string(), "type": context, "name": channel.map(|channel| channel.name) },
                "attachment_size_limit": self.world.options.largest_file,
            });
            match guild {
                Some(guild) => {
                    payload["guild_id"] = json!(guild.to_string());
                    payload["member"] = json!({
                        "user": user, "roles": [], "permissions": "2147483647", "flags": 0,
                        "joined_at": "2026-01-01T00:00:00.000000+00:00", "deaf": false, "mute": false,
                    });
                }
                None => payload["user"] = user,
            }
            if let Some(on) = on {
                payload["message"] = match messages::of(&self.world, &state, on) {
                    // Somebody deleted it meanwhile; the press says what it was on all the same.
                    serde_json::Value::Null => json!({ "id": on.to_string() }),
                    message => message,
                };
            }
            let interaction = Interaction {
                by: self.id,
                channel: room.id,
                kind,
                on,
                at: now(),
                first: None,
                original: None,
                form: None,
                failed: false,
            };
            (payload, interaction, token)
        };
        interact(&self.world, interaction, payload, token.clone());
        token
    }
}

fn find<'a>(all: &'a Value, name: &str) -> Option<&'a Value> {
    all.as_array()?.iter().find(|one| one["name"] == name)
}

impl Room {
    /// Its id.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The server it is on.
    pub fn guild(&self) -> Option<u64> {
        let state = self.world.state();
        state.channels.get(&self.id).and_then(|room| room.guild)
    }

    /// Lets the bot's role on its server do this alone, as a set of bits.
    pub fn bot_may(&self, permissions: u64) {
        let mut state = self.world.state();
        if let Some(guild) = state.channels.get(&self.id).and_then(|room| room.guild) {
            state.permissions.insert(guild, permissions);
        }
    }

    /// It is deleted, with all that stood there.
    pub fn is_deleted(&self) {
        let mut state = self.world.state();
        state.channels.remove(&self.id);
        state.messages.retain(|message| message.channel != self.id);
    }

    /// Lets the bot see it and speak there, or not.
    pub fn lets_bot_in(&self, open: bool) {
        if let Some(channel) = self.world.state().channels.get_mut(&self.id) {
            channel.is_open = open;
        }
    }

    /// Somebody deletes a message.
    pub fn loses(&self, message: u64) {
        self.world
            .state()
            .messages
            .retain(|other| other.id != message);
    }

    /// The bot's messages as one person sees them, oldest first.
    pub fn seen_by(&self, person: &Person) -> Vec<Seen> {
        let state = self.world.state();
        let messages = state.messages.iter().filter(|message| {
            message.channel == self.id
                && message.by.is_none()
                && message.only.is_none_or(|only| only == person.id)
        });
        messages.map(Seen::of).collect()
    }

    /// Waits for a message that one person sees; the newest that passes.
    ///
    /// # Errors
    /// After `patience`, with what is there.
    pub async fn wait_for(
        &self,
        person: &Person,
        what: &str,
        patience: Duration,
        test: impl Fn(&Seen) -> bool,
    ) -> Result<Seen> {
        let found = || self.seen_by(person).into_iter().rev().find(&test);
        let waited = wait_until(&self.world, what, patience, found).await;
        waited.with_context(|| {
            let last = self.seen_by(person);
            let last: Vec<String> = last.iter().rev().take(4).map(Seen::shortly).collect();
            format!("the channel ends with {}", last.join(" | "))
        })
    }
}

impl FakeDiscord {
    /// Waits for an interaction's first answer.
    ///
    /// # Errors
    /// After `patience`.
    pub async fn shown(&self, token: &str, patience: Duration) -> Result<Shown> {
        let shown = || {
            let state = self.world.state();
            let interaction = state.interactions.get(token)?;
            if interaction.failed {
                return Some(Shown::Failed);
            }
            let original = interaction.original.unwrap_or_default();
            Some(match interaction.first? {
                4 => Shown::Message(original),
                5 => Shown::Later,
                6 => Shown::Kept,
                7 => Shown::Changed,
                8 => {
                    let choices = interaction.form.as_ref()?["choices"].as_array()?;
                    let names = choices.iter().filter_map(|choice| choice["name"].as_str());
                    Shown::Choices(names.map(str::to_owned).collect())
                }
                _ => Shown::Form(interaction.form.clone().unwrap_or_default()),
            })
        };
        wait_until(&self.world, "an answer", patience, shown).await
    }

    /// Waits until something is there.
    ///
    /// # Errors
    /// After `patience`.
    pub async fn wait_until<T>(
        &self,
        what: &str,
        patience: Duration,
        found: impl Fn() -> Option<T>,
    ) -> Result<T> {
        wait_until(&self.world, what, patience, found).await
    }
}

async fn wait_until<T>(
    world: &World,
    what: &str,
    patience: Duration,
    found: impl Fn() -> Option<T>,
) -> Result<T> {
    let waiting = async {
        loop {
            let changed = world.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if let Some(found) = found() {
                return found;
            }
            changed.await;
        }
    };
    tokio::time::timeout(patience, waiting)
        .await
        .with_context(|| format!("waited {} s for {what}", patience.as_secs()))
}
