//! Messages as they are stored, and as the Bot API shows them.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::chat::Chat;
use crate::entities::Text;
use crate::files::{File, Kind};
use crate::keyboard::Markup;
use crate::world::World;

/// A user of Telegram, the bot included.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) id: i64,
    pub(crate) bot: bool,
    pub(crate) first_name: String,
    pub(crate) username: Option<String>,
    pub(crate) language: Option<String>,
}

impl Account {
    pub(crate) fn view(&self) -> Value {
        let mut view = json!({ "id": self.id, "is_bot": self.bot, "first_name": self.first_name });
        if let Some(username) = &self.username {
            view["username"] = json!(username);
        }
        if let Some(language) = &self.language {
            view["language_code"] = json!(language);
        }
        view
    }
}

/// Who wrote a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sender {
    Bot,
    Person(Arc<Account>),
    /// An administrator in the name of the group.
    Anonymous,
    /// The channel itself.
    Channel,
}

/// One of the sizes of a photo.
#[derive(Debug, Clone)]
pub(crate) struct Size {
    pub(crate) file: Arc<File>,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Size {
    pub(crate) fn view(&self) -> Value {
        json!({
            "file_id": self.file.id,
            "file_unique_id": self.file.unique,
            "width": self.width,
            "height": self.height,
            "file_size": self.file.bytes.len(),
        })
    }
}

/// What a message shows besides words.
#[derive(Debug, Clone)]
pub(crate) struct Media {
    /// The file; of a photo, the largest size.
    pub(crate) file: Arc<File>,
    /// From small to large; only photos have them.
    pub(crate) sizes: Vec<Size>,
    pub(crate) name: Option<String>,
    pub(crate) mime: Option<String>,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) spoiler: bool,
}

impl Media {
    pub(crate) fn kind(&self) -> Kind {
        self.file.kind
    }

    fn view(&self) -> Value {
        if self.kind() == Kind::Photo {
            return self.sizes.iter().map(Size::view).collect();
        }
        let mut view = json!({
            "file_id": self.file.id,
            "file_unique_id": self.file.unique,
            "file_size": self.file.bytes.len(),
        });
        if let Some(name) = &self.name {
            view["file_name"] = json!(name);
        }
        if let Some(mime) = &self.mime {
            view["mime_type"] = json!(mime);
        }
        let sized = [Kind::Video, Kind::Animation, Kind::Sticker];
        if sized.contains(&self.kind()) {
            view["width"] = json!(self.width);
            view["height"] = json!(self.height);
        }
        if [Kind::Video, Kind::Animation, Kind::Voice, Kind::Audio].contains(&self.kind()) {
            view["duration"] = json!(1);
        }
        if self.kind() == Kind::Sticker {
            view["type"] = json!("regular");
            view["is_animated"] = json!(false);
            view["is_video"] = json!(false);
            view["emoji"] = json!("🦜");
        }
        view
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Content {
    Text(Text),
    Media {
        media: Media,
        caption: Text,
    },
    /// Fields of a service message.
    Service(Map<String, Value>),
}

impl Content {
    /// Whether an edit from one to the other changes nothing that anybody sees.
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(one), Self::Text(two)) => one == two,
            (
                Self::Media { media, caption },
                Self::Media {
                    media: two,
                    caption: second,
                },
            ) => media.file.id == two.file.id && caption == second && media.spoiler == two.spoiler,
            _ => false,
        }
    }

    /// Text or caption.
    pub(crate) fn text(&self) -> Option<&Text> {
        match self {
            Self::Text(text) | Self::Media { caption: text, .. } => Some(text),
            Self::Service(_) => None,
        }
    }

    pub(crate) fn media(&self) -> Option<&Media> {
        match self {
            Self::Media { media, .. } => Some(media),
            _ => None,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: i64,
    /// Unix seconds.
    pub(crate) date: i64,
    pub(crate) edited: Option<i64>,
    pub(crate) edits: u32,
    pub(crate) from: Sender,
    pub(crate) thread: Option<i64>,
    pub(crate) reply_to: Option<i64>,
    pub(crate) content: Content,
    pub(crate) markup: Markup,
    pub(crate) album: Option<String>,
}

impl Message {
    /// As the Bot API shows it, with what it replies to.
    pub(crate) fn view(&self, chat: &Chat, world: &World) -> Value {
        let mut view = self.plain(chat, world);
        if let Some(replied) = self.reply_to.and_then(|id| chat.messages.get(&id)) {
            view["reply_to_message"] = replied.plain(chat, world);
        }
        view
    }

    fn plain(&self, chat: &Chat, world: &World) -> Value {
        let mut view = json!({
            "message_id": self.id,
            "date": self.date,
            "chat": chat.view(),
        });
        match &self.from {
            Sender::Bot if chat.is_channel() => view["sender_chat"] = chat.view(),
            Sender::Bot => view["from"] = world.bot.view(),
            Sender::Person(account) => view["from"] = account.view(),
            Sender::Anonymous => {
                view["from"] = json!({ "id": 1_087_968_824, "is_bot": true, "first_name": "Group",
                    "username": "GroupAnonymousBot" });
                view["sender_chat"] = chat.view();
            }
            Sender::Channel => view["sender_chat"] = chat.view(),
        }
        if let Some(thread) = self.thread {
            view["message_thread_id"] = json!(thread);
            if chat.forum {
                view["is_topic_message"] = json!(true);
            }
        }
        if let Some(edited) = self.edited {
            view["edit_date"] = json!(edited);
        }
        if let Some(album) = &self.album {
            view["media_group_id"] = json!(album);
        }
        if let Some(markup) = self.markup.view() {
            view["reply_markup"] = markup;
        }
        match &self.content {
            Content::Text(text) => {
                view["text"] = json!(text.text);
                if !text.entities.is_empty() {
                    view["entities"] = text.views();
                }
            }
            Content::Media { media, caption } => {
                view[media.kind().field()] = media.view();
                if media.kind() == Kind::Animation {
                    // As of old, animations are documents, too.
                    view["document"] = media.view();
                }
                if media.spoiler {
                    view["has_media_spoiler"] = json!(true);
                }
                if !caption.text.is_empty() {
                    view["caption"] = json!(caption.text);
                }
                if !caption.entities.is_empty() {
                    view["caption_entities"] = caption.views();
                }
            }
            Content::Service(fields) => {
                for (name, value) in fields {
                    view[name] = value.clone();
                }
            }
        }
        view
    }
}
