//! From an event to a committed turn.

use std::sync::atomic::Ordering;
use std::time::Duration;

use lorikeet_chat::{Conversation, EventId};
use lorikeet_platform::{Accepted, Inbox as _};
use lorikeet_runtime::effect_id;
use lorikeet_store::{LEASE, MAILBOX_BOUND};

use crate::support::{Fault, Method, Outcome, World, numbered, pass, person, until};

#[tokio::test(start_paused = true)]
async fn an_event_becomes_a_screen_in_two_round_trips() {
    let world = World::new();
    let process = world.start();
    let anna = person("anna");
    let event = world.text("fresh hello");
    let id = event.id.clone();
    let accepted = process.runtime.accept(&anna, event).await.unwrap();
    assert_eq!(accepted, Accepted::Accepted);
    until("the screen", || world.platform.shows("hello")).await;

    let calls = world.platform.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].id, effect_id(&anna, &id, 0).unwrap().as_str());
    assert_eq!(process.faults.requests(Method::Enter), 1);
    assert_eq!(process.faults.requests(Method::Commit), 1);
    assert_eq!(process.faults.requests(Method::Renew), 0);
    pass(5).await;
    assert_eq!(process.faults.requests(Method::Settle), 1);
    assert_eq!(
        process.faults.requests(Method::Claim),
        0,
        "nothing is left to be found"
    );
}

#[tokio::test(start_paused = true)]
async fn events_of_a_conversation_take_turns_in_order() {
    let world = World::new();
    let process = world.start();
    let anna = person("anna");
    for n in 0..20 {
        process.says(&world, &anna, &format!("fresh {n}")).await;
    }
    until("all", || world.platform.messages().len() == 20).await;
    let wanted: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    assert_eq!(world.platform.said(), wanted);
    assert_eq!(process.runtime.counts().turns, 20);
}

#[tokio::test(start_paused = true)]
async fn a_repeated_event_takes_no_second_turn() {
    let world = World::new();
    let process = world.start();
    let anna = person("anna");
    let accept = || process.runtime.accept(&anna, numbered(1, "fresh once"));
    assert_eq!(accept().await.unwrap(), Accepted::Accepted);
    assert_eq!(accept().await.unwrap(), Accepted::Duplicate);
    pass(5).await;
    assert_eq!(accept().await.unwrap(), Accepted::Duplicate);
    pass(5).await;
    assert_eq!(world.platform.said(), ["once"]);
    assert_eq!(process.runtime.counts().duplicates, 2);
}

#[tokio::test(start_paused = true)]
async fn a_full_mailbox_refuses_and_recovers() {
    let world = World::new();
    let process = world.start();
    let anna = person("anna");
    world.logic.close();
    for _ in 0..MAILBOX_BOUND {
        process.says(&world, &anna, "fresh one").await;
    }
    let late = world.text("fresh late");
    let accept = || process.runtime.accept(&anna, late.clone());
    assert_eq!(accept().await.unwrap(), Accepted::Full);
    world.logic.open();
    until("room", || process.runtime.counts().turns > 0).await;
    assert_eq!(accept().await.unwrap(), Accepted::Accepted);
    until("it", || world.platform.shows("late")).await;
    assert_eq!(world.platform.messages().len(), MAILBOX_BOUND + 1);
}

#[tokio::test(start_paused = true)]
async fn three_failed_tries_end_in_an_apology() {
    let world = World::new();
    let process = world.start();
    let anna = person("anna");
    process.says(&world, &anna, "fresh before").await;
    until("a session", || world.platform.shows("before")).await;
    world.logic.failures.store(3, Ordering::SeqCst);
    process.says(&world, &anna, "fresh unlucky").await;
    until("an apology", || world.platform.shows("sorry")).await;
    process.says(&world, &anna, "fresh after").await;
    until("the next", || world.platform.shows("after")).await;
    assert_eq!(world.logic.tries(), 5);
    assert_eq!(process.runtime.counts().apologies, 1);
    assert_eq!(world.platform.said(), ["before", "sorry", "after"]);
}

