//! Forgetting: after long silence, and never what still waits.

use std::time::Duration;

use lorikeet_chat::Lane;

use super::Backend;
use super::stage::{ANNE, BEN, Stage, background, event_id, ids, ordered, show, text};
use crate::{CommitOutcome, Entered, ORDERED_MEMORY, SESSION_IDLE};

const MOMENT: Duration = Duration::from_secs(1);

pub async fn idle_conversations_are_forgotten<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let turn = stage.turn(ANNE, &text("a")).await;
    stage.commit(ANNE, &turn, vec![]).await;
    stage.wait(SESSION_IDLE - MOMENT);
    // A sweep must not take it early; and any use keeps it.
    assert!(!stage.is_due(Lane::Turn).await);
    let turn = stage.turn(ANNE, &text("b")).await;
    assert_eq!(turn.session.as_deref(), Some("session 1"));
    stage.commit(ANNE, &turn, vec![]).await;
    stage.wait(SESSION_IDLE - MOMENT);
    assert_eq!(stage.enter(ANNE, &text("a")).await, Entered::Duplicate);
    stage.wait(MOMENT);
    assert!(!stage.is_due(Lane::Turn).await);
    let turn = stage.turn(ANNE, &text("a")).await;
    assert_eq!((turn.version, turn.session), (0, None));
}

pub async fn generation_restarts_on_expiry<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let old = stage.turn(ANNE, &text("a")).await;
    stage.commit(ANNE, &old, vec![]).await;
    stage.wait(SESSION_IDLE);
    let new = stage.turn(BEN, &text("b")).await;
    assert_eq!(new.version, old.version);
    assert!(new.generation > old.generation);
    let late = stage.commit(ANNE, &old, vec![show("late", 1)]).await;
    assert_eq!(late.outcome, CommitOutcome::Fenced);
}

pub async fn waiting_events_are_never_forgotten<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let turn = stage.turn(ANNE, &text("a")).await;
    stage.commit(ANNE, &turn, vec![]).await;
    stage.post(&background("b")).await;
    stage.wait(SESSION_IDLE * 2);
    assert!(stage.is_due(Lane::Turn).await);
    let turn = stage.claim_turn(BEN).await;
    assert_eq!(turn.session.as_deref(), Some("session 1"));
    assert_eq!(ids(&turn.mailbox), [event_id("b")]);
    stage.commit(BEN, &turn, vec![show("s", 1)]).await;
    stage.wait(SESSION_IDLE * 2);
    assert!(stage.is_due(Lane::Deliver).await);
    stage.claim_lane(ANNE, Lane::Deliver).await;
}

pub async fn numbering_may_start_anew_after_a_silence<B: Backend>() {
    let limits = crate::Limits {
        mailbox: 1,
        remembered: 2,
        ..crate::Limits::default()
    };
    let stage = Stage::<B>::with(limits).await;
    for order in 100..104 {
        let turn = stage.turn(ANNE, &ordered(order)).await;
        stage.commit(ANNE, &turn, vec![]).await;
    }
    stage.wait(ORDERED_MEMORY - MOMENT);
    assert_eq!(stage.enter(ANNE, &ordered(5)).await, Entered::Late);
    assert_eq!(stage.enter(ANNE, &ordered(103)).await, Entered::Duplicate);
    stage.wait(MOMENT);
    let turn = stage.turn(ANNE, &ordered(5)).await;
    assert_eq!(turn.session.as_deref(), Some("session 4"));
    stage.commit(ANNE, &turn, vec![]).await;
    assert_eq!(stage.enter(ANNE, &ordered(5)).await, Entered::Duplicate);
}
