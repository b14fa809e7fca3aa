//! From an event of a room to what it means for the bot: pure, so that every odd event is a line in a test.

use lorikeet_chat::{
    Attachment, Conversation, Event, EventBody, EventId, Invocation, MediaSource, Origin, RoomId,
    Sender, ThreadId, Timestamp, UserId,
};
use lorikeet_renderer_matrix::{Awaits, Does, Key, Poll, Typed, VOTES, reacted, typed};

use crate::commands::invoked;
use crate::media::Source;
use crate::platform;
use crate::update::RoomEvent;

/// Whom the events are for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Me {
    /// `@lorikeet:example.org`.
    pub(crate) user: String,
    /// What it is called in rooms.
    pub(crate) name: String,
    pub(crate) prefix: String,
    /// The commands there are, by all their names.
    pub(crate) commands: Vec<String>,
}

/// Where an event is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// What the room is called; empty when nobody called it anything.
    pub(crate) name: &'a str,
    /// What its sender is called there.
    pub(crate) sender: &'a str,
    /// Whether nobody else is there.
    pub(crate) private: bool,
    /// What stands before a command.
    pub(crate) sign: &'a str,
}

/// What somebody did.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Heard {
    /// Said something.
    Said(Said),
    /// Reacted to an event with a key.
    Reacted { to: String, key: String },
    /// Voted in a poll for the control at this place of the list, from 0.
    Voted { on: String, place: usize },
    /// Took an event away.
    Redacted(String),
    /// Nothing for the bot; why, for the log.
    Nothing(&'static str),
}

/// What somebody said.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    /// The words, without the bot's name and what they answer.
    pub(crate) words: String,
    /// The command they are, by its prefix.
    pub(crate) command: Option<Invocation>,
    /// What came with them; a sentence where it is of no use.
    pub(crate) file: Option<Result<Attachment, &'static str>>,
    /// The thread it is in.
    pub(crate) thread: Option<String>,
    /// What it answers.
    pub(crate) answers: Option<String>,
    /// Whether it names the bot.
    pub(crate) names_me: bool,
    /// Whether it stands in the place of something that was said before.
    pub(crate) edit: bool,
}

/// What it comes to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Meaning {
    /// Something for the conversation.
    Event(EventBody),
    /// A sentence and nothing else.
    Told(Sentence),
}

/// A sentence for who did something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sentence {
    /// By its name alone.
    Plain(&'static str),
    /// A reaction that is none of the choices.
    UnknownKey(String),
    /// There are only so many choices.
    OutOfRange(usize),
}

impl Sentence {
    /// Its name among the texts.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Plain(name) => name,
            Self::UnknownKey(_) => "press-unknown",
            Self::OutOfRange(_) => "number-out-of-range",
        }
    }
}

/// Reads an event, whoever it is from and for.
pub(crate) fn read(event: &RoomEvent, me: &Me) -> Heard {
    if event.sender == me.user {
        return Heard::Nothing("its own");
    }
    match event.kind.as_str() {
        "m.reaction" => match event.reaction() {
            Some((to, key)) => Heard::Reacted {
                to: to.to_owned(),
                key: key.to_owned(),
            },
            None => Heard::Nothing("a reaction to nothing"),
        },
        kind if VOTES.contains(&kind) => match (event.about(), Poll::vote(&event.content)) {
            (Some(on), Some(place)) => Heard::Voted {
                on: on.to_owned(),
                place,
            },
            _ => Heard::Nothing("a vote for nothing"),
        },
        "m.room.redaction" => match event.redacted() {
            Some(redacted) => Heard::Redacted(redacted.to_owned()),
            None => Heard::Nothing("a redaction of nothing"),
        },
        "m.room.message" => said(event, me),
        // A picture by another name. <https://spec.matrix.org/v1.19/client-server-api/#msticker>
        "m.sticker" => Heard::Said(Said {
            file: Some(Err("message-no-picture")),
            ..bare(event)
        }),
        _ => Heard::Nothing("a kind of event that is of no interest"),
    }
}

