//! The training itself, step by step, and the state it is resumed from.

use std::collections::BTreeMap;
use std::sync::Arc;

use candle_core::{Device, Tensor, Var};
use rand::Rng as _;
use rand::seq::SliceRandom as _;
use sha2::{Digest as _, Sha256};

use super::{Item, Lora, Settings, sample};
use crate::base_model::BaseModel;
use crate::caption;
use crate::error::Error;
use crate::file::{read_checkpoint, write_checkpoint};
use crate::flow::{self, Example};
use crate::model::{self, LayerShape, Model};
use crate::optimizer::{AdamW, Division, gradient};
use crate::picture::Picture;
use crate::random::{Purpose, normals, stream};

const WARM_UP: usize = 10;
/// Share of the steps after which the learning rate falls, linearly to zero.
const DECAY_FROM: f32 = 0.7;
/// Share of examples whose caption is withheld.
const CAPTION_DROPOUT: f64 = 0.1;
/// Examples of the probe loss.
const PROBES: usize = 16;
/// How much of the smoothed loss each step keeps.
const SMOOTHING: f32 = 0.95;

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepReport {
    /// Steps made so far.
    pub step: usize,
    /// Loss of this step's pictures; noisy, because their times and noise are random.
    pub loss: f32,
    /// Running average of the loss.
    pub smoothed: f32,
}

/// A LoRA in training.
pub struct Trainer {
    pub(super) base: Arc<BaseModel>,
    settings: Settings,
    items: Vec<Item>,
    bags: Vec<Vec<f32>>,
    nothing: Vec<f32>,
    layers: Vec<LayerShape>,
    /// Down and up of each layer in turn.
    variables: Vec<Var>,
    optimizer: AdamW,
    smoothed: f32,
}

/// All that a run is resumed from, besides its inputs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct State {
    pub(crate) fingerprint: String,
    pub(crate) step: usize,
    pub(crate) smoothed: f32,
    /// Of each variable in turn: its values, and the moments of its gradient.
    pub(crate) variables: Vec<[Vec<f32>; 3]>,
}

impl Trainer {
    /// A run from its start.
    ///
    /// # Errors
    ///
    /// When a setting is out of range, there are no items, or the computation fails.
    pub fn new(base: Arc<BaseModel>, settings: Settings, items: Vec<Item>) -> Result<Self, Error> {
        settings.validate()?;
        if items.is_empty() {
            return Err(Error::Dataset);
        }
        let layers: Vec<_> = model::layers()
            .into_iter()
            .filter(model::is_adapted)
            .collect();
        let mut variables = Vec::new();
        for (index, layer) in (0_u64..).zip(&layers) {
            // The update starts at zero, as in Hu et al., arXiv:2106.09685: down random, up zero.
            let mut random = stream(settings.seed, Purpose::Weights, index);
            let mut down = normals(&mut random, settings.rank * layer.inputs);
            let deviation = 1.0 / (layer.inputs as f32).sqrt();
            down.iter_mut().for_each(|value| *value *= deviation);
            let up = vec![0.0_f32; layer.outputs * settings.rank];
            variables.push(Var::from_vec(
                down,
                (settings.rank, layer.inputs),
                &Device::Cpu,
            )?);
            variables.push(Var::from_vec(
                up,
                (layer.outputs, settings.rank),
                &Device::Cpu,
            )?);
        }
        Ok(Self {
            bags: items
                .iter()
                .map(|item| caption::bag(&item.caption))
                .collect(),
            nothing: caption::bag(""),
            optimizer: AdamW::new(&variables),
            smoothed: 0.0,
            base,
            settings,
            items,
            layers,
            variables,
        })
    }

    /// A run from a checkpoint of it: the same inputs as then, and the bytes of
    /// [`Self::checkpoint`]. What follows is, bit for bit, what would have followed then.
    ///
    /// # Errors
    ///
    /// [`Error::ForeignCheckpoint`] when the inputs are not the same; otherwise as [`Self::new`].
    pub fn resume(
        base: Arc<BaseModel>,
        settings: Settings,
        items: Vec<Item>,
        checkpoint: &[u8],
    ) -> Result<Self, Error> {
        let mut trainer = Self::new(base, settings, items)?;
        let state = read_checkpoint(checkpoint)?;
        if state.fingerprint != trainer.fingerprint()
            || state.variables.len() != trainer.variables.len()
        {
            return Err(Error::ForeignCheckpoint);
        }
        let parts = trainer.variables.iter().zip(&mut trainer.optimizer.moments);
        for ((variable, moments), [values, mean, square]) in parts.zip(state.variables) {
            if [&values, &mean, &square]
                .iter()
                .any(|part| part.len() != variable.elem_count())
            {
                return Err(Error::ForeignCheckpoint);
            }
            variable.set(&Tensor::from_vec(values, variable.shape(), &Device::Cpu)?)?;
            moments.mean = mean;
            moments.square = square;
        }
        trainer.optimizer.step = state.step;
        trainer.smoothed = state.smoothed;
        Ok(trainer)
    }

