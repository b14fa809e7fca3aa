//! What the cases are written with: two people, LoRAs with pictures, runs.

use std::sync::Arc;
use std::time::Duration;

use lorikeet_chat::{BlobId, Conversation, EventId, PlatformId, RoomId, Timestamp, UserId};
use lorikeet_store::ManualClock;

use super::Backend;
use crate::{
    Artifact, Caption, Claimable, ClaimedRun, Dataset, Deleted, EngineId, Failure, Inserted, Lora,
    LoraId, LoraName, Owner, Picture, Place, Placed, Preset, Progress, Repository, RepositoryError,
    Run, RunId, RunPicture, RunState, Saved, Settings, Trigger, Updated, VersionNumber,
};

/// When every case begins.
pub(super) const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);
/// How long claims are for.
pub(super) const LEASE: Duration = Duration::from_secs(30);
/// The lock's generation in cases where only one person edits.
pub(super) const EDITOR: u64 = 10;

/// A repository under test.
pub(super) struct Stage<B> {
    backend: B,
    pub(super) clock: Arc<ManualClock>,
}

impl<B: Backend> Stage<B> {
    pub(super) async fn new() -> Self {
        let clock = Arc::new(ManualClock::new(START));
        Self {
            backend: B::open(Arc::clone(&clock)).await,
            clock,
        }
    }

    pub(super) fn repository(&self) -> &dyn Repository {
        self.backend.repository()
    }

    pub(super) async fn restart(self) -> Self {
        Self {
            backend: self.backend.reopen().await,
            clock: self.clock,
        }
    }

    pub(super) fn wait(&self, time: Duration) {
        self.clock.advance(time);
    }

    pub(super) async fn lora(&self, id: &LoraId) -> Option<Lora> {
        must(self.repository().lora(id).await)
    }

    pub(super) async fn save(&self, lora: &Lora, generation: u64) -> Saved {
        must(self.repository().save(lora, generation).await)
    }

    pub(super) async fn delete(&self, id: &LoraId, generation: u64) -> Deleted {
        must(self.repository().delete(id, generation).await)
    }

    pub(super) async fn run(&self, id: &RunId) -> Option<Run> {
        must(self.repository().run(id).await)
    }

    pub(super) async fn insert(&self, run: &Run) -> Inserted {
        must(self.repository().insert_run(run).await)
    }

    /// A queued run of a LoRA of its own, the `n`th, asked for `n` seconds after the start.
    pub(super) async fn queued(&self, n: u32) -> Run {
        let lora = lora(anne(), n);
        assert_eq!(self.save(&lora, EDITOR).await, Saved::Saved);
        let run = run(&lora, n);
        assert_eq!(self.insert(&run).await, Inserted::Inserted);
        run
    }

    pub(super) async fn claim(&self, which: Claimable<'_>) -> Option<ClaimedRun> {
        must(self.repository().claim_run(which, LEASE).await)
    }

    /// Claims a run of the usual engine; there must be one.
    pub(super) async fn claimed(&self) -> ClaimedRun {
        match self.claim(Claimable::Of(&[engine()])).await {
            Some(claimed) => claimed,
            None => panic!("nothing to claim"),
        }
    }

    /// What a claim of the usual engine would bring.
    pub(super) async fn claimed_id(&self) -> Option<RunId> {
        let claimed = self.claim(Claimable::Of(&[engine()])).await;
        claimed.map(|claimed| claimed.run.id)
    }

    pub(super) async fn update(&self, run: &Run, generation: u64) -> Updated {
        must(self.repository().update_run(run, generation).await)
    }

    pub(super) async fn heartbeat(&self, id: &RunId, generation: u64) -> Option<bool> {
        must(self.repository().heartbeat(id, generation, LEASE).await)
    }

    pub(super) async fn release(&self, id: &RunId, generation: u64) {
        must(self.repository().release_run(id, generation).await);
    }

    pub(super) async fn settle(&self, id: &RunId, generation: u64) -> Updated {
        must(self.repository().settle_run(id, generation).await)
    }

    /// Claims the only run there is, ends it in a state and settles it.
    pub(super) async fn end(&self, state: RunState) -> Run {
        let ClaimedRun {
            run, generation, ..
        } = self.claimed().await;
        let run = Run { state, ..run };
        assert_eq!(self.update(&run, generation).await, Updated::Updated);
        assert_eq!(self.settle(&run.id, generation).await, Updated::Updated);
        run
    }

    pub(super) async fn uses(&self, blob: &BlobId) -> bool {
        must(self.repository().uses_blob(blob).await)
    }
}

/// The store answers; a case that expects otherwise says so itself.
pub(super) fn must<T>(answer: Result<T, RepositoryError>) -> T {
    match answer {
        Ok(answer) => answer,
        Err(error) => panic!("the repository failed: {error}"),
    }
}

/// A value of the case's own that is valid.
fn valid<T, E: std::fmt::Display>(value: Result<T, E>) -> T {
    match value {
        Ok(value) => value,
        Err(error) => panic!("the case is wrong: {error}"),
    }
}

