//! The `deliver` lane.

use std::time::Duration;

use lorikeet_platform::Accepted;
use tokio::time::Instant;

use crate::support::{Outcome, World, pass, person, progress, until};

#[tokio::test(start_paused = true)]
async fn what_waits_behind_a_failed_call_stays_behind() {
    let world = World::new();
    let process = world.start();
    let anna = person("anna");
    world
        .platform
        .next([Outcome::Retry(None), Outcome::Retry(None)]);
    process.says(&world, &anna, "fresh one\nfresh two").await;
    process.says(&world, &anna, "fresh three").await;
    until("all", || world.platform.messages().len() == 3).await;
    assert_eq!(world.platform.said(), ["one", "one", "one", "two", "three"]);
    let calls = world.platform.calls();
    assert!(calls[1].at - calls[0].at >= Duration::from_secs(1));
    assert!(
        calls[2].at - calls[1].at >= Duration::from_secs(2),
        "waits grow"
    );
    assert_eq!(calls[0].id, calls[2].id, "a repeat has the same id");
}

#[tokio::test(start_paused = true)]
async fn other_conversations_do_not_wait() {
    let world = World::new();
    let process = world.start();
    world
        .platform
        .next([Outcome::Slow(Duration::from_secs(25))]);
    process.says(&world, &person("anna"), "fresh slow").await;
    pass(1).await;
    process.says(&world, &person("bela"), "fresh quick").await;
    pass(1).await;
    assert!(world.platform.shows("quick"));
    assert_eq!(process.runtime.counts().delivered, 1);
}

#[tokio::test(start_paused = true)]
async fn a_slow_call_keeps_its_lane() {
    let world = World::new();
    let (process, other) = (world.start(), world.start());
    world
        .platform
        .next([Outcome::Slow(Duration::from_secs(25))]);
    process
        .says(&world, &person("anna"), "fresh one\nfresh two")
        .await;
    until("both", || world.platform.shows("two")).await;
    assert_eq!(world.platform.said(), ["one", "two"]);
    assert_eq!(other.runtime.counts().claimed, 0);
}

