//! The configuration: a file, then the environment, over defaults.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::Deserialize;

/// Where the file is looked for when nobody says.
const DEFAULT_FILE: &str = "config/lorikeet.toml";
/// Environment variables begin with this and join section and key with two underscores.
const PREFIX: &str = "LORIKEET";

/// Everything an operator can set. `config/lorikeet.toml` explains each key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub(crate) struct Config {
    pub(crate) web: Web,
    pub(crate) telegram: Telegram,
    pub(crate) discord: Discord,
    pub(crate) matrix: Matrix,
    pub(crate) store: Store,
    pub(crate) database: Database,
    pub(crate) blobs: Blobs,
    pub(crate) engines: Engines,
    pub(crate) training: Training,
    pub(crate) health: Health,
    pub(crate) log: Log,
}

/// An address that may carry a password: never shown whole.
#[derive(Clone, Deserialize, PartialEq, Eq)]
#[serde(transparent)]
pub(crate) struct Url(pub(crate) String);

impl std::fmt::Debug for Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.rsplit_once('@') {
            None => f.write_str(&self.0),
            Some((_, rest)) => write!(f, "…@{rest}"),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Web {
    pub(crate) enabled: bool,
    pub(crate) listen: String,
    pub(crate) token: String,
    pub(crate) public_url: String,
    pub(crate) previews: bool,
}

/// A text that is never shown.
#[derive(Clone, Default, Deserialize, PartialEq, Eq)]
#[serde(transparent)]
pub(crate) struct Hidden(pub(crate) String);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_empty() { "" } else { "…" })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Telegram {
    pub(crate) token: Hidden,
    pub(crate) api_url: String,
    pub(crate) local: bool,
    pub(crate) mode: String,
    pub(crate) messages_per_second: u32,
    pub(crate) webhook: TelegramWebhook,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TelegramWebhook {
    pub(crate) listen: String,
    pub(crate) public_url: String,
    pub(crate) secret: Hidden,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Discord {
    pub(crate) token: Hidden,
    pub(crate) application_id: String,
    pub(crate) public_key: String,
    pub(crate) mode: String,
    pub(crate) shards: String,
    pub(crate) listen: String,
    pub(crate) api_url: String,
    pub(crate) guilds: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Matrix {
    pub(crate) homeserver: String,
    pub(crate) user: String,
    pub(crate) password: Hidden,
    pub(crate) token: Hidden,
    pub(crate) device_name: String,
    pub(crate) directory: PathBuf,
    pub(crate) store_passphrase: Hidden,
    pub(crate) recovery_key: Hidden,
    pub(crate) prefix: String,
    pub(crate) polls: bool,
    pub(crate) rooms: Vec<String>,
    pub(crate) users: Vec<String>,
}

impl Matrix {
    /// Whether somebody wants it.
    pub(crate) fn is_asked_for(&self) -> bool {
        !(self.homeserver.is_empty() && self.user.is_empty())
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Store {
    pub(crate) url: Url,
    pub(crate) prefix: String,
    pub(crate) session_days: u16,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Database {
    pub(crate) url: Url,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Blobs {
    pub(crate) url: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Engines {
    pub(crate) tiny: Tiny,
    /// By what each is called.
    pub(crate) command: BTreeMap<String, Command>,
}

/// A program of this machine that trains.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Command {
    pub(crate) profile: String,
    pub(crate) name: String,
    pub(crate) directory: PathBuf,
    pub(crate) python: PathBuf,
    pub(crate) scripts: PathBuf,
    pub(crate) bases: Vec<Base>,
    pub(crate) slots: usize,
    pub(crate) grace_seconds: u64,
    pub(crate) seconds_per_step: f64,
    pub(crate) arguments: BTreeMap<String, toml::Value>,
    pub(crate) environment: BTreeMap<String, Hidden>,
    pub(crate) command: Vec<String>,
    pub(crate) progress: String,
}

/// A base model of such a program.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Base {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) clip_l: Option<PathBuf>,
    pub(crate) t5xxl: Option<PathBuf>,
    pub(crate) ae: Option<PathBuf>,
}

impl Default for Command {
    fn default() -> Self {
        Self {
            profile: String::new(),
            name: String::new(),
            directory: PathBuf::new(),
            python: PathBuf::new(),
            scripts: PathBuf::new(),
            bases: Vec::new(),
            slots: 1,
            grace_seconds: 60,
            seconds_per_step: 1.5,
            arguments: BTreeMap::new(),
            environment: BTreeMap::new(),
            command: Vec::new(),
            progress: String::new(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Tiny {
    pub(crate) enabled: bool,
    pub(crate) directory: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Training {
    pub(crate) slots: u16,
    pub(crate) min_pictures: u16,
    pub(crate) loras: u16,
    pub(crate) picture_megabytes: u32,
    pub(crate) picture_megapixels: u32,
    pub(crate) picture_min_side: u32,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Health {
    pub(crate) listen: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    pub(crate) filter: String,
    pub(crate) format: String,
}

impl Default for Web {
    fn default() -> Self {
        Self {
            enabled: true,
            listen: "127.0.0.1:8080".to_owned(),
            token: String::new(),
            public_url: String::new(),
            previews: false,
        }
    }
}

impl std::fmt::Debug for Web {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never the token.
        f.debug_struct("Web")
            .field("enabled", &self.enabled)
            .field("listen", &self.listen)
            .finish_non_exhaustive()
    }
}

impl Default for Telegram {
    fn default() -> Self {
        Self {
            token: Hidden::default(),
            api_url: "https://api.telegram.org".to_owned(),
            local: false,
            mode: "polling".to_owned(),
            messages_per_second: 30,
            webhook: TelegramWebhook::default(),
        }
    }
}

impl Default for TelegramWebhook {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8443".to_owned(),
            public_url: String::new(),
            secret: Hidden::default(),
        }
    }
}

impl Default for Matrix {
    fn default() -> Self {
        Self {
            homeserver: String::new(),
            user: String::new(),
            password: Hidden::default(),
            token: Hidden::default(),
            device_name: "Lorikeet".to_owned(),
            directory: PathBuf::from("data/matrix"),
            store_passphrase: Hidden::default(),
            recovery_key: Hidden::default(),
            prefix: "!".to_owned(),
            polls: false,
            rooms: Vec::new(),
            users: Vec::new(),
        }
    }
}

impl Default for Discord {
    fn default() -> Self {
        Self {
            token: Hidden::default(),
            application_id: String::new(),
            public_key: String::new(),
            mode: "gateway".to_owned(),
            shards: String::new(),
            listen: "127.0.0.1:8444".to_owned(),
            api_url: "https://discord.com".to_owned(),
            guilds: Vec::new(),
        }
    }
}

impl Default for Store {
    fn default() -> Self {
        Self {
            url: Url("sqlite:data/lorikeet.db".to_owned()),
            prefix: "lorikeet".to_owned(),
            session_days: 30,
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: Url("sqlite:data/lorikeet.db".to_owned()),
        }
    }
}

impl Default for Blobs {
    fn default() -> Self {
        Self {
            url: "data/blobs".to_owned(),
        }
    }
}

impl Default for Tiny {
    fn default() -> Self {
        Self {
            enabled: true,
            directory: PathBuf::from("data/engines/tiny"),
        }
    }
}

impl Default for Training {
    fn default() -> Self {
        let limits = lorikeet_training::Limits::default();
        Self {
            slots: limits.slots,
            min_pictures: limits.min_pictures,
            loras: limits.loras,
            picture_megabytes: 20,
            picture_megapixels: 50,
            picture_min_side: 256,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            filter: "info".to_owned(),
            format: "text".to_owned(),
        }
    }
}

impl Config {
    /// Reads the file (a named one must be there), then the environment.
    ///
    /// # Errors
    /// When the file cannot be read, or a key is unknown or of the wrong type: the sentence names it.
    pub(crate) fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        Self::from_layers(file, std::env::vars())
    }

    fn from_layers(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> anyhow::Result<Self> {
        let source = match file {
            Some(path) if !path.is_file() => {
                bail!("there is no configuration file {}", path.display())
            }
            Some(path) => config::File::from(path).format(config::FileFormat::Toml),
            None => config::File::from(Path::new(DEFAULT_FILE))
                .format(config::FileFormat::Toml)
                .required(false),
        };
        // Others may share the prefix (a service called lorikeet has LORIKEET_PORT): a key of ours has a section.
        let ours = variables
            .into_iter()
            .filter(|(name, _)| name.contains("__"));
        let environment = config::Environment::with_prefix(PREFIX)
            .prefix_separator("_")
            .separator("__")
            .try_parsing(true)
            .list_separator(",")
            .with_list_parse_key("discord.guilds")
            .with_list_parse_key("matrix.rooms")
            .with_list_parse_key("matrix.users")
            .source(Some(ours.collect()));
        let layers = config::Config::builder()
            .add_source(source)
            .add_source(environment)
            .build()
            .context("the configuration cannot be read")?;
        serde_path_to_error::deserialize(layers).map_err(|error| {
            let (path, inner) = (error.path().to_string(), error.inner());
            anyhow::anyhow!("{path}: {inner}")
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Config;

    fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("lorikeet.toml");
        std::fs::write(&file, text).unwrap();
        let variables = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::from_layers(Some(&file), variables).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn a_program_is_told_just_what_is_written() {
        let text = r#"
            [engines.command.Garage]
            arguments = { min_snr_gamma = 5.0, blocks_to_swap = 5, lowram = true, vae = "5" }
            environment = { HF_TOKEN = "of-mine" }
        "#;
        let config = load(text, &[]).unwrap();
        let told = &config.engines.command["Garage"];
        let kinds = told.arguments.values().map(toml::Value::type_str);
        let kinds: Vec<&str> = kinds.collect();
        assert_eq!(kinds, ["integer", "boolean", "float", "string"]);
        assert_eq!(told.environment["HF_TOKEN"].0, "of-mine");
        assert!(!format!("{config:?}").contains("of-mine"));
    }

    #[test]
    fn the_shipped_file_says_every_default() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/lorikeet.toml");
        let text = std::fs::read_to_string(file).unwrap();
        let shipped = load(&text, &[]).unwrap();
        assert_eq!(format!("{shipped:?}"), format!("{:?}", Config::default()));
        assert_eq!(shipped.web.token, Config::default().web.token);
        assert_eq!(shipped.web.public_url, Config::default().web.public_url);
        assert_eq!(shipped.web.previews, Config::default().web.previews);
    }

    #[test]
    fn the_environment_comes_after_the_file() {
        let config = load(
            "[web]\nlisten = \"127.0.0.1:1\"\n[training]\nslots = 5",
            &[
                ("LORIKEET_WEB__LISTEN", "127.0.0.1:2"),
                ("LORIKEET_ENGINES__TINY__ENABLED", "false"),
                ("LORIKEET_PORT", "somebody else's"),
            ],
        )
        .unwrap();
        assert_eq!(config.web.listen, "127.0.0.1:2");
        assert_eq!(config.training.slots, 5);
        assert!(!config.engines.tiny.enabled);
    }

    #[test]
    fn a_token_of_digits_is_still_a_token() {
        let config = load("", &[("LORIKEET_WEB__TOKEN", "123456789012")]).unwrap();
        assert_eq!(config.web.token, "123456789012");
        assert!(!format!("{config:?}").contains("123456789012"));
    }

    #[test]
    fn passwords_in_addresses_are_not_shown() {
        let text = "[store]\nurl = \"redis://bot:hunter2@host:6379/1\"";
        let config = load(text, &[]).unwrap();
        assert!(config.store.url.0.contains("hunter2"));
        let shown = format!("{config:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("host:6379/1"), "{shown}");
    }

    #[test]
    fn wrong_keys_and_types_are_named() {
        assert!(
            load("[web]\nlisten_on = \"x\"", &[])
                .unwrap_err()
                .contains("listen_on")
        );
        assert!(
            load("[wep]\nlisten = \"x\"", &[])
                .unwrap_err()
                .contains("wep")
        );
        let error = load("[training]\nslots = \"many\"", &[]).unwrap_err();
        assert!(error.contains("training.slots"), "{error}");
        assert!(load("not toml", &[]).is_err());
    }
}
