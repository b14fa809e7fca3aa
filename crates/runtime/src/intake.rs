//! The `intake` service: fetches what people sent from the platform, and takes the pictures in.
//!
//! Owns the way from an attachment's source to a report the feature understands, for single pictures and for
//! archives of them. Does not own what a picture must be like (media) or where it belongs (the feature, which gets
//! its own context back).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt as _, stream};
use lorikeet_chat::{Background, MediaSource, PlatformId};
use lorikeet_media::{BlobError, Ingested, Intake, IntakeError, archive, picture};
use lorikeet_platform::{Adapter, DeliveryError, Failure};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::{Job, WorkError, Worker};

/// How a zip archive with something in it begins: a local file header
/// (<https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>, 4.3.7).
const ZIP: &[u8] = b"PK\x03\x04";

/// A file that takes longer is fetched anew.
const FETCH: Duration = Duration::from_secs(300);

/// A full disk gets this long before the second and last try.
const ROOM: Duration = Duration::from_secs(5);

/// What the `intake` service is asked to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntakeRequest {
    /// Where the adapter finds the bytes.
    pub source: MediaSource,
    /// The name the sender's device gave the file; comes back as the picture's name, never used as a path.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Pictures wanted of an archive, at most; what is past them is reported as `too-many-pictures`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<usize>,
    /// The feature's own, echoed in the report.
    #[serde(default)]
    pub context: Value,
}

/// What came of it: the payload of a [`Background`] with topic [`IntakeWorker::TOPIC`]. When the file could not be
/// fetched or stored at all, [`FailedWork`](crate::FailedWork) comes instead, with the code `gone`,
/// `unreachable`, `no_space`, `blobs_unavailable` or `malformed`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntakeReport {
    /// As in the request.
    pub context: Value,
    /// Whether it was an archive.
    #[serde(default)]
    pub is_archive: bool,
    /// One for a picture; for an archive one for each file in it.
    pub items: Vec<IntakeItem>,
}

/// One picture, or what was none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntakeItem {
    /// The file's name, for showing.
    pub name: String,
    /// The text that lay beside it in an archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// What came of it.
    pub result: IntakeOutcome,
}

/// Whether a picture was taken in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntakeOutcome {
    /// It was.
    Taken(Ingested),
    /// It was not, for good.
    Refused {
        /// Why: the code of [`picture::Refusal`], of [`archive::Refusal`], or `too-many-pictures`.
        code: String,
        /// The numbers that go with it, by their names there.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        args: Map<String, Value>,
    },
}

/// What a file was, and what came of it.
struct Fetched {
    is_archive: bool,
    items: Vec<IntakeItem>,
}

/// Fetches files through the adapters and takes them in.
pub struct IntakeWorker {
    adapters: HashMap<PlatformId, Arc<dyn Adapter>>,
    intake: Intake,
    pictures: picture::Limits,
    archives: archive::Limits,
    /// An archive is held in memory as a whole: one at a time.
    unpacking: Semaphore,
}

impl IntakeWorker {
    /// The name effects call it by, and the topic of its reports.
    pub const TOPIC: &str = "intake";

    /// A worker for the files of these adapters' platforms.
    pub fn new(
        adapters: &[Arc<dyn Adapter>],
        intake: Intake,
        pictures: picture::Limits,
        archives: archive::Limits,
    ) -> Self {
        let adapters = adapters
            .iter()
            .map(|adapter| (adapter.platform(), Arc::clone(adapter)));
        Self {
            adapters: adapters.collect(),
            intake,
            pictures,
            archives,
            unpacking: Semaphore::new(1),
        }
    }

