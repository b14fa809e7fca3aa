//! One picture: judged by its bytes, normalised, measured. Pure functions of bytes and limits.
//!
//! What comes in is whatever somebody sent; what goes out is upright, in sRGB, opaque, 8-bit RGB, free of
//! metadata and at most [`MAX_SIDE`] long, because trainers look at none of these themselves (kohya's
//! scripts, for one, ignore the EXIF orientation). Colour spaces told by anything else than an ICC profile
//! (PNG's cICP, gAMA and cHRM, HDR gain maps) are taken as sRGB.
//!
//! Work is bounded before it is begun: bytes first, then pixels as the header declares them, and the decoder
//! runs under an allocation limit. One call needs at worst 12 bytes a pixel (a transparent PNG of 16 bits a channel): 600 MB
//! at the default limit; a phone's photo of 12 megapixels takes 65 MB.

mod decode;
mod measure;
mod mend;
mod normalise;
mod pixels;
mod sniff;
mod verdict;

use bytes::Bytes;
use image::RgbImage;
use lorikeet_chat::BlobId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use measure::{BLUR_THRESHOLD, DHash};
pub use mend::{Mend, Part, mend};
pub use normalise::{JPEG_QUALITY, MAX_SIDE, THUMBNAIL_SIDE};
pub use pixels::{Pixels, pixels, size};
pub use verdict::{ForeignFormat, Refusal, Warning};

/// A format that pictures are taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// PNG, not animated.
    Png,
    /// JPEG, baseline or progressive.
    Jpeg,
    /// WebP, lossy or lossless, not animated.
    WebP,
}

impl Format {
    /// The format of `bytes` by their first few, whatever the file was called; `None` for any other.
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        match sniff::sniff(bytes) {
            sniff::Kind::Picture(format) => Some(format),
            sniff::Kind::Foreign(_) | sniff::Kind::Unknown => None,
        }
    }

    /// The usual file name extension, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::WebP => "webp",
        }
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
        }
    }
}

/// What a picture may cost and must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest file, in bytes.
    pub max_bytes: u64,
    /// The most pixels, by the header and before decoding.
    pub max_pixels: u64,
    /// The shortest short side, in pixels.
    pub min_short_side: u32,
    /// The side, in pixels, of the square that the training will fit pictures' areas to, when it is known:
    /// smaller pictures are warned of.
    pub training_resolution: Option<u32>,
}

impl Default for Limits {
    /// 20 MB, 50 megapixels, 256 pixels on the short side, no training resolution.
    fn default() -> Self {
        Self {
            max_bytes: 20_000_000,
            max_pixels: 50_000_000,
            min_short_side: 256,
            training_resolution: None,
        }
    }
}

/// A picture that may be trained on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Address of the original's bytes. They are not kept: this recognises the same file when it comes again.
    pub original_hash: BlobId,
    /// The original's format.
    pub original_format: Format,
    /// The original's width in pixels, held upright.
    pub original_width: u32,
    /// The original's height in pixels, held upright.
    pub original_height: u32,
    /// The normalised picture, encoded: as PNG when the original was lossless, as JPEG when it was not.
    pub image: Bytes,
    /// What `image` is encoded as.
    pub format: Format,
    /// Width of `image` in pixels.
    pub width: u32,
    /// Height of `image` in pixels.
    pub height: u32,
    /// A JPEG of at most [`THUMBNAIL_SIDE`] pixels a side.
    pub thumbnail: Bytes,
    /// What it looks like, for finding near duplicates.
    pub dhash: DHash,
    /// What to tell whoever sent it.
    pub warnings: Vec<Warning>,
}

/// Judges and normalises a picture.
///
/// This takes as long as decoding does (tenths of a second for a photo): not for an async thread.
///
/// # Errors
/// The reason why it cannot be taken.
pub fn inspect(bytes: &[u8], limits: &Limits) -> Result<Picture, Refusal> {
    let size = bytes.len() as u64;
    if size > limits.max_bytes {
        return Err(Refusal::TooManyBytes {
            size,
            limit: limits.max_bytes,
        });
    }
    let original_format = match sniff::sniff(bytes) {
        sniff::Kind::Picture(format) => format,
        sniff::Kind::Foreign(ForeignFormat::Gif) if sniff::is_animated_gif(bytes) => {
            return Err(Refusal::Animated);
        }
        sniff::Kind::Foreign(format) => return Err(Refusal::UnsupportedFormat { format }),
        sniff::Kind::Unknown => return Err(Refusal::NotAPicture),
    };

    let decoded = decode::decode(bytes, original_format, limits)?;
    let (raw_width, raw_height) = (decoded.pixels.width(), decoded.pixels.height());
    let lossless = decoded.lossless;
    let normal = normalise::normalise(decoded)?;
    let (original_width, original_height) = if normal.turned {
        (raw_height, raw_width)
    } else {
        (raw_width, raw_height)
    };
    let original = Original {
        hash: BlobId::from_digest(Sha256::digest(bytes).into()),
        format: original_format,
        width: original_width,
        height: original_height,
    };
    let profile_ignored = normal.profile_ignored;
    let mut picture = finished(&normal.pixels, original, lossless, limits)?;
    if profile_ignored {
        picture.warnings.insert(0, Warning::ColourProfileIgnored);
    }
    Ok(picture)
}

/// What a picture was made of.
struct Original {
    hash: BlobId,
    format: Format,
    width: u32,
    height: u32,
}

/// Measures and encodes pixels that are as they are to be.
fn finished(
    rgb: &RgbImage,
    original: Original,
    lossless: bool,
    limits: &Limits,
) -> Result<Picture, Refusal> {
    let bars = measure::letterbox(rgb);
    let sharpness = measure::sharpness(rgb, &bars);
    let warnings = [
        Warning::elongated(original.width, original.height),
        limits
            .training_resolution
            .and_then(|side| Warning::below_resolution(original.width, original.height, side)),
        (sharpness < BLUR_THRESHOLD).then_some(Warning::Blurred {
            sharpness,
            threshold: BLUR_THRESHOLD,
        }),
        bars.warning(),
    ];
    let format = if lossless { Format::Png } else { Format::Jpeg };
    Ok(Picture {
        original_hash: original.hash,
        original_format: original.format,
        original_width: original.width,
        original_height: original.height,
        image: normalise::encode(rgb, format)?.into(),
        format,
        width: rgb.width(),
        height: rgb.height(),
        thumbnail: normalise::thumbnail(rgb)?.into(),
        dhash: DHash::of(rgb),
        warnings: warnings.into_iter().flatten().collect(),
    })
}
