//! The differentiable operations of the network, written for the CPU.
//!
//! Owns: forward and backward of the linear layers, attention, the modulated norm, the gated
//! residual and the activation. Does not own: parameters, shapes of the network, training.
//!
//! candle's own operations would do all of this, and the tests hold every operation here against
//! them. They are fused because at this size a step is mostly memory traffic and allocation, and
//! because candle always computes the gradient of both factors of a product, also of a frozen one.

mod attention;
mod linear;
mod modulation;
#[cfg(test)]
mod tests;

use candle_core::{CpuStorage, Error, Layout, Result, Storage, Tensor, bail};
use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2};

pub(crate) use attention::attention;
pub(crate) use linear::{Adapter, linear, lora_linear, merge};
pub(crate) use modulation::{gated_residual, norm_modulate, squared_relu};

/// The values of a contiguous argument.
fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let Some((start, end)) = layout.contiguous_offsets() else {
        bail!("a contiguous tensor is needed here");
    };
    Ok(&storage.as_slice::<f32>()?[start..end])
}

/// Calls `read` with the values of a contiguous tensor, without copying them.
pub(crate) fn with_values<T>(tensor: &Tensor, read: impl FnOnce(&[f32]) -> Result<T>) -> Result<T> {
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(storage) => read(values(storage, layout)?),
        _ => bail!("a tensor in the memory of the CPU is needed here"),
    }
}

/// A factor of a product, with its numbers of rows and columns as they enter the product.
#[derive(Clone, Copy)]
struct Factor<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    /// Whether memory holds the columns one after another rather than the rows.
    transposed: bool,
}

impl<'a> Factor<'a> {
    fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        Self {
            values,
            rows,
            columns,
            transposed: false,
        }
    }

    /// What is in memory as `columns` rows of `rows`.
    fn transposed(values: &'a [f32], rows: usize, columns: usize) -> Self {
        Self {
            values,
            rows,
            columns,
            transposed: true,
        }
    }

    fn view(self) -> Result<ArrayView2<'a, f32>> {
        let view = if self.transposed {
            ArrayView2::from_shape((self.columns, self.rows), self.values)
                .map(ArrayView2::reversed_axes)
        } else {
            ArrayView2::from_shape((self.rows, self.columns), self.values)
        };
        view.map_err(Error::wrap)
    }
}

/// Adds `scale · left · right` to `sum`, which holds rows one after another.
///
/// Not candle's product: that one divides itself over a pool shared by the whole process, which
/// spins while it waits, so two workers or two trainings slow each other down.
fn add_product(sum: &mut [f32], scale: f32, left: Factor<'_>, right: Factor<'_>) -> Result<()> {
    if left.columns != right.rows {
        bail!("{} columns times {} rows", left.columns, right.rows);
    }
    let mut sum =
        ArrayViewMut2::from_shape((left.rows, right.columns), sum).map_err(Error::wrap)?;
    general_mat_mul(scale, &left.view()?, &right.view()?, 1.0, &mut sum);
    Ok(())
}

/// `scale · left · right`.
fn product(scale: f32, left: Factor<'_>, right: Factor<'_>) -> Result<Vec<f32>> {
    let mut result = vec![0.0; left.rows * right.columns];
    add_product(&mut result, scale, left, right)?;
    Ok(result)
}
