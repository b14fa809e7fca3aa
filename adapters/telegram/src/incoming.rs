//! From an update to an event: pure, so that every odd message is a line in a test.

use lorikeet_chat::{
    Attachment, Conversation, Event, EventBody, EventId, Invocation, MediaSource, Origin,
    PageToken, RoomId, Sender, ThreadId, Timestamp, Token, UserId,
};
use lorikeet_platform::CommandHelp;

use crate::data;
use crate::platform;
use crate::update::{CallbackQuery, Chat, Document, Entity, Message, PhotoSize, Update, User};

/// Behind whose name administrators post unseen: `@GroupAnonymousBot`.
const ANONYMOUS_ADMIN: u64 = 1_087_968_824;

/// Whom the updates are for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Me {
    pub(crate) id: u64,
    pub(crate) username: String,
    /// Names of the commands that deep links open.
    pub(crate) commands: Vec<String>,
    /// Bytes of a file at most; none with a server of one's own.
    pub(crate) download: Option<u64>,
}

/// What an update means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Incoming {
    /// Something for the bot; of a press, the query that waits for an answer.
    Event {
        conversation: Conversation,
        event: Box<Event>,
        query: Option<String>,
    },
    /// A press that gets a sentence and nothing else.
    Refused {
        query: String,
        language: Option<String>,
        sentence: &'static str,
    },
    /// A message that gets a sentence and nothing else.
    Told {
        chat: i64,
        thread: Option<i64>,
        message: i64,
        language: Option<String>,
        sentence: &'static str,
    },
    /// Nothing for the bot; why, for the log.
    Nothing(&'static str),
}

/// Reads an update that arrived at a time.
pub(crate) fn read(update: Update, me: &Me, at: Timestamp) -> Incoming {
    let number = update.update_id;
    if let Some(query) = update.callback_query {
        return press(number, *query, at);
    }
    if let Some(message) = update.edited_message {
        return edited(number, *message, me, at);
    }
    match update.message {
        Some(message) => self::message(number, *message, me, at),
        None => Incoming::Nothing("a kind of update that was not asked for"),
    }
}

fn press(number: u64, query: CallbackQuery, at: Timestamp) -> Incoming {
    let refused = |query: CallbackQuery, sentence| Incoming::Refused {
        query: query.id,
        language: query.from.language_code,
        sentence,
    };
    let (Some(pressed), Some(text)) = (&query.message, &query.data) else {
        return refused(query, "press-unknown");
    };
    let Some(data) = data::read(text) else {
        return refused(query, "press-unknown");
    };
    if data.owner.is_some_and(|owner| owner != query.from.id) {
        return refused(query, "press-foreign");
    }
    let body = match data.control.parse::<Token>() {
        Ok(token) => EventBody::Press(token),
        Err(_) => match data.control.parse::<PageToken>() {
            Ok(page) => EventBody::Page(page),
            Err(_) => return refused(query, "press-unknown"),
        },
    };
    // A message that Telegram has forgotten does not say its topic.
    let thread = data.thread.or(pressed
        .message_thread_id
        .filter(|_| pressed.is_topic_message));
    event(number, &pressed.chat, thread, &query.from, None, body, at).map_or(
        Incoming::Nothing("ids that are none"),
        |(conversation, event)| Incoming::Event {
            conversation,
            event,
            query: Some(query.id),
        },
    )
}

