//! The element-wise parts of a block: adaptive layer norm, gated residual, activation.

use candle_core::{CpuStorage, CustomOp1, CustomOp3, Layout, Result, Shape, Tensor, bail};

use super::{values, with_values};

/// Keeps the norm finite on a constant row.
const EPSILON: f32 = 1e-6;

/// `norm(x) · (1 + scale) + shift`: layer norm over the last dimension, without weights of its own.
///
/// `x` is `(batch, tokens, width)`; `shift` and `scale` are `(batch, width)`.
pub(crate) fn norm_modulate(x: &Tensor, shift: &Tensor, scale: &Tensor) -> Result<Tensor> {
    x.apply_op3(&shift.contiguous()?, &scale.contiguous()?, NormModulate)
}

/// `x + gate · y`, with `x` and `y` of `(batch, tokens, width)` and `gate` of `(batch, width)`.
pub(crate) fn gated_residual(x: &Tensor, y: &Tensor, gate: &Tensor) -> Result<Tensor> {
    x.apply_op3(y, &gate.contiguous()?, GatedResidual)
}

/// `max(x, 0)²`: as good as GELU in a network this small, and free of transcendental functions.
pub(crate) fn squared_relu(x: &Tensor) -> Result<Tensor> {
    x.apply_op1(SquaredRelu)
}

struct NormModulate;

/// Mean and inverse standard deviation.
fn statistics(row: &[f32]) -> (f32, f32) {
    let count = row.len() as f32;
    let mean = row.iter().sum::<f32>() / count;
    let variance = row.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / count;
    (mean, 1.0 / (variance + EPSILON).sqrt())
}

impl CustomOp3 for NormModulate {
    fn name(&self) -> &'static str {
        "norm-modulate"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        shift: &CpuStorage,
        shift_layout: &Layout,
        scale: &CpuStorage,
        scale_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, tokens, width) = x_layout.shape().dims3()?;
        let mut result = values(x, x_layout)?.to_vec();
        let shifts = values(shift, shift_layout)?.chunks_exact(width);
        let scales = values(scale, scale_layout)?.chunks_exact(width);
        for ((image, shift), scale) in result
            .chunks_exact_mut(tokens * width)
            .zip(shifts)
            .zip(scales)
        {
            for row in image.chunks_exact_mut(width) {
                let (mean, inverse) = statistics(row);
                for ((value, shift), scale) in row.iter_mut().zip(shift).zip(scale) {
                    *value = (*value - mean) * inverse * (1.0 + scale) + shift;
                }
            }
        }
        Ok((CpuStorage::F32(result), x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        shift: &Tensor,
        scale: &Tensor,
        _res: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (batch, tokens, width) = x.dims3()?;
        let mut of_x = vec![0.0_f32; batch * tokens * width];
        let mut of_shift = vec![0.0_f32; batch * width];
        let mut of_scale = vec![0.0_f32; batch * width];
        let mut normal = vec![0.0_f32; width];
        let mut of_normal = vec![0.0_f32; width];
        let grad = grad.contiguous()?;
        with_values(x, |x| {
            with_values(&grad, |grad| {
                with_values(scale, |scale| {
                    for start in (0..x.len()).step_by(width) {
                        let image = start / (tokens * width) * width;
                        let row = &x[start..start + width];
                        let grad = &grad[start..start + width];
                        let scale = &scale[image..image + width];
                        let of_shift = &mut of_shift[image..image + width];
                        let of_scale = &mut of_scale[image..image + width];
                        let (mean, inverse) = statistics(row);
                        for i in 0..width {
                            normal[i] = (row[i] - mean) * inverse;
                            of_normal[i] = grad[i] * (1.0 + scale[i]);
                            of_shift[i] += grad[i];
                            of_scale[i] += grad[i] * normal[i];
                        }
                        let count = width as f32;
                        let sum = of_normal.iter().sum::<f32>() / count;
                        let along = of_normal
                            .iter()
                            .zip(&normal)
                            .map(|(g, n)| g * n)
                            .sum::<f32>()
                            / count;
                        for (i, out) in of_x[start..start + width].iter_mut().enumerate() {
                            *out = inverse * (of_normal[i] - sum - normal[i] * along);
                        }
                    }
                    Ok(())
                })
            })
        })?;
        let device = x.device();
        Ok((
            Some(Tensor::from_vec(of_x, x.shape(), device)?),
            Some(Tensor::from_vec(of_shift, shift.shape(), device)?),
            Some(Tensor::from_vec(of_scale, scale.shape(), device)?),
        ))
    }
}

struct GatedResidual;

impl CustomOp3 for GatedResidual {
    fn name(&self) -> &'static str {
        "gated-residual"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        y: &CpuStorage,
        y_layout: &Layout,
        gate: &CpuStorage,
        gate_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, tokens, width) = x_layout.shape().dims3()?;
        let mut result = values(x, x_layout)?.to_vec();
        let y = values(y, y_layout)?;
        if y.len() != result.len() {
            bail!("a residual needs two equal shapes");
        }
        let gates = values(gate, gate_layout)?.chunks_exact(width);
        let images = result.chunks_exact_mut(tokens * width);
        for ((x, y), gate) in images.zip(y.chunks_exact(tokens * width)).zip(gates) {
            for (x, y) in x.chunks_exact_mut(width).zip(y.chunks_exact(width)) {
                for ((x, y), gate) in x.iter_mut().zip(y).zip(gate) {
                    *x += y * gate;
                }
            }
        }
        Ok((CpuStorage::F32(result), x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        y: &Tensor,
        gate: &Tensor,
        _res: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (batch, tokens, width) = x.dims3()?;
        let mut of_y = vec![0.0_f32; batch * tokens * width];
        let mut of_gate = vec![0.0_f32; batch * width];
        let grad = grad.contiguous()?;
        with_values(y, |y| {
            with_values(&grad, |grad| {
                with_values(gate, |gate| {
                    for start in (0..y.len()).step_by(width) {
                        let image = start / (tokens * width) * width;
                        let y = &y[start..start + width];
                        let grad = &grad[start..start + width];
                        let gate = &gate[image..image + width];
                        let of_y = &mut of_y[start..start + width];
                        let of_gate = &mut of_gate[image..image + width];
                        for i in 0..width {
                            of_y[i] = grad[i] * gate[i];
                            of_gate[i] += grad[i] * y[i];
                        }
                    }
                    Ok(())
                })
            })
        })?;
        let of_y = Tensor::from_vec(of_y, y.shape(), y.device())?;
        let of_gate = Tensor::from_vec(of_gate, gate.shape(), gate.device())?;
        Ok((Some(grad), Some(of_y), Some(of_gate)))
    }
}

struct SquaredRelu;

impl CustomOp1 for SquaredRelu {
    fn name(&self) -> &'static str {
        "squared-relu"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let result = values(x, layout)?
            .iter()
            .map(|x| {
                let positive = x.max(0.0);
                positive * positive
            })
            .collect();
        Ok((CpuStorage::F32(result), layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, _res: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let grad = grad.contiguous()?;
        let of_x: Vec<f32> = with_values(x, |x| {
            with_values(&grad, |grad| {
                Ok(x.iter()
                    .zip(grad)
                    .map(|(x, grad)| 2.0 * x.max(0.0) * grad)
                    .collect())
            })
        })?;
        Ok(Some(Tensor::from_vec(of_x, x.shape(), x.device())?))
    }
}
