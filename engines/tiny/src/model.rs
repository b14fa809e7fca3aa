//! The network: a small transformer that sees a noisy picture and guesses the clean one.
//!
//! Owns: names, shapes and initial values of the weights, and the forward pass. Does not own:
//! what noise is (`flow`), training, files.
//!
//! The shape is that of a diffusion transformer (Peebles and Xie, arXiv:2212.09748) with the
//! modulation shared by all blocks and a small table for each (as in PixArt-α,
//! arXiv:2310.00426), which saves a third of the weights.

use std::collections::BTreeMap;

use candle_core::{Device, Result, Tensor};

use crate::caption::BUCKETS;
use crate::ops::{
    Adapter, attention, gated_residual, linear, lora_linear, merge, norm_modulate, squared_relu,
};
use crate::picture::{PATCH, PATCH_VALUES, SIDE, TOKENS};
use crate::random::{Purpose, normals, stream};

/// Channels of a token.
pub(crate) const WIDTH: usize = 160;
/// Transformer blocks.
pub(crate) const BLOCKS: usize = 5;
const HEADS: usize = 5;
const HIDDEN: usize = 4 * WIDTH;
/// Shift, scale and gate, for attention and for the two-layer perceptron.
const MODULATIONS: usize = 6;

/// Every tensor by its name.
pub(crate) type Tensors = BTreeMap<String, Tensor>;

/// A linear layer and its size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LayerShape {
    pub(crate) name: String,
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
}

/// The linear layers, in the order of the forward pass.
pub(crate) fn layers() -> Vec<LayerShape> {
    let layer = |name: &str, inputs, outputs| LayerShape {
        name: name.to_owned(),
        inputs,
        outputs,
    };
    let mut layers = vec![
        layer("time.in", WIDTH, WIDTH),
        layer("time.out", WIDTH, WIDTH),
        layer("modulation", WIDTH, MODULATIONS * WIDTH),
        layer("input", PATCH_VALUES, WIDTH),
    ];
    for block in 0..BLOCKS {
        layers.extend([
            layer(&format!("blocks.{block}.attn.qkv"), WIDTH, 3 * WIDTH),
            layer(&format!("blocks.{block}.attn.proj"), WIDTH, WIDTH),
            layer(&format!("blocks.{block}.mlp.up"), WIDTH, HIDDEN),
            layer(&format!("blocks.{block}.mlp.down"), HIDDEN, WIDTH),
        ]);
    }
    layers.extend([
        layer("final.modulation", WIDTH, 2 * WIDTH),
        layer("final.output", WIDTH, PATCH_VALUES),
    ]);
    layers
}

/// Whether a LoRA adapts the layer: all but those that embed the time.
pub(crate) fn is_adapted(layer: &LayerShape) -> bool {
    !layer.name.starts_with("time.")
}

/// Every tensor's name and shape.
pub(crate) fn shapes() -> BTreeMap<String, Vec<usize>> {
    let mut shapes = BTreeMap::from([("caption.weight".to_owned(), vec![BUCKETS, WIDTH])]);
    for layer in layers() {
        shapes.insert(
            format!("{}.weight", layer.name),
            vec![layer.outputs, layer.inputs],
        );
        shapes.insert(format!("{}.bias", layer.name), vec![layer.outputs]);
    }
    for block in 0..BLOCKS {
        shapes.insert(
            format!("blocks.{block}.modulation"),
            vec![MODULATIONS * WIDTH],
        );
    }
    shapes
}

/// Weights to start the training of a base model from.
///
/// Layers keep the variance of what passes through; modulations and the last layer start at zero,
/// so that every block is at first the identity.
pub(crate) fn initial(seed: u64) -> Result<Tensors> {
    let zeroed = |name: &str| {
        name.ends_with(".bias") || name.contains("modulation") || name.starts_with("final.")
    };
    let mut tensors = Tensors::new();
    for (index, (name, shape)) in (0_u64..).zip(shapes()) {
        let count = shape.iter().product();
        let values = if zeroed(&name) {
            vec![0.0; count]
        } else {
            let deviation = match shape[..] {
                // Two rows a word.
                [BUCKETS, _] => 0.5_f32.sqrt(),
                [_, inputs] => 1.0 / (inputs as f32).sqrt(),
                _ => 1.0,
            };
            let mut random = stream(seed, Purpose::Weights, index);
            let mut values = normals(&mut random, count);
            values.iter_mut().for_each(|value| *value *= deviation);
            values
        };
        tensors.insert(name, Tensor::from_vec(values, shape, &Device::Cpu)?);
    }
    Ok(tensors)
}

/// The low-rank updates by layer name.
pub(crate) type Adapters = BTreeMap<String, Adapter>;

struct Linear {
    weight: Tensor,
    bias: Tensor,
    adapter: Option<Adapter>,
}

