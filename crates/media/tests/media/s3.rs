//! Blobs in S3.
//!
//! `LORIKEET_TEST_S3` is the endpoint of a store that takes the credentials in the environment; `tests/run shell`
//! starts one.

#![expect(clippy::panic, reason = "tests")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use lorikeet_media::{BlobError, Blobs, OpenError};

use crate::blobs::{begun, suite};

fn endpoint() -> String {
    match (
        std::env::var("LORIKEET_TEST_S3"),
        std::env::var("AWS_ACCESS_KEY_ID"),
    ) {
        (Ok(url), Ok(_)) => url,
        _ => panic!(
            "LORIKEET_TEST_S3 must be the endpoint of an S3-compatible store, and AWS_ACCESS_KEY_ID and \
             AWS_SECRET_ACCESS_KEY what it takes: run tests/run shell, which starts one"
        ),
    }
}

/// A bucket of a test's own, on a store that ends with the tests.
async fn bucket() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let (process, now) = (std::process::id(), now.unwrap().as_nanos());
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("test-{process}-{now}-{number}");
    let made = http("PUT", &format!("/{name}")).await;
    assert!(made.starts_with("HTTP/1.1 200"), "{made}");
    name
}

/// A request past the store's own client; the whole answer.
async fn http(method: &str, path: &str) -> String {
    let host = endpoint().trim_start_matches("http://").to_owned();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    );
    tokio::task::spawn_blocking(move || {
        let mut connection = std::net::TcpStream::connect(host).unwrap();
        connection.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    })
    .await
    .unwrap()
}

/// How many uploads in parts the store keeps open.
async fn open_uploads(bucket: &str) -> usize {
    let answer = http("GET", &format!("/{bucket}?uploads")).await;
    assert!(answer.contains("ListMultipartUploadsResult"), "{answer}");
    answer.matches("<UploadId>").count()
}

fn open(bucket: &str, prefix: &str) -> Blobs {
    let endpoint = endpoint();
    Blobs::open(&format!(
        "s3://{bucket}/{prefix}?endpoint={endpoint}&region=us-east-1"
    ))
    .unwrap()
}

#[tokio::test]
async fn blobs_in_s3() {
    let bucket = bucket().await;
    suite(open(&bucket, "some/where")).await;
    assert_eq!(open_uploads(&bucket).await, 0);
    let keys = http("GET", &format!("/{bucket}")).await;
    assert_eq!(keys.matches("<Key>some/where/").count(), 2, "{keys}");
    assert_eq!(keys.matches("<Key>").count(), 2, "{keys}");
}

#[tokio::test]
async fn blobs_in_s3_without_a_prefix() {
    let bucket = bucket().await;
    suite(open(&bucket, "")).await;
    let keys = http("GET", &format!("/{bucket}")).await;
    assert_eq!(keys.matches("<Key>").count(), 2, "{keys}");
}

#[tokio::test]
async fn an_upload_whose_sender_has_gone_is_aborted() {
    let bucket = bucket().await;
    let blobs = open(&bucket, "");
    let upload = begun(&blobs).await;
    assert_eq!(open_uploads(&bucket).await, 1);
    drop(upload);
    let since = Instant::now();
    while open_uploads(&bucket).await > 0 {
        assert!(since.elapsed() < Duration::from_secs(20), "it stays open");
    }
    while http("GET", &format!("/{bucket}")).await.contains("<Key>") {
        assert!(since.elapsed() < Duration::from_secs(20), "its note stays");
    }
}

#[tokio::test]
async fn what_a_killed_process_left_in_s3_is_swept() {
    let bucket = bucket().await;
    let blobs = open(&bucket, "pictures");
    std::mem::forget(begun(&blobs).await);
    assert_eq!(open_uploads(&bucket).await, 1);
    let later = SystemTime::now() + Duration::from_secs(3600);
    assert_eq!(blobs.sweep_uploads(later).await.unwrap(), 1);
    assert_eq!(open_uploads(&bucket).await, 0);
    let keys = http("GET", &format!("/{bucket}")).await;
    assert!(!keys.contains("<Key>"), "{keys}");
}

