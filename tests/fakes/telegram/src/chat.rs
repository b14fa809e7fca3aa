//! A chat: who is in it and what was said.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::answer::Refusal;
use crate::message::{Account, Message};

/// The sorts of chats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A person and the bot.
    Private,
    /// A basic group.
    Group,
    /// A group as most are today; forums are among them.
    Supergroup,
    /// Few write, many read.
    Channel,
}

impl Sort {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Group => "group",
            Self::Supergroup => "supergroup",
            Self::Channel => "channel",
        }
    }

    /// As the server's sentences call it.
    fn spoken(self) -> &'static str {
        match self {
            Self::Private => "private chat",
            Self::Group => "group chat",
            Self::Supergroup => "supergroup chat",
            Self::Channel => "channel chat",
        }
    }
}

/// What somebody, the bot included, is in a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Made the chat.
    Creator,
    /// May delete others' messages and post in a channel, and sees everything.
    Administrator,
    /// In it; for a private chat, it was started.
    Member,
    /// In it, but may not write.
    Restricted,
    /// Went away, or was never there.
    Left,
    /// Was thrown out; for a private chat, the person blocked the bot.
    Kicked,
}

impl Standing {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Creator => "creator",
            Self::Administrator => "administrator",
            Self::Member => "member",
            Self::Restricted => "restricted",
            Self::Left => "left",
            Self::Kicked => "kicked",
        }
    }

    /// Whether this is an administrator or more.
    pub(crate) fn administers(self) -> bool {
        matches!(self, Self::Creator | Self::Administrator)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Topic {
    pub(crate) name: String,
    pub(crate) closed: bool,
}

/// A hint such as "is typing…".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// `typing`, `upload_photo`, …
    pub action: String,
    /// In which topic.
    pub thread: Option<i64>,
    /// Unix time.
    pub at: Duration,
}

#[derive(Debug)]
pub(crate) struct Chat {
    pub(crate) id: i64,
    pub(crate) sort: Sort,
    pub(crate) title: String,
    /// Of a private chat.
    pub(crate) person: Option<Arc<Account>>,
    pub(crate) forum: bool,
    pub(crate) topics: BTreeMap<i64, Topic>,
    pub(crate) members: BTreeMap<i64, Standing>,
    pub(crate) bot: Standing,
    pub(crate) migrated_to: Option<i64>,
    pub(crate) messages: BTreeMap<i64, Arc<Message>>,
    /// Deleted ones, whose buttons somebody may still have on the screen.
    pub(crate) gone: BTreeMap<i64, Arc<Message>>,
    pub(crate) last_id: i64,
    pub(crate) actions: Vec<Action>,
    /// Messages kept.
    pub(crate) room: usize,
    /// Told of every message that comes, changes or goes: who waits for one in this chat need not look at others'.
    pub(crate) changed: Arc<Notify>,
}

impl Chat {
    pub(crate) fn new(id: i64, sort: Sort, title: &str, room: usize) -> Self {
        Self {
            id,
            sort,
            title: title.to_owned(),
            person: None,
            forum: false,
            topics: BTreeMap::new(),
            members: BTreeMap::new(),
            bot: Standing::Member,
            migrated_to: None,
            messages: BTreeMap::new(),
            gone: BTreeMap::new(),
            last_id: 0,
            actions: Vec::new(),
            room: room.max(1),
            changed: Arc::default(),
        }
    }

    pub(crate) fn is_channel(&self) -> bool {
        self.sort == Sort::Channel
    }

    pub(crate) fn is_group(&self) -> bool {
        matches!(self.sort, Sort::Group | Sort::Supergroup)
    }

    pub(crate) fn view(&self) -> Value {
        let mut view = json!({ "id": self.id, "type": self.sort.name() });
        if let Some(person) = &self.person {
            view["first_name"] = json!(person.first_name);
            if let Some(username) = &person.username {
                view["username"] = json!(username);
            }
        } else {
            view["title"] = json!(self.title);
        }
        if self.forum {
            view["is_forum"] = json!(true);
        }
        view
    }

    /// Whether the bot may do anything here. `known`: it has seen the person elsewhere.
    pub(crate) fn open_to_bot(&self, known: bool) -> Result<(), Refusal> {
        if let Some(to) = self.migrated_to {
            return Err(Refusal::upgraded(to));
        }
        let spoken = self.sort.spoken();
        match (self.sort, self.bot) {
            (Sort::Private, Standing::Kicked) => {
                Err(Refusal::forbidden("bot was blocked by the user"))
            }
            (Sort::Private, Standing::Left) if known => Err(Refusal::forbidden(
                "bot can't initiate conversation with a user",
            )),
            (Sort::Private, Standing::Left) => Err(Refusal::bad("chat not found")),
            (_, Standing::Kicked) => Err(Refusal::forbidden(&format!(
                "bot was kicked from the {spoken}"
            ))),
            (_, Standing::Left) => Err(Refusal::forbidden(&format!(
                "bot is not a member of the {spoken}"
            ))),
            (Sort::Channel, Standing::Member) => Err(Refusal::bad(
                "need administrator rights in the channel chat",
            )),
            _ => Ok(()),
        }
    }

    /// Puts a message in, and lets the oldest go.
    pub(crate) fn put(&mut self, message: Message) -> Arc<Message> {
        let message = Arc::new(message);
        self.last_id = self.last_id.max(message.id);
        self.messages.insert(message.id, Arc::clone(&message));
        while self.messages.len() > self.room {
            self.messages.pop_first();
        }
        self.changed.notify_waiters();
        message
    }

    /// Takes a message away; its buttons may still be pressed by who had it on the screen.
    pub(crate) fn remove(&mut self, id: i64) -> Option<Arc<Message>> {
        let message = self.messages.remove(&id)?;
        self.gone.insert(id, Arc::clone(&message));
        while self.gone.len() > self.room {
            self.gone.pop_first();
        }
        self.changed.notify_waiters();
        Some(message)
    }
}
