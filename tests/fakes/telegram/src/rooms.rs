//! Chats, as people make and change them.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::FakeTelegram;
use crate::chat::{Action, Chat, Sort, Standing, Topic};
use crate::locks::{lock, write};
use crate::message::{Account, Content, Message, Sender};
use crate::people::Person;

/// A chat. Where a group became a supergroup, people follow it there by themselves.
#[derive(Debug, Clone)]
pub struct Room {
    pub(crate) telegram: FakeTelegram,
    pub(crate) id: i64,
}

impl FakeTelegram {
    /// Somebody with an account; the language is a code such as `en`.
    pub fn person(&self, name: &str, language: &str) -> Person {
        let number = self.world.number();
        let account = Arc::new(Account {
            id: 5_000_000_000 + i64::try_from(number).unwrap_or(0),
            bot: false,
            first_name: name.to_owned(),
            username: Some(format!("{}_{number}", plain(name))),
            language: Some(language.to_owned()),
        });
        write(&self.world.people).insert(account.id, Arc::clone(&account));
        let mut chat = Chat::new(account.id, Sort::Private, name, self.world.options.history);
        chat.person = Some(Arc::clone(&account));
        // Nobody has pressed Start yet.
        chat.bot = Standing::Left;
        self.world.add_chat(chat);
        Person {
            telegram: self.clone(),
            account,
        }
    }

    fn room(&self, sort: Sort, title: &str, people: &[&Person], bot: Standing) -> Room {
        let number = i64::try_from(self.world.number()).unwrap_or(0);
        let id = match sort {
            Sort::Group => -4_000_000_000 - number,
            _ => -1_002_000_000_000 - number,
        };
        let mut chat = Chat::new(id, sort, title, self.world.options.history);
        chat.bot = bot;
        if matches!(sort, Sort::Supergroup | Sort::Channel) {
            // The first message of all tells that it was made.
            chat.last_id = 1;
        }
        for (at, person) in people.iter().enumerate() {
            let standing = if at == 0 {
                Standing::Creator
            } else {
                Standing::Member
            };
            chat.members.insert(person.id(), standing);
        }
        self.world.add_chat(chat);
        Room {
            telegram: self.clone(),
            id,
        }
    }

    /// A basic group with the bot in it; the first person made it.
    pub fn group(&self, title: &str, people: &[&Person]) -> Room {
        self.room(Sort::Group, title, people, Standing::Member)
    }

    /// A supergroup with the bot in it.
    pub fn supergroup(&self, title: &str, people: &[&Person]) -> Room {
        self.room(Sort::Supergroup, title, people, Standing::Member)
    }

    /// A supergroup with topics.
    pub fn forum(&self, title: &str, people: &[&Person]) -> Room {
        let room = self.supergroup(title, people);
        room.with(|chat| chat.forum = true);
        room
    }

    /// A channel in which the bot may post.
    pub fn channel(&self, title: &str, people: &[&Person]) -> Room {
        self.room(Sort::Channel, title, people, Standing::Administrator)
    }
}

/// Letters and digits of a name, for one behind the `@`.
fn plain(name: &str) -> String {
    let name: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_lowercase())
        .collect();
    if name.is_empty() {
        "person".to_owned()
    } else {
        name
    }
}

impl Room {
    /// The `chat_id`.
    pub fn id(&self) -> i64 {
        self.id
    }

