//! From request handlers, which live as long as their connection, to the inbox, which is borrowed for one run.

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use lorikeet_chat::{Conversation, Event};
use lorikeet_platform::{Accepted, Inbox, InboxError};
use tokio::sync::{mpsc, oneshot};

/// Events handed over and not yet taken up; past it, requests wait.
const WAITING: usize = 64;

/// Where handlers post events.
#[derive(Clone)]
pub(crate) struct Desk {
    posts: mpsc::Sender<Post>,
}

/// Where they arrive.
pub(crate) struct Posts {
    posts: mpsc::Receiver<Post>,
}

struct Post {
    conversation: Conversation,
    event: Event,
    reply: oneshot::Sender<Result<Accepted, InboxError>>,
}

impl Desk {
    pub(crate) fn open() -> (Self, Posts) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self { posts: sender }, Posts { posts: receiver })
    }

    /// Hands an event to the inbox.
    pub(crate) async fn accept(
        &self,
        conversation: Conversation,
        event: Event,
    ) -> Result<Accepted, InboxError> {
        let closed = || InboxError("the process is ending".to_owned());
        let (reply, answer) = oneshot::channel();
        let post = Post {
            conversation,
            event,
            reply,
        };
        self.posts.send(post).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

impl Posts {
    /// Forwards until every desk is gone.
    pub(crate) async fn forward(&mut self, inbox: &dyn Inbox) {
        let mut running = FuturesUnordered::new();
        loop {
            tokio::select! {
                post = self.posts.recv() => {
                    let Some(Post { conversation, event, reply }) = post else { break };
                    running.push(async move {
                        let outcome = inbox.accept(&conversation, event).await;
                        // The person went away; the event is safe all the same.
                        let _ = reply.send(outcome);
                    });
                }
                Some(()) = running.next() => {}
            }
        }
        while running.next().await.is_some() {}
    }
}
