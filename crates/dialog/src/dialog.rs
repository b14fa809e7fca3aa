//! The dialog: the bot's commands, flows and texts, put together once.

use std::collections::BTreeMap;
use std::sync::Arc;

use lorikeet_chat::Background;
use lorikeet_flow::{AnyFlow, Notice, Wish};

use crate::{Catalog, Command, Context, Domain, Opens, Unread};

pub(crate) type Tell<D> = fn(&Background, &Context<D>) -> Told;

/// What could be typed after a command, by all that the person has.
pub(crate) type Suggest<D> = fn(&Context<D>) -> Result<Vec<String>, Unread<<D as Domain>::Query>>;

/// What to do about a background result no flow waits for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// What to say on the current screen, in a new message.
    pub notice: Option<Notice>,
    /// What to ask of the world.
    pub wishes: Vec<Wish>,
    /// The language to go on in.
    pub language: Option<Spoken>,
}

/// A language that was chosen elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// Its tag.
    pub tag: String,
    /// Whether it takes the place of one that was chosen here.
    pub over: bool,
}

pub(crate) type Spoke = fn(&str) -> Wish;

/// Everything a bot can talk about.
pub struct Dialog<D: Domain> {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) domain: Arc<D>,
    pub(crate) commands: Vec<Command>,
    pub(crate) flows: BTreeMap<&'static str, Box<dyn AnyFlow<Context<D>>>>,
    pub(crate) home: &'static str,
    pub(crate) tell: Option<Tell<D>>,
    pub(crate) spoke: Option<Spoke>,
    pub(crate) suggestions: BTreeMap<&'static str, Suggest<D>>,
}

/// A dialog being put together.
pub struct DialogBuilder<D: Domain>(Dialog<D>);

/// Why a dialog cannot be put together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialogDefect {
    /// Two commands (or aliases) share a name.
    #[error("the command name `{0}` stands twice")]
    CommandTwice(&'static str),
    /// Two flows share a name.
    #[error("the flow `{0}` stands twice")]
    FlowTwice(&'static str),
    /// Something is suggested after a command that is not there, or takes nothing.
    #[error("the command `{0}` takes nothing that could be suggested")]
    NoArgument(&'static str),
    /// A command or the home screen names a flow that is not there.
    #[error("there is no flow `{0}`")]
    NoFlow(&'static str),
}

impl<D: Domain> Dialog<D> {
    /// Begins a dialog. `home` is the flow that shows when no other is going on.
    pub fn builder(catalog: Arc<Catalog>, domain: Arc<D>, home: &'static str) -> DialogBuilder<D> {
        DialogBuilder(Self {
            catalog,
            domain,
            commands: Vec::new(),
            flows: BTreeMap::new(),
            home,
            tell: None,
            spoke: None,
            suggestions: BTreeMap::new(),
        })
    }

    /// The texts of all languages.
    pub const fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// The feature's settings.
    pub const fn domain(&self) -> &Arc<D> {
        &self.domain
    }

    /// The commands, in the order they were added.
    pub fn commands(&self) -> &[Command] {
        &self.commands
    }

    /// Whether there are suggestions for what is typed after a command.
    pub fn suggests(&self, command: &str) -> bool {
        self.suggestions.contains_key(command)
    }

    /// The flows by name.
    pub fn flows(&self) -> impl Iterator<Item = &dyn AnyFlow<Context<D>>> {
        self.flows.values().map(Box::as_ref)
    }

    pub(crate) fn command(&self, typed: &str) -> Option<&Command> {
        let name = typed.to_lowercase();
        self.commands
            .iter()
            .find(|command| command.name == name || command.aliases.contains(&name.as_str()))
    }
}

impl<D: Domain> DialogBuilder<D> {
    /// Adds a command.
    #[must_use]
    pub fn command(mut self, command: Command) -> Self {
        self.0.commands.push(command);
        self
    }

    /// Adds a flow; a second one of the same name is a defect that [`build`](Self::build) reports.
    ///
    /// # Errors
    /// When there is one of that name already.
    pub fn flow(mut self, flow: impl AnyFlow<Context<D>> + 'static) -> Result<Self, DialogDefect> {
        let name = flow.name();
        match self.0.flows.insert(name, Box::new(flow)) {
            None => Ok(self),
            Some(_) => Err(DialogDefect::FlowTwice(name)),
        }
    }

    /// What to do about a background result no flow waits for (any more): a run that ended while its owner is
    /// elsewhere, for instance.
    #[must_use]
    pub fn tell(mut self, tell: Tell<D>) -> Self {
        self.0.tell = Some(tell);
        self
    }

    /// What could be typed after a command: platforms that complete what is typed offer what begins with it or has it inside.
    #[must_use]
    pub fn suggest(mut self, command: &'static str, suggest: Suggest<D>) -> Self {
        self.0.suggestions.insert(command, suggest);
        self
    }

    /// What to ask of the world when somebody chooses a language, by its tag.
    #[must_use]
    pub fn spoke(mut self, spoke: fn(&str) -> Wish) -> Self {
        self.0.spoke = Some(spoke);
        self
    }

    /// Checks the dialog and closes it.
    ///
    /// # Errors
    /// The first defect found.
    pub fn build(self) -> Result<Dialog<D>, DialogDefect> {
        let dialog = self.0;
        let mut names: Vec<&'static str> = dialog
            .commands
            .iter()
            .flat_map(|command| command.aliases.iter().copied().chain([command.name]))
            .collect();
        names.sort_unstable();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(DialogDefect::CommandTwice(pair[0]));
        }
        let opened = dialog
            .commands
            .iter()
            .filter_map(|command| match command.opens {
                Opens::Flow(flow) | Opens::Over(flow) | Opens::Language(flow) => Some(flow),
                Opens::Home | Opens::Cancel => None,
            });
        for flow in opened.chain([dialog.home]) {
            if !dialog.flows.contains_key(flow) {
                return Err(DialogDefect::NoFlow(flow));
            }
        }
        for name in dialog.suggestions.keys() {
            let command = dialog.commands.iter().find(|command| command.name == *name);
            if command.is_none_or(|command| command.argument.is_none()) {
                return Err(DialogDefect::NoArgument(name));
            }
        }
        Ok(dialog)
    }
}
