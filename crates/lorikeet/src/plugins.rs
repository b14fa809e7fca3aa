//! The list of plugins: the only place that names a concrete platform, engine or, in a file of its own, store.

pub(crate) mod stores;

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use lorikeet_engine::{Captioner, Engine, TemplateCaptioner};
use lorikeet_platform::{Adapter, Previewer};
use lorikeet_training::EngineId;

use self::stores::Stores;
use crate::config::Config;
use crate::health::Health;

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
pub(crate) fn platforms(
    config: &Config,
    stores: &Stores,
    health: &Arc<Health>,
) -> anyhow::Result<Platforms> {
    let mut adapters: Vec<Arc<dyn Adapter>> = Vec::new();
    #[cfg(feature = "web")]
    let web = if config.web.enabled {
        let health = Arc::clone(health);
        let web = lorikeet_adapter_web::Web::new(lorikeet_adapter_web::Parts {
            config: web(config).map_err(|problem| anyhow!(problem))?,
            blobs: stores.blobs.clone(),
            uploads: stores.uploads.clone(),
            transcript: Arc::clone(&stores.transcript),
            signals: stores.signals.clone(),
            readiness: Arc::new(move || health.readiness()),
            previewers: if config.web.previews {
                previewers()
            } else {
                Vec::new()
            },
        })?;
        let web = Arc::new(web);
        adapters.push(Arc::clone(&web) as Arc<dyn Adapter>);
        Some(web)
    } else {
        None
    };
    #[cfg(all(
        any(feature = "telegram", feature = "discord", feature = "matrix"),
        feature = "web"
    ))]
    let links = web.as_ref().and_then(|web| web.links());
    #[cfg(all(
        any(feature = "telegram", feature = "discord", feature = "matrix"),
        not(feature = "web")
    ))]
    let links = None;
    #[cfg(feature = "discord")]
    if let Some(settings) = discord(config).map_err(|problem| anyhow!(problem))? {
        let discord = lorikeet_adapter_discord::Discord::new(lorikeet_adapter_discord::Parts {
            config: settings,
            blobs: stores.blobs.clone(),
            transcript: Arc::clone(&stores.transcript),
            links: links.clone(),
        })?;
        adapters.push(Arc::new(discord));
    }
    #[cfg(feature = "matrix")]
    if let Some(settings) = matrix(config).map_err(|problem| anyhow!(problem))? {
        let matrix = lorikeet_adapter_matrix::Matrix::new(lorikeet_adapter_matrix::Parts {
            config: settings,
            blobs: stores.blobs.clone(),
            transcript: Arc::clone(&stores.transcript),
            links: links.clone(),
        })?;
        adapters.push(Arc::new(matrix));
    }
    #[cfg(feature = "telegram")]
    if let Some(settings) = telegram(config).map_err(|problem| anyhow!(problem))? {
        let telegram =
            lorikeet_adapter_telegram::Telegram::new(lorikeet_adapter_telegram::Parts {
                config: settings,
                blobs: stores.blobs.clone(),
                transcript: Arc::clone(&stores.transcript),
                links,
            })?;
        adapters.push(Arc::new(telegram));
    }
    Ok(Platforms {
        adapters,
        #[cfg(feature = "web")]
        web,
    })
}

