//! What an operator can set.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use lorikeet_platform::Secret;
use url::Url;

use crate::bookmark::Place;

/// Discord's own servers.
pub const API_URL: &str = "https://discord.com";

/// How the adapter works.
#[derive(Clone, Debug)]
pub struct Config {
    /// The bot's token, from the page "Bot" of the Developer Portal.
    pub token: Secret,
    /// Where Discord's API is, without `/api/v10`: [`API_URL`].
    pub api_url: String,
    /// The application's id; Discord tells it where this is absent.
    pub application_id: Option<String>,
    /// The application's public key, 64 hexadecimal digits; Discord tells it where this is absent.
    pub public_key: Option<String>,
    /// How events come in.
    pub mode: Mode,
    /// Servers whose commands are set one by one, which takes effect at once; everywhere when empty.
    pub guilds: Vec<String>,
}

/// How events come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// One of the processes asks Discord for interactions, and for messages in private and those that name the bot.
    Gateway {
        /// The part of the gateway that this process stands for; all of it when absent.
        shards: Option<Shards>,
    },
    /// Discord brings interactions to any of the processes, with a signature; messages do not come.
    Http {
        /// Where this process listens; a proxy with TLS stands in front.
        listen: SocketAddr,
    },
}

/// A part of the gateway, for bots on more servers than one process cares to hear:
/// <https://discord.com/developers/docs/events/gateway#sharding>. Written `0-3 of 8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shards {
    /// The first one, from 0.
    first: u32,
    /// The last one.
    last: u32,
    /// How many there are in all.
    of: u32,
}

impl Shards {
    /// All of them; at least one.
    pub(crate) fn all(of: u32) -> Self {
        let of = of.max(1);
        Self {
            first: 0,
            last: of - 1,
            of,
        }
    }

    pub(crate) fn places(self) -> impl Iterator<Item = Place> {
        (self.first..=self.last).map(move |number| Place {
            number,
            of: self.of,
        })
    }
}

impl FromStr for Shards {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let read = || {
            let (range, of) = text.split_once(" of ")?;
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let number = |text: &str| text.trim().parse().ok();
            let (first, last, of) = (number(first)?, number(last)?, number(of)?);
            (first <= last && last < of).then_some(Self { first, last, of })
        };
        read().ok_or_else(|| {
            ConfigError(format!(
                "discord.shards: `{text}` is no part of the shards, which are counted from 0, such as \"0-3 of 8\". Empty: all"
            ))
        })
    }
}

impl fmt::Display for Shards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{} of {}", self.first, self.last, self.of)
    }
}

/// Something that cannot work; the sentence names the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub(crate) String);

impl Config {
    /// Looks for what cannot work.
    ///
    /// # Errors
    /// The first key that is wrong, and how it should be.
    pub fn check(&self) -> Result<(), ConfigError> {
        let wrong = |sentence: &str| Err(ConfigError(sentence.to_owned()));
        let token = self.token.reveal();
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        if token.split('.').count() != 3 || !token.bytes().all(plain) {
            return wrong(
                "discord.token: that is not a bot's token, which has three parts with dots between. Copy it from the page \"Bot\" of your application in the Discord Developer Portal",
            );
        }
        self.base()?;
        if self.application_id.as_deref().is_some_and(|id| !is_id(id)) {
            return wrong(
                "discord.application_id: that is not an id, which has digits alone. It stands on the page \"General Information\" of your application; Discord tells it where you leave it out",
            );
        }
        if let Some(key) = &self.public_key
            && read_key(key).is_none()
        {
            return wrong(
                "discord.public_key: that is not a public key, which has 64 hexadecimal digits. It stands on the page \"General Information\" of your application; Discord tells it where you leave it out",
            );
        }
        if let Some(odd) = self.guilds.iter().find(|id| !is_id(id)) {
            return Err(ConfigError(format!(
                "discord.guilds: `{odd}` is not the id of a server, which has digits alone. Switch the developer mode on, then choose \"Copy Server ID\" in the server's menu"
            )));
        }
        Ok(())
    }

