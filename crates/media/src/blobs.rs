//! Content-addressed blobs: the address of a blob is the SHA-256 of its bytes.
//!
//! They lie in a directory, in memory, or (with the feature `s3`) in an S3-compatible store.
//!
//! Layout below the root: `ab/cdef…` (the digest's hex, split after two characters so that no directory
//! grows huge), and `incoming/` for uploads that have no address yet. A blob is visible under its address
//! only when all of it is there and, in a directory, synced to disk: it is written elsewhere and renamed. On S3 an
//! upload in parts is invisible until it is complete, and renaming is copying within the store.
//!
//! Not here: who refers to a blob. Whoever deletes must know that nobody does, and nobody is about to: storing
//! bytes that are there already writes them again, so that a blob's time says when it was last stored, and
//! [`Blobs::delete_older`] spares what somebody has just stored and will refer to in a moment.

mod address;
mod error;
#[cfg(feature = "s3")]
mod refusal;
#[cfg(feature = "s3")]
mod s3;
mod upload;

use std::fmt;
use std::path::Path as FsPath;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::{Bytes, BytesMut};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt, TryStreamExt};
use lorikeet_chat::BlobId;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::multipart::MultipartStore;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use sha2::{Digest, Sha256};

pub use error::{BlobError, OpenError};

use self::address::Address;
use self::upload::{INCOMING, Staging, Upload, end_noted};

/// Bytes held in memory for one upload, and the size of an upload's parts: S3 takes no smaller ones
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>). What fits into one part is stored
/// in one go.
const PART_BYTES: usize = 5 * 1024 * 1024;

/// A blob as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its address.
    pub id: BlobId,
    /// Its size in bytes.
    pub size: u64,
}

/// A blob's bytes, as they come.
pub struct Content {
    /// How many bytes there are in all.
    pub size: u64,
    /// The bytes, in chunks. Unlike [`Blobs::get`], not checked against the address.
    pub stream: BoxStream<'static, Result<Bytes, BlobError>>,
}

/// A store of blobs. Clones share it.
#[derive(Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    staging: Staging,
    /// What sentences call it.
    place: String,
}

impl fmt::Debug for Blobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the store: it holds credentials.
        f.debug_struct("Blobs")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

impl Blobs {
    /// Opens the store at `address`: the path of a directory or a `file:///` URL, or, with the feature `s3`,
    /// `s3://bucket/prefix?endpoint=https://…&region=…`. A directory is created when it is not there, a bucket is not.
    /// Credentials of S3, and what the address leaves out, come from the environment (`AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT` …). Nothing is asked of S3 here; see [`Blobs::check`].
    ///
    /// # Errors
    /// When the address is none, or the directory cannot be used.
    pub fn open(address: &str) -> Result<Self, OpenError> {
        Self::at(Address::parse(address)?)
    }

    /// Opens a store of its own in a folder of the store at `address`, whose blobs are not those of this one.
    ///
    /// # Errors
    /// As [`Blobs::open`].
    pub fn open_folder(address: &str, folder: &str) -> Result<Self, OpenError> {
        Self::at(Address::parse(address)?.below(folder))
    }

    fn at(address: Address) -> Result<Self, OpenError> {
        match address {
            Address::Directory(path) => Self::in_directory(&path),
            #[cfg(feature = "s3")]
            Address::S3(url) => {
                let (store, place) = s3::open(&url)?;
                Ok(Self::in_parts(store, place))
            }
            #[cfg(not(feature = "s3"))]
            Address::S3(_) => Err(OpenError::BuiltWithoutS3),
        }
    }

    fn in_directory(path: &FsPath) -> Result<Self, OpenError> {
        let unusable = |source: Box<dyn std::error::Error + Send + Sync>| OpenError::Directory {
            path: path.display().to_string(),
            source,
        };
        std::fs::create_dir_all(path).map_err(|e| unusable(e.into()))?;
        let store = LocalFileSystem::new_with_prefix(path)
            .map_err(|e| unusable(e.into()))?
            // An event that names a blob may be committed right after: the blob must survive a power cut.
            .with_fsync(true);
        Ok(Self {
            store: Arc::new(store),
            staging: Staging::Directory(path.to_owned()),
            place: path.display().to_string(),
        })
    }

    /// A store that forgets everything with its last clone.
    pub fn in_memory() -> Self {
        Self::in_parts(InMemory::new(), "memory".to_owned())
    }

    fn in_parts<S: ObjectStore + MultipartStore>(store: S, place: String) -> Self {
        let store = Arc::new(store);
        Self {
            store: Arc::clone(&store) as Arc<dyn ObjectStore>,
            staging: Staging::Parts(store),
            place,
        }
    }

