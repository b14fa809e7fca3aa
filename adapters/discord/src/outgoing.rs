//! From a committed screen to calls: what to change of what stands in the channel, and how.

mod file;
mod memory;
mod message;

use std::sync::{Arc, PoisonError};

use lorikeet_chat::{Conversation, Degradation, Page, Present, Prompt, Rendered, Surface};
use lorikeet_media::BlobError;
use lorikeet_media::art::{Frame, photo};
use lorikeet_platform::{Content, Delivered, Delivery, DeliveryError};
use lorikeet_renderer_discord::{Embed, Payload, Room, capabilities, render};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::api::{Call, File, Refusal};
use crate::data::is_shared;
use crate::handle::{self, Place, Sent};
use crate::incoming::ADD;
use crate::replies::{First, Open};
use crate::{Mode, Shared, words};

pub(crate) use memory::Channels;
pub(crate) use message::{EPHEMERAL, Outgoing, bare};

/// What can be sent as a picture: <https://discord.com/developers/docs/reference#uploading-files>.
const PICTURE: Frame = Frame {
    bytes: 8_000_000,
    side: 4_096,
};

/// A message or channel, of which only the name is wanted.
#[derive(Deserialize)]
pub(crate) struct Named {
    pub(crate) id: String,
}

/// A screen as messages.
pub(crate) fn rendered(present: &Present) -> Rendered<Payload> {
    let capabilities = capabilities();
    render(
        present,
        &Room {
            capabilities: &capabilities,
        },
    )
}

impl Shared {
    /// Delivers one effect.
    pub(crate) async fn deliver(&self, delivery: Delivery<'_>) -> Result<Delivered, DeliveryError> {
        match delivery.content {
            Content::Answer { text, .. } => {
                self.say(delivery.conversation, text).await?;
                Ok(Delivered::default())
            }
            Content::Screen(present) => {
                if let Page::File(number) = present.page {
                    self.send_file(delivery, present, number).await?;
                    return Ok(Delivered::default());
                }
                self.show(present, delivery).await
            }
        }
    }

    /// Where a conversation is.
    async fn channel(&self, conversation: &Conversation) -> Result<String, Refusal> {
        if is_shared(conversation) {
            return Ok(conversation.room.as_str().to_owned());
        }
        self.private_channel(conversation).await
    }

    /// The person's own channel with the bot.
    async fn private_channel(&self, conversation: &Conversation) -> Result<String, Refusal> {
        let person = conversation.user.as_str();
        if let Some(channel) = self.channels.of(person) {
            return Ok(channel);
        }
        let call = Call::of(Method::POST, "dm", "", "/users/@me/channels");
        let opened: Named = self
            .api
            .call(call.body(json!({ "recipient_id": person })))
            .await?;
        self.channels.note(person, &opened.id);
        Ok(opened.id)
    }

    /// Says a sentence to one person: as the answer to what they did, where that still waits for one.
    pub(crate) async fn say(&self, conversation: &Conversation, text: &str) -> Result<(), Refusal> {
        let mut open = self.replies.take(conversation);
        if let Some(last) = open.pop() {
            for other in open {
                other.answer(First::Nothing);
            }
            if last.answer(First::Say(text.to_owned())) {
                return Ok(());
            }
        }
        if let Some(last) = self.replies.last(conversation, Instant::now()) {
            let said = if last.put_off {
                self.original(conversation, &last.token, bare(text), Vec::new())
                    .await
                    .map(drop)
            } else {
                self.follow_up(&last.token, bare(text), Vec::new())
                    .await
                    .map(drop)
            };
            match said {
                Err(Refusal::NoSuchInteraction) => {}
                said => return said,
            }
        }
        // On a server everybody would read it: it goes to the person alone.
        let channel = self.private_channel(conversation).await?;
        let mut body = bare(text);
        body["flags"] = json!(0);
        self.create(&channel, body, Vec::new()).await.map(drop)
    }

    async fn show(
        &self,
        present: &Present,
        delivery: Delivery<'_>,
    ) -> Result<Delivered, DeliveryError> {
        let conversation = delivery.conversation;
        let rendered = rendered(present);
        log_losses(delivery, &rendered.degradations);
        // Before anybody can press what opens them.
        self.windows.keep(conversation, &rendered.messages).await?;
        let mut payloads = rendered.messages;
        if let Some(hint) = self.hint(present, conversation)
            && let Some(last) = payloads.last_mut()
            && last.content.is_empty()
        {
            last.content = hint;
        }
        let messages: Vec<Outgoing> = payloads
            .into_iter()
            .map(|payload| Outgoing::new(payload, conversation))
            .collect();
        let old = delivery.handle.map(handle::read).unwrap_or_default();
        // News answer nobody: what was asked for comes behind them.
        let is_asked_for = present.surface != Surface::Refresh;
        let mut open = if is_asked_for {
            self.replies.take(conversation)
        } else {
            Vec::new()
        };
        let fresh = present.surface == Surface::Fresh || old.messages.is_empty();
        let outcome = if fresh {
            self.anew(delivery, &old, &messages, &mut open).await
        } else {
            match self.change(delivery, &old, &messages, &mut open).await {
                // Somebody deleted it: the whole screen is sent anew.
                Err(Failed::Refused(Refusal::NoSuchMessage)) => {
                    self.anew(delivery, &old, &messages, &mut open).await
                }
                outcome => outcome,
            }
        };
        for left in open {
            left.answer(First::Nothing);
        }
        if is_asked_for {
            self.take_back(conversation).await;
        }
        let place = outcome?;
        if present.screen.is_working() {
            self.types(&place.channel);
        }
        Ok(Delivered {
            handle: handle::write(&place),
        })
    }

