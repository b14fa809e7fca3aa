//! The suite itself: a sound adapter passes, and each flaw is found by the case that is meant to find it.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::{Either, select};
use futures::{FutureExt as _, StreamExt as _, stream};
use lorikeet_chat::{
    Attachment, Block, Capabilities, Control, Conversation, Event, EventBody, EventId, FileLimits,
    MediaSource, MenuLimits, MessageHandle, Origin, PlatformId, RoomId, Sender, Stamp, Support,
    Surface, TextLimits, TextUnit, Timestamp, UserId,
};
use lorikeet_platform::conformance::{Harness, Message, Receipt, Update, check};
use lorikeet_platform::{
    Accepted, Adapter, CommandHelp, Content, Delivered, Delivery, DeliveryError, Failure, Inbox,
    InboxError, MediaStream, Placement, Stop,
};
use tokio::sync::{mpsc, oneshot};

#[tokio::test]
async fn a_sound_adapter_passes() {
    check(|| async { Fake::new(None) }).await.unwrap();
}

#[tokio::test]
async fn each_flaw_is_found_by_its_case() {
    let flaws = [
        (Flaw::AcknowledgesFirst, "accepted_before_acknowledged"),
        (
            Flaw::AcknowledgesAlways,
            "not_acknowledged_while_the_store_is_down",
        ),
        (
            Flaw::NumbersAcceptance,
            "the_same_update_has_the_same_event_id",
        ),
        (Flaw::TrimsText, "text_and_commands_arrive_as_such"),
        (Flaw::CutsFiles, "a_file_can_be_read_and_is_bounded"),
        (Flaw::UnboundedFiles, "a_file_can_be_read_and_is_bounded"),
        (
            Flaw::ForgetsIds,
            "one_effect_delivered_twice_is_one_message",
        ),
        (Flaw::NeverEdits, "an_edit_stays_in_place"),
        (
            Flaw::KeepsControls,
            "a_fresh_screen_takes_the_controls_along",
        ),
        (
            Flaw::OtherToken,
            "a_press_carries_its_token_and_is_answered",
        ),
        (
            Flaw::SwallowsAnswers,
            "a_press_carries_its_token_and_is_answered",
        ),
        (Flaw::AlwaysRetries, "failures_say_whether_to_retry"),
    ];
    for (flaw, case) in flaws {
        let broken = check(|| async { Fake::new(Some(flaw)) }).await.unwrap_err();
        assert_eq!(broken.case, case, "{flaw:?}: {broken}");
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Flaw {
    AcknowledgesFirst,
    AcknowledgesAlways,
    NumbersAcceptance,
    TrimsText,
    CutsFiles,
    UnboundedFiles,
    ForgetsIds,
    NeverEdits,
    KeepsControls,
    OtherToken,
    SwallowsAnswers,
    AlwaysRetries,
}

const LIMIT: u64 = 1 << 20;

type Sent = (u64, Update, oneshot::Sender<Receipt>);

/// A platform, its adapter and its person in one.
struct Fake {
    flaw: Option<Flaw>,
    wire: mpsc::Sender<Sent>,
    updates: tokio::sync::Mutex<mpsc::Receiver<Sent>>,
    accepted: AtomicU64,
    messages: Mutex<Vec<(String, Message, Stamp)>>,
    answers: Mutex<Vec<String>>,
    files: Mutex<Vec<Bytes>>,
    refusal: Mutex<Option<Failure>>,
}

impl Fake {
    fn new(flaw: Option<Flaw>) -> Self {
        let (wire, updates) = mpsc::channel(8);
        Self {
            flaw,
            wire,
            updates: updates.into(),
            accepted: AtomicU64::new(0),
            messages: Mutex::default(),
            answers: Mutex::default(),
            files: Mutex::default(),
            refusal: Mutex::default(),
        }
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    fn event(&self, number: u64, update: Update) -> Event {
        let number = if self.has(Flaw::NumbersAcceptance) {
            self.accepted.load(Ordering::Relaxed)
        } else {
            number
        };
        let body = match update {
            Update::Text(text) if self.has(Flaw::TrimsText) => {
                EventBody::Text(text.trim_end_matches('*').to_owned())
            }
            Update::Text(text) => EventBody::Text(text),
            Update::Command(command) => EventBody::Command(command),
            Update::Press(label) => {
                let messages = self.messages.lock().unwrap();
                let (index, stamp) = messages
                    .iter()
                    .rev()
                    .find_map(|(_, message, stamp)| {
                        let index = message.controls.iter().position(|l| *l == label)?;
                        Some((u32::try_from(index).unwrap(), *stamp))
                    })
                    .unwrap();
                EventBody::Press(stamp.token(index + u32::from(self.has(Flaw::OtherToken))))
            }
            Update::File(bytes) => {
                let mut files = self.files.lock().unwrap();
                files.push(bytes);
                EventBody::Media {
                    items: vec![Attachment {
                        source: MediaSource::new((files.len() - 1).to_string()).unwrap(),
                        name: String::new(),
                        size: None,
                    }],
                    text: String::new(),
                    place: String::new(),
                }
            }
        };
        Event {
            id: EventId::new(number.to_string()).unwrap(),
            order: Some(number),
            coalesce: None,
            batch: None,
            origin: Origin::Person,
            at: Timestamp::default(),
            sender: Some(Sender::default()),
            body,
        }
    }

    async fn receive(&self, inbox: &dyn Inbox) {
        let (number, update, acknowledge) = self.updates.lock().await.recv().await.unwrap();
        let mut acknowledge = Some(acknowledge);
        if self.has(Flaw::AcknowledgesFirst) {
            acknowledge
                .take()
                .unwrap()
                .send(Receipt::Acknowledged)
                .unwrap();
        }
        let conversation = Conversation {
            platform: self.platform(),
            room: RoomId::new("room").unwrap(),
            thread: None,
            user: UserId::new("person").unwrap(),
        };
        let accepted: Result<Accepted, InboxError> = inbox
            .accept(&conversation, self.event(number, update))
            .await;
        if accepted.is_ok() {
            self.accepted.fetch_add(1, Ordering::Relaxed);
        }
        let receipt = match accepted {
            Err(_) if !self.has(Flaw::AcknowledgesAlways) => Receipt::Unavailable,
            _ => Receipt::Acknowledged,
        };
        if let Some(acknowledge) = acknowledge {
            // The person may have stopped waiting.
            let _ = acknowledge.send(receipt);
        }
    }
}

#[async_trait]
impl Adapter for Fake {
    fn platform(&self) -> PlatformId {
        PlatformId::new("fake").unwrap()
    }

    fn placement(&self) -> Placement {
        Placement::Anywhere
    }

    async fn run(&self, inbox: Arc<dyn Inbox>, mut stop: Stop) -> Result<(), DeliveryError> {
        while let Either::Left(_) = select(self.receive(&*inbox).boxed(), &mut stop).await {}
        Ok(())
    }

    fn capabilities(&self, _: &Conversation) -> Capabilities {
        Capabilities {
            text: TextLimits {
                message: 4000,
                unit: TextUnit::Chars,
                rich: Support::Full,
            },
            menu: MenuLimits {
                buttons: Support::Full,
                per_row: 8,
                total: 100,
                label: 80,
                options: 25,
            },
            files: FileLimits {
                receive: LIMIT,
                send: LIMIT,
                per_message: 10,
            },
            images: Support::Full,
            forms: Support::Full,
            edits: Support::Full,
            edits_per_minute: 60,
        }
    }

    async fn deliver(&self, delivery: Delivery<'_>) -> Result<Delivered, DeliveryError> {
        if let Some(failure) = self.refusal.lock().unwrap().take() {
            return Err(match failure {
                Failure::Permanent if !self.has(Flaw::AlwaysRetries) => {
                    DeliveryError::permanent("gone")
                }
                _ => DeliveryError::retry("busy"),
            });
        }
        let present = match delivery.content {
            Content::Answer { text, .. } => {
                if !self.has(Flaw::SwallowsAnswers) {
                    self.answers.lock().unwrap().push(text.to_owned());
                }
                return Ok(Delivered::default());
            }
            Content::Screen(present) => present,
        };
        let text = match &present.screen.blocks[0] {
            Block::Heading(text) => text.clone(),
            other => unreachable!("{other:?}"),
        };
        let labels = present.screen.menu.iter().flat_map(|group| &group.controls);
        let controls = labels.map(|control| match control {
            Control::Button(button) => button.label.clone(),
            other => unreachable!("{other:?}"),
        });
        let message = Message {
            text,
            controls: controls.collect(),
        };
        let mut messages = self.messages.lock().unwrap();
        let in_place = match (delivery.handle, present.surface) {
            (Some(handle), Surface::Edit | Surface::Refresh) if !self.has(Flaw::NeverEdits) => {
                messages.iter().position(|(id, ..)| id == handle.as_str())
            }
            _ if self.has(Flaw::ForgetsIds) => None,
            _ => messages
                .iter()
                .position(|(id, ..)| id == delivery.id.as_str()),
        };
        let at = in_place.unwrap_or_else(|| {
            if !self.has(Flaw::KeepsControls) {
                messages
                    .iter_mut()
                    .for_each(|(_, old, _)| old.controls.clear());
            }
            messages.push((delivery.id.to_string(), message.clone(), present.stamp));
            messages.len() - 1
        });
        messages[at].1 = message;
        messages[at].2 = present.stamp;
        let handle = MessageHandle::new(messages[at].0.clone()).unwrap();
        Ok(Delivered {
            handle: Some(handle),
        })
    }

    async fn open(&self, source: &MediaSource) -> Result<MediaStream, DeliveryError> {
        let at: usize = source.as_str().parse().unwrap();
        let mut bytes = self.files.lock().unwrap()[at].clone();
        if bytes.len() as u64 > LIMIT && !self.has(Flaw::UnboundedFiles) {
            return Err(DeliveryError::permanent("too large"));
        }
        if self.has(Flaw::CutsFiles) {
            bytes.truncate(bytes.len() / 2);
        }
        let (one, two) = (
            bytes.slice(..bytes.len() / 2),
            bytes.slice(bytes.len() / 2..),
        );
        Ok(stream::iter([Ok(one), Ok(two)]).boxed())
    }

    async fn publish(&self, _: &[CommandHelp]) -> Result<(), DeliveryError> {
        Ok(())
    }
}

#[async_trait]
impl Harness for Fake {
    fn adapter(&self) -> &dyn Adapter {
        self
    }

    async fn send(&self, number: u64, update: Update) -> Receipt {
        let (acknowledge, receipt) = oneshot::channel();
        self.wire.send((number, update, acknowledge)).await.unwrap();
        receipt.await.unwrap()
    }

    async fn room(&self) -> Vec<Message> {
        let messages = self.messages.lock().unwrap();
        messages
            .iter()
            .map(|(_, message, _)| message.clone())
            .collect()
    }

    async fn answers(&self) -> Vec<String> {
        self.answers.lock().unwrap().clone()
    }

    async fn refuse_next(&self, failure: Failure) -> bool {
        *self.refusal.lock().unwrap() = Some(failure);
        true
    }
}
