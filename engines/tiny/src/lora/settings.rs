//! What can be chosen for a run, and within which ranges.

use crate::error::Error;

/// What can be chosen for a run.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Settings {
    /// 1 to 10,000.
    pub steps: usize,
    /// Rank of the update of each layer, 1 to 64.
    pub rank: usize,
    /// The update is scaled by alpha / rank; more than 0, up to 128.
    pub alpha: f32,
    /// Highest learning rate, more than 0, up to 0.1.
    pub learning_rate: f32,
    /// Pictures a step, 1 to 64.
    pub batch: usize,
    /// Decides the initial weights, the noise and the order of the pictures.
    pub seed: u64,
    /// Threads of a step, 1 to 64. Part of the settings because it decides the last bits of sums.
    pub threads: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            steps: 1000,
            rank: 16,
            alpha: 16.0,
            learning_rate: 5e-3,
            batch: 8,
            seed: 1,
            threads: 2,
        }
    }
}

impl Settings {
    /// Whether all are in range.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] names the first that is not.
    pub fn validate(&self) -> Result<(), Error> {
        let within = |value: f32, most: f32| value > 0.0 && value <= most;
        let checks = [
            ("steps", "1 to 10000", (1..=10_000).contains(&self.steps)),
            ("rank", "1 to 64", (1..=64).contains(&self.rank)),
            ("alpha", "more than 0, up to 128", within(self.alpha, 128.0)),
            (
                "learning_rate",
                "more than 0, up to 0.1",
                within(self.learning_rate, 0.1),
            ),
            ("batch", "1 to 64", (1..=64).contains(&self.batch)),
            ("threads", "1 to 64", (1..=64).contains(&self.threads)),
        ];
        match checks.into_iter().find(|(.., fine)| !fine) {
            Some((setting, range, _)) => Err(Error::Setting { setting, range }),
            None => Ok(()),
        }
    }
}
