//! One suite for every kind of store, and what only directories have.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use lorikeet_chat::BlobId;
use lorikeet_media::{BlobError, Blobs, OpenError, Stored};
use sha2::{Digest, Sha256};

const MEGABYTE: usize = 1024 * 1024;

/// Bytes without a pattern a compressor or a bug could hide behind.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 56) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

fn id_of(bytes: &[u8]) -> BlobId {
    BlobId::from_digest(Sha256::digest(bytes).into())
}

fn chunks(
    bytes: &[u8],
    size: usize,
) -> impl futures::Stream<Item = io::Result<Bytes>> + Send + use<> {
    let chunks: Vec<_> = bytes
        .chunks(size)
        .map(Bytes::copy_from_slice)
        .map(Ok)
        .collect();
    stream::iter(chunks)
}

/// Every file below a directory, by name.
fn files(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(
                    path.strip_prefix(root)
                        .unwrap()
                        .to_str()
                        .unwrap()
                        .to_owned(),
                );
            }
        }
    }
    found.sort();
    found
}

/// What every store of blobs does; two blobs are left of it.
pub(crate) async fn suite(blobs: Blobs) {
    // The address is the SHA-256: "abc" from FIPS 180-4's examples.
    let abc = blobs.put(Bytes::from_static(b"abc")).await.unwrap();
    assert_eq!(
        abc.id.as_str(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert_eq!(abc.size, 3);
    assert_eq!(blobs.get(&abc.id, 3).await.unwrap().unwrap(), "abc");
    assert_eq!(blobs.size(&abc.id).await.unwrap(), Some(3));

    // Old is what was last stored before a moment, and only that is removed.
    let hour = Duration::from_secs(3600);
    let (long_ago, soon) = (SystemTime::now() - hour, SystemTime::now() + hour);
    let old = blobs.put(Bytes::from_static(b"old")).await.unwrap();
    assert_eq!(blobs.older(long_ago).await.unwrap(), []);
    let all = BTreeSet::from_iter(blobs.older(soon).await.unwrap());
    assert_eq!(all, BTreeSet::from([old.id.clone(), abc.id.clone()]));
    assert!(!blobs.delete_older(&old.id, long_ago).await.unwrap());
    assert!(blobs.exists(&old.id).await.unwrap());
    assert!(blobs.delete_older(&old.id, soon).await.unwrap());
    assert!(!blobs.exists(&old.id).await.unwrap());
    assert!(!blobs.delete_older(&old.id, soon).await.unwrap());

    // The same bytes have the same address, put or streamed, small or large, however they are cut.
    assert_eq!(blobs.put_stream(chunks(b"abc", 1), 3).await.unwrap(), abc);
    let large = noise(12 * MEGABYTE + 345);
    for size in [70_000, 6 * MEGABYTE, 100 * MEGABYTE] {
        let stored = blobs
            .put_stream(chunks(&large, size), 1 << 30)
            .await
            .unwrap();
        assert_eq!(stored.id, id_of(&large), "in chunks of {size}");
        assert_eq!(stored.size, large.len() as u64);
    }
    assert_eq!(
        blobs.get(&id_of(&large), 1 << 30).await.unwrap().unwrap(),
        large
    );
    let content = blobs.stream(&id_of(&large)).await.unwrap().unwrap();
    assert_eq!(content.size, large.len() as u64);
    let parts: Vec<Bytes> = content.stream.try_collect().await.unwrap();
    assert_eq!(parts.concat(), large);
    let empty = blobs.put_stream(chunks(b"", 1), 0).await.unwrap();
    assert_eq!(blobs.get(&empty.id, 0).await.unwrap().unwrap(), "");

    // Limits hold on the way in and on the way out.
    let refused = blobs
        .put_stream(chunks(&large, 70_000), 11 * MEGABYTE as u64)
        .await;
    assert!(matches!(refused, Err(BlobError::TooLarge { limit }) if limit == 11 * MEGABYTE as u64));
    let refused = blobs.get(&abc.id, 2).await;
    assert!(matches!(refused, Err(BlobError::TooLarge { limit: 2 })));

    // What is not there is not an error.
    let missing = id_of(b"never stored");
    assert_eq!(blobs.get(&missing, 1).await.unwrap(), None);
    assert_eq!(blobs.size(&missing).await.unwrap(), None);
    assert!(blobs.stream(&missing).await.unwrap().is_none());
    assert!(!blobs.exists(&missing).await.unwrap());
    blobs.delete(&missing).await.unwrap();

    blobs.delete(&abc.id).await.unwrap();
    assert!(!blobs.exists(&abc.id).await.unwrap());
    assert!(blobs.exists(&empty.id).await.unwrap());

    nothing_stays_of_uploads_that_end_early(&blobs).await;
    many_uploads_of_the_same_bytes(&blobs).await;
    storing_again_makes_new(&blobs).await;
    blobs.check().await.unwrap();
}

/// What is there, finished or not.
async fn everything(blobs: &Blobs) -> (BTreeSet<BlobId>, u64) {
    let later = SystemTime::now() + Duration::from_secs(3600);
    let all = blobs.older(later).await.unwrap();
    (
        BTreeSet::from_iter(all),
        blobs.sweep_uploads(later).await.unwrap(),
    )
}

async fn nothing_stays_of_uploads_that_end_early(blobs: &Blobs) {
    let (before, _) = everything(blobs).await;
    for length in [3, 11 * MEGABYTE] {
        // One that breaks off.
        let broken = chunks(&noise(length), MEGABYTE)
            .chain(stream::iter([Err(io::Error::other("connection reset"))]));
        let error = blobs.put_stream(broken, 1 << 30).await.unwrap_err();
        assert!(matches!(error, BlobError::Incoming { .. }), "{error:?}");
        assert!(!error.is_retryable());
        assert_eq!(everything(blobs).await, (before.clone(), 0));
    }
    // One that its process, killed, neither ends nor drops.
    std::mem::forget(begun(blobs).await);
    let long_ago = SystemTime::now() - Duration::from_secs(3600);
    assert_eq!(blobs.sweep_uploads(long_ago).await.unwrap(), 0);
    assert_eq!(everything(blobs).await, (before.clone(), 1));
    assert_eq!(everything(blobs).await, (before, 0));
}

/// An upload that has sent two parts and waits for more.
pub(crate) async fn begun(
    blobs: &Blobs,
) -> std::pin::Pin<Box<dyn Future<Output = Result<Stored, BlobError>> + Send>> {
    let (waits, waiting) = tokio::sync::oneshot::channel();
    let rest = stream::once(async {
        waits.send(()).unwrap();
        std::future::pending().await
    });
    let sent = chunks(&noise(11 * MEGABYTE), MEGABYTE).chain(rest);
    let blobs = blobs.clone();
    let mut upload = Box::pin(async move { blobs.put_stream(sent, 1 << 30).await });
    tokio::select! {
        ended = &mut upload => panic!("it ended: {ended:?}"),
        begun = waiting => begun.unwrap(),
    }
    upload
}

async fn many_uploads_of_the_same_bytes(blobs: &Blobs) {
    let bytes = noise(6 * MEGABYTE);
    let uploads = (0..6).map(|_| blobs.put_stream(chunks(&bytes, MEGABYTE), 1 << 30));
    for stored in futures::future::try_join_all(uploads).await.unwrap() {
        assert_eq!(stored.id, id_of(&bytes));
    }
    assert_eq!(
        blobs.get(&id_of(&bytes), 1 << 30).await.unwrap().unwrap(),
        bytes
    );
    blobs.delete(&id_of(&bytes)).await.unwrap();
    assert_eq!(everything(blobs).await.1, 0);
}

async fn storing_again_makes_new(blobs: &Blobs) {
    for bytes in [noise(10), noise(6 * MEGABYTE)] {
        let put = async || {
            let upload = blobs.put_stream(chunks(&bytes, MEGABYTE), 1 << 30);
            upload.await.unwrap().id
        };
        let id = put().await;
        let cut = SystemTime::now();
        assert!(blobs.older(cut).await.unwrap().contains(&id));
        // Stores tell seconds.
        while blobs.older(cut).await.unwrap().contains(&id) {
            assert!(
                cut.elapsed().unwrap() < Duration::from_secs(30),
                "it stays old"
            );
            put().await;
        }
        assert!(!blobs.delete_older(&id, cut).await.unwrap());
        blobs.delete(&id).await.unwrap();
    }
}

#[tokio::test]
async fn blobs_in_memory() {
    suite(Blobs::in_memory()).await;
}

#[tokio::test]
async fn blobs_in_a_directory() {
    let directory = tempfile::tempdir().unwrap();
    let nested = directory.path().join("not/there yet");
    suite(Blobs::open(nested.to_str().unwrap()).unwrap()).await;

    // Two blobs are left of the suite, and nothing half-done.
    let left = files(&nested);
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(
        left.iter().all(|f| f.len() == 65 && &f[2..3] == "/"),
        "{left:?}"
    );
}

#[tokio::test]
async fn a_file_url_names_the_same_directory_as_its_path() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("with space");
    let by_path = Blobs::open(path.to_str().unwrap()).unwrap();
    let stored = by_path.put(Bytes::from_static(b"here")).await.unwrap();

    let url = url::Url::from_directory_path(&path).unwrap();
    let by_url = Blobs::open(url.as_str()).unwrap();
    assert!(by_url.exists(&stored.id).await.unwrap());
}

#[tokio::test]
async fn a_folder_is_a_store_of_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    let folder = Blobs::open_folder(&format!("{path}/"), "uploads").unwrap();
    let stored = folder.put(Bytes::from_static(b"here")).await.unwrap();
    let same = Blobs::open(&format!("{path}/uploads")).unwrap();
    assert!(same.exists(&stored.id).await.unwrap());
    let whole = Blobs::open(path).unwrap();
    assert_eq!(everything(&whole).await.0, BTreeSet::new());
}