fn message(number: u64, message: Message, me: &Me, at: Timestamp) -> Incoming {
    let (chat, private) = (&message.chat, message.chat.is_private());
    if !private && !chat.is_group() {
        return Incoming::Nothing("a channel");
    }
    let Some(from) = &message.from else {
        return Incoming::Nothing("nobody sent it");
    };
    let thread = message
        .message_thread_id
        .filter(|_| message.is_topic_message);
    let told = |sentence| Incoming::Told {
        chat: message.chat.id,
        thread,
        message: message.message_id,
        language: from.language_code.clone(),
        sentence,
    };
    let text = message.text.as_deref().unwrap_or_default();
    let command = match command(text, &message.entities, me) {
        Addressed::Us(command) => Some(command),
        Addressed::Other => return Incoming::Nothing("a command for another bot"),
        Addressed::None => None,
    };
    let replies = message
        .reply_to_message
        .as_ref()
        .and_then(|reply| reply.from.as_ref())
        .is_some_and(|from| from.id == me.id);
    let entities = if message.text.is_some() {
        &message.entities
    } else {
        &message.caption_entities
    };
    let words = message.text.as_deref().or(message.caption.as_deref());
    // Where nobody else is, its name is a word like any other.
    let mention = mention(words.unwrap_or_default(), entities, me).filter(|_| !private);
    // In a group people also talk to one another.
    if !private && command.is_none() && !replies && mention.is_none() {
        return Incoming::Nothing("a group's talk");
    }
    if from.id == ANONYMOUS_ADMIN || message.sender_chat.is_some() {
        return told("message-anonymous");
    }
    if from.is_bot {
        return Incoming::Nothing("another bot");
    }
    let said = mention.unwrap_or_else(|| words.unwrap_or_default().to_owned());
    let body = if let Some(command) = command {
        EventBody::Command(command)
    } else if let Some(attachment) = attachment(&message, me) {
        match attachment {
            Ok(item) => EventBody::Media {
                items: vec![item],
                text: said,
                place: String::new(),
            },
            Err(sentence) => return told(sentence),
        }
    } else if message.has_something_else() {
        return told("message-no-picture");
    } else if message.text.is_some() && !said.trim().is_empty() {
        EventBody::Text(said)
    } else {
        return Incoming::Nothing("a message without content");
    };
    let batch = message.media_group_id.clone();
    event(number, chat, thread, from, batch, body, at).map_or(
        Incoming::Nothing("ids that are none"),
        |(conversation, event)| Incoming::Event {
            conversation,
            event,
            query: None,
        },
    )
}

/// What was changed after it was sent. By then it has been used, so nothing changes but that the person knows.
fn edited(number: u64, message: Message, me: &Me, at: Timestamp) -> Incoming {
    let (chat, id) = (message.chat.id, message.message_id);
    match self::message(number, message, me, at) {
        Incoming::Event {
            conversation,
            event,
            ..
        } => Incoming::Told {
            chat,
            thread: conversation
                .thread
                .and_then(|thread| thread.as_str().parse().ok()),
            message: id,
            language: event.sender.and_then(|sender| sender.locale),
            sentence: "message-edited",
        },
        _ => Incoming::Nothing("an edit of what was not used"),
    }
}

fn event(
    number: u64,
    chat: &Chat,
    thread: Option<i64>,
    from: &User,
    batch: Option<String>,
    body: EventBody,
    at: Timestamp,
) -> Option<(Conversation, Box<Event>)> {
    let conversation = Conversation {
        platform: platform(),
        room: RoomId::new(chat.id.to_string()).ok()?,
        thread: thread.and_then(|thread| ThreadId::new(thread.to_string()).ok()),
        user: UserId::new(from.id.to_string()).ok()?,
    };
    let name = [Some(from.first_name.as_str()), from.last_name.as_deref()];
    let name: Vec<&str> = name
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    let sender = Sender {
        name: name.join(" "),
        room: chat.title.clone().unwrap_or_else(|| "Telegram".to_owned()),
        locale: from.language_code.clone(),
        // A private chat has the number of its person; groups have negative ones.
        private: u64::try_from(chat.id) == Ok(from.id),
        sign: None,
    };
    let event = Event {
        id: EventId::new(number.to_string()).ok()?,
        order: Some(number),
        coalesce: None,
        batch,
        origin: Origin::Person,
        at,
        sender: Some(sender),
        body,
    };
    Some((conversation, Box::new(event)))
}

