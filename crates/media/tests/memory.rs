//! What one picture may cost in memory. A binary of its own: its allocator counts for the whole process.

use image::{Rgb, RgbImage};
use lorikeet_media::picture::{Limits, inspect};
use lorikeet_media::samples;
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const MEGABYTE: usize = 1_000_000;

/// Most bytes allocated at once while `file` is inspected, beyond what was before.
fn peak(file: &[u8]) -> usize {
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    let _ = inspect(file, &Limits::default());
    ALLOCATOR.peak_usage().saturating_sub(before)
}

// One test, because tests of one binary may run at once and would count each other's bytes.
#[test]
fn memory_is_bounded_by_the_limits() {
    // Refused by the header: nothing to speak of is allocated.
    assert!(peak(&samples::png_bomb(30_000, 30_000)) < MEGABYTE);
    assert!(peak(&samples::png_flat_bomb(7_746)) < MEGABYTE);

    // What is taken costs what the documentation says.
    let photo = samples::jpeg(&samples::picture(1, 4032, 3024), 90);
    let used = peak(&photo) / MEGABYTE;
    assert!((36..80).contains(&used), "12-megapixel JPEG: {used} MB");

    let flat = samples::png_flat_bomb(7_000);
    let used = peak(&flat) / MEGABYTE;
    assert!(
        (147..250).contains(&used),
        "49-megapixel grey PNG: {used} MB"
    );

    let deep = RgbImage::from_pixel(7_000, 7_000, Rgb([9, 90, 200]));
    let deep = samples::sixteen_bit_png(&deep);
    let used = peak(&deep) / MEGABYTE;
    assert!(
        (294..500).contains(&used),
        "49-megapixel 16-bit PNG: {used} MB"
    );
}
