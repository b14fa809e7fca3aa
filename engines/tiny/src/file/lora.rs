//! The file of a LoRA.
//!
//! Keys follow PEFT (<https://huggingface.co/docs/peft/developer_guides/checkpoint>):
//! `transformer.<layer>.lora_A.weight` of `(rank, inputs)` and `transformer.<layer>.lora_B.weight`
//! of `(outputs, rank)`, and, as kohya's trainers add, `transformer.<layer>.alpha` of no dimension.

use candle_core::{Device, Tensor};

use super::container::{self, Metadata, Precision};
use crate::base_model::BaseModel;
use crate::error::Error;
use crate::lora::Lora;
use crate::model;

const EXPECTED: &str = "LoRA of the built-in demonstration model";
const ARCHITECTURE: &str = "lorikeet-tiny/lora";
const PREFIX: &str = "transformer";

/// What a LoRA file says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct About {
    /// Name for people.
    pub title: String,
    /// Word that calls up what was learned.
    pub trigger: String,
    /// The run that made it.
    pub run: String,
    /// Steps of training.
    pub steps: usize,
}

/// The bytes of a LoRA's file: half precision, equal for equal input.
///
/// # Errors
///
/// When memory is short.
pub fn write_lora(lora: &Lora, base: &BaseModel, about: &About) -> Result<Vec<u8>, Error> {
    let mut tensors = std::collections::BTreeMap::new();
    for (layer, down, up) in &lora.factors {
        let key = |name: &str| format!("{PREFIX}.{}.{name}", layer.name);
        tensors.insert(key("lora_A.weight"), down.detach());
        tensors.insert(key("lora_B.weight"), up.detach());
        tensors.insert(key("alpha"), Tensor::new(lora.alpha, &Device::Cpu)?);
    }
    let text = str::to_owned;
    let metadata = Metadata::from([
        (text("format"), text("pt")),
        (text("modelspec.sai_model_spec"), text("1.0.0")),
        (text("modelspec.architecture"), text(ARCHITECTURE)),
        (text("modelspec.implementation"), text("lorikeet-tiny")),
        (text("modelspec.title"), about.title.clone()),
        (text("modelspec.trigger_phrase"), about.trigger.clone()),
        (text("modelspec.resolution"), text("64x64")),
        (text("modelspec.prediction_type"), text("sample")),
        (
            text("modelspec.description"),
            text(
                "For Lorikeet's small built-in demonstration model of 64x64 pixels only; \
                 it fits no other base model.",
            ),
        ),
        (text("lorikeet.base"), text(BaseModel::NAME)),
        (text("lorikeet.base_sha256"), text(base.digest())),
        (text("lorikeet.rank"), lora.rank.to_string()),
        (text("lorikeet.alpha"), lora.alpha.to_string()),
        (text("lorikeet.trigger"), about.trigger.clone()),
        (text("lorikeet.run"), about.run.clone()),
        (text("lorikeet.steps"), about.steps.to_string()),
    ]);
    container::write(&tensors, &metadata, Precision::Half)
}

