//! What the functions of flows are given besides their state.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use lorikeet_chat::{Conversation, EventId, Sender, Timestamp};
use lorikeet_flow::{Halt, Refusal};

use crate::Texts;

/// A feature's world, as far as its flows read it.
pub trait Domain: Send + Sync + 'static {
    /// A question the store can answer.
    type Query: Clone + Debug + Eq + Hash + Send + Sync + 'static;
    /// An answer.
    type Answer: Clone + Debug + Send + Sync + 'static;
}

/// No world at all: everything such a bot knows is in its sessions.
impl Domain for () {
    type Query = std::convert::Infallible;
    type Answer = ();
}

/// What a turn sees: who, where, when, in which language, and what has been read so far.
#[derive(Clone, Debug)]
pub struct Context<D: Domain> {
    /// Whose turn it is.
    pub conversation: Conversation,
    /// The event being handled: ids of new things derive from it.
    pub event: EventId,
    /// Who sent it, as far as known.
    pub sender: Sender,
    /// Whether the person may use what is for operators only.
    pub operator: bool,
    /// The time of the turn.
    pub now: Timestamp,
    /// Texts in the person's language.
    pub texts: Texts,
    /// The feature's settings, which do not change while the process runs.
    pub domain: Arc<D>,
    known: HashMap<D::Query, D::Answer>,
}

/// Something that has to be read before the turn can be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread<Q>(pub Q);

impl<Q> From<Unread<Q>> for Refusal<Unread<Q>> {
    fn from(unread: Unread<Q>) -> Self {
        Self::Wait(unread)
    }
}

impl<Q> From<Unread<Q>> for Halt<Unread<Q>> {
    fn from(unread: Unread<Q>) -> Self {
        Self::Wait(unread)
    }
}

impl<D: Domain> lorikeet_flow::Context for Context<D> {
    type Wait = Unread<D::Query>;
}

impl<D: Domain> Context<D> {
    /// A context in which nothing has been read yet.
    pub fn new(
        conversation: Conversation,
        event: EventId,
        sender: Sender,
        now: Timestamp,
        texts: Texts,
        domain: Arc<D>,
    ) -> Self {
        Self {
            conversation,
            event,
            sender,
            operator: false,
            now,
            texts,
            domain,
            known: HashMap::new(),
        }
    }

    /// The same in another language.
    pub(crate) fn speaking(&self, texts: Texts) -> Self {
        Self {
            conversation: self.conversation.clone(),
            event: self.event.clone(),
            sender: self.sender.clone(),
            operator: self.operator,
            now: self.now,
            texts,
            domain: Arc::clone(&self.domain),
            known: self.known.clone(),
        }
    }

    /// The answer to a query.
    ///
    /// # Errors
    /// When it has not been read yet: pass it up, and the turn is run again.
    pub fn read(&self, query: D::Query) -> Result<&D::Answer, Unread<D::Query>> {
        match self.known.get(&query) {
            Some(answer) => Ok(answer),
            None => Err(Unread(query)),
        }
    }

    /// Adds an answer.
    pub fn learn(&mut self, query: D::Query, answer: D::Answer) {
        self.known.insert(query, answer);
    }
}
