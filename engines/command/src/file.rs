//! The file that a program made: whether it is one, of the right rank, and what of its metadata goes out.

use std::collections::BTreeMap;

use bytes::Bytes;
use safetensors::SafeTensors;
use serde_json::{Map, Value};

/// What the program writes about itself and the model; everything else may say where things were and what they showed.
const KEPT: [&str; 4] = [
    "ss_base_model_version",
    "ss_network_dim",
    "ss_network_alpha",
    "ss_network_module",
];
/// Of the standard for what a model is. <https://github.com/Stability-AI/ModelSpec>
const SPEC: &str = "modelspec.";

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfit {
    #[error(
        "The trainer made a file that cannot be read. Start again; tell whoever runs this bot if it stays so."
    )]
    Unreadable,
    #[error(
        "The trainer made a file of rank {found} where {wanted} was asked for. Tell whoever runs this bot."
    )]
    Rank { found: usize, wanted: usize },
    #[error("The trainer made a file that is no LoRA. Tell whoever runs this bot.")]
    NoLora,
}

/// Whether it is a LoRA of a rank, whole and readable.
pub(crate) fn check(file: &[u8], rank: u32) -> Result<(), Unfit> {
    let read = SafeTensors::deserialize(file).map_err(|_| Unfit::Unreadable)?;
    let wanted = rank as usize;
    let mut ranks: BTreeMap<usize, usize> = BTreeMap::new();
    for (name, tensor) in read.iter() {
        // Of kohya and of PEFT, the first dimension is the rank.
        if name.ends_with("lora_down.weight") || name.contains("lora_A") {
            let rank = tensor.shape().first().copied().unwrap_or_default();
            *ranks.entry(rank).or_default() += 1;
        }
    }
    // Small layers may have less; most have what was asked for.
    let most = ranks.iter().max_by_key(|(_, count)| **count);
    match most {
        None => Err(Unfit::NoLora),
        Some((found, _)) if *found != wanted => Err(Unfit::Rank {
            found: *found,
            wanted,
        }),
        Some(_) => Ok(()),
    }
}

/// The file with no more metadata than says what it is, and of which run.
pub(crate) fn scrubbed(file: &[u8], run: &str, title: &str) -> Result<Bytes, Unfit> {
    let (length, rest) = file.split_first_chunk::<8>().ok_or(Unfit::Unreadable)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| Unfit::Unreadable)?;
    let (header, data) = rest.split_at_checked(length).ok_or(Unfit::Unreadable)?;
    let mut header: Map<String, Value> =
        serde_json::from_slice(header).map_err(|_| Unfit::Unreadable)?;
    let before = header.remove("__metadata__");
    let mut kept = Map::new();
    for (name, value) in before.iter().filter_map(Value::as_object).flatten() {
        if KEPT.contains(&name.as_str()) || (name.starts_with(SPEC) && !name.ends_with(".title")) {
            kept.insert(name.clone(), value.clone());
        }
    }
    kept.insert("modelspec.title".to_owned(), Value::from(title));
    kept.insert("lorikeet.run".to_owned(), Value::from(run));
    header.insert("__metadata__".to_owned(), Value::Object(kept));
    let mut text = serde_json::to_vec(&header).map_err(|_| Unfit::Unreadable)?;
    // Data begin at a multiple of eight. <https://github.com/huggingface/safetensors#format>
    text.resize(text.len().next_multiple_of(8), b' ');
    let mut whole = (text.len() as u64).to_le_bytes().to_vec();
    whole.extend(text);
    whole.extend_from_slice(data);
    Ok(whole.into())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use safetensors::tensor::{Dtype, TensorView, serialize};

    use super::*;

    fn lora(rank: usize, metadata: &[(&str, &str)]) -> Vec<u8> {
        let bytes = vec![0; rank * 8 * 4];
        let down = TensorView::new(Dtype::F32, vec![rank, 8], &bytes).unwrap();
        let up = TensorView::new(Dtype::F32, vec![8, rank], &bytes).unwrap();
        let all = [
            ("lora_unet_a.lora_down.weight", down),
            ("lora_unet_a.lora_up.weight", up),
        ];
        let metadata: HashMap<String, String> = metadata
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        serialize(all, Some(metadata)).unwrap()
    }

    #[test]
    fn a_file_is_what_was_asked_for_or_says_what_it_is() {
        let file = lora(16, &[]);
        assert_eq!(check(&file, 16), Ok(()));
        assert_eq!(
            check(&file, 8),
            Err(Unfit::Rank {
                found: 16,
                wanted: 8
            })
        );
        assert_eq!(check(&file[..file.len() - 1], 16), Err(Unfit::Unreadable));
        for odd in [&b""[..], b"PK\x03\x04", &[0xff; 64]] {
            assert_eq!(check(odd, 16), Err(Unfit::Unreadable));
            assert_eq!(scrubbed(odd, "run", "title"), Err(Unfit::Unreadable));
        }
        let none: [(&str, TensorView<'_>); 0] = [];
        assert_eq!(
            check(&serialize(none, None).unwrap(), 16),
            Err(Unfit::NoLora)
        );
    }

    #[test]
    fn what_says_where_things_were_goes() {
        let file = lora(
            4,
            &[
                ("ss_dataset_dirs", "{\"/pictures/cats\": 4}"),
                ("ss_tag_frequency", "{\"a secret\": 1}"),
                ("ss_network_dim", "4"),
                ("modelspec.architecture", "stable-diffusion-xl-v1-base/lora"),
                ("modelspec.title", "/pictures"),
            ],
        );
        let clean = scrubbed(&file, "run-1", "Cat 1.0").unwrap();
        assert_eq!(check(&clean, 4), Ok(()));
        let (_, metadata) = SafeTensors::read_metadata(&clean).unwrap();
        let mut names: Vec<_> = metadata.metadata().as_ref().unwrap().iter().collect();
        names.sort();
        let names: Vec<String> = names
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(
            names,
            [
                "lorikeet.run=run-1",
                "modelspec.architecture=stable-diffusion-xl-v1-base/lora",
                "modelspec.title=Cat 1.0",
                "ss_network_dim=4",
            ]
        );
        // The numbers are the same.
        let (one, other) = (
            SafeTensors::deserialize(&file).unwrap(),
            SafeTensors::deserialize(&clean).unwrap(),
        );
        for (name, tensor) in one.iter() {
            assert_eq!(tensor.data(), other.tensor(name).unwrap().data());
        }
    }
}
