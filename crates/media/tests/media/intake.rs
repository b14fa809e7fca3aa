//! From a stream to blobs.

use std::io;
use std::num::NonZeroUsize;

use bytes::Bytes;
use futures::{StreamExt, stream};
use image::GenericImageView;
use lorikeet_media::picture::{Format, Limits, Refusal};
use lorikeet_media::{Blobs, Ingested, Intake, IntakeError, samples};

fn intake() -> (Blobs, Intake) {
    let blobs = Blobs::in_memory();
    let intake = Intake::new(blobs.clone(), NonZeroUsize::MIN);
    (blobs, intake)
}

fn arriving(file: &[u8]) -> impl futures::Stream<Item = io::Result<Bytes>> + Send + use<> {
    let chunks: Vec<_> = file
        .chunks(10_000)
        .map(Bytes::copy_from_slice)
        .map(Ok)
        .collect();
    stream::iter(chunks)
}

#[tokio::test]
async fn a_picture_becomes_two_blobs() {
    let (blobs, intake) = intake();
    let file = samples::jpeg_rotated_with_gps(&samples::picture(1, 400, 300), 8);
    let ingested = intake
        .take(arriving(&file), &Limits::default())
        .await
        .unwrap();

    assert_eq!(ingested.size, file.len() as u64);
    assert_eq!((ingested.width, ingested.height), (400, 300));
    assert_eq!(ingested.format, Format::Jpeg);
    let image = blobs.get(&ingested.image, 1 << 20).await.unwrap().unwrap();
    assert_eq!(
        image::load_from_memory(&image).unwrap().dimensions(),
        (400, 300)
    );
    let thumbnail = blobs
        .get(&ingested.thumbnail, 1 << 20)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        image::load_from_memory(&thumbnail).unwrap().dimensions(),
        (256, 192)
    );
    // The original holds where it was taken, so it is not kept.
    assert!(!blobs.exists(&ingested.original_hash).await.unwrap());
}

#[tokio::test]
async fn many_at_once_wait_for_each_other_and_all_arrive() {
    let (_, intake) = intake();
    let files: Vec<_> = (0..6)
        .map(|seed| samples::png(&samples::picture(seed, 300, 300)))
        .collect();
    let limits = Limits::default();
    let all = files
        .iter()
        .map(|file| intake.take_bytes(Bytes::copy_from_slice(file), &limits));
    let mut images: Vec<_> = futures::future::try_join_all(all)
        .await
        .unwrap()
        .into_iter()
        .map(|ingested| ingested.image)
        .collect();

    images.sort();
    images.dedup();
    assert_eq!(images.len(), 6);
}

#[tokio::test]
async fn a_stream_is_cut_at_the_limit() {
    let (_, intake) = intake();
    let endless = stream::repeat_with(|| Ok::<_, io::Error>(Bytes::from(vec![0; 1_000_000])));
    let error = intake.take(endless, &Limits::default()).await.unwrap_err();

    assert!(matches!(
        error,
        IntakeError::Refused(Refusal::TooManyBytes {
            size: 21_000_000,
            limit: 20_000_000
        })
    ));
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_not_the_pictures_fault() {
    let (_, intake) = intake();
    let file = samples::png(&samples::picture(1, 300, 300));
    let broken = arriving(&file[..5000]).chain(stream::iter([Err(io::Error::other("reset"))]));
    let error = intake.take(broken, &Limits::default()).await.unwrap_err();

    assert!(matches!(error, IntakeError::Incoming { .. }));
}

#[tokio::test]
async fn a_refusal_comes_through_as_it_is() {
    let (_, intake) = intake();
    let error = intake
        .take(arriving(&samples::truncated_jpeg(1)), &Limits::default())
        .await
        .unwrap_err();

    assert!(matches!(error, IntakeError::Refused(Refusal::Truncated)));
}

#[tokio::test]
async fn what_was_ingested_survives_being_written_down() {
    let (_, intake) = intake();
    let file = samples::jpeg(
        &samples::letterboxed(&samples::picture(1, 900, 400), 60),
        90,
    );
    let ingested = intake
        .take_bytes(file.into(), &Limits::default())
        .await
        .unwrap();
    assert_eq!(ingested.warnings.len(), 2);

    let written = serde_json::to_string(&ingested).unwrap();
    assert_eq!(
        serde_json::from_str::<Ingested>(&written).unwrap(),
        ingested
    );
}
