//! The pictures of a screen as the bytes of one.

use bytes::Bytes;
use lorikeet_chat::{Art, BlobId, Tile};
use lorikeet_draw::{Picture, Scheme, Sheet, Slot, contact_sheet, loss_chart, stacked};

use crate::picture::{Pixels, pixels, size};
use crate::{BlobError, Blobs};

/// Bytes of one stored picture that are read, at most: more than any platform takes.
const READ: u64 = 32_000_000;

/// What a platform takes as a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Bytes, at most.
    pub bytes: usize,
    /// Pixels of the longer side, at most.
    pub side: u32,
}

/// A part of a photo, with all the bytes it needs.
enum Part {
    Picture(Bytes),
    Sheet(Vec<(Tile, Option<Bytes>)>),
    Chart(lorikeet_chat::Chart),
}

/// Draws them one below the other; a picture that is alone and small enough stays as it is.
///
/// # Errors
/// When the blobs cannot be read just now. What is gone is drawn as missing.
pub async fn photo(art: &[Art], blobs: &Blobs, frame: Frame) -> Result<Bytes, BlobError> {
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
    match tokio::task::spawn_blocking(move || draw(parts, frame)).await {
        Ok(bytes) => Ok(bytes),
        // A task that nobody ends early ends otherwise only by a panic, which is the caller's too.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

async fn read(blobs: &Blobs, blob: &BlobId) -> Result<Option<Bytes>, BlobError> {
    match blobs.get(blob, READ).await {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.is_retryable() => Err(error),
        // A picture that is damaged or too large is as good as none.
        Err(error) => {
            tracing::warn!(%error, %blob, "a picture cannot be shown");
            Ok(None)
        }
    }
}

fn draw(mut parts: Vec<Part>, frame: Frame) -> Bytes {
    if parts.len() == 1
        && let Some(part) = parts.pop()
    {
        return drawn(part, frame);
    }
    let drawn: Vec<Pixels> = parts
        .into_iter()
        .filter_map(|part| decoded(&drawn(part, frame)))
        .collect();
    let pictures: Vec<Picture<'_>> = drawn.iter().filter_map(picture).collect();
    stacked(&pictures, Scheme::Light).into()
}

fn drawn(part: Part, frame: Frame) -> Bytes {
    match part {
        Part::Picture(bytes) => {
            let fits = bytes.len() <= frame.bytes
                && size(&bytes).is_some_and(|(width, height)| width.max(height) <= frame.side);
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

    use super::*;
    use crate::samples;

    const FRAME: Frame = Frame {
        bytes: 10_000_000,
        side: 4_096,
    };

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
        let shown = photo(&sheet(Some(stored)), &blobs, FRAME).await.unwrap();
        let nowhere = BlobId::from_digest([7; 32]);
        let gone = photo(&sheet(Some(nowhere)), &blobs, FRAME).await.unwrap();
        assert_eq!(gone, photo(&sheet(None), &blobs, FRAME).await.unwrap());
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
        assert!(bytes.len() > FRAME.bytes);
        let blob = blobs.put(bytes.into()).await.unwrap().id;
        let alt = String::new();
        let sent = photo(&[Art::Picture { blob, alt }], &blobs, FRAME)
            .await
            .unwrap();
        assert!(sent.len() <= FRAME.bytes, "{}", sent.len());
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
        let alone = photo(std::slice::from_ref(&picture), &blobs, FRAME)
            .await
            .unwrap();
        assert_eq!(alone, bytes);
        let chart = Art::Chart(Chart {
            title: "Loss".to_owned(),
            x_label: String::new(),
            series: Vec::new(),
        });
        let both = photo(&[chart, picture], &blobs, FRAME).await.unwrap();
        let both = pixels(&both).unwrap();
        assert_eq!((both.width, both.height), (1_280, 800 + 480));
    }
}