    /// The address of the API, without a slash at its end.
    pub(crate) fn base(&self) -> Result<String, ConfigError> {
        Url::parse(&self.api_url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .map(|_| format!("{}/api/v10", self.api_url.trim_end_matches('/')))
            .ok_or_else(|| {
                ConfigError(format!(
                    "discord.api_url: `{}` is not an address such as {API_URL}",
                    self.api_url
                ))
            })
    }
}

/// Whether it is a number as Discord names everything by: <https://discord.com/developers/docs/reference#snowflakes>.
pub(crate) fn is_id(text: &str) -> bool {
    text.parse::<u64>().is_ok_and(|id| id > 0) && text.bytes().all(|b| b.is_ascii_digit())
}

/// The 32 bytes of a public key.
pub(crate) fn read_key(text: &str) -> Option<[u8; 32]> {
    let mut key = [0; 32];
    hex::decode_to_slice(text.trim(), &mut key).ok()?;
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usual() -> Config {
        Config {
            token: Secret::new("MTIz.abc-D.e_f"),
            api_url: API_URL.to_owned(),
            application_id: None,
            public_key: None,
            mode: Mode::Http {
                listen: "127.0.0.1:0".parse().unwrap(),
            },
            guilds: Vec::new(),
        }
    }

    #[test]
    fn a_part_of_the_shards_is_read() {
        let read = |text: &str| text.parse::<Shards>().map(|shards| shards.to_string());
        assert_eq!(read("0-3 of 8").unwrap(), "0-3 of 8");
        assert_eq!(read("7 of 8").unwrap(), "7-7 of 8");
        assert_eq!(Shards::all(0).to_string(), "0-0 of 1");
        let places = "1-2 of 4".parse::<Shards>().unwrap().places();
        assert_eq!(
            places.map(|place| place.to_string()).collect::<Vec<_>>(),
            ["1 of 4", "2 of 4"]
        );
        for odd in [
            "", "8", "0-8 of 8", "3-1 of 8", "0 of 0", "-1 of 2", "a of b",
        ] {
            let error = read(odd).unwrap_err().to_string();
            assert!(error.starts_with("discord.shards"), "{error}");
        }
    }

    #[test]
    fn what_cannot_work_is_named() {
        assert_eq!(usual().check(), Ok(()));
        assert_eq!(usual().base().unwrap(), "https://discord.com/api/v10");
        let whole = Config {
            application_id: Some("123456789012345678".to_owned()),
            public_key: Some("0f".repeat(32)),
            guilds: vec!["42".to_owned()],
            ..usual()
        };
        assert_eq!(whole.check(), Ok(()));
        let token = |token: &str| Config {
            token: Secret::new(token),
            ..usual()
        };
        let api = |api_url: &str| Config {
            api_url: api_url.to_owned(),
            ..usual()
        };
        let key = |key: &str| Config {
            public_key: Some(key.to_owned()),
            ..usual()
        };
        let id = |id: &str| Config {
            application_id: Some(id.to_owned()),
            ..usual()
        };
        let guild = |id: &str| Config {
            guilds: vec![id.to_owned()],
            ..usual()
        };
        for (config, name) in [
            (token(""), "discord.token"),
            (token("Bot a.b.c"), "discord.token"),
            (token("a.b"), "discord.token"),
            (api("discord.com"), "discord.api_url"),
            (api("file:///x"), "discord.api_url"),
            (key("0f"), "discord.public_key"),
            (key(&"zz".repeat(32)), "discord.public_key"),
            (id("lorikeet"), "discord.application_id"),
            (id("+1"), "discord.application_id"),
            (guild("0"), "discord.guilds"),
        ] {
            let error = config.check().unwrap_err().to_string();
            assert!(error.starts_with(name), "{error}");
        }
        assert!(!format!("{:?}", usual()).contains("MTIz"));
    }
}
