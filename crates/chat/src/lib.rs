//! The words every other crate speaks: ids, events, screens, actions, effects, capabilities.
//!
//! Owns plain data that says *what* happened and *what* to show. Does not own how a platform shows it
//! (renderers), what it means (dialog, flow and the features) or how it is kept (store). Nothing
//! here reads a clock, draws a random number or does I/O: times and ids come in from the edges.

mod action;
mod capabilities;
mod effect;
mod event;
mod id;
mod language;
mod menu;
mod page;
mod prompt;
mod render;
mod screen;
pub mod sheet;
pub mod split;
pub mod text;
mod time;

pub use action::{Action, Invocation, SessionTag, Stamp, Token, TokenError};
pub use capabilities::{Capabilities, FileLimits, MenuLimits, Support, TextLimits, TextUnit};
pub use effect::{Effect, EffectBody, Lane, Present, Surface};
pub use event::{Attachment, Background, Coalesce, Event, EventBody, Origin, Sender};
pub use id::{
    BlobId, Conversation, EffectId, EventId, InvalidId, MediaSource, MessageHandle, PlatformId,
    RoomId, ThreadId, UserId,
};
pub use language::{Language, Numerals};
pub use menu::{
    Board, BoardPlace, Button, Choice, Confirmation, Control, Group, Layout, OptionControl, Role,
    Toggle,
};
pub use page::{Page, PageToken};
pub use prompt::{FormField, Prompt};
pub use render::{Art, Degradation, Rendered};
pub use screen::{
    Block, Chart, Field, FileBlock, Level, Point, Screen, Series, Span, Tile, TileState,
};
pub use time::Timestamp;
