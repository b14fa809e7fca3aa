//! One event: enter, commit with one screen, settle.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt as _};
use lorikeet_chat::{Conversation, EffectBody, PlatformId, RoomId, UserId};
use lorikeet_store::conformance::{show, text};
use lorikeet_store::{
    Commit, CommitOutcome, Done, Enter, Entered, LaneGrant, Owner, SessionStore as _, Settle,
    SettleOutcome, TurnGrant,
};
use lorikeet_store_redis::RedisStore;

const OWNER: Owner = Owner::new([7; 16]);

/// How far a conversation's event has come.
pub(crate) enum Step {
    Entered(TurnGrant),
    Committed(Vec<LaneGrant>),
    Settled,
}

pub(crate) type Steps = Vec<(Conversation, Step)>;

/// A whole event; how long until the turn was committed, and until all was done.
pub(crate) async fn turn(store: &RedisStore, conversation: &Conversation) -> (Duration, Duration) {
    let begun = Instant::now();
    let turn = enter(store, conversation).await;
    let lanes = commit(store, conversation, turn).await;
    let committed = begun.elapsed();
    settle(store, conversation, lanes).await;
    (committed, begun.elapsed())
}

pub(crate) async fn enter_all(store: &RedisStore, conversations: &[Conversation]) -> Steps {
    let calls = conversations
        .iter()
        .cloned()
        .map(|conversation| async move {
            let turn = enter(store, &conversation).await;
            (conversation, Step::Entered(turn))
        });
    stream::iter(calls).buffer_unordered(64).collect().await
}

pub(crate) async fn commit_all(store: &RedisStore, steps: Steps) -> Steps {
    let calls = steps.into_iter().map(|(conversation, step)| async move {
        let step = match step {
            Step::Entered(turn) => Step::Committed(commit(store, &conversation, turn).await),
            other => other,
        };
        (conversation, step)
    });
    stream::iter(calls).buffer_unordered(64).collect().await
}

pub(crate) async fn settle_all(store: &RedisStore, steps: Steps) -> Steps {
    let calls = steps.into_iter().map(|(conversation, step)| async move {
        if let Step::Committed(lanes) = step {
            settle(store, &conversation, lanes).await;
        }
        (conversation, Step::Settled)
    });
    stream::iter(calls).buffer_unordered(64).collect().await
}

async fn enter(store: &RedisStore, conversation: &Conversation) -> TurnGrant {
    // Of one width, so that all events are of one size.
    static NEXT: AtomicUsize = AtomicUsize::new(10_000_000);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut event = text(&format!("event {number}"));
    event.order = u64::try_from(number).ok();
    let enter = Enter {
        conversation: conversation.clone(),
        event,
        owner: OWNER,
        token: 1,
        take: true,
    };
    match store.enter(&enter).await {
        Ok(Entered::Turn(turn)) => turn,
        other => panic!("no turn: {other:?}"),
    }
}

async fn commit(
    store: &RedisStore,
    conversation: &Conversation,
    turn: TurnGrant,
) -> Vec<LaneGrant> {
    let mut screen = show(&format!("effect {:08}", turn.version), 1);
    if let EffectBody::Show(present) = &mut screen.body {
        present.screen = std::mem::take(&mut present.screen).text("word ".repeat(90));
    }
    let commit = Commit {
        conversation: conversation.clone(),
        owner: OWNER,
        generation: turn.generation,
        version: turn.version,
        session: "s".repeat(2_000),
        effects: vec![screen],
        consumed: turn
            .mailbox
            .iter()
            .map(|waiting| waiting.sequence)
            .collect(),
        may_deliver: true,
    };
    match store.commit(&commit).await {
        Ok(committed) if committed.outcome == CommitOutcome::Released => committed.lanes,
        other => panic!("no commit: {other:?}"),
    }
}

async fn settle(store: &RedisStore, conversation: &Conversation, lanes: Vec<LaneGrant>) {
    for lane in lanes {
        let done = lane.effects.iter().map(|effect| Done {
            sequence: effect.sequence,
            result: None,
            handle: None,
        });
        let settle = Settle {
            conversation: conversation.clone(),
            lane: lane.lane,
            owner: OWNER,
            generation: lane.generation,
            done: done.collect(),
        };
        match store.settle(&settle).await {
            Ok(settled) if settled.outcome == SettleOutcome::Released => {}
            other => panic!("not settled: {other:?}"),
        }
    }
}

pub(crate) fn conversation(room: &str, user: usize) -> Conversation {
    let ids = (
        PlatformId::new("bench"),
        RoomId::new(room),
        UserId::new(user.to_string()),
    );
    let (Ok(platform), Ok(room), Ok(user)) = ids else {
        panic!("no identifier");
    };
    Conversation {
        platform,
        room,
        thread: None,
        user,
    }
}
