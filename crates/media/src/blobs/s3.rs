//! Blobs in an S3-compatible store.

use std::env;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientConfigKey, RetryConfig};
use url::Url;

use super::OpenError;

/// What the store is like when neither the environment nor the address says otherwise. A request may take as long as it
/// takes, as long as something comes: it may be a large file on a slow line.
const DEFAULTS: [(AmazonS3ConfigKey, &str); 4] = [
    (AmazonS3ConfigKey::Region, "us-east-1"),
    (
        AmazonS3ConfigKey::Client(ClientConfigKey::ConnectTimeout),
        "5 seconds",
    ),
    (
        AmazonS3ConfigKey::Client(ClientConfigKey::ReadTimeout),
        "60 seconds",
    ),
    (
        AmazonS3ConfigKey::Client(ClientConfigKey::Timeout),
        "3600 seconds",
    ),
];

/// A call ends within some seconds when the store does not answer; whoever made it knows when to try again.
const RETRY_TIME: Duration = Duration::from_secs(15);
const RETRIES: usize = 3;

/// The store of an address `s3://bucket/prefix?endpoint=…&region=…`, and what sentences call it.
pub(super) fn open(url: &Url) -> Result<(PrefixStore<AmazonS3>, String), OpenError> {
    let refused = |reason: String| OpenError::S3Address { reason };
    let bucket = url.host_str().unwrap_or_default();
    if bucket.is_empty() {
        return Err(refused("it names no bucket".to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused(
            "credentials do not belong in it: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
                .to_owned(),
        ));
    }
    let mut builder = DEFAULTS
        .into_iter()
        .fold(AmazonS3Builder::new(), |builder, (key, value)| {
            builder.with_config(key, value)
        });
    for (key, value) in env::vars_os() {
        if let (Some(key), Some(value)) = (key.to_str(), value.to_str())
            && key.starts_with("AWS_")
            && let Ok(key) = key.to_ascii_lowercase().parse()
        {
            builder = builder.with_config(key, value);
        }
    }
    for (key, value) in url.query_pairs() {
        builder = match &*key {
            "endpoint" => builder.with_endpoint(value),
            "region" => builder.with_region(value),
            _ => return Err(refused(format!("it has an unknown parameter, {key}"))),
        };
    }
    let endpoint = builder.get_config_value(&AmazonS3ConfigKey::Endpoint);
    let plain = endpoint
        .as_deref()
        .is_some_and(|e| e.starts_with("http://"));
    provide_tls();
    let store = builder
        .with_bucket_name(bucket)
        .with_allow_http(plain)
        .with_retry(RetryConfig {
            backoff: BackoffConfig::default(),
            max_retries: RETRIES,
            retry_timeout: RETRY_TIME,
        })
        .build()
        .map_err(|error| refused(error.to_string()))?;
    let prefix = Path::from_url_path(url.path()).map_err(|error| refused(error.to_string()))?;
    let mut place = format!("s3://{bucket}/{prefix}");
    if let Some(endpoint) = endpoint {
        place = format!("{place} at {endpoint}");
    }
    Ok((PrefixStore::new(store, prefix), place))
}

/// The client wants a provider of cryptography; when the program has chosen none, it is ring.
fn provide_tls() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Somebody else may have been quicker, and then it is theirs.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}
