//! The engine: what the bot calls.

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use futures::{StreamExt as _, stream};
use lorikeet_engine::{Collected, Engine, EngineError, EngineFailure, Job, ProgressStream};
use lorikeet_training::{EngineOffer, Estimate, RunId, Settings};
use rustix::process::Signal;

use crate::config::{Config, ConfigError};
use crate::failure::{Exit, reason};
use crate::file::{check, scrubbed};
use crate::folder::{End, Folder, Kept, Stand, replace, sweep};
use crate::keeper::{end_group, pause, started};
use crate::profile::{self, base};
use crate::watch::Watch;

/// How long a keeper may take to begin.
const BEGIN: Duration = Duration::from_secs(10);
/// Seconds a training takes besides its steps: loading the base model.
const LOADING: f64 = 60.0;
/// Trains with a program of this machine.
pub struct CommandEngine {
    shop: Arc<Shop>,
}

/// The directory and what is known of how to work there.
pub(crate) struct Shop {
    pub(crate) config: Config,
}

impl CommandEngine {
    /// The engine with its directory, which any number of processes on this machine may share.
    ///
    /// # Errors
    /// When the configuration makes no sense, or the directory cannot be made; the sentence names the key.
    pub fn open(config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        let config = config.absolute();
        let made = fs::create_dir_all(&config.directory)
            .and_then(|()| fs::set_permissions(&config.directory, Permissions::from_mode(0o700)))
            .and_then(|()| sweep(&config.directory));
        made.map_err(|error| {
            ConfigError(format!(
                "engines.command.{}.directory: {} cannot be made: {error}",
                config.id.0,
                config.directory.display()
            ))
        })?;
        Ok(Self {
            shop: Arc::new(Shop { config }),
        })
    }

    /// Work on files, away from the asynchronous runtime.
    async fn files<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shop) -> io::Result<T> + Send + 'static,
    ) -> Result<T, EngineError> {
        files(&self.shop, work).await
    }
}

pub(crate) async fn files<T: Send + 'static>(
    shop: &Arc<Shop>,
    work: impl FnOnce(&Shop) -> io::Result<T> + Send + 'static,
) -> Result<T, EngineError> {
    let shop = Arc::clone(shop);
    let done = tokio::task::spawn_blocking(move || work(&shop)).await;
    let done = done.unwrap_or_else(|panicked| Err(io::Error::other(panicked)));
    done.map_err(|error| match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => EngineError::new(
            EngineFailure::NoSpace,
            "There is no room left for the engine’s files.",
        ),
        kind => {
            tracing::warn!(?kind, "an engine cannot use its files");
            // Not the error itself: it may name paths.
            EngineError::new(EngineFailure::Retry, "The engine cannot use its files.")
        }
    })
}

#[async_trait]
impl Engine for CommandEngine {
    fn offer(&self) -> EngineOffer {
        profile::offer(&self.shop.config)
    }

    fn estimate(&self, settings: &Settings, _pictures: usize) -> Estimate {
        let measured = self.shop.speeds().get(&settings.base).copied();
        let step = measured.unwrap_or(self.shop.config.seconds_per_step);
        let seconds = LOADING + f64::from(settings.steps) * step;
        Estimate {
            seconds: seconds.ceil().max(1.0) as u64,
            cost: None,
        }
    }

    fn capacity(&self) -> usize {
        self.shop.config.slots
    }

    async fn submit(&self, job: &Job) -> Result<(), EngineError> {
        let refused = |message: &str| EngineError::new(EngineFailure::Permanent, message);
        if base(&self.shop.config, &job.settings).is_none() {
            return Err(refused(
                "That base model is not offered any more. Choose another one.",
            ));
        }
        if self.validate(&job.settings).is_err() {
            return Err(refused(
                "These settings are out of the engine’s ranges. Change them and start again.",
            ));
        }
        if job.pictures.is_empty() {
            return Err(refused("There are no pictures to train on."));
        }
        let job = job.clone();
        self.files(move |shop| shop.take(&job)).await
    }

