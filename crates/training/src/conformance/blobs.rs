//! Blobs: which are still used.

use super::Backend;
use super::stage::{EDITOR, Stage, anne, artifact, blob, done, lora, revised, run};
use crate::{Dataset, Deleted, Inserted, Lora, Place, Run, RunState, Sample, Saved, SlotNumber};

pub async fn blobs_of_pictures_are_used<B: Backend>() {
    let stage = Stage::<B>::new().await;
    assert!(!stage.uses(&blob(1)).await);
    let lora = lora(anne(), 1);
    assert_eq!(stage.save(&lora, EDITOR).await, Saved::Saved);
    for seed in [1, 4, 101, 104] {
        assert!(stage.uses(&blob(seed)).await, "{seed}");
    }
    assert!(!stage.uses(&blob(5)).await);
    assert!(
        !stage.uses(&blob(201)).await,
        "the original's hash is no blob"
    );
    let changed = Lora {
        dataset: lora.dataset.clone().remove(SlotNumber(1)),
        ..revised(&lora)
    };
    assert_eq!(stage.save(&changed, EDITOR).await, Saved::Saved);
    assert!(!stage.uses(&blob(1)).await);
    assert!(!stage.uses(&blob(101)).await);
    assert!(stage.uses(&blob(2)).await);
}

pub async fn a_picture_being_replaced_is_used<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let lora = lora(anne(), 1);
    let place = Place::At(SlotNumber(1));
    let (dataset, _) = lora.dataset.clone().reserve(place, 20, "i", "new.png");
    let lora = Lora { dataset, ..lora };
    assert_eq!(stage.save(&lora, EDITOR).await, Saved::Saved);
    assert!(stage.uses(&blob(1)).await);
    assert!(stage.uses(&blob(101)).await);
}

pub async fn blobs_of_a_run_are_used<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let queued = stage.queued(1).await;
    let mut claimed = stage.claimed().await;
    assert!(!stage.uses(&blob(80)).await);
    claimed.run.progress.push_sample(Sample {
        step: 250,
        prompt: "mycat".to_owned(),
        blob: blob(80),
    });
    stage.update(&claimed.run, claimed.generation).await;
    assert!(stage.uses(&blob(80)).await);

    // The run goes on with the pictures it began with, whatever becomes of the LoRA afterwards.
    let run = Run {
        state: done(90),
        ..claimed.run
    };
    stage.update(&run, claimed.generation).await;
    let Some(lora) = stage.lora(&queued.lora).await else {
        panic!("the LoRA is gone");
    };
    let emptied = Lora {
        dataset: Dataset::default(),
        ..revised(&lora)
    };
    assert_eq!(stage.save(&emptied, EDITOR).await, Saved::Saved);
    assert!(stage.uses(&blob(1)).await);
    assert!(stage.uses(&blob(80)).await);
    assert!(
        !stage.uses(&blob(101)).await,
        "an engine needs no thumbnails"
    );
}

pub async fn artifacts_are_used<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let lora = lora(anne(), 1);
    assert_eq!(stage.save(&lora, EDITOR).await, Saved::Saved);
    let ends = [
        (90, done(90)),
        (
            91,
            RunState::Cancelled {
                artifact: Some(artifact(91)),
            },
        ),
    ];
    for (seed, state) in ends {
        assert!(!stage.uses(&blob(seed)).await);
        let run = run(&lora, u32::from(seed));
        assert_eq!(stage.insert(&run).await, Inserted::Inserted);
        stage.end(state).await;
        assert!(stage.uses(&blob(seed)).await);
    }
}

pub async fn nobody_uses_what_was_deleted<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let run = stage.queued(1).await;
    // Another LoRA has the same pictures.
    let other = lora(anne(), 2);
    assert_eq!(stage.save(&other, EDITOR).await, Saved::Saved);
    stage.end(done(90)).await;
    assert_eq!(stage.delete(&run.lora, EDITOR).await, Deleted::Deleted);
    assert!(!stage.uses(&blob(90)).await);
    assert!(stage.uses(&blob(1)).await);
    assert_eq!(stage.delete(&other.id, EDITOR).await, Deleted::Deleted);
    assert!(!stage.uses(&blob(1)).await);
    assert!(!stage.uses(&blob(101)).await);
}
