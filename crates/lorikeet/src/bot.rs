//! Puts the bot together, runs it, and stops it in good order.

use std::num::NonZeroUsize;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use lorikeet_engine::{CaptionService, Pace, Parts as SupervisorParts, Supervisor};
use lorikeet_media::{Intake, archive, picture};
use lorikeet_platform::Adapter;
use lorikeet_runtime::{DialogLogic, IntakeWorker, Parts, Runtime, Settings, Worker, command_help};
use lorikeet_store::{Acquired, Clock, Holder, Owner, SystemClock};
use lorikeet_training::{Limits, Service, Training, flows};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::blobs::ago;
use crate::cli::Role;
use crate::config::Config;
use crate::courier::{Mailboxes, Post};
use crate::health::Health;
use crate::locks::LoraLocks;
use crate::plugins::stores::{self, Stores};
use crate::plugins::{self, Engines, Platforms};
use crate::reader::Records;
use crate::workers::{Accounts, Captions, Loras, Made, Pictures, Runs};

/// Pictures decoded at once: one takes well below 100 MB for a phone's photo, and up to 700 MB at the limits.
const DECODES: NonZeroUsize = NonZeroUsize::MIN;
/// How long the runs of a killed process wait before another one goes on with them.
const RUN_LEASE: Duration = Duration::from_secs(10);
/// How long a run that another process queued waits for a worker at most.
const RUN_LOOK: Duration = Duration::from_secs(1);
/// How long a run is left to the process that has its work: longer than a process takes to start again.
const RUN_ELSEWHERE: Duration = Duration::from_secs(120);
/// How long an original is kept after it was sent: longer than taking it in can last (the runtime's patience).
const ORIGINALS_KEPT: Duration = Duration::from_secs(3600);
/// How often what is not needed any more is removed, and how long a bot that comes back waits before the first time.
const TIDY_EVERY: Duration = Duration::from_secs(600);
/// Uploads that were broken off are removed when they are this old.
const UPLOADS_KEPT: Duration = Duration::from_secs(24 * 3600);

/// Runs this process's part of the bot until it is told to stop.
///
/// # Errors
/// When it cannot start or go on; the sentence says what to do.
pub(crate) async fn run(config: Config, role: Role) -> anyhow::Result<()> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let stores = Box::pin(stores::open(&config, &clock)).await?;
    let engines = plugins::engines(&config)?;
    let health = Arc::new(Health::default());
    let talking = role != Role::Worker;
    let post = Arc::new(Post {
        through: if talking {
            Mailboxes::Runtime(OnceLock::new())
        } else {
            Mailboxes::Store {
                sessions: Arc::clone(&stores.sessions),
                signals: stores.signals.clone(),
                owner: Owner::new(random()?),
            }
        },
        clock: Arc::clone(&clock),
        runs: Arc::new(Notify::new()),
    });

    let stop = CancellationToken::new();
    let asked = tokio::spawn({
        let stop = stop.clone();
        async move {
            stop_signal().await;
            stop.cancel();
        }
    });
    let supervised = async {
        if role == Role::Bot {
            return;
        }
        let supervisor = Supervisor::new(SupervisorParts {
            repository: Arc::clone(&stores.repository),
            blobs: stores.blobs.clone(),
            courier: Arc::clone(&post) as _,
            engines: engines.clone(),
            clock: Arc::clone(&clock),
            wake: Arc::clone(&post.runs),
            pace: Pace {
                lease: RUN_LEASE,
                look: RUN_LOOK,
                // Only where there are others.
                elsewhere: stores
                    .signals
                    .as_ref()
                    .map_or(Duration::ZERO, |_| RUN_ELSEWHERE),
                ..Pace::default()
            },
        });
        Box::pin(supervisor.run(stop.cancelled())).await;
    };
    let served = async {
        let outcome = if talking {
            let face = Face {
                config: &config,
                stores: &stores,
                engines: &engines,
                post: &post,
                clock: &clock,
                health: &health,
            };
            // Boxed: nested this deep, its type would be too much for the compiler.
            Box::pin(face.serve(&stop)).await
        } else {
            stop.cancelled().await;
            Ok(())
        };
        // Whatever ended it: nothing else goes on without it.
        stop.cancel();
        outcome
    };
    let (outcome, ()) = tokio::select! {
        both = async { tokio::join!(served, supervised) } => both,
        // These go on as long as the others.
        () = health.watch(&stores.probes) => return Ok(()),
        () = tidy(&stores), if talking => return Ok(()),
        outcome = own_health_page(&config, &health) => return outcome,
    };
    asked.abort();
    outcome
}

/// The health page of a process that wants one of its own.
async fn own_health_page(config: &Config, health: &Arc<Health>) -> anyhow::Result<()> {
    match config.health.listen.parse() {
        Ok(listen) => Arc::clone(health).serve(listen).await,
        // None is wanted; anything else has been refused at the start.
        Err(_) => std::future::pending().await,
    }
}

/// The part of the bot that talks to people.
struct Face<'a> {
    config: &'a Config,
    stores: &'a Stores,
    engines: &'a Engines,
    post: &'a Arc<Post>,
    clock: &'a Arc<dyn Clock>,
    health: &'a Arc<Health>,
}

