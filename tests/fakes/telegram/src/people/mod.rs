//! People: what they do to the bot.

mod talk;

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use serde_json::json;

pub use talk::{Item, Talk};

use crate::FakeTelegram;
use crate::chat::{Chat, Sort, Standing};
use crate::entities::Text;
use crate::locks::lock;
use crate::message::{Account, Content, Sender};
use crate::rooms::Room;
use crate::world::Press;

/// Somebody with an account.
#[derive(Debug, Clone)]
pub struct Person {
    pub(crate) telegram: FakeTelegram,
    pub(crate) account: Arc<Account>,
}

impl Person {
    /// The user's id, which is that of the private chat, too.
    pub fn id(&self) -> i64 {
        self.account.id
    }

    /// The name as others see it.
    pub fn name(&self) -> &str {
        &self.account.first_name
    }

    /// The name behind the `@`.
    pub fn username(&self) -> &str {
        self.account.username.as_deref().unwrap_or_default()
    }

    /// The chat with the bot alone.
    pub fn private(&self) -> Room {
        Room {
            telegram: self.telegram.clone(),
            id: self.id(),
        }
    }

    /// Begins a message into a room: reply, topic and caption are said before the message itself.
    pub fn to(&self, room: &Room) -> Talk {
        Talk::new(self, room)
    }

    /// Writes a text; the message's id.
    pub fn says(&self, room: &Room, text: &str) -> i64 {
        self.to(room).says(text)
    }

    /// Writes an answer to a message.
    pub fn replies(&self, room: &Room, to: i64, text: &str) -> i64 {
        self.to(room).reply_to(to).says(text)
    }

    /// Opens the bot by `t.me/bot?start=payload` and presses Start, which lets a blocked bot write again.
    pub fn opens(&self, payload: &str) -> i64 {
        if self.private().bot() == Standing::Kicked {
            self.unblocks();
        }
        let text = format!("/start {payload}");
        self.says(&self.private(), text.trim_end())
    }

    /// Presses the button with this label below a message; the query's id. A message that was deleted may still be on the
    /// screen.
    ///
    /// # Errors
    /// Where there is no such button, or it tells the bot nothing.
    pub fn presses(&self, room: &Room, message: i64, label: &str) -> Result<String> {
        let data = room.current().with(|chat| {
            let found = chat
                .messages
                .get(&message)
                .or_else(|| chat.gone.get(&message));
            let message = found.with_context(|| format!("there is no message {message}"))?;
            let mut buttons = message.markup.rows().iter().flatten();
            match buttons.find(|button| button.label == label) {
                Some(button) => button
                    .data
                    .clone()
                    .with_context(|| format!("the button {label:?} tells the bot nothing")),
                None => {
                    let rows = message.markup.rows().iter().flatten();
                    let labels: Vec<&str> = rows.map(|button| button.label.as_str()).collect();
                    bail!("there is no button {label:?} but {labels:?}")
                }
            }
        })?;
        Ok(self.presses_data(room, message, &data))
    }

    /// Presses a button with this data, which may no longer be there.
    pub fn presses_data(&self, room: &Room, message: i64, data: &str) -> String {
        let world = &self.telegram.world;
        let room = room.current();
        let id = format!("{}{:012}", self.id(), world.number());
        let (now, old) = (world.clock.now(), world.options.inaccessible_after);
        let body = room.with(|chat| {
            let seen = chat.messages.get(&message).filter(|message| {
                let age = world.clock.seconds() - message.date;
                age < i64::try_from(old.as_secs()).unwrap_or(i64::MAX)
            });
            let message = match seen {
                Some(message) => message.view(chat, world),
                None => json!({ "chat": chat.view(), "message_id": message, "date": 0 }),
            };
            json!({
                "id": id,
                "from": self.account.view(),
                "message": message,
                "chat_instance": chat.id.wrapping_mul(7_919).to_string(),
                "data": data,
            })
        });
        let press = Press {
            person: self.id(),
            at: now,
        };
        let mut presses = lock(&world.presses);
        // What nobody answers does not pile up.
        if presses.len() > 10_000 {
            let late = world.options.answer_within;
            presses.retain(|_, press| press.at + late >= now);
        }
        presses.insert(id.clone(), press);
        drop(presses);
        world.update("callback_query", (3, self.id()), &body);
        id
    }

