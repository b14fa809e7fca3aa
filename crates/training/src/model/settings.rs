//! What a run is asked to do.

use serde::{Deserialize, Serialize};

use super::id::EngineId;

/// The settings of one run. Ranges come from the engine's [`EngineOffer`](super::offer::EngineOffer).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Which engine trains.
    pub engine: EngineId,
    /// Which base model, by the engine's name for it.
    pub base: String,
    /// Where the numbers came from.
    pub preset: Preset,
    /// Optimiser steps.
    pub steps: u32,
    /// Rank of the low-rank update.
    pub rank: u32,
    /// Scale of the update is alpha / rank.
    pub alpha: u32,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// Training resolution: pixels of the long side.
    pub resolution: u32,
    /// Seed of noise, order and samples.
    pub seed: u32,
}

/// How much work a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// To see whether it works.
    Quick,
    /// What most people want.
    Balanced,
    /// When time does not matter.
    Thorough,
    /// Numbers set by hand.
    Custom,
}

impl Preset {
    /// The presets offered as buttons.
    pub const OFFERED: [Self; 3] = [Self::Quick, Self::Balanced, Self::Thorough];

    /// Its name in stored data and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Balanced => "balanced",
            Self::Thorough => "thorough",
            Self::Custom => "custom",
        }
    }
}

/// One of the settings that can be set by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// [`Settings::steps`].
    Steps,
    /// [`Settings::rank`].
    Rank,
    /// [`Settings::alpha`].
    Alpha,
    /// [`Settings::learning_rate`].
    LearningRate,
    /// [`Settings::resolution`].
    Resolution,
    /// [`Settings::seed`].
    Seed,
}

impl Setting {
    /// All, in the order a form shows them.
    pub const ALL: [Self; 6] = [
        Self::Steps,
        Self::Rank,
        Self::Alpha,
        Self::LearningRate,
        Self::Resolution,
        Self::Seed,
    ];

    /// Its name in stored data, forms and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Steps => "steps",
            Self::Rank => "rank",
            Self::Alpha => "alpha",
            Self::LearningRate => "learning_rate",
            Self::Resolution => "resolution",
            Self::Seed => "seed",
        }
    }
}

/// A setting that cannot be used as it is.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SettingProblem {
    /// Not a number at all, or not a whole one where it must be.
    #[error("{} is not a number", .0.name())]
    NotANumber(Setting),
    /// A number outside what the engine takes.
    #[error("{} must lie between {min} and {max}", .setting.name())]
    OutOfRange {
        /// Which.
        setting: Setting,
        /// Smallest accepted.
        min: f64,
        /// Largest accepted.
        max: f64,
    },
}

impl SettingProblem {
    /// Which setting it is about.
    pub const fn setting(&self) -> Setting {
        match self {
            Self::NotANumber(setting) | Self::OutOfRange { setting, .. } => *setting,
        }
    }
}
