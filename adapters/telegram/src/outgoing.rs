//! From a committed screen to calls: what to change of what stands in the chat, and how.

mod file;
mod message;

use std::time::Duration;

use bytes::Bytes;
use lorikeet_chat::{Conversation, Degradation, Page, Present, Rendered, Surface};
use lorikeet_media::BlobError;
use lorikeet_media::art::{Frame, photo};
use lorikeet_platform::{Content, Delivered, Delivery, DeliveryError, Failure};
use lorikeet_renderer_telegram::{Payload, Room, capabilities, render};
use lorikeet_store::StoreError;
use serde_json::json;
use teloxide_core::types::InputFile;
use tokio::time::{Instant, sleep};

use crate::Shared;
use crate::api::{
    DeleteMessages, EditMessageCaption, EditMessageMedia, EditMessageReplyMarkup, EditMessageText,
    InputPhoto, NO_PREVIEW, Place, Refusal, SendMessage, SendPhoto, Sent as Answer, call, upload,
};
use crate::handle::{self, Sent, Shape, Step, plan};

use message::Outgoing;
pub(crate) use message::calls;

/// The longest wait for a place in a chat inside of one delivery; a longer one is waited for outside.
const PATIENCE: Duration = Duration::from_secs(2);

/// Drawing and sending a picture is not worth a word when it is done this soon.
const SHORT: Duration = Duration::from_secs(1);

/// <https://core.telegram.org/bots/api#sendphoto>: both sides together may have 10,000 pixels.
const PHOTO: Frame = Frame {
    bytes: 10_000_000,
    side: 4_096,
};

const HTML: &str = "HTML";
const UPLOAD_PHOTO: &str = "upload_photo";

/// Where a conversation is.
pub(crate) fn place(conversation: &Conversation) -> Option<Place> {
    let thread = conversation.thread.as_ref();
    Some(Place {
        chat_id: conversation.room.as_str().parse().ok()?,
        message_thread_id: match thread {
            Some(thread) => Some(thread.as_str().parse().ok()?),
            None => None,
        },
    })
}

/// Whether there are several people.
fn is_group(conversation: &Conversation) -> bool {
    conversation.room.as_str() != conversation.user.as_str()
}

/// A screen as messages of a conversation.
pub(crate) fn rendered(present: &Present, conversation: &Conversation) -> Rendered<Payload> {
    render(
        present,
        &Room {
            capabilities: &capabilities(),
            group: is_group(conversation),
        },
    )
}

impl Shared {
    /// Delivers one effect.
    pub(crate) async fn deliver(&self, delivery: Delivery<'_>) -> Result<Delivered, DeliveryError> {
        let conversation = delivery.conversation;
        let mut place = place(conversation)
            .ok_or_else(|| DeliveryError::permanent("a conversation that is none of Telegram's"))?;
        let home = place.chat_id;
        place.chat_id = self.moves.current(home).await.map_err(moves_error)?;
        match delivery.content {
            Content::Answer { text, .. } => {
                if !self.queries.answer(conversation, text) {
                    self.turn_of(place.chat_id).await?;
                    self.say(place, text, None).await?;
                }
                Ok(Delivered::default())
            }
            Content::Screen(present) => {
                // Whatever was pressed has its answer on the screen.
                self.queries.answer(conversation, "");
                if let Page::File(number) = present.page {
                    return self.send_file(place, present, number).await;
                }
                let moved = (place.chat_id != home).then_some(place.chat_id);
                self.show(place, moved, present, delivery).await
            }
        }
    }

    /// Sends a sentence as a message of its own.
    pub(crate) async fn say(
        &self,
        place: Place,
        text: &str,
        reply_to: Option<i64>,
    ) -> Result<Answer, Refusal> {
        let sent = call(
            &self.bot,
            SendMessage {
                place,
                text: escaped(text),
                parse_mode: HTML,
                link_preview_options: NO_PREVIEW,
                reply_markup: None,
                reply_parameters: reply_to
                    .map(|id| json!({ "message_id": id, "allow_sending_without_reply": true })),
            },
        );
        self.heeded(place.chat_id, sent.await)
    }

