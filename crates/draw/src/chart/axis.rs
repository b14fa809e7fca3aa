//! From values to places on an axis, and the round numbers beside it.
//!
//! Powers of ten come from text and not from logarithms, whose last digit differs between machines.

/// A range of values, drawn from one end of an axis to the other.
#[derive(Debug)]
pub(super) struct Scale {
    min: f64,
    max: f64,
    step: Step,
}

/// A distance between numbers beside an axis: 1, 2 or 5 times a power of ten.
#[derive(Clone, Copy, Debug)]
struct Step {
    digit: u8,
    power: i32,
}

impl Step {
    /// The smallest that is at least `rough`, which is above 0, but for the last digits that arithmetic loses.
    fn above(rough: f64) -> Self {
        let power = power(rough);
        [(1, power), (2, power), (5, power)]
            .map(|(digit, power)| Self { digit, power })
            .into_iter()
            .find(|step| step.length() >= rough * (1.0 - 1e-9))
            .unwrap_or(Self {
                digit: 1,
                power: power + 1,
            })
    }

    fn length(self) -> f64 {
        times_ten_to(f64::from(self.digit), self.power)
    }
}

/// The power of ten of the first digit; 0 of 0.
fn power(value: f64) -> i32 {
    let text = format!("{value:e}");
    text.split_once('e')
        .and_then(|(_, power)| power.parse().ok())
        .unwrap_or(0)
}

fn times_ten_to(value: f64, power: i32) -> f64 {
    format!("{value}e{power}").parse().unwrap_or(value)
}

impl Scale {
    /// Over the values and out to the next round numbers, some four to seven of them; `None` for no values.
    pub(super) fn around(values: impl Iterator<Item = f64>) -> Option<Self> {
        let (min, max) = range(values)?;
        let step = Step::above((max - min) / 5.0);
        let length = step.length();
        Some(Self {
            min: (min / length).floor() * length,
            max: (max / length).ceil() * length,
            step,
        })
    }

    /// Over the values and no further, with as many round numbers as there is `room` for; `None` for no values.
    pub(super) fn within(
        values: impl Iterator<Item = f64>,
        room: impl Fn(&[(f64, String)]) -> bool,
    ) -> Option<Self> {
        let mut whole = true;
        let (min, max) = range(values.inspect(|value| whole &= value.fract() == 0.0))?;
        let with = |count: u8| {
            let mut step = Step::above((max - min) / f64::from(count));
            // There is no step 2.5 between steps 2 and 3.
            if whole && step.power < 0 {
                step = Step { digit: 1, power: 0 };
            }
            Self { min, max, step }
        };
        let fits = (2..=8_u8)
            .rev()
            .map(with)
            .find(|scale| room(&scale.labels()));
        Some(fits.unwrap_or_else(|| with(1)))
    }

    /// Where a value lies: 0 at the axis's start, 1 at its end.
    pub(super) fn share(&self, value: f64) -> f64 {
        ((value - self.min) / (self.max - self.min)).clamp(0.0, 1.0)
    }

    /// The value at a share, the other way round.
    pub(super) fn value(&self, share: f64) -> f64 {
        self.min + share * (self.max - self.min)
    }

    /// The round numbers inside, rising, with their text.
    pub(super) fn labels(&self) -> Vec<(f64, String)> {
        let length = self.step.length();
        let first = (self.min / length - 1e-6).ceil();
        let largest = self.min.abs().max(self.max.abs());
        let mut out: Vec<(f64, String)> = Vec::new();
        // A dozen is more than ever fits.
        for count in 0..12_u8 {
            let value = (first + f64::from(count)) * length;
            if value > self.max + length * 1e-6 {
                break;
            }
            let text = label(value, largest, self.step.power);
            // Numbers that the digits cannot tell apart are said once.
            if out.last().is_none_or(|(_, before)| *before != text) {
                out.push((value, text));
            }
        }
        out
    }
}

/// From the lowest to the highest value, widened when they are as good as one.
fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let (min, max) = values
        .map(|value| (value, value))
        .reduce(|(min, max), (value, _)| (min.min(value), max.max(value)))?;
    let size = min.abs().max(max.abs());
    // A difference of a billionth would only show the numbers' own last digits.
    if max - min > size * 1e-9 && max - min > 1e-290 {
        return Some((min, max));
    }
    let margin = if size < 1e-290 { 1.0 } else { size * 0.1 };
    Some((min - margin, max + margin))
}

