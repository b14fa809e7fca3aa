//! What the embedded engine offers.

use lorikeet_training::{
    BaseModel, CaptionStyle, EngineId, EngineOffer, Preset, PresetRule, SettingRanges, StepRule,
};

use crate::picture::SIDE;

/// The engine's id.
pub const ENGINE: &str = "tiny";
const SIDE_PIXELS: u32 = SIDE as u32;

pub(super) fn offer() -> EngineOffer {
    let preset = |preset, steps| PresetRule {
        preset,
        steps: StepRule::Fixed(steps),
        rank: 16,
        alpha: 16,
        learning_rate: 5e-3,
        resolution: SIDE_PIXELS,
    };
    EngineOffer {
        id: EngineId(ENGINE.to_owned()),
        name: "Built-in demonstration".to_owned(),
        demonstration: true,
        bases: vec![BaseModel {
            id: "lorikeet-tiny".to_owned(),
            name: crate::base_model::BaseModel::NAME.to_owned(),
            captions: CaptionStyle::Tags,
        }],
        ranges: SettingRanges {
            steps: 1..=4000,
            rank: 1..=64,
            alpha: 1..=128,
            learning_rate: 1e-5..=0.05,
            resolution: SIDE_PIXELS..=SIDE_PIXELS,
            seed: 0..=u32::MAX,
        },
        presets: vec![
            preset(Preset::Quick, 500),
            preset(Preset::Balanced, 1000),
            preset(Preset::Thorough, 1500),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trainer_takes_every_preset_and_both_ends_of_every_range() {
        let offer = offer();
        for preset in Preset::OFFERED {
            let chosen = offer.preset(preset, 12, 1);
            assert!(chosen.is_some_and(|chosen| {
                offer.check(&chosen).is_ok()
                    && super::super::work::settings(&chosen).validate().is_ok()
            }));
        }
        let ranges = &offer.ranges;
        let rates = [ranges.learning_rate.start(), ranges.learning_rate.end()];
        for (index, rate) in rates.into_iter().enumerate() {
            let end = |range: &std::ops::RangeInclusive<u32>| [*range.start(), *range.end()][index];
            let settings =
                offer
                    .preset(Preset::Quick, 12, 1)
                    .map(|quick| lorikeet_training::Settings {
                        steps: end(&ranges.steps),
                        rank: end(&ranges.rank),
                        alpha: end(&ranges.alpha),
                        seed: end(&ranges.seed),
                        learning_rate: *rate,
                        ..quick
                    });
            let taken = settings.map(|s| super::super::work::settings(&s).validate().is_ok());
            assert_eq!(taken, Some(true));
        }
    }
}