    /// Asks the store whether it can be used: whether it answers, has the bucket, and takes the credentials. To be
    /// called once after opening, so that a mistake in the configuration is said at the start.
    ///
    /// # Errors
    /// [`OpenError::Unusable`], whose sentence says what to do.
    pub async fn check(&self) -> Result<(), OpenError> {
        let asked = self.store.list(None).try_next().await;
        asked.map(drop).map_err(|error| OpenError::Unusable {
            place: self.place.clone(),
            source: BlobError::from(error).into_source(),
        })
    }

    /// Stores `bytes`. The same bytes have the same address, and are new again.
    ///
    /// # Errors
    /// When the store has no space or is unavailable.
    pub async fn put(&self, bytes: Bytes) -> Result<Stored, BlobError> {
        let stored = Stored {
            id: BlobId::from_digest(Sha256::digest(&bytes).into()),
            size: bytes.len() as u64,
        };
        self.store.put(&address(&stored.id), bytes.into()).await?;
        Ok(stored)
    }

    /// Stores what `stream` yields, hashing on the way and holding at most one part of 5 MiB (and one of the
    /// stream's own chunks) in memory. When this fails or is dropped, nothing is visible under any address.
    ///
    /// # Errors
    /// [`BlobError::TooLarge`] as soon as more than `limit` bytes have come, [`BlobError::Incoming`] when
    /// the stream breaks off, and as [`Blobs::put`].
    pub async fn put_stream<S, E>(&self, stream: S, limit: u64) -> Result<Stored, BlobError>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let mut stream = std::pin::pin!(stream);
        let mut part = BytesMut::new();
        let mut upload: Option<Upload> = None;
        let mut digest = Sha256::new();
        let mut size = 0_u64;

        let received: Result<(), BlobError> = async {
            while let Some(chunk) = stream.next().await {
                let mut chunk = chunk.map_err(|e| BlobError::Incoming { source: e.into() })?;
                size = size.saturating_add(chunk.len() as u64);
                if size > limit {
                    return Err(BlobError::TooLarge { limit });
                }
                digest.update(&chunk);
                while part.len() + chunk.len() > PART_BYTES {
                    part.extend_from_slice(&chunk.split_to(PART_BYTES - part.len()));
                    let upload = match &mut upload {
                        Some(upload) => upload,
                        None => upload.insert(self.start_upload().await?),
                    };
                    upload.put_part(part.split().freeze().into()).await?;
                }
                part.extend_from_slice(&chunk);
            }
            Ok(())
        }
        .await;

