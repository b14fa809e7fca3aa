//! Logs, to standard error.

use anyhow::{Context as _, bail};
use tracing_subscriber::EnvFilter;

use crate::config::Log;

/// Starts logging.
///
/// # Errors
/// When the filter cannot be read or the format is unknown; the sentence names the key.
pub(crate) fn init(log: &Log) -> anyhow::Result<()> {
    let filter = filter(log)?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match log.format.as_str() {
        "text" => lines.with_target(false).init(),
        "json" => lines.json().init(),
        other => bail!("log.format: `{other}` is neither \"text\" nor \"json\""),
    }
    Ok(())
}

/// Parts of libraries that say too much: at "info" they write what people are called, and as an error what is none.
const QUIET: [&str; 6] = [
    "matrix_sdk=warn",
    "matrix_sdk::http_client=off",
    "matrix_sdk_base=warn",
    "matrix_sdk_crypto=warn",
    // Takes each new login for a device that somebody deleted.
    "matrix_sdk_crypto::identities::manager=error",
    "matrix_sdk_sqlite=warn",
];

/// The filter of the configuration.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn filter(log: &Log) -> anyhow::Result<EnvFilter> {
    // What the configuration says of them comes later, and counts.
    EnvFilter::try_new(format!("{},{}", QUIET.join(","), log.filter))
        .with_context(|| format!("log.filter: `{}` cannot be read", log.filter))
}
