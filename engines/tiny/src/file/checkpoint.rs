//! The file a run is resumed from: exact, and only for this crate.

use std::collections::BTreeMap;

use candle_core::{Device, Tensor};

use super::container::{self, Metadata, Precision};
use crate::error::Error;
use crate::lora::State;

const EXPECTED: &str = "checkpoint";
const PARTS: [&str; 3] = ["values", "mean", "square"];

fn key(index: usize, part: &str) -> String {
    format!("{index:04}.{part}")
}

pub(crate) fn write_checkpoint(state: &State) -> Result<Vec<u8>, Error> {
    let mut tensors = BTreeMap::new();
    for (index, parts) in state.variables.iter().enumerate() {
        for (name, values) in PARTS.iter().zip(parts) {
            let tensor = Tensor::from_slice(values, values.len(), &Device::Cpu)?;
            tensors.insert(key(index, name), tensor);
        }
    }
    let metadata = Metadata::from([
        ("fingerprint".to_owned(), state.fingerprint.clone()),
        ("step".to_owned(), state.step.to_string()),
        // The bits, so that nothing is lost between decimal and binary.
        ("smoothed".to_owned(), state.smoothed.to_bits().to_string()),
    ]);
    container::write(&tensors, &metadata, Precision::Full)
}

pub(crate) fn read_checkpoint(bytes: &[u8]) -> Result<State, Error> {
    let (tensors, metadata) = container::read(bytes, EXPECTED)?;
    let missing = |key: &str| Error::File {
        expected: EXPECTED,
        reason: format!("no {key}"),
    };
    let text = |key: &str| metadata.get(key).ok_or_else(|| missing(key));
    let mut variables = Vec::new();
    for index in 0..tensors.len() / PARTS.len() {
        let part = |name: &str| -> Result<Vec<f32>, Error> {
            let key = key(index, name);
            let tensor = tensors.get(&key).ok_or_else(|| missing(&key))?;
            Ok(tensor.flatten_all()?.to_vec1()?)
        };
        variables.push([part(PARTS[0])?, part(PARTS[1])?, part(PARTS[2])?]);
    }
    let smoothed = text("smoothed")?.parse().map_err(|_| missing("smoothed"))?;
    Ok(State {
        fingerprint: text("fingerprint")?.clone(),
        step: text("step")?.parse().map_err(|_| missing("step"))?,
        smoothed: f32::from_bits(smoothed),
        variables,
    })
}
