//! A checked definition, and the engine: start, advance, navigate, view. Pure; nothing here changes in place.

use std::fmt;

use lorikeet_chat::Screen;
use serde_json::Value;

use crate::message::id;
use crate::{
    Advance, Change, Context, Exits, Fault, FlowBuilder, Halt, Input, InputKind, Instance, Message,
    Navigation, Next, Refusal, Rejection, Restart, State, Step, Then, Wish, instance::Path,
};

pub(crate) type Start<S, T, C> =
    Box<dyn Fn(&Value, &C) -> Result<Change<S, T>, Halt<<C as Context>::Wait>> + Send + Sync>;
pub(crate) type View<T, C> =
    Box<dyn Fn(&T, &C) -> Result<Screen, <C as Context>::Wait> + Send + Sync>;
pub(crate) type Run<S, T, C> = Box<
    dyn Fn(&T, &Input, &C) -> Result<Change<S, T>, Refusal<<C as Context>::Wait>> + Send + Sync,
>;
pub(crate) type OnCancel<T> = Box<dyn Fn(&T) -> Vec<Wish> + Send + Sync>;
pub(crate) type Migration = Box<dyn Fn(String, Value) -> Option<(String, Value)> + Send + Sync>;

/// The definition of one flow: steps `S`, state `T`, context `C`. Checked by [`FlowBuilder::build`].
pub struct Flow<S, T, C: Context + ?Sized> {
    pub(crate) name: &'static str,
    pub(crate) version: u32,
    pub(crate) entries: Vec<S>,
    pub(crate) start: Start<S, T, C>,
    pub(crate) steps: Vec<StepDefinition<S, T, C>>,
    /// Background handlers that work at every step.
    pub(crate) everywhere: Vec<Handler<S, T, C>>,
    pub(crate) on_cancel: Option<OnCancel<T>>,
    /// From version → to the next.
    pub(crate) migrations: Vec<(u32, Migration)>,
}

pub(crate) struct StepDefinition<S, T, C: Context + ?Sized> {
    pub(crate) step: S,
    pub(crate) view: View<T, C>,
    pub(crate) handlers: Vec<Handler<S, T, C>>,
    pub(crate) skip: Option<S>,
    pub(crate) jumps: Vec<S>,
    pub(crate) one_way: bool,
    pub(crate) passing: bool,
    pub(crate) resting: bool,
}

pub(crate) struct Handler<S, T, C: Context + ?Sized> {
    pub(crate) accepts: Accepts,
    pub(crate) run: Run<S, T, C>,
    pub(crate) exits: Exits<S>,
}

/// Which inputs a handler takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Accepts {
    pub(crate) kind: InputKind,
    /// The topic of a background input, the flow of a return; empty for the other kinds.
    pub(crate) of: &'static str,
}

/// What a person may do at a step, for the navigation on its screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    /// The kinds of input the step takes, in the order declared.
    pub takes: Vec<InputKind>,
    /// Whether there is something to go back to.
    pub back: bool,
    /// Whether the step can be skipped.
    pub skip: bool,
    /// Names of the steps it leads straight to.
    pub jumps: Vec<&'static str>,
}

impl Accepts {
    fn takes(self, input: &Input) -> bool {
        let of = match input {
            Input::Background(background) => background.topic.as_str(),
            Input::Returned(returned) => returned.flow.as_str(),
            _ => "",
        };
        self.kind == input.kind() && self.of == of
    }
}

impl<S: Step, T: State, C: Context + ?Sized> Flow<S, T, C> {
    /// Begins a definition. The name is stored with sessions; the version rises whenever stored instances of the one
    /// before would not fit any more.
    pub const fn builder(name: &'static str, version: u32) -> FlowBuilder<S, T, C> {
        FlowBuilder::new(name, version)
    }

    /// The flow's name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The definition's version.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// A new instance.
    ///
    /// # Errors
    /// When the flow refuses to start, or waits for data; a [`Fault`] when the arguments do not fit.
    pub fn start(
        &self,
        args: &Value,
        context: &C,
    ) -> Result<Advance<Instance<S, T>>, Halt<C::Wait>> {
        let change = (self.start)(args, context)?;
        let undeclared = |exit: String| Fault::Exit {
            from: "start".to_owned(),
            exit,
        };
        let step = match change.next {
            Next::Step(step) if self.entries.contains(&step) => step,
            Next::Step(step) => return Err(undeclared(step.name().to_owned()).into()),
            Next::Stay => return Err(undeclared("stay".to_owned()).into()),
            Next::Call { flow, .. } => return Err(undeclared(format!("call {flow}")).into()),
            Next::Finish(_) => return Err(undeclared("finish".to_owned()).into()),
        };
        Ok(Advance {
            instance: Instance {
                path: Path::at(step),
                state: change.state,
            },
            wishes: change.wishes,
            notices: change.notices,
            then: Then::Moved,
        })
    }

    /// The instance after an input. The one given is not touched, whatever comes of it.
    ///
    /// # Errors
    /// When the input is refused, data has to be read first, or the definition broke its own word.
    pub fn advance(
        &self,
        instance: &Instance<S, T>,
        input: &Input,
        context: &C,
    ) -> Result<Advance<Instance<S, T>>, Halt<C::Wait>> {
        let step = self.step(instance.step())?;
        let handler = step
            .handlers
            .iter()
            .chain(&self.everywhere)
            .find(|handler| handler.accepts.takes(input));
        let Some(handler) = handler else {
            return match input {
                Input::Background(_) | Input::Returned(_) => {
                    Ok(Advance::quiet(instance.clone(), Then::Ignored))
                }
                _ => Err(step.unexpected(input.kind()).into()),
            };
        };
        let change = (handler.run)(&instance.state, input, context)?;
        self.settle(&instance.path, &handler.exits, change)
    }

