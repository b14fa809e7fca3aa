//! A world: one store and one platform that several processes share, each with faults of its own.

mod logic;
mod platform;
mod signals;
mod store;
mod worker;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lorikeet_chat::{
    Background, Coalesce, Conversation, Event, EventBody, EventId, Origin, PlatformId, RoomId,
    Timestamp, UserId,
};
use lorikeet_platform::{Accepted, Inbox as _, Placement};
use lorikeet_runtime::{Parts, RunError, Runtime, Settings, Worker};
use lorikeet_store::{Clock, Enter, Entered, Limits, MemoryStore, Owner, SessionStore as _};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

pub(crate) use logic::Script;
pub(crate) use platform::{Outcome, Platform};
pub(crate) use signals::Board;
pub(crate) use store::{Fault, FaultyStore, Method};
pub(crate) use worker::Bench;

/// Longer than any lease, with the sweep that finds it expired.
pub(crate) const TAKEOVER: Duration = Duration::from_secs(13);

/// The store's clock follows tokio's, but for a skew.
struct Virtual {
    begun: Instant,
    skew: AtomicU64,
}

impl Clock for Virtual {
    fn now(&self) -> Timestamp {
        let skew = Duration::from_secs(self.skew.load(Ordering::SeqCst));
        Timestamp::from_millis(1_700_000_000_000).after(self.begun.elapsed() + skew)
    }
}

pub(crate) struct World {
    pub(crate) store: MemoryStore,
    pub(crate) platform: Arc<Platform>,
    pub(crate) logic: Arc<Script>,
    pub(crate) bench: Arc<Bench>,
    pub(crate) settings: Settings,
    /// What processes tell one another, where they do.
    pub(crate) signals: Option<Arc<Board>>,
    clock: Arc<Virtual>,
    updates: AtomicU64,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::placed(Placement::Anywhere)
    }

    pub(crate) fn placed(placement: Placement) -> Self {
        let clock = Arc::new(Virtual {
            begun: Instant::now(),
            skew: AtomicU64::new(0),
        });
        Self {
            store: MemoryStore::new(Arc::clone(&clock) as _, Limits::default()),
            platform: Arc::new(Platform::new(placement)),
            logic: Arc::default(),
            bench: Arc::default(),
            settings: Settings::default(),
            signals: None,
            clock,
            updates: AtomicU64::new(1),
        }
    }

    /// The store's clock leaps ahead of everybody else's.
    pub(crate) fn skew(&self, seconds: u64) {
        self.clock.skew.store(seconds, Ordering::SeqCst);
    }

    /// Starts a process.
    pub(crate) fn start(&self) -> Process {
        let bench: Arc<dyn Worker> = Arc::clone(&self.bench) as _;
        self.start_with(vec![bench])
    }

    pub(crate) fn start_with(&self, workers: Vec<Arc<dyn Worker>>) -> Process {
        let faults = Arc::new(FaultyStore::new(self.store.clone()));
        let runtime = Runtime::new(Parts {
            store: Arc::clone(&faults) as _,
            locks: Arc::clone(&faults) as _,
            signals: self.signals.clone().map(|board| board as _),
            logic: Arc::clone(&self.logic) as _,
            adapters: vec![Arc::clone(&self.platform) as _],
            workers,
            clock: Arc::clone(&self.clock) as _,
            settings: self.settings,
        });
        let runtime = Arc::new(runtime.unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let running = Arc::clone(&runtime);
        let task = tokio::spawn(async move {
            running
                .run(async {
                    let _ = stopped.await;
                })
                .await
        });
        Process {
            runtime,
            faults,
            stop,
            task,
        }
    }

    /// The session as last committed: takes the turn, for good. What the turns were about, in order.
    pub(crate) async fn turns_of(&self, who: &Conversation) -> Vec<String> {
        let probe = Enter {
            conversation: who.clone(),
            event: self.text("probe"),
            owner: Owner::new([7; 16]),
            token: 1,
            take: true,
        };
        match self.store.enter(&probe).await.unwrap() {
            Entered::Turn(grant) => {
                assert_eq!(grant.mailbox.len(), 1, "nothing waits");
                let session = grant.session.unwrap_or_default();
                session.split('|').map(str::to_owned).collect()
            }
            other => unreachable!("{other:?}"),
        }
    }

    /// A new event of the person's, with a number of its own.
    pub(crate) fn text(&self, text: &str) -> Event {
        let number = self.updates.fetch_add(1, Ordering::Relaxed);
        numbered(number, text)
    }
}

pub(crate) struct Process {
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) faults: Arc<FaultyStore>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), RunError>>,
}

impl Process {
    /// Has the person send a text that has to be accepted.
    pub(crate) async fn says(&self, world: &World, who: &Conversation, text: &str) {
        let accepted = self.runtime.accept(who, world.text(text)).await.unwrap();
        assert_eq!(accepted, Accepted::Accepted);
    }

    /// `kill -9`.
    pub(crate) fn kill(self) {
        self.task.abort();
        self.faults.cut();
        drop(self.runtime);
    }

    /// Stops in good order; says how long it took.
    pub(crate) async fn stop(self) -> Duration {
        let begun = Instant::now();
        drop(self.stop);
        self.task.await.unwrap().unwrap();
        begun.elapsed()
    }

    /// Waits for the end that comes by itself.
    pub(crate) async fn ends(self) -> Result<(), RunError> {
        self.task.await.unwrap()
    }
}

/// Lets time pass until something is so.
pub(crate) async fn until(what: &str, mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(
            begun.elapsed() < Duration::from_secs(3600),
            "never came: {what}"
        );
        sleep(Duration::from_millis(20)).await;
    }
}

/// Lets time pass.
pub(crate) async fn pass(seconds: u64) {
    sleep(Duration::from_secs(seconds)).await;
}

pub(crate) fn person(name: &str) -> Conversation {
    Conversation {
        platform: PlatformId::new("fake").unwrap(),
        room: RoomId::new("room").unwrap(),
        thread: None,
        user: UserId::new(name).unwrap(),
    }
}

pub(crate) fn numbered(number: u64, text: &str) -> Event {
    Event {
        id: EventId::new(format!("update-{number}")).unwrap(),
        order: Some(number),
        coalesce: None,
        batch: None,
        origin: Origin::Person,
        at: Timestamp::default(),
        sender: None,
        body: EventBody::Text(text.to_owned()),
    }
}

/// Progress of a run, of which only the newest matters.
pub(crate) fn progress(sequence: u64, replaceable: bool) -> Event {
    Event {
        id: EventId::new(format!("progress-{sequence}")).unwrap(),
        order: None,
        batch: None,
        coalesce: Some(Coalesce {
            key: "run".to_owned(),
            sequence,
            replaceable,
        }),
        origin: Origin::Internal,
        at: Timestamp::default(),
        sender: None,
        body: EventBody::Background(Background {
            topic: "progress".to_owned(),
            payload: json!(sequence),
        }),
    }
}

pub(crate) fn payload(payload: &Value) -> String {
    payload
        .as_str()
        .map_or_else(|| payload.to_string(), str::to_owned)
}
