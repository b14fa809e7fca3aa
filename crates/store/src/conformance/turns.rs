//! Turns: one holder at a time, sessions forward only, lost replies answered again.

use std::time::Duration;

use lorikeet_chat::Lane;

use super::Backend;
use super::stage::{
    ANNE, BEN, START, Stage, event_id, ids, must, names, next, only, show, text, work,
};
use crate::{
    Claimed, Commit, CommitOutcome, Entered, LEASE, Owner, RENEW_EVERY, Released, Renewed,
};

pub async fn release_after_last_pop<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let turn = stage.turn(ANNE, &text("a")).await;
    assert_eq!(stage.enter(BEN, &text("b")).await, Entered::Queued);
    // Whoever was told `Queued` is answered by the holder's commit; whoever comes after it gets the turn.
    let committed = stage.commit(ANNE, &turn, vec![]).await;
    let mut second = turn.clone();
    second.mailbox = next(committed.outcome);
    second.version += 1;
    assert_eq!(ids(&second.mailbox), [event_id("b")]);
    let committed = stage.commit(ANNE, &second, vec![]).await;
    assert_eq!(committed.outcome, CommitOutcome::Released);
    stage.turn(BEN, &text("c")).await;
}

pub async fn version_only_commit<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let paused = stage.turn(ANNE, &text("a")).await;
    stage.expire();
    let current = stage.claim_turn(BEN).await;
    assert_eq!(current.version, paused.version);
    assert!(current.generation > paused.generation);
    let late = stage.commit(ANNE, &paused, vec![show("late", 1)]).await;
    assert_eq!(late.outcome, CommitOutcome::Fenced);
    // Knowing the generation is not enough.
    let forged = stage.commit(ANNE, &current, vec![]).await;
    assert_eq!(forged.outcome, CommitOutcome::Fenced);
    let committed = stage.commit(BEN, &current, vec![show("right", 1)]).await;
    assert_eq!(names(&only(committed.lanes)), ["right"]);
}

pub async fn generation_only_commit<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let first = stage.turn(ANNE, &text("a")).await;
    stage.enter(ANNE, &text("b")).await;
    let committed = stage.commit(ANNE, &first, vec![work("w1")]).await;
    let mut second = first.clone();
    second.mailbox = next(committed.outcome);
    second.version += 1;
    stage.enter(ANNE, &text("c")).await;
    stage.commit(ANNE, &second, vec![work("w2")]).await;
    // A repeat of the commit before the last: same generation, but that version is past.
    let repeat = stage.commit(ANNE, &first, vec![work("w1")]).await;
    assert_eq!(repeat.outcome, CommitOutcome::Fenced);
    stage.expire();
    let third = stage.claim_turn(BEN).await;
    assert_eq!(third.version, 2);
    assert_eq!(third.session.as_deref(), Some("session 2"));
    assert_eq!(
        names(&stage.claim_lane(BEN, Lane::Work).await),
        ["w1", "w2"]
    );
}

pub async fn commit_retry_fenced<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let turn = stage.turn(ANNE, &text("a")).await;
    stage.enter(ANNE, &text("b")).await;
    let commit = stage.committing(ANNE, &turn, vec![show("s", 1), work("w")]);
    let answer = stage.send(commit.clone()).await;
    assert_eq!(stage.send(commit).await, answer);

    let mut second = turn.clone();
    second.mailbox = next(answer.outcome);
    second.version += 1;
    let commit = stage.committing(ANNE, &second, vec![work("w2")]);
    let answer = stage.send(commit.clone()).await;
    assert_eq!(answer.outcome, CommitOutcome::Released);
    assert_eq!(stage.send(commit.clone()).await, answer);
    // Another has the turn meanwhile: the repeat is still told the truth and takes nothing.
    let third = stage.turn(BEN, &text("c")).await;
    assert_eq!(stage.send(commit).await, answer);
    assert_eq!(third.version, 2);
    assert_eq!(
        stage.renew(BEN, Lane::Turn, third.generation).await,
        Renewed::Ours
    );
}

