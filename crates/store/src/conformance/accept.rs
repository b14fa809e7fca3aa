//! Accepting events: once each, bounded, the newest progress only.

use super::Backend;
use super::stage::{
    ANNE, BEN, Stage, background, conversation, event_id, ids, next, ordered, progress, terminal,
    text,
};
use crate::{Entered, Limits};

fn small() -> Limits {
    Limits {
        mailbox: 2,
        remembered: 4,
        ..Limits::default()
    }
}

pub async fn dedupe_marked_before_append<B: Backend>() {
    let stage = Stage::<B>::new().await;
    stage.turn(ANNE, &text("a")).await;
    assert_eq!(stage.enter(BEN, &text("a")).await, Entered::Duplicate);
    // A duplicate is told only of what is really there.
    assert_eq!(stage.waiting_after_expiry().await, [event_id("a")]);
}

pub async fn append_before_mark<B: Backend>() {
    let stage = Stage::<B>::new().await;
    assert_eq!(stage.post(&text("a")).await, Entered::Queued);
    assert_eq!(stage.post(&text("a")).await, Entered::Duplicate);
    assert_eq!(ids(&stage.claim_turn(BEN).await.mailbox), [event_id("a")]);
}

pub async fn full_remembers_id<B: Backend>() {
    let stage = Stage::<B>::with(small()).await;
    let turn = stage.turn(ANNE, &text("a")).await;
    assert_eq!(stage.enter(ANNE, &text("b")).await, Entered::Queued);
    assert_eq!(stage.enter(ANNE, &text("c")).await, Entered::Full);
    assert_eq!(stage.enter(BEN, &text("c")).await, Entered::Full);
    stage.commit(ANNE, &turn, vec![]).await;
    assert_eq!(stage.enter(BEN, &text("c")).await, Entered::Queued);
    assert_eq!(
        stage.waiting_after_expiry().await,
        [event_id("b"), event_id("c")]
    );
}

pub async fn late_duplicate_no_floor<B: Backend>() {
    let stage = Stage::<B>::with(small()).await;
    for order in 1..=5 {
        let turn = stage.turn(ANNE, &ordered(order)).await;
        stage.commit(ANNE, &turn, vec![]).await;
    }
    // Four are remembered; the first lies below the floor.
    assert_eq!(stage.enter(ANNE, &ordered(1)).await, Entered::Late);
    assert_eq!(stage.enter(ANNE, &ordered(2)).await, Entered::Duplicate);
    assert!(stage.waiting_after_expiry().await.is_empty());
}

pub async fn late_arrivals_above_the_floor_are_accepted<B: Backend>() {
    let stage = Stage::<B>::with(small()).await;
    for order in [10, 20, 30, 40, 50] {
        let turn = stage.turn(ANNE, &ordered(order)).await;
        stage.commit(ANNE, &turn, vec![]).await;
    }
    let turn = stage.turn(ANNE, &ordered(15)).await;
    stage.commit(ANNE, &turn, vec![]).await;
    // Its id was the lowest and is forgotten at once, but the floor has risen to it.
    assert_eq!(stage.enter(ANNE, &ordered(15)).await, Entered::Late);
    assert_eq!(stage.enter(ANNE, &ordered(20)).await, Entered::Duplicate);
}

pub async fn the_oldest_unordered_ids_are_forgotten<B: Backend>() {
    let stage = Stage::<B>::with(small()).await;
    for name in ["e", "d", "c", "b", "a"] {
        let turn = stage.turn(ANNE, &text(name)).await;
        stage.commit(ANNE, &turn, vec![]).await;
    }
    assert_eq!(stage.enter(ANNE, &text("d")).await, Entered::Duplicate);
    assert!(matches!(
        stage.enter(ANNE, &text("e")).await,
        Entered::Turn(_)
    ));
}