impl Linear {
    fn new(tensors: &Tensors, adapters: &Adapters, name: &str) -> Result<Self> {
        let mut weight = find(tensors, &format!("{name}.weight"))?;
        let adapter = adapters.get(name).cloned();
        if let Some(adapter) = &adapter {
            weight = merge(&weight, adapter)?;
        }
        Ok(Self {
            weight,
            bias: find(tensors, &format!("{name}.bias"))?,
            adapter,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match &self.adapter {
            None => linear(x, &self.weight, &self.bias),
            Some(adapter) => lora_linear(x, &self.weight, &self.bias, adapter),
        }
    }
}

fn find(tensors: &Tensors, name: &str) -> Result<Tensor> {
    tensors
        .get(name)
        .cloned()
        .ok_or_else(|| candle_core::Error::Msg(format!("the weights lack {name}")))
}

struct Block {
    modulation: Tensor,
    qkv: Linear,
    proj: Linear,
    up: Linear,
    down: Linear,
}

/// The network with its weights.
pub(crate) struct Model {
    caption: Tensor,
    time_in: Linear,
    time_out: Linear,
    modulation: Linear,
    input: Linear,
    positions: Tensor,
    blocks: Vec<Block>,
    final_modulation: Linear,
    output: Linear,
}

impl Model {
    /// The network with the given weights, frozen or variables, and adapters, possibly none.
    ///
    /// Adapters are merged into the weights here, so a model is built anew for each step.
    pub(crate) fn new(tensors: &Tensors, adapters: &Adapters) -> Result<Self> {
        let layer = |name: &str| Linear::new(tensors, adapters, name);
        let blocks = (0..BLOCKS).map(|block| {
            let layer = |name: &str| layer(&format!("blocks.{block}.{name}"));
            Ok(Block {
                modulation: find(tensors, &format!("blocks.{block}.modulation"))?,
                qkv: layer("attn.qkv")?,
                proj: layer("attn.proj")?,
                up: layer("mlp.up")?,
                down: layer("mlp.down")?,
            })
        });
        Ok(Self {
            caption: find(tensors, "caption.weight")?,
            time_in: layer("time.in")?,
            time_out: layer("time.out")?,
            modulation: layer("modulation")?,
            input: layer("input")?,
            positions: positions()?,
            blocks: blocks.collect::<Result<_>>()?,
            final_modulation: layer("final.modulation")?,
            output: layer("final.output")?,
        })
    }

    /// The guess of the clean picture, `(batch, tokens, patch values)`, from
    ///
    /// - `noisy`, of the same shape,
    /// - `time`, one per picture, 0 for pure noise to 1 for none,
    /// - `captions`, `(batch, buckets)`, see [`crate::caption::bag`].
    pub(crate) fn forward(
        &self,
        noisy: &Tensor,
        time: &[f32],
        captions: &Tensor,
    ) -> Result<Tensor> {
        let time = self.time_in.forward(&time_waves(time)?)?.silu()?;
        let caption = captions.matmul(&self.caption)?;
        let condition = (self.time_out.forward(&time)? + caption)?.silu()?;
        let shared = self.modulation.forward(&condition)?;

        let mut x = self.input.forward(noisy)?.broadcast_add(&self.positions)?;
        for block in &self.blocks {
            let modulation = shared.broadcast_add(&block.modulation)?;
            let part = |index: usize| modulation.narrow(1, index * WIDTH, WIDTH);
            let y = norm_modulate(&x, &part(0)?, &part(1)?)?;
            let y = attention(&block.qkv.forward(&y)?, HEADS)?;
            x = gated_residual(&x, &block.proj.forward(&y)?, &part(2)?)?;
            let y = norm_modulate(&x, &part(3)?, &part(4)?)?;
            let y = squared_relu(&block.up.forward(&y)?)?;
            x = gated_residual(&x, &block.down.forward(&y)?, &part(5)?)?;
        }
        let last = self.final_modulation.forward(&condition)?;
        let (shift, scale) = (last.narrow(1, 0, WIDTH)?, last.narrow(1, WIDTH, WIDTH)?);
        self.output.forward(&norm_modulate(&x, &shift, &scale)?)
    }
}

/// Sines and cosines of a value at geometrically spaced frequencies, `count` in all.
fn waves(value: f32, count: usize, slowest: f32) -> impl Iterator<Item = f32> {
    let half = count / 2;
    (0..count).map(move |index| {
        let frequency = slowest.powf(-((index % half) as f32) / half as f32);
        if index < half {
            (value * frequency).sin()
        } else {
            (value * frequency).cos()
        }
    })
}

fn time_waves(time: &[f32]) -> Result<Tensor> {
    let values: Vec<f32> = time
        .iter()
        .flat_map(|time| waves(time * 1000.0, WIDTH, 10_000.0))
        .collect();
    // Waves have a variance of one half; the layers are made for one.
    Tensor::from_vec(values, (time.len(), WIDTH), &Device::Cpu)? * 2.0_f64.sqrt()
}

/// `(1, tokens, width)`: half the channels tell the row, half the column.
fn positions() -> Result<Tensor> {
    let across = SIDE / PATCH;
    let values: Vec<f32> = (0..TOKENS)
        .flat_map(|token| {
            let row = waves((token / across) as f32, WIDTH / 2, 100.0);
            row.chain(waves((token % across) as f32, WIDTH / 2, 100.0))
        })
        .collect();
    Tensor::from_vec(values, (1, TOKENS, WIDTH), &Device::Cpu)
}
