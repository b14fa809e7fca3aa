//! Presses that wait for their answer: the person's client shows a clock on the button until it comes.
//!
//! Telegram takes one answer for each. It waits a moment for what the turn says, so that a refused press gets its sentence where it
//! was made; whoever comes later says it as a message.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lorikeet_chat::Conversation;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long a press waits for its turn before it is acknowledged without a word.
const PATIENCE: Duration = Duration::from_millis(400);
/// Characters of an answer: <https://core.telegram.org/bots/api#answercallbackquery>.
const ANSWER: usize = 200;

/// The presses of this process that wait.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queries(Arc<Mutex<HashMap<Conversation, Vec<oneshot::Sender<String>>>>>);

impl Queries {
    /// Takes a place for a press of a conversation. Before its event is handed over, so that no answer is too early.
    pub(crate) fn wait(&self, conversation: &Conversation) -> Waiting {
        let (answer, answered) = oneshot::channel();
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting
            .entry(conversation.clone())
            .or_default()
            .push(answer);
        Waiting(answered)
    }

    /// Answers every press of a conversation that waits; false when none does.
    pub(crate) fn answer(&self, conversation: &Conversation, text: &str) -> bool {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(answers) = waiting.remove(conversation) else {
            return false;
        };
        drop(waiting);
        let text: String = text.chars().take(ANSWER).collect();
        let mut anybody = false;
        for answer in answers {
            anybody |= answer.send(text.clone()).is_ok();
        }
        anybody
    }

    /// Forgets presses that nobody waits for any more.
    pub(crate) fn tidy(&self, conversation: &Conversation) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answers) = waiting.get_mut(conversation) {
            answers.retain(|answer| !answer.is_closed());
            if answers.is_empty() {
                waiting.remove(conversation);
            }
        }
    }
}

/// A press that waits.
#[derive(Debug)]
pub(crate) struct Waiting(oneshot::Receiver<String>);

impl Waiting {
    /// What it is answered; empty when nothing was said in time.
    pub(crate) async fn answered(self, queries: &Queries, conversation: &Conversation) -> String {
        let Self(answered) = self;
        let text = match timeout(PATIENCE, answered).await {
            Ok(Ok(text)) => text,
            Ok(Err(_)) | Err(_) => String::new(),
        };
        queries.tidy(conversation);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kea() -> Conversation {
        Conversation::from_key("telegram/7//7").unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_press_is_answered_once_by_what_its_turn_says() {
        let queries = Queries::default();
        let waiting = queries.wait(&kea());
        assert!(queries.answer(&kea(), &"x".repeat(300)));
        assert!(!queries.answer(&kea(), "again"));
        let said = waiting.answered(&queries, &kea()).await;
        assert_eq!(said.len(), ANSWER);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever_and_nothing_is_kept() {
        let queries = Queries::default();
        let waiting = queries.wait(&kea());
        assert_eq!(waiting.answered(&queries, &kea()).await, "");
        // One whose event was refused is not waited for at all.
        drop(queries.wait(&kea()));
        queries.tidy(&kea());
        assert!(!queries.answer(&kea(), "too late"));
        assert!(queries.0.lock().unwrap().is_empty());
    }
}
