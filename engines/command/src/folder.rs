//! What is kept of a run: a folder with its job, what it is given, what it prints and makes, and how it ended. Any process of
//! the bot can tell from it where the run is.
//!
//! Files are renamed into place, so what exists is whole. A keeper holds a lock of the operating system on its folder as long
//! as it lives, so that nobody has to trust numbers of processes, which are given anew.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lorikeet_training::RunId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::failure::Exit;
use crate::profile::{Plan, Written};

/// Bytes of what a program printed that are looked at in the end.
const TAIL: u64 = 64 << 10;
/// Logs of failed runs that are kept for the operator.
const LOGS: usize = 20;
const JOB: &str = "job.json";
const CHILD: &str = "child.json";
const EXIT: &str = "exit.json";
const END: &str = "end.json";
const STOP: &str = "stop";
const LOCK: &str = "lock";
const SLOT: &str = "slot.json";
/// After so long nobody is still making or removing a folder.
const YOUNG: Duration = Duration::from_secs(3_600);
/// What a program prints; and what it printed before, once that was too much.
pub(crate) const LOG: &str = "log";
pub(crate) const OLD_LOG: &str = "log.old";

/// A job as it is kept.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// A title for the file.
    pub(crate) title: String,
    /// The base model, by its id.
    pub(crate) base: String,
    /// When it came, in microseconds since 1970: who came first is first.
    pub(crate) submitted: u64,
    /// How long the program may take to stop.
    pub(crate) grace: Duration,
    pub(crate) plan: Plan,
}

/// A process, and when it was started, in the system's own measure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Process {
    /// 0 while it is being started.
    pub(crate) pid: u32,
    pub(crate) started: Option<String>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum End {
    Finished,
    Cancelled,
    Failed(String),
}

/// Where a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stand {
    /// Nothing was started yet.
    Waiting,
    /// Its keeper lives.
    Working,
    /// It is over; how, where that is known.
    Over(Option<Exit>),
}

