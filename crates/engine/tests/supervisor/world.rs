//! A bot's surroundings: records, blobs, a courier that notes everything, and processes that can be killed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use lorikeet_chat::{
    Background, BlobId, Coalesce, Conversation, EventId, PlatformId, RoomId, Timestamp, UserId,
};
use lorikeet_engine::{Engine, Pace, Parts, Supervisor};
use lorikeet_media::Blobs;
use lorikeet_store::Clock;
use lorikeet_training::memory::MemoryRepository;
use lorikeet_training::wire::RunNews;
use lorikeet_training::{
    Courier, Dataset, DatasetHash, EngineId, Inserted, Lora, LoraId, LoraName, Owner, Preset,
    Progress, Repository, RepositoryError, Run, RunId, RunPicture, RunState, Saved, Settings,
    Standing, Trigger, VersionNumber,
};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::engine::{HALF, Studio};
use crate::slow::Slow;

/// Seconds instead of minutes, so that little is simulated.
pub(crate) const PACE: Pace = Pace {
    lease: Duration::from_secs(3),
    look: Duration::from_millis(500),
    progress: Duration::from_millis(100),
    patience: Duration::from_secs(100),
    elsewhere: Duration::ZERO,
    orphaned: Duration::from_secs(60),
};

/// Time as tokio has it.
struct Paused(Instant);

impl Clock for Paused {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000).after(self.0.elapsed())
    }
}

/// News that reached a mailbox.
#[derive(Clone, Debug)]
pub(crate) struct News {
    pub(crate) key: String,
    pub(crate) coalesce: Coalesce,
    pub(crate) news: RunNews,
}

/// A courier that notes what it brings, once per key.
#[derive(Clone, Default)]
pub(crate) struct Post(Arc<Mutex<Vec<News>>>);

#[async_trait]
impl Courier for Post {
    async fn tell(
        &self,
        _: &Conversation,
        key: &str,
        coalesce: Option<Coalesce>,
        news: Background,
    ) -> Result<(), RepositoryError> {
        sleep(HALF).await;
        {
            let mut told = self.0.lock().unwrap();
            if !told.iter().any(|news| news.key == key) {
                told.push(News {
                    key: key.to_owned(),
                    coalesce: coalesce.unwrap(),
                    news: serde_json::from_value(news.payload).unwrap(),
                });
            }
        }
        sleep(HALF).await;
        Ok(())
    }

    fn wake_runs(&self) {}
}

/// What outlives a process.
pub(crate) struct World {
    pub(crate) repository: Slow,
    pub(crate) blobs: Blobs,
    pub(crate) post: Post,
    pub(crate) wake: Arc<Notify>,
    clock: Arc<Paused>,
}

/// A process with a supervisor.
pub(crate) struct Process {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Process {
    /// `kill -9`.
    pub(crate) async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }

