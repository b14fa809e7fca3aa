//! The file of the base model.

use candle_core::Tensor;

use super::container::{self, Metadata, Precision};
use crate::error::Error;
use crate::model::{self, Tensors};

const EXPECTED: &str = "base model";

/// The weights in half precision.
pub(crate) fn write_base(tensors: &Tensors, steps: usize, seed: u64) -> Result<Vec<u8>, Error> {
    let metadata = Metadata::from([
        ("format".to_owned(), "pt".to_owned()),
        ("modelspec.sai_model_spec".to_owned(), "1.0.0".to_owned()),
        (
            "modelspec.architecture".to_owned(),
            "lorikeet-tiny".to_owned(),
        ),
        (
            "modelspec.title".to_owned(),
            "Lorikeet's small built-in demonstration model".to_owned(),
        ),
        ("modelspec.resolution".to_owned(), "64x64".to_owned()),
        ("modelspec.prediction_type".to_owned(), "sample".to_owned()),
        (
            "modelspec.description".to_owned(),
            "Trained from nothing on pictures drawn by rule; see docs/tiny.md.".to_owned(),
        ),
        ("steps".to_owned(), steps.to_string()),
        ("seed".to_owned(), seed.to_string()),
    ]);
    container::write(tensors, &metadata, Precision::Half)
}

/// The weights, after checking that all are there and of the right shape.
pub(crate) fn read_base(bytes: &[u8]) -> Result<Tensors, Error> {
    let (tensors, _) = container::read(bytes, EXPECTED)?;
    for (name, shape) in model::shapes() {
        if tensors.get(&name).map(Tensor::dims) != Some(shape.as_slice()) {
            return Err(Error::File {
                expected: EXPECTED,
                reason: format!("{name} is missing or not {shape:?}"),
            });
        }
    }
    Ok(tensors)
}
