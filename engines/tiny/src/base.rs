//! Training of the base model from nothing, on drawn pictures.
//!
//! Done once, before a release, by the example `train_base`; the result ships with the crate.

use std::collections::BTreeMap;

use candle_core::{Device, Tensor, Var};
use rand::Rng as _;

use crate::caption;
use crate::draw::draw;
use crate::error::Error;
use crate::file;
use crate::flow::{self, Example};
use crate::model::{self, Model, Tensors};
use crate::optimizer::{AdamW, Division, gradient};
use crate::picture::Picture;
use crate::random::{Purpose, stream};

const LEARNING_RATE: f32 = 1e-3;
const WARM_UP: usize = 100;
/// Share of the training after which the learning rate falls, linearly to zero.
const DECAY_FROM: f32 = 0.6;
const BATCH: usize = 8;
/// Share of pictures whose caption is withheld, so that captions are not needed.
const CAPTION_DROPOUT: f64 = 0.1;
/// How much of the average of the weights each step keeps.
const AVERAGE: f32 = 0.999;
/// Drawings below this index are never trained on: the probe uses them.
const FIRST_DRAWING: u64 = 1 << 20;
const PROBE: u64 = 64;

/// A base model in training.
pub struct BaseTrainer {
    tensors: Tensors,
    variables: Vec<Var>,
    average: Vec<Vec<f32>>,
    optimizer: AdamW,
    division: Division,
    seed: u64,
}

impl BaseTrainer {
    /// From fresh weights, or from those of an earlier training's file; to be trained by so many
    /// threads.
    ///
    /// # Errors
    ///
    /// [`Error::File`] when the file is not of a base model.
    pub fn new(seed: u64, threads: usize, file: Option<&[u8]>) -> Result<Self, Error> {
        let initial = match file {
            Some(file) => file::read_base(file)?,
            None => model::initial(seed)?,
        };
        let mut tensors = Tensors::new();
        let mut variables = Vec::new();
        for (name, tensor) in initial {
            let variable = Var::from_tensor(&tensor)?;
            tensors.insert(name, variable.as_tensor().clone());
            variables.push(variable);
        }
        let average = variables
            .iter()
            .map(|variable| variable.flatten_all()?.to_vec1())
            .collect::<candle_core::Result<_>>()?;
        Ok(Self {
            optimizer: AdamW::new(&variables),
            division: Division {
                threads,
                together: BATCH,
            },
            tensors,
            variables,
            average,
            seed,
        })
    }

    /// Steps made.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.optimizer.step
    }

    /// One step; `progress`, 0 to 1, is how much of the training is over. Returns the loss.
    ///
    /// # Errors
    ///
    /// When the computation fails.
    pub fn step(&mut self, progress: f32) -> Result<f32, Error> {
        let step = self.optimizer.step;
        let first = FIRST_DRAWING + (step * BATCH) as u64;
        let drawings: Vec<_> = (first..).take(BATCH).map(|i| draw(self.seed, i)).collect();
        let random = &mut stream(self.seed, Purpose::Step, step as u64);
        let bags: Vec<_> = drawings
            .iter()
            .map(|drawing| {
                let dropped = random.random_bool(CAPTION_DROPOUT);
                caption::bag(if dropped { "" } else { &drawing.caption })
            })
            .collect();
        let examples: Vec<_> = drawings
            .iter()
            .zip(&bags)
            .map(|(drawing, bag)| Example::random(&drawing.picture, bag, random))
            .collect();
        let model = Model::new(&self.tensors, &BTreeMap::new())?;
        let gradient = gradient(&model, &self.variables, &examples, self.division)?;
        let warm_up = ((step + 1) as f32 / WARM_UP as f32).min(1.0);
        let decay = ((1.0 - progress) / (1.0 - DECAY_FROM)).clamp(0.0, 1.0);
        self.optimizer
            .update(&self.variables, &gradient, LEARNING_RATE * warm_up * decay)?;

        // Early on the average follows faster, or it would remember the start.
        let keep = AVERAGE.min((step + 1) as f32 / (step + 10) as f32);
        for (variable, average) in self.variables.iter().zip(&mut self.average) {
            let values = variable.flatten_all()?.to_vec1::<f32>()?;
            for (average, value) in average.iter_mut().zip(values) {
                *average = keep * *average + (1.0 - keep) * value;
            }
        }
        Ok(gradient.loss)
    }

    /// The averaged weights, which are what ships.
    fn weights(&self) -> Result<Tensors, Error> {
        let names = self.tensors.keys();
        names
            .zip(self.variables.iter().zip(&self.average))
            .map(|(name, (variable, average))| {
                let tensor = Tensor::from_slice(average, variable.shape(), &Device::Cpu)?;
                Ok((name.clone(), tensor))
            })
            .collect()
    }

    /// Loss of the averaged weights on drawings never trained on, always with the same noise.
    ///
    /// # Errors
    ///
    /// When the computation fails.
    pub fn probe(&self) -> Result<f32, Error> {
        let drawings: Vec<_> = (0..PROBE).map(|index| draw(self.seed, index)).collect();
        let bags: Vec<_> = drawings.iter().map(|d| caption::bag(&d.caption)).collect();
        let random = &mut stream(self.seed, Purpose::Probe, 0);
        let examples: Vec<_> = drawings
            .iter()
            .zip(&bags)
            .map(|(drawing, bag)| Example::random(&drawing.picture, bag, random))
            .collect();
        let model = Model::new(&self.weights()?, &BTreeMap::new())?;
        Ok(flow::loss(&model, &examples)?.to_scalar()?)
    }

    /// The averaged weights as the file that ships.
    ///
    /// # Errors
    ///
    /// When memory is short.
    pub fn file(&self) -> Result<Vec<u8>, Error> {
        file::write_base(&self.weights()?, self.steps(), self.seed)
    }

    /// Samples of the averaged weights.
    ///
    /// # Errors
    ///
    /// When the computation fails.
    pub fn sample(&self, prompts: &[&str], seed: u64) -> Result<Vec<Picture>, Error> {
        let model = Model::new(&self.weights()?, &BTreeMap::new())?;
        Ok(flow::sample(&model, prompts, seed)?)
    }
}
