//! A small feature: reminders. The book's page "Writing a feature" is made of this crate.
//!
//! Owns what is said and decided: a command, a flow of three steps, the texts. Does not own the clock that makes a
//! reminder due nor where reminders are kept: that is the service `reminders`, which a program would bring.

mod flow;
mod home;

use std::sync::Arc;

use lorikeet_chat::{Background, Level};
use lorikeet_dialog::{
    Argument, ArgumentKind, Catalog, CatalogError, Command, Dialog, DialogDefect, Domain, Opens,
    Told, Unread, Who, texts,
};
use lorikeet_flow::{Defects, Message, Notice, Refusal};

pub use flow::{Request, SERVICE};

/// The topic under which the service tells that a reminder is due; the payload is its text.
pub const DUE: &str = "reminders.due";

// ANCHOR: domain
/// The feature's settings.
#[derive(Clone, Debug)]
pub struct Reminders {
    /// Reminders one person may have waiting.
    pub most: u32,
}

/// The one thing the flow has to look up: how many reminders the person has waiting.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Waiting;

impl Domain for Reminders {
    type Query = Waiting;
    type Answer = u32;
}
// ANCHOR_END: domain

/// What the functions of the flow are given.
pub(crate) type Context = lorikeet_dialog::Context<Reminders>;
/// What a view answers when it has to read first.
pub(crate) type Wait = Unread<Waiting>;
/// Why an input is not taken.
pub(crate) type Refused = Refusal<Wait>;

/// Why the dialog cannot be put together. Only a mistake in its definitions makes one.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A flow is unsound.
    #[error(transparent)]
    Flow(#[from] Defects),
    /// The parts do not fit together.
    #[error(transparent)]
    Dialog(#[from] DialogDefect),
    /// The messages are broken.
    #[error(transparent)]
    Texts(#[from] CatalogError),
}

// ANCHOR: dialog
/// The feature as a dialog.
///
/// # Errors
/// When a definition or a message file is broken.
pub fn dialog(reminders: Reminders) -> Result<Dialog<Reminders>, BuildError> {
    let catalog = Catalog::new([
        ("en", texts::ENGLISH),
        ("en", ENGLISH),
        ("de", texts::GERMAN),
        ("de", GERMAN),
    ])?;
    let start = Command {
        name: "start",
        aliases: &[],
        summary: "command-start",
        argument: None,
        pictures: None,
        who: Who::Everyone,
        opens: Opens::Flow(home::NAME),
    };
    let remind = Command {
        name: "remind",
        aliases: &["reminder", "erinnere"],
        summary: "command-remind",
        argument: Some(Argument {
            name: "text",
            summary: "argument-text",
            kind: ArgumentKind::Text,
            required: false,
        }),
        pictures: None,
        who: Who::Everyone,
        opens: Opens::Flow(flow::NAME),
    };
    Ok(
        Dialog::builder(Arc::new(catalog), Arc::new(reminders), home::NAME)
            .flow(home::flow()?)?
            .flow(flow::flow()?)?
            .command(start)
            .command(remind)
            .tell(tell)
            .build()?,
    )
}

/// The texts in English.
pub const ENGLISH: &str = include_str!("../locales/en.ftl");
/// The texts in German.
pub const GERMAN: &str = include_str!("../locales/de.ftl");
// ANCHOR_END: dialog

// ANCHOR: tell
/// A reminder that is due finds its person wherever they are.
fn tell(news: &Background, _: &Context) -> Told {
    let notice = match (news.topic.as_str(), news.payload.as_str()) {
        (DUE, Some(text)) => Some(Notice {
            level: Level::Info,
            message: Message::new("remind-due").text("text", text),
        }),
        _ => None,
    };
    Told {
        notice,
        ..Told::default()
    }
}
// ANCHOR_END: tell
