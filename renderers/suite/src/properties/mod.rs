//! What every renderer promises, one function a promise. Each answers with the smallest screen and room it found that
//! the renderer fails on.

mod controls;
mod text;
mod whole;

use lorikeet_chat::{Capabilities, Screen, Stamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use crate::{Rendering, rooms, screens};

pub use controls::{
    every_action_is_reached, labels_lead_where_they_say, links_lead_where_the_screen_says,
    pages_can_be_turned_back,
};
pub use text::{
    blocks_lines_and_sentences_stay_whole, every_word_is_shown_or_reported, graphemes_stay_whole,
    text_never_becomes_markup,
};
pub use whole::{
    messages_keep_the_limits, nothing_panics, rendering_is_deterministic, what_fits_is_not_degraded,
};

/// Cases of each property; the environment variable `PROPTEST_CASES` says otherwise.
pub const CASES: u32 = 10_000;

/// A screen in a room.
#[derive(Clone, Debug)]
struct Case {
    screen: Screen,
    stamp: Stamp,
    room: Capabilities,
}

/// Screens in rooms that can be talked in.
fn cases<R: Rendering>(screens: impl Strategy<Value = Screen>) -> impl Strategy<Value = Case> {
    (screens, screens::stamp(), rooms::room()).prop_map(|(screen, stamp, room)| Case {
        screen,
        stamp,
        room: R::room(room),
    })
}

/// Any screen, and some more of the crowded ones.
fn menus<R: Rendering>() -> impl Strategy<Value = Case> {
    cases::<R>(prop_oneof![9 => screens::screen().boxed(), 1 => screens::crowded().boxed()])
}

/// Runs a property over its cases.
fn run<S: Strategy>(
    strategy: S,
    property: impl Fn(S::Value) -> Result<(), String>,
) -> Result<(), String> {
    let given = Config::default();
    let config = Config {
        // The default has read the variable, but cannot say whether it was there.
        cases: std::env::var_os("PROPTEST_CASES").map_or(CASES, |_| given.cases),
        // A failure is told with its case; the tests that want it kept write it down as one of their own.
        failure_persistence: None,
        // A smaller case is worth seconds, not minutes.
        max_shrink_iters: 2_000,
        max_shrink_time: 5_000,
        ..given
    };
    TestRunner::new(config)
        .run(&strategy, |case| {
            property(case).map_err(TestCaseError::fail)
        })
        .map_err(|error| error.to_string())
}
