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
