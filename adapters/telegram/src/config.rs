//! What an operator can set.

use std::net::SocketAddr;
use std::ops::RangeInclusive;

use lorikeet_platform::Secret;
use url::Url;

/// Telegram's own servers.
pub const API_URL: &str = "https://api.telegram.org";

/// How the adapter works.
#[derive(Clone, Debug)]
pub struct Config {
    /// The bot's token, from @BotFather.
    pub token: Secret,
    /// Where the Bot API is: [`API_URL`], or a server of one's own.
    pub api_url: String,
    /// The Bot API is a server of one's own, started with `--local`: it gives and takes files of 2 GB.
    pub local: bool,
    /// How updates come in.
    pub mode: Mode,
    /// Messages a second in all, at most; 0 for no limit.
    pub messages_per_second: u32,
}

/// How updates come in.
#[derive(Clone, Debug)]
pub enum Mode {
    /// One process asks for them.
    Polling,
    /// Telegram brings them to any of the processes.
    Webhook {
        /// Where this process listens; a proxy with TLS stands in front.
        listen: SocketAddr,
        /// Where Telegram finds it.
        public_url: String,
        /// What it has to say with each update: 1 to 256 of `A-Z a-z 0-9 _ -`.
        secret: Secret,
    },
}

/// Letters of a webhook's secret: <https://core.telegram.org/bots/api#setwebhook>.
const SECRET: RangeInclusive<usize> = 1..=256;

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
        let is_token = token.split_once(':').is_some_and(|(id, secret)| {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
            !id.is_empty()
                && id.bytes().all(|b| b.is_ascii_digit())
                && !secret.is_empty()
                && secret.bytes().all(plain)
        });
        if !is_token {
            return wrong(
                "telegram.token: that is not a bot's token, which looks like 123456:ABC-DEF. Ask @BotFather for it",
            );
        }
        self.base()?;
        let Mode::Webhook {
            public_url, secret, ..
        } = &self.mode
        else {
            return Ok(());
        };
        match Url::parse(public_url) {
            Ok(url) if matches!(url.scheme(), "https" | "http") && url.has_host() => {}
            _ => {
                return wrong(
                    "telegram.webhook.public_url: that is not the address Telegram can reach, such as https://bot.example/telegram",
                );
            }
        }
        let secret = secret.reveal();
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if !SECRET.contains(&secret.len()) || !secret.bytes().all(plain) {
            return wrong(
                "telegram.webhook.secret: only letters, digits, _ and - are allowed, and 256 of them at most; take something long, such as what `openssl rand -hex 32` gives",
            );
        }
        Ok(())
    }

    /// The address of the Bot API.
    pub(crate) fn base(&self) -> Result<Url, ConfigError> {
        Url::parse(&self.api_url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| {
                ConfigError(format!(
                    "telegram.api_url: `{}` is not an address such as {API_URL}",
                    self.api_url
                ))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usual() -> Config {
        Config {
            token: Secret::new("123456:ABC-def_7"),
            api_url: API_URL.to_owned(),
            local: false,
            mode: Mode::Polling,
            messages_per_second: 30,
        }
    }

    #[test]
    fn what_cannot_work_is_named() {
        assert_eq!(usual().check(), Ok(()));
        let webhook = |public_url: &str, secret: &str| Config {
            mode: Mode::Webhook {
                listen: "127.0.0.1:0".parse().unwrap(),
                public_url: public_url.to_owned(),
                secret: Secret::new(secret),
            },
            ..usual()
        };
        assert_eq!(
            webhook("https://bot.example/x", "sixteen_letters-").check(),
            Ok(())
        );
        let token = |token: &str| Config {
            token: Secret::new(token),
            ..usual()
        };
        let api = |api_url: &str| Config {
            api_url: api_url.to_owned(),
            ..usual()
        };
        for (config, key) in [
            (token(""), "telegram.token"),
            (token("abc"), "telegram.token"),
            (token("12:"), "telegram.token"),
            (token("12:a/b"), "telegram.token"),
            (api("api.telegram.org"), "telegram.api_url"),
            (api("file:///x"), "telegram.api_url"),
            (
                webhook("bot.example", "sixteen_letters-"),
                "telegram.webhook.public_url",
            ),
            (
                webhook("https://bot.example", ""),
                "telegram.webhook.secret",
            ),
            (
                webhook("https://bot.example", "sixteen letters!"),
                "telegram.webhook.secret",
            ),
        ] {
            let error = config.check().unwrap_err().to_string();
            assert!(error.starts_with(key), "{error}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let shown = format!("{:?}", usual());
        assert!(!shown.contains("ABC"), "{shown}");
    }
}
