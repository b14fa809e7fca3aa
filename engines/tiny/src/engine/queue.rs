//! Which runs there are, which are being worked on, and which wait.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use lorikeet_engine::Report;
use lorikeet_training::RunId;

use super::feed::Feed;
use super::folder::{Folder, Outcome};
use super::speed::Speed;
use super::work::{prompts, work};

/// All runs of an engine.
pub(super) struct Queue(Arc<Inner>);

struct Inner {
    directory: PathBuf,
    capacity: usize,
    speed: Speed,
    closing: AtomicBool,
    runs: Mutex<Runs>,
    /// Whenever work on a run ends.
    ended: Condvar,
}

#[derive(Default)]
struct Runs {
    waiting: VecDeque<RunId>,
    working: Vec<RunId>,
    /// Of the runs that wait or are worked on.
    feeds: HashMap<RunId, Arc<Feed>>,
    /// Threads that will look for a waiting run again.
    active: usize,
    threads: Vec<JoinHandle<()>>,
}

impl Queue {
    pub(super) fn open(directory: PathBuf, capacity: usize) -> io::Result<Self> {
        std::fs::create_dir_all(&directory)?;
        let queue = Self(Arc::new(Inner {
            capacity,
            speed: Speed::new(),
            closing: AtomicBool::new(false),
            runs: Mutex::default(),
            ended: Condvar::new(),
            directory,
        }));
        for run in Folder::runs(&queue.0.directory)? {
            queue.take(&run)?;
        }
        Ok(queue)
    }

    pub(super) fn capacity(&self) -> usize {
        self.0.capacity
    }

    pub(super) fn speed(&self) -> &Speed {
        &self.0.speed
    }

    pub(super) fn folder(&self, run: &RunId) -> Folder {
        self.0.folder(run)
    }

    /// Sees to a run whose folder is there, unless that is done or being done.
    pub(super) fn take(&self, run: &RunId) -> io::Result<()> {
        let mut runs = self.0.runs();
        if runs.feeds.contains_key(run) || self.folder(run).outcome()?.is_some() {
            return Ok(());
        }
        let feed = Feed::new(Report::Queued { ahead: 0 }, Vec::new());
        runs.feeds.insert(run.clone(), Arc::new(feed));
        runs.waiting.push_back(run.clone());
        runs.tell_places();
        if runs.active < self.0.capacity {
            runs.threads.retain(|thread| !thread.is_finished());
            let inner = Arc::clone(&self.0);
            let thread = std::thread::Builder::new()
                .name("tiny-training".to_owned())
                .spawn(move || inner.work_through())?;
            runs.threads.push(thread);
            runs.active += 1;
        }
        Ok(())
    }

    /// What a run has to say; nothing when there is no such run.
    pub(super) fn feed(&self, run: &RunId) -> io::Result<Option<Arc<Feed>>> {
        let runs = self.0.runs();
        if let Some(feed) = runs.feeds.get(run) {
            return Ok(Some(Arc::clone(feed)));
        }
        let folder = self.folder(run);
        let Some(outcome) = folder.outcome()? else {
            return Ok(None);
        };
        let job = folder.job()?;
        let samples = folder.samples(&prompts(&job), u32::MAX)?;
        Ok(Some(Arc::new(Feed::new(outcome.into(), samples))))
    }

    /// Asks a run to stop; one that waits has then never begun.
    pub(super) fn stop(&self, run: &RunId) -> io::Result<()> {
        let mut runs = self.0.runs();
        let Some(feed) = runs.feeds.get(run).map(Arc::clone) else {
            return Ok(());
        };
        // Also on disk: a kill right now must not bring it back.
        self.folder(run).mark_to_stop()?;
        feed.ask_to_stop();
        // One that was under way in an earlier process has a checkpoint to make a file of, which
        // its turn will do.
        if runs.waiting.contains(run) && self.folder(run).checkpoint()?.is_none() {
            let outcome = Outcome::Cancelled { step: 0 };
            self.folder(run).save_outcome(&outcome)?;
            runs.waiting.retain(|waiting| waiting != run);
            runs.feeds.remove(run);
            feed.end_with(outcome.into());
            runs.tell_places();
        }
        Ok(())
    }

