//! An engine that outlives the bot, as one behind HTTP does, and trains on a timetable.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream;
use lorikeet_engine::{Collected, Engine, EngineError, EngineFailure, Job, ProgressStream, Report};
use lorikeet_training::{EngineId, EngineOffer, Estimate, RunId, SettingRanges, Settings};
use tokio::sync::watch;
use tokio::time::sleep;

/// Half of how long every call takes: its effect lies in the middle.
pub(crate) const HALF: Duration = Duration::from_millis(5);
/// How long a step takes.
pub(crate) const STEP: Duration = Duration::from_millis(50);
/// Steps of a run.
pub(crate) const STEPS: u32 = 6;

/// What a test may ask of the engine. Shared with it.
#[derive(Clone)]
pub(crate) struct Studio(Arc<Mutex<State>>);

struct State {
    id: EngineId,
    capacity: usize,
    jobs: BTreeMap<RunId, Training>,
    /// Accepted submissions that started something, in order.
    started: Vec<RunId>,
    /// All calls, by name.
    calls: Vec<(&'static str, RunId)>,
    /// Calls that fail: the name, how often, how.
    failing: Vec<(&'static str, u32, EngineFailure)>,
    keeps_checkpoints: bool,
    /// Runs wait before this step until they are cancelled.
    stuck_at: Option<u32>,
    panics: bool,
    most_at_once: usize,
}

struct Training {
    job: Job,
    /// What it says, and how often its listeners were cut off before.
    says: watch::Sender<(Report, u32)>,
    cancelled: bool,
}

impl Studio {
    pub(crate) fn new(id: &str) -> Self {
        Self(Arc::new(Mutex::new(State {
            id: EngineId(id.to_owned()),
            capacity: 1,
            jobs: BTreeMap::new(),
            started: Vec::new(),
            calls: Vec::new(),
            failing: Vec::new(),
            keeps_checkpoints: true,
            stuck_at: None,
            panics: false,
            most_at_once: 0,
        })))
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.0.lock().unwrap())
    }

    pub(crate) fn id(&self) -> EngineId {
        self.with(|state| state.id.clone())
    }

    pub(crate) fn of_capacity(self, capacity: usize) -> Self {
        self.with(|state| state.capacity = capacity);
        self
    }

    pub(crate) fn stuck_at(self, step: u32) -> Self {
        self.with(|state| state.stuck_at = Some(step));
        self
    }

    pub(crate) fn without_checkpoints(self) -> Self {
        self.with(|state| state.keeps_checkpoints = false);
        self
    }

    pub(crate) fn panicking(self) -> Self {
        self.with(|state| state.panics = true);
        self
    }

    /// The next `times` calls of this name fail.
    pub(crate) fn failing(self, call: &'static str, times: u32, how: EngineFailure) -> Self {
        self.with(|state| state.failing.push((call, times, how)));
        self
    }

    pub(crate) fn started(&self) -> Vec<RunId> {
        self.with(|state| state.started.clone())
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.with(|state| state.most_at_once)
    }

    pub(crate) fn knows(&self, run: &RunId) -> bool {
        self.with(|state| state.jobs.contains_key(run))
    }

    pub(crate) fn job(&self, run: &RunId) -> Option<Job> {
        self.with(|state| state.jobs.get(run).map(|training| training.job.clone()))
    }

    /// The engine's disk is lost.
    pub(crate) fn lose(&self, run: &RunId) {
        self.with(|state| state.jobs.remove(run));
    }

    pub(crate) fn calls(&self, name: &str) -> usize {
        self.with(|state| state.calls.iter().filter(|(call, _)| *call == name).count())
    }

    fn call(&self, name: &'static str, run: &RunId) -> Result<(), EngineError> {
        self.with(|state| {
            state.calls.push((name, run.clone()));
            let failing = state
                .failing
                .iter_mut()
                .find(|(call, times, _)| *call == name && *times > 0);
            match failing {
                Some((_, times, failure)) => {
                    *times -= 1;
                    Err(EngineError::new(*failure, format!("{name} fails")))
                }
                None => Ok(()),
            }
        })
    }

    fn start(&self, job: &Job) {
        let run = job.run.clone();
        let fresh = self.with(|state| {
            if state.jobs.contains_key(&run) {
                return false;
            }
            let training = Training {
                job: job.clone(),
                says: watch::Sender::new((Report::Preparing, 0)),
                cancelled: false,
            };
            state.jobs.insert(run.clone(), training);
            state.started.push(run.clone());
            let active = state
                .jobs
                .values()
                .filter(|t| !t.says.borrow().0.is_terminal());
            state.most_at_once = state.most_at_once.max(active.count());
            true
        });
        if fresh {
            let studio = self.clone();
            tokio::spawn(async move { studio.train(run).await });
        }
    }

    async fn train(&self, run: RunId) {
        for step in 1..=STEPS {
            loop {
                sleep(STEP).await;
                let (gone, cancelled, stuck) = self.with(|state| {
                    let training = state.jobs.get(&run);
                    let cancelled = training.is_some_and(|training| training.cancelled);
                    (training.is_none(), cancelled, state.stuck_at == Some(step))
                });
                if gone {
                    return;
                }
                if cancelled {
                    return self.say(&run, Report::Cancelled);
                }
                if !stuck {
                    break;
                }
            }
            self.say(
                &run,
                Report::Step {
                    step,
                    total: STEPS,
                    loss: 1.0 / f64::from(step),
                    speed: 20.0,
                },
            );
        }
        self.say(&run, Report::Finished);
    }

    pub(crate) fn say(&self, run: &RunId, report: Report) {
        self.with(|state| {
            if let Some(training) = state.jobs.get(run) {
                training.says.send_modify(|(said, _)| *said = report);
            }
        });
    }

    /// Cuts off whoever listens to a run.
    pub(crate) fn cut_off(&self, run: &RunId) {
        self.with(|state| {
            if let Some(training) = state.jobs.get(run) {
                training.says.send_modify(|(_, cuts)| *cuts += 1);
            }
        });
    }
}

/// The state of a run now, and whenever it changes.
fn listen(mut says: watch::Receiver<(Report, u32)>) -> ProgressStream {
    says.mark_changed();
    let before = says.borrow().1;
    let listening = Some(says);
    Box::pin(stream::unfold(listening, move |listening| async move {
        let mut says = listening?;
        if says.changed().await.is_err() {
            let error = EngineError::new(EngineFailure::Unknown, "lost");
            return Some((Err(error), None));
        }
        let (report, cuts) = says.borrow_and_update().clone();
        if cuts > before {
            let error = EngineError::new(EngineFailure::Retry, "cut off");
            return Some((Err(error), None));
        }
        let last = report.is_terminal();
        Some((Ok(report), (!last).then_some(says)))
    }))
}

#[async_trait]
impl Engine for Studio {
    fn offer(&self) -> EngineOffer {
        EngineOffer {
            id: self.id(),
            name: "Studio".to_owned(),
            demonstration: false,
            bases: Vec::new(),
            ranges: SettingRanges {
                steps: 1..=10,
                rank: 1..=10,
                alpha: 1..=10,
                learning_rate: 0.0..=1.0,
                resolution: 1..=10,
                seed: 0..=10,
            },
            presets: Vec::new(),
        }
    }

