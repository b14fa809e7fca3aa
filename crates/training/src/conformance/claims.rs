//! Claims: which run comes next, and what its holder may do.

use std::time::Duration;

use futures::future::join_all;
use lorikeet_chat::Point;

use super::Backend;
use super::stage::{
    EDITOR, LEASE, START, Stage, anne, blob, engine, lora, must, of_engine, other_engine, run,
};
use crate::{Claimable, EngineId, Inserted, Progress, Run, RunState, Sample, Saved, Updated};

pub async fn the_oldest_run_is_claimed_first<B: Backend>() {
    let stage = Stage::<B>::new().await;
    assert_eq!(stage.claimed_id().await, None);
    let mut expected = Vec::new();
    for n in [2, 3, 1] {
        expected.push(stage.queued(n).await);
    }
    expected.sort_by_key(|run| run.created);
    for run in expected {
        let claimed = stage.claimed().await;
        assert_eq!(claimed.run, run);
        assert!(!claimed.cancel_requested);
    }
    assert_eq!(stage.claimed_id().await, None);
}

pub async fn runs_of_one_moment_have_an_order<B: Backend>() {
    let stage = Stage::<B>::new().await;
    for n in 1..=4 {
        let lora = lora(anne(), n);
        assert_eq!(stage.save(&lora, EDITOR).await, Saved::Saved);
        let run = Run {
            created: START,
            ..run(&lora, n)
        };
        assert_eq!(stage.insert(&run).await, Inserted::Inserted);
    }
    let runs = must(stage.repository().runs(&anne(), 10).await);
    let mut order = Vec::new();
    for run in runs {
        order.push((must(stage.repository().ahead(&run.id).await), run.id));
    }
    order.sort();
    let places: Vec<_> = order.iter().map(|(ahead, _)| *ahead).collect();
    assert_eq!(places, [Some(0), Some(1), Some(2), Some(3)]);
    for (_, id) in order {
        assert_eq!(stage.claimed_id().await, Some(id));
    }
}

pub async fn running_runs_are_claimed_before_queued_ones<B: Backend>() {
    for state in [
        RunState::Preparing,
        RunState::Training,
        RunState::Collecting,
    ] {
        let stage = Stage::<B>::new().await;
        let late = stage.queued(2).await;
        let claimed = stage.claimed().await;
        let running = Run {
            state,
            ..claimed.run
        };
        let updated = stage.update(&running, claimed.generation).await;
        assert_eq!(updated, Updated::Updated);
        let early = stage.queued(1).await;
        stage.release(&late.id, claimed.generation).await;
        assert_eq!(stage.claimed_id().await, Some(late.id));
        assert_eq!(stage.claimed_id().await, Some(early.id));
    }
}

pub async fn only_the_wanted_engines_are_claimed<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let ours = stage.queued(2).await;
    let theirs = lora(anne(), 1);
    assert_eq!(stage.save(&theirs, EDITOR).await, Saved::Saved);
    let theirs = of_engine(run(&theirs, 1), other_engine());
    assert_eq!(stage.insert(&theirs).await, Inserted::Inserted);

    assert_eq!(stage.claim(Claimable::Of(&[])).await, None);
    let unknown = EngineId("unknown".to_owned());
    assert_eq!(stage.claim(Claimable::Of(&[unknown])).await, None);
    assert_eq!(stage.claimed_id().await, Some(ours.id));
    assert_eq!(stage.claimed_id().await, None);
    let both = [engine(), other_engine()];
    let claimed = stage.claim(Claimable::Of(&both)).await;
    assert_eq!(claimed.map(|claimed| claimed.run), Some(theirs));
}

pub async fn withdrawn_runs_are_claimed_of_any_engine<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let running = stage.queued(1).await;
    let claimed = stage.claimed().await;
    let begun = Run {
        state: RunState::Preparing,
        ..claimed.run
    };
    let updated = stage.update(&begun, claimed.generation).await;
    assert_eq!(updated, Updated::Updated);
    stage.release(&running.id, claimed.generation).await;
    let queued = stage.queued(2).await;
    assert_eq!(stage.claim(Claimable::Withdrawn).await, None);
    for id in [&running.id, &queued.id] {
        assert!(must(stage.repository().request_cancel(id).await));
    }
    let withdrawn = stage.claim(Claimable::Withdrawn).await;
    let withdrawn = withdrawn.map(|claimed| (claimed.run.id, claimed.cancel_requested));
    assert_eq!(withdrawn, Some((queued.id, true)));
    assert_eq!(
        stage.claim(Claimable::Withdrawn).await,
        None,
        "an engine may know the one that has begun"
    );
}

