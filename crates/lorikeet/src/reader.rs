//! Answers what turns ask for, from the records and the engines.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use lorikeet_dialog::{Context, ReadError, Reader};
use lorikeet_engine::Engine;
use lorikeet_training::{
    Answer, EngineId, Owner, Query, Repository, RepositoryError, RunView, Settings, Training,
};

/// Runs shown in a list, at most.
const RUNS_SHOWN: u32 = 20;

/// The records and engines, read only.
#[derive(Clone)]
pub(crate) struct Records {
    pub(crate) repository: Arc<dyn Repository>,
    pub(crate) engines: BTreeMap<EngineId, Arc<dyn Engine>>,
}

#[async_trait]
impl Reader<Training> for Records {
    async fn read(&self, query: &Query, context: &Context<Training>) -> Result<Answer, ReadError> {
        let owner = Owner::of(&context.conversation);
        self.answer(query, &owner).await.map_err(|error| ReadError {
            retryable: error.retryable,
            message: error.message,
        })
    }
}

impl Records {
    /// What belongs to somebody else is not there.
    async fn answer(&self, query: &Query, owner: &Owner) -> Result<Answer, RepositoryError> {
        let records = &self.repository;
        Ok(match query {
            Query::Lora(id) => {
                let lora = match records.lora(id).await? {
                    Some(lora) if records.has(owner, &lora.owner).await? => Some(lora),
                    _ => None,
                };
                Answer::Lora(lora.map(Box::new))
            }
            Query::Loras => Answer::Loras(records.loras(owner).await?),
            Query::Named(name) => Answer::Named(records.named(owner, name).await?),
            Query::Run(id) => match records.run(id).await? {
                Some(run) if records.has(owner, &run.owner).await? => {
                    let ahead = records.ahead(id).await?.unwrap_or(0);
                    Answer::Run(Some(Box::new(RunView { run, ahead })))
                }
                _ => Answer::Run(None),
            },
            Query::RunsOf(id) => {
                let account = records.account(owner).await?;
                let mut runs = records.runs_of(id).await?;
                runs.retain(|run| account.contains(&run.owner));
                Answer::Runs(runs)
            }
            Query::Runs => Answer::Runs(records.runs(owner, RUNS_SHOWN).await?),
            Query::Account => Answer::Account(records.account(owner).await?),
            Query::Estimate { settings, pictures } => {
                let settings: Option<Settings> = serde_json::from_str(settings).ok();
                let estimate = settings.and_then(|settings| {
                    let engine = self.engines.get(&settings.engine)?;
                    Some(engine.estimate(&settings, *pictures))
                });
                Answer::Estimate(estimate)
            }
        })
    }
}
