//! How a definition is written down.

use std::collections::BTreeMap;

use lorikeet_chat::Screen;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::check::{self, Defects};
use crate::definition::{Accepts, Handler, Migration, OnCancel, Start, StepDefinition};
use crate::message::id;
use crate::{
    Change, Context, Exits, Fault, Flow, Halt, Input, InputKind, Media, Refusal, Rejection, State,
    Step, Wish,
};

/// A definition being written. Begun by [`Flow::builder`], ended by [`build`](Self::build).
#[must_use = "a definition does nothing before it is built"]
pub struct FlowBuilder<S, T, C: Context + ?Sized> {
    name: &'static str,
    version: u32,
    entries: Vec<S>,
    start: Option<Start<S, T, C>>,
    steps: Vec<StepDefinition<S, T, C>>,
    everywhere: Vec<Handler<S, T, C>>,
    on_cancel: Option<OnCancel<T>>,
    migrations: Vec<(u32, Migration)>,
}

/// One step being written, inside [`FlowBuilder::step`].
///
/// Every `on_…` takes three things: a *check* from the raw input to a typed value or a [`Refusal`], an *update* from
/// the state by value and that value to a [`Change`], and the [`Exits`] the update may take. The check sees
/// everything and may fail; the update cannot.
#[must_use = "a step has to be handed back to the builder"]
pub struct StepBuilder<S, T, C: Context + ?Sized> {
    definition: StepDefinition<S, T, C>,
}

impl<S: Step, T: State, C: Context + ?Sized> FlowBuilder<S, T, C> {
    pub(crate) const fn new(name: &'static str, version: u32) -> Self {
        Self {
            name,
            version,
            entries: Vec::new(),
            start: None,
            steps: Vec::new(),
            everywhere: Vec::new(),
            on_cancel: None,
            migrations: Vec::new(),
        }
    }

    /// How the flow starts: the steps it may start at, and the function from arguments to the first state, which
    /// answers with [`Change::to`] one of them. A flow without arguments takes a [`Value`] and ignores it.
    pub fn start<A: DeserializeOwned>(
        mut self,
        entries: impl IntoIterator<Item = S>,
        start: impl Fn(A, &C) -> Result<Change<S, T>, Refusal<C::Wait>> + Send + Sync + 'static,
    ) -> Self {
        self.entries = entries.into_iter().collect();
        self.start = Some(Box::new(move |args, context| {
            let args = A::deserialize(args)
                .map_err(|error| Halt::Fault(Fault::Arguments(error.to_string())))?;
            Ok(start(args, context)?)
        }));
        self
    }

    /// A step, with the view that shows it. The view may ask to wait for what the context has not read yet.
    pub fn step(
        mut self,
        step: S,
        view: impl Fn(&T, &C) -> Result<Screen, C::Wait> + Send + Sync + 'static,
        describe: impl FnOnce(StepBuilder<S, T, C>) -> StepBuilder<S, T, C>,
    ) -> Self {
        let blank = StepBuilder {
            definition: StepDefinition {
                step,
                view: Box::new(view),
                handlers: Vec::new(),
                skip: None,
                jumps: Vec::new(),
                one_way: false,
                passing: false,
                resting: false,
            },
        };
        self.steps.push(describe(blank).definition);
        self
    }

    /// A background topic that updates the state at whatever step one is, and never moves: people are not pulled away
    /// from what they do. A step's own handler of the same topic comes first.
    pub fn on_background<R: DeserializeOwned, V>(
        mut self,
        topic: &'static str,
        check: impl Fn(&T, R, &C) -> Result<V, Refusal<C::Wait>> + Send + Sync + 'static,
        update: impl Fn(T, V, &C) -> Change<S, T> + Send + Sync + 'static,
    ) -> Self {
        let handler = background(topic, check, update, Exits::stay());
        self.everywhere.push(handler);
        self
    }

