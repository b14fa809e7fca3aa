//! The shell around the conversations: takes events in, runs their turns, carries out what they wanted.
//!
//! Owns the loops of the turn protocol (one task per conversation and lane), their leases, retries and pacing, the
//! recovery sweep, the placement of adapters, and the fetching of media. Does not own what a turn means (that is
//! the [`Logic`] the binary plugs in, mostly a dialog: [`DialogLogic`]), how things are kept (store) or how they look
//! (adapters).
//!
//! # An event's way
//! [`Inbox::accept`](lorikeet_platform::Inbox) enters the event into the store, takes the conversation's turn and
//! answers. The turn loop asks the logic for one event at a time and commits what comes of it. The commit hands out
//! the outbox lanes: `deliver` brings screens to the platform one by one, `work` has [`Worker`]s do the rest. Two
//! round trips to the store lie on this way, the settling beside it. Nothing of a conversation stays in memory
//! between turns.
//!
//! # What holds when this process dies
//! Everything accepted is in the store, and every lane with something in it in the store's index. The sweep of any
//! process claims a lane once its lease has run out and goes on with it; effects repeat under their own ids.

mod backoff;
mod core;
mod counters;
mod deliver;
mod guard;
mod hints;
mod intake;
mod lease;
mod logic;
mod pace;
mod placement;
mod registry;
mod runtime;
mod settings;
mod sweep;
mod talk;
mod turns;
mod work;
mod worker;

pub use counters::Counts;
pub use intake::{
    IntakeItem, IntakeOutcome, IntakeReport, IntakeRequest, IntakeWorker, intake_failed,
};
pub use logic::{Logic, LogicError, TurnInput, TurnOutput, effect_id};
pub use runtime::{Parts, RunError, Runtime};
pub use settings::Settings;
pub use talk::{DialogLogic, command_help};
pub use worker::{FailedWork, Job, WorkError, Worker};
