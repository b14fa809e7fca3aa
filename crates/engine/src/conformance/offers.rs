//! What an engine offers, takes and estimates.

use std::collections::BTreeSet;

use lorikeet_training::{Preset, Setting, SettingProblem, Settings};

use super::Harness;

/// Numbers of pictures a dataset may have, by default.
const PICTURES: [usize; 4] = [4, 9, 10, 20];

pub async fn the_offer_is_sound<H: Harness>() {
    let harness = H::open().await;
    let engine = harness.engine();
    let offer = engine.offer();
    assert_eq!(engine.offer(), offer, "the offer is constant");
    assert!(engine.capacity() >= 1);
    assert!(!offer.id.0.is_empty() && !offer.name.is_empty());
    let bases: BTreeSet<&str> = offer.bases.iter().map(|base| base.id.as_str()).collect();
    assert!(!bases.is_empty(), "a base model");
    assert_eq!(bases.len(), offer.bases.len(), "two bases of one id");
    for setting in Setting::ALL {
        let (min, max) = offer.ranges.bounds(setting);
        assert!(min <= max, "{}: {min} to {max}", setting.name());
    }
    let presets: Vec<Preset> = offer.presets.iter().map(|rule| rule.preset).collect();
    assert!(!presets.is_empty(), "a preset");
    assert!(presets.iter().all(|p| Preset::OFFERED.contains(p)));
    let twice = (1..presets.len()).any(|i| presets[..i].contains(&presets[i]));
    assert!(!twice, "two rules of one preset");
}

pub async fn every_preset_is_taken<H: Harness>() {
    let harness = H::open().await;
    let engine = harness.engine();
    let offer = engine.offer();
    for (preset, pictures) in Preset::OFFERED
        .into_iter()
        .flat_map(|preset| PICTURES.map(|pictures| (preset, pictures)))
    {
        let Some(settings) = offer.preset(preset, pictures, 1) else {
            panic!("no settings for {preset:?}");
        };
        assert_eq!(settings.engine, offer.id);
        assert_eq!(engine.validate(&settings), Ok(()), "{preset:?}, {pictures}");
    }
    for settings in [harness.quick(), harness.long()] {
        assert_eq!(settings.engine, offer.id);
        assert_eq!(engine.validate(&settings), Ok(()));
    }
}

pub async fn settings_out_of_range_are_refused<H: Harness>() {
    let harness = H::open().await;
    let engine = harness.engine();
    let ranges = engine.offer().ranges;
    for setting in Setting::ALL {
        let (min, max) = ranges.bounds(setting);
        let outside = match setting {
            Setting::LearningRate => vec![min / 2.0 - 1e-12, max * 2.0, f64::NAN, f64::INFINITY],
            _ => vec![min - 1.0, max + 1.0],
        };
        for value in outside {
            let Some(settings) = with(harness.quick(), setting, value) else {
                continue;
            };
            let problems = engine.validate(&settings).err().unwrap_or_default();
            let named: Vec<Setting> = problems.iter().map(SettingProblem::setting).collect();
            assert!(named.contains(&setting), "{} = {value}", setting.name());
        }
    }
}

/// The settings with one of them changed; `None` when the number does not fit its type.
fn with(mut settings: Settings, setting: Setting, value: f64) -> Option<Settings> {
    let whole = || (value >= 0.0 && value <= f64::from(u32::MAX)).then_some(value as u32);
    match setting {
        Setting::Steps => settings.steps = whole()?,
        Setting::Rank => settings.rank = whole()?,
        Setting::Alpha => settings.alpha = whole()?,
        Setting::LearningRate => settings.learning_rate = value,
        Setting::Resolution => settings.resolution = whole()?,
        Setting::Seed => settings.seed = whole()?,
    }
    Some(settings)
}

pub async fn estimates_grow_with_the_steps<H: Harness>() {
    let harness = H::open().await;
    let engine = harness.engine();
    let steps = engine.offer().ranges.steps;
    for pictures in PICTURES {
        let of = |steps| {
            let settings = Settings {
                steps,
                ..harness.quick()
            };
            engine.estimate(&settings, pictures)
        };
        let (least, most) = (of(*steps.start()), of(*steps.end()));
        assert!(least.seconds > 0);
        assert!(least.seconds <= most.seconds);
        assert_ne!(most.cost.as_deref(), Some(""), "no cost is no text");
    }
}
