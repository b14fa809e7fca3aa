//! What an engine offers, as plain data: base models, ranges, presets, time and cost.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::id::EngineId;
use super::settings::{Preset, Setting, SettingProblem, Settings};

/// An engine's description of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EngineOffer {
    /// Its id.
    pub id: EngineId,
    /// Its name for people.
    pub name: String,
    /// True for the small built-in model that only shows how things go; screens then say so.
    pub demonstration: bool,
    /// The base models it trains, the preferred first; at least one.
    pub bases: Vec<BaseModel>,
    /// What the numbers may be.
    pub ranges: SettingRanges,
    /// The numbers behind each offered preset.
    pub presets: Vec<PresetRule>,
}

/// A base model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseModel {
    /// The engine's name for it.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// How captions are best written for it.
    pub captions: CaptionStyle,
}

/// How captions are best written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptionStyle {
    /// Words with commas between.
    Tags,
    /// A sentence.
    Sentences,
}

/// What the numbers may be, inclusive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettingRanges {
    /// Optimiser steps.
    pub steps: RangeInclusive<u32>,
    /// Rank.
    pub rank: RangeInclusive<u32>,
    /// Alpha.
    pub alpha: RangeInclusive<u32>,
    /// Learning rate.
    pub learning_rate: RangeInclusive<f64>,
    /// Resolution, pixels.
    pub resolution: RangeInclusive<u32>,
    /// Seed.
    pub seed: RangeInclusive<u32>,
}

impl SettingRanges {
    /// Smallest and largest value of a setting.
    pub fn bounds(&self, setting: Setting) -> (f64, f64) {
        let whole =
            |range: &RangeInclusive<u32>| (f64::from(*range.start()), f64::from(*range.end()));
        match setting {
            Setting::Steps => whole(&self.steps),
            Setting::Rank => whole(&self.rank),
            Setting::Alpha => whole(&self.alpha),
            Setting::LearningRate => (*self.learning_rate.start(), *self.learning_rate.end()),
            Setting::Resolution => whole(&self.resolution),
            Setting::Seed => whole(&self.seed),
        }
    }
}

/// How a preset turns into numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PresetRule {
    /// Which preset.
    pub preset: Preset,
    /// Steps.
    pub steps: StepRule,
    /// Rank.
    pub rank: u32,
    /// Alpha.
    pub alpha: u32,
    /// Learning rate.
    pub learning_rate: f64,
    /// Resolution, pixels.
    pub resolution: u32,
}

/// How many steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepRule {
    /// Always this many.
    Fixed(u32),
    /// So many a picture, within bounds.
    PerPicture {
        /// Steps a picture.
        each: u32,
        /// At least.
        min: u32,
        /// At most.
        max: u32,
    },
}

/// With fewer pictures than this, more than [`FEW_PICTURES_STEPS`] steps only memorise them.
pub const FEW_PICTURES: usize = 10;
/// The cap on steps for fewer than [`FEW_PICTURES`] pictures.
pub const FEW_PICTURES_STEPS: u32 = 1_500;

impl EngineOffer {
    /// The settings of a preset for so many pictures; the engine's first preset stands in for one it lacks.
    pub fn preset(&self, preset: Preset, pictures: usize, seed: u32) -> Option<Settings> {
        let rule = self
            .presets
            .iter()
            .find(|rule| rule.preset == preset)
            .or_else(|| self.presets.first())?;
        let base = self.bases.first()?;
        let steps = match rule.steps {
            StepRule::Fixed(steps) => steps,
            StepRule::PerPicture { each, min, max } => {
                let pictures = u32::try_from(pictures).unwrap_or(u32::MAX);
                each.saturating_mul(pictures).clamp(min, max.max(min))
            }
        };
        let steps = if pictures < FEW_PICTURES {
            steps.min(FEW_PICTURES_STEPS)
        } else {
            steps
        };
        Some(Settings {
            engine: self.id.clone(),
            base: base.id.clone(),
            preset: rule.preset,
            steps,
            rank: rule.rank,
            alpha: rule.alpha,
            learning_rate: rule.learning_rate,
            resolution: rule.resolution,
            seed,
        })
    }