    async fn observe(&self, run: &RunId) -> Result<ProgressStream, EngineError> {
        let folder = Folder::of(&self.shop.config.directory, run);
        let read = folder.clone();
        let Some(kept) = self.files(move |_| read.job()).await? else {
            return Err(unknown());
        };
        let watch = Watch::new(Arc::clone(&self.shop), folder, kept);
        Ok(stream::unfold(Some(Box::new(watch)), Watch::next).boxed())
    }

    async fn cancel(&self, run: &RunId) -> Result<(), EngineError> {
        let folder = Folder::of(&self.shop.config.directory, run);
        self.files(move |_| match folder.job()? {
            Some(_) if folder.end()?.is_none() => folder.mark_to_stop(),
            _ => Ok(()),
        })
        .await
    }

    async fn collect(&self, run: &RunId) -> Result<Collected, EngineError> {
        let folder = Folder::of(&self.shop.config.directory, run);
        let id = run.as_str().to_owned();
        let found = self.files(move |_| {
            let Some(kept) = folder.job()? else {
                return Ok(None);
            };
            let plan = &kept.plan;
            let made = match folder.end()? {
                Some(End::Finished) => vec![(plan.steps, plan.output.join(&plan.file))],
                Some(End::Cancelled) => folder.made(plan),
                Some(End::Failed(_)) | None => Vec::new(),
            };
            // The newest that is one: the last may have been broken off.
            for (step, path) in made.into_iter().rev() {
                let Ok(file) = fs::read(&path) else { continue };
                if check(&file, plan.rank).is_ok()
                    && let Ok(file) = scrubbed(&file, &id, &kept.title)
                {
                    return Ok(Some(Some(Collected { file, step })));
                }
            }
            Ok(Some(None))
        });
        match found.await? {
            None => Err(unknown()),
            Some(None) => Err(EngineError::new(
                EngineFailure::Permanent,
                "This run has not made a file.",
            )),
            Some(Some(collected)) => Ok(collected),
        }
    }

    async fn forget(&self, run: &RunId) -> Result<(), EngineError> {
        let folder = Folder::of(&self.shop.config.directory, run);
        self.files(move |shop| shop.forget(&folder)).await
    }
}

fn unknown() -> EngineError {
    EngineError::new(EngineFailure::Unknown, "The engine does not know this run.")
}

impl Shop {
    fn take(&self, job: &Job) -> io::Result<()> {
        let config = &self.config;
        // Programs are started elsewhere: every path has to be whole.
        let root = fs::canonicalize(&config.directory)?;
        let folder = Folder::of(&root, &job.run);
        let Some(base) = base(config, &job.settings) else {
            return Err(io::Error::other("the base model is not offered"));
        };
        let (plan, files) = profile::plan(config, base, job, &folder.0);
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let submitted = since.unwrap_or_default().as_micros();
        let kept = Kept {
            title: job.title.clone(),
            base: base.id.clone(),
            submitted: u64::try_from(submitted).unwrap_or(u64::MAX),
            grace: config.grace,
            plan,
        };
        folder.create(&kept, &files)
    }

    /// Starts whoever's turn it is, as long as there are slots.
    pub(crate) fn start_next(&self) -> io::Result<()> {
        let root = &self.config.directory;
        let lock = File::options()
            .create(true)
            .append(true)
            .open(root.join("lock"))?;
        // Somebody else is at it.
        if lock.try_lock().is_err() {
            return Ok(());
        }
        let mut taken = Vec::new();
        let mut waiting = Vec::new();
        for (folder, _) in Folder::all(root)? {
            match folder.stand()? {
                Stand::Working => taken.push(folder.slot()?.unwrap_or_default()),
                Stand::Waiting if !folder.is_to_stop() => waiting.push(folder),
                // What its keeper left behind is not to be in the next one's way.
                Stand::Over(None) => end_orphan(&folder)?,
                Stand::Waiting | Stand::Over(_) => {}
            }
        }
        let mut slots = (0..self.config.slots).filter(|slot| !taken.contains(slot));
        let free = self.config.slots.saturating_sub(taken.len());
        for folder in waiting.into_iter().take(free) {
            // With one card there is nothing to choose, and the program sees it as it always does.
            if let Some(slot) = slots.next().filter(|_| self.config.slots > 1) {
                folder.save_slot(slot)?;
            }
            self.start(&folder)?;
        }
        Ok(())
    }

