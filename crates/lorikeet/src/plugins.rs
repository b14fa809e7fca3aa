//! The list of plugins: the only place that names a concrete platform, store or engine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use lorikeet_engine::{Captioner, Engine, TemplateCaptioner};
use lorikeet_media::Blobs;
use lorikeet_platform::Adapter;
use lorikeet_store::{Clock, Limits, LockStore, SessionStore, Transcript};
use lorikeet_store_sql::SqlStore;
use lorikeet_training::{EngineId, Repository};

use crate::blobs::Unused;
use crate::config::Config;

/// Where everything is kept.
pub(crate) struct Stores {
    pub(crate) sessions: Arc<dyn SessionStore>,
    pub(crate) locks: Arc<dyn LockStore>,
    pub(crate) transcript: Arc<dyn Transcript>,
    pub(crate) repository: Arc<dyn Repository>,
    pub(crate) blobs: Blobs,
    /// What people sent, until it is taken in.
    pub(crate) uploads: Blobs,
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

/// Opens the stores of the configuration, making their directories.
///
/// # Errors
/// When one cannot be opened; the sentence says what to do.
pub(crate) fn stores(config: &Config, clock: &Arc<dyn Clock>) -> anyhow::Result<Stores> {
    let open = |key: &str, url: &str| -> anyhow::Result<SqlStore> {
        let path = sqlite(url).map_err(|problem| anyhow!("{key}: {problem}"))?;
        if let Some(parent) = path.parent().filter(|parent| *parent != Path::new("")) {
            std::fs::create_dir_all(parent).with_context(|| {
                format!("{key}: the directory {} cannot be made", parent.display())
            })?;
        }
        SqlStore::open(&path, Arc::clone(clock), Limits::default()).with_context(|| key.to_owned())
    };
    let conversations = open("store.url", &config.store.url)?;
    let records = if config.database.url == config.store.url {
        conversations.clone()
    } else {
        open("database.url", &config.database.url)?
    };
    Ok(Stores {
        sessions: Arc::new(conversations.clone()),
        locks: Arc::new(conversations.clone()),
        transcript: Arc::new(conversations),
        repository: Arc::new(records),
        blobs: Blobs::open(&config.blobs.url).context("blobs.url")?,
        uploads: Blobs::open(&format!(
            "{}/uploads",
            config.blobs.url.trim_end_matches('/')
        ))
        .context("blobs.url")?,
    })
}

/// The file of a `sqlite:` URL.
///
/// # Errors
/// When it is none.
pub(crate) fn sqlite(url: &str) -> Result<PathBuf, String> {
    match url
        .strip_prefix("sqlite:")
        .map(|rest| rest.strip_prefix("//").unwrap_or(rest))
    {
        Some(path) if !path.is_empty() => Ok(PathBuf::from(path)),
        _ => Err(format!(
            "`{url}` is not a SQLite file, such as sqlite:data/lorikeet.db"
        )),
    }
}

/// The faces of the bot.
pub(crate) struct Platforms {
    pub(crate) adapters: Vec<Arc<dyn Adapter>>,
    #[cfg(feature = "web")]
    pub(crate) web: Option<Arc<lorikeet_adapter_web::Web>>,
}

/// The platforms the configuration enables.
///
/// # Errors
/// When one is configured in a way it cannot run.
pub(crate) fn platforms(config: &Config, stores: &Stores) -> anyhow::Result<Platforms> {
    let mut adapters: Vec<Arc<dyn Adapter>> = Vec::new();
    #[cfg(feature = "web")]
    let web = if config.web.enabled {
        let settings = web(config).map_err(|problem| anyhow!(problem))?;
        let web = lorikeet_adapter_web::Web::new(
            settings,
            stores.blobs.clone(),
            stores.uploads.clone(),
            Arc::clone(&stores.transcript),
        )?;
        let web = Arc::new(web);
        adapters.push(Arc::clone(&web) as Arc<dyn Adapter>);
        Some(web)
    } else {
        None
    };
    Ok(Platforms {
        adapters,
        #[cfg(feature = "web")]
        web,
    })
}

/// The web adapter's settings.
///
/// # Errors
/// What is wrong, with its key.
#[cfg(feature = "web")]
pub(crate) fn web(config: &Config) -> Result<lorikeet_adapter_web::Config, String> {
    use lorikeet_adapter_web::{AccessToken, Config as WebConfig};

    let web = &config.web;
    let listen = web.listen.parse().map_err(|_| {
        format!(
            "web.listen: `{}` is not an address and port, such as 127.0.0.1:8080",
            web.listen
        )
    })?;
    let mut settings = WebConfig::local(listen);
    settings.token = (!web.token.is_empty()).then(|| AccessToken::new(web.token.clone()));
    settings.public_url = (!web.public_url.is_empty()).then(|| web.public_url.clone());
    settings.max_upload_bytes = u64::from(config.training.picture_megabytes) * 1_000_000;
    settings.check().map_err(|error| format!("web: {error}"))?;
    Ok(settings)
}

/// The engines the configuration enables, by id.
pub(crate) type Engines = BTreeMap<EngineId, Arc<dyn Engine>>;

/// Starts the engines the configuration enables.
///
/// # Errors
/// When one cannot work; the sentence names its section.
pub(crate) fn engines(config: &Config) -> anyhow::Result<Engines> {
    let mut engines: Vec<Arc<dyn Engine>> = Vec::new();
    #[cfg(feature = "tiny")]
    if config.engines.tiny.enabled {
        let directory = &config.engines.tiny.directory;
        std::fs::create_dir_all(directory).with_context(|| {
            format!(
                "engines.tiny.directory: {} cannot be made",
                directory.display()
            )
        })?;
        let tiny = lorikeet_tiny::TinyEngine::open(directory, 1).context("engines.tiny")?;
        engines.push(Arc::new(tiny));
    }
    Ok(engines
        .into_iter()
        .map(|engine| (engine.offer().id, engine))
        .collect())
}

/// Whether there would be an engine at all.
pub(crate) fn any_engine(config: &Config) -> bool {
    cfg!(feature = "tiny") && config.engines.tiny.enabled
}

/// Those who write captions.
pub(crate) fn captioners() -> Vec<Arc<dyn Captioner>> {
    vec![Arc::new(TemplateCaptioner)]
}