        let Some(upload) = upload else {
            received?;
            return self.put(part.freeze()).await;
        };
        let stored = Stored {
            id: BlobId::from_digest(digest.finalize().into()),
            size,
        };
        match received {
            Ok(()) => self.finish(upload, part.freeze().into(), stored).await,
            Err(error) => {
                // The first error is the one to tell.
                upload.abort().await;
                Err(error)
            }
        }
    }

    /// The blob's bytes, checked against its address; `None` when there is no such blob.
    ///
    /// # Errors
    /// [`BlobError::TooLarge`] before anything is read when it has more than `limit` bytes,
    /// [`BlobError::Damaged`], and when the store is unavailable.
    pub async fn get(&self, id: &BlobId, limit: u64) -> Result<Option<Bytes>, BlobError> {
        let Some(found) = found(self.store.get(&address(id)).await)? else {
            return Ok(None);
        };
        if found.meta.size > limit {
            return Err(BlobError::TooLarge { limit });
        }
        let bytes = found.bytes().await?;
        if BlobId::from_digest(Sha256::digest(&bytes).into()) != *id {
            return Err(BlobError::Damaged { id: id.clone() });
        }
        Ok(Some(bytes))
    }

    /// The blob's bytes as a stream; `None` when there is no such blob.
    ///
    /// # Errors
    /// When the store is unavailable, here or in the stream.
    pub async fn stream(&self, id: &BlobId) -> Result<Option<Content>, BlobError> {
        let found = found(self.store.get(&address(id)).await)?;
        Ok(found.map(|found| Content {
            size: found.meta.size,
            stream: found.into_stream().map_err(BlobError::from).boxed(),
        }))
    }

    /// The blob's size in bytes; `None` when there is no such blob.
    ///
    /// # Errors
    /// When the store is unavailable.
    pub async fn size(&self, id: &BlobId) -> Result<Option<u64>, BlobError> {
        let meta = found(self.store.head(&address(id)).await)?;
        Ok(meta.map(|meta| meta.size))
    }

    /// Whether there is such a blob.
    ///
    /// # Errors
    /// When the store is unavailable.
    pub async fn exists(&self, id: &BlobId) -> Result<bool, BlobError> {
        Ok(self.size(id).await?.is_some())
    }

    /// Removes a blob; one that is not there is removed already.
    ///
    /// The caller knows that nothing refers to it and that nobody is storing the same bytes right now.
    ///
    /// # Errors
    /// When the store is unavailable.
    pub async fn delete(&self, id: &BlobId) -> Result<(), BlobError> {
        found(self.store.delete(&address(id)).await)?;
        Ok(())
    }

    /// Removes a blob if it was last stored before `before`, and says whether it did. The moment between looking and
    /// removing remains: choose `before` further back than storing bytes and referring to them takes.
    ///
    /// # Errors
    /// When the store is unavailable.
    pub async fn delete_older(&self, id: &BlobId, before: SystemTime) -> Result<bool, BlobError> {
        let old = found(self.store.head(&address(id)).await)?
            .is_some_and(|meta| SystemTime::from(meta.last_modified) < before);
        if old {
            self.delete(id).await?;
        }
        Ok(old)
    }

    /// The blobs that were last stored before `before`, in no order.
    ///
    /// # Errors
    /// When the store is unavailable.
    pub async fn older(&self, before: SystemTime) -> Result<Vec<BlobId>, BlobError> {
        let mut older = Vec::new();
        let mut all = self.store.list(None);
        while let Some(object) = all.try_next().await? {
            if SystemTime::from(object.last_modified) < before {
                older.extend(blob_at(&object.location));
            }
        }
        Ok(older)
    }

    /// Removes every blob that was written before `before`, and says how many: for a store of things that are only
    /// passing through.
    ///
    /// # Errors
    /// When the store is unavailable.
    pub async fn expire(&self, before: SystemTime) -> Result<u64, BlobError> {
        let mut expired = 0;
        let mut kept = self.store.list(None);
        while let Some(object) = kept.try_next().await? {
            if SystemTime::from(object.last_modified) < before {
                end_noted(&self.store, &self.staging, &object.location).await?;
                found(self.store.delete(&object.location).await)?;
                expired += 1;
            }
        }
        Ok(expired)
    }

    /// Removes what uploads left behind that were begun before `before` and never finished (their process was
    /// killed), and says how many. Choose `before` well in the past: an upload still running is not spared.
    ///
    /// # Errors
    /// When the store is unavailable.
    pub async fn sweep_uploads(&self, before: SystemTime) -> Result<u64, BlobError> {
        let mut swept = 0;
        let mut waiting = self.store.list(Some(&Path::from(INCOMING)));
        while let Some(object) = waiting.try_next().await? {
            if SystemTime::from(object.last_modified) < before {
                end_noted(&self.store, &self.staging, &object.location).await?;
                found(self.store.delete(&object.location).await)?;
                swept += 1;
            }
        }
        if let Staging::Directory(directory) = self.staging.clone() {
            swept += tokio::task::spawn_blocking(move || sweep_staged(&directory, before))
                .await
                .map_err(std::io::Error::other)
                .flatten()
                .map_err(|e| BlobError::Unavailable { source: e.into() })?;
        }
        Ok(swept)
    }

    async fn start_upload(&self) -> Result<Upload, BlobError> {
        let mut name = [0_u8; 16];
        getrandom::fill(&mut name).map_err(|e| BlobError::Unavailable {
            source: e.to_string().into(),
        })?;
        let path = Path::from_iter([INCOMING.to_owned(), hex::encode(name)]);
        Ok(Upload::start(&self.store, &self.staging, path).await?)
    }

    /// Adds the last part and moves the upload to its address, where nothing else can be but the same bytes.
    async fn finish(
        &self,
        mut upload: Upload,
        last: PutPayload,
        stored: Stored,
    ) -> Result<Stored, BlobError> {
        if let Err(error) = upload.complete(last).await {
            upload.abort().await;
            return Err(error.into());
        }
        self.store
            .rename(&upload.path, &address(&stored.id))
            .await?;
        Ok(stored)
    }
}

/// Where a blob lies.
fn address(id: &BlobId) -> Path {
    let (directory, file) = id.as_str().split_at(2);
    Path::from_iter([directory, file])
}

/// The blob that lies there; what else shares the directory is none.
fn blob_at(path: &Path) -> Option<BlobId> {
    let mut parts = path.parts();
    let digest = format!("{}{}", parts.next()?.as_ref(), parts.next()?.as_ref());
    let id = BlobId::try_from(digest).ok()?;
    (address(&id) == *path).then_some(id)
}

/// "Not found" is not an error here, unless it is the whole store.
fn found<T>(result: object_store::Result<T>) -> Result<Option<T>, BlobError> {
    match result {
        Ok(value) => Ok(Some(value)),
        #[cfg(feature = "s3")]
        Err(error) if refusal::lacks_bucket(&error) => Err(error.into()),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Removes the files `name#n` that `object_store` writes to before it renames them, and never lists.
fn sweep_staged(root: &FsPath, before: SystemTime) -> std::io::Result<u64> {
    let mut swept = 0;
    for directory in std::fs::read_dir(root)? {
        let directory = directory?;
        if !directory.file_type()?.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(directory.path())? {
            let file = file?;
            let staged = file.file_name().to_string_lossy().contains('#');
            if staged && file.metadata()?.modified()? < before {
                std::fs::remove_file(file.path())?;
                swept += 1;
            }
        }
    }
    Ok(swept)
}