    /// Starts a run's keeper, and waits until it has begun: the lock of the directory is held until then.
    fn start(&self, folder: &Folder) -> io::Result<()> {
        let mut keeper = self.config.keeper.iter();
        let program = keeper
            .next()
            .ok_or_else(|| io::Error::other("there is nothing that keeps a program"))?;
        let mut child = Command::new(program)
            .args(keeper)
            .arg(fs::canonicalize(&folder.0)?)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let begun = std::time::Instant::now();
        while folder.stand()? == Stand::Waiting && begun.elapsed() < BEGIN {
            if child.try_wait()?.is_some() {
                return match folder.stand()? {
                    // It cannot even note what it does: whoever follows the run tries again, for a while.
                    Stand::Waiting => Err(io::Error::other("a keeper cannot begin")),
                    Stand::Working | Stand::Over(_) => Ok(()),
                };
            }
            pause(Duration::from_millis(20));
        }
        // Its end is nobody's news, but it wants to be taken note of.
        std::thread::spawn(move || child.wait());
        Ok(())
    }

    fn forget(&self, folder: &Folder) -> io::Result<()> {
        // One that cannot be read is to go as well.
        if let Ok(Some(_)) = folder.job() {
            if folder.stand()? == Stand::Working {
                folder.mark_to_stop()?;
            }
            end_orphan(folder)?;
            let begun = std::time::Instant::now();
            while folder.stand()? == Stand::Working {
                if begun.elapsed() > BEGIN {
                    return Err(io::Error::other("the program does not end"));
                }
                pause(Duration::from_millis(50));
            }
        }
        folder.remove()
    }

    /// How the run is over, decided once.
    pub(crate) fn conclude(
        &self,
        folder: &Folder,
        kept: &Kept,
        exit: Option<Exit>,
    ) -> io::Result<End> {
        if let Some(end) = folder.end()? {
            return Ok(end);
        }
        if exit.is_none() {
            end_orphan(folder)?;
        }
        let plan = &kept.plan;
        let file = fs::read(plan.output.join(&plan.file));
        let end = match (file.map(|file| check(&file, plan.rank)), exit) {
            _ if folder.is_to_stop() => End::Cancelled,
            // A keeper that died does not unmake the file, nor does a program that falls while it tidies up.
            (Ok(Ok(())), None | Some(Exit { code: Some(0), .. })) => End::Finished,
            (Ok(Ok(())), Some(_)) if plan.written_last => End::Finished,
            (Ok(Err(unfit)), Some(Exit { code: Some(0), .. })) => End::Failed(unfit.to_string()),
            _ => End::Failed(reason(exit, &folder.tail())),
        };
        if let End::Failed(_) = end {
            folder.keep_log(&self.config.directory)?;
        }
        folder.save_end(&end)?;
        Ok(end)
    }

    /// Seconds a step took, by base model.
    fn speeds(&self) -> BTreeMap<String, f64> {
        let read = fs::read(self.config.directory.join("speed.json")).ok();
        read.and_then(|read| serde_json::from_slice(&read).ok())
            .unwrap_or_default()
    }

    pub(crate) fn measured(&self, base: &str, seconds: f64) -> io::Result<()> {
        let mut speeds = self.speeds();
        // Half of it is what was known, so that one odd run does not decide.
        let before = speeds.get(base).copied().unwrap_or(seconds);
        speeds.insert(base.to_owned(), (before + seconds) / 2.0);
        replace(
            &self.config.directory.join("speed.json"),
            &serde_json::to_vec(&speeds)?,
        )
    }
}

/// Ends a run's program, if it is still that program.
fn end_orphan(folder: &Folder) -> io::Result<()> {
    if let Some(child) = folder.child()?
        && child.started.is_some()
        && started(child.pid) == child.started
    {
        end_group(child.pid, Signal::KILL);
    }
    Ok(())
}