    /// What to ask of the world when somebody leaves the flow before its end: locks to give back, for instance.
    pub fn on_cancel(mut self, wishes: impl Fn(&T) -> Vec<Wish> + Send + Sync + 'static) -> Self {
        self.on_cancel = Some(Box::new(wishes));
        self
    }

    /// How an instance stored by version `from` becomes one of `from + 1`: step name and state, or `None` when it
    /// has to start anew. Migrations reach up to the definition's version without a gap.
    pub fn migrate(
        mut self,
        from: u32,
        migration: impl Fn(String, Value) -> Option<(String, Value)> + Send + Sync + 'static,
    ) -> Self {
        self.migrations.push((from, Box::new(migration)));
        self
    }

    /// Checks the definition and closes it.
    ///
    /// # Errors
    /// Every defect found, not just the first.
    pub fn build(self) -> Result<Flow<S, T, C>, Defects> {
        let mut defects = Vec::new();
        let start = self.start.unwrap_or_else(|| {
            defects.push(check::Defect::NoStart);
            // Never runs: the defect keeps the flow from being built.
            Box::new(|_, _| Err(Halt::Fault(Fault::Arguments(String::new()))))
        });
        let flow = Flow {
            name: self.name,
            version: self.version,
            entries: self.entries,
            start,
            steps: self.steps,
            everywhere: self.everywhere,
            on_cancel: self.on_cancel,
            migrations: self.migrations,
        };
        defects.extend(check::defects(&flow));
        if defects.is_empty() {
            Ok(flow)
        } else {
            Err(Defects(defects))
        }
    }
}

impl<S: Step, T: State, C: Context + ?Sized> StepBuilder<S, T, C> {
    /// Takes the value of a control the step shows, read as the check's own type.
    pub fn on_value<R: DeserializeOwned, V>(
        self,
        check: impl Fn(&T, R, &C) -> Result<V, Refusal<C::Wait>> + Send + Sync + 'static,
        update: impl Fn(T, V, &C) -> Change<S, T> + Send + Sync + 'static,
        exits: Exits<S>,
    ) -> Self {
        let pick = |input: &Input| match input {
            Input::Value(value) => read(value),
            _ => None,
        };
        self.with(handler(InputKind::Value, "", pick, check, update, exits))
    }

    /// Takes a message of text.
    pub fn on_text<V>(
        self,
        check: impl Fn(&T, &str, &C) -> Result<V, Refusal<C::Wait>> + Send + Sync + 'static,
        update: impl Fn(T, V, &C) -> Change<S, T> + Send + Sync + 'static,
        exits: Exits<S>,
    ) -> Self {
        let pick = |input: &Input| match input {
            Input::Text(text) => Some(text.clone()),
            _ => None,
        };
        let check = move |state: &T, text: String, context: &C| check(state, &text, context);
        self.with(handler(InputKind::Text, "", pick, check, update, exits))
    }

    /// Takes a message of files.
    pub fn on_media<V>(
        self,
        check: impl Fn(&T, Media, &C) -> Result<V, Refusal<C::Wait>> + Send + Sync + 'static,
        update: impl Fn(T, V, &C) -> Change<S, T> + Send + Sync + 'static,
        exits: Exits<S>,
    ) -> Self {
        let pick = |input: &Input| match input {
            Input::Media(media) => Some(media.clone()),
            _ => None,
        };
        self.with(handler(InputKind::Media, "", pick, check, update, exits))
    }

    /// Takes a filled-in form: field name → what was typed.
    pub fn on_form<V>(
        self,
        check: impl Fn(&T, BTreeMap<String, String>, &C) -> Result<V, Refusal<C::Wait>>
        + Send
        + Sync
        + 'static,
        update: impl Fn(T, V, &C) -> Change<S, T> + Send + Sync + 'static,
        exits: Exits<S>,
    ) -> Self {
        let pick = |input: &Input| match input {
            Input::Form(fields) => Some(fields.clone()),
            _ => None,
        };
        self.with(handler(InputKind::Form, "", pick, check, update, exits))
    }

