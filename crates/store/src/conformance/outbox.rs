//! Outboxes: deliveries one by one in commit order, results once, a redraw after a late call.

use std::time::Duration;

use lorikeet_chat::{Event, EventBody, Lane, SessionTag, Stamp};

use super::Backend;
use super::stage::{
    ANNE, BEN, Stage, background, done, event_id, first, handle, ids, more, names, only, show,
    text, work,
};
use crate::{Claimed, Commit, CommitOutcome, Done, LEASE, LaneGrant, SettleOutcome};

pub async fn outbox_without_lease<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let lane = only(stage.effects(ANNE, &text("a"), vec![show("1", 1)]).await);
    // The turn is free, but the screen of the last one is still on its way.
    let other = stage.effects(BEN, &text("b"), vec![show("2", 2)]).await;
    assert!(other.is_empty());
    let settled = stage.settle(ANNE, &lane, first(&lane)).await;
    assert_eq!(names(&more(settled.outcome)), ["2"]);
}

pub async fn batched_settle<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let effects = vec![show("1", 1), show("2", 2)];
    let paused = only(stage.effects(ANNE, &text("a"), effects).await);
    stage.expire();
    let current = stage.claim_lane(BEN, Lane::Deliver).await;
    // The paused one learns after one call, not after two, that it lost the lane.
    let settled = stage.settle(ANNE, &paused, first(&paused)).await;
    assert_eq!(settled.outcome, SettleOutcome::Fenced);
    let settled = stage.settle(BEN, &current, first(&current)).await;
    assert_eq!(names(&more(settled.outcome)), ["2"]);
}

pub async fn fenced_settle_without_redraw<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let paused = only(stage.effects(ANNE, &text("a"), vec![show("1", 1)]).await);
    stage.expire();
    let current = stage.claim_lane(BEN, Lane::Deliver).await;
    stage.settle(BEN, &current, first(&current)).await;
    assert!(!stage.is_due(Lane::Turn).await);
    let settled = stage.settle(ANNE, &paused, first(&paused)).await;
    assert_eq!(settled.outcome, SettleOutcome::Fenced);
    assert!(settled.wake);
    assert!(stage.is_due(Lane::Turn).await);
    let bodies: Vec<EventBody> = bodies(stage.claim_turn(ANNE).await.mailbox);
    assert_eq!(bodies, [EventBody::Redraw]);
}

fn bodies(mailbox: Vec<crate::Waiting>) -> Vec<EventBody> {
    let events = mailbox.into_iter().map(|waiting| waiting.event);
    events.map(|event: Event| event.body).collect()
}

pub async fn redraws_replace_one_another<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let paused = only(stage.effects(ANNE, &text("a"), vec![show("1", 1)]).await);
    stage.expire();
    stage.claim_lane(BEN, Lane::Deliver).await;
    for _ in 0..3 {
        stage.settle(ANNE, &paused, first(&paused)).await;
    }
    assert_eq!(
        bodies(stage.claim_turn(ANNE).await.mailbox),
        [EventBody::Redraw]
    );
}

pub async fn stale_call_then_kill<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let old = stage.turn(ANNE, &text("a")).await;
    let stamp = |generation, revision| Stamp {
        tag: SessionTag::from_generation(generation),
        revision,
    };
    stage.commit(ANNE, &old, vec![show("1", 1)]).await;
    stage.expire();
    let lane = stage.claim_lane(BEN, Lane::Deliver).await;
    stage.settle(BEN, &lane, first(&lane)).await;
    let new = stage.turn(BEN, &text("b")).await;
    let lane = only(stage.commit(BEN, &new, vec![show("2", 2)]).await.lanes);
    stage.settle(BEN, &lane, first(&lane)).await;
    // Now the first process's call lands late, and it dies: screen 1 stays, and nothing is left to heal it.
    assert!(stage.waiting_after_expiry().await.is_empty());
    // A press on it carries a stamp that is not the current one; its turn can only show the screen again.
    let pressed = stamp(old.generation, 1).token(0);
    assert_ne!(pressed.stamp, stamp(new.generation, 2));
    let press = Event {
        body: EventBody::Press(pressed),
        ..text("press")
    };
    let turn = stage.turn(BEN, &press).await;
    assert_eq!(turn.session.as_deref(), Some("session 2"));
    let lanes = stage
        .commit(BEN, &turn, vec![show("2 again", 2)])
        .await
        .lanes;
    assert_eq!(names(&only(lanes)), ["2 again"]);
}