pub async fn enter_retry_duplicate<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let token = stage.token();
    let answer = stage.enter_as(ANNE, &text("a"), token).await;
    assert!(matches!(answer, Entered::Turn(_)));
    assert_eq!(stage.enter_as(ANNE, &text("a"), token).await, answer);
    // Another delivery of the same event, here or elsewhere, is a duplicate.
    assert_eq!(stage.enter(ANNE, &text("a")).await, Entered::Duplicate);
    assert_eq!(
        stage.enter_as(BEN, &text("a"), token).await,
        Entered::Duplicate
    );
    stage.expire();
    assert_eq!(
        stage.enter_as(ANNE, &text("a"), token).await,
        Entered::Duplicate
    );
}

pub async fn owner_is_process_name<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let turn = stage.turn(ANNE, &text("a")).await;
    let restarted = Owner::new([0xaa; 16]);
    let generation = turn.generation;
    assert_eq!(
        stage.renew(restarted, Lane::Turn, generation).await,
        Renewed::Fenced
    );
    let adopted = stage.commit(restarted, &turn, vec![]).await;
    assert_eq!(adopted.outcome, CommitOutcome::Fenced);
    let committed = stage.commit(ANNE, &turn, vec![show("s", 1)]).await;
    assert_eq!(committed.lanes.len(), 1);
    let next = stage.turn(restarted, &text("b")).await;
    assert!(
        stage
            .commit(restarted, &next, vec![])
            .await
            .lanes
            .is_empty()
    );
}

pub async fn run_id_from_version<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let died = stage.turn(ANNE, &text("a")).await;
    stage.expire();
    let again = stage.claim_turn(BEN).await;
    // What an id may be made of is the same for a turn run twice: the event, and where it waits.
    assert_eq!(again.mailbox, died.mailbox);
    assert_ne!(again.generation, died.generation);
}

pub async fn generation_reused_after_failover<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let mut last = 0;
    for name in ["a", "b", "c"] {
        let turn = stage.turn(ANNE, &text(name)).await;
        // Whatever count was lost with a fail-over, the time is not.
        assert!(turn.generation >= START.micros());
        // On a clock that stands still it rises all the same.
        assert!(turn.generation > last);
        last = turn.generation;
        stage.commit(ANNE, &turn, vec![]).await;
    }
}

pub async fn a_turn_brings_the_session<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let first = stage.turn(ANNE, &text("a")).await;
    assert_eq!((first.version, &first.session), (0, &None));
    assert_eq!(first.handle, None);
    stage.commit(ANNE, &first, vec![]).await;
    let second = stage.turn(BEN, &text("b")).await;
    assert_eq!(second.version, 1);
    assert_eq!(second.session.as_deref(), Some("session 1"));
    assert_eq!(ids(&second.mailbox), [event_id("b")]);
    assert_eq!(second.mailbox.first().map(|w| &w.event), Some(&text("b")));
}

pub async fn a_commit_keeps_the_turn_while_events_wait<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let turn = stage.turn(ANNE, &text("a")).await;
    stage.enter(BEN, &text("b")).await;
    stage.wait(LEASE - Duration::from_secs(1));
    let committed = stage.commit(ANNE, &turn, vec![]).await;
    assert_eq!(ids(&next(committed.outcome)), [event_id("b")]);
    // The lease counts from the commit now.
    stage.wait(LEASE - Duration::from_secs(1));
    assert_eq!(stage.claim(BEN, Lane::Turn).await, Claimed::Held);
}

pub async fn a_fenced_commit_writes_nothing<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let paused = stage.turn(ANNE, &text("a")).await;
    stage.expire();
    let current = stage.claim_turn(BEN).await;
    let late = Commit {
        session: "late".to_owned(),
        ..stage.committing(ANNE, &paused, vec![show("late", 1), work("late too")])
    };
    let fenced = must(stage.store().commit(&late).await);
    assert_eq!(fenced.outcome, CommitOutcome::Fenced);
    assert!(fenced.lanes.is_empty());
    let committed = stage.commit(BEN, &current, vec![]).await;
    assert_eq!(committed.outcome, CommitOutcome::Released);
    let next = stage.turn(BEN, &text("b")).await;
    assert_eq!(next.session.as_deref(), Some("session 1"));
    assert_eq!(stage.claim(BEN, Lane::Deliver).await, Claimed::Nothing);
    assert_eq!(stage.claim(BEN, Lane::Work).await, Claimed::Nothing);
}

