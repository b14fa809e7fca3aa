//! The pictures of a screen as the bytes of one photo.

use bytes::Bytes;
use lorikeet_chat::{BlobId, Tile};
use lorikeet_draw::{Picture, Scheme, Sheet, Slot, contact_sheet, loss_chart, stacked};
use lorikeet_media::picture::{Pixels, pixels, size};
use lorikeet_media::{BlobError, Blobs};
use lorikeet_platform::DeliveryError;
use lorikeet_renderer_telegram::Art;

/// Bytes of one stored picture that are read, at most: more than Telegram takes as a photo.
const READ: u64 = 32_000_000;
/// Bytes of a photo: <https://core.telegram.org/bots/api#sendphoto>.
const PHOTO: usize = 10_000_000;
/// Side of a photo: both sides together may have 10,000 (<https://core.telegram.org/bots/api#sendphoto>).
const SIDE: u32 = 4_096;

/// A part of a photo, with all the bytes it needs.
enum Part {
    Picture(Bytes),
    Sheet(Vec<(Tile, Option<Bytes>)>),
    Chart(lorikeet_chat::Chart),
}

/// Draws a message's photo.
///
/// # Errors
/// When the blobs cannot be read just now. What is gone is drawn as missing.
pub(crate) async fn photo(art: &[Art], blobs: &Blobs) -> Result<Bytes, DeliveryError> {
    let mut parts = Vec::with_capacity(art.len());
    for art in art {
        parts.push(match art {
            Art::Picture { blob, .. } => match read(blobs, blob).await? {
                Some(bytes) => Part::Picture(bytes),
                None => Part::Sheet(Vec::new()),
            },
            Art::Sheet(tiles) => {
                let mut slots = Vec::with_capacity(tiles.len());
                for tile in tiles {
                    let bytes = match &tile.image {
                        Some(blob) => read(blobs, blob).await?,
                        None => None,
                    };
                    slots.push((tile.clone(), bytes));
                }
                Part::Sheet(slots)
            }
            Art::Chart(chart) => Part::Chart(chart.clone()),
        });
    }
    tokio::task::spawn_blocking(move || draw(parts))
        .await
        .map_err(|_| DeliveryError::permanent("a picture could not be drawn"))
}

async fn read(blobs: &Blobs, blob: &BlobId) -> Result<Option<Bytes>, DeliveryError> {
    match blobs.get(blob, READ).await {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.is_retryable() => Err(blob_error(error)),
        // A picture that is damaged or too large is as good as none.
        Err(error) => {
            tracing::warn!(%error, %blob, "a picture cannot be shown");
            Ok(None)
        }
    }
}

/// A failure to read a blob.
pub(crate) fn blob_error(error: BlobError) -> DeliveryError {
    let message = "a file could not be read";
    if error.is_retryable() {
        DeliveryError::retry(message).because(error)
    } else {
        DeliveryError::permanent(message).because(error)
    }
}

fn draw(mut parts: Vec<Part>) -> Bytes {
    if parts.len() == 1
        && let Some(part) = parts.pop()
    {
        return drawn(part);
    }
    let drawn: Vec<Pixels> = parts
        .into_iter()
        .filter_map(|part| decoded(&drawn(part)))
        .collect();
    let pictures: Vec<Picture<'_>> = drawn.iter().filter_map(picture).collect();
    stacked(&pictures, Scheme::Light).into()
}

fn drawn(part: Part) -> Bytes {
    match part {
        Part::Picture(bytes) => {
            let fits = bytes.len() <= PHOTO
                && size(&bytes).is_some_and(|(width, height)| width.max(height) <= SIDE);
            let large = (!fits).then(|| decoded(&bytes)).flatten();
            match large.as_ref().and_then(picture) {
                Some(large) => stacked(&[large], Scheme::Light).into(),
                None => bytes,
            }
        }
        Part::Sheet(slots) => {
            let slots: Vec<(Tile, Option<Pixels>)> = slots
                .into_iter()
                .map(|(tile, bytes)| (tile, bytes.and_then(|bytes| decoded(&bytes))))
                .collect();
            let sheet = Sheet {
                slots: slots
                    .iter()
                    .map(|(tile, read)| Slot::new(tile, read.as_ref().and_then(picture)))
                    .collect(),
            };
            contact_sheet(&sheet, Scheme::Light).into()
        }
        Part::Chart(chart) => loss_chart(&chart, Scheme::Light).into(),
    }
}

fn decoded(bytes: &[u8]) -> Option<Pixels> {
    pixels(bytes).ok()
}

fn picture(pixels: &Pixels) -> Option<Picture<'_>> {
    Picture::new(pixels.width, pixels.height, &pixels.rgb)
}

#[cfg(test)]
mod tests {
    use lorikeet_chat::{Chart, TileState};
    use lorikeet_media::samples;

    use super::*;

    fn tile(image: Option<BlobId>) -> Tile {
        Tile {
            label: "1".to_owned(),
            note: String::new(),
            state: TileState::Filled,
            image,
        }
    }

    #[tokio::test]
    async fn a_sheet_shows_its_pictures_however_small() {
        let blobs = Blobs::in_memory();
        let small = samples::png(&samples::picture(1, 64, 64));
        let stored = blobs.put(small.into()).await.unwrap().id;
        let sheet = |image| vec![Art::Sheet(vec![tile(image)])];
        let shown = photo(&sheet(Some(stored)), &blobs).await.unwrap();
        let nowhere = BlobId::from_digest([7; 32]);
        let gone = photo(&sheet(Some(nowhere)), &blobs).await.unwrap();
        assert_eq!(gone, photo(&sheet(None), &blobs).await.unwrap());
        assert_ne!(shown, gone);
    }

    #[tokio::test]
    async fn a_picture_of_too_many_bytes_is_made_smaller() {
        let blobs = Blobs::in_memory();
        // Noise does not get smaller as a PNG: some twelve megabytes.
        let mut noise = samples::picture(1, 2_000, 2_000);
        let mut state = 1_u32;
        for byte in noise.iter_mut() {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = (state >> 24) as u8;
        }
        let bytes = samples::png(&noise);
        assert!(bytes.len() > PHOTO);
        let blob = blobs.put(bytes.into()).await.unwrap().id;
        let alt = String::new();
        let sent = photo(&[Art::Picture { blob, alt }], &blobs).await.unwrap();
        assert!(sent.len() <= PHOTO, "{}", sent.len());
    }

    #[tokio::test]
    async fn a_picture_goes_as_it_is_and_several_as_one() {
        let blobs = Blobs::in_memory();
        let bytes = Bytes::from(samples::png(&samples::picture(1, 640, 480)));
        let blob = blobs.put(bytes.clone()).await.unwrap().id;
        let picture = Art::Picture {
            blob,
            alt: String::new(),
        };
        let alone = photo(std::slice::from_ref(&picture), &blobs).await.unwrap();
        assert_eq!(alone, bytes);
        let chart = Art::Chart(Chart {
            title: "Loss".to_owned(),
            x_label: String::new(),
            series: Vec::new(),
        });
        let both = photo(&[chart, picture], &blobs).await.unwrap();
        let both = pixels(&both).unwrap();
        assert_eq!((both.width, both.height), (1_280, 800 + 480));
    }
}
