//! Claims that are lost: to another holder, to the end of the run, by giving them back.

use std::time::Duration;

use super::Backend;
use super::stage::{LEASE, START, Stage, done, failed};
use crate::{Claimable, ClaimedRun, Run, RunState, Updated};

/// The run of a claim as its holder would write it.
fn training(claimed: &ClaimedRun) -> Run {
    Run {
        state: RunState::Training,
        ..claimed.run.clone()
    }
}

pub async fn an_expired_claim_passes_on<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let queued = stage.queued(1).await;
    let first = stage.claimed().await;
    stage.wait(LEASE);
    let second = stage.claimed().await;
    assert_eq!(second.run.id, queued.id);
    assert!(second.generation > first.generation);
    assert_eq!(stage.claimed_id().await, None);
}

pub async fn an_expired_claim_nobody_took_is_still_ours<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let queued = stage.queued(1).await;
    let claimed = stage.claimed().await;
    stage.wait(LEASE * 3);
    let updated = stage.update(&training(&claimed), claimed.generation).await;
    assert_eq!(updated, Updated::Updated);
    let beat = stage.heartbeat(&queued.id, claimed.generation).await;
    assert_eq!(beat, Some(false));
    assert_eq!(stage.claimed_id().await, None);
}

pub async fn a_lost_claim_writes_nothing<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let queued = stage.queued(1).await;
    let first = stage.claimed().await;
    stage.wait(LEASE);
    let second = stage.claimed().await;

    let updated = stage.update(&training(&first), first.generation).await;
    assert_eq!(updated, Updated::Fenced);
    let ended = Run {
        state: failed(),
        ..first.run
    };
    assert_eq!(
        stage.update(&ended, first.generation).await,
        Updated::Fenced
    );
    assert_eq!(stage.heartbeat(&queued.id, first.generation).await, None);
    stage.release(&queued.id, first.generation).await;
    assert_eq!(stage.claimed_id().await, None, "the second claim stands");
    assert_eq!(stage.run(&queued.id).await, Some(queued.clone()));
    let beat = stage.heartbeat(&queued.id, second.generation).await;
    assert_eq!(beat, Some(false));
}

pub async fn an_ended_run_takes_no_more<B: Backend>() {
    for state in [done(90), failed(), RunState::Cancelled { artifact: None }] {
        let stage = Stage::<B>::new().await;
        stage.queued(1).await;
        let claimed = stage.claimed().await;
        let generation = claimed.generation;
        let ended = Run {
            state,
            ..claimed.run.clone()
        };
        assert_eq!(stage.update(&ended, generation).await, Updated::Updated);
        for late in [training(&claimed), ended.clone()] {
            assert_eq!(stage.update(&late, generation).await, Updated::Fenced);
        }
        assert_eq!(stage.run(&ended.id).await, Some(ended));
    }
}

pub async fn an_ended_run_is_claimed_until_it_is_settled<B: Backend>() {
    let stage = Stage::<B>::new().await;
    stage.queued(1).await;
    let first = stage.claimed().await;
    let id = first.run.id.clone();
    let unfinished = stage.settle(&id, first.generation).await;
    assert_eq!(unfinished, Updated::Fenced, "it has not ended");
    let ended = Run {
        state: done(90),
        ..first.run
    };
    let updated = stage.update(&ended, first.generation).await;
    assert_eq!(updated, Updated::Updated);
    let beat = stage.heartbeat(&id, first.generation).await;
    assert_eq!(beat, Some(false), "the claim stands");
    assert_eq!(stage.claimed_id().await, None);

    stage.wait(LEASE);
    let second = stage.claimed().await;
    assert_eq!(second.run, ended);
    let late = stage.settle(&id, first.generation).await;
    assert_eq!(late, Updated::Fenced, "the first claim is lost");
    stage.release(&id, second.generation).await;
    let third = stage.claimed().await;
    let settled = stage.settle(&id, third.generation).await;
    assert_eq!(settled, Updated::Updated);

    assert_eq!(stage.heartbeat(&id, third.generation).await, None);
    stage.wait(LEASE);
    assert_eq!(stage.claimed_id().await, None);
    let orphaned = Claimable::Orphaned {
        engines: &[],
        unchanged_for: Duration::ZERO,
    };
    assert_eq!(stage.claim(orphaned).await, None);
    assert_eq!(stage.run(&id).await, Some(ended));
}

pub async fn a_released_run_is_free_at_once<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let queued = stage.queued(1).await;
    let first = stage.claimed().await;
    stage.release(&queued.id, first.generation).await;
    let second = stage.claimed().await;
    assert_eq!(second.run.id, queued.id);
    assert!(second.generation > first.generation);
}

pub async fn a_released_claim_writes_nothing<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let queued = stage.queued(1).await;
    let claimed = stage.claimed().await;
    stage.release(&queued.id, claimed.generation).await;
    stage.release(&queued.id, claimed.generation).await;
    let updated = stage.update(&training(&claimed), claimed.generation).await;
    assert_eq!(updated, Updated::Fenced);
    assert_eq!(stage.heartbeat(&queued.id, claimed.generation).await, None);
    assert_eq!(stage.run(&queued.id).await, Some(queued));
}

pub async fn claim_generations_rise_though_the_clock_falls<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let queued = stage.queued(1).await;
    let mut last = 0;
    for hours in [3, 2, 2, 1, 0] {
        stage
            .clock
            .set(START.after(Duration::from_secs(hours * 3_600)));
        let claimed = stage.claimed().await;
        assert!(claimed.generation > last);
        last = claimed.generation;
        stage.release(&queued.id, last).await;
    }
}