#[cfg(not(feature = "s3"))]
#[test]
fn a_program_without_s3_says_so() {
    let error = Blobs::open("s3://bucket/prefix").unwrap_err();
    assert!(matches!(error, OpenError::BuiltWithoutS3));
    assert!(error.to_string().contains("--features full"), "{error}");
}

#[test]
fn addresses_that_are_none_are_refused() {
    assert!(matches!(
        Blobs::open("ftp://host/path"),
        Err(OpenError::UnsupportedScheme { scheme }) if scheme == "ftp"
    ));
    assert!(matches!(
        Blobs::open(""),
        Err(OpenError::InvalidAddress { .. })
    ));
    assert!(matches!(
        Blobs::open("file://host/path"),
        Err(OpenError::InvalidAddress { .. })
    ));
    let file = tempfile::NamedTempFile::new().unwrap();
    assert!(matches!(
        Blobs::open(file.path().to_str().unwrap()),
        Err(OpenError::Directory { .. })
    ));
}

#[tokio::test]
async fn nothing_is_left_of_a_stream_that_breaks_off() {
    let directory = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(directory.path().to_str().unwrap()).unwrap();
    for length in [3, 11 * MEGABYTE] {
        let broken = chunks(&noise(length), MEGABYTE)
            .chain(stream::iter([Err(io::Error::other("connection reset"))]));
        let error = blobs.put_stream(broken, 1 << 30).await.unwrap_err();

        assert!(matches!(error, BlobError::Incoming { .. }), "{error:?}");
        assert!(!error.is_retryable());
        assert_eq!(files(directory.path()), [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_uploads_of_the_same_bytes_at_once_make_one_blob() {
    let directory = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(directory.path().to_str().unwrap()).unwrap();
    let (small, large) = (noise(1000), noise(6 * MEGABYTE));
    let uploads: Vec<_> = (0..12)
        .map(|i| {
            let bytes = chunks(if i % 2 == 0 { &small } else { &large }, MEGABYTE);
            let blobs = blobs.clone();
            tokio::spawn(async move { blobs.put_stream(bytes, 1 << 30).await.unwrap() })
        })
        .collect();
    let stored = futures::future::try_join_all(uploads).await.unwrap();

    assert_eq!(stored[0].id, id_of(&small));
    assert_eq!(stored[11].id, id_of(&large));
    assert_eq!(files(directory.path()).len(), 2);
}

#[tokio::test]
async fn what_a_killed_process_left_is_swept_when_it_is_old_enough() {
    let directory = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(directory.path().to_str().unwrap()).unwrap();
    let kept = blobs.put(Bytes::from_static(b"kept")).await.unwrap();
    // As LocalFileSystem names what it has not renamed yet, and an upload without its address.
    let old = ["incoming/00aa", "incoming/00bb#1", "ab/cdef#1"];
    let young = ["incoming/00cc", "ab/ffff#2"];
    let cut = SystemTime::now() - Duration::from_secs(3600);
    for name in old.iter().chain(&young) {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "half").unwrap();
        if old.contains(name) {
            let file = std::fs::File::options().write(true).open(&path).unwrap();
            file.set_modified(cut - Duration::from_secs(1)).unwrap();
        }
    }

    assert_eq!(blobs.sweep_uploads(cut).await.unwrap(), 3);
    assert_eq!(files(directory.path()).len(), 3);
    assert_eq!(blobs.sweep_uploads(cut).await.unwrap(), 0);
    assert!(blobs.exists(&kept.id).await.unwrap());
}

#[tokio::test]
async fn storing_the_same_bytes_again_makes_them_new() {
    let directory = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(directory.path().to_str().unwrap()).unwrap();
    let cut = SystemTime::now() - Duration::from_secs(3600);
    let large = noise(6 * MEGABYTE);
    for bytes in [b"small".to_vec(), large] {
        let stored = blobs
            .put_stream(chunks(&bytes, MEGABYTE), 1 << 30)
            .await
            .unwrap();
        let (folder, file) = stored.id.as_str().split_at(2);
        let path = directory.path().join(folder).join(file);
        let file = std::fs::File::options().write(true).open(path).unwrap();
        file.set_modified(cut - Duration::from_secs(1)).unwrap();
        assert_eq!(
            blobs.older(cut).await.unwrap(),
            std::slice::from_ref(&stored.id)
        );

        blobs
            .put_stream(chunks(&bytes, MEGABYTE), 1 << 30)
            .await
            .unwrap();
        assert_eq!(blobs.older(cut).await.unwrap(), []);
        assert_eq!(blobs.expire(cut).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_damaged_blob_is_noticed_and_storing_it_again_mends_it() {
    let directory = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(directory.path().to_str().unwrap()).unwrap();
    let bytes = Bytes::from_static(b"as it should be");
    let stored = blobs.put(bytes.clone()).await.unwrap();
    let (folder, file) = stored.id.as_str().split_at(2);
    let path = directory.path().join(folder).join(file);

    std::fs::write(&path, "as it shouldn't").unwrap();
    let error = blobs.get(&stored.id, 100).await.unwrap_err();
    assert!(matches!(error, BlobError::Damaged { id } if id == stored.id));

    blobs.put(bytes.clone()).await.unwrap();
    assert_eq!(blobs.get(&stored.id, 100).await.unwrap(), Some(bytes));
}