/// A LoRA from the bytes of its file.
///
/// # Errors
///
/// [`Error::File`] when it is not one, or was trained on another base.
pub fn read_lora(bytes: &[u8], base: &BaseModel) -> Result<(Lora, About), Error> {
    let wrong = |reason: String| Error::File {
        expected: EXPECTED,
        reason,
    };
    let (tensors, metadata) = container::read(bytes, EXPECTED)?;
    let text = |key: &str| {
        metadata
            .get(key)
            .cloned()
            .ok_or_else(|| wrong(format!("no {key} in its metadata")))
    };
    let number = |key: &str| {
        text(key)?
            .parse::<usize>()
            .map_err(|_| wrong(format!("{key} is not a number")))
    };
    if text("lorikeet.base_sha256")? != base.digest() {
        return Err(wrong("it belongs to another base model".to_owned()));
    }
    let rank = number("lorikeet.rank")?;
    let alpha = text("lorikeet.alpha")?
        .parse()
        .map_err(|_| wrong("lorikeet.alpha is not a number".to_owned()))?;
    let find = |key: String, shape: (usize, usize)| match tensors.get(&key) {
        Some(tensor) if tensor.dims() == [shape.0, shape.1] => Ok(tensor.clone()),
        _ => Err(wrong(format!("{key} is missing or not {shape:?}"))),
    };
    let mut factors = Vec::new();
    for layer in model::layers().into_iter().filter(model::is_adapted) {
        let key = |name: &str| format!("{PREFIX}.{}.{name}", layer.name);
        let down = find(key("lora_A.weight"), (rank, layer.inputs))?;
        let up = find(key("lora_B.weight"), (layer.outputs, rank))?;
        factors.push((layer, down, up));
    }
    let lora = Lora {
        rank,
        alpha,
        factors,
    };
    let about = About {
        title: text("modelspec.title")?,
        trigger: text("lorikeet.trigger")?,
        run: text("lorikeet.run")?,
        steps: number("lorikeet.steps")?,
    };
    Ok((lora, about))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use safetensors::{Dtype, SafeTensors};

    use super::*;
    use crate::draw::draw_lorikeets;
    use crate::lora::{Item, Settings, Trainer, sample};

    fn trained() -> (Arc<BaseModel>, Lora) {
        let base = Arc::new(BaseModel::shipped().unwrap());
        let drawing = draw_lorikeets(1, 1).remove(0);
        let item = Item {
            picture: drawing.picture,
            caption: drawing.caption,
        };
        let settings = Settings {
            steps: 3,
            rank: 3,
            alpha: 6.0,
            batch: 2,
            ..Settings::default()
        };
        let mut trainer = Trainer::new(Arc::clone(&base), settings, vec![item]).unwrap();
        while !trainer.is_done() {
            trainer.step().unwrap();
        }
        (base, trainer.lora())
    }

    fn about() -> About {
        About {
            title: "Lorikeet 1.0".to_owned(),
            trigger: "lorkit".to_owned(),
            run: "run-1".to_owned(),
            steps: 3,
        }
    }

    #[test]
    fn a_file_says_what_it_is_in_the_usual_keys() {
        let (base, lora) = trained();
        let bytes = write_lora(&lora, &base, &about()).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let down = file
            .tensor("transformer.blocks.0.attn.qkv.lora_A.weight")
            .unwrap();
        let up = file
            .tensor("transformer.blocks.0.attn.qkv.lora_B.weight")
            .unwrap();
        let alpha = file.tensor("transformer.blocks.0.attn.qkv.alpha").unwrap();
        assert_eq!(
            (down.dtype(), down.shape()),
            (Dtype::F16, [3, 160].as_slice())
        );
        assert_eq!((up.dtype(), up.shape()), (Dtype::F16, [480, 3].as_slice()));
        assert!(alpha.shape().is_empty());
        assert_eq!(file.len(), 3 * lora.factors.len());

        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
        let metadata = header.metadata().clone().unwrap();
        let expected = [
            ("lorikeet.rank", "3"),
            ("lorikeet.alpha", "6"),
            ("lorikeet.run", "run-1"),
            ("lorikeet.base_sha256", base.digest()),
            ("modelspec.title", "Lorikeet 1.0"),
            ("modelspec.trigger_phrase", "lorkit"),
            ("modelspec.architecture", "lorikeet-tiny/lora"),
        ];
        for (key, value) in expected {
            assert_eq!(metadata.get(key).map(String::as_str), Some(value), "{key}");
        }
    }

    #[test]
    fn reading_gives_what_was_written_up_to_half_precision() {
        let (base, lora) = trained();
        let bytes = write_lora(&lora, &base, &about()).unwrap();
        let (read, said) = read_lora(&bytes, &base).unwrap();
        assert_eq!(said, about());
        assert_eq!((read.rank(), read.alpha()), (3, 6.0));
        let [before, after] =
            [&lora, &read].map(|lora| sample(&base, Some(lora), &["a bird"], 1).unwrap());
        assert!(before[0].distance(&after[0]) < 0.02);
        assert_eq!(write_lora(&read, &base, &said).unwrap(), bytes);
    }

    #[test]
    fn another_base_and_damaged_files_are_refused() {
        let (base, lora) = trained();
        let bytes = write_lora(&lora, &base, &about()).unwrap();
        assert!(matches!(
            read_lora(&bytes[..bytes.len() - 8], &base),
            Err(Error::File { .. })
        ));
        assert!(matches!(read_lora(b"no", &base), Err(Error::File { .. })));

        let mut tensors = base.tensors.clone();
        let bias = Tensor::ones(160, candle_core::DType::F32, &Device::Cpu).unwrap();
        tensors.insert("input.bias".to_owned(), bias);
        let other = BaseModel::read(&super::super::write_base(&tensors, 0, 0).unwrap()).unwrap();
        assert!(matches!(read_lora(&bytes, &other), Err(Error::File { .. })));
    }
}