/// A number beside an axis whose largest is `largest` and whose numbers differ from the digit of 10 to the `step` on.
fn label(value: f64, largest: f64, step: i32) -> String {
    let top = power(largest);
    if (-4..6).contains(&top) && step >= -6 {
        return grouped(value, (-step).max(0) as usize);
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let digits = (top - step).clamp(0, 5) as usize;
    let mantissa = times_ten_to(value, -top);
    format!(
        "{}×10{}",
        signed(&format!("{mantissa:.digits$}")),
        raised(top)
    )
}

/// A number in about three significant digits.
pub(super) fn short(value: f64) -> String {
    let top = power(value);
    match top {
        _ if value == 0.0 => "0".to_owned(),
        -3..6 => {
            let text = grouped(value, (2 - top).max(0) as usize);
            if text.contains('.') {
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            } else {
                text
            }
        }
        _ => {
            let mantissa = format!("{value:.1e}");
            let (mantissa, power) = mantissa.split_once('e').unwrap_or((&mantissa, "0"));
            let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
            format!(
                "{}×10{}",
                signed(mantissa),
                raised(power.parse().unwrap_or(0))
            )
        }
    }
}

/// Digits in groups of three by narrow spaces, as every language reads them.
fn grouped(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let text = signed(&text);
    let whole = text
        .split('.')
        .next()
        .map_or(0, |whole| whole.chars().count());
    let digits = text.chars().filter(char::is_ascii_digit).count()
        - text.split_once('.').map_or(0, |(_, rest)| rest.len());
    if digits < 5 {
        return text;
    }
    let mut out = String::new();
    for (place, character) in text.chars().enumerate() {
        let left = whole.saturating_sub(place);
        if left > 0 && left % 3 == 0 && out.ends_with(|c: char| c.is_ascii_digit()) {
            out.push('\u{202f}');
        }
        out.push(character);
    }
    out
}

/// With a true minus, and none before zero.
fn signed(number: &str) -> String {
    match number.strip_prefix('-') {
        Some(rest) if rest.chars().all(|c| matches!(c, '0' | '.')) => rest.to_owned(),
        Some(rest) => format!("−{rest}"),
        None => number.to_owned(),
    }
}

fn raised(power: i32) -> String {
    let raise = |character| match character {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        '9' => '⁹',
        _ => '⁰',
    };
    power.to_string().chars().map(raise).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(values: &[f64]) -> Vec<String> {
        let scale = Scale::around(values.iter().copied()).unwrap();
        scale.labels().into_iter().map(|(_, text)| text).collect()
    }

    fn within(values: &[f64]) -> Vec<String> {
        let scale = Scale::within(values.iter().copied(), |labels| labels.len() <= 6).unwrap();
        scale.labels().into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn numbers_beside_the_vertical_axis_are_round_and_hold_the_values() {
        assert_eq!(
            around(&[0.13, 0.97]),
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(around(&[-3.0, 7.0]), ["−4", "−2", "0", "2", "4", "6", "8"]);
        assert_eq!(
            around(&[0.0712, 0.0718]),
            ["0.0712", "0.0714", "0.0716", "0.0718"]
        );
        assert_eq!(
            around(&[0.5]),
            ["0.44", "0.46", "0.48", "0.50", "0.52", "0.54", "0.56"]
        );
        assert_eq!(around(&[0.0]), ["−1.0", "−0.5", "0.0", "0.5", "1.0"]);
        assert_eq!(around(&[1e7, 4e7]), ["1×10⁷", "2×10⁷", "3×10⁷", "4×10⁷"]);
        assert_eq!(around(&[0.0, 3e-9]), ["0", "1×10⁻⁹", "2×10⁻⁹", "3×10⁻⁹"]);
        let huge = around(&[-1e300, 1e300]);
        assert_eq!(
            huge,
            ["−1.0×10³⁰⁰", "−0.5×10³⁰⁰", "0", "0.5×10³⁰⁰", "1.0×10³⁰⁰"]
        );
    }

    #[test]
    fn numbers_below_the_horizontal_axis_are_inside() {
        assert_eq!(within(&[1.0, 250.0]), ["50", "100", "150", "200", "250"]);
        assert_eq!(within(&[0.0, 3.0]), ["0", "1", "2", "3"]);
        assert_eq!(within(&[100.0]), ["90", "95", "100", "105", "110"]);
        assert_eq!(
            within(&[0.0, 100_000.0]),
            [
                "0",
                "20\u{202f}000",
                "40\u{202f}000",
                "60\u{202f}000",
                "80\u{202f}000",
                "100\u{202f}000"
            ]
        );
    }

    #[test]
    fn labels_differ_and_rise() {
        for (min, max) in [
            (0.0, 1e-300),
            (1e9, 1e9 + 10.0),
            (-1e300, 1.0),
            (5e-324, 1e-323),
            (0.1, 0.1 + 1e-12),
            (-7e5, 3e5),
        ] {
            let labels = Scale::around([min, max].into_iter()).unwrap().labels();
            assert!(!labels.is_empty(), "{min} {max}");
            assert!(
                labels.is_sorted_by(|a, b| a.0 < b.0 && a.1 != b.1),
                "{labels:?}"
            );
        }
    }

    #[test]
    fn last_values_are_short() {
        let shown = [
            0.0, 0.8731, 12.0, 1500.0, 15_000.0, 2.5e7, 0.00012, -3.456, 1e-12, 0.3,
        ]
        .map(short);
        assert_eq!(
            shown,
            [
                "0",
                "0.873",
                "12",
                "1500",
                "15\u{202f}000",
                "2.5×10⁷",
                "1.2×10⁻⁴",
                "−3.46",
                "1×10⁻¹²",
                "0.3"
            ]
        );
    }
}
