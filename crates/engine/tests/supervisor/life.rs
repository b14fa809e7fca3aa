//! A run's life when all goes well.

use std::time::Duration;

use bytes::Bytes;
use lorikeet_engine::{Pace, Report};
use lorikeet_training::{RunState, Sample, Standing};
use tokio::time::sleep;

use crate::engine::{STEPS, Studio};
use crate::world::{PACE, World};

#[tokio::test(start_paused = true)]
async fn a_run_is_trained_and_its_owner_told() {
    let world = World::new();
    let studio = Studio::new("studio");
    let _process = world.start(&[&studio]);
    let id = world.queue(1, "studio").await;

    world.until(&id, "training").await;
    let job = studio.job(&id).unwrap();
    assert_eq!(job.title, "My Cat 1.0");
    assert_eq!(job.pictures[0].bytes, "picture 1");
    assert_eq!(job.pictures[0].caption, "mycat, on a mat");

    let run = world.until_settled(&id).await;
    let RunState::Done { artifact } = &run.state else {
        panic!("{:?}", run.state);
    };
    assert_eq!(artifact.file_name, "my-cat-1.0.safetensors");
    assert_eq!(artifact.step, STEPS);
    let file = world.read(&artifact.blob).await.unwrap();
    assert_eq!(file.len() as u64, artifact.size);
    assert_eq!((run.progress.step, run.progress.total), (STEPS, STEPS));
    assert!(!studio.knows(&id), "forgotten");
    assert_eq!(studio.started(), [id]);
}

#[tokio::test(start_paused = true)]
async fn newer_news_replace_older_ones_but_never_the_last() {
    let world = World::new();
    let studio = Studio::new("studio");
    let _process = world.start(&[&studio]);
    let id = world.queue(1, "studio").await;
    world.until_settled(&id).await;

    let news = world.news(&id);
    let rising = news
        .windows(2)
        .all(|pair| pair[0].coalesce.sequence < pair[1].coalesce.sequence);
    assert!(rising);
    let (last, others) = news.split_last().unwrap();
    assert_eq!(last.news.standing, Standing::Done);
    assert!(!last.coalesce.replaceable);
    assert!(others.len() >= 3, "preparing, training, collecting");
    for news in others {
        assert!(news.coalesce.replaceable);
        assert_eq!(news.news.standing, Standing::Running);
        assert_eq!(news.coalesce.key, last.coalesce.key);
    }
}

#[tokio::test(start_paused = true)]
async fn samples_are_kept_once() {
    let world = World::new();
    let studio = Studio::new("studio").stuck_at(3);
    let process = world.start(&[&studio]);
    let id = world.queue(1, "studio").await;
    world.until_that(&id, |run| run.progress.step == 2).await;
    let sample = || Report::Sample {
        step: 2,
        prompt: "mycat".to_owned(),
        image: Bytes::from_static(b"a picture"),
    };
    studio.say(&id, sample());
    let has_sample = |run: &lorikeet_training::Run| !run.progress.samples.is_empty();
    let run = world.until_that(&id, has_sample).await;
    let [Sample { step, prompt, blob }] = &run.progress.samples[..] else {
        panic!("{:?}", run.progress.samples);
    };
    assert_eq!((*step, prompt.as_str()), (2, "mycat"));
    assert_eq!(world.read(blob).await.unwrap(), "a picture");

    // Told again, as engines do to whoever comes back.
    sleep(PACE.progress * 2).await;
    let writes = world.repository.writes();
    studio.say(&id, sample());
    sleep(PACE.progress * 2).await;
    assert_eq!(world.repository.writes(), writes);
    assert_eq!(world.run(&id).await.progress.samples.len(), 1);
    process.kill().await;
}

#[tokio::test(start_paused = true)]
async fn progress_is_written_at_its_pace() {
    let world = World::new();
    let studio = Studio::new("studio").stuck_at(1);
    let pace = Pace {
        progress: Duration::from_secs(1),
        ..PACE
    };
    let _process = world.start_at(pace, &[&studio]);
    let id = world.queue(1, "studio").await;
    world.until(&id, "preparing").await;
    let say = |step| {
        let report = Report::Step {
            step,
            total: 1_000,
            loss: 0.1,
            speed: 100.0,
        };
        studio.say(&id, report);
    };
    sleep(Duration::from_millis(500)).await;
    say(1);
    world.until(&id, "training").await;
    let before = world.repository.writes();
    for step in 2..=500 {
        say(step);
        sleep(Duration::from_millis(10)).await;
    }
    let written = world.repository.writes() - before;
    assert!((4..=6).contains(&written), "{written} writes in 5 s");
    // The last ones are not forgotten.
    sleep(Duration::from_secs(2)).await;
    assert_eq!(world.run(&id).await.progress.step, 500);
}
