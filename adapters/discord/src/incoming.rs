//! From what Discord says to an event: pure, so that every odd interaction is a line in a test.

use std::collections::BTreeMap;

use lorikeet_chat::{
    Attachment, Conversation, Event, EventBody, EventId, Invocation, MediaSource, Origin, Page,
    PageToken, RoomId, Sender, Timestamp, Token, UserId,
};
use lorikeet_renderer_discord::Select;
use serde_json::Value;

use crate::data;
use crate::interaction::{Attached, Given, Interaction, Message, User};
use crate::platform;

/// Kinds of interactions: <https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object-interaction-type>.
mod kind {
    pub(super) const PING: u8 = 1;
    pub(super) const COMMAND: u8 = 2;
    pub(super) const COMPONENT: u8 = 3;
    pub(super) const TYPING: u8 = 4;
    pub(super) const MODAL: u8 = 5;
}

/// Kinds of options: <https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-option-type>.
mod option {
    pub(super) const SUBCOMMAND: u8 = 1;
    pub(super) const ATTACHMENT: u8 = 11;
}

/// The command below another that brings pictures.
pub(crate) const ADD: &str = "add";
/// Its option for the words that go with them.
pub(crate) const CAPTION: &str = "caption";
/// Kinds of messages that people write: a message, and a reply.
const WRITTEN: [u8; 2] = [0, 19];

/// Whom it is for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Me {
    /// The bot's user.
    pub(crate) id: String,
    /// The application, under whose name interactions are answered.
    pub(crate) application: String,
    /// Names of the commands there are.
    pub(crate) commands: Vec<String>,
}

/// Where an answer goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) id: String,
    pub(crate) token: String,
    /// The channel it was done in.
    pub(crate) channel: String,
    /// The message whose component was used, or whose form was filled in.
    pub(crate) on: Option<String>,
    /// Whether a form was filled in: which cannot be answered with another.
    pub(crate) is_form: bool,
    pub(crate) language: Option<String>,
    /// Bytes of a file, at most, in an answer.
    pub(crate) largest_file: Option<u64>,
}

/// What it means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Incoming {
    /// Discord looks whether anybody listens.
    Ping,
    /// Something for the bot.
    Event {
        conversation: Conversation,
        event: Box<Event>,
        asked: Asked,
        /// The form that is to be the answer, if the screen with it is still there.
        window: Option<PageToken>,
    },
    /// Somebody is typing what comes after a command.
    Typing {
        conversation: Conversation,
        command: String,
        typed: String,
    },
    /// It gets a sentence and nothing else.
    Refused {
        asked: Asked,
        sentence: &'static str,
    },
    /// Nothing for the bot; why, for the log.
    Nothing(&'static str),
}

/// Reads an interaction that arrived at a time.
pub(crate) fn read(interaction: Interaction, me: &Me, at: Timestamp) -> Incoming {
    if interaction.kind == kind::PING {
        return Incoming::Ping;
    }
    let (Some(person), Some(channel)) = (interaction.person(), &interaction.channel_id) else {
        return Incoming::Nothing("nobody did it");
    };
    let asked = Asked {
        id: interaction.id.clone(),
        token: interaction.token.clone(),
        channel: channel.clone(),
        on: interaction
            .message
            .as_ref()
            .map(|message| message.id.clone()),
        is_form: interaction.kind == kind::MODAL,
        language: interaction.locale.clone(),
        largest_file: interaction.attachment_size_limit,
    };
    if interaction.kind == kind::TYPING {
        let private = interaction.guild_id.is_none();
        return typing(&interaction, person, (!private).then_some(channel.as_str()));
    }
    let read = match interaction.kind {
        kind::COMMAND => command(&interaction, me),
        kind::COMPONENT => pressed(&interaction, person),
        kind::MODAL => filled(&interaction, person),
        _ => return Incoming::Nothing("a kind of interaction that was not asked for"),
    };
    let (body, window) = match read {
        Ok(EventBody::Page(page)) if matches!(page.page, Page::Field(_)) => {
            (EventBody::Page(page), Some(page))
        }
        Ok(body) => (body, None),
        Err(sentence) => return Incoming::Refused { asked, sentence },
    };
    let nick = interaction
        .member
        .as_ref()
        .and_then(|member| member.nick.clone());
    let room = interaction
        .channel
        .as_ref()
        .and_then(|channel| channel.name.clone());
    let who = Who {
        person,
        nick,
        channel: interaction.guild_id.as_ref().map(|_| channel.as_str()),
        room,
        locale: interaction.locale.clone(),
    };
    match who.event(&interaction.id, body, at) {
        Some((conversation, event)) => Incoming::Event {
            conversation,
            event,
            asked,
            window,
        },
        None => Incoming::Nothing("ids that are none"),
    }
}

