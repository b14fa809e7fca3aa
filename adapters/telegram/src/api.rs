//! The calls this adapter makes, and what became of them.
//!
//! The payloads and answers are its own: an answer that says more than is known here must not look like a failure, or what was
//! sent would be sent again.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use lorikeet_platform::DeliveryError;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use teloxide_core::requests::{MultipartPayload, MultipartRequest, Payload, Request as _};
use teloxide_core::types::{FileId, InputFile};
use teloxide_core::{ApiError, Bot, RequestError};

/// A call that is sent as JSON.
pub(crate) trait Call: Payload + Serialize + Send + Sync + 'static {}

impl<P: Payload + Serialize + Send + Sync + 'static> Call for P {}

/// Makes a call. Not by teloxide's own request, which sleeps ten seconds before it tells of a server's error and keeps a copy of
/// each answer's parts to find out which of two shapes it has.
///
/// # Errors
/// [`Refusal`]: what to do about it.
pub(crate) async fn call<P>(bot: &Bot, payload: P) -> Result<P::Output, Refusal>
where
    P: Call,
    P::Output: DeserializeOwned + Send,
{
    let url = format!(
        "{}/bot{}/{}",
        bot.api_url().as_str().trim_end_matches('/'),
        bot.token(),
        P::NAME
    );
    let body = serde_json::to_vec(&payload)
        .map_err(|_| Refusal::Refused("a call that cannot be written".to_owned()))?;
    let request = bot.client().post(url).body(body);
    let request = request.header("content-type", "application/json");
    let network = |error| Refusal::of(&RequestError::Network(Arc::new(error)));
    let answer = request.send().await.map_err(network)?;
    let answer = answer.bytes().await.map_err(network)?;
    serde_json::from_slice::<Answer<P::Output>>(&answer).map_or_else(
        |_| Err(Refusal::Network("an answer that is none".to_owned())),
        Answer::outcome,
    )
}

/// What a call is answered: <https://core.telegram.org/bots/api#making-requests>.
#[derive(Deserialize)]
struct Answer<T> {
    result: Option<T>,
    error_code: Option<u16>,
    description: Option<ApiError>,
    parameters: Option<Parameters>,
}

/// <https://core.telegram.org/bots/api#responseparameters>
#[derive(Default, Deserialize)]
struct Parameters {
    /// Seconds.
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

impl<T> Answer<T> {
    fn outcome(self) -> Result<T, Refusal> {
        if let Some(result) = self.result {
            return Ok(result);
        }
        let Parameters {
            retry_after,
            migrate_to_chat_id,
        } = self.parameters.unwrap_or_default();
        if let Some(pause) = retry_after {
            return Err(Refusal::Flood(Duration::from_secs(pause)));
        }
        if let Some(chat) = migrate_to_chat_id {
            return Err(Refusal::Moved(chat));
        }
        Err(match (self.error_code, &self.description) {
            // Its own trouble, which passes.
            (Some(500..), _) => Refusal::Network("an error of the server".to_owned()),
            (_, Some(error)) => Refusal::said(error),
            (_, None) => Refusal::Network("an answer that is none".to_owned()),
        })
    }
}

/// Makes a call that carries a file.
///
/// # Errors
/// [`Refusal`]: what to do about it.
pub(crate) async fn upload<P>(bot: &Bot, payload: P) -> Result<P::Output, Refusal>
where
    P: Call + MultipartPayload + Clone,
    P::Output: DeserializeOwned + Send,
{
    let sent = MultipartRequest::new(bot.clone(), payload).send().await;
    sent.map_err(|error| Refusal::of(&error))
}

/// Why a call was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Nothing would change: as good as done.
    NotModified,
    /// The message is not there any more, or is not one that can be changed.
    NoSuchMessage,
    /// A query that was answered already, or waited too long.
    TooLate,
    /// Nothing can be sent here: blocked, removed, gone. In Telegram's words.
    Gone(String),
    /// The group has another id now.
    Moved(i64),
    /// Too much at once.
    Flood(Duration),
    /// The token is none, or revoked.
    Unauthorized,
    /// Somebody else takes the updates, or a webhook does.
    Conflict(String),
    /// No answer, or none that can be read: it may have been done.
    Network(String),
    /// Refused for good. In Telegram's words.
    Refused(String),
}

impl Refusal {
    fn of(error: &RequestError) -> Self {
        match error {
            RequestError::RetryAfter(wait) => Self::Flood(wait.duration()),
            RequestError::MigrateToChatId(chat) => Self::Moved(chat.0),
            RequestError::Api(error) => Self::said(error),
            // Never their own words: they may hold an address with the token, or what was sent.
            RequestError::Network(error) => Self::Network(if error.is_timeout() {
                "no answer in time".to_owned()
            } else if error.is_connect() {
                "it cannot be reached".to_owned()
            } else {
                "the connection broke".to_owned()
            }),
            RequestError::InvalidJson { .. } => Self::Network("an answer that is none".to_owned()),
            RequestError::Io(error) => Self::Network(error.kind().to_string()),
        }
    }

