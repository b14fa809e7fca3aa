//! Random streams.
//!
//! A stream is named by a seed, a purpose and an index, and its generator is portable. So step
//! 400 of a run draws the same noise whether or not steps 0 to 399 ran in this process: a run is
//! resumed by its step number alone.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

/// What a stream is used for; streams of different purposes are independent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Initial weights; the index is the tensor.
    Weights = 1,
    /// Procedural pictures; the index is the picture.
    Drawing = 2,
    /// Noise, times and dropped captions of training; the index is the step.
    Step = 3,
    /// The order of the pictures; the index is the epoch.
    Order = 4,
    /// The fixed noise and times of the probe loss.
    Probe = 5,
    /// The starting noise of samples; the index is the sample.
    Sample = 6,
}

/// The generator of one stream.
pub(crate) fn stream(seed: u64, purpose: Purpose, index: u64) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(((purpose as u64) << 56) | index);
    random
}

/// `count` standard normal variates.
pub(crate) fn normals(random: &mut ChaCha8Rng, count: usize) -> Vec<f32> {
    (0..count).map(|_| random.sample(StandardNormal)).collect()
}
