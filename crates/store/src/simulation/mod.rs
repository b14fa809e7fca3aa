//! Processes, crashes and clocks, drawn from a seed: does a store keep its guarantees on every schedule?
//!
//! Owns a small model of the runtime (enter, turn, commit, call, settle, renew, release, sweep, each step by itself), of
//! platforms that deliver events more than once and out of order, and of what goes wrong between two steps: kills,
//! pauses past the lease, lost replies, requests that arrive after their sender's death, changes of leader. Does not
//! own the store, which is whatever it is given.
//!
//! After a schedule everything wrong stops, the model runs until nothing is left to do, and the guarantees of the
//! crate's front page are checked. A violation prints its seed and the last steps; [`run`] with the same seed
//! repeats it.

#![expect(clippy::panic, reason = "a model panics where it is itself at fault")]

mod call;
mod check;
mod process;
mod request;
mod turn;
mod world;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use lorikeet_chat::Timestamp;

use crate::{Limits, ManualClock, SessionStore};

use self::world::World;

/// The bounds a store under simulation is opened with: small, so that they are reached.
pub const LIMITS: Limits = Limits {
    mailbox: 3,
    remembered: 6,
    transcript: 1,
    idle: crate::SESSION_IDLE,
};

/// When every schedule begins: open the store on a clock that stands here.
pub const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// How long the quiet after a schedule is watched: several leases.
const QUIET: Duration = Duration::from_secs(35);

/// Steps after which a schedule that still finds something to do is stuck in a circle.
const PATIENCE: u32 = 20_000;

/// What a schedule did, to see that schedules do what they are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Requests carried out by the store.
    pub requests: u32,
    /// Turns committed.
    pub commits: u32,
    /// Commits, settles and renewals refused.
    pub fenced: u32,
    /// Lanes given up before their lease ended.
    pub given_up: u32,
    /// Processes killed.
    pub kills: u32,
    /// Calls that landed after their lane had passed on.
    pub stale_calls: u32,
    /// Events refused because a mailbox was full.
    pub full: u32,
    /// Events refused as duplicates, late or stale.
    pub refused: u32,
}

impl Report {
    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            requests: self.requests + other.requests,
            commits: self.commits + other.commits,
            fenced: self.fenced + other.fenced,
            given_up: self.given_up + other.given_up,
            kills: self.kills + other.kills,
            stale_calls: self.stale_calls + other.stale_calls,
            full: self.full + other.full,
            refused: self.refused + other.refused,
        }
    }
}

/// A guarantee was broken.
#[derive(Debug, thiserror::Error)]
pub struct Violation {
    /// Repeats the schedule.
    pub seed: u64,
    /// What should not be.
    pub what: String,
    /// The last steps before.
    pub trace: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}: {}", self.seed, self.what)?;
        for step in &self.trace {
            writeln!(f, "  {step}")?;
        }
        Ok(())
    }
}

/// Runs one schedule. Each process uses one of the stores in turn: several handles on the same, empty rows, opened
/// with [`LIMITS`] on `clock`, which stands at [`START`].
///
/// # Errors
/// [`Violation`] when a guarantee is broken or the store fails.
pub async fn run(
    stores: &[Arc<dyn SessionStore>],
    clock: &ManualClock,
    seed: u64,
) -> Result<Report, Violation> {
    let mut world = World::new(stores, clock, seed);
    let outcome = match world.misbehave().await {
        Ok(()) => world.settle_down().await,
        Err(what) => Err(what),
    };
    let outcome = match outcome {
        Ok(()) => world.check().await,
        Err(what) => Err(what),
    };
    match outcome {
        Ok(()) => Ok(world.report),
        Err(what) => Err(Violation {
            seed,
            what,
            trace: world.trace.into(),
        }),
    }
}

/// The seeds to run: `LORIKEET_SCHEDULES` of them from `LORIKEET_SEED` on, or `default` from 0.
pub fn seeds(default: u64) -> std::ops::Range<u64> {
    let number = |name| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
    };
    let first = number("LORIKEET_SEED").unwrap_or(0);
    first..first.saturating_add(number("LORIKEET_SCHEDULES").unwrap_or(default))
}
