//! An interaction on its way into a mailbox, and what it is answered first.

use std::sync::Arc;
use std::time::Duration;

use lorikeet_chat::{Conversation, Event, PageToken};
use lorikeet_platform::{Accepted, Inbox, InboxError};
use lorikeet_store::{Clock as _, SystemClock};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout};

use crate::api::{Call, File, Refusal};
use crate::incoming::{Asked, Incoming, read};
use crate::interaction::Interaction;
use crate::outgoing::{Named, bare};
use crate::replies::{First, PATIENCE};
use crate::{Shared, commands, data, words};

/// Kinds of first answers:
/// <https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object-interaction-callback-type>.
mod answer {
    pub(super) const PONG: u8 = 1;
    pub(super) const MESSAGE: u8 = 4;
    pub(super) const MESSAGE_LATER: u8 = 5;
    pub(super) const UPDATE_LATER: u8 = 6;
    pub(super) const UPDATE: u8 = 7;
    pub(super) const CHOICES: u8 = 8;
    pub(super) const MODAL: u8 = 9;
}

/// How long it may stand somewhere that something is coming, when it came elsewhere.
const LATER: Duration = Duration::from_secs(60);
/// How often a message is looked for that Discord has been told of and may not have yet.
const LOOKS: u32 = 8;
/// The pause between two looks.
const LOOK: Duration = Duration::from_millis(150);

/// Where the first answer goes.
pub(crate) enum Sink {
    /// Into the body of the answer to Discord's own request.
    Body(oneshot::Sender<Value>),
    /// By a call of its own, which may bring files and says what it made.
    Call {
        /// The interaction.
        id: String,
        /// What it is answered with.
        token: String,
    },
}

/// What came of a first answer:
/// <https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-callback-interaction-callback-response-object>.
#[derive(Deserialize)]
struct Called {
    interaction: CalledInteraction,
}

#[derive(Deserialize)]
struct CalledInteraction {
    response_message_id: Option<String>,
}

impl Shared {
    /// Hands an interaction over, and answers it in time. `taken` is dropped as soon as its event is kept, or is none.
    pub(crate) async fn attend(
        self: &Arc<Self>,
        inbox: &dyn Inbox,
        interaction: Interaction,
        sink: Sink,
        taken: oneshot::Sender<()>,
    ) {
        let number = interaction.id.clone();
        let read = read(interaction, &self.me(), SystemClock.now());
        let outcome = match read {
            Incoming::Ping => self.reply(sink, answer::PONG, Value::Null).await,
            Incoming::Nothing(why) => {
                tracing::debug!(interaction = number, why, "an interaction is left out");
                Ok(())
            }
            Incoming::Typing {
                conversation,
                command,
                typed,
            } => {
                drop(taken);
                let suggested = inbox.suggest(&conversation, &command, &typed);
                // Who types on asks again: nothing is better than something late.
                let names = match timeout(PATIENCE, suggested).await {
                    Ok(Ok(names)) => names,
                    Ok(Err(error)) => {
                        tracing::warn!(%error, "nothing could be suggested");
                        Vec::new()
                    }
                    Err(_) => Vec::new(),
                };
                let choices = commands::choices(names);
                self.reply(sink, answer::CHOICES, json!({ "choices": choices }))
                    .await
            }
            Incoming::Refused { asked, sentence } => {
                drop(taken);
                let text = words::of(asked.language.as_deref()).say(sentence);
                self.reply(sink, answer::MESSAGE, bare(&text)).await
            }
            Incoming::Event {
                conversation,
                event,
                asked,
                window,
            } => {
                if !data::is_shared(&conversation) {
                    self.channels
                        .note(conversation.user.as_str(), &asked.channel);
                }
                match self.window(&conversation, window, &asked).await {
                    Some(window) => {
                        drop(taken);
                        self.reply(sink, answer::MODAL, window).await
                    }
                    None => {
                        let event = (conversation, event);
                        self.turned(inbox, event, asked, (sink, taken)).await
                    }
                }
            }
        };
        if let Err(refusal) = outcome {
            tracing::warn!(interaction = number, %refusal, "an interaction could not be answered");
        }
    }

    /// The form that a press opens, where it can be the answer.
    async fn window(
        &self,
        conversation: &Conversation,
        page: Option<PageToken>,
        asked: &Asked,
    ) -> Option<Value> {
        if asked.is_form {
            // A form cannot be answered with another.
            return None;
        }
        match self.windows.of(conversation, page?).await {
            Ok(window) => window,
            Err(error) => {
                tracing::warn!(%error, "a form could not be looked up");
                None
            }
        }
    }

