//! A platform that writes down every call, and can refuse, hang or be held up.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use lorikeet_chat::{
    Block, Capabilities, Conversation, FileLimits, MediaSource, MenuLimits, MessageHandle,
    PlatformId, Support, Surface, TextLimits, TextUnit,
};
use lorikeet_platform::{
    Adapter, CommandHelp, Content, Delivered, Delivery, DeliveryError, Failure, Inbox, MediaStream,
    Placement, Stop,
};
use tokio::time::Instant;

/// What the platform does with a call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome {
    Retry(Option<Duration>),
    Permanent,
    /// The message is sent, and the answer never comes.
    Hang,
    /// The message is sent, and the answer takes a while.
    Slow(Duration),
}

/// One call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) at: Instant,
    pub(crate) id: String,
    pub(crate) who: String,
    pub(crate) says: String,
}

#[derive(Default)]
struct Room {
    calls: Vec<Call>,
    /// Message id (the effect's that made it) and what it says, oldest first.
    messages: Vec<(String, String)>,
}

pub(crate) struct Platform {
    placement: Placement,
    edits_per_minute: u32,
    room: Mutex<Room>,
    outcomes: Mutex<VecDeque<Outcome>>,
    files: Mutex<Vec<Result<Bytes, Failure>>>,
    /// Adapters running now, and at most at once.
    pub(crate) running: AtomicUsize,
    pub(crate) ran: AtomicUsize,
    /// `run` ends with these.
    pub(crate) refusals: Mutex<VecDeque<Failure>>,
}

impl Platform {
    pub(crate) fn new(placement: Placement) -> Self {
        Self {
            placement,
            edits_per_minute: 20,
            room: Mutex::default(),
            outcomes: Mutex::default(),
            files: Mutex::default(),
            running: AtomicUsize::new(0),
            ran: AtomicUsize::new(0),
            refusals: Mutex::default(),
        }
    }

    /// The next call that finds nothing before it in line.
    pub(crate) fn next(&self, outcomes: impl IntoIterator<Item = Outcome>) {
        self.outcomes.lock().unwrap().extend(outcomes);
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.room.lock().unwrap().calls.clone()
    }

    /// What calls wanted said, in their order.
    pub(crate) fn said(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.says).collect()
    }

    /// What the messages say now.
    pub(crate) fn messages(&self) -> Vec<String> {
        let room = self.room.lock().unwrap();
        room.messages.iter().map(|(_, says)| says.clone()).collect()
    }

    pub(crate) fn shows(&self, what: &str) -> bool {
        self.messages().iter().any(|message| message == what)
    }

    /// Puts a file there; its source.
    pub(crate) fn file(&self, file: Result<Bytes, Failure>) -> MediaSource {
        let mut files = self.files.lock().unwrap();
        files.push(file);
        MediaSource::new((files.len() - 1).to_string()).unwrap()
    }
}

fn failed(failure: Failure) -> DeliveryError {
    DeliveryError {
        failure,
        message: "asked to fail".to_owned(),
        source: None,
    }
}

#[async_trait]
impl Adapter for Platform {
    fn platform(&self) -> PlatformId {
        PlatformId::new("fake").unwrap()
    }

    fn placement(&self) -> Placement {
        self.placement.clone()
    }

    async fn run(&self, _: Arc<dyn Inbox>, stop: Stop) -> Result<(), DeliveryError> {
        self.ran.fetch_add(1, Ordering::SeqCst);
        let refusal = self.refusals.lock().unwrap().pop_front();
        if let Some(failure) = refusal {
            return Err(failed(failure));
        }
        self.running.fetch_add(1, Ordering::SeqCst);
        let _running = Running(&self.running);
        stop.await;
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
                receive: 1 << 20,
                send: 1 << 20,
                per_message: 10,
            },
            images: Support::Full,
            forms: Support::Full,
            edits: Support::Full,
            edits_per_minute: self.edits_per_minute,
        }
    }

    async fn deliver(&self, delivery: Delivery<'_>) -> Result<Delivered, DeliveryError> {
        let id = delivery.id.to_string();
        let (says, surface) = match delivery.content {
            Content::Answer { text, .. } => (format!("({text})"), None),
            Content::Screen(present) => match &present.screen.blocks[0] {
                Block::Heading(title) => (title.clone(), Some(present.surface)),
                other => unreachable!("{other:?}"),
            },
        };
        let outcome = self.outcomes.lock().unwrap().pop_front();
        let handle = {
            let mut room = self.room.lock().unwrap();
            room.calls.push(Call {
                at: Instant::now(),
                id: id.clone(),
                who: delivery.conversation.user.to_string(),
                says: says.clone(),
            });
            match outcome {
                Some(Outcome::Retry(after)) => return Err(failed(Failure::Retry { after })),
                Some(Outcome::Permanent) => return Err(failed(Failure::Permanent)),
                _ => {}
            }
            surface.map(|surface| {
                let target = match (surface, delivery.handle) {
                    (Surface::Edit | Surface::Refresh, Some(handle)) => handle.to_string(),
                    _ => id,
                };
                match room.messages.iter_mut().find(|(id, _)| *id == target) {
                    Some(message) => message.1 = says,
                    None => room.messages.push((target.clone(), says)),
                }
                MessageHandle::new(target).unwrap()
            })
        };
        match outcome {
            Some(Outcome::Hang) => std::future::pending().await,
            Some(Outcome::Slow(time)) => tokio::time::sleep(time).await,
            _ => {}
        }
        Ok(Delivered { handle })
    }

    async fn open(&self, source: &MediaSource) -> Result<MediaStream, DeliveryError> {
        let place: usize = source.as_str().parse().unwrap();
        let file = self.files.lock().unwrap()[place].clone();
        let bytes = file.map_err(failed)?;
        let (one, two) = (
            bytes.slice(..bytes.len().min(3)),
            bytes.slice(bytes.len().min(3)..),
        );
        Ok(stream::iter([Ok(one), Ok(two)]).boxed())
    }

    async fn publish(&self, _: &[CommandHelp]) -> Result<(), DeliveryError> {
        Ok(())
    }
}

struct Running<'a>(&'a AtomicUsize);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