    /// The instance after a move without an answer. Its state stays as it is; cancel always works.
    ///
    /// # Errors
    /// When the step does not allow the move, or there is nothing to go back to.
    pub fn navigate(
        &self,
        instance: &Instance<S, T>,
        navigation: &Navigation,
    ) -> Result<Advance<Instance<S, T>>, Halt<C::Wait>> {
        let refused = |message| Halt::Rejected(Rejection::new(message));
        let path = match navigation {
            Navigation::Cancel => {
                let wishes = self.on_cancel.as_ref();
                return Ok(Advance {
                    wishes: wishes.map_or_else(Vec::new, |wishes| wishes(&instance.state)),
                    ..Advance::quiet(instance.clone(), Then::Cancelled)
                });
            }
            Navigation::Back => {
                let path = instance.path.clone().back();
                path.ok_or_else(|| refused(id::NO_BACK))?
            }
            Navigation::Skip => {
                let skip = self.step(instance.step())?.skip;
                let target = skip.ok_or_else(|| refused(id::NO_SKIP))?;
                self.onward(&instance.path, target)?
            }
            Navigation::Restart => {
                let first = self.entries.first().copied();
                Path::at(first.unwrap_or_else(|| instance.step()))
            }
            Navigation::Jump(name) => {
                let jumps = &self.step(instance.step())?.jumps;
                let target = jumps.iter().copied().find(|jump| jump.name() == name);
                let target = target.ok_or_else(|| refused(id::NO_JUMP))?;
                self.onward(&instance.path, target)?
            }
        };
        let instance = Instance {
            path,
            state: instance.state.clone(),
        };
        Ok(Advance::quiet(instance, Then::Moved))
    }

    /// The screen of the step an instance is at.
    ///
    /// # Errors
    /// When data has to be read first.
    pub fn view(&self, instance: &Instance<S, T>, context: &C) -> Result<Screen, Halt<C::Wait>> {
        let step = self.step(instance.step())?;
        (step.view)(&instance.state, context).map_err(Halt::Wait)
    }

    /// What a person may do at the step an instance is at.
    ///
    /// # Errors
    /// When the definition has no such step.
    pub fn ways(&self, instance: &Instance<S, T>) -> Result<Ways, Restart> {
        let step = self.step(instance.step())?;
        Ok(Ways {
            takes: step.takes(),
            back: !instance.history().is_empty(),
            skip: step.skip.is_some(),
            jumps: step.jumps.iter().map(|jump| jump.name()).collect(),
        })
    }

    pub(crate) fn step(&self, step: S) -> Result<&StepDefinition<S, T, C>, Restart> {
        self.steps
            .iter()
            .find(|definition| definition.step == step)
            .ok_or_else(|| Restart::Step(step.name().to_owned()))
    }

    pub(crate) fn onward(&self, path: &Path<S>, target: S) -> Result<Path<S>, Restart> {
        let one_way = self.step(target)?.one_way;
        let passing = self.step(path.step)?.passing;
        let onward = path.clone().on_to(target, one_way);
        Ok(if passing {
            onward.without(path.step)
        } else {
            onward
        })
    }

    /// Where a change leads, when it may.
    fn settle(
        &self,
        path: &Path<S>,
        exits: &Exits<S>,
        change: Change<S, T>,
    ) -> Result<Advance<Instance<S, T>>, Halt<C::Wait>> {
        let next = match change.next {
            Next::Step(step) if step == path.step => Next::Stay,
            next => next,
        };
        if let Some(exit) = exits.undeclared(&next) {
            let from = path.step.name().to_owned();
            return Err(Fault::Exit { from, exit }.into());
        }
        let (path, then) = match next {
            Next::Stay => (path.clone(), Then::Stay),
            Next::Step(step) => (self.onward(path, step)?, Then::Moved),
            Next::Call { flow, args } => (path.clone(), Then::Call { flow, args }),
            Next::Finish(result) => (path.clone(), Then::Finished(result)),
        };
        Ok(Advance {
            instance: Instance {
                path,
                state: change.state,
            },
            wishes: change.wishes,
            notices: change.notices,
            then,
        })
    }
}

impl<S: Step, T, C: Context + ?Sized> StepDefinition<S, T, C> {
    fn takes(&self) -> Vec<InputKind> {
        let mut takes = Vec::new();
        for handler in &self.handlers {
            if !takes.contains(&handler.accepts.kind) {
                takes.push(handler.accepts.kind);
            }
        }
        takes
    }

    /// "I expected a picture."
    fn unexpected(&self, got: InputKind) -> Rejection {
        const SENDABLE: [InputKind; 2] = [InputKind::Text, InputKind::Media];
        let takes = self.takes();
        let expected: Vec<&str> = SENDABLE
            .iter()
            .filter(|kind| takes.contains(kind))
            .map(|kind| kind.name())
            .collect();
        // A form beside other ways is a shortcut on the screen, not what the step waits for.
        let expected = if !expected.is_empty() {
            expected.join("-")
        } else if takes.contains(&InputKind::Form) {
            InputKind::Form.name().to_owned()
        } else {
            "controls".to_owned()
        };
        Message::new(id::EXPECTED)
            .text("expected", expected)
            .text("got", got.name())
            .into()
    }
}

impl<S, T, C: Context + ?Sized> fmt::Debug for Flow<S, T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flow")
            .field("name", &self.name)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