    /// Hands an event over, and answers with what its turn says.
    async fn turned(
        self: &Arc<Self>,
        inbox: &dyn Inbox,
        (conversation, event): (Conversation, Box<Event>),
        asked: Asked,
        (sink, taken): (Sink, oneshot::Sender<()>),
    ) -> Result<(), Refusal> {
        let words = words::of(asked.language.as_deref());
        let begun = Instant::now();
        let said = self.replies.wait(&conversation, &asked, begun);
        let mut accepting = inbox.accept(&conversation, *event);
        let accepted = match timeout(PATIENCE, &mut accepting).await {
            Ok(accepted) => accepted,
            Err(_) => {
                // The store is slow, and Discord does not wait for it.
                drop(said);
                let told = self.put_off(&conversation, &asked, sink).await;
                // Whether or not Discord could be told: what was done is kept.
                let accepted = accepting.await;
                drop(taken);
                return match refusal(accepted) {
                    Some(sentence) => self.say(&conversation, &words.say(sentence)).await,
                    None => told,
                };
            }
        };
        drop(taken);
        if let Some(sentence) = refusal(accepted) {
            drop(said);
            self.replies.tidy(&conversation);
            let said = bare(&words.say(sentence));
            return self.reply(sink, answer::MESSAGE, said).await;
        }
        let said = timeout(PATIENCE.saturating_sub(begun.elapsed()), said).await;
        self.replies.tidy(&conversation);
        match said {
            Ok(Ok(First::Say(text))) => self.reply(sink, answer::MESSAGE, bare(&text)).await,
            Ok(Ok(First::Message { body, files, done })) => {
                let sent = self.first(&conversation, &asked, sink, body, files).await;
                let failed = sent.as_ref().err().cloned();
                // Whoever waits for it may have been stopped.
                let _ = done.send(sent);
                failed.map_or(Ok(()), Err)
            }
            Ok(Ok(First::Nothing)) if asked.on.is_none() => {
                let said = bare(&words.say("seen-above"));
                self.reply(sink, answer::MESSAGE, said).await
            }
            Ok(Ok(First::Nothing) | Err(_)) | Err(_) => {
                self.put_off(&conversation, &asked, sink).await
            }
        }
    }

    /// Says that an answer is on its way.
    async fn put_off(
        self: &Arc<Self>,
        conversation: &Conversation,
        asked: &Asked,
        sink: Sink,
    ) -> Result<(), Refusal> {
        if asked.on.is_some() {
            return self.reply(sink, answer::UPDATE_LATER, Value::Null).await;
        }
        self.replies.put_off(conversation, &asked.token, true);
        self.reply(sink, answer::MESSAGE_LATER, Value::Null).await?;
        // Another process may answer, and know nothing of it.
        let (shared, conversation, token) =
            (Arc::clone(self), conversation.clone(), asked.token.clone());
        tokio::spawn(async move {
            sleep(LATER).await;
            let last = shared.replies.last(&conversation, Instant::now());
            if last.is_some_and(|last| last.token == token) {
                shared.take_back(&conversation).await;
            }
        });
        Ok(())
    }

    /// Takes the words away that something is coming, where they still stand though it came elsewhere.
    pub(crate) async fn take_back(&self, conversation: &Conversation) {
        let last = self.replies.last(conversation, Instant::now());
        let Some(last) = last.filter(|last| last.put_off) else {
            return;
        };
        self.replies.put_off(conversation, &last.token, false);
        let call = Call::answer(Method::DELETE, self.original_path(&last.token));
        if let Err(refusal) = self.api.tell(call).await {
            tracing::debug!(%refusal, "words that something is coming stay");
        }
    }

    /// Answers with a message; its id.
    async fn first(
        self: &Arc<Self>,
        conversation: &Conversation,
        asked: &Asked,
        sink: Sink,
        body: Value,
        files: Vec<File>,
    ) -> Result<String, Refusal> {
        let body = answered(body);
        if !files.is_empty() && matches!(sink, Sink::Body(_)) {
            // The answer to Discord's request holds no files.
            self.put_off(conversation, asked, sink).await?;
            return self.original(conversation, &asked.token, body, files).await;
        }
        let kind = match asked.on {
            Some(_) => answer::UPDATE,
            None => answer::MESSAGE,
        };
        let replied = self.replied(sink, kind, body, files).await;
        if let Err(refusal) = &replied
            && *refusal != Refusal::NoSuchInteraction
        {
            // Its message was deleted, or it is too large. It is answered all the same; the screen may come anew, if not to a
            // command that Discord will never take it for.
            let (id, token) = (asked.id.clone(), asked.token.clone());
            let again = Sink::Call { id, token };
            let answered = if asked.on.is_some() || refusal.may_pass() {
                self.put_off(conversation, asked, again).await
            } else {
                let text = words::of(asked.language.as_deref()).say("not-shown");
                self.reply(again, answer::MESSAGE, bare(&text)).await
            };
            if let Err(refusal) = answered {
                tracing::debug!(%refusal, "an interaction stays without an answer");
            }
        }
        let replied = replied?;
        if let Some(on) = &asked.on {
            return Ok(on.clone());
        }
        let id = match replied {
            Some(id) => id,
            None => {
                let path = self.original_path(&asked.token);
                self.looked_for(|| Call::answer(Method::GET, path.clone()))
                    .await?
            }
        };
        self.replies.answered(conversation, &asked.token, &id);
        Ok(id)
    }

