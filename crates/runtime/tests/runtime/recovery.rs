//! What holds when a process dies, sleeps or is cut off.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;

use crate::support::{Fault, Method, Outcome, TAKEOVER, World, pass, person, until};

#[tokio::test(start_paused = true)]
async fn killed_in_the_turn() {
    let world = World::new();
    let first = world.start();
    world.logic.close();
    first.says(&world, &person("anna"), "fresh hello").await;
    until("the turn", || world.logic.tries() == 1).await;
    first.kill();
    world.logic.open();
    let second = world.start();
    let begun = Instant::now();
    until("the screen", || world.platform.shows("hello")).await;
    assert!(begun.elapsed() <= TAKEOVER);
    assert_eq!(second.runtime.counts().turns, 1);
    let generations = world.logic.generations.lock().unwrap().clone();
    assert!(generations[1] > generations[0]);
}

#[tokio::test(start_paused = true)]
async fn killed_between_entering_and_the_turn() {
    let world = World::new();
    let first = world.start();
    let anna = person("anna");
    first.faults.next(Method::Enter, [Fault::HungReply]);
    let event = world.text("fresh hello");
    let runtime = std::sync::Arc::clone(&first.runtime);
    let waiting = tokio::spawn(async move {
        use lorikeet_platform::Inbox as _;
        runtime.accept(&anna, event).await.is_ok()
    });
    until("the request", || first.faults.requests(Method::Enter) == 1).await;
    waiting.abort();
    first.kill();
    let second = world.start();
    pass(TAKEOVER.as_secs()).await;
    assert_eq!(world.platform.said(), ["hello"]);
    assert_eq!(second.runtime.counts().turns, 1);
}

#[tokio::test(start_paused = true)]
async fn killed_after_the_commit() {
    let world = World::new();
    let first = world.start();
    first.faults.next(Method::Commit, [Fault::HungReply]);
    first
        .says(&world, &person("anna"), "fresh hello\nwork bench echo done")
        .await;
    until("the commit", || first.faults.requests(Method::Commit) == 1).await;
    first.kill();
    assert!(world.platform.calls().is_empty());
    let second = world.start();
    until("both", || world.platform.shows("bench: done")).await;
    assert_eq!(world.platform.said(), ["hello", "bench: done"]);
    assert_eq!(world.logic.tries(), 2, "the turn was not run again");
    assert_eq!(second.runtime.counts().turns, 1);
}

#[tokio::test(start_paused = true)]
async fn killed_after_the_call() {
    let world = World::new();
    let first = world.start();
    world.platform.next([Outcome::Hang]);
    first
        .says(&world, &person("anna"), "fresh one\nfresh two")
        .await;
    until("the call", || world.platform.shows("one")).await;
    first.kill();
    let _second = world.start();
    until("the rest", || world.platform.shows("two")).await;
    assert_eq!(world.platform.said(), ["one", "one", "two"]);
    assert_eq!(
        world.platform.messages(),
        ["one", "two"],
        "under the same id it is one message"
    );
}

#[tokio::test(start_paused = true)]
async fn killed_before_the_settling() {
    let world = World::new();
    let first = world.start();
    first.faults.next(Method::Settle, [Fault::Down; 3]);
    first.says(&world, &person("anna"), "fresh one").await;
    until("the settling", || {
        first.faults.requests(Method::Settle) == 2
    })
    .await;
    first.kill();
    let second = world.start();
    until("the repeat", || world.platform.calls().len() == 2).await;
    pass(60).await;
    assert_eq!(world.platform.messages(), ["one"]);
    assert_eq!(second.runtime.counts().delivered, 1);
}

