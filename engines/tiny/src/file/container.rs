//! The safetensors container: a length, a JSON header, the values.
//!
//! Format: <https://github.com/huggingface/safetensors#format>.

use std::collections::BTreeMap;

use candle_core::{DType, Device, Tensor};
use half::f16;
use safetensors::{Dtype, SafeTensors};
use serde_json::{Map, Value, json};

use crate::error::Error;

/// Metadata of a file, strings by name.
pub(crate) type Metadata = BTreeMap<String, String>;

/// How values are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Precision {
    /// Two bytes.
    Half,
    /// Four bytes, exact.
    Full,
}

/// Tensors and metadata as one file.
pub(crate) fn write(
    tensors: &BTreeMap<String, Tensor>,
    metadata: &Metadata,
    precision: Precision,
) -> Result<Vec<u8>, Error> {
    let mut header = Map::new();
    header.insert("__metadata__".to_owned(), json!(metadata));
    let mut data = Vec::new();
    for (name, tensor) in tensors {
        let start = data.len();
        let values = tensor
            .to_dtype(DType::F32)?
            .flatten_all()?
            .to_vec1::<f32>()?;
        let dtype = match precision {
            Precision::Half => {
                data.extend(values.iter().flat_map(|v| f16::from_f32(*v).to_le_bytes()));
                "F16"
            }
            Precision::Full => {
                data.extend(values.iter().flat_map(|v| v.to_le_bytes()));
                "F32"
            }
        };
        let entry = json!({
            "dtype": dtype,
            "shape": tensor.dims(),
            "data_offsets": [start, data.len()],
        });
        header.insert(name.clone(), entry);
    }
    let mut header = Value::Object(header).to_string().into_bytes();
    // The data starts at a multiple of eight.
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.append(&mut header);
    file.append(&mut data);
    Ok(file)
}

/// The tensors, as `f32`, and the metadata of a file.
pub(crate) fn read(
    bytes: &[u8],
    expected: &'static str,
) -> Result<(BTreeMap<String, Tensor>, Metadata), Error> {
    let broken = |error: &dyn std::fmt::Display| Error::File {
        expected,
        reason: error.to_string(),
    };
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| broken(&error))?;
    let metadata = header.metadata().clone().unwrap_or_default();
    let file = SafeTensors::deserialize(bytes).map_err(|error| broken(&error))?;
    let mut tensors = BTreeMap::new();
    for (name, view) in file.tensors() {
        let values: Vec<f32> = match view.dtype() {
            Dtype::F16 => {
                let halves = view.data().as_chunks::<2>().0;
                halves
                    .iter()
                    .map(|b| f16::from_le_bytes(*b).to_f32())
                    .collect()
            }
            Dtype::F32 => {
                let words = view.data().as_chunks::<4>().0;
                words.iter().map(|b| f32::from_le_bytes(*b)).collect()
            }
            other => return Err(broken(&format!("{name} is {other:?}"))),
        };
        let tensor = Tensor::from_vec(values, view.shape(), &Device::Cpu)?;
        tensors.insert(name, tensor);
    }
    Ok((tensors, metadata.into_iter().collect()))
}
