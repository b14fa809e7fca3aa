//! The suite every [`Repository`] passes, on a clock moved by hand.
//!
//! Owns what a repository promises, one case a promise. A backend implements [`Backend`] in its tests and calls
//! [`conformance!`](crate::conformance!), which makes a test of every case.

#![expect(clippy::panic, reason = "a suite fails by panicking")]
#![expect(missing_docs, reason = "a case is named for what it shows")]

mod accounts;
mod blobs;
mod claims;
mod claims_lost;
mod loras;
mod loras_training;
mod runs;
mod stage;

use std::sync::Arc;

use async_trait::async_trait;
use lorikeet_store::ManualClock;

use crate::Repository;

/// The cases, as generic functions over the backend.
#[doc(hidden)]
pub mod cases {
    pub use super::accounts::*;
    pub use super::blobs::*;
    pub use super::claims::*;
    pub use super::claims_lost::*;
    pub use super::loras::*;
    pub use super::loras_training::*;
    pub use super::runs::*;
}

/// A kind of repository, and how to open one for a test.
#[async_trait]
pub trait Backend: Send + Sync + Sized {
    /// Opens an empty repository.
    async fn open(clock: Arc<ManualClock>) -> Self;

    /// Closes the repository and opens it again, as a restarted process does.
    async fn reopen(self) -> Self;

    /// The open repository.
    fn repository(&self) -> &dyn Repository;
}

/// Makes a test of every case of the suite, for one [`Backend`](crate::conformance::Backend).
#[macro_export]
macro_rules! conformance {
    ($backend:ty) => {
        $crate::conformance! { $backend:
            // LoRAs.
            a_lora_comes_back_as_it_was_saved
            saves_may_come_in_any_order
            a_repeated_save_is_stale
            a_later_editor_fences_the_earlier
            a_deleted_lora_stays_deleted
            a_lora_deleted_before_its_first_save_stays_deleted
            deleting_again_is_the_same
            an_earlier_editor_cannot_delete
            names_are_found_whatever_their_case
            loras_are_listed_last_changed_first
            a_list_tells_pictures_versions_and_training
            loras_survive_a_restart
            // LoRAs with an active run.
            a_training_lora_keeps_its_dataset
            a_training_lora_may_change_otherwise
            a_frozen_save_leaves_no_trace
            an_ended_run_frees_the_dataset
            a_training_lora_is_not_deleted
            // Runs.
            a_run_comes_back_as_it_was_inserted
            a_run_is_queued_once
            a_lora_trains_once_at_a_time
            a_run_needs_its_lora
            runs_are_listed_newest_first
            waiting_runs_are_counted
            stopping_is_noted_until_the_end
            // Claims.
            the_oldest_run_is_claimed_first
            runs_of_one_moment_have_an_order
            running_runs_are_claimed_before_queued_ones
            only_the_wanted_engines_are_claimed
            withdrawn_runs_are_claimed_of_any_engine
            orphans_are_claimed_after_their_time
            a_claimed_run_is_not_claimed_again
            claims_at_once_never_share_a_run
            a_heartbeat_prolongs
            an_update_is_what_is_read
            a_claim_brings_what_was_written
            claims_survive_a_restart
            // Claims that are lost.
            an_expired_claim_passes_on
            an_expired_claim_nobody_took_is_still_ours
            a_lost_claim_writes_nothing
            an_ended_run_takes_no_more
            an_ended_run_is_claimed_until_it_is_settled
            a_released_run_is_free_at_once
            a_released_claim_writes_nothing
            claim_generations_rise_though_the_clock_falls
            // Blobs.
            blobs_of_pictures_are_used
            a_picture_being_replaced_is_used
            blobs_of_a_run_are_used
            artifacts_are_used
            nobody_uses_what_was_deleted
            // Accounts.
            who_joined_nobody_stands_alone
            who_is_joined_has_everything
            a_code_counts_once_and_for_a_while
            a_request_again_has_the_same_answer
            wrong_codes_are_limited
            who_cannot_be_joined_is_told_why
            accounts_become_one_and_part_again
            accounts_survive_a_restart
        }
    };
    ($backend:ty: $($case:ident)*) => {$(
        #[::tokio::test]
        async fn $case() {
            $crate::conformance::cases::$case::<$backend>().await;
        }
    )*};
}
