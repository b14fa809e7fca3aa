//! The border between the bot and a chat platform.
//!
//! Owns the [`Adapter`] trait that a platform's plugin implements, the [`Inbox`] it hands events to, and the
//! errors of delivery. Does not own turns (runtime), what is shown (chat) or how it looks (renderers).
//!
//! Obligations of an adapter, checked by [`conformance`]:
//! - an update is acknowledged to the platform only after [`Inbox::accept`] has answered;
//! - `deliver` is idempotent by [`Delivery::id`] as far as the platform allows: an edit in place repeats, a new
//!   message carries the id as the platform's idempotency key;
//! - no ids of ours, tokens or texts of people in logs beyond what names the room.

pub mod conformance;
mod error;
mod half_sent;
pub mod preview;
mod secret;
pub mod words;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::Stream;
use lorikeet_chat::{
    Capabilities, Conversation, EffectId, Event, FileBlock, MediaSource, MessageHandle, PlatformId,
    Present, Timestamp, Token,
};

pub use error::{DeliveryError, Failure, InboxError};
pub use half_sent::HalfSent;
pub use preview::{Call, Preview, Previewer};
pub use secret::Secret;

/// The bytes of an attachment, as they come in.
pub type MediaStream = Pin<Box<dyn Stream<Item = Result<Bytes, DeliveryError>> + Send>>;

/// A platform's plugin: receives updates, downloads media, delivers screens, publishes commands.
#[async_trait]
pub trait Adapter: Send + Sync {
    /// The platform's name; first part of every conversation it makes.
    fn platform(&self) -> PlatformId;

    /// Where it may run.
    fn placement(&self) -> Placement;

    /// Receives until `stop` is done: turns updates into events and hands them to `inbox`, also from tasks of its own.
    ///
    /// # Errors
    /// When it cannot start or go on (a port in use, a refused login); the sentence says what to do.
    async fn run(&self, inbox: Arc<dyn Inbox>, stop: Stop) -> Result<(), DeliveryError>;

    /// What a conversation's room can show and take.
    fn capabilities(&self, conversation: &Conversation) -> Capabilities;

    /// Renders and delivers one effect.
    ///
    /// # Errors
    /// [`DeliveryError`], which says whether a repeat makes sense and when.
    async fn deliver(&self, delivery: Delivery<'_>) -> Result<Delivered, DeliveryError>;

    /// Opens an attachment for reading, once per call.
    ///
    /// # Errors
    /// When it is gone or cannot be reached.
    async fn open(&self, source: &MediaSource) -> Result<MediaStream, DeliveryError>;

    /// Tells the platform which commands there are, so that it can complete them.
    ///
    /// # Errors
    /// When the platform refuses or cannot be reached.
    async fn publish(&self, commands: &[CommandHelp]) -> Result<(), DeliveryError>;
}

/// Done when the process wants the adapter to end.
pub type Stop = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where an adapter may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    /// In every process at once.
    Anywhere,
    /// In one process at a time, which holds the platform's named lease.
    Leader,
    /// In one process at a time for each part of what comes in: the lease has the part's name too.
    LeaderOf(String),
}

/// One committed effect on its way out.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'a> {
    /// The effect's id: the same on every repeat.
    pub id: &'a EffectId,
    /// Where to.
    pub conversation: &'a Conversation,
    /// The message the conversation's last screen is in, if one was sent.
    pub handle: Option<&'a MessageHandle>,
    /// What.
    pub content: Content<'a>,
}

/// What is delivered.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    /// A screen.
    Screen(&'a Present),
    /// The answer to a press that changed nothing.
    Answer {
        /// The control that was pressed.
        token: Option<Token>,
        /// One short sentence.
        text: &'a str,
    },
}

/// What came of a delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// The message the screen is in now; absent keeps the one recorded.
    pub handle: Option<MessageHandle>,
}

/// Where adapters hand their events.
#[async_trait]
pub trait Inbox: Send + Sync {
    /// Takes an event. Once this answers with anything but an error, the event cannot be lost, and the
    /// platform may be told that it arrived.
    ///
    /// # Errors
    /// [`InboxError`] when the store cannot be reached: do not acknowledge, let the platform send it again.
    async fn accept(
        &self,
        conversation: &Conversation,
        event: Event,
    ) -> Result<Accepted, InboxError>;

    /// What could be typed after a command whose argument says that it is suggested, by what is there of it; the best first, as
    /// many as there are. Nothing is kept.
    ///
    /// # Errors
    /// [`InboxError`] when the store cannot be reached: suggest nothing.
    async fn suggest(
        &self,
        _conversation: &Conversation,
        _command: &str,
        _typed: &str,
    ) -> Result<Vec<String>, InboxError> {
        Ok(Vec::new())
    }
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It is in the mailbox, or its turn is already running.
    Accepted,
    /// It was there before; nothing happens.
    Duplicate,
    /// Too many events of this conversation wait; tell the person to send it again in a moment.
    Full,
}

/// Addresses of files for whoever has them, for a while: where a platform does not take a file, or not of that size.
#[async_trait]
pub trait FileLinks: Send + Sync {
    /// An address that gives a file to anybody, without logging in, until a time.
    ///
    /// # Errors
    /// When the store of the key cannot be reached: worth a repeat.
    async fn link(&self, file: &FileBlock, until: Timestamp) -> Result<String, DeliveryError>;
}

/// A line in several languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// In the language everybody else gets.
    pub usual: String,
    /// The same in other languages, by tag.
    pub translations: BTreeMap<String, String>,
}

impl Told {
    /// The line in the language of a tag, where there is one.
    pub fn of(&self, tag: &str) -> &str {
        self.translations.get(tag).unwrap_or(&self.usual)
    }
}

/// A command as platforms list it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandHelp {
    /// Name, without a prefix.
    pub name: String,
    /// What it is called in other languages, by tag, where a platform can list it so; what comes in has its name.
    pub names: BTreeMap<String, String>,
    /// What it does.
    pub summary: Told,
    /// What may be typed after it.
    pub argument: Option<ArgumentHelp>,
    /// Pictures may come along with it, where a platform knows of such commands.
    pub pictures: Option<PicturesHelp>,
}

impl CommandHelp {
    /// A command with nothing behind it.
    pub fn new(name: impl Into<String>, summary: Told) -> Self {
        Self {
            name: name.into(),
            names: BTreeMap::new(),
            summary,
            argument: None,
            pictures: None,
        }
    }
}

/// What may be typed after a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentHelp {
    /// Its name: lower-case letters, digits, `_`.
    pub name: String,
    /// What it is.
    pub summary: Told,
    /// Whether the command makes no sense without it.
    pub required: bool,
    /// Whether it is a whole number.
    pub is_number: bool,
    /// Whether [`Inbox::suggest`] knows what could be typed.
    pub is_suggested: bool,
    /// Whether only who types it may bring it: links of the platform's that carry commands leave such a command alone.
    pub is_secret: bool,
}

/// Pictures that come along with a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PicturesHelp {
    /// Where they go.
    pub summary: Told,
    /// What the text beside them is.
    pub caption: Told,
}
