//! Everything there is behind the server: people, chats, files, updates.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::chat::{Chat, Sort, Standing};
use crate::clock::Clock;
use crate::faults::Faults;
use crate::files::Files;
use crate::locks::{lock, read, write};
use crate::log::Log;
use crate::message::{Account, Content, Message, Sender};
use crate::options::Options;
use crate::queue::Queue;
use crate::rates::Limits;

/// A press of a button that waits for its answer.
#[derive(Debug, Clone)]
pub(crate) struct Press {
    pub(crate) person: i64,
    pub(crate) at: Duration,
}

/// What a person was shown for a press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The query's id.
    pub query: String,
    /// Who pressed.
    pub person: i64,
    /// The words, if there were any.
    pub text: Option<String>,
    /// In a window of its own, not just a line that goes away.
    pub alert: bool,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) options: Options,
    pub(crate) bot: Account,
    pub(crate) clock: Clock,
    pub(crate) chats: RwLock<HashMap<i64, Arc<Mutex<Chat>>>>,
    pub(crate) people: RwLock<HashMap<i64, Arc<Account>>>,
    /// People the bot has met in groups.
    pub(crate) met: RwLock<HashSet<i64>>,
    pub(crate) files: Files,
    pub(crate) queue: Queue,
    /// By scope and language.
    pub(crate) commands: Mutex<BTreeMap<(String, String), Value>>,
    pub(crate) presses: Mutex<HashMap<String, Press>>,
    pub(crate) shown: Mutex<VecDeque<Shown>>,
    pub(crate) limits: Limits,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
    /// Told whenever anything happened that somebody may wait for.
    pub(crate) changed: Notify,
    /// Message ids of private chats and basic groups, which share one row of numbers.
    next_message: AtomicI64,
    next: AtomicU64,
}

impl World {
    pub(crate) fn new(options: Options) -> Self {
        let id = options.token.split(':').next().unwrap_or_default();
        Self {
            bot: Account {
                id: id.parse().unwrap_or(7_000_000_001),
                bot: true,
                first_name: options.bot_name.clone(),
                username: Some(options.bot_username.clone()),
                language: None,
            },
            clock: Clock::new(),
            chats: RwLock::default(),
            people: RwLock::default(),
            met: RwLock::default(),
            files: Files::new(options.files),
            queue: Queue::new(options.history),
            commands: Mutex::default(),
            presses: Mutex::default(),
            shown: Mutex::default(),
            limits: Limits::new(options.rates.clone()),
            faults: Faults::default(),
            log: Log::new(options.log),
            changed: Notify::new(),
            next_message: AtomicI64::new(0),
            next: AtomicU64::new(1),
            options,
        }
    }

    /// A number nobody had before.
    pub(crate) fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn chat(&self, id: i64) -> Option<Arc<Mutex<Chat>>> {
        read(&self.chats).get(&id).cloned()
    }

    pub(crate) fn add_chat(&self, chat: Chat) -> Arc<Mutex<Chat>> {
        let id = chat.id;
        let chat = Arc::new(Mutex::new(chat));
        write(&self.chats).insert(id, Arc::clone(&chat));
        chat
    }

    pub(crate) fn message_id(&self, chat: &mut Chat) -> i64 {
        match chat.sort {
            Sort::Private | Sort::Group => self.next_message.fetch_add(1, Ordering::Relaxed) + 1,
            Sort::Supergroup | Sort::Channel => chat.last_id + 1,
        }
    }

    /// A message without anything special to it, not yet in its chat.
    pub(crate) fn message(&self, chat: &mut Chat, from: Sender, content: Content) -> Message {
        Message {
            id: self.message_id(chat),
            date: self.clock.seconds(),
            edited: None,
            edits: 0,
            from,
            thread: None,
            reply_to: None,
            content,
            markup: crate::keyboard::Markup::None,
            album: None,
        }
    }

