//! What a claim begins with, what reports do to a run, and how failures are told. Pure.

use lorikeet_training::{Artifact, Failure, Run, RunState, slug};

use crate::{EngineError, EngineFailure, Report};

/// Why a run failed, as [`Failure::code`] has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The engine says so.
    Engine,
    /// The engine has lost a run it had begun.
    Interrupted,
    /// No space, in the engine or for what it made.
    NoSpace,
    /// A picture is not there any more.
    Pictures,
    /// The engine is not configured any more.
    UnknownEngine,
}

impl Cause {
    const fn code(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::Interrupted => "interrupted",
            Self::NoSpace => "no-space",
            Self::Pictures => "pictures",
            Self::UnknownEngine => "unknown-engine",
        }
    }
}

/// The end of a run that did not work.
pub(super) fn failed(cause: Cause, detail: impl Into<String>) -> RunState {
    let failure = Failure {
        code: cause.code().to_owned(),
        detail: detail.into(),
    };
    RunState::Failed { failure }
}

/// The end of a run whose engine refuses, or has failed for too long.
pub(super) fn refused(error: EngineError) -> RunState {
    let cause = match error.failure {
        EngineFailure::NoSpace => Cause::NoSpace,
        EngineFailure::Unknown => Cause::Interrupted,
        EngineFailure::Retry | EngineFailure::Permanent => Cause::Engine,
    };
    failed(cause, error.message)
}

/// A run that was stopped before there was anything to keep.
pub(super) const STOPPED: RunState = RunState::Cancelled { artifact: None };

/// What to do with a run that was just claimed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Opening {
    /// It has ended, and whoever ended it was gone before all was done.
    Settle,
    /// It ends without an engine.
    End(RunState),
    /// No engine knows it.
    Submit,
    /// Its engine may know it.
    Follow,
}

/// What to do with a run that was just claimed, by where it stands.
pub(super) fn opening(run: &Run, cancel_requested: bool, engine_is_here: bool) -> Opening {
    match &run.state {
        state if !state.is_active() => Opening::Settle,
        // A run is Queued until right before it is submitted.
        RunState::Queued if cancel_requested => Opening::End(STOPPED),
        _ if !engine_is_here && cancel_requested => Opening::End(STOPPED),
        _ if !engine_is_here => Opening::End(failed(Cause::UnknownEngine, "")),
        RunState::Queued => Opening::Submit,
        _ => Opening::Follow,
    }
}

/// What a report asks for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Next {
    /// Nothing has changed.
    Nothing,
    /// Write the run when its turn comes.
    WriteSoon,
    /// Write the run now: it has come to another stage.
    WriteNow,
    /// Keep the picture, then note it.
    Keep(Picture),
    /// The engine is done.
    End(Ending),
}

/// A sample that is not kept yet.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Picture {
    /// The step it was made at.
    pub(super) step: u32,
    /// What it was asked to show.
    pub(super) prompt: String,
    /// The encoded picture.
    pub(super) image: bytes::Bytes,
}

/// How the engine is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// There is a file.
    Finished,
    /// There may be a file.
    Cancelled,
    /// There is none.
    Failed(String),
}

/// Takes a report into a run.
pub(super) fn fold(run: &mut Run, report: Report) -> Next {
    match report {
        // A run that goes on from its checkpoint is still training to its owner.
        Report::Queued { .. } | Report::Preparing => Next::Nothing,
        Report::Step {
            step,
            total,
            loss,
            speed,
        } => {
            let progress = &mut run.progress;
            let step = step.min(total);
            let repeated = (progress.step, progress.total) == (step, total);
            if repeated && run.state == RunState::Training {
                return Next::Nothing;
            }
            progress.step = step;
            progress.total = total;
            progress.speed = if speed.is_finite() {
                speed.max(0.0)
            } else {
                0.0
            };
            progress.push_loss(step, loss);
            if run.state == RunState::Training {
                return Next::WriteSoon;
            }
            run.state = RunState::Training;
            Next::WriteNow
        }
        Report::Sample {
            step,
            prompt,
            image,
        } => Next::Keep(Picture {
            step,
            prompt,
            image,
        }),
        Report::Finished => Next::End(Ending::Finished),
        Report::Cancelled => Next::End(Ending::Cancelled),
        Report::Failed { reason } => Next::End(Ending::Failed(reason)),
    }
}

/// The file a run made, under the name to save it by.
pub(super) fn artifact(run: &Run, stored: lorikeet_media::Stored, step: u32) -> Artifact {
    Artifact {
        blob: stored.id,
        size: stored.size,
        file_name: format!("{}-{}.safetensors", slug(&run.name), run.version),
        step,
    }
}

#[cfg(test)]
mod tests;