pub async fn an_expired_lease_nobody_took_is_still_ours<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let turn = stage.turn(ANNE, &text("a")).await;
    stage.wait(LEASE * 3);
    assert_eq!(
        stage.renew(ANNE, Lane::Turn, turn.generation).await,
        Renewed::Ours
    );
    stage.wait(LEASE * 3);
    let committed = stage.commit(ANNE, &turn, vec![]).await;
    assert_eq!(committed.outcome, CommitOutcome::Released);
}

pub async fn renewing_prolongs<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let turn = stage.turn(ANNE, &text("a")).await;
    for _ in 0..5 {
        stage.wait(RENEW_EVERY);
        assert_eq!(
            stage.renew(ANNE, Lane::Turn, turn.generation).await,
            Renewed::Ours
        );
    }
    assert_eq!(stage.claim(BEN, Lane::Turn).await, Claimed::Held);
    assert!(!stage.is_due(Lane::Turn).await);
    stage.expire();
    assert!(stage.is_due(Lane::Turn).await);
    stage.claim_turn(BEN).await;
}

pub async fn renewing_is_refused_to_others<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let turn = stage.turn(ANNE, &text("a")).await;
    let generation = turn.generation;
    assert_eq!(
        stage.renew(BEN, Lane::Turn, generation).await,
        Renewed::Fenced
    );
    assert_eq!(
        stage.renew(ANNE, Lane::Turn, generation - 1).await,
        Renewed::Fenced
    );
    assert_eq!(
        stage.renew(ANNE, Lane::Work, generation).await,
        Renewed::Fenced
    );
    stage.expire();
    stage.claim_turn(BEN).await;
    assert_eq!(
        stage.renew(ANNE, Lane::Turn, generation).await,
        Renewed::Fenced
    );
}

pub async fn a_turn_given_up_is_due_at_once<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let turn = stage.turn(ANNE, &text("a")).await;
    let released = stage.release(ANNE, Lane::Turn, turn.generation).await;
    assert_eq!(released, Released::Freed { waiting: true });
    assert!(stage.is_due(Lane::Turn).await);
    // The right is gone with it, although nobody else has it yet.
    let late = stage.commit(ANNE, &turn, vec![show("late", 1)]).await;
    assert_eq!(late.outcome, CommitOutcome::Fenced);
    let next = stage.claim_turn(BEN).await;
    assert_eq!(ids(&next.mailbox), [event_id("a")]);
    assert!(next.generation > turn.generation);
}

pub async fn an_outbox_given_up_is_due_at_once<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let lanes = stage
        .effects(ANNE, &text("a"), vec![show("screen", 1), work("job")])
        .await;
    for lane in &lanes {
        let released = stage.release(ANNE, lane.lane, lane.generation).await;
        assert_eq!(released, Released::Freed { waiting: true });
        assert!(stage.is_due(lane.lane).await);
        let taken = stage.claim_lane(BEN, lane.lane).await;
        assert_eq!(taken.effects, lane.effects);
    }
}

pub async fn only_its_holder_gives_a_lane_up<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let turn = stage.turn(ANNE, &text("a")).await;
    let generation = turn.generation;
    for (owner, lane, generation) in [
        (BEN, Lane::Turn, generation),
        (ANNE, Lane::Turn, generation - 1),
        (ANNE, Lane::Work, generation),
    ] {
        let released = stage.release(owner, lane, generation).await;
        assert_eq!(released, Released::Fenced);
    }
    assert!(!stage.is_due(Lane::Turn).await);
    // Given up twice, as after a lost reply, changes nothing for who has it now.
    stage.release(ANNE, Lane::Turn, generation).await;
    let taken = stage.claim_turn(BEN).await;
    let again = stage.release(ANNE, Lane::Turn, generation).await;
    assert_eq!(again, Released::Fenced);
    let committed = stage.commit(BEN, &taken, vec![]).await;
    assert_eq!(committed.outcome, CommitOutcome::Released);
}