    /// Whether every number lies in its range.
    ///
    /// # Errors
    /// Every setting that does not.
    pub fn check(&self, settings: &Settings) -> Result<(), Vec<SettingProblem>> {
        let values = BTreeMap::from([
            (Setting::Steps, f64::from(settings.steps)),
            (Setting::Rank, f64::from(settings.rank)),
            (Setting::Alpha, f64::from(settings.alpha)),
            (Setting::LearningRate, settings.learning_rate),
            (Setting::Resolution, f64::from(settings.resolution)),
            (Setting::Seed, f64::from(settings.seed)),
        ]);
        let problems: Vec<SettingProblem> = values
            .into_iter()
            .filter_map(|(setting, value)| {
                let (min, max) = self.ranges.bounds(setting);
                let fits = value >= min && value <= max;
                (!fits).then_some(SettingProblem::OutOfRange { setting, min, max })
            })
            .collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }

    /// Reads settings typed by hand over `current`: setting name → text. Absent fields keep their value. Numbers may be
    /// written as any language writes them: `0,0005`, `1.500`.
    ///
    /// # Errors
    /// Every field that is no number or lies out of range.
    pub fn typed(
        &self,
        current: &Settings,
        fields: &BTreeMap<String, String>,
    ) -> Result<Settings, Vec<SettingProblem>> {
        let mut settings = Settings {
            preset: Preset::Custom,
            ..current.clone()
        };
        let mut problems = Vec::new();
        for setting in Setting::ALL {
            let Some(text) = fields.get(setting.name()) else {
                continue;
            };
            let text = text.trim();
            let whole = || ungrouped(text).parse::<u32>().ok();
            let read = match setting {
                Setting::Steps => whole().map(|n| settings.steps = n),
                Setting::Rank => whole().map(|n| settings.rank = n),
                Setting::Alpha => whole().map(|n| settings.alpha = n),
                Setting::Resolution => whole().map(|n| settings.resolution = n),
                Setting::Seed => whole().map(|n| settings.seed = n),
                Setting::LearningRate => text
                    .replace(',', ".")
                    .parse::<f64>()
                    .ok()
                    .filter(|n| n.is_finite())
                    .map(|n| settings.learning_rate = n),
            };
            if read.is_none() {
                problems.push(SettingProblem::NotANumber(setting));
            }
        }
        if let Err(ranges) = self.check(&settings) {
            let unread: Vec<Setting> = problems.iter().map(SettingProblem::setting).collect();
            problems.extend(
                ranges
                    .into_iter()
                    .filter(|problem| !unread.contains(&problem.setting())),
            );
        }
        if problems.is_empty() {
            Ok(settings)
        } else {
            Err(problems)
        }
    }
}

/// A whole number without what may stand between its thousands, in any language: `1.500`, `1,500`, `1 500`. Whole numbers
/// have no fraction, so that a point or comma before three digits can mean nothing else.
fn ungrouped(typed: &str) -> String {
    let separator = |c: char| matches!(c, '.' | ',' | ' ' | '\u{a0}' | '\u{202f}' | '\'' | '’');
    let mut groups = typed.split(separator);
    let first = groups.next().unwrap_or_default();
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let grouped = (1..=3).contains(&first.len())
        && digits(first)
        && groups.all(|group| group.len() == 3 && digits(group));
    if grouped {
        typed.chars().filter(|&c| !separator(c)).collect()
    } else {
        typed.to_owned()
    }
}

/// What a run should take.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Seconds of training, once it begins.
    pub seconds: u64,
    /// Money, as the engine says it ("$1.40"); absent when it costs nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<String>,
}