pub async fn internal_events_do_not_move_the_floor<B: Backend>() {
    let stage = Stage::<B>::with(small()).await;
    let turn = stage.turn(ANNE, &ordered(7)).await;
    stage.commit(ANNE, &turn, vec![]).await;
    for name in ["a", "b", "c", "d", "e"] {
        let turn = stage.turn(ANNE, &background(name)).await;
        stage.commit(ANNE, &turn, vec![]).await;
    }
    assert_eq!(stage.enter(ANNE, &ordered(7)).await, Entered::Duplicate);
    assert!(matches!(
        stage.enter(ANNE, &ordered(6)).await,
        Entered::Turn(_)
    ));
}

pub async fn taking_only_when_asked<B: Backend>() {
    let stage = Stage::<B>::new().await;
    assert_eq!(stage.post(&text("a")).await, Entered::Queued);
    let turn = stage.turn(ANNE, &text("b")).await;
    assert_eq!(ids(&turn.mailbox), [event_id("a"), event_id("b")]);
    assert_eq!(stage.enter(BEN, &text("c")).await, Entered::Queued);
    // Its own holder gets no second turn either.
    assert_eq!(stage.enter(ANNE, &text("d")).await, Entered::Queued);
}

pub async fn conversations_are_apart<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let here = stage.turn(ANNE, &text("a")).await;
    stage.commit(ANNE, &here, vec![]).await;
    let stage = stage.at(conversation("web", "elsewhere"));
    let there = stage.turn(BEN, &text("a")).await;
    assert_eq!((there.version, there.session), (0, None));
}

pub async fn only_people_fill_the_mailbox<B: Backend>() {
    let stage = Stage::<B>::with(small()).await;
    for name in ["result 1", "result 2", "result 3"] {
        assert_eq!(stage.post(&background(name)).await, Entered::Queued);
    }
    assert_eq!(stage.post(&text("a")).await, Entered::Queued);
    assert_eq!(stage.post(&text("b")).await, Entered::Queued);
    assert_eq!(stage.post(&text("c")).await, Entered::Full);
    assert_eq!(stage.post(&background("result 4")).await, Entered::Queued);
}

pub async fn newer_progress_replaces_waiting_progress<B: Backend>() {
    let stage = Stage::<B>::new().await;
    stage.post(&progress("run", 1)).await;
    stage.post(&progress("other", 1)).await;
    stage.post(&progress("run", 2)).await;
    assert_eq!(
        ids(&stage.claim_turn(ANNE).await.mailbox),
        [event_id("other 1"), event_id("run 2")]
    );
}

pub async fn late_progress_is_stale<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let turn = stage.turn(ANNE, &progress("run", 5)).await;
    stage.commit(ANNE, &turn, vec![]).await;
    assert_eq!(stage.post(&progress("run", 4)).await, Entered::Stale);
    assert_eq!(stage.post(&progress("run", 4)).await, Entered::Stale);
    assert_eq!(stage.post(&progress("run", 5)).await, Entered::Duplicate);
    assert_eq!(stage.post(&progress("run", 6)).await, Entered::Queued);
}

pub async fn a_terminal_event_is_not_replaced<B: Backend>() {
    let stage = Stage::<B>::new().await;
    stage.post(&progress("run", 1)).await;
    stage.post(&terminal("run", 9)).await;
    assert_eq!(stage.post(&progress("run", 8)).await, Entered::Stale);
    // Not even by what comes of a numbering fault above it.
    stage.post(&progress("run", 10)).await;
    assert_eq!(
        ids(&stage.claim_turn(ANNE).await.mailbox),
        [event_id("run 9"), event_id("run 10")]
    );
}

pub async fn consume_by_position<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let turn = stage.turn(ANNE, &progress("run", 1)).await;
    // Takes the place of the event that the turn is about to consume.
    assert_eq!(stage.post(&progress("run", 2)).await, Entered::Queued);
    let committed = stage.commit(ANNE, &turn, vec![]).await;
    assert_eq!(ids(&next(committed.outcome)), [event_id("run 2")]);
}