/// The folder of one run.
#[derive(Clone, Debug)]
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn of(root: &Path, run: &RunId) -> Self {
        Self(root.join(run.as_str()))
    }

    /// The runs that have a folder, those that came first first.
    pub(crate) fn all(root: &Path) -> io::Result<Vec<(Self, Kept)>> {
        let mut all = Vec::new();
        for entry in fs::read_dir(root)? {
            let entry = entry?;
            let name = entry.file_name().into_string().unwrap_or_default();
            if RunId::try_from(name).is_err() {
                continue;
            }
            let folder = Self(entry.path());
            // One that cannot be read holds up no other; who wants it is told.
            match folder.job() {
                Ok(Some(kept)) => all.push((folder, kept)),
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "a training's folder cannot be read"),
            }
        }
        all.sort_by(|(a, one), (b, other)| (one.submitted, &a.0).cmp(&(other.submitted, &b.0)));
        Ok(all)
    }

    /// Makes the folder, whole or not at all; one that is there already stays as it is.
    pub(crate) fn create(&self, kept: &Kept, files: &[Written]) -> io::Result<()> {
        if self.job()?.is_some() {
            return Ok(());
        }
        let partial = self.0.with_extension(format!("{}.new", unique()));
        for file in files {
            let path = partial.join(&file.path);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(path, &file.bytes)?;
        }
        fs::create_dir_all(partial.join("output"))?;
        Self(partial.clone()).save(JOB, kept)?;
        match fs::rename(&partial, &self.0) {
            // Somebody else was faster.
            Err(_) if self.job()?.is_some() => remove(&partial),
            done => done,
        }
    }

    pub(crate) fn job(&self) -> io::Result<Option<Kept>> {
        self.read(JOB)
    }

    pub(crate) fn exit(&self) -> io::Result<Option<Exit>> {
        self.read(EXIT)
    }

    pub(crate) fn save_exit(&self, exit: &Exit) -> io::Result<()> {
        self.save(EXIT, exit)
    }

    pub(crate) fn child(&self) -> io::Result<Option<Process>> {
        self.read(CHILD)
    }

    pub(crate) fn save_child(&self, child: &Process) -> io::Result<()> {
        self.save(CHILD, child)
    }

    pub(crate) fn end(&self) -> io::Result<Option<End>> {
        self.read(END)
    }

    pub(crate) fn save_end(&self, end: &End) -> io::Result<()> {
        self.save(END, end)
    }

    pub(crate) fn is_to_stop(&self) -> bool {
        self.0.join(STOP).exists()
    }

    pub(crate) fn mark_to_stop(&self) -> io::Result<()> {
        self.save(STOP, &())
    }

    /// The keeper's lock, as long as what this gives lives; none where another has it.
    pub(crate) fn hold(&self) -> io::Result<Option<File>> {
        let file = self.lock()?;
        Ok(free(file.try_lock())?.then_some(file))
    }

    /// Whether a keeper has it. Who looks is in nobody else's way who looks.
    fn is_held(&self) -> io::Result<bool> {
        Ok(!free(self.lock()?.try_lock_shared())?)
    }

    fn lock(&self) -> io::Result<File> {
        let mut options = File::options();
        options.create(true).append(true).open(self.0.join(LOCK))
    }

    /// Where the run is.
    pub(crate) fn stand(&self) -> io::Result<Stand> {
        if let Some(exit) = self.exit()? {
            return Ok(Stand::Over(Some(exit)));
        }
        if self.is_held()? {
            return Ok(Stand::Working);
        }
        // It may have ended between the two looks.
        if let Some(exit) = self.exit()? {
            return Ok(Stand::Over(Some(exit)));
        }
        Ok(match self.child()? {
            Some(_) => Stand::Over(None),
            None => Stand::Waiting,
        })
    }

    /// What the program printed last.
    pub(crate) fn tail(&self) -> String {
        let mut bytes = Vec::new();
        for name in [OLD_LOG, LOG] {
            let Ok(mut file) = File::open(self.0.join(name)) else {
                continue;
            };
            let length = file.metadata().map(|known| known.len()).unwrap_or_default();
            let from = SeekFrom::Start(length.saturating_sub(TAIL));
            if file.seek(from).is_ok() {
                let _ = file.take(TAIL).read_to_end(&mut bytes);
            }
        }
        let from = bytes.len().saturating_sub(TAIL as usize);
        String::from_utf8_lossy(&bytes[from..]).into_owned()
    }

    /// Checkpoints that are there, the newest last: the step, and the file. The finished file is the last.
    pub(crate) fn made(&self, plan: &Plan) -> Vec<(u32, PathBuf)> {
        let mut made = Vec::new();
        for entry in fs::read_dir(&plan.output).into_iter().flatten().flatten() {
            let name = entry.file_name().into_string().unwrap_or_default();
            let Some(stem) = name.strip_suffix(".safetensors") else {
                continue;
            };
            if name == plan.file {
                made.push((plan.steps, entry.path()));
            } else if let Some(step) = trailing(stem) {
                made.push((step.min(plan.steps), entry.path()));
            }
        }
        made.sort_by_key(|(step, path)| (*step, path.ends_with(&plan.file)));
        made
    }

    /// Samples that are there: the step, the number of its prompt, and the picture.
    pub(crate) fn samples(&self, plan: &Plan) -> Vec<(u32, usize, PathBuf)> {
        let mut samples = Vec::new();
        for entry in fs::read_dir(&plan.samples).into_iter().flatten().flatten() {
            let path = entry.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            if let Some((step, prompt)) = stem.and_then(sample) {
                samples.push((step.min(plan.steps), prompt, path));
            }
        }
        samples.sort();
        samples
    }

    /// Keeps what a failed run printed last, where an operator looks for it.
    pub(crate) fn keep_log(&self, root: &Path) -> io::Result<()> {
        let logs = root.join("logs");
        fs::create_dir_all(&logs)?;
        let name = self.0.file_name().unwrap_or_default();
        fs::write(logs.join(name).with_extension("log"), self.tail())?;
        let mut all: Vec<_> = fs::read_dir(&logs)?.flatten().collect();
        all.sort_by_key(|entry| entry.metadata().and_then(|known| known.modified()).ok());
        for old in all.iter().rev().skip(LOGS) {
            fs::remove_file(old.path())?;
        }
        Ok(())
    }

    /// The graphics card that is the run's, where there are several.
    pub(crate) fn slot(&self) -> io::Result<Option<usize>> {
        self.read(SLOT)
    }

    pub(crate) fn save_slot(&self, slot: usize) -> io::Result<()> {
        self.save(SLOT, &slot)
    }

    /// Removes it: at once for everybody, then from the disk.
    pub(crate) fn remove(&self) -> io::Result<()> {
        let gone = self.0.with_extension(format!("{}.gone", unique()));
        match fs::rename(&self.0, &gone) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            done => done.and_then(|()| remove(&gone)),
        }
    }

    fn save(&self, name: &str, value: &impl Serialize) -> io::Result<()> {
        replace(&self.0.join(name), &serde_json::to_vec(value)?)
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> io::Result<Option<T>> {
        match fs::read(self.0.join(name)) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Writes a file in the place of another, whole or not at all, whoever else does so at the same time.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let partial = path.with_extension(format!("{}.partial", unique()));
    let mut file = File::create(&partial)?;
    file.write_all(bytes)?;
    // Or a machine that loses its power leaves a file with nothing in it.
    file.sync_all()?;
    fs::rename(&partial, path)
}

/// A part of a name that nobody else uses.
fn unique() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    format!("{}-{number}", std::process::id())
}

/// Removes what was begun or being removed when a process died; what is young may be another's.
pub(crate) fn sweep(root: &Path) -> io::Result<()> {
    for entry in fs::read_dir(root)?.flatten() {
        let name = entry.file_name().into_string().unwrap_or_default();
        let left = name.ends_with(".new") || name.ends_with(".gone");
        let changed = entry.metadata().and_then(|known| known.modified());
        let old = changed.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > YOUNG));
        if left && old {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

fn free(tried: Result<(), TryLockError>) -> io::Result<bool> {
    match tried {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The number at a name's end: `lora-step00000250`, `lora_000000250`.
fn trailing(stem: &str) -> Option<u32> {
    let digits = stem.rsplit(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// Step and prompt of a sample: kohya's `lora_000250_00_20260101120000_42`, ai-toolkit's `1767268800000__000000250_0`.
fn sample(stem: &str) -> Option<(u32, usize)> {
    let mut parts = match stem.split_once("__") {
        Some((_, rest)) => rest.split('_'),
        None => {
            let mut parts = stem.split('_');
            parts.next()?;
            parts
        }
    };
    let step = parts.next()?.parse().ok()?;
    let prompt = parts.next()?.parse().ok()?;
    Some((step, prompt))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_which_step() {
        assert_eq!(trailing("lora-step00000250"), Some(250));
        assert_eq!(trailing("lora_000000250"), Some(250));
        assert_eq!(trailing("lora"), None);
        assert_eq!(sample("lora_000250_01_20260101120000_42"), Some((250, 1)));
        assert_eq!(sample("1767268800000__000000250_0"), Some((250, 0)));
        for odd in ["lora", "lora_e000001_00", "x__y_0", "_"] {
            assert_eq!(sample(odd), None, "{odd}");
        }
    }
}
