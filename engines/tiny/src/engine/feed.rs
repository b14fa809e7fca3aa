//! What a run says, for any number of listeners that come and go.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::stream;
use lorikeet_engine::{EngineError, EngineFailure, ProgressStream, Report};
use tokio::sync::watch;

use super::folder::{Outcome, StoredSample};

/// The state of a run that listeners see, and what it is asked to do.
pub(super) struct Feed {
    state: watch::Sender<State>,
    stop: AtomicBool,
}

#[derive(Clone)]
struct State {
    now: Report,
    samples: Vec<Arc<StoredSample>>,
}

impl Feed {
    pub(super) fn new(now: Report, samples: Vec<StoredSample>) -> Self {
        let samples = samples.into_iter().map(Arc::new).collect();
        Self {
            state: watch::Sender::new(State { now, samples }),
            stop: AtomicBool::new(false),
        }
    }

    /// The run is here now.
    pub(super) fn say(&self, now: Report) {
        self.state.send_modify(|state| state.now = now);
    }

    /// These are all the samples there are.
    pub(super) fn set_samples(&self, samples: Vec<StoredSample>) {
        let samples = samples.into_iter().map(Arc::new).collect();
        self.state.send_modify(|state| state.samples = samples);
    }

    pub(super) fn add_sample(&self, sample: StoredSample) {
        self.state
            .send_modify(|state| state.samples.push(Arc::new(sample)));
    }

    pub(super) fn ask_to_stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_to_stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// The last report, unless there was one.
    pub(super) fn end_with(&self, last: Report) {
        self.state.send_if_modified(|state| {
            let open = !state.now.is_terminal();
            if open {
                state.now = last;
            }
            open
        });
    }

    /// Everything that is still to be told: the samples so far, where the run is, and on from
    /// there. Steps that pass while a listener is busy are left out.
    pub(super) fn listen(&self) -> ProgressStream {
        let listener = Listener {
            state: self.state.subscribe(),
            samples: 0,
            told: None,
        };
        Box::pin(stream::unfold(Some(listener), |listener| async {
            listener?.next().await
        }))
    }
}

struct Listener {
    state: watch::Receiver<State>,
    /// Samples told of.
    samples: usize,
    told: Option<Report>,
}

type Told = (Result<Report, EngineError>, Option<Listener>);

impl Listener {
    async fn next(mut self) -> Option<Told> {
        loop {
            let report = self.untold();
            if let Some(report) = report {
                let last = report.is_terminal();
                return Some((Ok(report), (!last).then_some(self)));
            }
            if self.state.changed().await.is_err() {
                let gone = "The built-in engine stopped; the run goes on when it starts again.";
                let error = EngineError::new(EngineFailure::Retry, gone);
                return Some((Err(error), None));
            }
        }
    }

    /// Samples come first, so that none is missing when the last report ends the stream.
    fn untold(&mut self) -> Option<Report> {
        let state = self.state.borrow_and_update();
        if let Some(sample) = state.samples.get(self.samples) {
            self.samples += 1;
            return Some(Report::Sample {
                step: sample.step,
                prompt: sample.prompt.clone(),
                image: sample.image.clone(),
            });
        }
        if self.told.as_ref() == Some(&state.now) {
            return None;
        }
        self.told = Some(state.now.clone());
        self.told.clone()
    }
}

impl From<Outcome> for Report {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Finished { .. } => Self::Finished,
            Outcome::Cancelled { .. } => Self::Cancelled,
            Outcome::Failed { reason } => Self::Failed { reason },
        }
    }
}
