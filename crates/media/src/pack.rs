//! A zip of pictures with their captions, as [`archive`](crate::archive) reads it.

use std::fs::File;
use std::io::{self, Write as _};

use bytes::Bytes;
use futures::stream;
use lorikeet_chat::BlobId;
use tokio::io::AsyncReadExt as _;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::intake::MAX_NORMALISED;
use crate::picture::Format;
use crate::{BlobError, Blobs, Stored};

/// Bytes read back at a time.
const CHUNK: usize = 256 * 1024;

/// Packs normalised pictures, in order, as `01.png` with `01.txt` beside it where there is a caption, and stores the
/// archive. Pictures that are not there any more are left out. The same pictures and captions make the same bytes.
///
/// One picture is in memory at a time; the archive grows in a temporary file.
///
/// # Errors
/// When a blob cannot be read or the archive not be written.
pub async fn pack(blobs: &Blobs, pictures: &[(BlobId, String)]) -> Result<Stored, BlobError> {
    let digits = pictures.len().to_string().len().max(2);
    let mut archive = on_disk(|| Ok(ZipWriter::new(tempfile::tempfile()?))).await?;
    for (place, (image, caption)) in pictures.iter().enumerate() {
        let Some(bytes) = blobs.get(image, MAX_NORMALISED).await? else {
            continue;
        };
        let extension = Format::sniff(&bytes).map_or("bin", Format::extension);
        let stem = format!("{:0digits$}", place + 1);
        let caption = caption.clone();
        archive = on_disk(move || {
            // Pictures do not compress any further. The time is the format's first, the same for everybody.
            let options = SimpleFileOptions::default()
                .compression_method(CompressionMethod::Stored)
                .last_modified_time(zip::DateTime::default());
            archive.start_file(format!("{stem}.{extension}"), options)?;
            archive.write_all(&bytes)?;
            if !caption.is_empty() {
                archive.start_file(format!("{stem}.txt"), options)?;
                archive.write_all(caption.as_bytes())?;
            }
            Ok(archive)
        })
        .await?;
    }
    let file = on_disk(move || {
        let mut file = archive.finish()?;
        io::Seek::rewind(&mut file)?;
        Ok(file)
    })
    .await?;
    blobs.put_stream(chunks(file), u64::MAX).await
}

/// Writing to a disk keeps a thread busy.
async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, BlobError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(io::Error::other)
        .flatten()
        .map_err(|error| BlobError::Incoming {
            source: error.into(),
        })
}

fn chunks(file: File) -> impl futures::Stream<Item = io::Result<Bytes>> + Send {
    stream::try_unfold(tokio::fs::File::from_std(file), |mut file| async move {
        let mut chunk = Vec::with_capacity(CHUNK);
        let read = (&mut file)
            .take(CHUNK as u64)
            .read_to_end(&mut chunk)
            .await?;
        Ok((read > 0).then(|| (chunk.into(), file)))
    })
}
