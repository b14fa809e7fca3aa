//! Self-attention of all tokens to all tokens, several heads, no mask.

use candle_core::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor, bail};

use super::{Factor, add_product, values};

/// Attention from the joined queries, keys and values.
///
/// `qkv` is `(batch, tokens, 3 · width)`, its last dimension being query, key and value, each of
/// `heads` heads side by side. The result is `(batch, tokens, width)`.
pub(crate) fn attention(qkv: &Tensor, heads: usize) -> Result<Tensor> {
    qkv.apply_op1(Attention { heads })
}

#[derive(Clone, Copy)]
struct Dimensions {
    batch: usize,
    tokens: usize,
    heads: usize,
    /// Of one head.
    width: usize,
}

impl Dimensions {
    fn new(layout: &Layout, heads: usize) -> Result<Self> {
        let (batch, tokens, joined) = layout.shape().dims3()?;
        if heads == 0 || joined % (3 * heads) != 0 {
            bail!("{joined} channels do not divide into {heads} heads");
        }
        let width = joined / (3 * heads);
        Ok(Self {
            batch,
            tokens,
            heads,
            width,
        })
    }

    fn scale(self) -> f32 {
        1.0 / (self.width as f32).sqrt()
    }

    /// Where a token's values of a head start, in rows of `parts` joined parts.
    fn offset(
        self,
        parts: usize,
        part: usize,
        (image, head, token): (usize, usize, usize),
    ) -> usize {
        ((image * self.tokens + token) * parts + part) * self.heads * self.width + head * self.width
    }

    fn positions(self) -> impl Iterator<Item = (usize, usize, usize)> {
        (0..self.batch).flat_map(move |image| {
            (0..self.heads)
                .flat_map(move |head| (0..self.tokens).map(move |token| (image, head, token)))
        })
    }

    /// One part, with every head's rows together: `(batch · heads, tokens, width)`.
    fn gather(self, joined: &[f32], parts: usize, part: usize) -> Vec<f32> {
        let mut gathered = Vec::with_capacity(joined.len() / parts);
        for position in self.positions() {
            let start = self.offset(parts, part, position);
            gathered.extend_from_slice(&joined[start..start + self.width]);
        }
        gathered
    }

    /// The reverse of [`Self::gather`].
    fn scatter(self, gathered: &[f32], joined: &mut [f32], parts: usize, part: usize) {
        for (row, position) in gathered.chunks_exact(self.width).zip(self.positions()) {
            let start = self.offset(parts, part, position);
            joined[start..start + self.width].copy_from_slice(row);
        }
    }

    /// `left · right` of every head, shapes as they enter the product being `(rows, inner)` and
    /// `(inner, columns)`.
    fn products(
        self,
        (rows, inner, columns): (usize, usize, usize),
        left: Side<'_>,
        right: Side<'_>,
    ) -> Result<Vec<f32>> {
        let mut results = vec![0.0; self.batch * self.heads * rows * columns];
        for ((result, left), right) in results
            .chunks_exact_mut(rows * columns)
            .zip(left.factors(rows, inner))
            .zip(right.factors(inner, columns))
        {
            add_product(result, 1.0, left, right)?;
        }
        Ok(results)
    }

    /// `(batch · heads, tokens, tokens)`: how much each token takes from each.
    fn probabilities(self, query: &[f32], key: &[f32]) -> Result<Vec<f32>> {
        let by_tokens = (self.tokens, self.width, self.tokens);
        let mut scores = self.products(by_tokens, Side::Plain(query), Side::Transposed(key))?;
        let scale = self.scale();
        for row in scores.chunks_exact_mut(self.tokens) {
            let greatest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let mut sum = 0.0;
            for score in row.iter_mut() {
                *score = ((*score - greatest) * scale).exp();
                sum += *score;
            }
            let inverse = 1.0 / sum;
            for score in row.iter_mut() {
                *score *= inverse;
            }
        }
        Ok(scores)
    }
}

/// The factors of all heads, one after another.
#[derive(Clone, Copy)]
enum Side<'a> {
    Plain(&'a [f32]),
    Transposed(&'a [f32]),
}

impl<'a> Side<'a> {
    fn factors(self, rows: usize, columns: usize) -> impl Iterator<Item = Factor<'a>> {
        let (Side::Plain(values) | Side::Transposed(values)) = self;
        values
            .chunks_exact(rows * columns)
            .map(move |values| match self {
                Side::Plain(_) => Factor::new(values, rows, columns),
                Side::Transposed(_) => Factor::transposed(values, rows, columns),
            })
    }
}

struct Attention {
    heads: usize,
}

impl CustomOp1 for Attention {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn cpu_fwd(&self, qkv: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let of = Dimensions::new(layout, self.heads)?;
        let qkv = values(qkv, layout)?;
        let [query, key, value] = [0, 1, 2].map(|part| of.gather(qkv, 3, part));
        let probabilities = of.probabilities(&query, &key)?;
        let by_width = (of.tokens, of.tokens, of.width);
        let mixed = of.products(by_width, Side::Plain(&probabilities), Side::Plain(&value))?;
        let mut result = vec![0.0; mixed.len()];
        of.scatter(&mixed, &mut result, 1, 0);
        let shape = Shape::from((of.batch, of.tokens, of.heads * of.width));
        Ok((CpuStorage::F32(result), shape))
    }

    fn bwd(&self, qkv: &Tensor, _res: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let backward = Backward { heads: self.heads };
        let grad = grad.contiguous()?;
        Ok(Some(qkv.detach().apply_op2_no_bwd(&grad, &backward)?))
    }
}

/// The gradient of `qkv`; the probabilities are computed again rather than kept.
struct Backward {
    heads: usize,
}

impl CustomOp2 for Backward {
    fn name(&self) -> &'static str {
        "attention-backward"
    }

    fn cpu_fwd(
        &self,
        qkv: &CpuStorage,
        layout: &Layout,
        grad: &CpuStorage,
        grad_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let of = Dimensions::new(layout, self.heads)?;
        let qkv = values(qkv, layout)?;
        let [query, key, value] = [0, 1, 2].map(|part| of.gather(qkv, 3, part));
        let grad = of.gather(values(grad, grad_layout)?, 1, 0);
        let by_width = (of.tokens, of.tokens, of.width);
        let by_tokens = (of.tokens, of.width, of.tokens);

        let probabilities = of.probabilities(&query, &key)?;
        let of_value = of.products(
            by_width,
            Side::Transposed(&probabilities),
            Side::Plain(&grad),
        )?;
        let mut of_scores = of.products(by_tokens, Side::Plain(&grad), Side::Transposed(&value))?;
        let scale = of.scale();
        for (row, probabilities) in of_scores
            .chunks_exact_mut(of.tokens)
            .zip(probabilities.chunks_exact(of.tokens))
        {
            let mean: f32 = row.iter().zip(probabilities).map(|(g, p)| g * p).sum();
            for (score, probability) in row.iter_mut().zip(probabilities) {
                *score = scale * probability * (*score - mean);
            }
        }
        let of_query = of.products(by_width, Side::Plain(&of_scores), Side::Plain(&key))?;
        let of_key = of.products(by_width, Side::Transposed(&of_scores), Side::Plain(&query))?;

        let mut result = vec![0.0; qkv.len()];
        for (part, gathered) in [of_query, of_key, of_value].into_iter().enumerate() {
            of.scatter(&gathered, &mut result, 3, part);
        }
        Ok((CpuStorage::F32(result), layout.shape().clone()))
    }
}
