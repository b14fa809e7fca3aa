//! From a picture as its file has it to one as a training wants it: opaque 8-bit RGB in sRGB, upright, of a
//! bounded size.
//!
//! Alpha and depth go first, then the size, so that colours and orientation are worked out on few pixels.

use fast_image_resize::Resizer;
use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngEncoder};
use image::imageops;
use image::metadata::Orientation;
use image::{DynamicImage, ExtendedColorType, ImageEncoder, ImageResult, RgbImage};
use qcms::{DataType, Intent, Profile, Transform};

use super::decode::Decoded;
use super::{Format, Refusal};

/// The longest side kept, in pixels. A training at 1024 fits pictures to 1024² pixels: even one of 4:1 is then
/// 2048 long, and more is never looked at.
pub const MAX_SIDE: u32 = 2048;

/// JPEG quality of normalised pictures. Only what came lossily coded is coded so again, with colours at full
/// resolution; PNG would keep the first coder's artefacts at five times the size.
pub const JPEG_QUALITY: u8 = 95;

/// The longest side of a thumbnail, in pixels.
pub const THUMBNAIL_SIDE: u32 = 256;

const THUMBNAIL_QUALITY: u8 = 82;

/// A normalised picture, not encoded yet.
pub(super) struct Normal {
    pub(super) pixels: RgbImage,
    /// Whether width and height changed places.
    pub(super) turned: bool,
    /// Whether there was a colour profile that could not be followed.
    pub(super) profile_ignored: bool,
}

pub(super) fn normalise(decoded: Decoded) -> Result<Normal, Refusal> {
    let Decoded {
        pixels,
        orientation,
        profile,
        lossless: _,
    } = decoded;
    let grey = !pixels.color().has_color();
    let mut pixels = shrink(flatten(pixels), MAX_SIDE)?;
    let profile_ignored = profile.is_some_and(|icc| !to_srgb(&mut pixels, &icc, grey));
    let mut upright = DynamicImage::from(pixels);
    upright.apply_orientation(orientation);
    Ok(Normal {
        pixels: upright.into_rgb8(),
        turned: matches!(
            orientation,
            Orientation::Rotate90
                | Orientation::Rotate270
                | Orientation::Rotate90FlipH
                | Orientation::Rotate270FlipH
        ),
        profile_ignored,
    })
}

/// The picture encoded, without any metadata.
pub(super) fn encode(pixels: &RgbImage, format: Format) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::new();
    let encoded = match format {
        Format::Png => write(
            pixels,
            PngEncoder::new_with_quality(&mut out, CompressionType::Fast, PngFilter::Adaptive),
        ),
        Format::Jpeg | Format::WebP => write(
            pixels,
            JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY),
        ),
    };
    encoded.map(|()| out).map_err(|_| Refusal::Corrupt)
}

/// A small JPEG of the picture.
pub(super) fn thumbnail(pixels: &RgbImage) -> Result<Vec<u8>, Refusal> {
    let (width, height) = fit(pixels.width(), pixels.height(), THUMBNAIL_SIDE);
    let small = imageops::thumbnail(pixels, width, height);
    let mut out = Vec::new();
    write(
        &small,
        JpegEncoder::new_with_quality(&mut out, THUMBNAIL_QUALITY),
    )
    .map_err(|_| Refusal::Corrupt)?;
    Ok(out)
}

/// The largest size of the same shape with no side longer than `side`; the size itself when it fits already.
pub(super) fn fit(width: u32, height: u32, side: u32) -> (u32, u32) {
    let long = width.max(height);
    if long <= side {
        return (width, height);
    }
    let scale = |length: u32| {
        let scaled = (u64::from(length) * u64::from(side) + u64::from(long) / 2) / u64::from(long);
        u32::try_from(scaled).unwrap_or(side).max(1)
    };
    (scale(width), scale(height))
}

