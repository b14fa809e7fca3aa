//! The suite every store passes, on a clock moved by hand.
//!
//! Owns what a store promises, one case a promise; a case that carries the name of a known mistake shows that
//! the mistake is not made. A backend implements [`Backend`] in its tests and calls
//! [`conformance!`](crate::conformance!), which makes a test of every case.

#![expect(clippy::panic, reason = "a suite fails by panicking")]
#![expect(missing_docs, reason = "a case is named for what it shows")]

mod accept;
mod lapse;
mod locks;
mod outbox;
mod recovery;
mod stage;
mod transcripts;
mod turns;

use std::sync::Arc;

use async_trait::async_trait;

use crate::{Limits, LockStore, ManualClock, SessionStore, Transcript};

pub use stage::{background, progress, show, terminal, text, work};

/// The cases, as generic functions over the backend.
#[doc(hidden)]
pub mod cases {
    pub use super::accept::*;
    pub use super::lapse::*;
    pub use super::locks::*;
    pub use super::outbox::*;
    pub use super::recovery::*;
    pub use super::transcripts::*;
    pub use super::turns::*;
}

/// A kind of store, and how to open one for a test.
#[async_trait]
pub trait Backend: Send + Sync + Sized {
    /// Opens an empty store.
    async fn open(clock: Arc<ManualClock>, limits: Limits) -> Self;

    /// Closes the store and opens it again, as a restarted process does.
    async fn reopen(self) -> Self;

    /// Its sessions.
    fn sessions(&self) -> &dyn SessionStore;

    /// Its locks.
    fn locks(&self) -> &dyn LockStore;

    /// Its transcripts.
    fn transcript(&self) -> &dyn Transcript;
}

/// Makes a test of every case of the suite, for one [`Backend`](crate::conformance::Backend).
#[macro_export]
macro_rules! conformance {
    ($backend:ty) => {
        $crate::conformance! { $backend:
            // Known mistakes.
            dedupe_marked_before_append
            append_before_mark
            full_remembers_id
            release_after_last_pop
            sweep_pops_index
            index_follows_mailbox_only
            append_under_held_lease_skips_index
            outbox_without_lease
            batched_settle
            fenced_settle_without_redraw
            stale_call_then_kill
            version_only_commit
            generation_only_commit
            commit_retry_fenced
            enter_retry_duplicate
            fenced_hides_granted_lane
            owner_is_process_name
            settle_then_post_result
            result_without_presence_check
            run_id_at_execution
            run_id_from_version
            late_duplicate_no_floor
            consume_by_position
            generation_reused_after_failover
            generation_restarts_on_expiry
            // Accepting.
            taking_only_when_asked
            conversations_are_apart
            only_people_fill_the_mailbox
            newer_progress_replaces_waiting_progress
            late_progress_is_stale
            a_terminal_event_is_not_replaced
            late_arrivals_above_the_floor_are_accepted
            the_oldest_unordered_ids_are_forgotten
            internal_events_do_not_move_the_floor
            // Turns.
            a_turn_brings_the_session
            a_commit_keeps_the_turn_while_events_wait
            a_fenced_commit_writes_nothing
            an_expired_lease_nobody_took_is_still_ours
            renewing_prolongs
            renewing_is_refused_to_others
            a_turn_given_up_is_due_at_once
            an_outbox_given_up_is_due_at_once
            only_its_holder_gives_a_lane_up
            // Outboxes.
            effects_go_out_in_commit_order
            an_empty_lane_is_settled_empty
            delivery_needs_leave
            listing_prolongs_the_lanes
            work_is_settled_in_any_order
            the_message_handle_comes_back
            an_absent_effect_leaves_no_handle
            redraws_replace_one_another
            a_turn_is_not_settled
            // Recovery.
            a_claim_of_an_empty_lane_drops_its_entry
            a_claim_of_a_held_lane_moves_its_entry
            tries_count_claims_until_a_commit
            the_index_is_kept_per_platform
            sweeps_are_bounded
            sweeps_can_be_split
            everything_survives_a_restart
            // Forgetting.
            idle_conversations_are_forgotten
            waiting_events_are_never_forgotten
            numbering_may_start_anew_after_a_silence
            // Locks.
            a_lock_excludes_others
            acquiring_again_renews
            an_expired_lock_passes_on
            an_expired_lock_nobody_took_is_still_ours
            taking_over_names_the_previous_holder
            lock_generations_never_repeat
            only_the_holder_releases
            locks_survive_a_restart
            // Transcripts.
            a_transcript_keeps_the_order
            replacing_keeps_the_position
            changes_come_in_the_order_of_change
            a_transcript_is_bounded
            transcripts_survive_a_restart
        }
    };
    ($backend:ty: $($case:ident)*) => {$(
        #[::tokio::test]
        async fn $case() {
            $crate::conformance::cases::$case::<$backend>().await;
        }
    )*};
}