    async fn show(
        &self,
        place: Place,
        moved: Option<i64>,
        present: &Present,
        delivery: Delivery<'_>,
    ) -> Result<Delivered, DeliveryError> {
        let rendered = rendered(present, delivery.conversation);
        log_losses(delivery, &rendered.degradations);
        let messages: Vec<Outgoing> = rendered
            .messages
            .into_iter()
            .map(|payload| Outgoing::new(payload, delivery.conversation))
            .collect();
        let shapes: Vec<Shape> = messages.iter().map(|message| message.shape).collect();
        let old = delivery
            .handle
            .map(|handle| handle::read(handle, moved))
            .unwrap_or_default();
        let fresh = present.surface == Surface::Fresh || old.is_empty();
        self.types(place, delivery.conversation, present.screen.is_working());
        let mut now: Vec<Sent> = Vec::new();
        // A repeat goes on where the last try broke off.
        let half = self.half_sent.take(delivery.id);
        let mut steps = plan(&old, &shapes, fresh);
        let mut at = 0;
        while let Some(step) = steps.get(at).copied() {
            at += 1;
            let outcome = match step {
                Step::Keep { old: place } => Ok(old.get(place).copied()),
                Step::Send { new } => match half.get(new) {
                    Some(sent) if Some(&sent.shape) == shapes.get(new) => Ok(Some(*sent)),
                    _ => self.send(place, &messages[new]).await.map(Some),
                },
                Step::Edit {
                    old: from,
                    new,
                    art,
                } => {
                    let sent = old[from];
                    match self.edit(place, sent, &messages[new], art).await {
                        Err(Failed::Refused(Refusal::NoSuchMessage)) => {
                            // Somebody deleted it, or it is too old: the whole screen is sent anew.
                            now.clear();
                            let rest = old.iter().filter(|other| other.id != sent.id).copied();
                            steps = plan(&rest.collect::<Vec<Sent>>(), &shapes, true);
                            at = 0;
                            continue;
                        }
                        outcome => outcome.map(|()| {
                            Some(Sent {
                                id: sent.id,
                                shape: shapes[new],
                            })
                        }),
                    }
                }
                Step::Strip { id } => {
                    self.strip(place, id).await;
                    Ok(None)
                }
                Step::Delete { id } => {
                    self.delete(place, id).await;
                    Ok(None)
                }
            };
            match outcome {
                Ok(sent) => now.extend(sent),
                // What stands in a group that has become another is not there any more.
                Err(failed @ Failed::Refused(Refusal::Moved(_))) => return Err(failed.into()),
                Err(failed) => {
                    self.half_sent.keep(delivery.id, now);
                    return Err(failed.into());
                }
            }
        }
        Ok(Delivered {
            handle: handle::write(&now, moved),
        })
    }

    async fn send(&self, place: Place, message: &Outgoing) -> Result<Sent, Failed> {
        self.turn_of(place.chat_id).await?;
        let markup = message.markup.clone();
        let payload = &message.payload;
        let answer = if payload.art.is_empty() {
            let sent = call(
                &self.bot,
                SendMessage {
                    place,
                    text: payload.text.clone(),
                    parse_mode: HTML,
                    link_preview_options: NO_PREVIEW,
                    reply_markup: markup,
                    reply_parameters: None,
                },
            );
            self.heeded(place.chat_id, sent.await)
        } else {
            let _acting = self.acting(place, UPLOAD_PHOTO, SHORT);
            let picture = photo(&payload.art, &self.blobs, PHOTO)
                .await
                .map_err(blob_error)?;
            let sent = upload(
                &self.bot,
                SendPhoto {
                    chat_id: place.chat_id,
                    message_thread_id: place.message_thread_id,
                    photo: picture_file(picture),
                    caption: payload.text.clone(),
                    parse_mode: HTML,
                    reply_markup: markup.map(|markup| markup.get().to_owned()),
                },
            );
            self.heeded(place.chat_id, sent.await)
        };
        Ok(Sent {
            id: answer?.message_id,
            shape: message.shape,
        })
    }