    /// Shows that something is going on, for ten seconds or until the next message; if it cannot be, nothing is lost.
    /// <https://discord.com/developers/docs/resources/channel#trigger-typing-indicator>
    fn types(&self, channel: &str) {
        let path = format!("/channels/{channel}/typing");
        let call = Call::of(Method::POST, "typing", channel, path);
        let api = Arc::clone(&self.api);
        tokio::spawn(async move {
            if let Err(refusal) = api.tell(call).await {
                tracing::debug!(%refusal, "an action was not shown");
            }
        });
    }

    /// How pictures are brought, where some are awaited and a message with them alone is not heard of.
    fn hint(&self, present: &Present, conversation: &Conversation) -> Option<String> {
        let Some(Prompt::Images { .. }) = present.screen.prompt else {
            return None;
        };
        let commands = self.commands.read().unwrap_or_else(PoisonError::into_inner);
        let brings = commands.iter().find(|command| command.pictures.is_some())?;
        let command = format!("/{} {ADD}", brings.name);
        let words = words::of_screen(&present.screen);
        match (self.config.mode, is_shared(conversation)) {
            (Mode::Gateway { .. }, false) => None,
            (Mode::Gateway { .. }, true) => {
                let bot = format!("<@{}>", self.me().id);
                let facts = [("bot", bot.as_str()), ("command", command.as_str())];
                Some(words.with("pictures-by-mention", facts))
            }
            (Mode::Http { .. }, _) => {
                Some(words.with("pictures-by-command", [("command", command.as_str())]))
            }
        }
    }

    /// Changes the messages that stand there.
    async fn change(
        &self,
        delivery: Delivery<'_>,
        old: &Place,
        messages: &[Outgoing],
        open: &mut Vec<Open>,
    ) -> Result<Place, Failed> {
        let mut now = Vec::new();
        for (number, message) in messages.iter().enumerate() {
            let Some(before) = old.messages.get(number) else {
                let body = message.created(delivery.id, number);
                let files = self.files(message).await?;
                let id = self.create(&old.channel, body, files).await?;
                now.push(message.sent(id));
                continue;
            };
            if before.shape == message.shape {
                now.push(before.clone());
                continue;
            }
            let redrawn = before.shape.art != message.shape.art;
            let files = if redrawn {
                self.files(message).await?
            } else {
                Vec::new()
            };
            let body = message.changed(redrawn);
            let pressed = open
                .iter()
                .position(|open| open.on.as_ref() == Some(&before.id));
            let answered = match pressed.map(|at| open.remove(at)) {
                Some(pressed) => first(pressed, &body, &files).await,
                None => None,
            };
            match answered {
                Some(answered) => drop(answered?),
                None => {
                    let place = (old.channel.as_str(), before.id.as_str());
                    self.edit(delivery.conversation, place, body, files).await?;
                }
            }
            now.push(message.sent(before.id.clone()));
        }
        for gone in old.messages.iter().skip(messages.len()) {
            self.delete(&old.channel, &gone.id).await;
        }
        Ok(Place {
            channel: old.channel.clone(),
            messages: now,
        })
    }

    /// Sends new messages, and takes the components of the old ones away.
    async fn anew(
        &self,
        delivery: Delivery<'_>,
        old: &Place,
        messages: &[Outgoing],
        open: &mut Vec<Open>,
    ) -> Result<Place, Failed> {
        let conversation = delivery.conversation;
        let half = self.half_sent.take(delivery.id);
        let mut now: Vec<Sent> = Vec::new();
        let mut channel = None;
        for (number, message) in messages.iter().enumerate() {
            if let Some(sent) = half.get(number).filter(|sent| sent.shape == message.shape) {
                now.push(sent.clone());
                continue;
            }
            let sent = self
                .send_new(delivery, number, message, open, &mut channel)
                .await;
            match sent {
                Ok(id) => now.push(message.sent(id)),
                Err(failed) => {
                    self.half_sent.keep(delivery.id, now);
                    return Err(failed);
                }
            }
        }
        for before in old.messages.iter().filter(|sent| sent.shape.has_components) {
            let place = (old.channel.as_str(), before.id.as_str());
            let bare = json!({ "components": [] });
            let stripped = self.edit(conversation, place, bare, Vec::new()).await;
            if let Err(refusal) = stripped {
                // They are answered as old.
                tracing::debug!(%refusal, "old buttons stay");
            }
        }
        let channel = match channel {
            Some(channel) => channel,
            None => self.channel(conversation).await?,
        };
        Ok(Place {
            channel,
            messages: now,
        })
    }

