//! The conversation: commands, the stack of flows, turns and views, texts.
//!
//! Owns what one event does to one session: `turn(session, event, context) → session, effects`, as a pure function
//! of data. Does not own what flows do (the features), how a session is kept (store) or who runs turns when
//! (runtime). Nothing here knows a platform, a clock or a random number.
//!
//! # Reads
//!
//! A turn may need data (a list of LoRAs). Its functions ask the [`Context`] for it; what is not there yet ends the
//! turn with [`Unread`], the shell reads it and runs the turn again from the start. [`run`] is that loop. A turn
//! stays a pure function, and its tests need no store.

mod command;
mod context;
mod dialog;
mod drive;
mod form;
mod play;
mod present;
mod session;
pub mod texts;
mod turn;

pub use command::{Argument, ArgumentKind, Command, Opens, Pictures, Who};
pub use context::{Context, Domain, Unread};
pub use dialog::{Dialog, DialogBuilder, DialogDefect, Spoken, Told};
pub use drive::{ReadError, Reader, RunError, run, suggest};
pub use session::{Session, SessionError};
pub use texts::{Catalog, CatalogError, Texts};
pub use turn::Turn;