#[tokio::test]
async fn a_folder_lies_under_the_prefix() {
    let bucket = bucket().await;
    let address = format!(
        "s3://{bucket}/bot/?endpoint={}&region=us-east-1",
        endpoint()
    );
    let folder = Blobs::open_folder(&address, "uploads").unwrap();
    folder.put(Bytes::from_static(b"here")).await.unwrap();
    let keys = http("GET", &format!("/{bucket}")).await;
    assert!(keys.contains("<Key>bot/uploads/"), "{keys}");

    let whole = Blobs::open(&address).unwrap();
    let later = SystemTime::now() + Duration::from_secs(3600);
    assert_eq!(whole.older(later).await.unwrap(), []);
    assert_eq!(folder.expire(later).await.unwrap(), 1);
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_said_and_not_taken_for_an_empty_one() {
    let blobs = open("nowhere", "");
    let error = blobs.check().await.unwrap_err();
    assert!(matches!(error, OpenError::Unusable { .. }), "{error:?}");
    let sentence = error.to_string();
    assert!(sentence.contains("s3://nowhere"), "{sentence}");
    assert!(sentence.contains("no such bucket"), "{sentence}");

    let missing = lorikeet_chat::BlobId::from_digest([7; 32]);
    let error = blobs.get(&missing, 10).await.unwrap_err();
    assert!(matches!(error, BlobError::Unavailable { .. }), "{error:?}");
    blobs.put(Bytes::from_static(b"lost")).await.unwrap_err();
}

#[tokio::test]
async fn a_store_that_is_not_there_is_said() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let blobs = Blobs::open(&format!("s3://bucket?endpoint=http://127.0.0.1:{port}")).unwrap();
    let sentence = blobs.check().await.unwrap_err().to_string();
    assert!(
        sentence.contains(&format!("127.0.0.1:{port}")),
        "{sentence}"
    );
    assert!(sentence.contains("does not answer"), "{sentence}");
}

#[tokio::test]
async fn refused_credentials_are_said() {
    // The store of the tests takes any.
    let strict = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = strict.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for connection in strict.incoming() {
            let mut connection = connection.unwrap();
            let _ = connection.read(&mut [0; 4096]);
            let body = "<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>";
            let length = body.len();
            let _ = write!(
                connection,
                "HTTP/1.1 403 Forbidden\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
        }
    });
    let blobs = Blobs::open(&format!("s3://bucket?endpoint=http://127.0.0.1:{port}")).unwrap();
    let sentence = blobs.check().await.unwrap_err().to_string();
    assert!(sentence.contains("SignatureDoesNotMatch"), "{sentence}");
    assert!(sentence.contains("AWS_SECRET_ACCESS_KEY"), "{sentence}");
    let error = blobs.put(Bytes::from_static(b"here")).await.unwrap_err();
    assert!(error.is_retryable());
}

#[test]
fn addresses_of_s3_that_are_none_are_refused() {
    for (address, word) in [
        ("s3://?region=us-east-1", "bucket"),
        ("s3://key:secret@bucket", "credentials"),
        ("s3://key:secret/more@bucket", "port"),
        ("s3://bucket?regoin=here", "regoin"),
    ] {
        let error = Blobs::open(address).unwrap_err();
        let sentence = error.to_string();
        assert!(sentence.contains(word), "{sentence}");
        assert!(!sentence.contains("secret"), "{sentence}");
    }
}

#[tokio::test]
async fn no_secret_is_in_what_is_printed() {
    endpoint();
    let told = format!("{:?}", open("bucket", "prefix"));
    let secret = std::env::var("AWS_SECRET_ACCESS_KEY").unwrap();
    assert!(told.contains("s3://bucket/prefix"), "{told}");
    assert!(!told.contains(&secret), "{told}");
}
