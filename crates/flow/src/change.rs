//! What an update answers: the new state, where to go, what to ask of the world; and the exits it may take.

use lorikeet_chat::Level;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Message, Notice, Step};

/// The answer of an update: state by value, where to go next, wishes and notices.
#[derive(Clone, Debug, PartialEq)]
pub struct Change<S, T> {
    pub(crate) state: T,
    pub(crate) next: Next<S>,
    pub(crate) wishes: Vec<Wish>,
    pub(crate) notices: Vec<Notice>,
}

/// Where an update leads.
#[derive(Clone, Debug, PartialEq)]
pub enum Next<S> {
    /// The same step again.
    Stay,
    /// Another step.
    Step(S),
    /// Another flow on top of this one; its result comes back to this step.
    Call {
        /// The flow's name.
        flow: String,
        /// Its arguments, in its own type.
        args: Value,
    },
    /// The end, with the flow's result.
    Finish(Value),
}

/// Something a flow wants done to the world once the turn is committed; the result comes back as
/// [`Input::Background`](crate::Input).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wish {
    /// The name of the service that does it.
    pub service: String,
    /// The request, in the service's own type.
    pub request: Value,
}

impl Wish {
    /// A wish to a service.
    pub fn new(service: impl Into<String>, request: impl Into<Value>) -> Self {
        Self {
            service: service.into(),
            request: request.into(),
        }
    }
}

impl<S, T> Change<S, T> {
    /// A new state, at the same step.
    pub const fn stay(state: T) -> Self {
        Self::new(state, Next::Stay)
    }

    /// A new state, and on to a step. Going to the step one is at is the same as staying.
    pub const fn to(step: S, state: T) -> Self {
        Self::new(state, Next::Step(step))
    }

    /// A new state, and another flow on top; this step gets its result.
    pub fn call(flow: impl Into<String>, args: impl Into<Value>, state: T) -> Self {
        let flow = flow.into();
        let args = args.into();
        Self::new(state, Next::Call { flow, args })
    }

    /// The last state, and the flow's result.
    pub fn finish(result: impl Into<Value>, state: T) -> Self {
        Self::new(state, Next::Finish(result.into()))
    }

    /// A new state, and a decision made elsewhere.
    pub const fn new(state: T, next: Next<S>) -> Self {
        Self {
            state,
            next,
            wishes: Vec::new(),
            notices: Vec::new(),
        }
    }

    /// The same change with one more wish; wishes keep their order.
    #[must_use]
    pub fn wish(mut self, wish: Wish) -> Self {
        self.wishes.push(wish);
        self
    }

    /// The same change with a sentence to show beside the next view.
    #[must_use]
    pub fn say(mut self, level: Level, message: Message) -> Self {
        self.notices.push(Notice { level, message });
        self
    }
}

/// The ways an update may leave its step. Staying is always one of them.
///
/// Declared beside the update, so that checks and diagrams need not run it; an update that takes an exit it did not
/// declare is a [`Fault`](crate::Fault), and changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exits<S> {
    pub(crate) steps: Vec<S>,
    pub(crate) calls: Vec<&'static str>,
    pub(crate) finishes: bool,
}

impl<S: Step> Exits<S> {
    /// None but staying.
    pub const fn stay() -> Self {
        Self {
            steps: Vec::new(),
            calls: Vec::new(),
            finishes: false,
        }
    }

    /// To any of these steps.
    pub fn to(steps: impl IntoIterator<Item = S>) -> Self {
        Self {
            steps: steps.into_iter().collect(),
            ..Self::stay()
        }
    }

    /// By ending the flow.
    pub fn finish() -> Self {
        Self {
            finishes: true,
            ..Self::stay()
        }
    }

    /// Into another flow, whose result comes back to the step.
    pub fn call(flow: &'static str) -> Self {
        Self::stay().or_call(flow)
    }

    /// Also into another flow.
    #[must_use]
    pub fn or_call(mut self, flow: &'static str) -> Self {
        self.calls.push(flow);
        self
    }

    /// Also by ending the flow.
    #[must_use]
    pub const fn or_finish(mut self) -> Self {
        self.finishes = true;
        self
    }

    /// The exit taken, as text, when it was not declared.
    pub(crate) fn undeclared(&self, next: &Next<S>) -> Option<String> {
        match next {
            Next::Stay => None,
            Next::Step(step) => (!self.steps.contains(step)).then(|| step.name().to_owned()),
            Next::Call { flow, .. } => {
                (!self.calls.contains(&flow.as_str())).then(|| format!("call {flow}"))
            }
            Next::Finish(_) => (!self.finishes).then(|| "finish".to_owned()),
        }
    }
}
