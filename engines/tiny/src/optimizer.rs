//! AdamW and the data-parallel gradient it is fed with.

use std::thread::ScopedJoinHandle;

use candle_core::{Device, Result, Tensor, Var};

use crate::flow::{Example, loss};
use crate::model::Model;
use crate::ops::with_values;

/// Decay of the mean of the gradient.
const BETA1: f32 = 0.9;
/// Decay of the mean of its square.
const BETA2: f32 = 0.99;
const EPSILON: f32 = 1e-8;
/// Greatest norm of the gradient of all weights together.
const CLIP: f32 = 1.0;

/// The loss and the gradient of every variable.
pub(crate) struct Gradient {
    pub(crate) loss: f32,
    pub(crate) values: Vec<Vec<f32>>,
}

/// How the work of a step is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Division {
    /// Threads that work at once, each on its share of the batch.
    pub(crate) threads: usize,
    /// Examples that go through the network together.
    ///
    /// One by one, activations stay in the cache of a core, and below the size from which candle's
    /// own operations wake its shared thread pool. More together pays where every weight has a
    /// gradient, which is summed once for each pass.
    pub(crate) together: usize,
}

/// The gradient of the mean loss of the examples.
///
/// Threads are summed in order: the result depends on the division, not on which is faster.
pub(crate) fn gradient(
    model: &Model,
    variables: &[Var],
    examples: &[Example<'_>],
    division: Division,
) -> Result<Gradient> {
    let share = examples.len().div_ceil(division.threads.max(1)).max(1);
    let total = examples.len() as f64;
    let parts: Vec<Result<Gradient>> = std::thread::scope(|scope| {
        let work =
            |examples| move || accumulated(model, variables, examples, total, division.together);
        let workers: Vec<_> = examples
            .chunks(share)
            .map(|examples| scope.spawn(work(examples)))
            .collect();
        let join = |worker: ScopedJoinHandle<'_, Result<Gradient>>| {
            worker
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        workers.into_iter().map(join).collect()
    });
    let mut sum = Gradient::zero(variables);
    for part in parts {
        sum.add(&part?);
    }
    Ok(sum)
}

impl Gradient {
    fn zero(variables: &[Var]) -> Self {
        let zeros = |variable: &Var| vec![0.0; variable.elem_count()];
        Self {
            loss: 0.0,
            values: variables.iter().map(zeros).collect(),
        }
    }

    fn add(&mut self, other: &Self) {
        self.loss += other.loss;
        for (values, others) in self.values.iter_mut().zip(&other.values) {
            for (value, other) in values.iter_mut().zip(others) {
                *value += other;
            }
        }
    }

    fn norm(&self) -> f32 {
        let squares = self
            .values
            .iter()
            .flatten()
            .map(|g| f64::from(*g) * f64::from(*g));
        squares.sum::<f64>().sqrt() as f32
    }
}

fn accumulated(
    model: &Model,
    variables: &[Var],
    examples: &[Example<'_>],
    of: f64,
    together: usize,
) -> Result<Gradient> {
    let mut total = Gradient::zero(variables);
    for examples in examples.chunks(together.max(1)) {
        let loss = (loss(model, examples)? * (examples.len() as f64 / of))?;
        total.loss += loss.to_scalar::<f32>()?;
        let gradients = loss.backward()?;
        for (sum, variable) in total.values.iter_mut().zip(variables) {
            let Some(gradient) = gradients.get(variable) else {
                continue;
            };
            with_values(&gradient.contiguous()?, |gradient| {
                for (sum, gradient) in sum.iter_mut().zip(gradient) {
                    *sum += gradient;
                }
                Ok(())
            })?;
        }
    }
    Ok(total)
}

/// Running means of a variable's gradient and its square.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Moments {
    pub(crate) mean: Vec<f32>,
    pub(crate) square: Vec<f32>,
}

/// AdamW without weight decay.
#[derive(Debug)]
pub(crate) struct AdamW {
    pub(crate) moments: Vec<Moments>,
    /// Updates made.
    pub(crate) step: usize,
}

impl AdamW {
    pub(crate) fn new(variables: &[Var]) -> Self {
        let moments = variables.iter().map(|variable| Moments {
            mean: vec![0.0; variable.elem_count()],
            square: vec![0.0; variable.elem_count()],
        });
        Self {
            moments: moments.collect(),
            step: 0,
        }
    }

    /// One update of all variables.
    pub(crate) fn update(
        &mut self,
        variables: &[Var],
        gradient: &Gradient,
        learning_rate: f32,
    ) -> Result<()> {
        self.step += 1;
        let clip = (CLIP / gradient.norm().max(f32::MIN_POSITIVE)).min(1.0);
        let step = self.step as i32;
        let rate = learning_rate / (1.0 - BETA1.powi(step));
        let bias = 1.0 / (1.0 - BETA2.powi(step));
        for ((variable, moments), gradient) in variables
            .iter()
            .zip(&mut self.moments)
            .zip(&gradient.values)
        {
            let mut values = variable.flatten_all()?.to_vec1::<f32>()?;
            for (((value, mean), square), gradient) in values
                .iter_mut()
                .zip(&mut moments.mean)
                .zip(&mut moments.square)
                .zip(gradient)
            {
                let gradient = gradient * clip;
                *mean += (1.0 - BETA1) * (gradient - *mean);
                *square += (1.0 - BETA2) * (gradient * gradient - *square);
                *value -= rate * *mean / ((*square * bias).sqrt() + EPSILON);
            }
            variable.set(&Tensor::from_vec(values, variable.shape(), &Device::Cpu)?)?;
        }
        Ok(())
    }
}