    /// Gives a first answer without files.
    async fn reply(&self, sink: Sink, kind: u8, data: Value) -> Result<(), Refusal> {
        self.replied(sink, kind, data, Vec::new()).await.map(drop)
    }

    /// Gives a first answer; the message it made, where that is known.
    async fn replied(
        &self,
        sink: Sink,
        kind: u8,
        data: Value,
        files: Vec<File>,
    ) -> Result<Option<String>, Refusal> {
        let mut answer = json!({ "type": kind });
        if !data.is_null() {
            answer["data"] = data;
        }
        let (id, token) = match sink {
            Sink::Body(body) => {
                // Whoever asked may have gone away: then this answers nothing.
                let sent = body.send(answer);
                return sent.map(|()| None).map_err(|_| Refusal::NoSuchInteraction);
            }
            Sink::Call { id, token } => (id, token),
        };
        let path = format!("/interactions/{id}/{token}/callback?with_response=true");
        let call = || {
            Call::answer(Method::POST, path.clone())
                .body(answer.clone())
                .files(files.clone())
        };
        let called: Result<Called, Refusal> = match self.api.call(call()).await {
            // Once more: there are three seconds, and what was done already says so.
            Err(Refusal::Network(_)) => self.api.call(call()).await,
            called => called,
        };
        match called {
            Ok(called) => Ok(called.interaction.response_message_id),
            Err(Refusal::Answered) => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    /// Changes the first answer to an interaction, or puts one where it was said to be on its way.
    pub(crate) async fn original(
        &self,
        conversation: &Conversation,
        token: &str,
        body: Value,
        files: Vec<File>,
    ) -> Result<String, Refusal> {
        let (path, body) = (self.original_path(token), answered(body));
        let put = self
            .looked_for(|| {
                Call::answer(Method::PATCH, path.clone())
                    .body(body.clone())
                    .files(files.clone())
            })
            .await;
        if !matches!(put, Err(Refusal::Network(_))) {
            self.replies.put_off(conversation, token, false);
        }
        if let Ok(id) = &put {
            self.replies.answered(conversation, token, id);
        }
        put
    }

    /// A further answer to an interaction.
    pub(crate) async fn follow_up(
        &self,
        token: &str,
        body: Value,
        files: Vec<File>,
    ) -> Result<String, Refusal> {
        let path = format!("/webhooks/{}/{token}?wait=true", self.me().application);
        let call = Call::answer(Method::POST, path);
        let sent: Named = self
            .api
            .call(call.body(answered(body)).files(files))
            .await?;
        Ok(sent.id)
    }

    fn original_path(&self, token: &str) -> String {
        format!(
            "/webhooks/{}/{token}/messages/@original",
            self.me().application
        )
    }

    /// Makes a call about a message that Discord may not have yet: its request is answered, but not done with.
    async fn looked_for(&self, call: impl Fn() -> Call) -> Result<String, Refusal> {
        let mut looks = 0;
        loop {
            looks += 1;
            match self.api.call::<Named>(call()).await {
                Err(Refusal::NoSuchInteraction | Refusal::NoSuchMessage) if looks < LOOKS => {
                    sleep(LOOK).await;
                }
                outcome => return outcome.map(|message| message.id),
            }
        }
    }
}

/// What is said of an event that is not in a mailbox now.
fn refusal(accepted: Result<Accepted, InboxError>) -> Option<&'static str> {
    match accepted {
        Ok(Accepted::Accepted | Accepted::Duplicate) => None,
        Ok(Accepted::Full) => Some("message-full"),
        Err(error) => {
            tracing::warn!(%error, "an interaction was not kept");
            Some("not-taken")
        }
    }
}

/// A message as an answer to an interaction takes it.
fn answered(mut body: Value) -> Value {
    if let Some(body) = body.as_object_mut() {
        body.remove("nonce");
        body.remove("enforce_nonce");
    }
    body
}
