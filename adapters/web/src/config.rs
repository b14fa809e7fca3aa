//! What an operator can set, and which settings are refused.

use std::fmt;
use std::net::SocketAddr;

/// Characters of a token, at least: it is guessed over the network, ten tries a minute.
const MIN_TOKEN: usize = 12;

/// Settings of the web page: section `[web]`.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen. Anything but loopback needs a token.
    pub listen: SocketAddr,
    /// What people enter once before they may use the page.
    pub token: Option<AccessToken>,
    /// The address people open, where a proxy stands in front: `https://lora.example`. `https` makes cookies
    /// `Secure`; its host is the only name the page answers to.
    pub public_url: Option<String>,
    /// Bytes of one uploaded file, at most.
    pub max_upload_bytes: u64,
}

/// A secret that never shows in logs.
#[derive(Clone)]
pub struct AccessToken(String);

impl AccessToken {
    /// Wraps a token.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(…)")
    }
}

/// A configuration that would be unsafe or makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// People who can reach it could train on the machine.
    #[error(
        "the web page would be open to the network at {0}: set [web] token, or listen on 127.0.0.1"
    )]
    TokenMissing(String),
    /// It would be guessed.
    #[error("[web] token is too short: use {MIN_TOKEN} characters or more")]
    TokenShort,
    /// It is not the address of a page.
    #[error("[web] public_url must be like https://lora.example, without a path: {0}")]
    PublicUrl(String),
}

impl Config {
    /// Loopback, without a token, files up to 64 MiB.
    pub fn local(listen: SocketAddr) -> Self {
        Self {
            listen,
            token: None,
            public_url: None,
            max_upload_bytes: 64 << 20,
        }
    }

    /// Whether it can be used.
    ///
    /// # Errors
    /// What is unsafe or makes no sense; the sentence names the key.
    pub fn check(&self) -> Result<(), ConfigError> {
        if let Some(url) = &self.public_url {
            let host = self.public_host().unwrap_or_default();
            if host.is_empty() || host.contains(['/', '?', '#', '@', ' ']) {
                return Err(ConfigError::PublicUrl(url.clone()));
            }
        }
        match &self.token {
            Some(token) if token.reveal().chars().count() < MIN_TOKEN => {
                Err(ConfigError::TokenShort)
            }
            Some(_) => Ok(()),
            None if !self.is_local() => Err(ConfigError::TokenMissing(
                self.public_url
                    .clone()
                    .unwrap_or_else(|| self.listen.to_string()),
            )),
            None => Ok(()),
        }
    }

    /// Whether only this machine reaches the page. A public address means a proxy, which lets the world in.
    pub(crate) fn is_local(&self) -> bool {
        self.listen.ip().is_loopback() && self.public_host().is_none_or(is_loopback_host)
    }

    /// Whether browsers reach the page over TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.public_url
            .as_deref()
            .is_some_and(|url| url.starts_with("https://"))
    }

    /// Whether the page answers to this `Host`. A page on loopback that answered to any name could be read by
    /// a stranger's page whose name resolves to 127.0.0.1 (DNS rebinding); an address in digits cannot be rebound.
    pub(crate) fn answers_to(&self, host: &str) -> bool {
        if self
            .public_host()
            .is_some_and(|public| public.eq_ignore_ascii_case(host))
        {
            return true;
        }
        let name = host_name(host);
        let address = name.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
        if self.listen.ip().is_loopback() {
            return is_loopback_host(host);
        }
        // With a token a rebound name gains nothing: it has no cookie and cannot log in.
        address.is_ok() || self.public_url.is_none()
    }

    fn public_host(&self) -> Option<&str> {
        let url = self.public_url.as_deref()?;
        let host = url
            .strip_prefix("https://")
            .or_else(|| url.strip_prefix("http://"))
            .unwrap_or_default();
        Some(host.strip_suffix('/').unwrap_or(host))
    }
}

/// The host without its port.
fn host_name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

fn is_loopback_host(host: &str) -> bool {
    let name = host_name(host);
    name.eq_ignore_ascii_case("localhost")
        || name
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(listen: &str) -> Config {
        Config::local(listen.parse().unwrap())
    }

    #[test]
    fn the_network_needs_a_token() {
        assert_eq!(at("127.0.0.1:8080").check(), Ok(()));
        assert_eq!(at("[::1]:8080").check(), Ok(()));
        assert_eq!(
            at("0.0.0.0:8080").check(),
            Err(ConfigError::TokenMissing("0.0.0.0:8080".to_owned()))
        );
        let mut config = at("192.168.1.5:80");
        config.token = Some(AccessToken::new("short"));
        assert_eq!(config.check(), Err(ConfigError::TokenShort));
        config.token = Some(AccessToken::new("long enough a token"));
        assert_eq!(config.check(), Ok(()));
        assert!(!format!("{config:?}").contains("long enough"));
    }

    #[test]
    fn a_proxy_in_front_opens_loopback_to_the_world() {
        let mut config = at("127.0.0.1:8080");
        config.public_url = Some("https://lora.example".to_owned());
        assert!(matches!(config.check(), Err(ConfigError::TokenMissing(_))));
        config.public_url = Some("ftp://x".to_owned());
        assert!(matches!(config.check(), Err(ConfigError::PublicUrl(_))));
        config.public_url = Some("https://lora.example/path".to_owned());
        assert!(matches!(config.check(), Err(ConfigError::PublicUrl(_))));
    }

    #[test]
    fn names_that_could_be_rebound_are_not_answered() {
        let mut config = at("127.0.0.1:8080");
        for host in [
            "127.0.0.1:8080",
            "localhost:8080",
            "LOCALHOST",
            "[::1]:8080",
        ] {
            assert!(config.answers_to(host), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "10.0.0.1",
            "",
        ] {
            assert!(!config.answers_to(host), "{host}");
        }
        config.public_url = Some("https://lora.example".to_owned());
        assert!(config.answers_to("lora.example"));
        assert!(!config.answers_to("evil.example"));
    }
}