    async fn fetch(
        &self,
        platform: &PlatformId,
        request: &IntakeRequest,
    ) -> Result<Fetched, WorkError> {
        let Some(adapter) = self.adapters.get(platform) else {
            return Err(WorkError::permanent("gone", "the platform is not here"));
        };
        let mut stream = adapter.open(&request.source).await.map_err(broken_off)?;
        let mut head = BytesMut::new();
        while head.len() < ZIP.len()
            && let Some(chunk) = stream.next().await
        {
            head.extend_from_slice(&chunk.map_err(broken_off)?);
        }
        let is_archive = head.starts_with(ZIP);
        let stream = stream::iter([Ok(head.freeze())]).chain(stream);
        if is_archive {
            let items = self.unpack(stream, request).await?;
            return Ok(Fetched { is_archive, items });
        }
        let taken = self.intake.take(stream, &self.pictures).await;
        let items = vec![IntakeItem {
            name: request.name.clone(),
            caption: None,
            result: outcome(taken)?,
        }];
        Ok(Fetched { is_archive, items })
    }

    async fn unpack(
        &self,
        stream: impl Stream<Item = Result<Bytes, DeliveryError>> + Send,
        request: &IntakeRequest,
    ) -> Result<Vec<IntakeItem>, WorkError> {
        // The semaphore is never closed.
        let _turn = self.unpacking.acquire().await.ok();
        let limits = self.archives.clone();
        let bytes = match collect(stream, limits.max_bytes).await? {
            Ok(bytes) => bytes,
            Err(refusal) => return Ok(vec![refused_archive(&refusal, &request.name)]),
        };
        let mut entries = match blocking(move || archive::entries(bytes, &limits)).await? {
            Ok(entries) => entries,
            Err(refusal) => return Ok(vec![refused_archive(&refusal, &request.name)]),
        };
        let mut items = Vec::new();
        let mut taken = 0;
        loop {
            let next = move || (entries.next(), entries);
            let (entry, rest) = blocking(next).await?;
            entries = rest;
            let entry = match entry {
                None => return Ok(items),
                Some(Err(refusal)) => {
                    items.push(refused_archive(&refusal, &request.name));
                    continue;
                }
                Some(Ok(entry)) => entry,
            };
            let result = if request.most.is_some_and(|most| taken >= most) {
                IntakeOutcome::Refused {
                    code: "too-many-pictures".to_owned(),
                    args: Map::new(),
                }
            } else {
                outcome(self.intake.take_bytes(entry.bytes, &self.pictures).await)?
            };
            taken += usize::from(matches!(result, IntakeOutcome::Taken(_)));
            items.push(IntakeItem {
                name: entry.name,
                caption: entry.caption,
                result,
            });
        }
    }
}

#[async_trait]
impl Worker for IntakeWorker {
    fn service(&self) -> &str {
        Self::TOPIC
    }

    async fn perform(&self, job: Job<'_>) -> Result<Option<Background>, WorkError> {
        let malformed = |error: serde_json::Error| {
            WorkError::permanent("malformed", format!("not an intake request: {error}"))
        };
        let request: IntakeRequest =
            serde_json::from_value(job.request.clone()).map_err(malformed)?;
        let fetch = || async {
            let fetched = timeout(FETCH, self.fetch(&job.conversation.platform, &request));
            fetched.await.unwrap_or_else(|_| {
                let slow = "the file did not come in time";
                Err(WorkError::retry(Duration::ZERO, "unreachable", slow))
            })
        };
        let mut fetched = fetch().await;
        if matches!(&fetched, Err(error) if error.code == NO_SPACE) {
            // Something may be cleaning up. After that it takes a person, whom the sender should not wait for.
            sleep(ROOM).await;
            fetched = fetch().await;
        }
        let Fetched { is_archive, items } = fetched?;
        let report = IntakeReport {
            context: request.context,
            is_archive,
            items,
        };
        Ok(Some(Background {
            topic: Self::TOPIC.to_owned(),
            payload: serde_json::to_value(report).map_err(malformed)?,
        }))
    }
}

const NO_SPACE: &str = "no_space";