    /// Sends one message: as the answer to a command where one waits, else to the channel, else to the person alone.
    async fn send_new(
        &self,
        delivery: Delivery<'_>,
        number: usize,
        message: &Outgoing,
        open: &mut Vec<Open>,
        channel: &mut Option<String>,
    ) -> Result<String, Failed> {
        let conversation = delivery.conversation;
        let files = self.files(message).await?;
        let body = message.created(delivery.id, number);
        let command = open.iter().rposition(|open| open.on.is_none());
        if let Some(command) = command.map(|at| open.remove(at))
            && let Some(answered) = first(command, &body, &files).await
        {
            return Ok(answered?);
        }
        let last = self.replies.last(conversation, Instant::now());
        if let Some(last) = last.as_ref().filter(|last| last.put_off) {
            let put = self
                .original(conversation, &last.token, body.clone(), files.clone())
                .await;
            match put {
                Err(Refusal::NoSuchInteraction) => {}
                put => return Ok(put?),
            }
        }
        if channel.is_none() {
            *channel = Some(self.channel(conversation).await?);
        }
        let here = channel.as_deref().unwrap_or_default();
        match self.create(here, body.clone(), files.clone()).await {
            // It may not speak here, or not to this person: who has just done something can still be answered.
            Err(Refusal::Gone(why)) => {
                let Some(last) = last else {
                    return Err(Refusal::Gone(why).into());
                };
                let mut body = body;
                body["flags"] = json!(EPHEMERAL);
                Ok(self.follow_up(&last.token, body, files).await?)
            }
            created => Ok(created?),
        }
    }

    /// The pictures of a message, drawn.
    async fn files(&self, message: &Outgoing) -> Result<Vec<File>, Failed> {
        if message.art.is_empty() {
            return Ok(Vec::new());
        }
        let bytes = photo(&message.art, &self.blobs, PICTURE).await?;
        let name = Embed::PICTURE.to_owned();
        Ok(vec![File { name, bytes }])
    }

    /// Sends a message to a channel.
    pub(crate) async fn create(
        &self,
        channel: &str,
        body: Value,
        files: Vec<File>,
    ) -> Result<String, Refusal> {
        let path = format!("/channels/{channel}/messages");
        let call = Call::of(Method::POST, "send", channel, path);
        let created: Named = self.api.call(call.body(body).files(files)).await?;
        Ok(created.id)
    }

    async fn edit(
        &self,
        conversation: &Conversation,
        (channel, id): (&str, &str),
        body: Value,
        files: Vec<File>,
    ) -> Result<(), Refusal> {
        let path = format!("/channels/{channel}/messages/{id}");
        let call = Call::of(Method::PATCH, "edit", channel, path);
        let edited = self
            .api
            .tell(call.body(body.clone()).files(files.clone()))
            .await;
        // Where it may not be, it may still change what it has just answered.
        let Err(Refusal::Gone(why)) = edited else {
            return edited;
        };
        match self.replies.last(conversation, Instant::now()) {
            Some(last) if last.original.as_deref() == Some(id) => self
                .original(conversation, &last.token, body, files)
                .await
                .map(drop),
            _ => Err(Refusal::Gone(why)),
        }
    }

    /// Takes a message away. If it cannot be, its buttons are answered as old.
    async fn delete(&self, channel: &str, id: &str) {
        let path = format!("/channels/{channel}/messages/{id}");
        let call = Call::of(Method::DELETE, "delete", channel, path);
        if let Err(refusal) = self.api.tell(call).await {
            tracing::debug!(%refusal, "an old message stays");
        }
    }
}

/// Gives an interaction its first answer: none where nobody waits for it any more.
pub(crate) async fn first(
    open: Open,
    body: &Value,
    files: &[File],
) -> Option<Result<String, Refusal>> {
    let (done, outcome) = oneshot::channel();
    let message = First::Message {
        body: body.clone(),
        files: files.to_vec(),
        done,
    };
    if !open.answer(message) {
        return None;
    }
    match outcome.await {
        // Too late for an answer, or whoever answers went away without a word: nothing was sent.
        Ok(Err(Refusal::NoSuchInteraction)) | Err(_) => None,
        Ok(outcome) => Some(outcome),
    }
}

fn log_losses(delivery: Delivery<'_>, losses: &[Degradation]) {
    if !losses.is_empty() {
        tracing::debug!(effect = %delivery.id, ?losses, "not all could be shown as meant");
    }
}

/// A failure to read a blob.
fn blob_error(error: BlobError) -> DeliveryError {
    let message = "a file could not be read";
    if error.is_retryable() {
        DeliveryError::retry(message).because(error)
    } else {
        DeliveryError::permanent(message).because(error)
    }
}

/// Why a message is not where it should be.
pub(crate) enum Failed {
    Refused(Refusal),
    Blob(BlobError),
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<BlobError> for Failed {
    fn from(error: BlobError) -> Self {
        Self::Blob(error)
    }
}

impl From<Failed> for DeliveryError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Refused(refusal) => refusal.into(),
            Failed::Blob(error) => blob_error(error),
        }
    }
}