    /// Takes a background result of a topic, its payload read as the check's own type.
    pub fn on_background<R: DeserializeOwned, V>(
        self,
        topic: &'static str,
        check: impl Fn(&T, R, &C) -> Result<V, Refusal<C::Wait>> + Send + Sync + 'static,
        update: impl Fn(T, V, &C) -> Change<S, T> + Send + Sync + 'static,
        exits: Exits<S>,
    ) -> Self {
        self.with(background(topic, check, update, exits))
    }

    /// Takes the result of a flow called from this step, read as the check's own type. A flow that was cancelled
    /// returns nothing.
    pub fn on_return<R: DeserializeOwned, V>(
        self,
        flow: &'static str,
        check: impl Fn(&T, R, &C) -> Result<V, Refusal<C::Wait>> + Send + Sync + 'static,
        update: impl Fn(T, V, &C) -> Change<S, T> + Send + Sync + 'static,
        exits: Exits<S>,
    ) -> Self {
        let pick = |input: &Input| match input {
            Input::Returned(returned) => read(&returned.result),
            _ => None,
        };
        self.with(handler(
            InputKind::Returned,
            flow,
            pick,
            check,
            update,
            exits,
        ))
    }

    /// The step may be left without an answer, to this one.
    pub const fn skip_to(mut self, step: S) -> Self {
        self.definition.skip = Some(step);
        self
    }

    /// The step leads straight to these, by name ([`Navigation::Jump`](crate::Navigation)).
    pub fn jumps_to(mut self, steps: impl IntoIterator<Item = S>) -> Self {
        self.definition.jumps = steps.into_iter().collect();
        self
    }

    /// Coming here forgets the way: nobody goes back from here to what cannot be done again.
    pub const fn one_way(mut self) -> Self {
        self.definition.one_way = true;
        self
    }

    /// Leaving the step forgets it: nobody goes back to where there was only something to wait for, or to choose once.
    pub const fn passing(mut self) -> Self {
        self.definition.passing = true;
        self
    }

    /// The step is a place to stay: it is left by commands alone, and that is no dead end. A menu, a page to read.
    pub const fn resting(mut self) -> Self {
        self.definition.resting = true;
        self
    }

    fn with(mut self, handler: Handler<S, T, C>) -> Self {
        self.definition.handlers.push(handler);
        self
    }
}

fn read<R: DeserializeOwned>(value: &Value) -> Option<R> {
    R::deserialize(value).ok()
}

fn background<S: Step, T: State, C: Context + ?Sized, R: DeserializeOwned, V>(
    topic: &'static str,
    check: impl Fn(&T, R, &C) -> Result<V, Refusal<C::Wait>> + Send + Sync + 'static,
    update: impl Fn(T, V, &C) -> Change<S, T> + Send + Sync + 'static,
    exits: Exits<S>,
) -> Handler<S, T, C> {
    let pick = |input: &Input| match input {
        Input::Background(background) => read(&background.payload),
        _ => None,
    };
    handler(InputKind::Background, topic, pick, check, update, exits)
}

/// Joins a reader, a check and an update into one function that hides the types between them. Only here is a state
/// copied: for the update to consume, after the check has passed.
fn handler<S: Step, T: State, C: Context + ?Sized, R, V>(
    kind: InputKind,
    of: &'static str,
    pick: impl Fn(&Input) -> Option<R> + Send + Sync + 'static,
    check: impl Fn(&T, R, &C) -> Result<V, Refusal<C::Wait>> + Send + Sync + 'static,
    update: impl Fn(T, V, &C) -> Change<S, T> + Send + Sync + 'static,
    exits: Exits<S>,
) -> Handler<S, T, C> {
    Handler {
        accepts: Accepts { kind, of },
        run: Box::new(move |state, input, context| {
            let raw = pick(input).ok_or_else(|| Rejection::new(id::UNREADABLE))?;
            let value = check(state, raw, context)?;
            Ok(update(state.clone(), value, context))
        }),
        exits,
    }
}
