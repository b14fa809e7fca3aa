//! The flows people meet. Each is a definition: steps, views, checks, updates.

mod advanced;
mod help;
mod home;
mod language;
mod library;
mod linking;
mod runs;
mod samples;
mod show;
mod told;
mod training;

pub use samples::{Sample, SampleError, samples, world};

use std::sync::Arc;

use lorikeet_dialog::{
    Argument, ArgumentKind, Catalog, CatalogError, Command, Dialog, DialogDefect, Opens, Pictures,
    Who, texts,
};
use lorikeet_flow::Defects;

use crate::Training;

/// The feature's messages in English.
pub const ENGLISH: &str = include_str!("../../../../config/locales/en/training.ftl");

/// The same in German.
pub const GERMAN: &str = include_str!("../../../../config/locales/de/training.ftl");

/// The messages that are always there: language tag and Fluent text.
const OURS: [(&str, &str); 4] = [
    (texts::FALLBACK, texts::ENGLISH),
    (texts::FALLBACK, ENGLISH),
    ("de", texts::GERMAN),
    ("de", GERMAN),
];

/// The commands, in the order help lists them.
const COMMANDS: [Command; 9] = [
    Command {
        name: "start",
        aliases: &["menu", "home"],
        summary: "command-start",
        argument: None,
        pictures: None,
        who: Who::Everyone,
        opens: Opens::Flow(home::NAME),
    },
    Command {
        name: "train",
        aliases: &["new"],
        summary: "command-train",
        argument: Some(Argument {
            name: "name",
            summary: "argument-name",
            kind: ArgumentKind::Text,
            required: false,
        }),
        pictures: Some(Pictures {
            summary: "pictures-add",
            caption: "pictures-caption",
        }),
        who: Who::Everyone,
        opens: Opens::Flow(training::NAME),
    },
    Command {
        name: "loras",
        aliases: &["list", "models"],
        summary: "command-loras",
        argument: Some(Argument {
            name: "name",
            summary: "argument-lora",
            kind: ArgumentKind::Text,
            required: false,
        }),
        pictures: None,
        who: Who::Everyone,
        opens: Opens::Flow(library::NAME),
    },
    Command {
        name: "runs",
        aliases: &["status"],
        summary: "command-runs",
        argument: None,
        pictures: None,
        who: Who::Everyone,
        opens: Opens::Flow(runs::NAME),
    },
    Command {
        name: "language",
        // Who looks for it may not be able to read the word.
        aliases: &["lang", "sprache"],
        summary: "command-language",
        argument: Some(Argument {
            name: "language",
            summary: "argument-language",
            kind: ArgumentKind::Text,
            required: false,
        }),
        pictures: None,
        who: Who::Everyone,
        opens: Opens::Language(language::NAME),
    },
    Command {
        name: "link",
        aliases: &[],
        summary: "command-link",
        argument: Some(Argument {
            name: "code",
            summary: "argument-code",
            kind: ArgumentKind::Secret,
            required: false,
        }),
        pictures: None,
        who: Who::Everyone,
        opens: Opens::Over(linking::NAME),
    },
    Command {
        name: "unlink",
        aliases: &[],
        summary: "command-unlink",
        argument: None,
        pictures: None,
        who: Who::Everyone,
        opens: Opens::Over(linking::PARTING),
    },
    Command {
        name: "help",
        aliases: &[],
        summary: "command-help",
        argument: None,
        pictures: None,
        who: Who::Everyone,
        opens: Opens::Over(help::NAME),
    },
    Command {
        name: "cancel",
        aliases: &["stop"],
        summary: "command-cancel",
        argument: None,
        pictures: None,
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

/// The whole dialog of the feature, in English, German and whatever `locales` adds (language tag, Fluent text).
///
/// # Errors
/// When a definition or a message file is broken.
pub fn dialog(
    training: Training,
    locales: &[(&str, &str)],
) -> Result<Dialog<Training>, BuildError> {
    let catalog = Catalog::new(OURS.into_iter().chain(locales.iter().copied()))?;
    let builder = Dialog::builder(Arc::new(catalog), Arc::new(training), home::NAME)
        .flow(home::flow()?)?
        .flow(help::flow()?)?
        .flow(language::flow()?)?
        .flow(training::flow()?)?
        .flow(advanced::flow()?)?
        .flow(library::flow()?)?
        .flow(runs::flow()?)?
        .flow(linking::flow()?)?
        .flow(linking::parting()?)?
        .suggest("loras", library::names)
        .spoke(linking::spoke)
        .tell(told::tell);
    Ok(COMMANDS
        .into_iter()
        .fold(builder, lorikeet_dialog::DialogBuilder::command)
        .build()?)
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
            Ok(dialog) => assert_eq!(dialog.flows().count(), 9),
            Err(error) => panic!("{error}"),
        }
    }
}
