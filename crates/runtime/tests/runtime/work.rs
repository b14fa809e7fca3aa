//! The `work` lane.

use std::sync::atomic::Ordering;
use std::time::Duration;

use lorikeet_runtime::FailedWork;

use crate::support::{Fault, Method, World, pass, person, until};

#[tokio::test(start_paused = true)]
async fn results_arrive_once_as_events() {
    let world = World::new();
    let process = world.start();
    let text = "work bench echo a\nwork bench silent\nwork bench echo b";
    process.says(&world, &person("anna"), text).await;
    pass(1).await;
    let mut said = world.platform.said();
    said.sort();
    assert_eq!(said, ["bench: a", "bench: b"]);
    assert_eq!(process.runtime.counts().jobs, 3);
    assert_eq!(process.runtime.counts().turns, 3);
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_to_the_settling_brings_no_second_result() {
    let world = World::new();
    let process = world.start();
    process.faults.next(
        Method::Settle,
        [Fault::LostReply, Fault::HungReply, Fault::Down],
    );
    process
        .says(&world, &person("anna"), "work bench echo a")
        .await;
    pass(30).await;
    assert_eq!(world.platform.said(), ["bench: a"]);
    assert_eq!(process.runtime.counts().turns, 2);
}

#[tokio::test(start_paused = true)]
async fn a_job_is_repeated_when_it_asks_for_it() {
    let world = World::new();
    let process = world.start();
    process
        .says(&world, &person("anna"), "work bench twice a")
        .await;
    pass(20).await;
    assert_eq!(world.bench.calls().len(), 1, "not before its time");
    until("the result", || world.platform.shows("bench: a")).await;
    let calls = world.bench.calls();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0], calls[1]);
}

#[tokio::test(start_paused = true)]
async fn failures_for_good_reach_the_conversation() {
    let codes = [
        ("bench never", "bench.failed", "hopeless", "never"),
        ("bench crash", "bench.failed", "panicked", "crash"),
        ("bench busy", "bench.failed", "busy", "busy"),
        ("nobody hello", "nobody.failed", "unknown_service", "hello"),
    ];
    for (work, topic, code, request) in codes {
        let world = World::new();
        let process = world.start();
        process
            .says(&world, &person("anna"), &format!("work {work}"))
            .await;
        until("the failure", || !world.platform.messages().is_empty()).await;
        let message = world.platform.messages().remove(0);
        let failed = message.strip_prefix(&format!("{topic}: ")).unwrap();
        let failed: FailedWork = serde_json::from_str(failed).unwrap();
        assert_eq!(failed.code, code);
        assert_eq!(failed.request, request);
        assert_eq!(process.runtime.counts().failed_jobs, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_job_holds_no_other_up() {
    let world = World::new();
    let process = world.start();
    let anna = person("anna");
    process.says(&world, &anna, "work bench slow a").await;
    pass(1).await;
    process.says(&world, &anna, "work bench echo b").await;
    pass(1).await;
    assert_eq!(
        world.platform.said(),
        ["bench: b"],
        "begun while the other is under way"
    );
    until("the slow one", || world.platform.shows("bench: a")).await;
    assert_eq!(world.bench.calls().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn jobs_are_bounded_for_a_conversation_and_for_the_process() {
    let mut world = World::new();
    world.settings.jobs = 6;
    world.settings.jobs_per_conversation = 4;
    let process = world.start();
    let many = ["work bench slow a"; 9].join("\n");
    process.says(&world, &person("anna"), &many).await;
    pass(5).await;
    assert_eq!(world.bench.most.load(Ordering::SeqCst), 4);
    process.says(&world, &person("bela"), &many).await;
    until("all", || process.runtime.counts().jobs == 18).await;
    assert_eq!(world.bench.most.load(Ordering::SeqCst), 6);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(process.runtime.counts().turns, 20);
}
