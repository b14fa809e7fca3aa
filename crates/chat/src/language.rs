//! The language a screen is in, and how numbers are written in it.

use serde::{Deserialize, Serialize};

/// The language a screen's texts are in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Language {
    /// BCP 47 tag.
    pub tag: String,
    /// Whether the person chose it here, rather than their device for them: worth remembering for them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub chosen: bool,
}

/// How numbers are written in a language: what stands between whole and fraction, and between thousands.
///
/// Source: the `latn` symbols of CLDR 47, `decimal` and `group`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numerals {
    /// 1,234.5
    #[default]
    Point,
    /// 1.234,5
    Comma,
    /// 1 234,5 with no-break spaces.
    CommaSpace,
    /// 1 234,5 with narrow no-break spaces.
    CommaNarrowSpace,
    /// 1’234.5
    PointApostrophe,
}

impl Numerals {
    /// Those of a language tag; of a language not listed here, those of English.
    pub fn of(tag: &str) -> Self {
        let mut parts = tag.split(['-', '_']);
        let language = parts.next().unwrap_or_default().to_ascii_lowercase();
        let in_switzerland =
            parts.any(|part| part.eq_ignore_ascii_case("CH") || part.eq_ignore_ascii_case("LI"));
        match language.as_str() {
            "de" | "it" if in_switzerland => Self::PointApostrophe,
            "de" | "nl" | "da" | "it" | "id" | "tr" | "el" | "ro" | "sl" | "hr" | "vi" => {
                Self::Comma
            }
            "fr" => Self::CommaNarrowSpace,
            "ru" | "uk" | "cs" | "sk" | "fi" | "sv" | "nb" | "nn" | "no" => Self::CommaSpace,
            _ => Self::Point,
        }
    }

    /// A number as one would type it, without a separator between thousands: `0,0005`.
    pub fn plain(self, number: f64) -> String {
        self.written(&number.to_string(), false)
    }

    /// A decimal written with digits and a point, as this language writes it. Anything else stays as it is.
    pub fn written(self, decimal: &str, grouped: bool) -> String {
        let (sign, digits) = match decimal.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", decimal),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !number(whole) {
            return decimal.to_owned();
        }
        let mut text = sign.to_owned();
        for (place, digit) in whole.chars().enumerate() {
            if grouped && place > 0 && (whole.len() - place) % 3 == 0 {
                text.push(self.group());
            }
            text.push(digit);
        }
        if !fraction.is_empty() {
            // Also the rest of `1.5e-7`.
            text.push(self.decimal());
            text.push_str(fraction);
        }
        text
    }

    /// Bytes in the decimal units people see on their disks: `37.9 MB`; cut, not rounded up.
    pub fn size(self, bytes: u64) -> String {
        const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
        let unit = UNITS.iter().find(|(unit, _)| bytes >= *unit);
        let Some((unit, name)) = unit else {
            return format!("{bytes} B");
        };
        let tenths = u128::from(bytes) * 10 / u128::from(*unit);
        let number = format!("{}.{}", tenths / 10, tenths % 10);
        format!("{} {name}", self.written(&number, false))
    }

    /// A number in about three significant digits.
    pub fn figure(self, value: f64) -> String {
        let text = match value.abs() {
            0.0 => "0".to_owned(),
            size if !(1e-3..1e6).contains(&size) => {
                return self.written(&format!("{value:.1e}"), false);
            }
            size if size >= 100.0 => return self.written(&format!("{value:.0}"), true),
            size if size >= 1.0 => format!("{value:.2}"),
            _ => format!("{value:.3}"),
        };
        let text = if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.')
        } else {
            &text
        };
        self.written(text, false)
    }

    /// What stands between whole and fraction.
    pub const fn decimal(self) -> char {
        match self {
            Self::Point | Self::PointApostrophe => '.',
            Self::Comma | Self::CommaSpace | Self::CommaNarrowSpace => ',',
        }
    }

    /// What stands between thousands.
    pub const fn group(self) -> char {
        match self {
            Self::Point => ',',
            Self::Comma => '.',
            Self::CommaSpace => '\u{a0}',
            Self::CommaNarrowSpace => '\u{202f}',
            Self::PointApostrophe => '’',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Numerals;

    #[test]
    fn sizes_are_cut_not_rounded_up() {
        let (en, de) = (Numerals::Point, Numerals::Comma);
        assert_eq!([en.size(0), en.size(999)], ["0 B", "999 B"]);
        assert_eq!([en.size(1_049), de.size(37_990_000)], ["1.0 kB", "37,9 MB"]);
        assert_eq!(en.size(u64::MAX), "18446744073.7 GB");
    }

    #[test]
    fn figures_are_short() {
        let en = |value| Numerals::Point.figure(value);
        assert_eq!(
            [en(0.0), en(0.1654), en(1.50), en(12_345.6)],
            ["0", "0.165", "1.5", "12,346"]
        );
        assert_eq!(
            [en(-0.25), en(1e-7), en(f64::MAX)],
            ["-0.25", "1.0e-7", "1.8e308"]
        );
        assert_eq!(Numerals::Comma.figure(0.1654), "0,165");
    }

    #[test]
    fn numbers_are_written_as_the_language_does() {
        let (en, de) = (Numerals::of("en-GB"), Numerals::of("de-AT"));
        assert_eq!(en.written("1234567.25", true), "1,234,567.25");
        assert_eq!(de.written("1234567.25", true), "1.234.567,25");
        assert_eq!(de.written("-999", true), "-999");
        assert_eq!(de.written("-1000", true), "-1.000");
        assert_eq!(de.written("100000", false), "100000");
        assert_eq!(de.plain(0.0005), "0,0005");
        assert_eq!(en.plain(0.0005), "0.0005");
        assert_eq!(de.written("1.5e-7", true), "1,5e-7");
        assert_eq!(Numerals::of("de-CH").written("1234.5", true), "1’234.5");
        assert_eq!(Numerals::of("fr").written("1234.5", true), "1\u{202f}234,5");
        for odd in ["NaN", "inf", "-inf", "", "soon"] {
            assert_eq!(de.written(odd, true), odd);
        }
    }
}