    async fn edit(
        &self,
        place: Place,
        sent: Sent,
        message: &Outgoing,
        art: bool,
    ) -> Result<(), Failed> {
        self.turn_of(place.chat_id).await?;
        let (chat_id, message_id) = (place.chat_id, sent.id);
        let reply_markup = message.markup.clone();
        let (payload, parse_mode) = (&message.payload, HTML);
        let outcome = if payload.art.is_empty() {
            let edited = call(
                &self.bot,
                EditMessageText {
                    chat_id,
                    message_id,
                    text: payload.text.clone(),
                    parse_mode,
                    link_preview_options: NO_PREVIEW,
                    reply_markup,
                },
            );
            edited.await
        } else if art {
            let _acting = self.acting(place, UPLOAD_PHOTO, SHORT);
            let picture = photo(&payload.art, &self.blobs, PHOTO)
                .await
                .map_err(blob_error)?;
            let media = InputPhoto {
                kind: "photo",
                media: picture_file(picture),
                caption: payload.text.clone(),
                parse_mode,
            };
            let edited = upload(
                &self.bot,
                EditMessageMedia {
                    chat_id,
                    message_id,
                    media,
                    reply_markup: reply_markup.map(|markup| markup.get().to_owned()),
                },
            );
            edited.await
        } else {
            let edited = call(
                &self.bot,
                EditMessageCaption {
                    chat_id,
                    message_id,
                    caption: payload.text.clone(),
                    parse_mode,
                    reply_markup,
                },
            );
            edited.await
        };
        match self.heeded(chat_id, outcome) {
            Ok(_) | Err(Refusal::NotModified) => Ok(()),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// Takes the buttons of an old screen away. If it cannot be, they are answered as old.
    async fn strip(&self, place: Place, message_id: i64) {
        let chat_id = place.chat_id;
        if self.turn_of(chat_id).await.is_err() {
            return;
        }
        let edited = call(
            &self.bot,
            EditMessageReplyMarkup {
                chat_id,
                message_id,
            },
        );
        if let Err(refusal) = self.heeded(chat_id, edited.await) {
            tracing::debug!(%refusal, "old buttons stay");
        }
    }

    async fn delete(&self, place: Place, message_id: i64) {
        let chat_id = place.chat_id;
        let message_ids = vec![message_id];
        let deleted = call(
            &self.bot,
            DeleteMessages {
                chat_id,
                message_ids,
            },
        );
        if let Err(refusal) = self.heeded(chat_id, deleted.await) {
            tracing::debug!(%refusal, "an old message stays");
            self.strip(place, message_id).await;
        }
    }

    /// Waits for the chat's next place.
    async fn turn_of(&self, chat: i64) -> Result<(), DeliveryError> {
        match self.pace.take(chat, Instant::now(), PATIENCE) {
            // Even a sleep of nothing lasts up to a millisecond.
            Ok(Duration::ZERO) => Ok(()),
            Ok(wait) => {
                sleep(wait).await;
                Ok(())
            }
            Err(wait) => {
                let mut error = DeliveryError::retry("the chat has its pause");
                error.failure = Failure::Retry { after: Some(wait) };
                Err(error)
            }
        }
    }

    /// Notes when Telegram wants a pause in a chat, or has another id for it.
    fn heeded<T>(&self, chat: i64, outcome: Result<T, Refusal>) -> Result<T, Refusal> {
        match &outcome {
            Err(Refusal::Flood(pause)) => self.pace.pause(chat, *pause, Instant::now()),
            Err(Refusal::Moved(new)) => self.moves.heard(chat, *new),
            _ => {}
        }
        outcome
    }
}

fn picture_file(bytes: Bytes) -> InputFile {
    InputFile::memory(bytes).file_name("screen.png")
}

/// Text for Telegram's HTML, <https://core.telegram.org/bots/api#html-style>, and any other's.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn log_losses(delivery: Delivery<'_>, losses: &[Degradation]) {
    if !losses.is_empty() {
        tracing::debug!(effect = %delivery.id, ?losses, "not all could be shown as meant");
    }
}

fn moves_error(error: StoreError) -> DeliveryError {
    DeliveryError::retry("where the chat is now cannot be looked up").because(error)
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
enum Failed {
    Refused(Refusal),
    Other(DeliveryError),
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<DeliveryError> for Failed {
    fn from(error: DeliveryError) -> Self {
        Self::Other(error)
    }
}

impl From<Failed> for DeliveryError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Refused(refusal) => refusal.into(),
            Failed::Other(error) => error,
        }
    }
}