/// How each platform would show a screen.
pub(crate) fn previewers() -> Vec<Box<dyn Previewer>> {
    vec![
        #[cfg(feature = "web")]
        Box::new(lorikeet_adapter_web::WebPreviewer),
        #[cfg(feature = "telegram")]
        Box::new(lorikeet_adapter_telegram::TelegramPreviewer),
        #[cfg(feature = "discord")]
        Box::new(lorikeet_adapter_discord::DiscordPreviewer),
        #[cfg(feature = "matrix")]
        Box::new(lorikeet_adapter_matrix::MatrixPreviewer),
    ]
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

/// The Telegram adapter's settings, where there is a token.
///
/// # Errors
/// What is wrong, with its key.
#[cfg(feature = "telegram")]
pub(crate) fn telegram(
    config: &Config,
) -> Result<Option<lorikeet_adapter_telegram::Config>, String> {
    use lorikeet_adapter_telegram::{Config as TelegramConfig, Mode, Secret};

    let telegram = &config.telegram;
    if telegram.token.0.is_empty() {
        return Ok(None);
    }
    let webhook = &telegram.webhook;
    let mode = match telegram.mode.as_str() {
        "polling" => Mode::Polling,
        "webhook" => Mode::Webhook {
            listen: webhook.listen.parse().map_err(|_| {
                format!(
                    "telegram.webhook.listen: `{}` is not an address and port, such as 127.0.0.1:8443",
                    webhook.listen
                )
            })?,
            public_url: webhook.public_url.clone(),
            secret: Secret::new(webhook.secret.0.clone()),
        },
        other => {
            return Err(format!(
                "telegram.mode: `{other}` is neither \"polling\" nor \"webhook\""
            ));
        }
    };
    let settings = TelegramConfig {
        token: Secret::new(telegram.token.0.clone()),
        api_url: telegram.api_url.clone(),
        local: telegram.local,
        mode,
        messages_per_second: telegram.messages_per_second,
    };
    settings.check().map_err(|error| error.to_string())?;
    // Telegram takes shorter ones; whoever guesses it speaks for everybody.
    if telegram.mode == "webhook" && webhook.secret.0.len() < 16 {
        return Err("telegram.webhook.secret: it is too short; 16 to 256 letters, digits, _ or - are needed, such as what `openssl rand -hex 32` gives".to_owned());
    }
    Ok(Some(settings))
}

/// The Discord adapter's settings, where there is a token.
///
/// # Errors
/// What is wrong, with its key.
#[cfg(feature = "discord")]
pub(crate) fn discord(config: &Config) -> Result<Option<lorikeet_adapter_discord::Config>, String> {
    use lorikeet_adapter_discord::{Config as DiscordConfig, ConfigError, Mode, Secret};

    let discord = &config.discord;
    if discord.token.0.is_empty() {
        return Ok(None);
    }
    let mode = match discord.mode.as_str() {
        "gateway" if discord.shards.is_empty() => Mode::Gateway { shards: None },
        "gateway" => Mode::Gateway {
            shards: Some(
                discord
                    .shards
                    .parse()
                    .map_err(|error: ConfigError| error.to_string())?,
            ),
        },
        "http" => Mode::Http {
            listen: discord.listen.parse().map_err(|_| {
                format!(
                    "discord.listen: `{}` is not an address and port, such as 127.0.0.1:8444",
                    discord.listen
                )
            })?,
        },
        other => {
            return Err(format!(
                "discord.mode: `{other}` is neither \"gateway\" nor \"http\""
            ));
        }
    };
    let given = |text: &String| (!text.is_empty()).then(|| text.clone());
    let settings = DiscordConfig {
        token: Secret::new(discord.token.0.clone()),
        api_url: discord.api_url.clone(),
        application_id: given(&discord.application_id),
        public_key: given(&discord.public_key),
        mode,
        guilds: discord.guilds.clone(),
    };
    settings.check().map_err(|error| error.to_string())?;
    Ok(Some(settings))
}

/// The Matrix adapter's settings, where there is an account.
///
/// # Errors
/// What is wrong, with its key.
#[cfg(feature = "matrix")]
pub(crate) fn matrix(config: &Config) -> Result<Option<lorikeet_adapter_matrix::Config>, String> {
    use lorikeet_adapter_matrix::{Config as MatrixConfig, Login, Secret};

    let matrix = &config.matrix;
    if !matrix.is_asked_for() {
        return Ok(None);
    }
    let login = match (matrix.password.0.is_empty(), matrix.token.0.is_empty()) {
        (false, false) => {
            return Err(
                "matrix.token: there is a matrix.password too; take one of them out".to_owned(),
            );
        }
        (true, false) => Login::Token(Secret::new(matrix.token.0.clone())),
        (_, true) => Login::Password(Secret::new(matrix.password.0.clone())),
    };
    let recovery_key = &matrix.recovery_key.0;
    let settings = MatrixConfig {
        homeserver: matrix.homeserver.clone(),
        user: matrix.user.clone(),
        login,
        device_name: matrix.device_name.clone(),
        directory: matrix.directory.clone(),
        store_passphrase: Secret::new(matrix.store_passphrase.0.clone()),
        recovery_key: (!recovery_key.is_empty()).then(|| Secret::new(recovery_key.clone())),
        prefix: matrix.prefix.clone(),
        polls: matrix.polls,
        rooms: matrix.rooms.clone(),
        users: matrix.users.clone(),
    };
    settings.check().map_err(|error| error.to_string())?;
    Ok(Some(settings))
}

/// What the platforms that can be asked say against the configuration; nothing where it is fine.
#[cfg_attr(
    not(feature = "discord"),
    expect(clippy::unused_async, reason = "nobody to ask")
)]
pub(crate) async fn asked(config: &Config) -> Vec<String> {
    #[cfg(feature = "discord")]
    if let Ok(Some(settings)) = discord(config) {
        return match lorikeet_adapter_discord::check(&settings).await {
            Ok(sentences) => sentences,
            Err(error) => vec![error.to_string()],
        };
    }
    let _ = config;
    Vec::new()
}

/// Whether anybody could talk to the bot, by every platform that is asked for.
///
/// # Errors
/// What keeps them from it, with its key.
pub(crate) fn any_platform(config: &Config) -> Result<(), &'static str> {
    reachable(
        config.web.enabled,
        Wanted {
            asked: !config.telegram.token.0.is_empty(),
            built: cfg!(feature = "telegram"),
        },
        Wanted {
            asked: !config.discord.token.0.is_empty(),
            built: cfg!(feature = "discord"),
        },
        Wanted {
            asked: config.matrix.is_asked_for(),
            built: cfg!(feature = "matrix"),
        },
    )
}

/// A platform that is asked for, or not, and is in this program, or not.
#[derive(Clone, Copy)]
struct Wanted {
    asked: bool,
    built: bool,
}

