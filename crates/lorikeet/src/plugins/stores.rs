//! Where everything is kept: which store a URL of the configuration means, and how it is asked how it does.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use async_trait::async_trait;
use lorikeet_chat::BlobId;
use lorikeet_media::Blobs;
use lorikeet_store::{Clock, Limits, LockStore, SessionStore, Signals, Transcript};
use lorikeet_store_sql::SqlStore;
use lorikeet_training::Repository;

use crate::blobs::Unused;
use crate::config::Config;
use crate::health::Probe;

/// Where everything is kept.
pub(crate) struct Stores {
    pub(crate) sessions: Arc<dyn SessionStore>,
    pub(crate) locks: Arc<dyn LockStore>,
    pub(crate) transcript: Arc<dyn Transcript>,
    /// Absent where one process is all there is.
    pub(crate) signals: Option<Arc<dyn Signals>>,
    pub(crate) repository: Arc<dyn Repository>,
    pub(crate) blobs: Blobs,
    /// What people sent, until it is taken in.
    pub(crate) uploads: Blobs,
    /// What says whether they work.
    pub(crate) probes: Vec<Arc<dyn Probe>>,
}

impl Stores {
    /// What finds and deletes the blobs nobody uses.
    pub(crate) fn unused(&self) -> Unused {
        Unused {
            repository: Arc::clone(&self.repository),
            blobs: self.blobs.clone(),
        }
    }
}

/// What `[store] url` means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum StoreKind {
    Sqlite(PathBuf),
    #[cfg(feature = "redis")]
    Redis,
}

/// What `[database] url` means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum DatabaseKind {
    Sqlite(PathBuf),
    #[cfg(feature = "postgres")]
    Postgres,
}

/// What `[store] url` means.
///
/// # Errors
/// When it is none of the stores of conversations, or one that this program was built without.
pub(crate) fn store_kind(url: &str) -> Result<StoreKind, String> {
    if ["redis:", "rediss:", "redis+", "rediss+"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
    {
        return redis_kind(url);
    }
    sqlite(url).map(StoreKind::Sqlite).ok_or_else(|| {
        "this is neither a SQLite file, such as sqlite:data/lorikeet.db, nor a Redis, such as redis://127.0.0.1:6379"
            .to_owned()
    })
}

/// What `[database] url` means.
///
/// # Errors
/// When it is none of the stores of LoRAs, or one that this program was built without.
pub(crate) fn database_kind(url: &str) -> Result<DatabaseKind, String> {
    if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        return postgres_kind();
    }
    sqlite(url).map(DatabaseKind::Sqlite).ok_or_else(|| {
        "this is neither a SQLite file, such as sqlite:data/lorikeet.db, nor a PostgreSQL, such as \
         postgres://user:password@host/database"
            .to_owned()
    })
}

#[cfg(feature = "postgres")]
#[expect(
    clippy::unnecessary_wraps,
    reason = "without the feature it is an error"
)]
fn postgres_kind() -> Result<DatabaseKind, String> {
    Ok(DatabaseKind::Postgres)
}

#[cfg(not(feature = "postgres"))]
fn postgres_kind() -> Result<DatabaseKind, String> {
    Err(without("PostgreSQL"))
}

#[cfg(not(all(feature = "redis", feature = "postgres")))]
fn without(what: &str) -> String {
    format!("this program was built without {what}; build it with --features full")
}

#[cfg(feature = "redis")]
fn redis_kind(url: &str) -> Result<StoreKind, String> {
    let options = lorikeet_store_redis::Options::default();
    lorikeet_store_redis::RedisStore::new(url, options)
        .map(|_| StoreKind::Redis)
        .map_err(|error| error.to_string())
}

#[cfg(not(feature = "redis"))]
fn redis_kind(_url: &str) -> Result<StoreKind, String> {
    Err(without("Redis"))
}

/// The file of a `sqlite:` URL.
fn sqlite(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:")?;
    let path = rest.strip_prefix("//").unwrap_or(rest);
    (!path.is_empty()).then(|| PathBuf::from(path))
}

/// Everything about conversations.
struct Conversations {
    sessions: Arc<dyn SessionStore>,
    locks: Arc<dyn LockStore>,
    transcript: Arc<dyn Transcript>,
    signals: Option<Arc<dyn Signals>>,
}