fn bare(event: &RoomEvent) -> Said {
    Said {
        words: String::new(),
        command: None,
        file: None,
        thread: event.thread().map(str::to_owned),
        answers: event.answers().map(str::to_owned),
        names_me: false,
        edit: false,
    }
}

fn said(event: &RoomEvent, me: &Me) -> Heard {
    let file = match event.text("msgtype") {
        "m.text" | "m.emote" => None,
        "m.image" | "m.file" => Some(attachment(event)),
        "m.audio" | "m.video" | "m.location" => Some(Err("message-no-picture")),
        // What other bots say, so that none answers another.
        "m.notice" => return Heard::Nothing("a notice"),
        _ => return Heard::Nothing("a kind of message that is of no interest"),
    };
    let body = match &file {
        None => event.text("body"),
        // With a name of the file, the body is what was written below it.
        Some(_)
            if event.content["filename"].is_string()
                && event.text("filename") != event.text("body") =>
        {
            event.text("body")
        }
        Some(_) => "",
    };
    let body = if event.answers().is_some() {
        without_quotation(body)
    } else {
        body
    };
    let (words, named) = without_name(body, me);
    let said = Said {
        command: invoked(&event.content).or_else(|| command(words, me)),
        words: words.to_owned(),
        file,
        names_me: named || event.mentions(&me.user),
        edit: event.replaces().is_some(),
        ..bare(event)
    };
    if said.words.is_empty() && said.file.is_none() && !said.names_me {
        return Heard::Nothing("a message without content");
    }
    Heard::Said(said)
}

/// What is below the quotation that some clients put before an answer.
/// <https://spec.matrix.org/v1.12/client-server-api/#fallbacks-for-rich-replies>
fn without_quotation(body: &str) -> &str {
    if !body.starts_with("> ") {
        return body;
    }
    let mut rest = body;
    while let Some(line) = rest.strip_prefix("> ").or(rest.strip_prefix(">\n")) {
        rest = line.split_once('\n').map_or("", |(_, rest)| rest);
    }
    rest.trim_start_matches('\n')
}

/// The words after the bot's name at the beginning, and whether it was there.
fn without_name<'b>(body: &'b str, me: &Me) -> (&'b str, bool) {
    let body = body.trim();
    let alias = me
        .user
        .trim_start_matches('@')
        .split(':')
        .next()
        .unwrap_or_default();
    let at = format!("@{alias}");
    let mut names = [me.user.as_str(), at.as_str(), me.name.as_str(), alias];
    // The longest first: one may begin with another.
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    for name in names.into_iter().filter(|name| !name.is_empty()) {
        let head = body.get(..name.len());
        if head.is_some_and(|head| head.eq_ignore_ascii_case(name)) {
            let rest = &body[name.len()..];
            let ends = rest.chars().next().is_none_or(|c| !c.is_alphanumeric());
            // A name alone is a word like any other where it is not followed by a sign.
            let signed = name.starts_with('@') || rest.starts_with([':', ',']);
            if ends && signed {
                return (rest.trim_start_matches([':', ',']).trim(), true);
            }
        }
    }
    (body, false)
}

/// The command that words are: `!train my cat`, and `/train` where a client sends it.
fn command(words: &str, me: &Me) -> Option<Invocation> {
    let rest = words.strip_prefix(&me.prefix).or(words.strip_prefix('/'))?;
    let (name, argument) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(is_name);
    named.then(|| Invocation::new(name.to_lowercase()).with(argument.trim()))
}

/// The picture or file of a message; a sentence when it is of no use.
fn attachment(event: &RoomEvent) -> Result<Attachment, &'static str> {
    let name = match event.text("filename") {
        "" => event.text("body"),
        name => name,
    };
    let info = &event.content["info"];
    let kind = info["mimetype"].as_str().unwrap_or_default();
    let extension = name
        .rsplit_once('.')
        .map(|(_, end)| end.to_ascii_lowercase());
    let extension = extension.unwrap_or_default();
    // What it is shows when it is read; what says that it is something else is not fetched.
    let fitting = ["image/png", "image/jpeg", "image/webp", "application/zip"].contains(&kind)
        || ["png", "jpg", "jpeg", "webp", "zip"].contains(&extension.as_str())
        || kind.is_empty()
        || (kind.starts_with("image/") && event.text("msgtype") == "m.image");
    if !fitting {
        return Err("message-no-picture");
    }
    let source = Source::of(&event.content).ok_or("message-no-picture")?;
    Ok(Attachment {
        source: MediaSource::new(source.to_string()).map_err(|_| "message-no-picture")?,
        name: name.to_owned(),
        size: info["size"].as_u64(),
    })
}

