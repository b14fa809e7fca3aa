//! Whole turns a second: accept, logic, commit, deliver, settle, with a logic and a platform that cost nothing.
//!
//! Each user waits for the answer before sending the next event. Run with `cargo bench -p lorikeet-runtime`.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use lorikeet_chat::{
    Capabilities, Conversation, EffectBody, Event, EventBody, EventId, FileLimits, MediaSource,
    MenuLimits, MessageHandle, Origin, Page, PlatformId, Present, RoomId, Screen, SessionTag,
    Stamp, Support, Surface, TextLimits, TextUnit, Timestamp, UserId,
};
use lorikeet_platform::{
    Adapter, CommandHelp, Delivered, Delivery, DeliveryError, Inbox, MediaStream, Placement, Stop,
};
use lorikeet_runtime::{Logic, LogicError, Parts, Runtime, Settings, TurnInput, TurnOutput};
use lorikeet_store::{Limits, LockStore, MemoryStore, SessionStore, SystemClock};
use lorikeet_store_sql::SqlStore;
use tokio::sync::{Semaphore, oneshot};

const TIME: Duration = Duration::from_secs(4);

fn main() -> anyhow::Result<()> {
    let tokio = tokio::runtime::Runtime::new()?;
    let clock = Arc::new(SystemClock);
    for users in [1, 64] {
        let store = Arc::new(MemoryStore::new(clock.clone(), Limits::default()));
        tokio.block_on(measure("memory", users, store.clone(), store))?;
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("bench.sqlite");
        let store = Arc::new(SqlStore::open(&path, clock.clone(), Limits::default())?);
        tokio.block_on(measure("sqlite", users, store.clone(), store))?;
    }
    Ok(())
}

async fn measure(
    name: &str,
    users: usize,
    store: Arc<dyn SessionStore>,
    locks: Arc<dyn LockStore>,
) -> anyhow::Result<()> {
    let platform = Arc::new(Platform {
        name: PlatformId::new("bench")?,
        shown: (0..users).map(|_| Semaphore::new(0)).collect(),
    });
    let runtime = Arc::new(Runtime::new(Parts {
        store,
        locks,
        signals: None,
        logic: Arc::new(Echo),
        adapters: vec![platform.clone()],
        workers: Vec::new(),
        clock: Arc::new(SystemClock),
        settings: Settings::default(),
    })?);
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn({
        let runtime = runtime.clone();
        async move {
            let stopped = async {
                // Either way it is time to stop.
                let _ = stopped.await;
            };
            runtime.run(stopped).await
        }
    });

    let begun = Instant::now();
    let numbers = Arc::new(AtomicU64::new(1));
    let people: Vec<_> = (0..users)
        .map(|user| {
            let (runtime, platform, numbers) = (runtime.clone(), platform.clone(), numbers.clone());
            tokio::spawn(async move {
                let conversation = conversation(user)?;
                let mut waits = Vec::new();
                while begun.elapsed() < TIME {
                    let sent = Instant::now();
                    let event = event(numbers.fetch_add(1, Ordering::Relaxed))?;
                    runtime.accept(&conversation, event).await?;
                    platform.shown[user].acquire().await?.forget();
                    waits.push(sent.elapsed());
                }
                anyhow::Ok(waits)
            })
        })
        .collect();
    let mut waits = Vec::new();
    for person in people {
        waits.extend(person.await??);
    }
    // What is settled after the last answer counts as well.
    drop(stop);
    running.await??;
    let elapsed = begun.elapsed();
    waits.sort();
    let at = |part: usize| waits[(waits.len() - 1) * part / 100];
    writeln!(
        std::io::stdout(),
        "{name:>7}, {users:>2} users: {:>6.0} events/s; answer after {:.2?} (median), {:.2?} (99 %)",
        waits.len() as f64 / elapsed.as_secs_f64(),
        at(50),
        at(99),
    )?;
    Ok(())
}

/// Answers everything with one screen.
struct Echo;

#[async_trait]
impl Logic for Echo {
    async fn turn(&self, input: TurnInput<'_>) -> Result<TurnOutput, LogicError> {
        Ok(self.apology(input))
    }

    fn apology(&self, input: TurnInput<'_>) -> TurnOutput {
        let present = Present {
            screen: Screen::new().heading("Hello").text("There you are."),
            stamp: Stamp {
                tag: SessionTag::from_generation(input.generation),
                revision: input.version + 1,
            },
            surface: Surface::Fresh,
            page: Page::First,
        };
        TurnOutput {
            // As large as sessions are.
            session: "s".repeat(2_000),
            effects: vec![EffectBody::Show(present)],
        }
    }
}

struct Platform {
    name: PlatformId,
    /// Screens shown to each user.
    shown: Vec<Semaphore>,
}

#[async_trait]
impl Adapter for Platform {
    fn platform(&self) -> PlatformId {
        self.name.clone()
    }

    fn placement(&self) -> Placement {
        Placement::Anywhere
    }

    async fn run(&self, _: Arc<dyn Inbox>, stop: Stop) -> Result<(), DeliveryError> {
        stop.await;
        Ok(())
    }

    fn capabilities(&self, _: &Conversation) -> Capabilities {
        Capabilities {
            text: TextLimits {
                message: 4000,
                unit: TextUnit::Chars,
                rich: Support::Full,
            },
            menu: MenuLimits {
                buttons: Support::Full,
                per_row: 8,
                total: 100,
                label: 80,
                options: 25,
            },
            files: FileLimits {
                receive: 1 << 20,
                send: 1 << 20,
                per_message: 10,
            },
            images: Support::Full,
            forms: Support::Full,
            edits: Support::Full,
            edits_per_minute: 60,
        }
    }

    async fn deliver(&self, delivery: Delivery<'_>) -> Result<Delivered, DeliveryError> {
        let user = delivery.conversation.user.as_str().parse::<usize>();
        let user = user.map_err(|_| DeliveryError::permanent("not a user"))?;
        self.shown[user].add_permits(1);
        Ok(Delivered {
            handle: MessageHandle::new(delivery.id.as_str()).ok(),
        })
    }

    async fn open(&self, _: &MediaSource) -> Result<MediaStream, DeliveryError> {
        Err(DeliveryError::permanent("no files here"))
    }

    async fn publish(&self, _: &[CommandHelp]) -> Result<(), DeliveryError> {
        Ok(())
    }
}

fn conversation(user: usize) -> anyhow::Result<Conversation> {
    Ok(Conversation {
        platform: PlatformId::new("bench")?,
        room: RoomId::new("room")?,
        thread: None,
        user: UserId::new(user.to_string())?,
    })
}

fn event(number: u64) -> anyhow::Result<Event> {
    Ok(Event {
        id: EventId::new(number.to_string())?,
        order: Some(number),
        coalesce: None,
        batch: None,
        origin: Origin::Person,
        at: Timestamp::default(),
        sender: None,
        body: EventBody::Text("hello".to_owned()),
    })
}
