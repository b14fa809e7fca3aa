//! Flows without their types, so that one stack holds any of them.

use lorikeet_chat::Screen;
use serde_json::Value;

use crate::{
    Advance, Context, Flow, Halt, Input, Instance, Navigation, Restart, State, Step, Stored, Ways,
};

/// A flow of any steps and state, over one kind of context. Every [`Flow`] is one.
///
/// The stored instance given is never touched: whoever gets an error keeps what they had, to the bit.
pub trait AnyFlow<C: Context + ?Sized>: Send + Sync {
    /// The flow's name.
    fn name(&self) -> &'static str;

    /// The definition's version.
    fn version(&self) -> u32;

    /// A new instance. See [`Flow::start`].
    ///
    /// # Errors
    /// When the flow refuses to start, waits for data, or the arguments do not fit.
    fn start(&self, args: &Value, context: &C) -> Result<Advance, Halt<C::Wait>>;

    /// The instance after an input. See [`Flow::advance`].
    ///
    /// # Errors
    /// When the input is refused, data has to be read first, or the instance cannot be continued.
    fn advance(
        &self,
        stored: &Stored,
        input: &Input,
        context: &C,
    ) -> Result<Advance, Halt<C::Wait>>;

    /// The instance after a move without an answer. See [`Flow::navigate`].
    ///
    /// # Errors
    /// When the step does not allow the move, or the instance cannot be continued.
    fn navigate(&self, stored: &Stored, navigation: &Navigation) -> Result<Advance, Halt<C::Wait>>;

    /// The screen of the step it is at.
    ///
    /// # Errors
    /// When data has to be read first, or the instance cannot be continued.
    fn view(&self, stored: &Stored, context: &C) -> Result<Screen, Halt<C::Wait>>;

    /// What a person may do at the step it is at.
    ///
    /// # Errors
    /// When the instance cannot be continued.
    fn ways(&self, stored: &Stored) -> Result<Ways, Restart>;

    /// The names of its steps, in the order declared.
    fn steps(&self) -> Vec<&'static str>;

    /// The definition as a Mermaid flowchart.
    fn mermaid(&self) -> String;
}

impl<S: Step, T: State, C: Context + ?Sized> AnyFlow<C> for Flow<S, T, C> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn version(&self) -> u32 {
        self.version
    }

    fn start(&self, args: &Value, context: &C) -> Result<Advance, Halt<C::Wait>> {
        self.stored(Flow::start(self, args, context)?)
    }

    fn advance(
        &self,
        stored: &Stored,
        input: &Input,
        context: &C,
    ) -> Result<Advance, Halt<C::Wait>> {
        self.stored(Flow::advance(self, &self.load(stored)?, input, context)?)
    }

    fn navigate(&self, stored: &Stored, navigation: &Navigation) -> Result<Advance, Halt<C::Wait>> {
        self.stored(Flow::navigate(self, &self.load(stored)?, navigation)?)
    }

    fn view(&self, stored: &Stored, context: &C) -> Result<Screen, Halt<C::Wait>> {
        Flow::view(self, &self.load(stored)?, context)
    }

    fn ways(&self, stored: &Stored) -> Result<Ways, Restart> {
        Flow::ways(self, &self.load(stored)?)
    }

    fn steps(&self) -> Vec<&'static str> {
        self.steps.iter().map(|step| step.step.name()).collect()
    }

    fn mermaid(&self) -> String {
        Flow::mermaid(self)
    }
}

impl<S: Step, T: State, C: Context + ?Sized> Flow<S, T, C> {
    fn stored(&self, advance: Advance<Instance<S, T>>) -> Result<Advance, Halt<C::Wait>> {
        Ok(advance.try_map(|instance| self.store(&instance))?)
    }
}