/// A command, and what was given with it.
fn command(interaction: &Interaction, me: &Me) -> Result<EventBody, &'static str> {
    let data = &interaction.data;
    if !me.commands.contains(&data.name) {
        return Err("command-unknown");
    }
    let (below, options) = match data.options.first() {
        Some(first) if first.kind == option::SUBCOMMAND => (first.name.as_str(), &first.options),
        _ => ("", &data.options),
    };
    if below == ADD {
        return brought(interaction, options);
    }
    let given = options
        .iter()
        .find(|given| given.kind != option::ATTACHMENT);
    let arguments = match given.map(|given| &given.value) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    };
    Ok(EventBody::Command(
        Invocation::new(data.name.as_str()).with(arguments),
    ))
}

/// The option that is being typed; on a server, the channel.
fn typing(interaction: &Interaction, person: &User, channel: Option<&str>) -> Incoming {
    let data = &interaction.data;
    let options = match data.options.first() {
        Some(first) if first.kind == option::SUBCOMMAND => &first.options,
        _ => &data.options,
    };
    let focused = options.iter().find(|given| given.focused);
    let typed = focused.and_then(|given| given.value.as_str());
    match place(person, channel) {
        Some(conversation) => Incoming::Typing {
            conversation,
            command: data.name.clone(),
            typed: typed.unwrap_or_default().to_owned(),
        },
        None => Incoming::Nothing("ids that are none"),
    }
}

/// Pictures that came with a command, in the order of their options.
fn brought(interaction: &Interaction, options: &[Given]) -> Result<EventBody, &'static str> {
    let mut files: Vec<(&str, &Attached)> = Vec::new();
    for given in options
        .iter()
        .filter(|given| given.kind == option::ATTACHMENT)
    {
        let attachments = &interaction.data.resolved.attachments;
        let file = given.value.as_str().and_then(|id| attachments.get(id));
        files.extend(file.map(|file| (given.name.as_str(), file)));
    }
    // image1, image2, …, image10.
    files.sort_by_key(|(name, _)| (name.len(), *name));
    let items = attachments(files.into_iter().map(|(_, file)| file));
    if items.is_empty() {
        return Err("message-no-picture");
    }
    let caption = options.iter().find(|given| given.name == CAPTION);
    let caption = caption.and_then(|given| given.value.as_str());
    Ok(EventBody::Media {
        items,
        text: caption.unwrap_or_default().trim().to_owned(),
        place: String::new(),
    })
}

fn attachments<'a>(files: impl Iterator<Item = &'a Attached>) -> Vec<Attachment> {
    files
        .filter_map(|file| {
            Some(Attachment {
                source: MediaSource::new(file.url.as_str()).ok()?,
                name: file.filename.clone(),
                size: file.size,
            })
        })
        .collect()
}

/// A button, or an option of a choice.
fn pressed(interaction: &Interaction, person: &User) -> Result<EventBody, &'static str> {
    let data = &interaction.data;
    let control = ours(&data.custom_id, person)?;
    let token = if control.starts_with(Select::PREFIX) {
        let picked = data.values.first().map(String::as_str);
        picked.ok_or("press-unknown")?
    } else {
        control
    };
    token
        .parse::<Token>()
        .map(EventBody::Press)
        .or_else(|_| token.parse().map(EventBody::Page))
        .map_err(|_| "press-unknown")
}

/// A form that was filled in.
fn filled(interaction: &Interaction, person: &User) -> Result<EventBody, &'static str> {
    let data = &interaction.data;
    let page: PageToken = ours(&data.custom_id, person)?
        .parse()
        .map_err(|_| "press-unknown")?;
    let typed = data.components.iter().flat_map(|row| &row.components);
    let values: BTreeMap<u32, String> = typed
        .filter_map(|typed| Some((typed.custom_id.parse().ok()?, typed.value.clone())))
        .collect();
    Ok(EventBody::Filled { page, values })
}

/// The control of a component of this person's.
fn ours<'a>(custom_id: &'a str, person: &User) -> Result<&'a str, &'static str> {
    let carried = data::read(custom_id).ok_or("press-unknown")?;
    match carried.owner {
        Some(owner) if Ok(owner) != person.id.parse() => Err("press-foreign"),
        _ => Ok(carried.control),
    }
}

