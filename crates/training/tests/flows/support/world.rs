//! What people share: records, locks, the time, the engine's side of a run.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use lorikeet_chat::{Background, BlobId, Coalesce, Conversation, Timestamp};
use lorikeet_dialog::{Context, Dialog, ReadError, Reader};
use lorikeet_store::{Acquired, Clock as _, LockRow, ManualClock};
use lorikeet_training::memory::MemoryRepository;
use lorikeet_training::wire::{Holder, RunNews};
use lorikeet_training::{
    Accounts as _, Answer, Artifact, BaseModel, CaptionStyle, Claimable, ClaimedRun, Courier,
    EngineId, EngineOffer, Estimate, Failure, LOCK_FOR, Limits, Lock, Locks, Lora, LoraId, Owner,
    Preset, PresetRule, Query, Repository, RepositoryError, Run, RunId, RunState, RunView, Sample,
    Service, SettingRanges, Settings, StepRule, Training,
};

/// Everything that is not one person's chat.
pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) dialog: Dialog<Training>,
    pub(crate) repository: MemoryRepository,
    pub(crate) service: Service,
    post: Arc<Post>,
}

/// What was told to conversations from outside their turns, until they hear it.
#[derive(Default)]
pub(crate) struct Post {
    waiting: Mutex<BTreeMap<Conversation, VecDeque<Background>>>,
    told: Mutex<Vec<String>>,
}

struct MemoryLocks {
    clock: Arc<ManualClock>,
    rows: Mutex<BTreeMap<LoraId, LockRow>>,
}

/// Nothing in memory waits: one look is enough.
pub(crate) fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut TaskContext::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("something waits, though everything is in memory"),
    }
}

/// An engine as a self-hoster would have it: two base models, three presets.
pub(crate) fn offer(demonstration: bool) -> EngineOffer {
    let rule = |preset, steps| PresetRule {
        preset,
        steps,
        rank: 16,
        alpha: 16,
        learning_rate: 0.0001,
        resolution: 512,
    };
    let base = |id: &str, name: &str| BaseModel {
        id: id.to_owned(),
        name: name.to_owned(),
        captions: CaptionStyle::Sentences,
    };
    EngineOffer {
        id: EngineId("studio".to_owned()),
        name: "Studio".to_owned(),
        demonstration,
        bases: vec![base("flux", "FLUX.1-dev"), base("sdxl", "SDXL")],
        ranges: SettingRanges {
            steps: 50..=4_000,
            rank: 1..=128,
            alpha: 1..=128,
            learning_rate: 0.000_01..=0.01,
            resolution: 256..=1_024,
            seed: 0..=u32::MAX,
        },
        presets: vec![
            rule(Preset::Quick, StepRule::Fixed(250)),
            rule(
                Preset::Balanced,
                StepRule::PerPicture {
                    each: 100,
                    min: 500,
                    max: 3_000,
                },
            ),
            rule(Preset::Thorough, StepRule::Fixed(3_000)),
        ],
    }
}

impl World {
    /// A world with one engine and the usual limits.
    pub(crate) fn new() -> Arc<Self> {
        Self::of(Training {
            engines: vec![offer(false)],
            limits: Limits::default(),
        })
    }

