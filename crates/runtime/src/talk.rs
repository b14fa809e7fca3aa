//! A dialog as the runtime's logic: sessions in and out as text, reads by whoever can answer them.

use std::sync::Arc;

use async_trait::async_trait;
use lorikeet_chat::{Conversation, EventId, Sender, Timestamp};
use lorikeet_dialog::{ArgumentKind, Context, Dialog, Domain, Reader, RunError, Session};
use lorikeet_platform::{ArgumentHelp, CommandHelp, PicturesHelp, Told};

use crate::{Logic, LogicError, TurnInput, TurnOutput};

/// Runs the turns of a dialog.
pub struct DialogLogic<D: Domain, R> {
    dialog: Arc<Dialog<D>>,
    reader: R,
}

impl<D: Domain, R: Reader<D>> DialogLogic<D, R> {
    /// The turns of a dialog whose questions the reader answers: `()` for a dialog that has none.
    pub const fn new(dialog: Arc<Dialog<D>>, reader: R) -> Self {
        Self { dialog, reader }
    }

    fn session(input: &TurnInput<'_>) -> Session {
        let Some(text) = input.session else {
            return Session::default();
        };
        Session::from_text(text).unwrap_or_else(|error| {
            // What matters beyond the conversation is kept elsewhere: only the place in it is lost.
            tracing::warn!(conversation = %input.conversation, %error, "starting the conversation anew");
            Session::anew()
        })
    }
}

#[async_trait]
impl<D: Domain, R: Reader<D>> Logic for DialogLogic<D, R> {
    async fn turn(&self, input: TurnInput<'_>) -> Result<TurnOutput, LogicError> {
        let session = Self::session(&input);
        let sender = input.event.sender.clone().unwrap_or_default();
        let texts = self
            .dialog
            .catalog()
            .texts(session.locale().or(sender.locale.as_deref()));
        let context = Context::new(
            input.conversation.clone(),
            input.event.id.clone(),
            sender,
            input.now,
            texts,
            Arc::clone(self.dialog.domain()),
        );
        let turn = lorikeet_dialog::run(
            &self.dialog,
            &session,
            input.event,
            input.generation,
            context,
            &self.reader,
        )
        .await
        .map_err(|error| match error {
            RunError::Read(error) if error.retryable => LogicError::retry(error.message),
            other => LogicError::permanent(other.to_string()),
        })?;
        for fault in &turn.faults {
            tracing::error!(conversation = %input.conversation, event = %input.event.id, fault, "a flow is at fault");
        }
        let session = turn
            .session
            .to_text()
            .map_err(|error| LogicError::permanent(error.to_string()))?;
        Ok(TurnOutput {
            session,
            effects: turn.effects,
        })
    }

    async fn suggest(
        &self,
        conversation: &Conversation,
        command: (&str, &str),
        now: Timestamp,
    ) -> Result<Vec<String>, LogicError> {
        // No event: nothing is made of it, so no id derives from this.
        let event = EventId::new("suggest").map_err(|e| LogicError::permanent(e.to_string()))?;
        let context = Context::new(
            conversation.clone(),
            event,
            Sender::default(),
            now,
            self.dialog.catalog().texts(None),
            Arc::clone(self.dialog.domain()),
        );
        lorikeet_dialog::suggest(&self.dialog, command, context, &self.reader)
            .await
            .map_err(|error| LogicError::retry(error.to_string()))
    }

    fn apology(&self, input: TurnInput<'_>) -> TurnOutput {
        let session = Self::session(&input);
        let effects = vec![self.dialog.apology(session.locale())];
        // As it was, to the letter; before the first turn, what an empty one writes.
        let session = input
            .session
            .map_or_else(|| session.to_text().unwrap_or_default(), str::to_owned);
        TurnOutput { session, effects }
    }
}

/// A dialog's commands, as platforms list them.
pub fn command_help<D: Domain>(dialog: &Dialog<D>) -> Vec<CommandHelp> {
    let catalog = dialog.catalog();
    let told = |id: &str| Told {
        usual: catalog.texts(None).say(id),
        translations: catalog
            .locales()
            .map(|tag| (tag.to_owned(), catalog.texts(Some(tag)).say(id)))
            .collect(),
    };
    let help = |command: &lorikeet_dialog::Command| CommandHelp {
        name: command.name.to_owned(),
        names: catalog
            .locales()
            .filter_map(|tag| {
                let name = catalog.attribute(tag, command.summary, "name")?;
                Some((tag.to_owned(), name))
            })
            .collect(),
        summary: told(command.summary),
        argument: command.argument.map(|argument| ArgumentHelp {
            name: argument.name.to_owned(),
            summary: told(argument.summary),
            required: argument.required,
            is_number: argument.kind == ArgumentKind::Number,
            is_suggested: dialog.suggests(command.name),
            is_secret: argument.kind == ArgumentKind::Secret,
        }),
        pictures: command.pictures.map(|pictures| PicturesHelp {
            summary: told(pictures.summary),
            caption: told(pictures.caption),
        }),
    };
    dialog.commands().iter().map(help).collect()
}
