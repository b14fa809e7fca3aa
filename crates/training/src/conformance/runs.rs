//! Runs: queueing, reading, counting, stopping.

use lorikeet_chat::Point;

use super::Backend;
use super::stage::{
    EDITOR, Stage, anne, ben, blob, done, engine, failed, lora, must, of_engine, other_engine, run,
};
use crate::{
    Claimable, ClaimedRun, Inserted, Progress, Run, RunId, RunState, Sample, Saved, Updated,
    VersionNumber,
};

fn ids(runs: Vec<Run>) -> Vec<RunId> {
    runs.into_iter().map(|run| run.id).collect()
}

pub async fn a_run_comes_back_as_it_was_inserted<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let lora = lora(anne(), 1);
    assert_eq!(stage.save(&lora, EDITOR).await, Saved::Saved);
    let run = Run {
        parent: Some(VersionNumber::FIRST),
        version: VersionNumber::FIRST.next(),
        progress: Progress {
            step: 3,
            total: 500,
            speed: 0.1 + 0.2,
            loss: vec![Point { x: 3.0, y: 0.123 }],
            samples: vec![Sample {
                step: 0,
                prompt: "mycat, “on a mat”".to_owned(),
                blob: blob(80),
            }],
        },
        ..run(&lora, 1)
    };
    assert_eq!(stage.run(&run.id).await, None);
    assert_eq!(stage.insert(&run).await, Inserted::Inserted);
    assert_eq!(stage.run(&run.id).await, Some(run));
}

pub async fn a_run_is_queued_once<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let queued = stage.queued(1).await;
    assert_eq!(stage.insert(&queued).await, Inserted::Exists);
    let ClaimedRun {
        run, generation, ..
    } = stage.claimed().await;
    let run = Run {
        state: RunState::Training,
        ..run
    };
    assert_eq!(stage.update(&run, generation).await, Updated::Updated);
    assert_eq!(stage.insert(&queued).await, Inserted::Exists);
    assert_eq!(stage.run(&run.id).await.as_ref(), Some(&run));
    let run = Run {
        state: failed(),
        ..run
    };
    assert_eq!(stage.update(&run, generation).await, Updated::Updated);
    assert_eq!(stage.insert(&queued).await, Inserted::Exists);
    assert_eq!(stage.run(&run.id).await, Some(run));
}

pub async fn a_lora_trains_once_at_a_time<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let [one, other] = [1, 2].map(|n| lora(anne(), n));
    for lora in [&one, &other] {
        assert_eq!(stage.save(lora, EDITOR).await, Saved::Saved);
    }
    let first = run(&one, 1);
    let second = run(&one, 2);
    assert_eq!(stage.insert(&first).await, Inserted::Inserted);
    assert_eq!(
        stage.insert(&second).await,
        Inserted::Active(first.id.clone())
    );
    assert_eq!(stage.run(&second.id).await, None);

    stage.end(done(90)).await;
    assert_eq!(stage.insert(&run(&other, 3)).await, Inserted::Inserted);
    assert_eq!(stage.insert(&second).await, Inserted::Inserted);
}

pub async fn a_run_needs_its_lora<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let run = run(&lora(anne(), 1), 1);
    assert_eq!(stage.insert(&run).await, Inserted::Gone);
    assert_eq!(stage.run(&run.id).await, None);
}

pub async fn runs_are_listed_newest_first<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let [one, two, others] = [lora(anne(), 1), lora(anne(), 2), lora(ben(), 3)];
    for lora in [&one, &two, &others] {
        assert_eq!(stage.save(lora, EDITOR).await, Saved::Saved);
    }
    let runs = [
        run(&one, 5),
        run(&two, 2),
        run(&others, 4),
        run(&one, 1),
        run(&one, 3),
    ];
    for run in &runs {
        assert_eq!(stage.insert(run).await, Inserted::Inserted);
        stage.end(failed()).await;
    }
    let [five, two_, four, one_, three] = runs.map(|run| run.id);
    let all = must(stage.repository().runs(&anne(), 10).await);
    assert_eq!(
        ids(all),
        [five.clone(), three.clone(), two_.clone(), one_.clone()]
    );
    let newest = must(stage.repository().runs(&anne(), 2).await);
    assert_eq!(ids(newest), [five.clone(), three.clone()]);
    assert_eq!(ids(must(stage.repository().runs(&ben(), 10).await)), [four]);
    let of_one = must(stage.repository().runs_of(&one.id).await);
    assert_eq!(ids(of_one), [five, three, one_]);
    assert_eq!(ids(must(stage.repository().runs_of(&two.id).await)), [two_]);
}

pub async fn waiting_runs_are_counted<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let ahead = async |run: &Run| must(stage.repository().ahead(&run.id).await);
    let mut runs = Vec::new();
    for n in [3, 1, 2] {
        runs.push(stage.queued(n).await);
    }
    let elsewhere = lora(anne(), 4);
    assert_eq!(stage.save(&elsewhere, EDITOR).await, Saved::Saved);
    let elsewhere = of_engine(run(&elsewhere, 0), other_engine());
    assert_eq!(ahead(&elsewhere).await, None);
    assert_eq!(stage.insert(&elsewhere).await, Inserted::Inserted);
    assert_eq!(ahead(&elsewhere).await, Some(0));
    assert_eq!(ahead(&runs[0]).await, Some(2));
    assert_eq!(ahead(&runs[1]).await, Some(0));
    assert_eq!(ahead(&runs[2]).await, Some(1));

    // A claimed run that is still queued waits as before; one that has begun does not.
    let ClaimedRun {
        run, generation, ..
    } = stage.claimed().await;
    assert_eq!(ahead(&runs[0]).await, Some(2));
    let run = Run {
        state: RunState::Preparing,
        ..run
    };
    assert_eq!(stage.update(&run, generation).await, Updated::Updated);
    assert_eq!(ahead(&run).await, None);
    assert_eq!(ahead(&runs[0]).await, Some(1));
    assert_eq!(ahead(&runs[2]).await, Some(0));
}

pub async fn stopping_is_noted_until_the_end<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let queued = stage.queued(1).await;
    let stop = async |id: &RunId| must(stage.repository().request_cancel(id).await);
    assert!(!stop(&run(&lora(anne(), 2), 2).id).await);
    let first = stage.claimed().await;
    assert!(!first.cancel_requested);
    assert_eq!(
        stage.heartbeat(&queued.id, first.generation).await,
        Some(false)
    );
    assert!(stop(&queued.id).await);
    assert!(stop(&queued.id).await);
    assert_eq!(
        stage.heartbeat(&queued.id, first.generation).await,
        Some(true)
    );
    let running = Run {
        state: RunState::Training,
        ..first.run
    };
    assert_eq!(
        stage.update(&running, first.generation).await,
        Updated::Updated
    );
    assert_eq!(
        stage.heartbeat(&queued.id, first.generation).await,
        Some(true),
        "an update does not take the wish back"
    );
    stage.release(&queued.id, first.generation).await;
    let again = stage.claim(Claimable::Of(&[engine()])).await;
    let Some(again) = again else {
        panic!("nothing to claim");
    };
    assert!(again.cancel_requested);
    let ended = Run {
        state: RunState::Cancelled { artifact: None },
        ..again.run
    };
    assert_eq!(
        stage.update(&ended, again.generation).await,
        Updated::Updated
    );
    assert!(!stop(&queued.id).await);
}
