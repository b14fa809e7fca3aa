//! What taking in one photo costs, by its steps. `cargo bench -p lorikeet-media`.

use std::num::NonZeroUsize;

use bytes::Bytes;
use divan::Bencher;
use divan::counter::BytesCount;
use lorikeet_media::picture::{Limits, inspect};
use lorikeet_media::{Blobs, Intake, samples};

fn main() {
    divan::main();
}

/// A photo of 12 megapixels, as phones make them.
fn photo() -> Vec<u8> {
    samples::jpeg(&samples::picture(1, 4032, 3024), 90)
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn inspect_12_megapixel_jpeg(bencher: Bencher) {
    let photo = photo();
    bencher
        .counter(BytesCount::of_slice(&photo))
        .bench_local(|| inspect(&photo, &Limits::default()));
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn inspect_1_megapixel_png(bencher: Bencher) {
    let drawing = samples::png(&samples::picture(1, 1024, 1024));
    bencher
        .counter(BytesCount::of_slice(&drawing))
        .bench_local(|| inspect(&drawing, &Limits::default()));
}

/// The whole way into a directory, synced to disk. Every time to a new one, or there would be nothing to write.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn take_in_12_megapixel_jpeg(bencher: Bencher) {
    let photo = Bytes::from(photo());
    let Ok(runtime) = tokio::runtime::Runtime::new() else {
        return;
    };
    let limits = Limits::default();
    bencher
        .counter(BytesCount::of_slice(&photo))
        .with_inputs(|| {
            let directory = tempfile::tempdir().ok()?;
            let blobs = Blobs::open(directory.path().to_str()?).ok()?;
            Some((Intake::new(blobs, NonZeroUsize::MIN), directory))
        })
        .bench_local_values(|input| {
            let (intake, directory) = input?;
            let ingested = runtime.block_on(intake.take_bytes(photo.clone(), &limits));
            Some((ingested.ok()?, directory))
        });
}
