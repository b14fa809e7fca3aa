//! Interactions that wait for their answer: the person's client says "did not respond" after three seconds.
//!
//! The first answer waits a moment for what the turn says, so that a screen changes in one call and a refused press gets its
//! sentence where only the presser sees it. Whoever comes later works with the token that Discord takes for 15 minutes.
//! <https://discord.com/developers/docs/interactions/receiving-and-responding#followup-messages>

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lorikeet_chat::Conversation;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::api::{File, Refusal};
use crate::incoming::Asked;

/// How long an interaction waits for its turn before it is put off: of the three seconds that Discord gives.
pub(crate) const PATIENCE: Duration = Duration::from_millis(1_500);
/// How long Discord takes later answers, with a little to spare.
const TOKEN: Duration = Duration::from_secs(14 * 60);
/// Conversations whose last interaction is remembered.
const REMEMBERED: usize = 4_096;

/// What a turn says first.
#[derive(Debug)]
pub(crate) enum First {
    /// A message: in place of the one that was used, or in answer to a command.
    Message {
        body: Value,
        files: Vec<File>,
        /// Gets the message's id.
        done: oneshot::Sender<Result<String, Refusal>>,
    },
    /// A sentence for the person alone.
    Say(String),
    /// What there is to see is seen elsewhere.
    Nothing,
}

/// The interactions of this process.
#[derive(Debug, Default)]
pub(crate) struct Replies(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    open: HashMap<Conversation, Vec<Open>>,
    last: HashMap<Conversation, Last>,
}

/// An interaction without an answer yet.
#[derive(Debug)]
pub(crate) struct Open {
    /// The message it is about; none for a command.
    pub(crate) on: Option<String>,
    first: oneshot::Sender<First>,
}

impl Open {
    /// Answers it; false where nobody waits any more.
    pub(crate) fn answer(self, first: First) -> bool {
        self.first.send(first).is_ok()
    }
}

/// A conversation's last interaction.
#[derive(Clone, Debug)]
pub(crate) struct Last {
    pub(crate) token: String,
    /// Bytes of a file, at most, in an answer to it.
    pub(crate) largest_file: Option<u64>,
    /// A message that says that something is coming stands there.
    pub(crate) put_off: bool,
    /// The message it is about, or was answered with: it can be changed with the token alone.
    pub(crate) original: Option<String>,
    until: Instant,
}

impl Replies {
    /// Takes a place for an interaction. Before its event is handed over, so that no answer is too early.
    pub(crate) fn wait(
        &self,
        conversation: &Conversation,
        asked: &Asked,
        now: Instant,
    ) -> oneshot::Receiver<First> {
        let (first, said) = oneshot::channel();
        let mut inner = self.lock();
        let open = Open {
            on: asked.on.clone(),
            first,
        };
        inner
            .open
            .entry(conversation.clone())
            .or_default()
            .push(open);
        if inner.last.len() >= REMEMBERED {
            inner.last.retain(|_, last| last.until > now);
            if inner.last.len() >= REMEMBERED {
                inner.last.clear();
            }
        }
        let last = Last {
            token: asked.token.clone(),
            largest_file: asked.largest_file,
            put_off: false,
            original: asked.on.clone(),
            until: now + TOKEN,
        };
        inner.last.insert(conversation.clone(), last);
        said
    }

    /// Everything of a conversation that waits.
    pub(crate) fn take(&self, conversation: &Conversation) -> Vec<Open> {
        let mut open = self.lock().open.remove(conversation).unwrap_or_default();
        open.retain(|open| !open.first.is_closed());
        open
    }

    /// Forgets what nobody waits for any more.
    pub(crate) fn tidy(&self, conversation: &Conversation) {
        let mut inner = self.lock();
        if let Some(open) = inner.open.get_mut(conversation) {
            open.retain(|open| !open.first.is_closed());
            if open.is_empty() {
                inner.open.remove(conversation);
            }
        }
    }

    /// The conversation's last interaction, while Discord takes answers to it.
    pub(crate) fn last(&self, conversation: &Conversation, now: Instant) -> Option<Last> {
        let inner = self.lock();
        let last = inner.last.get(conversation)?;
        (last.until > now).then(|| last.clone())
    }

    /// Notes that a message of this interaction says that something is coming, or does not say so any more.
    pub(crate) fn put_off(&self, conversation: &Conversation, token: &str, put_off: bool) {
        let mut inner = self.lock();
        if let Some(last) = inner.last.get_mut(conversation)
            && last.token == token
        {
            last.put_off = put_off;
        }
    }

    /// Notes which message an interaction was answered with.
    pub(crate) fn answered(&self, conversation: &Conversation, token: &str, message: &str) {
        let mut inner = self.lock();
        if let Some(last) = inner.last.get_mut(conversation)
            && last.token == token
        {
            last.original = Some(message.to_owned());
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kea() -> Conversation {
        Conversation::from_key("discord/7//7").unwrap()
    }

    fn asked(token: &str) -> Asked {
        Asked {
            id: "1".to_owned(),
            token: token.to_owned(),
            channel: "9".to_owned(),
            on: Some("5".to_owned()),
            is_form: false,
            language: None,
            largest_file: None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_interaction_is_answered_once() {
        let replies = Replies::default();
        let said = replies.wait(&kea(), &asked("a"), Instant::now());
        let mut open = replies.take(&kea());
        assert_eq!(open.len(), 1);
        assert!(open.remove(0).answer(First::Say("no".to_owned())));
        assert!(matches!(said.await, Ok(First::Say(text)) if text == "no"));
        assert!(replies.take(&kea()).is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn who_went_away_is_not_kept() {
        let replies = Replies::default();
        drop(replies.wait(&kea(), &asked("a"), Instant::now()));
        assert!(replies.take(&kea()).is_empty());
        drop(replies.wait(&kea(), &asked("b"), Instant::now()));
        replies.tidy(&kea());
        assert!(replies.lock().open.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_used_for_as_long_as_it_is_taken() {
        let replies = Replies::default();
        let now = Instant::now();
        drop(replies.wait(&kea(), &asked("a"), now));
        replies.put_off(&kea(), "another", true);
        assert!(!replies.last(&kea(), now).unwrap().put_off);
        replies.put_off(&kea(), "a", true);
        assert!(replies.last(&kea(), now).unwrap().put_off);
        assert!(replies.last(&kea(), now + TOKEN).is_none());
        let later = now + TOKEN * 2;
        for user in 1..=REMEMBERED {
            let conversation = Conversation::from_key(&format!("discord/{user}//{user}")).unwrap();
            drop(replies.wait(&conversation, &asked("b"), later));
        }
        assert!(replies.lock().last.len() <= REMEMBERED);
    }
}