    /// Tells the bot of something, unless it did not ask for such.
    pub(crate) fn update(&self, kind: &'static str, key: (u8, i64), body: &Value) {
        self.queue.push(kind, key, body, self.clock.now());
        self.changed.notify_waiters();
    }

    /// Tells the bot of a message, if the bot is there and may see it.
    pub(crate) fn tell(&self, chat: &Chat, message: &Message, edited: bool) {
        if matches!(chat.bot, Standing::Left | Standing::Kicked) || !self.may_see(chat, message) {
            self.changed.notify_waiters();
            return;
        }
        if chat.is_group()
            && let Sender::Person(account) = &message.from
        {
            write(&self.met).insert(account.id);
        }
        let kind = match (chat.is_channel(), edited) {
            (false, false) => "message",
            (false, true) => "edited_message",
            (true, false) => "channel_post",
            (true, true) => "edited_channel_post",
        };
        self.update(kind, (0, chat.id), &message.view(chat, self));
    }

    /// Privacy mode. <https://core.telegram.org/bots/features#privacy-mode>
    fn may_see(&self, chat: &Chat, message: &Message) -> bool {
        let sees_all = !self.options.privacy || !chat.is_group() || chat.bot.administers();
        let Some(text) = message.content.text().filter(|_| !sees_all) else {
            return true;
        };
        let replied = message.reply_to.and_then(|id| chat.messages.get(&id));
        if replied.is_some_and(|replied| replied.from == Sender::Bot) {
            return true;
        }
        let own = format!("@{}", self.options.bot_username.to_lowercase());
        let lower = text.text.to_lowercase();
        if lower.starts_with('/') {
            let command = lower.split_whitespace().next().unwrap_or_default();
            return match command.split_once('@') {
                Some((_, to)) => own[1..] == *to,
                // Bare commands are for the bot that spoke last, and there is no other here.
                None => true,
            };
        }
        lower.contains(&own)
    }

    /// `my_chat_member`: what the bot is in a chat has changed.
    pub(crate) fn bot_moved(&self, chat: &Chat, by: &Account, from: Standing) {
        let member = |standing: Standing| {
            let mut view = json!({ "user": self.bot.view(), "status": standing.name() });
            rights(&mut view, standing);
            view
        };
        let body = json!({
            "chat": chat.view(),
            "from": by.view(),
            "date": self.clock.seconds(),
            "old_chat_member": member(from),
            "new_chat_member": member(chat.bot),
        });
        self.update("my_chat_member", (1, chat.id), &body);
    }

    pub(crate) fn show(&self, shown: Shown) {
        let mut all = lock(&self.shown);
        all.push_back(shown);
        while all.len() > self.options.history.max(1) {
            all.pop_front();
        }
        drop(all);
        self.changed.notify_waiters();
    }
}

/// What comes with a standing besides its name.
pub(crate) fn rights(view: &mut Value, standing: Standing) {
    match standing {
        Standing::Creator => view["is_anonymous"] = json!(false),
        Standing::Administrator => {
            for right in ADMINISTRATOR {
                view[right] = json!(true);
            }
            view["is_anonymous"] = json!(false);
        }
        Standing::Restricted => {
            for right in RESTRICTED {
                view[right] = json!(false);
            }
            view["is_member"] = json!(true);
            view["until_date"] = json!(0);
        }
        Standing::Kicked => view["until_date"] = json!(0),
        Standing::Member | Standing::Left => {}
    }
}

/// <https://core.telegram.org/bots/api#chatmemberadministrator>
const ADMINISTRATOR: &[&str] = &[
    "can_be_edited",
    "can_manage_chat",
    "can_change_info",
    "can_delete_messages",
    "can_invite_users",
    "can_restrict_members",
    "can_manage_video_chats",
    "can_post_messages",
    "can_edit_messages",
    "can_pin_messages",
    "can_promote_members",
    "can_manage_topics",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
];

/// <https://core.telegram.org/bots/api#chatmemberrestricted>
const RESTRICTED: &[&str] = &[
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
];