pub async fn fenced_hides_granted_lane<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let turn = stage.turn(ANNE, &text("a")).await;
    let commit = stage.committing(ANNE, &turn, vec![show("1", 1)]);
    let lane = only(stage.send(commit.clone()).await.lanes);
    // The reply is lost, and another commit comes in between.
    stage.effects(BEN, &text("b"), vec![]).await;
    let repeat = stage.send(commit).await;
    assert_eq!(repeat.outcome, CommitOutcome::Fenced);
    assert_eq!(only(repeat.lanes), lane);
}

pub async fn settle_then_post_result<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let lane = only(stage.effects(ANNE, &text("a"), vec![work("w")]).await);
    let settled = stage.settle(ANNE, &lane, with_result(&lane, "r")).await;
    assert_eq!(settled.outcome, SettleOutcome::Released);
    assert!(settled.wake);
    // The process dies; the effect is gone and its result is there.
    let stage = stage.restart().await;
    assert_eq!(stage.claim(BEN, Lane::Work).await, Claimed::Nothing);
    assert!(stage.is_due(Lane::Turn).await);
    assert_eq!(ids(&stage.claim_turn(BEN).await.mailbox), [event_id("r")]);
}

fn with_result(lane: &LaneGrant, name: &str) -> Vec<Done> {
    let mut report = first(lane);
    for done in &mut report {
        done.result = Some(background(name));
    }
    report
}

pub async fn result_without_presence_check<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let paused = only(stage.effects(ANNE, &text("a"), vec![work("w")]).await);
    stage.expire();
    let current = stage.claim_lane(BEN, Lane::Work).await;
    let settled = stage
        .settle(BEN, &current, with_result(&current, "r"))
        .await;
    assert!(settled.wake);
    let settled = stage
        .settle(ANNE, &paused, with_result(&paused, "r too"))
        .await;
    assert_eq!(settled.outcome, SettleOutcome::Fenced);
    assert!(!settled.wake);
    assert_eq!(ids(&stage.claim_turn(BEN).await.mailbox), [event_id("r")]);
}

pub async fn run_id_at_execution<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let died = only(stage.effects(ANNE, &text("a"), vec![work("w")]).await);
    stage.expire();
    let again = stage.claim_lane(BEN, Lane::Work).await;
    // The repeat is of the same effect, id included.
    assert_eq!(again.effects, died.effects);
    assert!(again.generation > died.generation);
}

pub async fn effects_go_out_in_commit_order<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let effects = vec![show("1", 1), work("w"), show("2", 2)];
    let lanes = stage.effects(ANNE, &text("a"), effects).await;
    let names: Vec<(Lane, Vec<&str>)> = lanes.iter().map(|l| (l.lane, names(l))).collect();
    assert_eq!(
        names,
        [(Lane::Deliver, vec!["1", "2"]), (Lane::Work, vec!["w"])]
    );
    stage.effects(BEN, &text("b"), vec![show("3", 3)]).await;
    let Some(mut lane) = lanes.into_iter().next() else {
        panic!("no lane");
    };
    for left in [&["2", "3"][..], &["3"]] {
        lane = more(stage.settle(ANNE, &lane, first(&lane)).await.outcome);
        assert_eq!(super::stage::names(&lane), left);
    }
    let settled = stage.settle(ANNE, &lane, first(&lane)).await;
    assert_eq!(settled.outcome, SettleOutcome::Released);
    assert!(!settled.wake);
    stage.expire();
    assert!(!stage.is_due(Lane::Deliver).await);
}

