//! One person's way through a flow: where they are, how they got there, and the state. Typed and stored.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Notice, Step, Wish};

/// The typed state of a flow: plain data that can be written as JSON and read back.
pub trait State: Clone + Serialize + DeserializeOwned + 'static {}

impl<T: Clone + Serialize + DeserializeOwned + 'static> State for T {}

/// A running flow, typed. Made only by its [`Flow`](crate::Flow).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance<S, T> {
    pub(crate) path: Path<S>,
    pub(crate) state: T,
}

impl<S: Step, T> Instance<S, T> {
    /// The step it is at.
    pub const fn step(&self) -> S {
        self.path.step
    }

    /// The steps that back leads to, the nearest last. No step is in it twice.
    pub fn history(&self) -> &[S] {
        &self.path.history
    }

    /// The state.
    pub const fn state(&self) -> &T {
        &self.state
    }
}

/// A running flow as it lies in a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    /// The flow's name.
    pub flow: String,
    /// The version of the definition that wrote it.
    pub version: u32,
    /// The step's name.
    pub step: String,
    /// The steps that back leads to, the nearest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<String>,
    /// The state as JSON.
    pub state: Value,
}

/// What comes of an input or a move: the instance after it, and what else there is to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Advance<I = Stored> {
    /// The instance after it.
    pub instance: I,
    /// What to ask of the world, in order.
    pub wishes: Vec<Wish>,
    /// What to say beside the next view.
    pub notices: Vec<Notice>,
    /// What happens to the flow now.
    pub then: Then,
}

/// What happens to a flow after an input or a move.
#[derive(Clone, Debug, PartialEq)]
pub enum Then {
    /// Still at its step: show it again.
    Stay,
    /// At another step: show that.
    Moved,
    /// Another flow comes on top; hand its result back as [`Input::Returned`](crate::Input).
    Call {
        /// The flow's name.
        flow: String,
        /// Its arguments.
        args: Value,
    },
    /// Over, with this result; the instance is not needed any more.
    Finished(Value),
    /// Left; the instance is not needed any more.
    Cancelled,
    /// A background result or a return nothing here waits for; nothing changed.
    Ignored,
}

impl<I> Advance<I> {
    pub(crate) const fn quiet(instance: I, then: Then) -> Self {
        Self {
            instance,
            wishes: Vec::new(),
            notices: Vec::new(),
            then,
        }
    }

    pub(crate) fn try_map<J, E>(
        self,
        map: impl FnOnce(I) -> Result<J, E>,
    ) -> Result<Advance<J>, E> {
        Ok(Advance {
            instance: map(self.instance)?,
            wishes: self.wishes,
            notices: self.notices,
            then: self.then,
        })
    }
}

/// Where somebody is and the way back, as breadcrumbs: going on to a step that is already behind cuts the way there,
/// so that back never runs in circles and the history is never longer than the flow has steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path<S> {
    pub(crate) history: Vec<S>,
    pub(crate) step: S,
}

impl<S: Step> Path<S> {
    pub(crate) const fn at(step: S) -> Self {
        Self {
            history: Vec::new(),
            step,
        }
    }

    /// The path after going on to a step; `one_way` forgets how one got there.
    pub(crate) fn on_to(mut self, step: S, one_way: bool) -> Self {
        if step != self.step {
            self.history.push(self.step);
        }
        if let Some(place) = self.history.iter().position(|&behind| behind == step) {
            self.history.truncate(place);
        }
        if one_way {
            self.history.clear();
        }
        Self {
            history: self.history,
            step,
        }
    }

    /// The same path without a step behind it.
    pub(crate) fn without(mut self, step: S) -> Self {
        self.history.retain(|&behind| behind != step);
        self
    }

    /// The path after going back one step, when there is one.
    pub(crate) fn back(mut self) -> Option<Self> {
        let step = self.history.pop()?;
        Some(Self {
            history: self.history,
            step,
        })
    }
}
