//! The suites every [`Engine`] and every [`Captioner`] passes.
//!
//! Owns what they promise, one case a promise. A plugin implements [`Harness`] or [`CaptionHarness`] in its tests and
//! calls [`conformance!`](crate::conformance!) or [`caption_conformance!`](crate::caption_conformance!), which make a
//! test of every case. Cases train for real, and wait for reports, never for time.

#![expect(clippy::panic, reason = "a suite fails by panicking")]
#![expect(missing_docs, reason = "a case is named for what it shows")]

mod captions;
mod lifetime;
mod offers;
mod stage;
mod stopping;

use async_trait::async_trait;
use lorikeet_training::Settings;

use crate::{Captioner, Engine};

/// The cases, as generic functions over the harness.
#[doc(hidden)]
pub mod cases {
    pub use super::captions::*;
    pub use super::lifetime::*;
    pub use super::offers::*;
    pub use super::stopping::*;
}

/// A kind of engine, and how to start one for a test.
#[async_trait]
pub trait Harness: Send + Sync + Sized {
    /// Whether a run that is stopped after its first step always leaves a checkpoint to collect.
    const KEEPS_CHECKPOINTS: bool;

    /// Starts an engine that knows no run.
    async fn open() -> Self;

    /// Drops the engine, as a bot that ends does, and starts it on the same files.
    async fn restart(self) -> Self;

    /// The engine.
    fn engine(&self) -> &dyn Engine;

    /// Settings of a run that is soon done.
    fn quick(&self) -> Settings;

    /// Settings of a run that is not done before a case stops it.
    fn long(&self) -> Settings;
}

/// A kind of captioner, and how to make one for a test.
#[async_trait]
pub trait CaptionHarness: Send + Sync + Sized {
    /// Makes a captioner.
    async fn open() -> Self;

    /// The captioner.
    fn captioner(&self) -> &dyn Captioner;
}

/// Makes a test of every case of the engines' suite, for one [`Harness`](crate::conformance::Harness).
#[macro_export]
macro_rules! conformance {
    ($harness:ty) => {
        $crate::conformance! { $harness:
            // What is offered.
            the_offer_is_sound
            every_preset_is_taken
            settings_out_of_range_are_refused
            estimates_grow_with_the_steps
            // A run's life.
            an_unknown_run_is_unknown
            a_run_is_trained
            submitting_again_starts_nothing
            anyone_may_listen_at_any_time
            a_run_goes_on_after_a_restart
            a_finished_run_outlives_a_restart
            a_forgotten_run_is_unknown
            // Stopping.
            a_run_is_stopped_at_once
            a_running_run_is_stopped
            a_stop_outlives_a_restart
        }
    };
    ($harness:ty: $($case:ident)*) => {$(
        #[::tokio::test]
        async fn $case() {
            $crate::conformance::cases::$case::<$harness>().await;
        }
    )*};
}

/// Makes a test of every case of the captioners' suite, for one
/// [`CaptionHarness`](crate::conformance::CaptionHarness).
#[macro_export]
macro_rules! caption_conformance {
    ($harness:ty) => {
        $crate::conformance! { $harness:
            a_captioner_has_a_name
            a_caption_is_one_line_without_the_trigger_word
            a_class_word_that_is_the_trigger_word_is_left_out
            a_missing_class_word_is_no_reason_to_retry
            a_broken_picture_is_no_reason_to_retry
        }
    };
}
