//! From a file to pixels, within limits.
//!
//! A file that ends early is refused, and so is damage that the decoder can see. Bits that fell over inside a JPEG's
//! coded data and still mean something are beyond anybody.

use std::io::Cursor;

use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageDecoder, ImageError, RgbImage};
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::{Format, Limits, Refusal, sniff};

/// Bytes a decoder may need beside the picture itself: profiles, tables, lines.
const DECODER_OVERHEAD: u64 = 16 * 1024 * 1024;

/// The widest pixel a decoder makes: RGBA with 16 bits each.
const MAX_BYTES_PER_PIXEL: u64 = 8;

/// A picture as its file has it.
pub(super) struct Decoded {
    /// Pixels, lying as they are stored.
    pub(super) pixels: DynamicImage,
    /// How to hold them.
    pub(super) orientation: Orientation,
    /// The ICC profile, unread.
    pub(super) profile: Option<Vec<u8>>,
    /// Whether the file's coding loses nothing.
    pub(super) lossless: bool,
}

pub(super) fn decode(bytes: &[u8], format: Format, limits: &Limits) -> Result<Decoded, Refusal> {
    if !sniff::is_complete(bytes, format) {
        return Err(Refusal::Truncated);
    }
    match format {
        Format::Png => decode_png(bytes, limits),
        Format::Jpeg => decode_jpeg(bytes, limits),
        Format::WebP => decode_webp(bytes, limits),
    }
}

fn decode_png(bytes: &[u8], limits: &Limits) -> Result<Decoded, Refusal> {
    // IHDR comes first and has a fixed shape (PNG, 11.2.1). Reading it here refuses a bomb before the decoder
    // has seen it.
    let size = |at: usize| {
        bytes
            .get(at..at + 4)
            .and_then(|b| b.try_into().ok())
            .map(u32::from_be_bytes)
            .ok_or(Refusal::Corrupt)
    };
    if bytes.get(12..16) != Some(b"IHDR") {
        return Err(Refusal::Corrupt);
    }
    let (width, height) = (size(16)?, size(20)?);
    check_size(width, height, limits)?;
    let failed = |error| refusal(error, Format::Png, width, height, limits);

    let decoder =
        PngDecoder::with_limits(Cursor::new(bytes), decoder_limits(limits)).map_err(failed)?;
    if decoder.is_apng().map_err(failed)? {
        return Err(Refusal::Animated);
    }
    read(decoder, true).map_err(failed)
}

fn decode_webp(bytes: &[u8], limits: &Limits) -> Result<Decoded, Refusal> {
    let failed = |error| refusal(error, Format::WebP, 0, 0, limits);
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(failed)?;
    let (width, height) = decoder.dimensions();
    check_size(width, height, limits)?;
    let failed = |error| refusal(error, Format::WebP, width, height, limits);
    if decoder.has_animation() {
        return Err(Refusal::Animated);
    }
    decoder.set_limits(decoder_limits(limits)).map_err(failed)?;
    read(decoder, !webp_is_lossy(bytes)).map_err(failed)
}

/// Whether a WebP file has a chunk of VP8's lossy coding (RFC 9649, section 2: chunks after the 12-byte header).
fn webp_is_lossy(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(12..).unwrap_or_default();
    while let [a, b, c, d, s0, s1, s2, s3, payload @ ..] = rest {
        match &[*a, *b, *c, *d] {
            b"VP8 " => return true,
            b"VP8L" => return false,
            _ => {}
        }
        let length = u32::from_le_bytes([*s0, *s1, *s2, *s3]) as usize;
        rest = payload
            .get(length.saturating_add(length % 2)..)
            .unwrap_or_default();
    }
    false
}

fn read(mut decoder: impl ImageDecoder, lossless: bool) -> Result<Decoded, ImageError> {
    // Broken metadata is no reason to refuse a picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten();
    Ok(Decoded {
        orientation,
        profile,
        pixels: DynamicImage::from_decoder(decoder)?,
        lossless,
    })
}

fn decode_jpeg(bytes: &[u8], limits: &Limits) -> Result<Decoded, Refusal> {
    // Baseline, extended and progressive. The decoder knows no others: lossless, arithmetic-coded, hierarchical.
    if !matches!(sniff::jpeg_frame(bytes), Some(0xC0..=0xC2)) {
        return Err(Refusal::UnsupportedVariant {
            format: Format::Jpeg,
        });
    }
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX));
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let failed = |_: DecodeErrors| Refusal::Corrupt;
    decoder.decode_headers().map_err(failed)?;
    let info = decoder.info().ok_or(Refusal::Corrupt)?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    check_size(width, height, limits)?;

    let orientation = decoder
        .exif()
        .and_then(|exif| Orientation::from_exif_chunk(exif))
        .unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile();
    let grey = decoder.input_colorspace() == Some(ColorSpace::Luma);
    let colours = if grey {
        ColorSpace::Luma
    } else {
        ColorSpace::RGB
    };
    decoder.set_options(options.jpeg_set_out_colorspace(colours));
    let pixels = decoder.decode().map_err(failed)?;
    let pixels = if grey {
        GrayImage::from_raw(width, height, pixels).map(DynamicImage::from)
    } else {
        RgbImage::from_raw(width, height, pixels).map(DynamicImage::from)
    };
    Ok(Decoded {
        pixels: pixels.ok_or(Refusal::Corrupt)?,
        orientation,
        profile,
        lossless: false,
    })
}

fn check_size(width: u32, height: u32, limits: &Limits) -> Result<(), Refusal> {
    if u64::from(width) * u64::from(height) > limits.max_pixels {
        return Err(Refusal::TooManyPixels {
            width,
            height,
            limit: limits.max_pixels,
        });
    }
    let short_side = width.min(height);
    if short_side < limits.min_short_side.max(1) {
        return Err(Refusal::TooSmall {
            short_side,
            min: limits.min_short_side.max(1),
        });
    }
    Ok(())
}

fn decoder_limits(limits: &Limits) -> image::Limits {
    let mut inner = image::Limits::no_limits();
    inner.max_alloc = Some(
        limits
            .max_pixels
            .saturating_mul(MAX_BYTES_PER_PIXEL)
            .saturating_add(DECODER_OVERHEAD),
    );
    inner
}

fn refusal(error: ImageError, format: Format, width: u32, height: u32, limits: &Limits) -> Refusal {
    match error {
        ImageError::Limits(_) => Refusal::TooManyPixels {
            width,
            height,
            limit: limits.max_pixels,
        },
        ImageError::Unsupported(_) => Refusal::UnsupportedVariant { format },
        _ => Refusal::Corrupt,
    }
}