impl Said {
    /// Whether it is for the bot, though others are there. `knows` says whether the bot talks with its sender in the thread it
    /// is in, or in that of what it answers.
    pub(crate) fn is_for_me(&self, knows: bool) -> bool {
        self.command.is_some() || self.names_me || knows
    }

    /// What it comes to for somebody who could choose among these.
    pub(crate) fn means(self, (keys, awaits): (&[Key], Awaits), me: &Me) -> Meaning {
        if self.edit {
            return Meaning::Told(Sentence::Plain("message-edited"));
        }
        match self.file {
            Some(Ok(item)) => {
                return Meaning::Event(EventBody::Media {
                    items: vec![item],
                    text: self.words,
                    place: String::new(),
                });
            }
            Some(Err(sentence)) => return Meaning::Told(Sentence::Plain(sentence)),
            None => {}
        }
        let known = |command: &Invocation| me.commands.contains(&command.name);
        // Whatever a control is called: `!start` must not start a training.
        if !self.command.as_ref().is_some_and(known) {
            match typed(&self.words, keys, awaits, &me.prefix) {
                Typed::Key(place) => return Meaning::Event(body(&keys[place])),
                Typed::OutOfRange if !keys.is_empty() => {
                    return Meaning::Told(Sentence::OutOfRange(keys.len()));
                }
                Typed::OutOfRange | Typed::Words => {}
            }
        }
        Meaning::Event(match self.command {
            Some(command) => EventBody::Command(command),
            // Named and nothing else: where are we?
            None if self.words.is_empty() => EventBody::Redraw,
            None => EventBody::Text(self.words),
        })
    }
}

/// What a reaction means on a screen: `keys` are what it offered when it stood at that event.
pub(crate) fn pressed(key: &str, keys: &[Key]) -> Meaning {
    match reacted(key, keys) {
        Some(place) => Meaning::Event(body(&keys[place])),
        None => Meaning::Told(Sentence::UnknownKey(
            lorikeet_chat::text::line(key).chars().take(20).collect(),
        )),
    }
}

/// What a vote means on a screen.
pub(crate) fn voted(place: usize, keys: &[Key]) -> Meaning {
    match keys.get(place) {
        Some(key) => Meaning::Event(body(key)),
        None => Meaning::Told(Sentence::OutOfRange(keys.len())),
    }
}

fn body(key: &Key) -> EventBody {
    match key.does {
        Does::Press(token) => EventBody::Press(token),
        Does::Turn(page) => EventBody::Page(page),
    }
}

/// Whose conversation it is.
pub(crate) fn conversation(room: &str, thread: Option<&str>, user: &str) -> Option<Conversation> {
    Some(Conversation {
        platform: platform(),
        room: RoomId::new(room).ok()?,
        thread: match thread {
            Some(thread) => Some(ThreadId::new(thread).ok()?),
            None => None,
        },
        user: UserId::new(user).ok()?,
    })
}

/// An event for a conversation, out of one of a room.
pub(crate) fn event(
    of: &RoomEvent,
    body: EventBody,
    place: Place<'_>,
    batch: Option<String>,
    at: Timestamp,
) -> Option<Event> {
    Some(Event {
        id: EventId::new(of.event_id.clone()).ok()?,
        order: None,
        coalesce: None,
        batch,
        origin: Origin::Person,
        at,
        sender: Some(Sender {
            name: place.sender.to_owned(),
            room: if place.name.is_empty() {
                "Matrix".to_owned()
            } else {
                place.name.to_owned()
            },
            locale: None,
            private: place.private,
            sign: Some(place.sign.to_owned()),
        }),
        body,
    })
}

#[cfg(test)]
mod tests;
