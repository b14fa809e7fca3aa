//! What Discord says: as much as is used. <https://discord.com/developers/docs/interactions/receiving-and-responding>

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

/// Something a person did with a command or a component.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Interaction {
    pub(crate) id: String,
    #[serde(rename = "type")]
    pub(crate) kind: u8,
    /// Answers to it are sent with this, for 15 minutes.
    #[serde(default)]
    pub(crate) token: String,
    pub(crate) guild_id: Option<String>,
    pub(crate) channel_id: Option<String>,
    pub(crate) channel: Option<Channel>,
    pub(crate) member: Option<Member>,
    pub(crate) user: Option<User>,
    /// The person's language.
    pub(crate) locale: Option<String>,
    #[serde(default)]
    pub(crate) data: Data,
    /// What the component was on.
    pub(crate) message: Option<Pressed>,
    /// Bytes of a file, at most, in an answer.
    pub(crate) attachment_size_limit: Option<u64>,
}

impl Interaction {
    /// Who did it.
    pub(crate) fn person(&self) -> Option<&User> {
        let member = self.member.as_ref().and_then(|member| member.user.as_ref());
        member.or(self.user.as_ref())
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Channel {
    pub(crate) name: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Member {
    pub(crate) user: Option<User>,
    /// What they are called on the server.
    pub(crate) nick: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct User {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) username: String,
    pub(crate) global_name: Option<String>,
    #[serde(default)]
    pub(crate) bot: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Pressed {
    pub(crate) id: String,
}

/// What was done.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Data {
    pub(crate) name: String,
    pub(crate) options: Vec<Given>,
    pub(crate) resolved: Resolved,
    pub(crate) custom_id: String,
    /// What was picked.
    pub(crate) values: Vec<String>,
    /// A form's rows.
    pub(crate) components: Vec<FormRow>,
}

/// An option of a command, or a command below it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Given {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: u8,
    pub(crate) value: Value,
    pub(crate) options: Vec<Given>,
    /// It is this that is being typed.
    pub(crate) focused: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Resolved {
    pub(crate) attachments: HashMap<String, Attached>,
}

/// A file.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Attached {
    #[serde(default)]
    pub(crate) filename: String,
    pub(crate) size: Option<u64>,
    #[serde(default)]
    pub(crate) url: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct FormRow {
    pub(crate) components: Vec<Typed>,
}

/// A form's field, filled in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    pub(crate) custom_id: String,
    pub(crate) value: String,
}

/// A message that somebody wrote.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) channel_id: String,
    pub(crate) guild_id: Option<String>,
    #[serde(default)]
    pub(crate) author: User,
    #[serde(default)]
    pub(crate) content: String,
    #[serde(default)]
    pub(crate) attachments: Vec<Attached>,
    #[serde(default)]
    pub(crate) mentions: Vec<User>,
    pub(crate) webhook_id: Option<String>,
    /// 0 for what a person writes, 19 for a reply: <https://discord.com/developers/docs/resources/message#message-object-message-types>.
    #[serde(default, rename = "type")]
    pub(crate) kind: u8,
    #[serde(default)]
    pub(crate) sticker_items: Vec<Value>,
}
