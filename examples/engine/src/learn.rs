//! The training itself: pure arithmetic, a step at a time.

use std::collections::HashMap;

use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};

/// Pixels of a side.
pub(crate) const SIDE: u32 = 16;
/// Values of a picture.
const VALUES: usize = (SIDE * SIDE * 3) as usize;

// ANCHOR: learn
/// What is being learned: the average picture, and how far it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Weights {
    pub(crate) step: u32,
    values: Vec<f32>,
}

impl Weights {
    pub(crate) fn blank() -> Self {
        Self {
            step: 0,
            values: vec![0.0; VALUES],
        }
    }

    /// One step towards one picture; gives the mean squared error before it. A picture has values from 0 to 1.
    pub(crate) fn learn(&mut self, pictures: &[Vec<f32>], rate: f64) -> f64 {
        let turn = self.step as usize % pictures.len().max(1);
        let mut loss = 0.0;
        if let Some(picture) = pictures.get(turn) {
            for (value, wanted) in self.values.iter_mut().zip(picture) {
                let error = wanted - *value;
                *value += error * rate as f32;
                loss += f64::from(error * error);
            }
        }
        self.step += 1;
        loss / VALUES as f64
    }
    // ANCHOR_END: learn

    /// The file people download.
    ///
    /// # Errors
    /// Never for weights of this module.
    pub(crate) fn file(&self, title: &str) -> Result<Vec<u8>, String> {
        let bytes: Vec<u8> = self.values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let side = SIDE as usize;
        let tensor = TensorView::new(Dtype::F32, vec![side, side, 3], &bytes)
            .map_err(|error| error.to_string())?;
        let metadata = HashMap::from([("modelspec.title".to_owned(), title.to_owned())]);
        safetensors::serialize([("average", tensor)], Some(metadata))
            .map_err(|error| error.to_string())
    }
}

/// A picture as it is learned, whatever its size was.
pub(crate) fn picture(encoded: &[u8]) -> Option<Vec<f32>> {
    let picture = image::load_from_memory(encoded).ok()?.into_rgb8();
    let small = image::imageops::thumbnail(&picture, SIDE, SIDE);
    Some(small.iter().map(|v| f32::from(*v) / 255.0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_learns_the_average() {
        let pictures = [vec![0.2; VALUES], vec![0.6; VALUES]];
        let mut weights = Weights::blank();
        for _ in 0..400 {
            weights.learn(&pictures, 0.05);
        }
        assert!((weights.values[0] - 0.4).abs() < 0.02);
        assert_eq!(weights.step, 400);
    }

    #[test]
    fn the_loss_falls() {
        let picture = [vec![0.5; VALUES]];
        let mut weights = Weights::blank();
        let first = weights.learn(&picture, 0.05);
        let last = (1..100).fold(first, |_, _| weights.learn(&picture, 0.05));
        assert!((first - 0.25).abs() < 1e-6, "{first}");
        assert!(last < first / 1000.0, "{last} after {first}");
    }
}