    /// Changes the words of an own message, or of a picture's caption.
    ///
    /// # Errors
    /// Where it is not there, or somebody else's.
    pub fn edits(&self, room: &Room, message: i64, text: &str) -> Result<()> {
        let world = &self.telegram.world;
        room.current().with(|chat| {
            let old = chat.messages.get(&message).context("no such message")?;
            let mut new = old.as_ref().clone();
            if matches!(&new.from, Sender::Person(account) if account.id != self.id())
                || new.from == Sender::Bot
            {
                bail!("the message is somebody else's");
            }
            new.content = match new.content {
                Content::Text(_) => Content::Text(Text::typed(text)),
                Content::Media { media, .. } => Content::Media {
                    media,
                    caption: Text::typed(text),
                },
                Content::Service(_) => bail!("nobody wrote this message"),
            };
            new.edits += 1;
            new.edited = Some(world.clock.seconds());
            let new = chat.put(new);
            world.tell(chat, &new, true);
            Ok(())
        })
    }

    /// Takes a message away, also one of the bot's. The bot is not told.
    ///
    /// # Errors
    /// Where it is not there.
    pub fn deletes(&self, room: &Room, message: i64) -> Result<()> {
        let gone = room.current().with(|chat| chat.remove(message));
        self.telegram.world.changed.notify_waiters();
        gone.map(|_| ()).context("no such message")
    }

    fn moves_bot(&self, room: &Room, to: Standing) {
        room.current().with(|chat| self.moves(chat, to));
    }

    fn moves(&self, chat: &mut Chat, to: Standing) {
        let from = std::mem::replace(&mut chat.bot, to);
        if from != to {
            self.telegram.world.bot_moved(chat, &self.account, from);
        }
    }

    /// Blocks the bot.
    pub fn blocks(&self) {
        self.moves_bot(&self.private(), Standing::Kicked);
    }

    /// Lets the bot write again.
    pub fn unblocks(&self) {
        self.moves_bot(&self.private(), Standing::Member);
    }

    /// Throws the bot out of a group or channel.
    pub fn kicks_bot(&self, room: &Room) {
        self.moves_bot(room, Standing::Kicked);
    }

    /// Brings the bot into a group, or back.
    pub fn adds_bot(&self, room: &Room) {
        let world = &self.telegram.world;
        let room = room.current();
        room.with(|chat| {
            self.moves(chat, Standing::Member);
            let bot = world.bot.view();
            let fields = json!({ "new_chat_members": [bot], "new_chat_member": bot });
            let from = Sender::Person(Arc::clone(&self.account));
            let message = room.service(chat, from, fields);
            world.tell(chat, &message, false);
        });
    }

    /// Makes the bot an administrator.
    pub fn promotes_bot(&self, room: &Room) {
        self.moves_bot(room, Standing::Administrator);
    }

    /// Lets the bot write no more, but leaves it in the group.
    pub fn restricts_bot(&self, room: &Room) {
        self.moves_bot(room, Standing::Restricted);
    }

    /// Comes into a group.
    pub fn joins(&self, room: &Room) {
        let world = &self.telegram.world;
        let room = room.current();
        room.with(|chat| {
            chat.members.insert(self.id(), Standing::Member);
            let own = self.account.view();
            let fields = json!({ "new_chat_members": [own], "new_chat_member": own });
            let from = Sender::Person(Arc::clone(&self.account));
            let message = room.service(chat, from, fields);
            world.tell(chat, &message, false);
        });
    }

    /// The menu of commands this person is offered in a room, by Telegram's order of scopes.
    /// <https://core.telegram.org/bots/api#determining-list-of-commands>
    pub fn commands(&self, room: &Room) -> Vec<(String, String)> {
        let (id, private, standing) = room.with(|chat| {
            let standing = chat.members.get(&self.id()).copied();
            (chat.id, chat.sort == Sort::Private, standing)
        });
        let mut scopes = Vec::new();
        if private {
            scopes.extend([format!("chat {id}"), "all_private_chats".to_owned()]);
        } else {
            scopes.push(format!("chat_member {id} {}", self.id()));
            let administers = standing.is_some_and(Standing::administers);
            if administers {
                scopes.push(format!("chat_administrators {id}"));
            }
            scopes.push(format!("chat {id}"));
            if administers {
                scopes.push("all_chat_administrators".to_owned());
            }
            scopes.push("all_group_chats".to_owned());
        }
        scopes.push("default".to_owned());
        let own = self.account.language.clone().unwrap_or_default();
        let mut menus = scopes.iter().flat_map(|scope| {
            [own.as_str(), ""].map(|language| self.telegram.commands(scope, language))
        });
        menus.find(|menu| !menu.is_empty()).unwrap_or_default()
    }
}