/// Sorts a failure that is not the picture's: for another try, or final.
pub fn intake_failed(error: IntakeError) -> WorkError {
    match error {
        // Final, and for whoever asked: they have the words.
        IntakeError::Refused(refusal) => WorkError::permanent(refusal.code(), refusal.to_string()),
        IntakeError::Incoming { source } => match source.downcast::<DeliveryError>() {
            Ok(error) => broken_off(*error),
            Err(error) => WorkError::retry(Duration::ZERO, "unreachable", error.to_string()),
        },
        IntakeError::Blob(BlobError::NoSpace { source }) => {
            WorkError::permanent(NO_SPACE, source.to_string())
        }
        IntakeError::Blob(error) if error.is_retryable() => {
            WorkError::retry(Duration::ZERO, "blobs_unavailable", error.to_string())
        }
        IntakeError::Blob(error) => WorkError::permanent("blobs_unavailable", error.to_string()),
    }
}

/// Sorts what came of a picture: for the person who sent it, or for another try.
fn outcome(taken: Result<Ingested, IntakeError>) -> Result<IntakeOutcome, WorkError> {
    match taken {
        Ok(ingested) => Ok(IntakeOutcome::Taken(ingested)),
        Err(IntakeError::Refused(refusal)) => {
            let mut args = match serde_json::to_value(&refusal) {
                Ok(Value::Object(args)) => args,
                Ok(_) | Err(_) => Map::new(),
            };
            args.remove("code");
            Ok(IntakeOutcome::Refused {
                code: refusal.code().to_owned(),
                args,
            })
        }
        Err(error) => Err(intake_failed(error)),
    }
}

fn refused_archive(refusal: &archive::Refusal, archive: &str) -> IntakeItem {
    use archive::Refusal::{
        Bomb, Empty, EntryTooLarge, EntryUnreadable, NotAnArchive, TooManyBytes, TooManyEntries,
        TooMuchUnpacked,
    };
    let (name, args) = match refusal {
        NotAnArchive | Empty => (archive, vec![]),
        TooManyBytes { size, limit } => (archive, vec![("size", *size), ("limit", *limit)]),
        TooManyEntries { count, limit } => {
            let args = vec![("count", *count as u64), ("limit", *limit as u64)];
            (archive, args)
        }
        TooMuchUnpacked { limit } => (archive, vec![("limit", *limit)]),
        Bomb { name } | EntryUnreadable { name } => (name.as_str(), vec![]),
        EntryTooLarge { name, limit } => (name.as_str(), vec![("limit", *limit)]),
    };
    let args = args
        .into_iter()
        .map(|(name, n)| (name.to_owned(), n.into()));
    IntakeItem {
        name: name.to_owned(),
        caption: None,
        result: IntakeOutcome::Refused {
            code: refusal.code().to_owned(),
            args: args.collect(),
        },
    }
}

/// Fetches an archive to its end, or as far as it is refused.
async fn collect(
    stream: impl Stream<Item = Result<Bytes, DeliveryError>> + Send,
    limit: u64,
) -> Result<Result<Bytes, archive::Refusal>, WorkError> {
    let mut stream = std::pin::pin!(stream);
    let mut bytes = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        bytes.extend_from_slice(&chunk.map_err(broken_off)?);
        let size = bytes.len() as u64;
        if size > limit {
            return Ok(Err(archive::Refusal::TooManyBytes { size, limit }));
        }
    }
    Ok(Ok(bytes.freeze()))
}

/// Unpacking keeps a thread busy.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, WorkError> {
    let unpacked = tokio::task::spawn_blocking(work).await;
    unpacked.map_err(|_| WorkError::permanent("panicked", "the archive could not be unpacked"))
}

fn broken_off(error: DeliveryError) -> WorkError {
    match error.failure {
        Failure::Retry { after } => {
            WorkError::retry(after.unwrap_or_default(), "unreachable", error.message)
        }
        Failure::Permanent => WorkError::permanent("gone", error.message),
    }
}
