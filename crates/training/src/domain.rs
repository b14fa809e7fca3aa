//! What the flows know and may read.

use lorikeet_dialog::{Context, Domain, Unread};
use serde::{Deserialize, Serialize};

use crate::{
    Account, EngineId, EngineOffer, Estimate, Lora, LoraId, LoraName, LoraSummary, Run, RunId,
    Settings,
};

/// The feature: what this bot offers and allows. Fixed while the process runs.
#[derive(Clone, Debug)]
pub struct Training {
    /// The engines, the preferred first; at least one.
    pub engines: Vec<EngineOffer>,
    /// Bounds of a dataset.
    pub limits: Limits,
}

/// Bounds of a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Places of a dataset.
    pub slots: u16,
    /// Fewest pictures to train on.
    pub min_pictures: u16,
    /// LoRAs one person may have.
    pub loras: u16,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            slots: 20,
            min_pictures: 4,
            loras: 200,
        }
    }
}

/// What flows read. Answers are for the person of the context alone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Query {
    /// A LoRA, if it is the person's.
    Lora(LoraId),
    /// The person's LoRAs, last changed first.
    Loras,
    /// The person's LoRA of a name.
    Named(LoraName),
    /// A run, if it is the person's, and how many wait before it.
    Run(RunId),
    /// The runs of a LoRA, if it is the person's, newest first.
    RunsOf(LoraId),
    /// The person's newest runs.
    Runs,
    /// Who the person is joined with.
    Account,
    /// What a run should take.
    Estimate {
        /// Settings as JSON: floats have no hash.
        settings: String,
        /// Pictures.
        pictures: usize,
    },
}

/// What the flows are told.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// To [`Query::Lora`].
    Lora(Option<Box<Lora>>),
    /// To [`Query::Loras`].
    Loras(Vec<LoraSummary>),
    /// To [`Query::Named`].
    Named(Option<LoraId>),
    /// To [`Query::Run`].
    Run(Option<Box<RunView>>),
    /// To [`Query::RunsOf`] and [`Query::Runs`].
    Runs(Vec<Run>),
    /// To [`Query::Account`].
    Account(Account),
    /// To [`Query::Estimate`]; absent when the engine is not there any more.
    Estimate(Option<Estimate>),
}

/// A run as its owner sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct RunView {
    /// The run.
    pub run: Run,
    /// Queued runs before it; 0 when it is not queued.
    pub ahead: u32,
}

impl Domain for Training {
    type Query = Query;
    type Answer = Answer;
}

impl Training {
    /// The engine of an id.
    pub fn engine(&self, id: &EngineId) -> Option<&EngineOffer> {
        self.engines.iter().find(|engine| engine.id == *id)
    }

    /// The engine new LoRAs start with.
    pub fn preferred(&self) -> Option<&EngineOffer> {
        self.engines.first()
    }
}

/// The context of this feature's flows.
pub(crate) type Ctx = Context<Training>;
/// What a view answers while it lacks data.
pub(crate) type Wait = Unread<Query>;

/// Typed reads. An answer of the wrong kind is a mistake of the reader; it counts as "nothing there".
pub(crate) trait Reads {
    fn lora(&self, id: &LoraId) -> Result<Option<&Lora>, Wait>;
    fn loras(&self) -> Result<&[LoraSummary], Wait>;
    fn named(&self, name: &LoraName) -> Result<Option<&LoraId>, Wait>;
    fn run(&self, id: &RunId) -> Result<Option<&RunView>, Wait>;
    fn runs_of(&self, id: &LoraId) -> Result<&[Run], Wait>;
    fn runs(&self) -> Result<&[Run], Wait>;
    fn account(&self) -> Result<Option<&Account>, Wait>;
    fn estimate(&self, settings: &Settings, pictures: usize) -> Result<Option<&Estimate>, Wait>;
}

impl Reads for Ctx {
    fn lora(&self, id: &LoraId) -> Result<Option<&Lora>, Wait> {
        Ok(match self.read(Query::Lora(id.clone()))? {
            Answer::Lora(lora) => lora.as_deref(),
            _ => None,
        })
    }

    fn loras(&self) -> Result<&[LoraSummary], Wait> {
        Ok(match self.read(Query::Loras)? {
            Answer::Loras(loras) => loras,
            _ => &[],
        })
    }

    fn named(&self, name: &LoraName) -> Result<Option<&LoraId>, Wait> {
        Ok(match self.read(Query::Named(name.clone()))? {
            Answer::Named(id) => id.as_ref(),
            _ => None,
        })
    }

    fn run(&self, id: &RunId) -> Result<Option<&RunView>, Wait> {
        Ok(match self.read(Query::Run(id.clone()))? {
            Answer::Run(view) => view.as_deref(),
            _ => None,
        })
    }

    fn runs_of(&self, id: &LoraId) -> Result<&[Run], Wait> {
        Ok(match self.read(Query::RunsOf(id.clone()))? {
            Answer::Runs(runs) => runs,
            _ => &[],
        })
    }

    fn runs(&self) -> Result<&[Run], Wait> {
        Ok(match self.read(Query::Runs)? {
            Answer::Runs(runs) => runs,
            _ => &[],
        })
    }

    fn account(&self) -> Result<Option<&Account>, Wait> {
        Ok(match self.read(Query::Account)? {
            Answer::Account(account) => Some(account),
            _ => None,
        })
    }

    fn estimate(&self, settings: &Settings, pictures: usize) -> Result<Option<&Estimate>, Wait> {
        let settings = serde_json::to_string(settings).unwrap_or_default();
        Ok(match self.read(Query::Estimate { settings, pictures })? {
            Answer::Estimate(estimate) => estimate.as_ref(),
            _ => None,
        })
    }
}