    /// The state of the run, as bytes to resume it from.
    ///
    /// # Errors
    ///
    /// When memory is short.
    pub fn checkpoint(&self) -> Result<Vec<u8>, Error> {
        let parts = self.variables.iter().zip(&self.optimizer.moments);
        let variables = parts.map(|(variable, moments)| {
            let values = variable.flatten_all()?.to_vec1::<f32>()?;
            Ok([values, moments.mean.clone(), moments.square.clone()])
        });
        let state = State {
            fingerprint: self.fingerprint(),
            step: self.steps(),
            smoothed: self.smoothed,
            variables: variables.collect::<Result<_, Error>>()?,
        };
        write_checkpoint(&state)
    }

    /// Digest of everything that decides the course of the run.
    fn fingerprint(&self) -> String {
        let mut digest = Sha256::new();
        let settings = &self.settings;
        let numbers = [
            settings.steps,
            settings.rank,
            settings.batch,
            settings.threads,
        ];
        digest.update(self.base.digest());
        digest.update(settings.seed.to_le_bytes());
        digest.update(settings.alpha.to_le_bytes());
        digest.update(settings.learning_rate.to_le_bytes());
        numbers
            .iter()
            .for_each(|n| digest.update((*n as u64).to_le_bytes()));
        for item in &self.items {
            digest.update((item.caption.len() as u64).to_le_bytes());
            digest.update(&item.caption);
            item.picture
                .patches()
                .iter()
                .for_each(|value| digest.update(value.to_le_bytes()));
        }
        hex::encode(digest.finalize())
    }

    /// Steps made so far.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.optimizer.step
    }

    /// Whether all steps are made.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.steps() >= self.settings.steps
    }

    /// The settings of the run.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// One step. Past the last one the learning rate is zero and nothing changes.
    ///
    /// # Errors
    ///
    /// When the computation fails.
    pub fn step(&mut self) -> Result<StepReport, Error> {
        let step = self.steps();
        let random = &mut stream(self.settings.seed, Purpose::Step, step as u64);
        let examples: Vec<_> = self
            .batch(step)
            .into_iter()
            .map(|index| {
                let dropped = random.random_bool(CAPTION_DROPOUT);
                let bag = if dropped {
                    &self.nothing
                } else {
                    &self.bags[index]
                };
                Example::random(&self.items[index].picture, bag, random)
            })
            .collect();
        let model = Model::new(&self.base.tensors, &self.lora().adapters())?;
        let division = Division {
            threads: self.settings.threads,
            together: 1,
        };
        let gradient = gradient(&model, &self.variables, &examples, division)?;
        let rate = self.learning_rate(step);
        self.optimizer.update(&self.variables, &gradient, rate)?;
        self.smoothed = if step == 0 {
            gradient.loss
        } else {
            SMOOTHING * self.smoothed + (1.0 - SMOOTHING) * gradient.loss
        };
        Ok(StepReport {
            step: self.steps(),
            loss: gradient.loss,
            smoothed: self.smoothed,
        })
    }

    /// Which pictures a step sees: all of them in random order, then all of them in another.
    pub(super) fn batch(&self, step: usize) -> Vec<usize> {
        let count = self.items.len();
        let first = step * self.settings.batch;
        let mut epochs = BTreeMap::new();
        (first..first + self.settings.batch)
            .map(|position| {
                let epoch = position / count;
                let order: &mut Vec<usize> = epochs.entry(epoch).or_insert_with(|| {
                    let mut order: Vec<_> = (0..count).collect();
                    let random = &mut stream(self.settings.seed, Purpose::Order, epoch as u64);
                    order.shuffle(random);
                    order
                });
                order[position % count]
            })
            .collect()
    }

    pub(super) fn learning_rate(&self, step: usize) -> f32 {
        let warm_up = ((step + 1) as f32 / WARM_UP as f32).min(1.0);
        let progress = step as f32 / self.settings.steps as f32;
        let decay = ((1.0 - progress) / (1.0 - DECAY_FROM)).clamp(0.0, 1.0);
        self.settings.learning_rate * warm_up * decay
    }

    /// Loss over the data set with times and noise that are always the same: a curve that falls
    /// only when the LoRA gets better.
    ///
    /// # Errors
    ///
    /// When the computation fails.
    pub fn probe(&self) -> Result<f32, Error> {
        let random = &mut stream(self.settings.seed, Purpose::Probe, 0);
        let model = Model::new(&self.base.tensors, &self.lora().adapters())?;
        let mut sum = 0.0;
        for index in 0..PROBES {
            let index = index % self.items.len();
            let example = Example::random(&self.items[index].picture, &self.bags[index], random);
            sum += flow::loss(&model, &[example])?.to_scalar::<f32>()?;
        }
        Ok(sum / PROBES as f32)
    }

    /// The LoRA as it is now.
    #[must_use]
    pub fn lora(&self) -> Lora {
        let pairs = self.variables.chunks_exact(2);
        let factors = self.layers.iter().zip(pairs).map(|(layer, pair)| {
            let [down, up] = [0, 1].map(|index| pair[index].as_tensor().clone());
            (layer.clone(), down, up)
        });
        Lora {
            rank: self.settings.rank,
            alpha: self.settings.alpha,
            factors: factors.collect(),
        }
    }

    /// Samples of the LoRA as it is now.
    ///
    /// # Errors
    ///
    /// When the computation fails.
    pub fn sample(&self, prompts: &[&str], seed: u64) -> Result<Vec<Picture>, Error> {
        sample(&self.base, Some(&self.lora()), prompts, seed)
    }
}
