//! Every operation against the same formula in candle's own, forward and backward.

use candle_core::{D, Device, Result, Tensor, Var};
use rand::Rng as _;

use super::{
    Adapter, attention, gated_residual, linear, lora_linear, merge, norm_modulate, squared_relu,
};
use crate::random::{Purpose, stream};

fn random(index: u64, shape: &[usize]) -> Var {
    let mut random = stream(7, Purpose::Weights, index);
    let count = shape.iter().product();
    let values: Vec<f32> = (0..count).map(|_| random.random_range(-1.0..1.0)).collect();
    Var::from_vec(values, shape, &Device::Cpu).unwrap()
}

/// Both functions give the same values, and the same gradients of a loss that weighs all outputs.
fn check(
    variables: &[&Var],
    fused: impl Fn() -> Result<Tensor>,
    plain: impl Fn() -> Result<Tensor>,
) {
    let gradients = |output: &Tensor| {
        let weights = random(99, output.dims());
        let loss = (output * weights.as_tensor().detach())
            .and_then(|product| product.sum_all())
            .unwrap();
        let gradients = loss.backward().unwrap();
        variables
            .iter()
            .map(|variable| gradients.get(variable).unwrap().clone())
            .collect::<Vec<_>>()
    };
    let (fused, plain) = (fused().unwrap(), plain().unwrap());
    assert_close(&fused, &plain);
    for (fused, plain) in gradients(&fused).iter().zip(gradients(&plain)) {
        assert_close(fused, &plain);
    }
}

fn assert_close(left: &Tensor, right: &Tensor) {
    assert_eq!(left.dims(), right.dims());
    let difference = (left - right)
        .and_then(|difference| difference.abs()?.flatten_all()?.max(0)?.to_scalar::<f32>())
        .unwrap();
    assert!(difference < 2e-4, "differ by {difference}");
}

#[test]
fn linear_layer() {
    let (x, weight, bias) = (random(0, &[2, 3, 5]), random(1, &[4, 5]), random(2, &[4]));
    check(
        &[&x, &weight, &bias],
        || linear(&x, &weight, &bias),
        || x.broadcast_matmul(&weight.t()?)?.broadcast_add(&bias),
    );
}

#[test]
fn frozen_layer_has_no_gradient_of_its_weight() {
    let (x, weight, bias) = (random(0, &[2, 5]), random(1, &[4, 5]), random(2, &[4]));
    let frozen = weight.as_detached_tensor();
    let loss = linear(&x, &frozen, &bias).unwrap().sum_all().unwrap();
    let gradients = loss.backward().unwrap();
    assert!(gradients.get(&x).is_some());
    assert!(gradients.get(&frozen).is_none());
}

#[test]
fn adapted_layer() {
    let x = random(0, &[2, 3, 5]);
    let (weight, bias) = (random(1, &[4, 5]), random(2, &[4]));
    let (weight, bias) = (weight.as_detached_tensor(), bias.as_detached_tensor());
    let (down, up) = (random(3, &[2, 5]), random(4, &[4, 2]));
    let adapter = Adapter {
        down: down.as_tensor().clone(),
        up: up.as_tensor().clone(),
        scale: 0.5,
    };
    let merged = merge(&weight, &adapter).unwrap();
    check(
        &[&x, &down, &up],
        || lora_linear(&x, &merged, &bias, &adapter),
        || {
            let merged = (&weight + (up.matmul(&down)? * 0.5)?)?;
            x.broadcast_matmul(&merged.t()?)?.broadcast_add(&bias)
        },
    );
}

#[test]
fn attention_of_two_heads() {
    let qkv = random(0, &[2, 4, 3 * 6]);
    check(
        &[&qkv],
        || attention(&qkv, 2),
        || {
            let parts = qkv.reshape((2, 4, 3, 2, 3))?.permute((2, 0, 3, 1, 4))?;
            let [query, key, value] = [0, 1, 2].map(|part| parts.get(part)?.contiguous());
            let scores = (query?.matmul(&key?.t()?)? / 3.0_f64.sqrt())?;
            let scores = scores.exp()?;
            let mixed = scores
                .broadcast_div(&scores.sum_keepdim(D::Minus1)?)?
                .matmul(&value?)?;
            mixed.transpose(1, 2)?.reshape((2, 4, 6))
        },
    );
}

#[test]
fn modulated_norm() {
    let (x, shift, scale) = (
        random(0, &[2, 3, 5]),
        random(1, &[2, 5]),
        random(2, &[2, 5]),
    );
    check(
        &[&x, &shift, &scale],
        || norm_modulate(&x, &shift, &scale),
        || {
            let centred = x.broadcast_sub(&x.mean_keepdim(2)?)?;
            let deviation = (centred.sqr()?.mean_keepdim(2)? + 1e-6)?.sqrt()?;
            centred
                .broadcast_div(&deviation)?
                .broadcast_mul(&(scale.unsqueeze(1)? + 1.0)?)?
                .broadcast_add(&shift.unsqueeze(1)?)
        },
    );
}

#[test]
fn residual_through_a_gate() {
    let (x, y, gate) = (
        random(0, &[2, 3, 5]),
        random(1, &[2, 3, 5]),
        random(2, &[2, 5]),
    );
    check(
        &[&x, &y, &gate],
        || gated_residual(&x, &y, &gate),
        || x.as_tensor() + y.broadcast_mul(&gate.unsqueeze(1)?)?,
    );
}

#[test]
fn activation() {
    let x = random(0, &[3, 5]);
    check(&[&x], || squared_relu(&x), || x.relu()?.sqr());
}
