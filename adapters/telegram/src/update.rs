//! What Telegram tells: only what is needed of it, so that nothing new in the API keeps an update from being read.
//!
//! <https://core.telegram.org/bots/api#available-types>

use serde::Deserialize;
use serde::de::IgnoredAny;

/// One incoming update. A kind that is not here is told apart by having none of these.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Update {
    pub(crate) update_id: u64,
    #[serde(default)]
    pub(crate) message: Option<Box<Message>>,
    #[serde(default)]
    pub(crate) edited_message: Option<Box<Message>>,
    #[serde(default)]
    pub(crate) callback_query: Option<Box<CallbackQuery>>,
}

/// The kinds of [`Update`], as `allowed_updates` asks for them.
pub(crate) const KINDS: [&str; 3] = ["message", "edited_message", "callback_query"];

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Message {
    pub(crate) message_id: i64,
    pub(crate) chat: Chat,
    #[serde(default)]
    pub(crate) from: Option<User>,
    #[serde(default)]
    pub(crate) sender_chat: Option<Chat>,
    #[serde(default)]
    pub(crate) message_thread_id: Option<i64>,
    #[serde(default)]
    pub(crate) is_topic_message: bool,
    #[serde(default)]
    pub(crate) text: Option<String>,
    #[serde(default)]
    pub(crate) entities: Vec<Entity>,
    #[serde(default)]
    pub(crate) caption: Option<String>,
    #[serde(default)]
    pub(crate) caption_entities: Vec<Entity>,
    #[serde(default)]
    pub(crate) reply_to_message: Option<Box<Reply>>,
    #[serde(default)]
    pub(crate) migrate_to_chat_id: Option<i64>,
    #[serde(default)]
    pub(crate) migrate_from_chat_id: Option<i64>,
    #[serde(default)]
    pub(crate) media_group_id: Option<String>,
    #[serde(default)]
    pub(crate) photo: Vec<PhotoSize>,
    #[serde(default)]
    pub(crate) document: Option<Document>,
    // What is no picture: that it is there is all that counts.
    #[serde(default)]
    pub(crate) animation: Option<IgnoredAny>,
    #[serde(default)]
    pub(crate) audio: Option<IgnoredAny>,
    #[serde(default)]
    pub(crate) sticker: Option<IgnoredAny>,
    #[serde(default)]
    pub(crate) video: Option<IgnoredAny>,
    #[serde(default)]
    pub(crate) video_note: Option<IgnoredAny>,
    #[serde(default)]
    pub(crate) voice: Option<IgnoredAny>,
    #[serde(default)]
    pub(crate) contact: Option<IgnoredAny>,
    #[serde(default)]
    pub(crate) location: Option<IgnoredAny>,
    #[serde(default)]
    pub(crate) poll: Option<IgnoredAny>,
    #[serde(default)]
    pub(crate) dice: Option<IgnoredAny>,
    #[serde(default)]
    pub(crate) story: Option<IgnoredAny>,
    #[serde(default)]
    pub(crate) paid_media: Option<IgnoredAny>,
}

impl Message {
    /// Whether it carries something that is neither text, photo nor file.
    pub(crate) const fn has_something_else(&self) -> bool {
        self.animation.is_some()
            || self.audio.is_some()
            || self.sticker.is_some()
            || self.video.is_some()
            || self.video_note.is_some()
            || self.voice.is_some()
            || self.contact.is_some()
            || self.location.is_some()
            || self.poll.is_some()
            || self.dice.is_some()
            || self.story.is_some()
            || self.paid_media.is_some()
    }
}

/// The message that another one answers.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Reply {
    #[serde(default)]
    pub(crate) from: Option<User>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Chat {
    pub(crate) id: i64,
    #[serde(rename = "type", default)]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) title: Option<String>,
}

impl Chat {
    pub(crate) fn is_private(&self) -> bool {
        self.kind == "private"
    }

    pub(crate) fn is_group(&self) -> bool {
        matches!(self.kind.as_str(), "group" | "supergroup")
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct User {
    pub(crate) id: u64,
    #[serde(default)]
    pub(crate) is_bot: bool,
    #[serde(default)]
    pub(crate) first_name: String,
    #[serde(default)]
    pub(crate) last_name: Option<String>,
    #[serde(default)]
    pub(crate) language_code: Option<String>,
}

/// A part of a text; offset and length in UTF-16 units.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Entity {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) offset: usize,
    pub(crate) length: usize,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PhotoSize {
    pub(crate) file_id: String,
    #[serde(default)]
    pub(crate) width: u32,
    #[serde(default)]
    pub(crate) height: u32,
    #[serde(default)]
    pub(crate) file_size: Option<u64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Document {
    pub(crate) file_id: String,
    #[serde(default)]
    pub(crate) file_name: Option<String>,
    #[serde(default)]
    pub(crate) mime_type: Option<String>,
    #[serde(default)]
    pub(crate) file_size: Option<u64>,
}

/// A press on a button of a message.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct CallbackQuery {
    pub(crate) id: String,
    pub(crate) from: User,
    #[serde(default)]
    pub(crate) message: Option<Pressed>,
    #[serde(default)]
    pub(crate) data: Option<String>,
}

/// The message with the button, as far as Telegram still knows it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Pressed {
    pub(crate) chat: Chat,
    #[serde(default)]
    pub(crate) message_thread_id: Option<i64>,
    #[serde(default)]
    pub(crate) is_topic_message: bool,
}
