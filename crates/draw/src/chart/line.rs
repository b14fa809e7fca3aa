//! What is drawn of a line's points: fewer when there are more than pixels, and a calmer course through noise.

/// From so many points on a line is smoothed; fewer can be followed as they are.
const MANY: usize = 24;
/// Which part of a line a smoothed point looks at to either side.
const REACH: usize = 24;

/// The lowest, highest, first and last point of each of `columns` stretches of equal width, in their order: the line drawn
/// through them covers the same pixels. Points are shares of the plot (0 to 1), x rising.
pub(super) fn thin(points: &[(f64, f64)], columns: usize) -> Vec<(f64, f64)> {
    if points.len() <= columns * 2 {
        return points.to_vec();
    }
    let column = |x: f64| (x * columns as f64) as usize;
    let mut out = Vec::with_capacity(columns * 4 + 4);
    for stretch in points.chunk_by(|a, b| column(a.0) == column(b.0)) {
        let at = |better: fn(&f64, &f64) -> bool| {
            let numbered = stretch.iter().enumerate();
            numbered
                .reduce(|a, b| if better(&b.1.1, &a.1.1) { b } else { a })
                .map_or(0, |(at, _)| at)
        };
        let mut kept = [0, at(f64::lt), at(f64::gt), stretch.len() - 1];
        kept.sort_unstable();
        for (place, at) in kept.iter().enumerate() {
            if place == 0 || kept[place - 1] != *at {
                out.push(stretch[*at]);
            }
        }
    }
    out
}

/// Each point on the straight line that fits its neighbours best (a twelfth of all in the middle, half of them at the
/// ends), twice: unlike an average it neither lags nor turns level at the ends. `None` for few points.
///
/// Neighbours count by their order, not their distance; shares (0 to 1) in, shares out.
pub(super) fn smooth(values: &[f64]) -> Option<Vec<f64>> {
    if values.len() < MANY {
        return None;
    }
    let reach = (values.len() / REACH).max(2);
    let calm = fitted(&fitted(values, reach), reach);
    Some(
        calm.into_iter()
            .map(|share| share.clamp(0.0, 1.0))
            .collect(),
    )
}

fn fitted(values: &[f64], reach: usize) -> Vec<f64> {
    // Sums from the start of the values, and of the values times their number.
    let mut sums = Vec::with_capacity(values.len() + 1);
    let (mut plain, mut numbered) = (0.0, 0.0);
    sums.push((plain, numbered));
    for (number, value) in values.iter().enumerate() {
        plain += value;
        numbered += value * number as f64;
        sums.push((plain, numbered));
    }
    (0..values.len())
        .map(|at| {
            let (from, to) = (at.saturating_sub(reach), (at + reach + 1).min(values.len()));
            let count = (to - from) as f64;
            let middle = (from + to - 1) as f64 / 2.0;
            let sum = sums[to].0 - sums[from].0;
            let together = sums[to].1 - sums[from].1 - middle * sum;
            // Of numbers that follow one another the squares' sum is known.
            let spread = count * (count * count - 1.0) / 12.0;
            sum / count + together / spread * (at as f64 - middle)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_every_extreme_and_the_order() {
        let mut points: Vec<(f64, f64)> = (0..100_000_u32)
            .map(|x| (f64::from(x) / 99_999.0, 0.5))
            .collect();
        points[50_000].1 = 1.0;
        points[70_001].1 = 0.0;
        let thinned = thin(&points, 1000);
        assert!(thinned.len() <= 4004, "{}", thinned.len());
        assert!(thinned.iter().any(|point| point.1 == 1.0));
        assert!(thinned.iter().any(|point| point.1 == 0.0));
        assert!(thinned.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(thinned.first(), points.first());
        assert_eq!(thinned.last(), points.last());
    }

    #[test]
    fn all_points_at_one_place_are_few() {
        let points: Vec<(f64, f64)> = (0..100_000_u32)
            .map(|y| (0.5, f64::from(y) / 1e5))
            .collect();
        assert_eq!(thin(&points, 1000).len(), 2);
    }

    #[test]
    fn a_straight_line_stays_itself() {
        let values: Vec<f64> = (0..50_000_u32)
            .map(|x| 0.9 - 0.8 * f64::from(x) / 49_999.0)
            .collect();
        for (before, after) in values.iter().zip(smooth(&values).unwrap()) {
            assert!((before - after).abs() < 1e-6, "{before:?} {after:?}");
        }
    }

    #[test]
    fn noise_becomes_calmer() {
        let values: Vec<f64> = (0..1000)
            .map(|x| 0.5 + if x % 2 == 0 { 0.3 } else { -0.3 })
            .collect();
        let calm = smooth(&values).unwrap();
        assert!(calm.iter().all(|share| (share - 0.5).abs() < 0.05));
        assert!(smooth(&values[..MANY - 1]).is_none());
    }
}
