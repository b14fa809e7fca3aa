//! The dialog as the runtime's logic: sessions in and out as text, reads from the records.

use std::sync::Arc;

use async_trait::async_trait;
use lorikeet_dialog::{Context, Dialog, RunError, Session};
use lorikeet_runtime::{Logic, LogicError, TurnInput, TurnOutput};
use lorikeet_training::Training;

use crate::reader::Records;

/// Runs turns of the training dialog.
pub(crate) struct Assistant {
    pub(crate) dialog: Arc<Dialog<Training>>,
    pub(crate) records: Records,
}

impl Assistant {
    fn session(&self, input: &TurnInput<'_>) -> Session {
        let Some(text) = input.session else {
            return Session::default();
        };
        Session::from_text(text).unwrap_or_else(|error| {
            // Drafts are in the records: only the place in the conversation is lost.
            tracing::warn!(conversation = %input.conversation, %error, "starting the conversation anew");
            Session::anew()
        })
    }
}

#[async_trait]
impl Logic for Assistant {
    async fn turn(&self, input: TurnInput<'_>) -> Result<TurnOutput, LogicError> {
        let session = self.session(&input);
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
            &self.records,
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

    fn apology(&self, input: TurnInput<'_>) -> TurnOutput {
        let session = self.session(&input);
        let effects = vec![self.dialog.apology(session.locale())];
        // As it was, to the letter; before the first turn, what an empty one writes.
        let session = input
            .session
            .map_or_else(|| session.to_text().unwrap_or_default(), str::to_owned);
        TurnOutput { session, effects }
    }
}
