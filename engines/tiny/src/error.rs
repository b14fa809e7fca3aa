//! What can go wrong.

/// Why training, sampling or reading a file failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting is outside its range.
    #[error("{setting} must be {range}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// The range, in words.
        range: &'static str,
    },
    /// There are no pictures, or not as many captions as pictures.
    #[error("training needs pictures, each with a caption")]
    Dataset,
    /// A file is not what it should be.
    #[error("the file is not a {expected}: {reason}")]
    File {
        /// What was looked for.
        expected: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A checkpoint belongs to another run: other pictures, captions, settings or base.
    #[error("the checkpoint belongs to a different run")]
    ForeignCheckpoint,
    /// The computation failed; a defect, or memory ran out.
    #[error("computation failed: {0}")]
    Computation(#[from] candle_core::Error),
}
