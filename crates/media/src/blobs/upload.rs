//! Uploads that have no address yet: where their parts wait, and how nothing stays of one that breaks off.
//!
//! A directory stages a file that goes with its upload. Other stores keep the parts of an upload until somebody ends
//! it, and do not list them with the objects; so a note beside says which uploads are open, for the sweep to find when
//! a process was killed.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path;
use object_store::{MultipartId, MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload, Result};

/// Where uploads wait for their address.
pub(super) const INCOMING: &str = "incoming";

/// How the name of a note ends.
const NOTE: &str = ".upload";

/// How a store takes bytes that come bit by bit.
#[derive(Clone)]
pub(super) enum Staging {
    /// In files of this directory, which the store does not list.
    Directory(PathBuf),
    /// In parts that the store keeps.
    Parts(Arc<dyn MultipartStore>),
}

impl fmt::Debug for Staging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Directory(_) => "Directory",
            Self::Parts(_) => "Parts",
        })
    }
}

/// An upload without an address yet. Dropped before it is complete, nothing stays of it.
pub(super) struct Upload {
    /// Where its bytes are once it is complete.
    pub(super) path: Path,
    parts: Parts,
}

enum Parts {
    /// Removes what it has written when it is dropped.
    Staged(Box<dyn MultipartUpload>),
    Kept(Kept),
}

impl Upload {
    pub(super) async fn start(
        store: &Arc<dyn ObjectStore>,
        staging: &Staging,
        path: Path,
    ) -> Result<Self> {
        let parts = match staging {
            Staging::Directory(_) => Parts::Staged(store.put_multipart(&path).await?),
            Staging::Parts(parts) => Parts::Kept(Kept::start(store, parts, &path).await?),
        };
        Ok(Self { path, parts })
    }

    pub(super) async fn put_part(&mut self, bytes: PutPayload) -> Result<()> {
        match &mut self.parts {
            Parts::Staged(parts) => parts.put_part(bytes).await,
            Parts::Kept(parts) => parts.put_part(bytes).await,
        }
    }

    /// Adds the last part and joins them.
    pub(super) async fn complete(&mut self, last: PutPayload) -> Result<()> {
        self.put_part(last).await?;
        match &mut self.parts {
            Parts::Staged(parts) => parts.complete().await.map(drop),
            Parts::Kept(parts) => parts.complete().await,
        }
    }

    /// Removes what is there of it. What cannot be removed now is swept later.
    pub(super) async fn abort(mut self) {
        match &mut self.parts {
            Parts::Staged(parts) => drop(parts.abort().await),
            Parts::Kept(parts) => {
                if let Some(open) = parts.open.take() {
                    open.abort().await;
                }
            }
        }
    }
}

/// Parts that the store keeps.
struct Kept {
    /// Until it is complete.
    open: Option<Open>,
    /// As the store names them.
    parts: Vec<PartId>,
}

#[derive(Clone)]
struct Open {
    store: Arc<dyn ObjectStore>,
    multipart: Arc<dyn MultipartStore>,
    path: Path,
    id: MultipartId,
}

impl Kept {
    async fn start(
        store: &Arc<dyn ObjectStore>,
        multipart: &Arc<dyn MultipartStore>,
        path: &Path,
    ) -> Result<Self> {
        let open = Open {
            store: Arc::clone(store),
            multipart: Arc::clone(multipart),
            path: path.clone(),
            id: multipart.create_multipart(path).await?,
        };
        let kept = Self {
            open: Some(open.clone()),
            parts: Vec::new(),
        };
        // From here on it is `kept` that ends the upload, also when there is no note.
        let note = open.id.clone().into_bytes();
        open.store.put(&note_of(path), note.into()).await?;
        Ok(kept)
    }

    async fn put_part(&mut self, bytes: PutPayload) -> Result<()> {
        let open = self.open.as_ref().ok_or_else(ended)?;
        let part = open
            .multipart
            .put_part(&open.path, &open.id, self.parts.len(), bytes)
            .await?;
        self.parts.push(part);
        Ok(())
    }

    async fn complete(&mut self) -> Result<()> {
        let open = self.open.as_ref().ok_or_else(ended)?;
        let parts = std::mem::take(&mut self.parts);
        open.multipart
            .complete_multipart(&open.path, &open.id, parts)
            .await?;
        if let Some(open) = self.open.take() {
            open.forget().await;
        }
        Ok(())
    }
}

fn ended() -> object_store::Error {
    object_store::Error::Generic {
        store: "upload",
        source: "it has ended".into(),
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // Whoever sent the bytes has gone. Outside a runtime, as when the process ends, the sweep finds the note.
        if let Some(open) = self.open.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(open.abort());
        }
    }
}

impl Open {
    async fn abort(self) {
        // The note stays when the parts do.
        if self
            .multipart
            .abort_multipart(&self.path, &self.id)
            .await
            .is_ok()
        {
            self.forget().await;
        }
    }

    async fn forget(self) {
        // A note of an upload that has ended does no harm, and is swept.
        let _ = self.store.delete(&note_of(&self.path)).await;
    }
}

fn note_of(upload: &Path) -> Path {
    Path::from(format!("{upload}{NOTE}"))
}

/// Ends the upload of a note that its process has left behind; nothing happens when this is no note.
pub(super) async fn end_noted(
    store: &Arc<dyn ObjectStore>,
    staging: &Staging,
    note: &Path,
) -> Result<()> {
    let (Staging::Parts(multipart), Some(upload)) = (staging, note.as_ref().strip_suffix(NOTE))
    else {
        return Ok(());
    };
    let id = match store.get(note).await {
        Ok(found) => found.bytes().await?,
        // Ended just now.
        Err(object_store::Error::NotFound { .. }) => return Ok(()),
        Err(error) => return Err(error),
    };
    let id = String::from_utf8_lossy(&id).into_owned();
    match multipart.abort_multipart(&Path::from(upload), &id).await {
        Err(object_store::Error::NotFound { .. }) => Ok(()),
        ended => ended,
    }
}