fn write(pixels: &RgbImage, encoder: impl ImageEncoder) -> ImageResult<()> {
    encoder.write_image(
        pixels.as_raw(),
        pixels.width(),
        pixels.height(),
        ExtendedColorType::Rgb8,
    )
}

/// Lanczos, the resizer's default filter.
fn shrink(pixels: RgbImage, side: u32) -> Result<RgbImage, Refusal> {
    let (width, height) = fit(pixels.width(), pixels.height(), side);
    if (width, height) == pixels.dimensions() {
        return Ok(pixels);
    }
    // Both errors are about buffers that do not fit their size, which these do.
    let source =
        TypedImageRef::<U8x3>::from_buffer(pixels.width(), pixels.height(), pixels.as_raw())
            .map_err(|_| Refusal::Corrupt)?;
    let mut shrunk = RgbImage::new(width, height);
    // Of a type known when compiling: the untyped call brings a dozen pixel formats along, a minute's compilation.
    let mut target = TypedImage::<U8x3>::from_buffer(width, height, &mut shrunk)
        .map_err(|_| Refusal::Corrupt)?;
    Resizer::new()
        .resize_typed(&source, &mut target, None)
        .map_err(|_| Refusal::Corrupt)?;
    Ok(shrunk)
}

/// Puts a transparent picture on white, and makes 8-bit RGB of any picture.
fn flatten(pixels: DynamicImage) -> RgbImage {
    if !pixels.color().has_alpha() {
        return pixels.into_rgb8();
    }
    // Mixing happens in 8 bits, of which the result has no more; the channel's own white is its maximum.
    let source = pixels.into_rgba8();
    RgbImage::from_fn(source.width(), source.height(), |x, y| {
        let [red, green, blue, alpha] = source.get_pixel(x, y).0;
        image::Rgb([red, green, blue].map(|c| on_white(c, alpha)))
    })
}

fn on_white(channel: u8, alpha: u8) -> u8 {
    let (channel, alpha) = (u32::from(channel), u32::from(alpha));
    let mixed = (channel * alpha + 255 * (255 - alpha) + 127) / 255;
    u8::try_from(mixed).unwrap_or(u8::MAX)
}

/// Converts from the profile's colours to sRGB; false when the profile cannot be followed.
fn to_srgb(pixels: &mut RgbImage, icc: &[u8], grey: bool) -> bool {
    // The colour space stands at bytes 16 to 19 of the header (ICC.1:2022, 7.2.6).
    let from = match icc.get(16..20) {
        Some(b"RGB ") => DataType::RGB8,
        Some(b"GRAY") if grey => DataType::Gray8,
        _ => return false,
    };
    let Some(profile) = Profile::new_from_slice(icc, false) else {
        return false;
    };
    let srgb = Profile::new_sRGB();
    let intent = Intent::RelativeColorimetric;
    let Some(transform) = Transform::new_to(&profile, &srgb, from, DataType::RGB8, intent) else {
        return false;
    };
    let line_bytes = pixels.width() as usize * 3;
    let mut line = Vec::with_capacity(line_bytes);
    for target in pixels.chunks_exact_mut(line_bytes) {
        line.clear();
        match from {
            DataType::Gray8 => line.extend(target.iter().step_by(3)),
            _ => line.extend_from_slice(target),
        }
        transform.convert(&line, target);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_keep_their_shape() {
        assert_eq!(fit(4032, 3024, 2048), (2048, 1536));
        assert_eq!(fit(3024, 4032, 2048), (1536, 2048));
        assert_eq!(fit(2048, 300, 2048), (2048, 300));
        assert_eq!(fit(100_000, 10, 2048), (2048, 1));
    }

    #[test]
    fn nothing_on_white_is_white() {
        assert_eq!(on_white(0, 0), 255);
        assert_eq!(on_white(0, 255), 0);
        assert_eq!(on_white(0, 128), 127);
        assert_eq!(on_white(200, 255), 200);
    }
}
