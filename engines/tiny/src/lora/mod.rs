//! LoRAs on the frozen base model: training them, sampling with them.
//!
//! Owns: settings, the step, the state that a run is resumed from. Does not own: pace, threads of
//! a run, cancellation, where files go: the caller does one [`Trainer::step`] after another and
//! stops when it likes.

mod settings;
mod trainer;

#[cfg(test)]
mod tests;

use candle_core::Tensor;

use crate::base_model::BaseModel;
use crate::error::Error;
use crate::flow;
use crate::model::{Adapters, LayerShape, Model};
use crate::ops::Adapter;
use crate::picture::Picture;

pub use settings::Settings;
pub(crate) use trainer::State;
pub use trainer::{StepReport, Trainer};

/// One picture to learn from, with its caption; the trigger word is part of the caption.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What to learn.
    pub picture: Picture,
    /// What it shows.
    pub caption: String,
}

/// The weights of a LoRA.
#[derive(Debug, Clone)]
pub struct Lora {
    pub(crate) rank: usize,
    pub(crate) alpha: f32,
    /// For each adapted layer, in order of the layers, `(rank, inputs)` and `(outputs, rank)`.
    pub(crate) factors: Vec<(LayerShape, Tensor, Tensor)>,
}

impl Lora {
    /// Rank of every update.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// The updates are scaled by alpha / rank.
    #[must_use]
    pub fn alpha(&self) -> f32 {
        self.alpha
    }

    fn adapters(&self) -> Adapters {
        let scale = self.alpha / self.rank as f32;
        let adapter = |(layer, down, up): &(LayerShape, Tensor, Tensor)| {
            let (down, up) = (down.clone(), up.clone());
            (layer.name.clone(), Adapter { down, up, scale })
        };
        self.factors.iter().map(adapter).collect()
    }
}

/// Samples with a LoRA, or without: picture i from noise i of the seed.
///
/// # Errors
///
/// When the computation fails.
pub fn sample(
    base: &BaseModel,
    lora: Option<&Lora>,
    prompts: &[&str],
    seed: u64,
) -> Result<Vec<Picture>, Error> {
    let adapters = lora.map(Lora::adapters).unwrap_or_default();
    let model = Model::new(&base.tensors, &adapters)?;
    Ok(flow::sample(&model, prompts, seed)?)
}