pub async fn an_empty_lane_is_settled_empty<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let paused = only(stage.effects(ANNE, &text("a"), vec![work("w")]).await);
    stage.expire();
    let current = stage.claim_lane(BEN, Lane::Work).await;
    stage.settle(ANNE, &paused, first(&paused)).await;
    let turn = stage.turn(BEN, &text("b")).await;
    let lane = only(stage.commit(BEN, &turn, vec![]).await.lanes);
    assert_eq!(lane.generation, current.generation);
    assert!(lane.effects.is_empty());
    let settled = stage.settle(BEN, &lane, vec![]).await;
    assert_eq!(settled.outcome, SettleOutcome::Released);
}

pub async fn delivery_needs_leave<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let turn = stage.turn(ANNE, &text("a")).await;
    let commit = Commit {
        may_deliver: false,
        ..stage.committing(ANNE, &turn, vec![show("1", 1), work("w")])
    };
    let lane = only(stage.send(commit).await.lanes);
    assert_eq!(lane.lane, Lane::Work);
    // It is due at once for whoever may.
    assert!(stage.is_due(Lane::Deliver).await);
    assert_eq!(names(&stage.claim_lane(BEN, Lane::Deliver).await), ["1"]);
}

pub async fn listing_prolongs_the_lanes<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let effects = vec![show("1", 1), work("w")];
    assert_eq!(stage.effects(ANNE, &text("a"), effects).await.len(), 2);
    let almost = LEASE - Duration::from_secs(1);
    stage.wait(almost);
    let turn = stage.turn(ANNE, &text("b")).await;
    // Not the delivery lane of a process that may not deliver any more: it should fall to one that may.
    let commit = Commit {
        may_deliver: false,
        ..stage.committing(ANNE, &turn, vec![])
    };
    assert_eq!(stage.send(commit).await.lanes.len(), 2);
    stage.wait(almost);
    assert_eq!(stage.claim(BEN, Lane::Work).await, Claimed::Held);
    stage.claim_lane(BEN, Lane::Deliver).await;
}

pub async fn work_is_settled_in_any_order<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let effects = vec![work("1"), work("2"), work("3")];
    let lane = only(stage.effects(ANNE, &text("a"), effects).await);
    let last = lane.effects.iter().skip(1).map(|e| done(e.sequence));
    let settled = stage.settle(ANNE, &lane, last.collect()).await;
    assert_eq!(names(&more(settled.outcome)), ["1"]);
}

pub async fn the_message_handle_comes_back<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let effects = vec![show("1", 1), show("2", 2)];
    let lane = only(stage.effects(ANNE, &text("a"), effects).await);
    assert_eq!(lane.handle, None);
    let mut report = first(&lane);
    for done in &mut report {
        done.handle = Some(handle("message 1"));
    }
    let next = more(stage.settle(ANNE, &lane, report).await.outcome);
    assert_eq!(next.handle, Some(handle("message 1")));
    // A report without one keeps it.
    stage.settle(ANNE, &next, first(&next)).await;
    let turn = stage.turn(BEN, &text("b")).await;
    assert_eq!(turn.handle, Some(handle("message 1")));
    let lane = only(stage.commit(BEN, &turn, vec![show("3", 3)]).await.lanes);
    assert_eq!(lane.handle, Some(handle("message 1")));
}

pub async fn an_absent_effect_leaves_no_handle<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let lane = only(stage.effects(ANNE, &text("a"), vec![show("1", 1)]).await);
    stage.settle(ANNE, &lane, first(&lane)).await;
    let mut report = first(&lane);
    for done in &mut report {
        done.handle = Some(handle("late"));
    }
    stage.settle(ANNE, &lane, report).await;
    assert_eq!(stage.claim_turn(BEN).await.handle, None);
}

pub async fn a_turn_is_not_settled<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let turn = stage.turn(ANNE, &text("a")).await;
    let lane = LaneGrant {
        lane: Lane::Turn,
        generation: turn.generation,
        effects: vec![],
        handle: None,
    };
    let settled = stage.settle(ANNE, &lane, vec![done(1)]).await;
    assert_eq!(settled.outcome, SettleOutcome::Fenced);
    assert_eq!(stage.claim(BEN, Lane::Turn).await, Claimed::Held);
}