/// Opens the stores of the configuration, making their directories.
///
/// # Errors
/// When one cannot be opened; the sentence says what to do.
pub(crate) async fn open(config: &Config, clock: &Arc<dyn Clock>) -> anyhow::Result<Stores> {
    let (store_url, database_url) = (&config.store.url.0, &config.database.url.0);
    let store_kind = store_kind(store_url).map_err(|error| anyhow!("store.url: {error}"))?;
    let database_kind =
        database_kind(database_url).map_err(|error| anyhow!("database.url: {error}"))?;
    let limits = Limits {
        idle: Duration::from_secs(u64::from(config.store.session_days) * 24 * 3600),
        ..Limits::default()
    };
    let mut probes: Vec<Arc<dyn Probe>> = Vec::new();
    let mut files = Vec::new();
    let conversations = match &store_kind {
        StoreKind::Sqlite(path) => {
            let store = file("store.url", path, clock, limits)?;
            files.push((path.clone(), store.clone()));
            let store = Arc::new(store);
            Conversations {
                sessions: store.clone(),
                locks: store.clone(),
                transcript: store,
                signals: None,
            }
        }
        #[cfg(feature = "redis")]
        StoreKind::Redis => {
            let store = redis(config, limits).await?;
            probes.push(Arc::new(RedisProbe(store.clone())));
            let store = Arc::new(store);
            Conversations {
                sessions: store.clone(),
                locks: store.clone(),
                transcript: store.clone(),
                signals: Some(store),
            }
        }
    };
    let repository: Arc<dyn Repository> = match &database_kind {
        // One file for both is opened once.
        DatabaseKind::Sqlite(path) => match files.pop().filter(|(open, _)| open == path) {
            Some((_, store)) => Arc::new(store),
            None => Arc::new(file("database.url", path, clock, limits)?),
        },
        #[cfg(feature = "postgres")]
        DatabaseKind::Postgres => {
            use lorikeet_store_sql::{PostgresOptions, PostgresRecords};
            let records = PostgresRecords::connect(database_url, PostgresOptions::default());
            Arc::new(records.await.context("database.url")?)
        }
    };
    probes.push(Arc::new(RecordsProbe(Arc::clone(&repository))));
    let blobs = Blobs::open(&config.blobs.url).context("blobs.url")?;
    blobs.check().await.context("blobs.url")?;
    let Conversations {
        sessions,
        locks,
        transcript,
        signals,
    } = conversations;
    Ok(Stores {
        sessions,
        locks,
        transcript,
        signals,
        repository,
        uploads: Blobs::open_folder(&config.blobs.url, "uploads").context("blobs.url")?,
        blobs,
        probes,
    })
}

fn file(
    key: &'static str,
    path: &Path,
    clock: &Arc<dyn Clock>,
    limits: Limits,
) -> anyhow::Result<SqlStore> {
    if let Some(parent) = path.parent().filter(|parent| *parent != Path::new("")) {
        std::fs::create_dir_all(parent)
            .with_context(|| format!("{key}: the directory {} cannot be made", parent.display()))?;
    }
    SqlStore::open(path, Arc::clone(clock), limits).context(key)
}

#[cfg(feature = "redis")]
async fn redis(
    config: &Config,
    limits: Limits,
) -> anyhow::Result<lorikeet_store_redis::RedisStore> {
    // Others in the program may have chosen one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let options = lorikeet_store_redis::Options {
        prefix: config.store.prefix.clone(),
        limits,
        ..lorikeet_store_redis::Options::default()
    };
    let store = lorikeet_store_redis::RedisStore::open(&config.store.url.0, options);
    store.await.context("store.url")
}

/// Asks Redis.
#[cfg(feature = "redis")]
struct RedisProbe(lorikeet_store_redis::RedisStore);

#[cfg(feature = "redis")]
#[async_trait]
impl Probe for RedisProbe {
    fn name(&self) -> &'static str {
        "store"
    }

    async fn look(&self) -> Result<Option<String>, String> {
        let history = self.0.check().await.map_err(|error| error.to_string())?;
        let mut notes = Vec::new();
        if history.replaced > 0 {
            notes.push(format!(
                "the data was flushed or replaced {} times since this process started; conversations began anew",
                history.replaced
            ));
        }
        if history.fail_overs > 0 {
            notes.push(format!(
                "the server was restarted, or another became the primary, {} times since this process started",
                history.fail_overs
            ));
        }
        Ok((!notes.is_empty()).then(|| notes.join("; ")))
    }
}

/// Asks the database something that costs nothing.
struct RecordsProbe(Arc<dyn Repository>);

#[async_trait]
impl Probe for RecordsProbe {
    fn name(&self) -> &'static str {
        "database"
    }

    async fn look(&self) -> Result<Option<String>, String> {
        let answer = self.0.uses_blob(&BlobId::from_digest([0; 32])).await;
        answer.map(|_| None).map_err(|error| error.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_which_store_it_means() {
        let path = PathBuf::from;
        let stores = [
            ("sqlite:data/a.db", "data/a.db"),
            ("sqlite:///srv/a.db", "/srv/a.db"),
        ];
        for (url, file) in stores {
            assert_eq!(store_kind(url), Ok(StoreKind::Sqlite(path(file))));
            assert_eq!(database_kind(url), Ok(DatabaseKind::Sqlite(path(file))));
        }
        for nonsense in ["", "sqlite:", "data/a.db", "mysql://user:hunter2@host"] {
            let said = [store_kind(nonsense).err(), database_kind(nonsense).err()];
            for said in said.map(Option::unwrap_or_default) {
                assert!(said.contains("sqlite:data/lorikeet.db"), "{said}");
                assert!(!said.contains("hunter2"), "{said}");
            }
        }
        assert!(store_kind("postgres://host/a").is_err());
        assert!(database_kind("redis://host").is_err());
    }

    #[test]
    fn what_was_left_out_of_the_build_is_said() {
        for (said, there) in [
            (store_kind("redis://host").err(), cfg!(feature = "redis")),
            (
                database_kind("postgres://host/a").err(),
                cfg!(feature = "postgres"),
            ),
        ] {
            match said {
                None => assert!(there),
                Some(why) => assert!(!there && why.contains("--features full"), "{why}"),
            }
        }
    }
}
