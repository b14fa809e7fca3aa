//! The engine: what the bot calls.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File, Permissions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use lorikeet_engine::{Collected, Engine, EngineError, EngineFailure, Job, ProgressStream, Report};
use lorikeet_training::{EngineOffer, Estimate, RunId, Settings};
use rustix::process::Signal;
use tokio::time::{Instant, sleep};

use crate::config::{Config, ConfigError};
use crate::failure::{Exit, reason};
use crate::file::{check, scrubbed};
use crate::folder::{End, Folder, Kept, LOG, Stand, replace, sweep};
use crate::keeper::{end_group, pause, started};
use crate::profile::{self, base};
use crate::progress::Reader;

/// Between two looks at a run.
const LOOK: Duration = Duration::from_millis(250);
/// How long a keeper may take to begin.
const BEGIN: Duration = Duration::from_secs(10);
/// Seconds a training takes besides its steps: loading the base model.
const LOADING: f64 = 60.0;
/// Bytes of a log that are read at first, and at once.
const FIRST: u64 = 64 << 10;
const MOST: u64 = 1 << 20;
/// Bytes of a sample, at most.
const SAMPLE: u64 = 32 << 20;

/// Trains with a program of this machine.
pub struct CommandEngine {
    shop: Arc<Shop>,
}