#[tokio::test(start_paused = true)]
async fn killed_in_a_job() {
    let world = World::new();
    let first = world.start();
    first
        .says(&world, &person("anna"), "work bench slow done")
        .await;
    until("the job", || world.bench.calls().len() == 1).await;
    pass(30).await;
    first.kill();
    let _second = world.start();
    until("the result", || world.platform.shows("bench: done")).await;
    let calls = world.bench.calls();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0], calls[1], "under the same id");
    pass(60).await;
    assert_eq!(world.platform.said(), ["bench: done"], "one result");
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_kills_its_process_is_given_up() {
    let world = World::new();
    world.logic.close();
    let mut process = world.start();
    process.says(&world, &person("anna"), "fresh poison").await;
    for death in 1..=3 {
        until("the turn", || world.logic.tries() == death).await;
        process.kill();
        process = world.start();
    }
    until("an apology", || world.platform.shows("sorry")).await;
    assert_eq!(world.logic.tries(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_fenced_turn_does_nothing() {
    let world = World::new();
    let (first, second) = (world.start(), world.start());
    let anna = person("anna");
    world.logic.close();
    first
        .says(&world, &anna, "fresh hello\nwork bench echo done")
        .await;
    until("the turn", || world.logic.tries() == 1).await;
    // The first process is cut off from the store in the middle of its turn.
    first.faults.cut();
    until("the takeover", || world.logic.tries() == 2).await;
    world.logic.open();
    until("the result", || world.platform.shows("bench: done")).await;
    first.faults.mend();
    pass(30).await;
    assert_eq!(world.platform.said(), ["hello", "bench: done"]);
    assert_eq!(world.bench.calls().len(), 1);
    assert_eq!(first.runtime.counts().turns, 0);
    assert_eq!(first.runtime.counts().fenced, 1);
    assert_eq!(second.runtime.counts().turns, 2);
}

#[tokio::test(start_paused = true)]
async fn a_late_call_is_healed_by_a_redraw() {
    let world = World::new();
    let (first, second) = (world.start(), world.start());
    let anna = person("anna");
    // The call takes longer than the lease, which cannot be renewed meanwhile.
    world
        .platform
        .next([Outcome::Slow(Duration::from_secs(25))]);
    first.says(&world, &anna, "fresh one").await;
    until("the call", || world.platform.shows("one")).await;
    first.faults.cut();
    until("the takeover", || world.platform.calls().len() == 2).await;
    second.says(&world, &anna, "fresh two").await;
    pass(15).await;
    first.faults.mend();
    until("the redraw", || world.platform.shows("redrawn")).await;
    assert_eq!(world.platform.said(), ["one", "one", "two", "redrawn"]);
    assert_eq!(first.runtime.counts().fenced, 1, "the late settling");
}

#[tokio::test(start_paused = true)]
async fn a_lane_cut_off_while_it_waits_starts_no_call() {
    let world = World::new();
    let (first, _second) = (world.start(), world.start());
    world
        .platform
        .next([Outcome::Retry(Some(Duration::from_secs(30)))]);
    first.says(&world, &person("anna"), "fresh one").await;
    until("the call", || world.platform.calls().len() == 1).await;
    first.faults.cut();
    pass(60).await;
    assert_eq!(
        world.platform.said(),
        ["one", "one"],
        "the second by the other process"
    );
    assert_eq!(first.runtime.counts().delivered, 0);
}

#[tokio::test(start_paused = true)]
async fn a_job_whose_lease_another_took_is_dropped() {
    let world = World::new();
    let (first, _second) = (world.start(), world.start());
    first
        .says(&world, &person("anna"), "work bench slow done")
        .await;
    until("the job", || world.bench.calls().len() == 1).await;
    // To the store the lease has run out, long before its holder would think so.
    world.skew(11);
    pass(5).await;
    assert_eq!(world.bench.calls().len(), 2, "taken over");
    assert_eq!(world.bench.running.load(Ordering::SeqCst), 1, "one is left");
    until("the result", || world.platform.shows("bench: done")).await;
    pass(60).await;
    assert_eq!(world.platform.said(), ["bench: done"]);
}

#[tokio::test(start_paused = true)]
async fn many_conversations_survive_many_kills() {
    let mut world = World::new();
    world.settings.turns = 4;
    let people: Vec<_> = (0..12).map(|n| person(&n.to_string())).collect();
    let mut process = world.start();
    for round in 0..10 {
        for (n, one) in people.iter().enumerate() {
            process
                .says(
                    &world,
                    one,
                    &format!("fresh {round}.{n}\nwork bench echo {round}.{n}"),
                )
                .await;
        }
        process.kill();
        process = world.start();
    }
    let shown = || world.platform.said().into_iter().collect::<HashSet<_>>();
    until("everything", || {
        let said = shown();
        (0..10).all(|round| (0..12).all(|n| said.contains(&format!("{round}.{n}"))))
    })
    .await;
    pass(60).await;
    // First deliveries of each person are in order.
    let calls = world.platform.calls();
    for n in 0..12 {
        let wanted: Vec<String> = (0..10).map(|round| format!("{round}.{n}")).collect();
        let mut first = Vec::new();
        for call in calls.iter().filter(|call| call.who == n.to_string()) {
            if wanted.contains(&call.says) && !first.contains(&call.says) {
                first.push(call.says.clone());
            }
        }
        assert_eq!(first, wanted);
    }
    // Each event and each result had one turn, in whatever order results came.
    for (n, one) in people.iter().enumerate() {
        let mut turns = world.turns_of(one).await;
        turns.retain(|about| about != "edit redrawn");
        turns.sort();
        let mut wanted: Vec<String> = (0..10)
            .flat_map(|round| {
                let event = format!("fresh {round}.{n}\nwork bench echo {round}.{n}");
                [event, format!("news bench: {round}.{n}")]
            })
            .collect();
        wanted.sort();
        assert_eq!(turns, wanted);
    }
}
