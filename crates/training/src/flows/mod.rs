//! The flows people meet. Each is a definition: steps, views, checks, updates.

mod advanced;
mod help;
mod home;
mod library;
mod runs;
mod show;
mod training;

use std::sync::Arc;

use lorikeet_chat::Level;
use lorikeet_dialog::{
    Argument, ArgumentKind, Catalog, CatalogError, Command, Dialog, DialogDefect, Opens, Told, Who,
    texts,
};
use lorikeet_flow::{Defects, Message, Notice};

use crate::wire::{self, Arrived, LoraRequest, RunNews};
use crate::{Standing, Training};

/// The feature's messages in English.
pub const ENGLISH: &str = include_str!("../../../../config/locales/en/training.ftl");

/// The commands, in the order help lists them.
const COMMANDS: [Command; 6] = [
    Command {
        name: "start",
        aliases: &["menu", "home"],
        summary: "command-start",
        argument: None,
        who: Who::Everyone,
        opens: Opens::Flow(home::NAME),
    },
    Command {
        name: "train",
        aliases: &["new"],
        summary: "command-train",
        argument: Some(Argument {
            name: "name",
            kind: ArgumentKind::Text,
            required: false,
        }),
        who: Who::Everyone,
        opens: Opens::Flow(training::NAME),
    },
    Command {
        name: "loras",
        aliases: &["list", "models"],
        summary: "command-loras",
        argument: None,
        who: Who::Everyone,
        opens: Opens::Flow(library::NAME),
    },
    Command {
        name: "runs",
        aliases: &["status"],
        summary: "command-runs",
        argument: None,
        who: Who::Everyone,
        opens: Opens::Flow(runs::NAME),
    },
    Command {
        name: "help",
        aliases: &[],
        summary: "command-help",
        argument: None,
        who: Who::Everyone,
        opens: Opens::Over(help::NAME),
    },
    Command {
        name: "cancel",
        aliases: &["stop"],
        summary: "command-cancel",
        argument: None,
        who: Who::Everyone,
        opens: Opens::Cancel,
    },
];

/// Why the feature's dialog cannot be put together. Only a mistake in its definitions makes one.
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

/// The whole dialog of the feature, in English and whatever `locales` adds (language tag, Fluent text).
///
/// # Errors
/// When a definition or a message file is broken.
pub fn dialog(
    training: Training,
    locales: &[(&str, &str)],
) -> Result<Dialog<Training>, BuildError> {
    let english = [
        (texts::FALLBACK, texts::ENGLISH),
        (texts::FALLBACK, ENGLISH),
    ];
    let catalog = Catalog::new(english.into_iter().chain(locales.iter().copied()))?;
    let builder = Dialog::builder(Arc::new(catalog), Arc::new(training), home::NAME)
        .flow(home::flow()?)?
        .flow(help::flow()?)?
        .flow(training::flow()?)?
        .flow(advanced::flow()?)?
        .flow(library::flow()?)?
        .flow(runs::flow()?)?
        .tell(tell);
    Ok(COMMANDS
        .into_iter()
        .fold(builder, lorikeet_dialog::DialogBuilder::command)
        .build()?)
}

/// What to do about results that come when their flow is not on the stack any more.
fn tell(background: &lorikeet_chat::Background, _: &lorikeet_dialog::Context<Training>) -> Told {
    match background.topic.as_str() {
        // A picture whose place waits for it: it is put there without anybody watching.
        wire::ARRIVED => match serde::Deserialize::deserialize(&background.payload) {
            Ok::<Arrived, _>(arrived) => {
                let lora = arrived.ticket.lora.clone();
                let place = LoraRequest::Place {
                    lora,
                    arrived: Box::new(arrived),
                };
                Told {
                    notice: None,
                    wishes: vec![place.into()],
                }
            }
            Err(_) => Told::default(),
        },
        wire::RUN_NEWS => match serde::Deserialize::deserialize(&background.payload) {
            Ok::<RunNews, _>(news) => Told {
                notice: ended(&news),
                wishes: Vec::new(),
            },
            Err(_) => Told::default(),
        },
        _ => Told::default(),
    }
}

/// The sentence for a run that has ended.
fn ended(news: &RunNews) -> Option<Notice> {
    let (level, id) = match news.standing {
        Standing::Queued | Standing::Running => return None,
        Standing::Done => (Level::Success, "run-ended-done"),
        Standing::Failed => (Level::Error, "run-ended-failed"),
        Standing::Cancelled => (Level::Info, "run-ended-cancelled"),
    };
    let message = Message::new(id)
        .text("name", news.name.as_str())
        .text("version", news.version.to_string());
    Some(Notice { level, message })
}

#[cfg(test)]
mod tests {
    use super::dialog;
    use crate::{Limits, Training};

    #[test]
    fn the_flows_are_sound() {
        let training = Training {
            engines: Vec::new(),
            limits: Limits::default(),
        };
        match dialog(training, &[]) {
            Ok(dialog) => assert_eq!(dialog.flows().count(), 6),
            Err(error) => panic!("{error}"),
        }
    }
}