    /// Drops all there is of a run; waits for the step being made, if there is one.
    pub(super) fn forget(&self, run: &RunId) -> io::Result<()> {
        let mut runs = self.0.runs();
        if let Some(feed) = runs.feeds.get(run).map(Arc::clone) {
            feed.ask_to_stop();
            runs.waiting.retain(|waiting| waiting != run);
            runs = self
                .0
                .ended
                .wait_while(runs, |runs| runs.working.contains(run))
                .unwrap_or_else(PoisonError::into_inner);
            runs.feeds.remove(run);
            runs.tell_places();
            // One that was worked on has told its own end.
            feed.end_with(Report::Cancelled);
        }
        self.folder(run).remove()
    }

    /// Stops all work where it is; unfinished runs go on when the directory is opened again.
    pub(super) fn close(&self) {
        self.0.closing.store(true, Ordering::Relaxed);
        let threads = std::mem::take(&mut self.0.runs().threads);
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a training thread panicked outside of a run");
            }
        }
        // Ends the streams of runs that are not at their end.
        self.0.runs().feeds.clear();
    }
}

impl Runs {
    fn tell_places(&self) {
        for (place, run) in self.waiting.iter().enumerate() {
            if let Some(feed) = self.feeds.get(run) {
                let ahead = u32::try_from(self.working.len() + place).unwrap_or(u32::MAX);
                feed.say(Report::Queued { ahead });
            }
        }
    }
}

impl Inner {
    fn runs(&self) -> MutexGuard<'_, Runs> {
        // Every change under the lock is complete before anything can panic.
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn folder(&self, run: &RunId) -> Folder {
        Folder::of(&self.directory, run)
    }

    fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    /// What a thread does: one waiting run after another, until none waits.
    fn work_through(&self) {
        while let Some((run, feed)) = self.next() {
            let folder = self.folder(&run);
            let worked = panic::catch_unwind(AssertUnwindSafe(|| {
                work(&run, &folder, &feed, &self.speed, || self.is_closing())
            }));
            let outcome = match worked {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(error)) => {
                    tracing::error!(run = run.as_str(), %error, "a training failed");
                    Some(failed("The training failed inside the built-in engine."))
                }
                Err(_) => {
                    tracing::error!(run = run.as_str(), "a training panicked");
                    Some(failed("The training failed inside the built-in engine."))
                }
            };
            self.end(&run, &feed, outcome);
        }
    }

    fn next(&self) -> Option<(RunId, Arc<Feed>)> {
        let mut runs = self.runs();
        while !self.is_closing()
            && let Some(run) = runs.waiting.pop_front()
        {
            if let Some(feed) = runs.feeds.get(&run).map(Arc::clone) {
                runs.working.push(run.clone());
                runs.tell_places();
                return Some((run, feed));
            }
        }
        // Under the same lock: whoever adds a run later starts another thread.
        runs.active -= 1;
        None
    }

    fn end(&self, run: &RunId, feed: &Feed, outcome: Option<Outcome>) {
        let mut runs = self.runs();
        runs.working.retain(|working| working != run);
        if let Some(outcome) = outcome {
            if let Err(error) = self.folder(run).save_outcome(&outcome) {
                tracing::error!(run = run.as_str(), %error, "the end of a run cannot be kept");
            }
            runs.feeds.remove(run);
            feed.end_with(outcome.into());
        }
        runs.tell_places();
        self.ended.notify_all();
    }
}

fn failed(reason: &str) -> Outcome {
    Outcome::Failed {
        reason: reason.to_owned(),
    }
}
