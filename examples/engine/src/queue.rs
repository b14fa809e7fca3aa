//! Which runs wait, which one is worked on, and what each of them says: one thread, one run after another.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use lorikeet_engine::Report;
use lorikeet_training::RunId;
use tokio::sync::watch;

use crate::folder::{End, Folder};

/// Steps between two saves of the weights: what a kill costs at most.
const SAVE_EVERY: u32 = 500;

/// What the worker and the callers share.
pub(crate) struct Queue {
    root: PathBuf,
    desk: Mutex<Desk>,
    /// Whenever something on the desk changes.
    changed: Condvar,
}

#[derive(Default)]
struct Desk {
    waiting: VecDeque<RunId>,
    working: Option<RunId>,
    stopping: HashSet<RunId>,
    /// What the runs say that are not at their end.
    news: HashMap<RunId, watch::Sender<Report>>,
    closing: bool,
}

impl Queue {
    /// The queue of a directory, and the thread that works through it. Runs that are not at their end go on.
    pub(crate) fn open(root: PathBuf) -> io::Result<(Arc<Self>, JoinHandle<()>)> {
        std::fs::create_dir_all(&root)?;
        let queue = Arc::new(Self {
            root,
            desk: Mutex::default(),
            changed: Condvar::new(),
        });
        for run in Folder::runs(&queue.root)? {
            queue.take(&run)?;
        }
        let worker = Arc::clone(&queue);
        let thread = std::thread::Builder::new().spawn(move || worker.work())?;
        Ok((queue, thread))
    }

    pub(crate) fn folder(&self, run: &RunId) -> Folder {
        Folder::of(&self.root, run)
    }

    /// Sees to a run whose folder is there, unless that is done or being done.
    pub(crate) fn take(&self, run: &RunId) -> io::Result<()> {
        let mut desk = self.desk();
        let folder = self.folder(run);
        if desk.news.contains_key(run) || folder.job()?.is_none() || folder.end()?.is_some() {
            return Ok(());
        }
        if folder.is_to_stop()? {
            desk.stopping.insert(run.clone());
        }
        let news = watch::Sender::new(Report::Queued { ahead: 0 });
        desk.news.insert(run.clone(), news);
        desk.waiting.push_back(run.clone());
        self.changed.notify_all();
        Ok(())
    }

    /// What a run says from now on; nothing when there is no such run.
    pub(crate) fn listen(&self, run: &RunId) -> io::Result<Option<watch::Receiver<Report>>> {
        if let Some(news) = self.desk().news.get(run) {
            return Ok(Some(news.subscribe()));
        }
        let end = self.folder(run).end()?;
        Ok(end.map(|end| watch::Sender::new(end.into()).subscribe()))
    }

    // ANCHOR: stop
    /// Stops a run for good: the mark is on disk before anybody is told.
    pub(crate) fn stop(&self, run: &RunId) -> io::Result<()> {
        let mut desk = self.desk();
        if !desk.news.contains_key(run) {
            // Unknown, or at its end: nothing to stop.
            return Ok(());
        }
        self.folder(run).mark_to_stop()?;
        desk.stopping.insert(run.clone());
        // One that only waits is stopped at once, not when its turn comes.
        if desk.waiting.contains(run) {
            desk.waiting.retain(|waiting| waiting != run);
            self.end(&mut desk, run, &End::Cancelled)?;
        }
        Ok(())
    }
    // ANCHOR_END: stop

    /// Drops a run and everything that is kept of it.
    pub(crate) fn forget(&self, run: &RunId) -> io::Result<()> {
        self.stop(run)?;
        let mut desk = self.desk();
        while desk.working.as_ref() == Some(run) {
            let woken = self.changed.wait(desk);
            desk = woken.unwrap_or_else(PoisonError::into_inner);
        }
        desk.stopping.remove(run);
        self.folder(run).remove()
    }

    /// Stops work where it is; it goes on when the directory is opened again.
    pub(crate) fn close(&self) {
        self.desk().closing = true;
        self.changed.notify_all();
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        // Every change under the lock is whole before anything can panic.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The thread: one run after another, until the engine is dropped.
    fn work(&self) {
        while let Some(run) = self.next() {
            let ended = self.train(&run).unwrap_or_else(|error| {
                let reason = format!("The files of this run cannot be used ({}).", error.kind());
                Some(End::Failed(reason))
            });
            let mut desk = self.desk();
            if let Some(end) = ended {
                // A disk that takes no end takes it at the next start, when the run is tried again.
                let _ = self.end(&mut desk, &run, &end);
            }
            desk.working = None;
            self.changed.notify_all();
        }
        // The streams of runs that are not at their end close; the bot asks again later.
        self.desk().news.clear();
    }

    /// Waits for a run.
    fn next(&self) -> Option<RunId> {
        let mut desk = self.desk();
        while !desk.closing {
            if let Some(run) = desk.waiting.pop_front() {
                desk.working = Some(run.clone());
                return Some(run);
            }
            let woken = self.changed.wait(desk);
            desk = woken.unwrap_or_else(PoisonError::into_inner);
        }
        None
    }

    // ANCHOR: train
    /// Trains a run from where it is to its end; nothing when the engine closes before.
    fn train(&self, run: &RunId) -> io::Result<Option<End>> {
        let folder = self.folder(run);
        let Some(job) = folder.job()? else {
            return Ok(None);
        };
        let mut weights = folder.weights()?;
        self.say(run, Report::Preparing);
        let (began, from) = (Instant::now(), weights.step);
        loop {
            let (closing, stopping) = self.asked(run);
            let done = weights.step >= job.steps;
            if closing || stopping || done || weights.step.is_multiple_of(SAVE_EVERY) {
                folder.save_weights(&weights)?;
            }
            match (done, stopping, closing) {
                (true, ..) => return Ok(Some(End::Finished)),
                (_, true, _) => return Ok(Some(End::Cancelled)),
                (.., true) => return Ok(None),
                _ => {}
            }
            let loss = weights.learn(&job.pictures, job.rate);
            let made = f64::from(weights.step - from);
            let report = Report::Step {
                step: weights.step,
                total: job.steps,
                loss,
                speed: made / began.elapsed().as_secs_f64().max(1e-6),
            };
            self.say(run, report);
        }
    }
    // ANCHOR_END: train

    /// Whether the engine closes, and whether the run is to stop.
    fn asked(&self, run: &RunId) -> (bool, bool) {
        let desk = self.desk();
        (desk.closing, desk.stopping.contains(run))
    }

    fn say(&self, run: &RunId, report: Report) {
        if let Some(news) = self.desk().news.get(run) {
            news.send_replace(report);
        }
    }

    fn end(&self, desk: &mut Desk, run: &RunId, end: &End) -> io::Result<()> {
        desk.stopping.remove(run);
        // Also when the disk is full: who listens is told in any case.
        let saved = self.folder(run).save_end(end);
        if let Some(news) = desk.news.remove(run) {
            news.send_replace(end.clone().into());
        }
        saved
    }
}