fn reachable(
    web: bool,
    telegram: Wanted,
    discord: Wanted,
    matrix: Wanted,
) -> Result<(), &'static str> {
    if matrix.asked && !matrix.built {
        return Err(
            "matrix.homeserver: this program is built without Matrix; build it with --features matrix, or take the address out",
        );
    }
    if discord.asked && !discord.built {
        return Err(
            "discord.token: this program is built without Discord; build it with --features discord, or take the token out",
        );
    }
    if telegram.asked && !telegram.built {
        return Err(
            "telegram.token: this program is built without Telegram; build it with --features telegram, or take the token out",
        );
    }
    if web || telegram.asked || discord.asked || matrix.asked {
        return Ok(());
    }
    Err(
        "web.enabled: there would be no way to talk to the bot; set it to true, or give it a telegram.token, a discord.token or a matrix.homeserver",
    )
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
    #[cfg(feature = "command")]
    for settings in commands(config).map_err(|problem| anyhow!(problem))? {
        let engine = lorikeet_command::CommandEngine::open(settings);
        engines.push(Arc::new(engine.map_err(|problem| anyhow!(problem))?));
    }
    Ok(engines
        .into_iter()
        .map(|engine| (engine.offer().id, engine))
        .collect())
}

/// Whether there would be an engine at all.
pub(crate) fn any_engine(config: &Config) -> bool {
    let command = cfg!(feature = "command") && !config.engines.command.is_empty();
    command || (cfg!(feature = "tiny") && config.engines.tiny.enabled)
}

/// The settings of programs that train.
///
/// # Errors
/// The first key that cannot work, and how it should be.
#[cfg(feature = "command")]
pub(crate) fn commands(config: &Config) -> Result<Vec<lorikeet_command::Config>, String> {
    use lorikeet_command::{Base, Profile};
    let this = std::env::current_exe()
        .map_err(|error| format!("the program does not find itself: {error}"))?;
    let mut all = Vec::new();
    for (id, settings) in &config.engines.command {
        let key = format!("engines.command.{id}");
        let Some(profile) = Profile::named(&settings.profile) else {
            let names: Vec<&str> = Profile::ALL.iter().map(|(_, name)| *name).collect();
            return Err(format!(
                "{key}.profile: `{}` is none; there are {}",
                settings.profile,
                names.join(", ")
            ));
        };
        if id == "tiny" {
            return Err(format!(
                "{key}: the built-in engine is called so; take another name"
            ));
        }
        let bases = settings.bases.iter().map(|base| {
            let parts = [
                ("clip_l", &base.clip_l),
                ("t5xxl", &base.t5xxl),
                ("ae", &base.ae),
            ];
            let parts = parts
                .into_iter()
                .filter_map(|(name, path)| Some((name.to_owned(), path.clone()?)));
            Base {
                id: base.id.clone(),
                name: base.name.clone(),
                path: base.path.clone(),
                parts: parts.collect(),
            }
        });
        let directory = if settings.directory.as_os_str().is_empty() {
            std::path::Path::new("data/engines").join(id)
        } else {
            settings.directory.clone()
        };
        let made = lorikeet_command::Config {
            id: EngineId(id.clone()),
            name: if settings.name.is_empty() {
                id.clone()
            } else {
                settings.name.clone()
            },
            profile,
            directory,
            python: settings.python.clone(),
            scripts: settings.scripts.clone(),
            bases: bases.collect(),
            slots: settings.slots,
            grace: std::time::Duration::from_secs(settings.grace_seconds),
            arguments: settings.arguments.clone(),
            environment: settings
                .environment
                .iter()
                .map(|(name, value)| (name.clone(), value.0.clone()))
                .collect(),
            command: settings.command.clone(),
            progress: settings.progress.clone(),
            seconds_per_step: settings.seconds_per_step,
            keeper: vec![this.clone().into_os_string(), "keep".into()],
        };
        made.check().map_err(|problem| problem.to_string())?;
        all.push(made);
    }
    Ok(all)
}

/// Those who write captions.
pub(crate) fn captioners() -> Vec<Arc<dyn Captioner>> {
    vec![Arc::new(TemplateCaptioner)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_that_is_asked_for_is_there_or_refused() {
        let no = (false, true);
        let refused_by = |web, [telegram, discord, matrix]: [(bool, bool); 3]| {
            let wanted = |(asked, built)| Wanted { asked, built };
            let refused = reachable(web, wanted(telegram), wanted(discord), wanted(matrix)).err();
            refused.and_then(|said| said.split(':').next())
        };
        let refused = |web, telegram, discord| refused_by(web, [telegram, discord, no]);
        let (yes, missing) = ((true, true), (true, false));
        assert_eq!(refused(true, no, no), None);
        assert_eq!(refused(false, no, no), Some("web.enabled"));
        assert_eq!(refused(false, yes, no), None);
        assert_eq!(refused(false, no, yes), None);
        // Not passed over, even if there is another way to the bot.
        assert_eq!(refused(true, missing, yes), Some("telegram.token"));
        assert_eq!(refused(true, yes, missing), Some("discord.token"));
        assert_eq!(refused_by(false, [no, no, yes]), None);
        assert_eq!(
            refused_by(true, [yes, yes, missing]),
            Some("matrix.homeserver")
        );
    }
}