#[tokio::test(start_paused = true)]
async fn two_failed_tries_are_nobodys_business() {
    let world = World::new();
    let process = world.start();
    world.logic.failures.store(2, Ordering::SeqCst);
    process.says(&world, &person("anna"), "fresh shy").await;
    until("the screen", || world.platform.shows("shy")).await;
    assert_eq!(process.runtime.counts().apologies, 0);
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_panics_is_answered_with_an_apology_at_once() {
    let world = World::new();
    let process = world.start();
    process.says(&world, &person("anna"), "panic").await;
    pass(1).await;
    assert_eq!(world.platform.said(), ["sorry"]);
    assert_eq!(world.logic.tries(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_long_turn_keeps_its_lease() {
    let world = World::new();
    let (process, other) = (world.start(), world.start());
    world.logic.close();
    process.says(&world, &person("anna"), "fresh slow").await;
    pass(4 * LEASE.as_secs()).await;
    world.logic.open();
    until("the screen", || world.platform.shows("slow")).await;
    assert_eq!(world.logic.tries(), 1, "nobody took it over");
    assert_eq!(other.runtime.counts().turns, 0);
    assert!(process.faults.requests(Method::Renew) >= 12);
}

#[tokio::test(start_paused = true)]
async fn lost_requests_and_replies_change_nothing() {
    let faults = [Fault::Down, Fault::LostReply, Fault::HungReply];
    for method in [Method::Enter, Method::Commit, Method::Settle] {
        for fault in faults {
            let world = World::new();
            let process = world.start();
            let anna = person("anna");
            process.faults.next(method, [fault]);
            process
                .says(&world, &anna, "fresh once\nwork bench echo done")
                .await;
            pass(5).await;
            process.says(&world, &anna, "fresh twice").await;
            pass(5).await;
            let context = format!("{method:?} {fault:?}");
            // A settling that is repeated after it gave the lane up is answered with a redraw; nothing else shows.
            let mut said = world.platform.said();
            said.retain(|says| says != "redrawn");
            assert_eq!(said, ["once", "bench: done", "twice"], "{context}");
            assert_eq!(world.bench.calls().len(), 1, "{context}");
            let mut turns = world.turns_of(&anna).await;
            turns.retain(|about| about != "edit redrawn");
            let once = "fresh once\nwork bench echo done";
            assert_eq!(
                turns,
                [once, "news bench: done", "fresh twice"],
                "{context}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_that_cannot_be_stored_is_not_accepted() {
    let world = World::new();
    let process = world.start();
    let anna = person("anna");
    process.faults.cut();
    let event = world.text("fresh again");
    assert!(process.runtime.accept(&anna, event.clone()).await.is_err());
    assert_eq!(world.logic.tries(), 0);
    process.faults.mend();
    let accepted = process.runtime.accept(&anna, event).await.unwrap();
    assert_eq!(accepted, Accepted::Accepted);
    until("the screen", || world.platform.shows("again")).await;
}

#[tokio::test(start_paused = true)]
async fn who_hangs_up_early_leaves_no_turn_behind() {
    let world = World::new();
    let process = world.start();
    let anna = person("anna");
    process.faults.cut();
    let event = world.text("fresh heard");
    let waiting = process.runtime.accept(&anna, event);
    let impatient = tokio::time::timeout(Duration::from_millis(10), waiting);
    assert!(impatient.await.is_err());
    process.faults.mend();
    pass(1).await;
    assert_eq!(world.platform.said(), ["heard"]);
}

#[tokio::test(start_paused = true)]
async fn turns_past_the_limit_wait_in_the_store() {
    let mut world = World::new();
    world.settings.turns = 2;
    // Nothing is to be left to chance and the sweep.
    world.settings.sweep_every = Duration::from_secs(600);
    let process = world.start();
    world.logic.close();
    let people: Vec<Conversation> = (0..6).map(|n| person(&n.to_string())).collect();
    for one in &people {
        process.says(&world, one, "fresh hello").await;
    }
    pass(30).await;
    assert_eq!(world.logic.tries(), 2);
    let begun = tokio::time::Instant::now();
    world.logic.open();
    until("all", || world.platform.messages().len() == 6).await;
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "who waits is served as soon as there is room"
    );
    assert_eq!(world.logic.tries(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_delivery_holds_no_turn_of_others_up() {
    let mut world = World::new();
    world.settings.turns = 1;
    world.settings.sweep_every = Duration::from_secs(600);
    let process = world.start();
    let (anna, bela) = (person("anna"), person("bela"));
    // Her platform asks for a pause; nobody else's.
    world
        .platform
        .next([Outcome::Retry(Some(Duration::from_secs(60)))]);
    process.says(&world, &anna, "fresh hello").await;
    until("a call for anna", || world.platform.calls().len() == 1).await;
    let begun = tokio::time::Instant::now();
    process.says(&world, &bela, "fresh hello").await;
    until("bela's screen", || world.platform.messages().len() == 1).await;
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn effect_ids_are_stable_and_their_own() {
    let id = |user: &str, event: &str, ordinal| {
        let event = EventId::new(event).unwrap();
        effect_id(&person(user), &event, ordinal)
            .unwrap()
            .to_string()
    };
    // Stored ids outlive versions of this program.
    assert_eq!(id("anna", "1", 0), "5425baeba03af47672e33a48b9a1bacc");
    let others = [id("anna", "1", 1), id("anna", "2", 0), id("bela", "1", 0)];
    assert!(!others.contains(&id("anna", "1", 0)));
}