pub async fn orphans_are_claimed_after_their_time<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let orphan = stage.queued(0).await;
    let patience = Duration::from_secs(600);
    let orphaned = async |engines: &[EngineId]| {
        let which = Claimable::Orphaned {
            engines,
            unchanged_for: patience,
        };
        stage.claim(which).await.map(|claimed| claimed.run.id)
    };
    stage.wait(patience - Duration::from_secs(1));
    assert_eq!(orphaned(&[other_engine()]).await, None);
    stage.wait(Duration::from_secs(1));
    assert_eq!(orphaned(&[other_engine(), engine()]).await, None);
    assert_eq!(
        orphaned(&[other_engine()]).await,
        Some(orphan.id),
        "without a claim"
    );
    assert_eq!(orphaned(&[]).await, None, "claimed now");
}

pub async fn a_claimed_run_is_not_claimed_again<B: Backend>() {
    let stage = Stage::<B>::new().await;
    stage.queued(1).await;
    let claimed = stage.claimed().await;
    assert!(claimed.generation >= START.micros());
    let running = Run {
        state: RunState::Training,
        ..claimed.run
    };
    let updated = stage.update(&running, claimed.generation).await;
    assert_eq!(updated, Updated::Updated);
    stage.wait(LEASE - Duration::from_micros(1));
    assert_eq!(stage.claimed_id().await, None);
}

pub async fn claims_at_once_never_share_a_run<B: Backend>() {
    let stage = Stage::<B>::new().await;
    for n in 1..=8 {
        stage.queued(n).await;
    }
    let engines = [engine()];
    let claims = join_all((0..12).map(|_| stage.claim(Claimable::Of(&engines)))).await;
    let mut ids: Vec<_> = claims.into_iter().flatten().map(|c| c.run.id).collect();
    assert_eq!(ids.len(), 8);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 8, "a run was claimed twice");
}

pub async fn a_heartbeat_prolongs<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let queued = stage.queued(1).await;
    let claimed = stage.claimed().await;
    for _ in 0..3 {
        stage.wait(LEASE / 2);
        let beat = stage.heartbeat(&queued.id, claimed.generation).await;
        assert_eq!(beat, Some(false));
        assert_eq!(stage.claimed_id().await, None);
    }
    stage.wait(LEASE);
    assert_eq!(stage.claimed_id().await, Some(queued.id));
}

pub async fn an_update_is_what_is_read<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let queued = stage.queued(1).await;
    let claimed = stage.claimed().await;
    for step in [1, 250] {
        let run = Run {
            state: RunState::Training,
            progress: Progress {
                step,
                total: 500,
                speed: 7.25,
                loss: vec![Point {
                    x: f64::from(step),
                    y: 0.1,
                }],
                samples: vec![Sample {
                    step,
                    prompt: "mycat".to_owned(),
                    blob: blob(80),
                }],
            },
            updated: queued.updated.after(Duration::from_secs(u64::from(step))),
            ..queued.clone()
        };
        let updated = stage.update(&run, claimed.generation).await;
        assert_eq!(updated, Updated::Updated);
        assert_eq!(stage.run(&queued.id).await.as_ref(), Some(&run));
        assert_eq!(must(stage.repository().runs_of(&run.lora).await), [run]);
    }
}

pub async fn a_claim_brings_what_was_written<B: Backend>() {
    let stage = Stage::<B>::new().await;
    stage.queued(1).await;
    let claimed = stage.claimed().await;
    let mut run = Run {
        state: RunState::Training,
        ..claimed.run
    };
    run.progress.step = 10;
    let updated = stage.update(&run, claimed.generation).await;
    assert_eq!(updated, Updated::Updated);
    stage.wait(LEASE);
    assert_eq!(stage.claimed().await.run, run);
}

pub async fn claims_survive_a_restart<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let queued = stage.queued(1).await;
    let claimed = stage.claimed().await;
    let stage = stage.restart().await;
    assert_eq!(stage.claimed_id().await, None);
    let beat = stage.heartbeat(&queued.id, claimed.generation).await;
    assert_eq!(beat, Some(false));
    stage.wait(LEASE);
    let again = stage.claimed().await;
    assert!(again.generation > claimed.generation);
}