impl Face<'_> {
    async fn serve(&self, stop: &CancellationToken) -> anyhow::Result<()> {
        let Self { config, stores, .. } = self;
        let platforms = plugins::platforms(config, stores, self.health)?;
        let mut engines: Vec<_> = self.engines.values().map(|engine| engine.offer()).collect();
        // What people start with is what is of use.
        engines.sort_by_key(|engine| engine.demonstration);
        let training = Training {
            engines,
            limits: Limits {
                slots: config.training.slots,
                min_pictures: config.training.min_pictures,
                loras: config.training.loras,
            },
        };
        let dialog = Arc::new(flows::dialog(training, &[]).context("the dialogues are broken")?);
        let records = Records {
            repository: Arc::clone(&stores.repository),
            engines: self.engines.clone(),
        };
        let runtime = Arc::new(Runtime::new(Parts {
            store: Arc::clone(&stores.sessions),
            locks: Arc::clone(&stores.locks),
            signals: stores.signals.clone(),
            logic: Arc::new(DialogLogic::new(Arc::clone(&dialog), records)),
            workers: workers(config, stores, &platforms.adapters, self.post, self.clock),
            adapters: platforms.adapters.clone(),
            clock: Arc::clone(self.clock),
            settings: Settings::default(),
        })?);
        if let Mailboxes::Runtime(mailboxes) = &self.post.through {
            // Nobody else sets it.
            let _ = mailboxes.set(Arc::downgrade(&runtime));
        }
        publish(&platforms.adapters, &dialog).await;
        tokio::select! {
            outcome = runtime.run(stop.cancelled()) => outcome.map_err(Into::into),
            // Says its line and then waits with the others.
            () = async { announce(&platforms).await; std::future::pending().await } => Ok(()),
        }
    }
}

/// Sixteen bytes that name this start of the process.
fn random() -> anyhow::Result<[u8; 16]> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)
        .map_err(|error| anyhow!("the operating system gives no random numbers: {error}"))?;
    Ok(random)
}

/// The services behind the flows.
fn workers(
    config: &Config,
    stores: &Stores,
    adapters: &[Arc<dyn Adapter>],
    post: &Arc<Post>,
    clock: &Arc<dyn Clock>,
) -> Vec<Arc<dyn Worker>> {
    let service = Service::new(
        Arc::clone(&stores.repository),
        Arc::new(LoraLocks(Arc::clone(&stores.locks))),
        Arc::clone(post) as _,
        config.training.slots,
    );
    let training = &config.training;
    let limits = picture::Limits {
        max_bytes: u64::from(training.picture_megabytes) * 1_000_000,
        max_pixels: u64::from(training.picture_megapixels) * 1_000_000,
        min_short_side: training.picture_min_side,
        ..picture::Limits::default()
    };
    let intake = Intake::new(stores.blobs.clone(), DECODES);
    vec![
        Arc::new(Loras {
            service: service.clone(),
            unused: stores.unused(),
            clock: Arc::clone(clock),
        }),
        Arc::new(Accounts {
            service: service.clone(),
            clock: Arc::clone(clock),
        }),
        Arc::new(Runs {
            service,
            clock: Arc::clone(clock),
        }),
        Arc::new(Captions(CaptionService::new(
            plugins::captioners(),
            stores.blobs.clone(),
        ))),
        Arc::new(Made {
            intake: intake.clone(),
            blobs: stores.blobs.clone(),
            limits: limits.clone(),
        }),
        Arc::new(Pictures(IntakeWorker::new(
            adapters,
            intake,
            limits,
            archive::Limits::default(),
        ))),
    ]
}

/// Tells the platforms which commands there are. A platform that cannot be told completes none; the bot works.
async fn publish(adapters: &[Arc<dyn Adapter>], dialog: &lorikeet_dialog::Dialog<Training>) {
    let commands = command_help(dialog);
    for adapter in adapters {
        if let Err(error) = adapter.publish(&commands).await {
            tracing::warn!(platform = %adapter.platform(), %error, "the commands could not be published");
        }
    }
}

/// Removes what nobody needs any more, again and again: originals that were taken in (or never will be), what broken-off
/// uploads left behind, and pictures nothing uses. Not at once: what waited for the bot to come back goes first.
async fn tidy(stores: &Stores) {
    let unused = stores.unused();
    loop {
        tokio::time::sleep(TIDY_EVERY).await;
        // One process is enough; the lock is left to run out, which is when it is time again.
        let Ok(id) = random() else { continue };
        let holder = Holder {
            id: Owner::new(id).to_string(),
            display: String::new(),
        };
        let turn = stores.locks.acquire("tidy", &holder, TIDY_EVERY / 2).await;
        if !matches!(turn, Ok(Acquired::Granted(_))) {
            continue;
        }
        if let Err(error) = stores.uploads.expire(ago(ORIGINALS_KEPT)).await {
            tracing::warn!(%error, "originals that were taken in could not be removed");
        }
        for store in [&stores.blobs, &stores.uploads] {
            if let Err(error) = store.sweep_uploads(ago(UPLOADS_KEPT)).await {
                tracing::warn!(%error, "what broken-off uploads left behind could not be removed");
            }
        }
        if let Err(error) = unused.sweep().await {
            tracing::warn!(%error, "unused files could not be looked for");
        }
    }
}

/// Says where the page is, once it is there.
#[expect(clippy::print_stdout, reason = "the one line a newcomer waits for")]
async fn announce(platforms: &Platforms) {
    #[cfg(feature = "web")]
    if let Some(web) = &platforms.web {
        println!("http://{}", web.listening().await);
    }
    #[cfg(not(feature = "web"))]
    let _ = platforms;
}

/// Done when somebody wants the process to end: Ctrl-C, or SIGTERM from a service manager.
async fn stop_signal() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => {
                tokio::select! {
                    _ = interrupted => {}
                    _ = terminated.recv() => {}
                }
            }
            Err(_) => drop(interrupted.await),
        }
    }
    #[cfg(not(unix))]
    drop(interrupted.await);
}
