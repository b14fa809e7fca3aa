//! Training, on a handful of drawn pictures.

use std::sync::Arc;

use super::{Item, Settings, Trainer, sample};
use crate::base_model::BaseModel;
use crate::draw::draw_lorikeets;
use crate::error::Error;
use crate::picture::nearest_distance;

fn items(count: usize) -> Vec<Item> {
    draw_lorikeets(1, count)
        .into_iter()
        .map(|drawing| Item {
            picture: drawing.picture,
            caption: format!("lorkit, {}", drawing.caption),
        })
        .collect()
}

fn settings(steps: usize) -> Settings {
    Settings {
        steps,
        rank: 4,
        alpha: 4.0,
        batch: 4,
        ..Settings::default()
    }
}

fn trainer(steps: usize) -> Trainer {
    let base = Arc::new(BaseModel::shipped().unwrap());
    Trainer::new(base, settings(steps), items(5)).unwrap()
}

fn run(trainer: &mut Trainer, until: usize) {
    while trainer.steps() < until {
        trainer.step().unwrap();
    }
}

#[test]
fn before_the_first_step_a_lora_changes_nothing() {
    let trainer = trainer(1);
    let with = trainer.sample(&["a red bird"], 3).unwrap();
    let without = sample(&trainer.base, None, &["a red bird"], 3).unwrap();
    assert_eq!(with, without);
}

#[test]
fn training_lowers_the_probe_loss_and_moves_samples_to_the_data_set() {
    let mut trainer = trainer(120);
    let items = items(5);
    let pictures: Vec<_> = items.iter().map(|item| item.picture.clone()).collect();
    let prompts: Vec<_> = items.iter().map(|item| item.caption.as_str()).collect();
    let distance =
        |trainer: &Trainer| nearest_distance(&trainer.sample(&prompts, 1).unwrap(), &pictures);
    let (loss_before, distance_before) = (trainer.probe().unwrap(), distance(&trainer));
    run(&mut trainer, 120);
    let (loss, distance) = (trainer.probe().unwrap(), distance(&trainer));
    assert!(loss < 0.8 * loss_before, "{loss_before} to {loss}");
    assert!(
        distance < 0.9 * distance_before,
        "{distance_before} to {distance}"
    );
}

#[test]
fn a_resumed_run_is_the_run_bit_for_bit() {
    let mut whole = trainer(8);
    run(&mut whole, 8);

    let mut first = trainer(8);
    run(&mut first, 5);
    let checkpoint = first.checkpoint().unwrap();
    let base = Arc::clone(&first.base);
    drop(first);
    let mut second = Trainer::resume(base, settings(8), items(5), &checkpoint).unwrap();
    assert_eq!(second.steps(), 5);
    run(&mut second, 8);

    assert_eq!(second.checkpoint().unwrap(), whole.checkpoint().unwrap());
}

#[test]
fn the_seed_decides_the_run() {
    let finished = |seed| {
        let base = Arc::new(BaseModel::shipped().unwrap());
        let settings = Settings {
            seed,
            ..settings(2)
        };
        let mut trainer = Trainer::new(base, settings, items(5)).unwrap();
        run(&mut trainer, 2);
        trainer.checkpoint().unwrap()
    };
    assert_eq!(finished(1), finished(1));
    assert_ne!(finished(1), finished(2));
}

#[test]
fn a_checkpoint_of_another_run_is_refused() {
    let trainer = trainer(8);
    let checkpoint = trainer.checkpoint().unwrap();
    let resume =
        |settings, items| Trainer::resume(Arc::clone(&trainer.base), settings, items, &checkpoint);
    assert!(resume(settings(8), items(5)).is_ok());
    for wrong in [resume(settings(9), items(5)), resume(settings(8), items(4))] {
        assert!(matches!(wrong, Err(Error::ForeignCheckpoint)));
    }
    let mut renamed = items(5);
    renamed[0].caption.push('!');
    assert!(matches!(
        resume(settings(8), renamed),
        Err(Error::ForeignCheckpoint)
    ));
}

#[test]
fn every_picture_is_seen_once_an_epoch() {
    let trainer = trainer(100);
    let mut seen: Vec<_> = (0..5).flat_map(|step| trainer.batch(step)).collect();
    seen.sort_unstable();
    let expected: Vec<_> = (0..5).flat_map(|index| [index; 4]).collect();
    assert_eq!(seen, expected);
}

#[test]
fn the_learning_rate_warms_up_and_decays() {
    let trainer = trainer(100);
    let rates = [0, 9, 69, 85, 99].map(|step| trainer.learning_rate(step) / 5e-3);
    let expected = [0.1, 1.0, 1.0, 0.5, 1.0 / 30.0];
    for (rate, expected) in rates.into_iter().zip(expected) {
        assert!((rate - expected).abs() < 1e-4, "{rate} is not {expected}");
    }
}

#[test]
fn settings_out_of_range_and_empty_data_sets_are_refused() {
    let base = Arc::new(BaseModel::shipped().unwrap());
    let none = Trainer::new(Arc::clone(&base), Settings::default(), Vec::new());
    assert!(matches!(none, Err(Error::Dataset)));
    let settings = Settings {
        learning_rate: f32::NAN,
        ..Settings::default()
    };
    let wrong = Trainer::new(base, settings, items(4));
    assert!(matches!(
        wrong,
        Err(Error::Setting {
            setting: "learning_rate",
            ..
        })
    ));
}
