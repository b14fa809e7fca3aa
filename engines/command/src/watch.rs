//! Who follows a run: looks at its folder now and then, and tells what there is to tell.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use lorikeet_engine::{EngineError, Report};
use tokio::time::{Instant, sleep};

use crate::engine::{Shop, files};
use crate::folder::{End, Folder, Kept, LOG, Stand};
use crate::progress::Reader;

/// Between two looks at a run.
const LOOK: Duration = Duration::from_millis(250);
/// Bytes of a log that are read at first, and at once.
const FIRST: u64 = 64 << 10;
const MOST: u64 = 1 << 20;
/// Bytes of a sample, at most.
const SAMPLE: u64 = 32 << 20;

/// Who follows a run.
pub(crate) struct Watch {
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
    pub(crate) fn new(shop: Arc<Shop>, folder: Folder, kept: Kept) -> Self {
        Self {
            shop,
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
        }
    }

    /// The next report; none once the last was given, or an error was.
    pub(crate) async fn next(
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
fn picture(path: &Path) -> Option<Bytes> {
    let known = fs::metadata(path).ok()?;
    if known.len() > SAMPLE {
        return None;
    }
    let bytes = fs::read(path).ok()?;
    let png = bytes.starts_with(b"\x89PNG") && bytes.ends_with(b"IEND\xaeB`\x82");
    let jpeg = bytes.starts_with(&[0xff, 0xd8]) && bytes.ends_with(&[0xff, 0xd9]);
    (png || jpeg).then(|| bytes.into())
}