/// The directory and what is known of how to work there.
struct Shop {
    config: Config,
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

async fn files<T: Send + 'static>(
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
        let watch = Watch {
            shop: Arc::clone(&self.shop),
            reader: Reader::new(kept.plan.progress.clone(), kept.plan.steps),
            folder,
            kept,
            from: None,
            step: 0,
            loss: 0.0,
            speed: 0.0,
            shown: Vec::new(),
            ahead: None,
            prepared: false,
            ready: VecDeque::new(),
        };
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
    fn start_next(&self) -> io::Result<()> {
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
    fn conclude(&self, folder: &Folder, kept: &Kept, exit: Option<Exit>) -> io::Result<End> {
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

    fn measured(&self, base: &str, seconds: f64) -> io::Result<()> {
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

/// Who follows a run.
struct Watch {
    shop: Arc<Shop>,
    folder: Folder,
    kept: Kept,
    reader: Reader,
    /// How far the log was read.
    from: Option<u64>,
    step: u32,
    loss: f64,
    speed: f64,
    /// Samples that were told of.
    shown: Vec<PathBuf>,
    ahead: Option<u32>,
    prepared: bool,
    ready: VecDeque<Report>,
}

impl Watch {
    /// The next report; none once the last was given, or an error was.
    async fn next(
        watch: Option<Box<Self>>,
    ) -> Option<(Result<Report, EngineError>, Option<Box<Self>>)> {
        let mut watch = watch?;
        loop {
            if let Some(report) = watch.ready.pop_front() {
                let more = !report.is_terminal();
                return Some((Ok(report), more.then_some(watch)));
            }
            let begun = Instant::now();
            let shop = Arc::clone(&watch.shop);
            let looked = files(&shop, move |_| {
                watch.look()?;
                Ok(watch)
            });
            match looked.await {
                Ok(looked) => watch = looked,
                // Whoever follows the run asks again.
                Err(error) => return Some((Err(error), None)),
            }
            if watch.ready.is_empty() {
                sleep(LOOK.saturating_sub(begun.elapsed())).await;
            }
        }
    }

    /// Looks where the run is, and what there is to tell of it.
    fn look(&mut self) -> io::Result<()> {
        if let Some(end) = self.folder.end()? {
            self.tell_end(end);
            return Ok(());
        }
        if self.folder.job()?.is_none() {
            // Forgotten meanwhile.
            return Err(io::Error::from(io::ErrorKind::NotFound));
        }
        match self.folder.stand()? {
            Stand::Waiting if self.folder.is_to_stop() => {
                self.folder.save_end(&End::Cancelled)?;
                self.tell_end(End::Cancelled);
            }
            Stand::Waiting => {
                self.shop.start_next()?;
                if self.folder.stand()? == Stand::Waiting {
                    let ahead = self.before_it()?;
                    if self.ahead != Some(ahead) {
                        self.ahead = Some(ahead);
                        self.ready.push_back(Report::Queued { ahead });
                    }
                }
            }
            Stand::Working => {
                if !self.prepared {
                    self.prepared = true;
                    self.ready.push_back(Report::Preparing);
                }
                self.listen()?;
            }
            Stand::Over(exit) => {
                self.listen()?;
                let end = self.shop.conclude(&self.folder, &self.kept, exit)?;
                if end == End::Finished && self.speed > 0.0 {
                    self.shop.measured(&self.kept.base, 1.0 / self.speed)?;
                }
                self.tell_end(end);
            }
        }
        Ok(())
    }

    fn tell_end(&mut self, end: End) {
        self.ready.push_back(match end {
            End::Finished => Report::Finished,
            End::Cancelled => Report::Cancelled,
            End::Failed(reason) => Report::Failed { reason },
        });
    }

    /// Runs that have to be over before this one begins.
    fn before_it(&self) -> io::Result<u32> {
        let mut before = 0_u32;
        for (folder, kept) in Folder::all(&self.shop.config.directory)? {
            let earlier = (kept.submitted, &folder.0) < (self.kept.submitted, &self.folder.0);
            let busy = match folder.stand()? {
                Stand::Working => true,
                Stand::Waiting => earlier && !folder.is_to_stop(),
                Stand::Over(_) => false,
            };
            before += u32::from(busy && folder.0 != self.folder.0);
        }
        let slots = u32::try_from(self.shop.config.slots).unwrap_or(u32::MAX);
        Ok((before + 1).saturating_sub(slots))
    }

    /// Reads on in what the program prints, and looks at its samples.
    fn listen(&mut self) -> io::Result<()> {
        let mut told = None;
        if let Ok(mut file) = File::open(self.folder.0.join(LOG)) {
            let length = file.metadata()?.len();
            // From not too far back at first; from the beginning where the log was begun anew.
            let from = match self.from {
                Some(from) if from <= length => from,
                Some(_) => 0,
                None => length.saturating_sub(FIRST),
            };
            file.seek(SeekFrom::Start(from))?;
            let mut bytes = Vec::new();
            let read = file.take(MOST).read_to_end(&mut bytes)?;
            self.from = Some(from + read as u64);
            told = self.reader.read(&bytes);
        }
        if let Some(told) = told
            && told.step >= self.step
        {
            self.step = told.step;
            self.loss = told.loss.unwrap_or(self.loss);
            self.speed = told.speed.unwrap_or(self.speed);
            self.ready.push_back(Report::Step {
                step: self.step,
                total: self.kept.plan.steps,
                loss: self.loss,
                speed: self.speed,
            });
        }
        let plan = &self.kept.plan;
        for (step, prompt, path) in self.folder.samples(plan) {
            if self.shown.contains(&path) {
                continue;
            }
            let Some(image) = picture(&path) else {
                continue;
            };
            self.shown.push(path);
            let prompts = &plan.prompts;
            self.ready.push_back(Report::Sample {
                step,
                prompt: prompts
                    .get(prompt)
                    .or(prompts.first())
                    .cloned()
                    .unwrap_or_default(),
                image,
            });
        }
        Ok(())
    }
}

/// A picture, once it is whole: PNG and JPEG say where they end.
fn picture(path: &std::path::Path) -> Option<Bytes> {
    let known = fs::metadata(path).ok()?;
    if known.len() > SAMPLE {
        return None;
    }
    let bytes = fs::read(path).ok()?;
    let png = bytes.starts_with(b"\x89PNG") && bytes.ends_with(b"IEND\xaeB`\x82");
    let jpeg = bytes.starts_with(&[0xff, 0xd8]) && bytes.ends_with(&[0xff, 0xd9]);
    (png || jpeg).then(|| bytes.into())
}