/// What a message means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Heard {
    /// Something for the bot.
    Event {
        conversation: Conversation,
        event: Box<Event>,
    },
    /// A message that gets a sentence and nothing else.
    Told {
        channel: String,
        message: String,
        sentence: &'static str,
    },
    /// Nothing for the bot; why, for the log.
    Nothing(&'static str),
}

/// Reads a message that arrived at a time: for the bot in private, or where it names the bot.
pub(crate) fn hear(message: &Message, me: &Me, at: Timestamp) -> Heard {
    let private = message.guild_id.is_none();
    if message.author.id == me.id {
        return Heard::Nothing("its own");
    }
    if message.author.bot || message.webhook_id.is_some() {
        return Heard::Nothing("another bot");
    }
    if !WRITTEN.contains(&message.kind) {
        return Heard::Nothing("nothing that somebody wrote");
    }
    if !private && !message.mentions.iter().any(|user| user.id == me.id) {
        return Heard::Nothing("a server's talk");
    }
    let text = without_mention(&message.content, &me.id);
    let items = attachments(message.attachments.iter());
    let body = if let Some(invocation) = spoken(&text, private, me) {
        EventBody::Command(invocation)
    } else if !items.is_empty() {
        EventBody::Media {
            items,
            text,
            place: String::new(),
        }
    } else if !message.sticker_items.is_empty() {
        return Heard::Told {
            channel: message.channel_id.clone(),
            message: message.id.clone(),
            sentence: "message-no-picture",
        };
    } else if text.is_empty() {
        return Heard::Nothing("a message without content");
    } else {
        EventBody::Text(text)
    };
    let who = Who {
        person: &message.author,
        nick: None,
        channel: (!private).then_some(message.channel_id.as_str()),
        room: None,
        locale: None,
    };
    match who.event(&message.id, body, at) {
        Some((conversation, event)) => Heard::Event {
            conversation,
            event,
        },
        None => Heard::Nothing("ids that are none"),
    }
}

/// A message without the names of the bot in it: `<@id>` or `<@!id>`.
fn without_mention(text: &str, id: &str) -> String {
    let text = text.replace(&format!("<@{id}>"), " ");
    text.replace(&format!("<@!{id}>"), " ").trim().to_owned()
}

/// A command that was typed: `/name`, or on a server its bare name behind the bot's.
fn spoken(text: &str, private: bool, me: &Me) -> Option<Invocation> {
    let (head, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let name = match head.strip_prefix('/') {
        Some(name) => name,
        None if private => return None,
        None => head,
    };
    let name = name.to_lowercase();
    let known = me.commands.contains(&name) || head.starts_with('/');
    (known && !name.is_empty()).then(|| Invocation::new(name).with(rest.trim()))
}

/// The conversation of a person: in a channel, or in private.
fn place(person: &User, channel: Option<&str>) -> Option<Conversation> {
    let room = channel.unwrap_or(&person.id);
    // Numbers: whatever else they were would end in addresses.
    room.parse::<u64>().ok()?;
    person.id.parse::<u64>().ok()?;
    Some(Conversation {
        platform: platform(),
        room: RoomId::new(room).ok()?,
        thread: None,
        user: UserId::new(person.id.as_str()).ok()?,
    })
}

/// Who did something, and where.
struct Who<'a> {
    person: &'a User,
    nick: Option<String>,
    /// None in private.
    channel: Option<&'a str>,
    room: Option<String>,
    locale: Option<String>,
}

impl Who<'_> {
    fn event(self, id: &str, body: EventBody, at: Timestamp) -> Option<(Conversation, Box<Event>)> {
        let person = self.person;
        let order: u64 = id.parse().ok()?;
        let conversation = place(person, self.channel)?;
        let name = self.nick.or_else(|| person.global_name.clone());
        let sender = Sender {
            name: name.unwrap_or_else(|| person.username.clone()),
            room: self
                .room
                .filter(|_| self.channel.is_some())
                .map_or_else(|| "Discord".to_owned(), |name| format!("#{name}")),
            locale: self.locale,
            private: self.channel.is_none(),
            sign: None,
        };
        let event = Event {
            id: EventId::new(id).ok()?,
            order: Some(order),
            coalesce: None,
            batch: None,
            origin: Origin::Person,
            at,
            sender: Some(sender),
            body,
        };
        Some((conversation, Box::new(event)))
    }
}

#[cfg(test)]
mod tests;
