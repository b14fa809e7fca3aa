//! The inbox of the suite: remembers what it was given, and can be down or slow.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures::channel::{mpsc, oneshot};
use futures::{SinkExt as _, StreamExt as _};
use lorikeet_chat::{Conversation, Event};

use crate::{Accepted, Inbox, InboxError};

/// What the inbox does with the next events.
#[derive(Default)]
enum Mode {
    /// Takes them.
    #[default]
    Up,
    /// Cannot reach its store.
    Down,
    /// Says so when one comes in, and waits for permission to answer.
    Held {
        arrived: mpsc::Sender<()>,
        permission: oneshot::Receiver<()>,
    },
}

/// Remembers every call, also the refused ones.
#[derive(Default)]
pub(super) struct ProbeInbox {
    mode: Mutex<Mode>,
    calls: Mutex<Vec<(Conversation, Event)>>,
}

impl ProbeInbox {
    pub(super) fn go_down(&self) {
        *lock(&self.mode) = Mode::Down;
    }

    pub(super) fn come_up(&self) {
        *lock(&self.mode) = Mode::Up;
    }

    /// Holds the next call back. The first part tells that it came, the second lets it answer.
    pub(super) fn hold(&self) -> (mpsc::Receiver<()>, oneshot::Sender<()>) {
        let (arrived, arrivals) = mpsc::channel(1);
        let (permit, permission) = oneshot::channel();
        *lock(&self.mode) = Mode::Held {
            arrived,
            permission,
        };
        (arrivals, permit)
    }

    /// Every call so far, oldest first.
    pub(super) fn calls(&self) -> Vec<(Conversation, Event)> {
        lock(&self.calls).clone()
    }

    /// The newest call.
    pub(super) fn last(&self) -> Result<(Conversation, Event), String> {
        lock(&self.calls)
            .last()
            .cloned()
            .ok_or_else(|| "no event reached the inbox".to_owned())
    }
}

#[async_trait]
impl Inbox for ProbeInbox {
    async fn accept(
        &self,
        conversation: &Conversation,
        event: Event,
    ) -> Result<Accepted, InboxError> {
        let repeat = {
            let mut calls = lock(&self.calls);
            let repeat = calls.iter().any(|(_, seen)| seen.id == event.id);
            calls.push((conversation.clone(), event));
            repeat
        };
        let mode = {
            let mut mode = lock(&self.mode);
            match &*mode {
                Mode::Down => Mode::Down,
                // Held once: the calls after it pass.
                Mode::Held { .. } | Mode::Up => std::mem::take(&mut *mode),
            }
        };
        match mode {
            Mode::Down => Err(InboxError("switched off by the suite".to_owned())),
            Mode::Up => Ok(if repeat {
                Accepted::Duplicate
            } else {
                Accepted::Accepted
            }),
            Mode::Held {
                mut arrived,
                permission,
            } => {
                // A suite that went away no longer cares.
                let _ = arrived.send(()).await;
                let _ = permission.await;
                Ok(Accepted::Accepted)
            }
        }
    }
}

/// Waits for a held call.
pub(super) async fn arrival(arrivals: &mut mpsc::Receiver<()>) {
    arrivals.next().await;
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
