//! The suite every adapter passes.
//!
//! Owns the obligations of an [`Adapter`] as executable cases. Does not own how a platform is imitated: an adapter's
//! tests bring a [`Harness`] that plays the platform and the person in front of it, at the wire.
//!
//! Every case gets a platform of its own, runs the adapter on it and ends it again:
//!
//! ```ignore
//! #[tokio::test]
//! async fn keeps_the_obligations_of_an_adapter() {
//!     conformance::check(WebHarness::start).await.unwrap();
//! }
//! ```

mod cases;
mod inbox;

use std::pin::pin;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::FutureExt as _;
use futures::channel::oneshot;
use futures::future::{BoxFuture, Either, select};
use lorikeet_chat::Invocation;

use crate::{Adapter, Failure};
use inbox::ProbeInbox;

/// A platform with one person in one room, for the suite to play with.
#[async_trait]
pub trait Harness: Send + Sync {
    /// The adapter that is connected to this platform.
    fn adapter(&self) -> &dyn Adapter;

    /// Has the person do something, and answers once the platform knows whether the bot has taken it. Waits until
    /// the adapter listens. The same `number` is the same occurrence, sent again; numbers rise.
    async fn send(&self, number: u64, update: Update) -> Receipt;

    /// The messages of the bot as the person sees them now, oldest first.
    async fn room(&self) -> Vec<Message>;

    /// The answers to presses that the person was shown, oldest first.
    async fn answers(&self) -> Vec<String>;

    /// Whether a new message sent twice under one id stays one message on this platform.
    fn creates_once(&self) -> bool {
        true
    }

    /// Has the platform refuse the next message in a way that means `failure`; false where it has no such answer.
    async fn refuse_next(&self, _failure: Failure) -> bool {
        false
    }
}

/// Something a person does.
#[derive(Clone, Debug)]
pub enum Update {
    /// Sends plain text.
    Text(String),
    /// Types or chooses a command.
    Command(Invocation),
    /// Uses the newest control with this label.
    Press(String),
    /// Sends a file with these bytes.
    File(Bytes),
}

/// What the platform knows of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// The bot has it; it will not be sent again.
    Acknowledged,
    /// The bot could not take it now; the platform (or the person) may send it again.
    Unavailable,
    /// The bot will not take it, now or later: too large, malformed.
    Rejected,
}

/// One message of the bot, as a person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// All its text.
    pub text: String,
    /// The labels of its controls that can be used.
    pub controls: Vec<String>,
}

/// An obligation that was not kept.
#[derive(Debug, thiserror::Error)]
#[error("{case}: {what}")]
pub struct Broken {
    /// The case that found it.
    pub case: &'static str,
    /// What was expected and what happened.
    pub what: String,
}

/// Runs every case, each on a new harness.
///
/// # Errors
/// The first obligation that was not kept.
pub async fn check<H, M, F>(mut make: M) -> Result<(), Broken>
where
    H: Harness,
    M: FnMut() -> F,
    F: Future<Output = H>,
{
    for &(case, body) in cases::ALL {
        let harness = make().await;
        run(&harness, body)
            .await
            .map_err(|what| Broken { case, what })?;
    }
    Ok(())
}

/// A case's body: what it expected and what happened, when it fails.
type Body = for<'a> fn(&'a dyn Harness, &'a ProbeInbox) -> BoxFuture<'a, Result<(), String>>;

/// Runs the adapter next to a case, then stops it and waits for its end.
async fn run(harness: &dyn Harness, body: Body) -> Result<(), String> {
    let inbox = Arc::new(ProbeInbox::default());
    let (stop, stopped) = oneshot::channel::<()>();
    let adapter = pin!(
        harness
            .adapter()
            .run(inbox.clone(), Box::pin(stopped.map(|_| ())))
    );
    match select(adapter, body(harness, &inbox)).await {
        Either::Left((ended, _)) => Err(format!("the adapter ended by itself: {ended:?}")),
        Either::Right((outcome, adapter)) => {
            outcome?;
            drop(stop);
            adapter
                .await
                .map_err(|error| format!("the adapter did not stop cleanly: {error}"))
        }
    }
}