    fn said(error: &ApiError) -> Self {
        use ApiError as E;
        match error {
            E::MessageNotModified => Self::NotModified,
            E::MessageToEditNotFound
            | E::MessageCantBeEdited
            | E::MessageIdInvalid
            | E::MessageToDeleteNotFound
            | E::MessageCantBeDeleted
            | E::MessageToReplyNotFound => Self::NoSuchMessage,
            E::InvalidQueryId => Self::TooLate,
            E::InvalidToken => Self::Unauthorized,
            E::TerminatedByOtherGetUpdates | E::CantGetUpdates => Self::Conflict(error.to_string()),
            E::BotBlocked
            | E::ChatNotFound
            | E::UserNotFound
            | E::GroupDeactivated
            | E::BotKicked
            | E::BotKickedFromSupergroup
            | E::UserDeactivated
            | E::CantInitiateConversation => Self::Gone(error.to_string()),
            E::Unknown(said) => Self::in_words(said),
            other => Self::Refused(other.to_string()),
        }
    }

    /// What teloxide has no name for, or Telegram says in more than one way.
    fn in_words(said: &str) -> Self {
        let has = |part: &str| said.contains(part);
        // What an upload is refused with comes without its number.
        let passes = [
            "Internal Server Error",
            "Bad Gateway",
            "Service Unavailable",
            "Gateway Timeout",
        ];
        if passes.iter().any(|trouble| said.starts_with(trouble)) {
            Self::Network("an error of the server".to_owned())
        } else if said.starts_with("Too Many Requests") {
            Self::Flood(Duration::from_secs(1))
        } else if has("message is not modified") {
            Self::NotModified
        } else if has("query is too old") || has("QUERY_ID_INVALID") {
            Self::TooLate
        } else if has("message to edit not found")
            || has("message can't be edited")
            || has("there is no text in the message to edit")
            || has("there is no caption in the message to edit")
            || has("message can't be deleted")
        {
            Self::NoSuchMessage
        } else if said.starts_with("Forbidden") || has("TOPIC_CLOSED") || has("thread not found") {
            Self::Gone(said.to_owned())
        } else if said.starts_with("Conflict") {
            Self::Conflict(said.to_owned())
        } else {
            Self::Refused(said.to_owned())
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotModified => f.write_str("Telegram sees no change"),
            Self::NoSuchMessage => f.write_str("Telegram knows no such message"),
            Self::TooLate => f.write_str("the press is too old to be answered"),
            Self::Moved(_) => f.write_str("the group became a supergroup"),
            Self::Flood(wait) => write!(f, "Telegram wants a pause of {} s", wait.as_secs()),
            Self::Unauthorized => f.write_str("Telegram does not know the token"),
            Self::Network(why) => write!(f, "Telegram: {why}"),
            Self::Gone(said) | Self::Conflict(said) | Self::Refused(said) => {
                write!(f, "Telegram says: {said}")
            }
        }
    }
}

impl From<Refusal> for DeliveryError {
    fn from(refusal: Refusal) -> Self {
        let mut error = match refusal {
            // At the next try it is known where to.
            Refusal::Moved(_) => Self::retry(refusal.to_string()),
            Refusal::Flood(_) | Refusal::Network(_) | Refusal::Conflict(_) => {
                Self::retry(refusal.to_string())
            }
            _ => Self::permanent(refusal.to_string()),
        };
        if let Refusal::Flood(wait) = refusal {
            error.failure = lorikeet_platform::Failure::Retry { after: Some(wait) };
        }
        error
    }
}

/// A message that was sent.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Sent {
    pub(crate) message_id: i64,
}

/// An answer that does not matter.
pub(crate) type Done = IgnoredAny;