pub(super) fn conversation(user: &str) -> Conversation {
    Conversation {
        platform: valid(PlatformId::new("web")),
        room: valid(RoomId::new("room")),
        thread: None,
        user: valid(UserId::new(user)),
    }
}

pub(super) fn anne() -> Owner {
    Owner::of(&conversation("anne"))
}

pub(super) fn ben() -> Owner {
    Owner::of(&conversation("ben"))
}

/// The engine of most cases.
pub(super) fn engine() -> EngineId {
    EngineId("tiny".to_owned())
}

/// Another engine.
pub(super) fn other_engine() -> EngineId {
    EngineId("cluster".to_owned())
}

pub(super) fn name(text: &str) -> LoraName {
    valid(LoraName::parse(text))
}

pub(super) fn caption(text: &str) -> Caption {
    valid(Caption::parse(text))
}

pub(super) fn trigger(word: &str) -> Trigger {
    valid(Trigger::parse(word))
}

pub(super) fn blob(seed: u8) -> BlobId {
    BlobId::from_digest([seed; 32])
}

/// A picture whose image is `blob(seed)` and whose thumbnail is `blob(seed + 100)`.
pub(super) fn picture(seed: u8) -> Picture {
    Picture {
        image: blob(seed),
        thumbnail: blob(seed.wrapping_add(100)),
        original: blob(seed.wrapping_add(200)),
        dhash: u64::MAX - u64::from(seed),
        width: 768,
        height: 512,
        name: format!("{seed}.png"),
        warnings: Vec::new(),
    }
}

/// A dataset with one more picture, in the next free place.
pub(super) fn with_picture(dataset: Dataset, seed: u8) -> Dataset {
    let intake = format!("intake {seed}");
    let (dataset, number) = dataset.reserve(Place::Next, 20, &intake, "cat.png");
    let Some(number) = number else {
        panic!("no place left");
    };
    let line = Some(caption(&format!("cat number {seed}")));
    let (dataset, placed) = dataset.fill(&intake, picture(seed), line);
    assert_eq!(placed, Placed::Filled(number));
    dataset
}

/// A person's `n`th LoRA, with pictures 1 to 4, at revision 1, last changed `n` seconds after the start.
pub(super) fn lora(owner: Owner, n: u32) -> Lora {
    let by = conversation(owner.user.as_str());
    let at = START.after(Duration::from_secs(u64::from(n)));
    Lora {
        id: LoraId::derive(&by, &valid(EventId::new("name")), n),
        name: name(&format!("Cat {n}")),
        trigger: trigger("mycat"),
        dataset: (1..=4).fold(Dataset::default(), with_picture),
        settings: Some(settings(engine())),
        revision: 1,
        created: at,
        updated: at,
        owner,
    }
}

/// The same LoRA, changed once more.
pub(super) fn revised(lora: &Lora) -> Lora {
    Lora {
        revision: lora.revision + 1,
        ..lora.clone()
    }
}

pub(super) fn settings(engine: EngineId) -> Settings {
    Settings {
        engine,
        base: "base".to_owned(),
        preset: Preset::Quick,
        steps: 500,
        rank: 16,
        alpha: 16,
        learning_rate: 4.7e-4,
        resolution: 512,
        seed: 7,
    }
}

/// A LoRA's `n`th run, queued, asked for `n` seconds after the start.
pub(super) fn run(lora: &Lora, n: u32) -> Run {
    let by = conversation(lora.owner.user.as_str());
    let at = START.after(Duration::from_secs(u64::from(n)));
    Run {
        id: RunId::derive(&by, &valid(EventId::new("start")), n),
        lora: lora.id.clone(),
        owner: lora.owner.clone(),
        conversation: by,
        version: VersionNumber::FIRST,
        parent: None,
        name: lora.name.clone(),
        trigger: lora.trigger.clone(),
        pictures: lora
            .dataset
            .for_training(&lora.trigger)
            .into_iter()
            .map(|(image, caption)| RunPicture { image, caption })
            .collect(),
        dataset: lora.dataset.hash(&lora.trigger),
        settings: settings(engine()),
        state: RunState::Queued,
        progress: Progress::default(),
        created: at,
        updated: at,
    }
}

pub(super) fn of_engine(run: Run, engine: EngineId) -> Run {
    Run {
        settings: settings(engine),
        ..run
    }
}

pub(super) fn artifact(seed: u8) -> Artifact {
    Artifact {
        blob: blob(seed),
        size: 500_000,
        file_name: "cat-1.0.safetensors".to_owned(),
        step: 500,
    }
}

pub(super) fn done(seed: u8) -> RunState {
    RunState::Done {
        artifact: artifact(seed),
    }
}

pub(super) fn failed() -> RunState {
    RunState::Failed {
        failure: Failure {
            code: "engine".to_owned(),
            detail: "out of memory".to_owned(),
        },
    }
}
