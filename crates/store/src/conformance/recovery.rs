//! Recovery: whatever a dead process leaves behind is found by a sweep.

use std::time::Duration;

use lorikeet_chat::Lane;

use super::Backend;
use super::stage::{
    ANNE, BEN, Stage, conversation, event_id, first, handle, ids, more, must, names, only, show,
    text, work,
};
use crate::{Claimed, Entered, Index, LEASE, SettleOutcome, Sweep, bucket};

pub async fn sweep_pops_index<B: Backend>() {
    let stage = Stage::<B>::new().await;
    stage.post(&text("a")).await;
    for _ in 0..3 {
        // Found, claimed, and the claimer dies.
        assert!(stage.is_due(Lane::Turn).await);
        assert!(stage.is_due(Lane::Turn).await);
        stage.claim_turn(ANNE).await;
        assert!(!stage.is_due(Lane::Turn).await);
        stage.expire();
    }
    assert_eq!(ids(&stage.claim_turn(BEN).await.mailbox), [event_id("a")]);
}

pub async fn index_follows_mailbox_only<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let effects = vec![show("s", 1), work("w")];
    stage.effects(ANNE, &text("a"), effects).await;
    stage.expire();
    assert!(!stage.is_due(Lane::Turn).await);
    assert!(stage.is_due(Lane::Deliver).await);
    assert!(stage.is_due(Lane::Work).await);
    assert_eq!(names(&stage.claim_lane(BEN, Lane::Deliver).await), ["s"]);
    assert_eq!(names(&stage.claim_lane(BEN, Lane::Work).await), ["w"]);
}

pub async fn append_under_held_lease_skips_index<B: Backend>() {
    for lane in [Lane::Deliver, Lane::Work] {
        let stage = Stage::<B>::new().await;
        let effect = |name| match lane {
            Lane::Deliver => show(name, 1),
            _ => work(name),
        };
        let paused = only(stage.effects(ANNE, &text("a"), vec![effect("1")]).await);
        stage.expire();
        stage.claim_lane(BEN, lane).await;
        // Empties the lane that the other holds, and with it the index.
        let settled = stage.settle(ANNE, &paused, first(&paused)).await;
        assert_eq!(settled.outcome, SettleOutcome::Fenced);
        assert_eq!(stage.claim(ANNE, lane).await, Claimed::Nothing);
        // Something new comes in under the held lease, and its holder dies.
        let turn = stage.turn(BEN, &text("b")).await;
        stage.commit(BEN, &turn, vec![effect("2")]).await;
        stage.expire();
        assert!(stage.is_due(lane).await);
        assert_eq!(names(&stage.claim_lane(ANNE, lane).await), ["2"]);
    }
}

pub async fn a_claim_of_an_empty_lane_drops_its_entry<B: Backend>() {
    let stage = Stage::<B>::new().await;
    for lane in [Lane::Turn, Lane::Deliver, Lane::Work] {
        assert_eq!(stage.claim(ANNE, lane).await, Claimed::Nothing);
        assert!(!stage.is_due(lane).await);
    }
    let turn = stage.turn(ANNE, &text("a")).await;
    stage.commit(ANNE, &turn, vec![]).await;
    assert_eq!(stage.claim(BEN, Lane::Turn).await, Claimed::Nothing);
}

pub async fn a_claim_of_a_held_lane_moves_its_entry<B: Backend>() {
    let stage = Stage::<B>::new().await;
    stage.turn(ANNE, &text("a")).await;
    stage.wait(LEASE - Duration::from_micros(1));
    assert_eq!(stage.claim(BEN, Lane::Turn).await, Claimed::Held);
    assert_eq!(stage.claim(ANNE, Lane::Turn).await, Claimed::Held);
    assert!(!stage.is_due(Lane::Turn).await);
    stage.wait(Duration::from_micros(1));
    assert!(stage.is_due(Lane::Turn).await);
    stage.claim_turn(BEN).await;
}