#[tokio::test(start_paused = true)]
async fn the_platforms_own_wait_is_kept() {
    let world = World::new();
    let process = world.start();
    let wait = Duration::from_secs(40);
    world.platform.next([Outcome::Retry(Some(wait))]);
    process.says(&world, &person("anna"), "fresh one").await;
    until("it", || world.platform.shows("one")).await;
    let calls = world.platform.calls();
    assert!(calls[1].at - calls[0].at >= wait);
    assert_eq!(
        process.runtime.counts().fenced,
        0,
        "the lease was kept meanwhile"
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_that_never_answers_is_repeated_under_its_id() {
    let world = World::new();
    let process = world.start();
    world.platform.next([Outcome::Hang]);
    process
        .says(&world, &person("anna"), "fresh one\nfresh two")
        .await;
    until("all", || world.platform.shows("two")).await;
    assert_eq!(world.platform.said(), ["one", "one", "two"]);
    assert_eq!(world.platform.messages(), ["one", "two"]);
}

#[tokio::test(start_paused = true)]
async fn what_can_never_be_delivered_holds_nothing_up() {
    let world = World::new();
    let process = world.start();
    world.platform.next([Outcome::Permanent]);
    process
        .says(&world, &person("anna"), "fresh one\nfresh two")
        .await;
    pass(1).await;
    assert_eq!(world.platform.messages(), ["two"]);
    assert_eq!(process.runtime.counts().undelivered, 1);
}

#[tokio::test(start_paused = true)]
async fn patience_has_an_end() {
    let mut world = World::new();
    world.settings.patience = Duration::from_secs(100);
    let process = world.start();
    world.platform.next([Outcome::Retry(None); 20]);
    let begun = Instant::now();
    process.says(&world, &person("anna"), "fresh one").await;
    until("the end", || process.runtime.counts().undelivered == 1).await;
    assert!(begun.elapsed() <= world.settings.patience);
    let tries = world.platform.calls().len();
    pass(300).await;
    assert_eq!(world.platform.calls().len(), tries, "it is settled");
}

#[tokio::test(start_paused = true)]
async fn an_edit_that_the_next_one_replaces_is_skipped() {
    let world = World::new();
    let process = world.start();
    let anna = person("anna");
    process.says(&world, &anna, "fresh zero").await;
    pass(1).await;
    process
        .says(&world, &anna, "edit one\nedit two\nanswer yes\nedit three")
        .await;
    pass(1).await;
    assert_eq!(world.platform.said(), ["zero", "(yes)", "three"]);
    assert_eq!(process.runtime.counts().superseded, 2);
}

#[tokio::test(start_paused = true)]
async fn what_stays_in_the_room_is_not_skipped() {
    let world = World::new();
    let process = world.start();
    let anna = person("anna");
    // Without a message yet, the first edit makes one.
    process.says(&world, &anna, "edit one\nedit two").await;
    pass(1).await;
    // The last word of an older message, and a file.
    process
        .says(&world, &anna, "edit three\nfresh four\nfile five\nedit six")
        .await;
    pass(1).await;
    assert_eq!(
        world.platform.said(),
        ["one", "two", "three", "four", "five", "six"]
    );
    assert_eq!(world.platform.messages(), ["three", "six"]);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_asked_for_takes_no_screens_place() {
    let world = World::new();
    let process = world.start();
    let anna = person("anna");
    process.says(&world, &anna, "fresh zero").await;
    pass(1).await;
    process
        .says(&world, &anna, "edit one\ndownload two\nedit three")
        .await;
    pass(1).await;
    assert_eq!(world.platform.said(), ["zero", "one", "two", "three"]);
}

#[tokio::test(start_paused = true)]
async fn progress_is_spaced_and_ends_with_the_last() {
    let world = World::new();
    let process = world.start();
    let anna = person("anna");
    process.says(&world, &anna, "fresh run").await;
    pass(1).await;
    let begun = Instant::now();
    for n in 1..=600 {
        process
            .runtime
            .post(&anna, progress(n, true))
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    process
        .runtime
        .post(&anna, progress(601, false))
        .await
        .unwrap();
    assert_eq!(
        process
            .runtime
            .post(&anna, progress(599, true))
            .await
            .unwrap(),
        Accepted::Duplicate,
        "late progress is stale",
    );
    until("the end", || world.platform.shows("progress: 601")).await;
    let edits = world.platform.calls().len() - 1;
    let minutes = begun.elapsed().as_secs_f64() / 60.0;
    assert!(
        (edits as f64) <= 20.0 * minutes.ceil(),
        "{edits} edits in {minutes} minutes"
    );
    assert!(edits >= 10, "progress is seen: {edits} edits");
    pass(60).await;
    assert_eq!(world.platform.messages(), ["progress: 601"]);
}

#[tokio::test(start_paused = true)]
async fn spacing_holds_nothing_up_that_a_person_waits_for() {
    for next in ["fresh now", "answer now", "edit now"] {
        let world = World::new();
        let process = world.start();
        let anna = person("anna");
        process.says(&world, &anna, "fresh run").await;
        pass(1).await;
        // The burst is used up, and one edit waits for its moment.
        for n in 1..=6 {
            process
                .runtime
                .post(&anna, progress(n, true))
                .await
                .unwrap();
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(world.platform.said().last().unwrap(), "progress: 5");
        let begun = Instant::now();
        process.says(&world, &anna, next).await;
        until("it", || {
            world.platform.said().last().unwrap().contains("now")
        })
        .await;
        assert!(begun.elapsed() < Duration::from_secs(1));
        let said = world.platform.said();
        let before = said[said.len() - 2].as_str();
        // In order all the same; what the same message says next replaces what waits.
        let is_edit = next.starts_with("edit");
        assert_eq!(
            before,
            if is_edit {
                "progress: 5"
            } else {
                "progress: 6"
            }
        );
    }
}