    pub(crate) fn cell(&self) -> Arc<Mutex<Chat>> {
        let world = &self.telegram.world;
        // A room is made with its chat, and chats stay.
        world.chat(self.id).unwrap_or_else(|| {
            let chat = Chat::new(self.id, Sort::Private, "", world.options.history);
            world.add_chat(chat)
        })
    }

    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Chat) -> T) -> T {
        let cell = self.cell();
        let mut chat = lock(&cell);
        act(&mut chat)
    }

    /// Where people are who were here.
    pub fn current(&self) -> Self {
        let to = self.with(|chat| chat.migrated_to);
        Self {
            telegram: self.telegram.clone(),
            id: to.unwrap_or(self.id),
        }
    }

    /// What the bot is here.
    pub fn bot(&self) -> Standing {
        self.with(|chat| chat.bot)
    }

    /// Changes what the bot is here, without telling it: for the scene before the play.
    pub fn bot_is(&self, standing: Standing) -> &Self {
        self.with(|chat| chat.bot = standing);
        self
    }

    /// Changes what a person is here, without telling the bot.
    pub fn member_is(&self, person: &Person, standing: Standing) -> &Self {
        self.with(|chat| chat.members.insert(person.id(), standing));
        self
    }

    /// Hints such as "is typing…", the oldest first.
    pub fn actions(&self) -> Vec<Action> {
        self.with(|chat| chat.actions.clone())
    }

    pub(crate) fn service(&self, chat: &mut Chat, from: Sender, fields: Value) -> Arc<Message> {
        let world = &self.telegram.world;
        let fields = match fields {
            Value::Object(fields) => fields,
            _ => serde_json::Map::new(),
        };
        let message = world.message(chat, from, Content::Service(fields));
        chat.put(message)
    }

    /// Somebody opens a topic; its id is that of the message that tells of it.
    pub fn topic(&self, by: &Person, name: &str) -> i64 {
        self.with(|chat| {
            let fields =
                json!({ "forum_topic_created": { "name": name, "icon_color": 7_322_096 } });
            let from = Sender::Person(Arc::clone(&by.account));
            let id = chat.last_id + 1;
            let told = self.service(chat, from, fields);
            let mut message = told.as_ref().clone();
            message.thread = Some(id);
            let message = chat.put(message);
            let topic = Topic {
                name: name.to_owned(),
                closed: false,
            };
            chat.topics.insert(id, topic);
            self.telegram.world.tell(chat, &message, false);
            id
        })
    }

    /// The names of the topics, by id.
    pub fn topics(&self) -> Vec<(i64, String)> {
        self.with(|chat| {
            let topics = chat.topics.iter();
            topics
                .map(|(id, topic)| (*id, topic.name.clone()))
                .collect()
        })
    }

    /// Closes a topic: only administrators write in it any more.
    pub fn close_topic(&self, by: &Person, topic: i64) {
        self.with(|chat| {
            if let Some(topic) = chat.topics.get_mut(&topic) {
                topic.closed = true;
            }
            let from = Sender::Person(Arc::clone(&by.account));
            let told = self.service(chat, from, json!({ "forum_topic_closed": {} }));
            let mut message = told.as_ref().clone();
            message.thread = Some(topic);
            let message = chat.put(message);
            self.telegram.world.tell(chat, &message, false);
        });
    }

    /// Takes a topic away with all that was said in it. The bot is not told, as it would not be.
    pub fn delete_topic(&self, topic: i64) {
        self.with(|chat| {
            chat.topics.remove(&topic);
            chat.messages
                .retain(|_, message| message.thread != Some(topic));
        });
    }

    /// The group becomes a supergroup under another id; the old one is refused from now on.
    pub fn becomes_supergroup(&self, by: &Person) -> Self {
        let world = &self.telegram.world;
        let (title, members, bot) =
            self.with(|chat| (chat.title.clone(), chat.members.clone(), chat.bot));
        let new = self.telegram.room(Sort::Supergroup, &title, &[], bot);
        new.with(|chat| chat.members = members);
        self.with(|chat| {
            let from = Sender::Person(Arc::clone(&by.account));
            let message = self.service(chat, from, json!({ "migrate_to_chat_id": new.id }));
            world.tell(chat, &message, false);
            chat.migrated_to = Some(new.id);
        });
        new.with(|chat| {
            let fields = json!({ "migrate_from_chat_id": self.id });
            let message = new.service(chat, Sender::Anonymous, fields);
            world.tell(chat, &message, false);
        });
        new
    }
}
