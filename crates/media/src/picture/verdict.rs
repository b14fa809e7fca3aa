//! Why a picture is refused, and what is worth saying about one that is not.
//!
//! Both carry a code and numbers; the words belong to whoever speaks to people.

use serde::{Deserialize, Serialize};

use super::Format;

/// A file format that is recognised and not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForeignFormat {
    /// A GIF that is not animated.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// TIFF, and the raw formats of cameras that build on it.
    Tiff,
    /// HEIC or HEIF, as phones save photos.
    Heic,
    /// AVIF.
    Avif,
    /// JPEG XL.
    JpegXl,
    /// Photoshop.
    Psd,
    /// Windows icon.
    Ico,
    /// SVG.
    Svg,
    /// PDF.
    Pdf,
    /// MP4, QuickTime and other videos of that family.
    Video,
    /// A zip archive, where a picture was expected.
    Zip,
}

impl ForeignFormat {
    /// What people call it; the same in every language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF",
            Self::Heic => "HEIC",
            Self::Avif => "AVIF",
            Self::JpegXl => "JPEG XL",
            Self::Psd => "PSD",
            Self::Ico => "ICO",
            Self::Svg => "SVG",
            Self::Pdf => "PDF",
            Self::Video => "MP4",
            Self::Zip => "ZIP",
        }
    }
}

/// Why a picture cannot be taken. Final: the same bytes are refused again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    /// No picture, or none of a format known here.
    #[error("not a picture")]
    NotAPicture,
    /// A picture (or document) of a format that is not taken.
    #[error("{} is not taken", .format.name())]
    UnsupportedFormat {
        /// The format.
        format: ForeignFormat,
    },
    /// A rare kind of a format that is taken, such as an arithmetic-coded JPEG.
    #[error("a rare kind of {format:?}")]
    UnsupportedVariant {
        /// The format.
        format: Format,
    },
    /// A moving picture: GIF, PNG or WebP.
    #[error("animated")]
    Animated,
    /// The file ends too early: the download broke off, most likely.
    #[error("truncated")]
    Truncated,
    /// The file is damaged.
    #[error("corrupt")]
    Corrupt,
    /// The file is too large.
    #[error("{size} bytes, more than {limit}")]
    TooManyBytes {
        /// Its size in bytes; when it was given up half-way, what had come by then.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The picture has too many pixels. Nothing was decoded.
    #[error("{width}×{height} pixels, more than {limit}")]
    TooManyPixels {
        /// Width in pixels, as the header has it.
        width: u32,
        /// Height in pixels, as the header has it.
        height: u32,
        /// The limit on width × height.
        limit: u64,
    },
    /// The picture is too small to train on.
    #[error("{short_side} pixels on the short side, less than {min}")]
    TooSmall {
        /// The short side in pixels.
        short_side: u32,
        /// The least it must have.
        min: u32,
    },
}

impl Refusal {
    /// A stable name for this kind of refusal, in the style of a message id; also its tag when serialised.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAPicture => "not-a-picture",
            Self::UnsupportedFormat { .. } => "unsupported-format",
            Self::UnsupportedVariant { .. } => "unsupported-variant",
            Self::Animated => "animated",
            Self::Truncated => "truncated",
            Self::Corrupt => "corrupt",
            Self::TooManyBytes { .. } => "too-many-bytes",
            Self::TooManyPixels { .. } => "too-many-pixels",
            Self::TooSmall { .. } => "too-small",
        }
    }
}

/// Something that lowers what a training gets out of a picture, though it may be meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Warning {
    /// One side is more than twice the other: the trainer will cut much of it away.
    Elongated {
        /// The original's width in pixels.
        width: u32,
        /// The original's height in pixels.
        height: u32,
    },
    /// Fewer pixels than the training looks at.
    BelowResolution {
        /// The original's width in pixels.
        width: u32,
        /// The original's height in pixels.
        height: u32,
        /// Side in pixels of the square with as many pixels as the training looks at.
        resolution: u32,
    },
    /// Nothing in it is sharp.
    Blurred {
        /// Variance of the Laplacian in the sharpest part; see [`super::BLUR_THRESHOLD`].
        sharpness: u32,
        /// What it would need.
        threshold: u32,
    },
    /// Bars of one colour along the sides, which a training learns as part of the subject. In pixels of the
    /// normalised picture.
    Letterboxed {
        /// Width of the bar on the left.
        left: u32,
        /// Height of the bar at the top.
        top: u32,
        /// Width of the bar on the right.
        right: u32,
        /// Height of the bar at the bottom.
        bottom: u32,
    },
    /// Its colour profile is damaged or of a kind that cannot be followed (CMYK): colours may be off.
    ColourProfileIgnored,
}

impl Warning {
    /// A stable name for this kind of warning, in the style of a message id; also its tag when serialised.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Elongated { .. } => "elongated",
            Self::BelowResolution { .. } => "below-resolution",
            Self::Blurred { .. } => "blurred",
            Self::Letterboxed { .. } => "letterboxed",
            Self::ColourProfileIgnored => "colour-profile-ignored",
        }
    }

    /// The warning for a shape beyond 2:1.
    pub fn elongated(width: u32, height: u32) -> Option<Self> {
        let (short, long) = (width.min(height), width.max(height));
        (u64::from(long) > 2 * u64::from(short)).then_some(Self::Elongated { width, height })
    }

    /// The warning for a picture with fewer pixels than a training at `resolution` looks at. Trainers fit the
    /// area, not a side, so a 1448×724 picture is enough for 1024. Cheap, for when the resolution changes later.
    pub fn below_resolution(width: u32, height: u32, resolution: u32) -> Option<Self> {
        let area = u64::from(width) * u64::from(height);
        (area < u64::from(resolution).pow(2)).then_some(Self::BelowResolution {
            width,
            height,
            resolution,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_the_tag_on_the_wire() {
        let refusals = [
            Refusal::NotAPicture,
            Refusal::UnsupportedFormat {
                format: ForeignFormat::Heic,
            },
            Refusal::UnsupportedVariant {
                format: Format::Jpeg,
            },
            Refusal::Animated,
            Refusal::Truncated,
            Refusal::Corrupt,
            Refusal::TooManyBytes { size: 2, limit: 1 },
            Refusal::TooManyPixels {
                width: 9,
                height: 9,
                limit: 80,
            },
            Refusal::TooSmall {
                short_side: 100,
                min: 256,
            },
        ];
        for refusal in refusals {
            let wire = serde_json::to_value(&refusal).unwrap();
            assert_eq!(wire["code"], refusal.code());
            assert_eq!(serde_json::from_value::<Refusal>(wire).unwrap(), refusal);
        }

        let warnings = [
            Warning::elongated(1000, 499).unwrap(),
            Warning::below_resolution(700, 700, 1024).unwrap(),
            Warning::Blurred {
                sharpness: 1,
                threshold: 2,
            },
            Warning::Letterboxed {
                left: 0,
                top: 40,
                right: 0,
                bottom: 40,
            },
            Warning::ColourProfileIgnored,
        ];
        for warning in warnings {
            let wire = serde_json::to_value(&warning).unwrap();
            assert_eq!(wire["code"], warning.code());
            assert_eq!(serde_json::from_value::<Warning>(wire).unwrap(), warning);
        }
    }

    #[test]
    fn shape_and_resolution_are_judged_at_their_edges() {
        assert_eq!(Warning::elongated(1000, 500), None);
        assert!(Warning::elongated(500, 1001).is_some());
        assert_eq!(Warning::below_resolution(1448, 725, 1024), None);
        assert!(Warning::below_resolution(1448, 700, 1024).is_some());
    }
}