pub async fn tries_count_claims_until_a_commit<B: Backend>() {
    let stage = Stage::<B>::new().await;
    assert_eq!(stage.turn(ANNE, &text("a")).await.tries, 0);
    for tries in 1..=3 {
        stage.expire();
        assert_eq!(stage.claim_turn(BEN).await.tries, tries);
    }
    stage.expire();
    let turn = stage.turn(ANNE, &text("b")).await;
    assert_eq!(turn.tries, 3);
    stage.commit(ANNE, &turn, vec![]).await;
    assert_eq!(stage.turn(ANNE, &text("c")).await.tries, 0);
}

pub async fn the_index_is_kept_per_platform<B: Backend>() {
    let stage = Stage::<B>::new().await;
    stage.effects(ANNE, &text("a"), vec![show("s", 1)]).await;
    let stage = stage.at(conversation("elsewhere", "room"));
    stage.effects(ANNE, &text("a"), vec![show("s", 1)]).await;
    stage.expire();
    for platform in ["web", "elsewhere"] {
        let here = conversation(platform, "room");
        let index = Index::of(&here, Lane::Deliver);
        let due = must(stage.store().due(Sweep::new(index, 10)).await);
        let found: Vec<_> = due.into_iter().map(|due| due.conversation).collect();
        assert_eq!(found, [here]);
    }
}

pub async fn sweeps_are_bounded<B: Backend>() {
    let mut stage = Stage::<B>::new().await;
    for room in ["c", "b", "a"] {
        stage = stage.at(conversation("web", room));
        stage.post(&text("a")).await;
        stage.wait(Duration::from_micros(1));
    }
    let due = must(stage.store().due(Sweep::new(Index::Turn, 2)).await);
    let rooms: Vec<_> = due
        .iter()
        .map(|due| due.conversation.room.as_str())
        .collect();
    // Longest due first.
    assert_eq!(rooms, ["c", "b"]);
}

pub async fn sweeps_can_be_split<B: Backend>() {
    let mut stage = Stage::<B>::new().await;
    let rooms = ["a", "b", "c", "d", "e", "f"];
    for room in rooms {
        stage = stage.at(conversation("web", room));
        stage.post(&text("a")).await;
    }
    let mut found = 0;
    for buckets in [0..=99, 100..=100, 101..=255] {
        let sweep = Sweep {
            buckets: buckets.clone(),
            ..Sweep::new(Index::Turn, 10)
        };
        for due in must(stage.store().due(sweep).await) {
            assert!(buckets.contains(&bucket(&due.conversation.key())));
            found += 1;
        }
    }
    assert_eq!(found, rooms.len());
}

pub async fn everything_survives_a_restart<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let lanes = stage
        .effects(ANNE, &text("a"), vec![show("1", 1), show("2", 2)])
        .await;
    let lane = only(lanes);
    let mut report = first(&lane);
    for done in &mut report {
        done.handle = Some(handle("message"));
    }
    let lane = more(stage.settle(ANNE, &lane, report).await.outcome);
    let turn = stage.turn(ANNE, &text("b")).await;

    let stage = stage.restart().await;
    assert_eq!(stage.enter(BEN, &text("a")).await, Entered::Duplicate);
    assert_eq!(stage.enter(BEN, &text("b")).await, Entered::Duplicate);
    assert_eq!(stage.claim(BEN, Lane::Turn).await, Claimed::Held);
    stage.expire();
    let again = stage.claim_turn(BEN).await;
    assert!(again.generation > turn.generation);
    assert_eq!(again.session, turn.session);
    assert_eq!(again.version, turn.version);
    assert_eq!(again.handle, Some(handle("message")));
    assert_eq!(again.mailbox, turn.mailbox);
    let effects = stage.claim_lane(BEN, Lane::Deliver).await;
    assert_eq!(effects.effects, lane.effects);
}