/// To whom a command is said.
enum Addressed {
    None,
    Us(Invocation),
    Other,
}

/// The command a text begins with.
fn command(text: &str, entities: &[Entity], me: &Me) -> Addressed {
    let begins = entities
        .iter()
        .find(|entity| entity.kind == "bot_command" && entity.offset == 0);
    let Some(entity) = begins else {
        return Addressed::None;
    };
    // A command has only ASCII letters: its units are bytes.
    let Some((head, rest)) = text.split_at_checked(entity.length) else {
        return Addressed::None;
    };
    let head = head.trim_start_matches('/');
    let (name, addressed) = head.split_once('@').unwrap_or((head, ""));
    if !addressed.is_empty() && !addressed.eq_ignore_ascii_case(&me.username) {
        return Addressed::Other;
    }
    let rest = rest.trim();
    if name == "start" && !rest.is_empty() {
        return Addressed::Us(deep_link(rest, me));
    }
    Addressed::Us(Invocation::new(name.to_lowercase()).with(rest))
}

/// The names of commands that a link may open, whoever made it.
pub(crate) fn linkable(commands: &[CommandHelp]) -> Vec<String> {
    let secret = |command: &CommandHelp| {
        let argument = command.argument.as_ref();
        argument.is_some_and(|argument| argument.is_secret)
    };
    let open = commands.iter().filter(|command| !secret(command));
    open.map(|command| command.name.clone()).collect()
}

/// What `https://t.me/bot?start=train_my_cat` opens: a command and, behind the first `_`, its argument. Anything else is a start.
fn deep_link(payload: &str, me: &Me) -> Invocation {
    let (name, argument) = payload.split_once('_').unwrap_or((payload, ""));
    if me.commands.iter().any(|command| command == name) {
        Invocation::new(name).with(argument.replace('_', " ").trim())
    } else {
        Invocation::new("start")
    }
}

/// A text that names the bot, without the name.
fn mention(text: &str, entities: &[Entity], me: &Me) -> Option<String> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let name = format!("@{}", me.username);
    entities
        .iter()
        .filter(|entity| entity.kind == "mention")
        .find_map(|entity| {
            let end = entity.offset.checked_add(entity.length)?;
            let said = String::from_utf16_lossy(units.get(entity.offset..end)?);
            said.eq_ignore_ascii_case(&name).then(|| {
                let before = String::from_utf16_lossy(&units[..entity.offset]);
                let after = String::from_utf16_lossy(&units[end..]);
                format!("{} {}", before.trim(), after.trim())
                    .trim()
                    .to_owned()
            })
        })
}

/// The picture or file of a message; a sentence when it cannot be fetched.
fn attachment(message: &Message, me: &Me) -> Option<Result<Attachment, &'static str>> {
    let (file_id, name, size) = if let Some(photo) = largest(&message.photo) {
        (
            &photo.file_id,
            format!("photo-{}.jpg", message.message_id),
            photo.file_size,
        )
    } else {
        let Document {
            file_id,
            file_name,
            mime_type,
            file_size,
        } = message.document.as_ref()?;
        // Animations come as documents too.
        if message.animation.is_some() || mime_type.as_deref() == Some("video/mp4") {
            return Some(Err("message-no-picture"));
        }
        (file_id, file_name.clone().unwrap_or_default(), *file_size)
    };
    if size
        .zip(me.download)
        .is_some_and(|(size, most)| size > most)
    {
        return Some(Err("message-too-large"));
    }
    let source = MediaSource::new(file_id.as_str()).map_err(|_| "message-no-picture");
    Some(source.map(|source| Attachment { source, name, size }))
}

fn largest(sizes: &[PhotoSize]) -> Option<&PhotoSize> {
    sizes
        .iter()
        .max_by_key(|size| u64::from(size.width) * u64::from(size.height))
}

#[cfg(test)]
mod tests;
