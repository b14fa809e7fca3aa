//! LoRAs that are training: what is frozen, and what is not.

use std::time::Duration;

use super::Backend;
use super::stage::{
    EDITOR, START, Stage, anne, caption, done, lora, must, name, other_engine, revised, run,
    settings, trigger, with_picture,
};
use crate::{Deleted, Inserted, Lora, RunState, Saved, SlotNumber};

/// A LoRA with a queued run.
async fn training<B: Backend>(stage: &Stage<B>) -> Lora {
    let lora = lora(anne(), 1);
    assert_eq!(stage.save(&lora, EDITOR).await, Saved::Saved);
    assert_eq!(stage.insert(&run(&lora, 1)).await, Inserted::Inserted);
    lora
}

pub async fn a_training_lora_keeps_its_dataset<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let lora = training(&stage).await;
    let one = SlotNumber(1);
    let datasets = [
        with_picture(lora.dataset.clone(), 5),
        lora.dataset.clone().remove(one),
        lora.dataset.clone().caption(one, None).0,
        lora.dataset.clone().caption(one, Some(caption("a dog"))).0,
    ];
    let mut changes: Vec<Lora> = datasets
        .into_iter()
        .map(|dataset| Lora {
            dataset,
            ..revised(&lora)
        })
        .collect();
    changes.push(Lora {
        trigger: trigger("mydog"),
        ..revised(&lora)
    });
    for change in changes {
        assert_eq!(stage.save(&change, EDITOR).await, Saved::Frozen);
        assert_eq!(stage.save(&change, EDITOR + 1).await, Saved::Frozen);
    }
    assert_eq!(stage.lora(&lora.id).await, Some(lora));
}

pub async fn a_training_lora_may_change_otherwise<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let lora = training(&stage).await;
    let changed = Lora {
        name: name("Renamed"),
        settings: Some(settings(other_engine())),
        updated: START.after(Duration::from_secs(60)),
        ..revised(&lora)
    };
    assert_eq!(stage.save(&changed, EDITOR).await, Saved::Saved);
    assert_eq!(stage.lora(&lora.id).await, Some(changed));
}

pub async fn a_frozen_save_leaves_no_trace<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let lora = training(&stage).await;
    let frozen = Lora {
        trigger: trigger("mydog"),
        ..revised(&lora)
    };
    assert_eq!(stage.save(&frozen, EDITOR + 1).await, Saved::Frozen);
    let renamed = Lora {
        name: name("Renamed"),
        ..revised(&lora)
    };
    assert_eq!(stage.save(&renamed, EDITOR).await, Saved::Saved);
}

pub async fn an_ended_run_frees_the_dataset<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let lora = training(&stage).await;
    let changed = Lora {
        dataset: with_picture(lora.dataset.clone(), 5),
        ..revised(&lora)
    };
    assert_eq!(stage.save(&changed, EDITOR).await, Saved::Frozen);
    stage.end(RunState::Cancelled { artifact: None }).await;
    assert_eq!(stage.save(&changed, EDITOR).await, Saved::Saved);
    assert_eq!(stage.lora(&lora.id).await, Some(changed));
}

pub async fn a_training_lora_is_not_deleted<B: Backend>() {
    let stage = Stage::<B>::new().await;
    let lora = training(&stage).await;
    let active = run(&lora, 1).id;
    assert_eq!(
        stage.delete(&lora.id, EDITOR).await,
        Deleted::Training(active.clone())
    );
    assert_eq!(stage.delete(&lora.id, EDITOR - 1).await, Deleted::Fenced);
    assert_eq!(stage.lora(&lora.id).await.as_ref(), Some(&lora));
    assert!(stage.run(&active).await.is_some());

    stage.end(done(90)).await;
    assert_eq!(stage.delete(&lora.id, EDITOR).await, Deleted::Deleted);
    assert_eq!(stage.run(&active).await, None);
    assert_eq!(must(stage.repository().runs_of(&lora.id).await), []);
    assert_eq!(must(stage.repository().runs(&anne(), 10).await), []);
    assert_eq!(stage.insert(&run(&lora, 1)).await, Inserted::Gone);
    assert_eq!(stage.insert(&run(&lora, 2)).await, Inserted::Gone);
}