    pub(crate) fn of(training: Training) -> Arc<Self> {
        // A morning in 2026.
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_780_000_000_000)));
        let repository = MemoryRepository::new(Arc::clone(&clock) as _);
        let post = Arc::new(Post::default());
        let locks = MemoryLocks {
            clock: Arc::clone(&clock),
            rows: Mutex::default(),
        };
        let service = Service::new(
            Arc::new(repository.clone()),
            Arc::new(locks),
            Arc::clone(&post) as _,
            training.limits.slots,
        );
        Arc::new(Self {
            clock,
            dialog: lorikeet_training::flows::dialog(training, &[]).unwrap(),
            repository,
            service,
            post,
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What a conversation was told from outside and has not heard yet.
    pub(crate) fn news_for(&self, conversation: &Conversation) -> Option<Background> {
        let mut waiting = self.post.waiting.lock().unwrap();
        waiting.get_mut(conversation)?.pop_front()
    }

    /// The stored LoRA that has a picture of this name.
    pub(crate) fn of_picture(&self, owner: &Owner, name: &str) -> Lora {
        let loras = ready(self.repository.loras(owner)).unwrap();
        let loras = loras
            .into_iter()
            .filter_map(|summary| ready(self.repository.lora(&summary.id)).unwrap());
        let has = |lora: &Lora| {
            let mut pictures = lora.dataset.pictures();
            pictures.any(|(_, picture, _)| picture.name == name)
        };
        loras.into_iter().find(has).unwrap()
    }

    /// The stored LoRA of a name.
    pub(crate) fn lora(&self, owner: &Owner, name: &str) -> Option<Lora> {
        let name = lorikeet_training::LoraName::parse(name).unwrap();
        let id = ready(self.repository.named(owner, &name)).unwrap()?;
        ready(self.repository.lora(&id)).unwrap()
    }

    /// The newest run of a person.
    pub(crate) fn newest_run(&self, owner: &Owner) -> Option<Run> {
        ready(self.repository.runs(owner, 1)).unwrap().pop()
    }

    /// The engine takes the run that is next in the queue.
    pub(crate) fn engine_takes_a_run(&self) -> ClaimedRun {
        let engines = [EngineId("studio".to_owned())];
        let claimed = self
            .repository
            .claim_run(Claimable::Of(&engines), Duration::from_secs(60));
        ready(claimed).unwrap().unwrap()
    }

    /// The engine gets on with a run, and its owner is told.
    pub(crate) fn engine_says(&self, claimed: &ClaimedRun, change: impl FnOnce(&mut Run)) {
        let mut run = ready(self.repository.run(&claimed.run.id))
            .unwrap()
            .unwrap();
        change(&mut run);
        run.updated = self.now();
        ready(self.repository.update_run(&run, claimed.generation)).unwrap();
        let news = RunNews::of(&run);
        let key = format!("{}-{}", run.id, run.state.name());
        ready(self.post.tell(&run.conversation, &key, None, news.into())).unwrap();
        if !run.state.is_active() {
            ready(self.repository.settle_run(&run.id, claimed.generation)).unwrap();
        }
    }

    /// The engine is half-way: steps, loss and a sample.
    pub(crate) fn engine_is_half_way(&self, claimed: &ClaimedRun) {
        self.engine_says(claimed, |run| {
            run.state = RunState::Training;
            run.progress.step = run.progress.total / 2;
            run.progress.speed = 2.0;
            run.progress.push_loss(1, 0.9);
            run.progress.push_loss(run.progress.step, 0.4);
            run.progress.push_sample(Sample {
                step: run.progress.step,
                prompt: run.trigger.to_string(),
                blob: BlobId::from_digest([7; 32]),
            });
        });
    }

    /// The engine has made the file.
    pub(crate) fn engine_is_done(&self, claimed: &ClaimedRun) {
        self.engine_says(claimed, |run| {
            run.progress.step = run.progress.total;
            run.state = RunState::Done {
                artifact: artifact(run.progress.total),
            };
        });
    }

    /// The engine gives up.
    pub(crate) fn engine_fails(&self, claimed: &ClaimedRun, code: &str, detail: &str) {
        self.engine_says(claimed, |run| {
            run.state = RunState::Failed {
                failure: Failure {
                    code: code.to_owned(),
                    detail: detail.to_owned(),
                },
            };
        });
    }

    /// The engine stops when its owner has asked for it, and keeps what it has.
    pub(crate) fn engine_stops(&self, claimed: &ClaimedRun, kept: bool) {
        let lease = Duration::from_secs(60);
        let asked = self
            .repository
            .heartbeat(&claimed.run.id, claimed.generation, lease);
        assert_eq!(ready(asked).unwrap(), Some(true), "nobody asked to stop it");
        self.engine_says(claimed, |run| {
            run.state = RunState::Cancelled {
                artifact: kept.then(|| artifact(120)),
            };
        });
    }
}

pub(crate) fn artifact(step: u32) -> Artifact {
    Artifact {
        blob: BlobId::from_digest([9; 32]),
        size: 4_096,
        file_name: "my-cat-1.0.safetensors".to_owned(),
        step,
    }
}

#[async_trait]
impl Reader<Training> for World {
    async fn read(&self, query: &Query, context: &Context<Training>) -> Result<Answer, ReadError> {
        let owner = Owner::of(&context.conversation);
        self.answer(query, &owner, context)
            .await
            .map_err(|error| ReadError {
                retryable: error.retryable,
                message: error.message,
            })
    }
}

impl World {
    async fn answer(
        &self,
        query: &Query,
        owner: &Owner,
        context: &Context<Training>,
    ) -> Result<Answer, RepositoryError> {
        let records = &self.repository;
        Ok(match query {
            Query::Lora(id) => Answer::Lora(match records.lora(id).await? {
                Some(lora) if records.has(owner, &lora.owner).await? => Some(Box::new(lora)),
                _ => None,
            }),
            Query::Loras => Answer::Loras(records.loras(owner).await?),
            Query::Named(name) => Answer::Named(records.named(owner, name).await?),
            Query::Run(id) => Answer::Run(self.run(id, owner).await?),
            Query::RunsOf(id) => {
                let account = records.account(owner).await?;
                let mut runs = records.runs_of(id).await?;
                runs.retain(|run| account.contains(&run.owner));
                Answer::Runs(runs)
            }
            Query::Runs => Answer::Runs(records.runs(owner, 10).await?),
            Query::Account => Answer::Account(records.account(owner).await?),
            Query::Estimate { settings, pictures } => {
                let settings: Settings = serde_json::from_str(settings).unwrap();
                let known = context.domain.engine(&settings.engine).is_some();
                Answer::Estimate(known.then(|| Estimate {
                    seconds: u64::from(settings.steps) + *pictures as u64,
                    cost: None,
                }))
            }
        })
    }

    async fn run(
        &self,
        id: &RunId,
        owner: &Owner,
    ) -> Result<Option<Box<RunView>>, RepositoryError> {
        let Some(run) = self.repository.run(id).await? else {
            return Ok(None);
        };
        if !self.repository.has(owner, &run.owner).await? {
            return Ok(None);
        }
        let ahead = self.repository.ahead(id).await?.unwrap_or_default();
        Ok(Some(Box::new(RunView { run, ahead })))
    }
}

#[async_trait]
impl Courier for Post {
    async fn tell(
        &self,
        conversation: &Conversation,
        key: &str,
        _: Option<Coalesce>,
        news: Background,
    ) -> Result<(), RepositoryError> {
        let mut told = self.told.lock().unwrap();
        let key = format!("{conversation} {key}");
        if !told.contains(&key) {
            told.push(key);
            let mut waiting = self.waiting.lock().unwrap();
            waiting
                .entry(conversation.clone())
                .or_default()
                .push_back(news);
        }
        Ok(())
    }

    fn wake_runs(&self) {}
}

impl MemoryLocks {
    fn row<T>(&self, lora: &LoraId, act: impl FnOnce(&mut LockRow) -> T) -> T {
        act(self.rows.lock().unwrap().entry(lora.clone()).or_default())
    }
}

fn party(by: &Conversation, holder: &Holder) -> lorikeet_store::Holder {
    lorikeet_store::Holder {
        id: by.key(),
        display: serde_json::to_string(holder).unwrap(),
    }
}

fn shown(holder: &lorikeet_store::Holder) -> Holder {
    serde_json::from_str(&holder.display).unwrap()
}

#[async_trait]
impl Locks for MemoryLocks {
    async fn acquire(
        &self,
        lora: &LoraId,
        by: &Conversation,
        holder: &Holder,
    ) -> Result<Lock, RepositoryError> {
        let now = self.clock.now();
        Ok(
            match self.row(lora, |row| row.acquire(&party(by, holder), LOCK_FOR, now)) {
                Acquired::Granted(lock) => Lock::Ours(lock.generation),
                Acquired::Busy(view) => Lock::Busy(shown(&view.holder)),
            },
        )
    }

    async fn take_over(
        &self,
        lora: &LoraId,
        by: &Conversation,
        holder: &Holder,
    ) -> Result<(u64, Option<Conversation>), RepositoryError> {
        let now = self.clock.now();
        let (lock, before) = self.row(lora, |row| row.take_over(&party(by, holder), LOCK_FOR, now));
        let before = before.map(|view| Conversation::from_key(&view.holder.id).unwrap());
        Ok((lock.generation, before))
    }

    async fn renew(
        &self,
        lora: &LoraId,
        by: &Conversation,
        generation: u64,
    ) -> Result<bool, RepositoryError> {
        let now = self.clock.now();
        let renewed = self.row(lora, |row| row.renew(&by.key(), generation, LOCK_FOR, now));
        Ok(renewed.is_some())
    }

    async fn release(
        &self,
        lora: &LoraId,
        by: &Conversation,
        generation: u64,
    ) -> Result<(), RepositoryError> {
        self.row(lora, |row| row.release(&by.key(), generation));
        Ok(())
    }

    async fn holder(&self, lora: &LoraId) -> Result<Option<Holder>, RepositoryError> {
        let now = self.clock.now();
        Ok(self
            .row(lora, |row| row.view(now))
            .map(|view| shown(&view.holder)))
    }
}