    /// Asks it to end, and waits until it has.
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(Paused(Instant::now()));
        let own: Arc<dyn Clock> = Arc::clone(&clock) as _;
        Self {
            repository: Slow::new(MemoryRepository::new(own)),
            blobs: Blobs::in_memory(),
            post: Post::default(),
            wake: Arc::default(),
            clock,
        }
    }

    pub(crate) fn start(&self, engines: &[&Studio]) -> Process {
        self.start_at(PACE, engines)
    }

    pub(crate) fn start_at(&self, pace: Pace, engines: &[&Studio]) -> Process {
        let engines: BTreeMap<EngineId, Arc<dyn Engine>> = engines
            .iter()
            .map(|&studio| (studio.id(), Arc::new(studio.clone()) as Arc<dyn Engine>))
            .collect();
        let supervisor = Supervisor::new(Parts {
            repository: Arc::new(self.repository.clone()),
            blobs: self.blobs.clone(),
            courier: Arc::new(self.post.clone()),
            engines,
            clock: Arc::clone(&self.clock) as _,
            wake: Arc::clone(&self.wake),
            pace,
        });
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let stopped = async {
                // A dropped handle is no wish to stop.
                if stopped.await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            supervisor.run(stopped).await;
        });
        Process { stop, task }
    }

    /// A queued run of a LoRA of its own, for an engine.
    pub(crate) async fn queue(&self, n: u32, engine: &str) -> RunId {
        let now = self.clock.now();
        let by = Conversation {
            platform: PlatformId::new("web").unwrap(),
            room: RoomId::new("room").unwrap(),
            thread: None,
            user: UserId::new("anne").unwrap(),
        };
        let event = EventId::new("start").unwrap();
        let lora = Lora {
            id: LoraId::derive(&by, &event, n),
            owner: Owner::of(&by),
            name: LoraName::parse("My Cat").unwrap(),
            trigger: Trigger::parse("mycat").unwrap(),
            dataset: Dataset::default(),
            settings: None,
            revision: 1,
            created: now,
            updated: now,
        };
        assert_eq!(self.repository.save(&lora, 1).await.unwrap(), Saved::Saved);
        let picture = Bytes::from(format!("picture {n}"));
        let stored = self.blobs.put(picture).await.unwrap();
        let run = Run {
            id: RunId::derive(&by, &event, n),
            lora: lora.id,
            owner: lora.owner,
            conversation: by,
            version: VersionNumber::FIRST,
            parent: None,
            name: lora.name,
            trigger: lora.trigger,
            pictures: vec![RunPicture {
                image: stored.id,
                caption: "mycat, on a mat".to_owned(),
            }],
            dataset: DatasetHash(String::new()),
            settings: Settings {
                engine: EngineId(engine.to_owned()),
                base: "base".to_owned(),
                preset: Preset::Quick,
                steps: 6,
                rank: 1,
                alpha: 1,
                learning_rate: 0.1,
                resolution: 1,
                seed: 0,
            },
            state: RunState::Queued,
            progress: Progress::default(),
            created: now,
            updated: now,
        };
        assert_eq!(
            self.repository.insert_run(&run).await.unwrap(),
            Inserted::Inserted
        );
        self.wake.notify_one();
        run.id
    }

    pub(crate) async fn cancel(&self, run: &RunId) {
        assert!(self.repository.request_cancel(run).await.unwrap());
        self.wake.notify_one();
    }

    pub(crate) async fn run(&self, run: &RunId) -> Run {
        self.repository.memory.run(run).await.unwrap().unwrap()
    }

    /// Waits until a run is in a state of this name.
    pub(crate) async fn until(&self, run: &RunId, state: &str) -> Run {
        self.until_that(run, |run| run.state.name() == state).await
    }

    /// Waits until something holds of a run; an hour is for ever.
    pub(crate) async fn until_that(&self, id: &RunId, holds: impl Fn(&Run) -> bool) -> Run {
        let started = Instant::now();
        loop {
            let run = self.run(id).await;
            if holds(&run) {
                return run;
            }
            let waited = started.elapsed();
            assert!(waited < Duration::from_secs(3_600), "still {:?}", run.state);
            sleep(HALF).await;
        }
    }

    /// Waits until nothing is left to be done about a run.
    pub(crate) async fn until_settled(&self, id: &RunId) -> Run {
        self.until_that(id, |run| !run.state.is_active()).await;
        let all = lorikeet_training::Claimable::Orphaned {
            engines: &[],
            unchanged_for: Duration::ZERO,
        };
        // Longer than everything that follows an end, and than the claim of a killed process.
        sleep(PACE.lease * 2).await;
        let claim = self.repository.memory.claim_run(all, PACE.lease).await;
        let unsettled = claim.unwrap().map(|claimed| claimed.run.id);
        assert_eq!(unsettled, None, "left unsettled");
        self.run(id).await
    }

    /// All news of a run, in order.
    pub(crate) fn news(&self, run: &RunId) -> Vec<News> {
        let told = self.post.0.lock().unwrap();
        told.iter()
            .filter(|news| news.news.run == *run)
            .cloned()
            .collect()
    }

    /// How often the end of a run was told.
    pub(crate) fn ends_told(&self, run: &RunId) -> usize {
        let ended = |standing| !matches!(standing, Standing::Queued | Standing::Running);
        let told = self.news(run);
        told.iter().filter(|news| ended(news.news.standing)).count()
    }

    pub(crate) async fn read(&self, blob: &BlobId) -> Option<Bytes> {
        self.blobs.get(blob, 1_000).await.unwrap()
    }
}

/// The code of a run's failure.
pub(crate) fn failure(run: &Run) -> Option<(&str, &str)> {
    match &run.state {
        RunState::Failed { failure } => Some((&failure.code, &failure.detail)),
        _ => None,
    }
}