macro_rules! calls {
    ($($(#[$meta:meta])* $name:ident = $method:literal -> $output:ty { $($(#[$field_meta:meta])* $field:ident: $type:ty),* $(,)? })*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Serialize)]
        pub(crate) struct $name {
            $($(#[$field_meta])* pub(crate) $field: $type,)*
        }

        impl Payload for $name {
            type Output = $output;
            const NAME: &'static str = $method;
        }
    )*};
}

calls! {
    GetMe = "getMe" -> User {}

    /// Each is read by itself: one that cannot be must not hold the others up.
    GetUpdates = "getUpdates" -> Vec<Value> {
        offset: u64,
        /// Seconds.
        timeout: u32,
        allowed_updates: &'static [&'static str],
    }

    SetWebhook = "setWebhook" -> Done {
        url: String,
        secret_token: String,
        max_connections: u8,
        allowed_updates: &'static [&'static str],
    }

    DeleteWebhook = "deleteWebhook" -> Done {}

    SendMessage = "sendMessage" -> Sent {
        #[serde(flatten)]
        place: Place,
        text: String,
        parse_mode: &'static str,
        link_preview_options: LinkPreview,
        #[serde(skip_serializing_if = "Option::is_none")]
        reply_markup: Option<Box<RawValue>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reply_parameters: Option<Value>,
    }

    EditMessageText = "editMessageText" -> Done {
        chat_id: i64,
        message_id: i64,
        text: String,
        parse_mode: &'static str,
        link_preview_options: LinkPreview,
        #[serde(skip_serializing_if = "Option::is_none")]
        reply_markup: Option<Box<RawValue>>,
    }

    EditMessageCaption = "editMessageCaption" -> Done {
        chat_id: i64,
        message_id: i64,
        caption: String,
        parse_mode: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        reply_markup: Option<Box<RawValue>>,
    }

    EditMessageReplyMarkup = "editMessageReplyMarkup" -> Done {
        chat_id: i64,
        message_id: i64,
    }

    DeleteMessages = "deleteMessages" -> Done {
        chat_id: i64,
        message_ids: Vec<i64>,
    }

    AnswerCallbackQuery = "answerCallbackQuery" -> Done {
        callback_query_id: String,
        #[serde(skip_serializing_if = "String::is_empty")]
        text: String,
    }

    SendChatAction = "sendChatAction" -> Done {
        #[serde(flatten)]
        place: Place,
        action: &'static str,
    }

    GetFile = "getFile" -> File { file_id: String }

    GetMyCommands = "getMyCommands" -> Vec<BotCommand> {
        scope: CommandScope,
        language_code: String,
    }

    SetMyCommands = "setMyCommands" -> Done {
        commands: Vec<BotCommand>,
        scope: CommandScope,
        language_code: String,
    }
}

/// Whether a link in a text is shown as what it leads to.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct LinkPreview {
    is_disabled: bool,
}

/// Only what is meant to be shown is.
pub(crate) const NO_PREVIEW: LinkPreview = LinkPreview { is_disabled: true };

/// For whom a list of commands is.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct CommandScope {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
}

/// A room, and a topic in it.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Place {
    pub(crate) chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message_thread_id: Option<i64>,
}

/// Who the bot is.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct User {
    pub(crate) id: u64,
    #[serde(default)]
    pub(crate) username: Option<String>,
}

/// Where a file's bytes are.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct File {
    #[serde(default)]
    pub(crate) file_path: Option<String>,
}

/// A command as people see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BotCommand {
    pub(crate) command: String,
    pub(crate) description: String,
}

/// A picture with text and buttons. The markup travels beside the file as text: teloxide's forms know no maps.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SendPhoto {
    pub(crate) chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message_thread_id: Option<i64>,
    pub(crate) photo: InputFile,
    pub(crate) caption: String,
    pub(crate) parse_mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reply_markup: Option<String>,
}

impl Payload for SendPhoto {
    type Output = Sent;
    const NAME: &'static str = "sendPhoto";
}

/// A file.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SendDocument {
    pub(crate) chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message_thread_id: Option<i64>,
    pub(crate) document: InputFile,
    pub(crate) caption: String,
    pub(crate) parse_mode: &'static str,
    /// The file is what it is: a LoRA is not looked into for a preview.
    pub(crate) disable_content_type_detection: bool,
}

impl Payload for SendDocument {
    type Output = Sent;
    const NAME: &'static str = "sendDocument";
}

/// Another picture, or one where there was none.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct EditMessageMedia {
    pub(crate) chat_id: i64,
    pub(crate) message_id: i64,
    pub(crate) media: InputPhoto,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reply_markup: Option<String>,
}

/// A picture inside of a call.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct InputPhoto {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) media: InputFile,
    pub(crate) caption: String,
    pub(crate) parse_mode: &'static str,
}

impl Payload for EditMessageMedia {
    type Output = Done;
    const NAME: &'static str = "editMessageMedia";
}

macro_rules! carries {
    ($($name:ident: $($path:ident).+;)*) => {$(
        impl MultipartPayload for $name {
            fn copy_files(&self, into: &mut dyn FnMut(InputFile)) {
                into(self.$($path).+.clone());
            }

            fn move_files(&mut self, into: &mut dyn FnMut(InputFile)) {
                let nothing = InputFile::file_id(FileId(String::new()));
                into(std::mem::replace(&mut self.$($path).+, nothing));
            }
        }
    )*};
}

carries! {
    SendPhoto: photo;
    SendDocument: document;
    EditMessageMedia: media.media;
}

#[cfg(test)]
mod tests;
