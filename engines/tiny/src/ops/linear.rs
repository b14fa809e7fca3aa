//! Linear layers: trainable, frozen, and frozen with a trainable low-rank update.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};

use super::{Factor, add_product, product, values, with_values};

/// A low-rank update of a frozen weight: `weight + scale · up · down`.
#[derive(Debug, Clone)]
pub(crate) struct Adapter {
    /// `(rank, inputs)`, called `lora_A` in files.
    pub(crate) down: Tensor,
    /// `(outputs, rank)`, called `lora_B` in files.
    pub(crate) up: Tensor,
    /// alpha / rank.
    pub(crate) scale: f32,
}

/// `weight + scale · up · down`, without history.
pub(crate) fn merge(weight: &Tensor, adapter: &Adapter) -> Result<Tensor> {
    let (outputs, inputs) = weight.dims2()?;
    let rank = adapter.down.dim(0)?;
    let mut merged = weight.flatten_all()?.to_vec1::<f32>()?;
    with_values(&adapter.up, |up| {
        with_values(&adapter.down, |down| {
            let up = Factor::new(up, outputs, rank);
            add_product(
                &mut merged,
                adapter.scale,
                up,
                Factor::new(down, rank, inputs),
            )
        })
    })?;
    Tensor::from_vec(merged, (outputs, inputs), weight.device())
}

/// `x · weightᵀ + bias`, with `x` of shape `(.., inputs)` and `weight` `(outputs, inputs)`.
///
/// Gradients of weight and bias are computed only where they are variables.
pub(crate) fn linear(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    x.apply_op3(weight, bias, Linear)
}

/// `x · mergedᵀ + bias`, where `merged` already contains the adapter's update.
///
/// Gradients flow to `x` and to the adapter, through its two thin factors, never to the weight.
pub(crate) fn lora_linear(
    x: &Tensor,
    merged: &Tensor,
    bias: &Tensor,
    adapter: &Adapter,
) -> Result<Tensor> {
    let op = LoraLinear {
        merged: merged.clone(),
        bias: bias.clone(),
        scale: adapter.scale,
    };
    x.apply_op3(&adapter.down, &adapter.up, op)
}

fn affine(x: &[f32], shape: &Shape, weight: &[f32], bias: &[f32]) -> Result<(CpuStorage, Shape)> {
    let (outputs, inputs) = (bias.len(), weight.len() / bias.len().max(1));
    let mut shape = shape.dims().to_vec();
    match shape.last_mut() {
        Some(last) if *last == inputs => *last = outputs,
        _ => bail!("linear layer of {inputs} inputs given {shape:?}"),
    }
    let rows = x.len() / inputs;
    let mut result = bias.repeat(rows);
    let x = Factor::new(x, rows, inputs);
    let weight = Factor::transposed(weight, inputs, outputs);
    add_product(&mut result, 1.0, x, weight)?;
    Ok((CpuStorage::F32(result), Shape::from(shape)))
}

/// The gradient of `x` in `x · weightᵀ`, for the gradient of the result.
fn gradient_of_input(grad: &[f32], weight: &[f32], outputs: usize) -> Result<Vec<f32>> {
    let (rows, inputs) = (grad.len() / outputs, weight.len() / outputs);
    let grad = Factor::new(grad, rows, outputs);
    product(1.0, grad, Factor::new(weight, outputs, inputs))
}

struct Linear;

impl CustomOp3 for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        affine(
            values(x, x_layout)?,
            x_layout.shape(),
            values(weight, weight_layout)?,
            values(bias, bias_layout)?,
        )
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        _res: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (outputs, inputs) = weight.dims2()?;
        let rows = x.elem_count() / inputs;
        let device = x.device();
        with_values(&grad.contiguous()?, |grad| {
            let of_x = with_values(weight, |weight| gradient_of_input(grad, weight, outputs))?;
            let of_weight = if weight.is_variable() {
                let of_weight = with_values(x, |x| {
                    let grad = Factor::transposed(grad, outputs, rows);
                    product(1.0, grad, Factor::new(x, rows, inputs))
                })?;
                Some(Tensor::from_vec(of_weight, weight.shape(), device)?)
            } else {
                None
            };
            let of_bias = if bias.is_variable() {
                let mut of_bias = vec![0.0; outputs];
                for row in grad.chunks_exact(outputs) {
                    for (sum, grad) in of_bias.iter_mut().zip(row) {
                        *sum += grad;
                    }
                }
                Some(Tensor::from_vec(of_bias, bias.shape(), device)?)
            } else {
                None
            };
            let of_x = Tensor::from_vec(of_x, x.shape(), device)?;
            Ok((Some(of_x), of_weight, of_bias))
        })
    }
}

struct LoraLinear {
    merged: Tensor,
    bias: Tensor,
    scale: f32,
}

impl CustomOp3 for LoraLinear {
    fn name(&self) -> &'static str {
        "lora-linear"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        _down: &CpuStorage,
        _down_layout: &Layout,
        _up: &CpuStorage,
        _up_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let x = values(x, x_layout)?;
        with_values(&self.merged, |weight| {
            with_values(&self.bias, |bias| affine(x, x_layout.shape(), weight, bias))
        })
    }

    fn bwd(
        &self,
        x: &Tensor,
        down: &Tensor,
        up: &Tensor,
        _res: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (rank, inputs) = down.dims2()?;
        let outputs = up.dim(0)?;
        let rows = x.elem_count() / inputs;
        let (of_x, of_down, of_up) = with_values(&grad.contiguous()?, |grad| {
            with_values(x, |x| {
                let hidden = with_values(down, |down| {
                    let down = Factor::transposed(down, inputs, rank);
                    product(self.scale, Factor::new(x, rows, inputs), down)
                })?;
                let of_hidden = with_values(up, |up| {
                    let up = Factor::new(up, outputs, rank);
                    product(self.scale, Factor::new(grad, rows, outputs), up)
                })?;
                let of_down = product(
                    1.0,
                    Factor::transposed(&of_hidden, rank, rows),
                    Factor::new(x, rows, inputs),
                )?;
                let of_up = product(
                    1.0,
                    Factor::transposed(grad, outputs, rows),
                    Factor::new(&hidden, rows, rank),
                )?;
                let of_x = with_values(&self.merged, |merged| {
                    gradient_of_input(grad, merged, outputs)
                })?;
                Ok((of_x, of_down, of_up))
            })
        })?;
        let tensor = |values, like: &Tensor| Tensor::from_vec(values, like.shape(), x.device());
        Ok((
            Some(tensor(of_x, x)?),
            Some(tensor(of_down, down)?),
            Some(tensor(of_up, up)?),
        ))
    }
}
