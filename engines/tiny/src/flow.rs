//! Rectified flow: straight lines from noise to pictures, learned and followed.
//!
//! At time t a picture is `t · clean + (1 − t) · noise`. The network guesses the clean picture; the
//! loss weighs the guess as the velocity it implies, `(clean − noisy) / (1 − t)`, where 1 − t is
//! taken as at least 0.1. Guessing the picture rather than the velocity is what lets a network this
//! narrow work on patches of 192 values (Li and He, arXiv:2511.13720).

use candle_core::{Device, Result, Tensor};
use rand::Rng as _;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::caption;
use crate::model::Model;
use crate::picture::{PATCH_VALUES, Picture, TOKENS, VALUES};
use crate::random::{Purpose, normals, stream};

/// Least 1 − t in the loss: later times differ too little to be worth more.
const LEAST_REMAINDER: f32 = 0.1;
/// Mean of the logit of training times: rather noisy pictures, where layout is decided.
const TIME_MEAN: f32 = -0.8;
/// Standard deviation of the logit of training times.
const TIME_DEVIATION: f32 = 1.0;
/// Euler steps of a sample.
const SAMPLE_STEPS: usize = 20;

/// A picture and its caption at a time, with its noise.
pub(crate) struct Example<'a> {
    pub(crate) picture: &'a Picture,
    pub(crate) caption: &'a [f32],
    pub(crate) time: f32,
    pub(crate) noise: Vec<f32>,
}

impl<'a> Example<'a> {
    /// With a random time and noise.
    pub(crate) fn random(
        picture: &'a Picture,
        caption: &'a [f32],
        random: &mut ChaCha8Rng,
    ) -> Self {
        let logit: f32 = random.sample::<f32, _>(StandardNormal) * TIME_DEVIATION + TIME_MEAN;
        Self {
            picture,
            caption,
            time: 1.0 / (1.0 + (-logit).exp()),
            noise: normals(random, VALUES),
        }
    }
}

/// The mean loss over the examples, of which there must be at least one.
pub(crate) fn loss(model: &Model, examples: &[Example<'_>]) -> Result<Tensor> {
    let device = &Device::Cpu;
    let count = examples.len();
    let mut noisy = Vec::with_capacity(count * VALUES);
    let mut clean = Vec::with_capacity(count * VALUES);
    let mut weights = Vec::with_capacity(count * VALUES);
    for example in examples {
        let time = example.time;
        let patches = example.picture.patches();
        clean.extend_from_slice(patches);
        let pairs = patches.iter().zip(&example.noise);
        noisy.extend(pairs.map(|(clean, noise)| time * clean + (1.0 - time) * noise));
        let weight = 1.0 / (1.0 - time).max(LEAST_REMAINDER);
        weights.resize(weights.len() + VALUES, weight);
    }
    let shape = (count, TOKENS, PATCH_VALUES);
    let times: Vec<f32> = examples.iter().map(|example| example.time).collect();
    let guess = model.forward(
        &Tensor::from_vec(noisy, shape, device)?,
        &times,
        &captions(examples.iter().map(|example| example.caption))?,
    )?;
    let clean = Tensor::from_vec(clean, shape, device)?;
    let weights = Tensor::from_vec(weights, shape, device)?;
    ((guess - clean)? * weights)?.sqr()?.mean_all()
}

fn captions<'a>(bags: impl ExactSizeIterator<Item = &'a [f32]>) -> Result<Tensor> {
    let count = bags.len();
    let values: Vec<f32> = bags.flatten().copied().collect();
    Tensor::from_vec(values, (count, caption::BUCKETS), &Device::Cpu)
}

/// Pictures for captions: picture i starts from noise i of the seed, so the same seed and caption
/// give comparable pictures before, during and after training.
pub(crate) fn sample(model: &Model, prompts: &[&str], seed: u64) -> Result<Vec<Picture>> {
    let count = prompts.len();
    if count == 0 {
        return Ok(Vec::new());
    }
    let bags: Vec<_> = prompts.iter().map(|prompt| caption::bag(prompt)).collect();
    let captions = captions(bags.iter().map(Vec::as_slice))?;
    let mut state: Vec<f32> = (0_u64..)
        .take(count)
        .flat_map(|index| normals(&mut stream(seed, Purpose::Sample, index), VALUES))
        .collect();
    let shape = (count, TOKENS, PATCH_VALUES);
    for step in 0..SAMPLE_STEPS {
        let time = step as f32 / SAMPLE_STEPS as f32;
        let noisy = Tensor::from_slice(&state, shape, &Device::Cpu)?;
        let guess = model.forward(&noisy, &vec![time; count], &captions)?;
        let guess = guess.flatten_all()?.to_vec1::<f32>()?;
        // The velocity (guess − state) / (1 − time) over one step; the last lands on the guess.
        let share = 1.0 / (SAMPLE_STEPS - step) as f32;
        for (state, guess) in state.iter_mut().zip(guess) {
            *state += (guess - *state) * share;
        }
    }
    Ok(state
        .chunks_exact(VALUES)
        .map(Picture::from_patches)
        .collect())
}