    fn estimate(&self, _: &Settings, _: usize) -> Estimate {
        Estimate {
            seconds: 1,
            cost: None,
        }
    }

    fn capacity(&self) -> usize {
        self.with(|state| state.capacity)
    }

    async fn submit(&self, job: &Job) -> Result<(), EngineError> {
        sleep(HALF).await;
        if self.with(|state| state.panics) {
            panic!("a plugin's mistake");
        }
        self.call("submit", &job.run)?;
        self.start(job);
        sleep(HALF).await;
        Ok(())
    }

    async fn observe(&self, run: &RunId) -> Result<ProgressStream, EngineError> {
        sleep(HALF).await;
        self.call("observe", run)?;
        let says = self.with(|state| state.jobs.get(run).map(|t| t.says.subscribe()));
        let unknown = || EngineError::new(EngineFailure::Unknown, "unknown");
        says.map(listen).ok_or_else(unknown)
    }

    async fn cancel(&self, run: &RunId) -> Result<(), EngineError> {
        sleep(HALF).await;
        self.call("cancel", run)?;
        self.with(|state| {
            if let Some(training) = state.jobs.get_mut(run) {
                training.cancelled = true;
            }
        });
        sleep(HALF).await;
        Ok(())
    }

    async fn collect(&self, run: &RunId) -> Result<Collected, EngineError> {
        sleep(HALF).await;
        self.call("collect", run)?;
        self.with(|state| {
            let Some(training) = state.jobs.get(run) else {
                return Err(EngineError::new(EngineFailure::Unknown, "unknown"));
            };
            if training.cancelled && !state.keeps_checkpoints {
                return Err(EngineError::new(EngineFailure::Permanent, "no file"));
            }
            let step = if training.cancelled { 2 } else { STEPS };
            Ok(Collected {
                file: Bytes::from(format!("the file of {run} at {step}")),
                step,
            })
        })
    }

    async fn forget(&self, run: &RunId) -> Result<(), EngineError> {
        sleep(HALF).await;
        self.call("forget", run)?;
        self.with(|state| state.jobs.remove(run));
        sleep(HALF).await;
        Ok(())
    }
}
